//! Fréchet distance between two sets of feature vectors, each taken as a normal distribution.
//! Source: spec/metrics.md 4.4.

use crate::eigen::{dot, symmetric_eigen};
use crate::error::{AnalysisError, check_length};

/// What the sum of squares is divided by to give a covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covariance {
    /// One less than the vectors there are; the usual one for FVD.
    Unbiased,
    /// The number of vectors.
    Biased,
}

/// The squared Fréchet distance of two sets of vectors,
///
/// `|m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr (S1 S2)^(1/2)`
///
/// with their means `m` and covariances `S`, computed in f64. A single vector has no covariance: if
/// either set is one, only the squared distance of the means is returned.
///
/// # Errors
/// If a set is empty, or the vectors are not all of one length.
pub fn frechet_distance(
    a: &[&[f32]],
    b: &[&[f32]],
    covariance: Covariance,
) -> Result<f64, AnalysisError> {
    let a = Normal::of(a, covariance)?;
    let b = Normal::of(b, covariance)?;
    check_length("a feature vector", a.mean.len(), b.mean.len())?;
    let gaps = a.mean.iter().zip(&b.mean).map(|(a, b)| a - b);
    let means: f64 = gaps.map(|gap| gap * gap).sum();
    if a.factor.rows == 0 || b.factor.rows == 0 {
        return Ok(means);
    }
    // It is never negative, except by rounding.
    let spread = a.factor.trace() + b.factor.trace() - 2.0 * a.factor.trace_of_root(&b.factor);
    Ok(means + spread.max(0.0))
}

/// A mean and a covariance.
struct Normal {
    mean: Vec<f64>,
    /// A matrix `F` with `F^T F` the covariance; without rows for a single vector.
    factor: Matrix,
}

impl Normal {
    fn of(vectors: &[&[f32]], covariance: Covariance) -> Result<Self, AnalysisError> {
        let Some(first) = vectors.first().filter(|first| !first.is_empty()) else {
            return Err(AnalysisError::Empty("set of feature vectors"));
        };
        let (count, size) = (vectors.len(), first.len());
        let mut mean = vec![0.0; size];
        for vector in vectors {
            check_length("a feature vector", size, vector.len())?;
            let sums = mean.iter_mut().zip(*vector);
            sums.for_each(|(sum, value)| *sum += f64::from(*value) / count as f64);
        }
        let factor = if count == 1 {
            Matrix::new(0, size, Vec::new())
        } else {
            let scale = match covariance {
                Covariance::Unbiased => (count - 1) as f64,
                Covariance::Biased => count as f64,
            };
            let scale = scale.sqrt().recip();
            let centred = |vector: &&[f32]| {
                let values = vector.iter().zip(&mean);
                let values = values.map(|(value, mean)| scale * (f64::from(*value) - mean));
                values.collect::<Vec<f64>>()
            };
            Matrix::new(count, size, vectors.iter().flat_map(centred).collect()).shortened()
        };
        Ok(Self { mean, factor })
    }
}

/// A row-major matrix.
struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    fn new(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        Self {
            rows,
            columns,
            values,
        }
    }

    /// `Tr F^T F`.
    fn trace(&self) -> f64 {
        dot(&self.values, &self.values)
    }

    /// A matrix with the same `F^T F` and no more rows than columns.
    fn shortened(self) -> Self {
        if self.rows <= self.columns {
            return self;
        }
        let (size, columns) = (self.columns, self.transposed());
        let squares = columns.times_transposed(&columns);
        let axes = symmetric_eigen(&squares.values, size).into_iter();
        let rows = axes.flat_map(|axis| {
            let length = axis.value.max(0.0).sqrt();
            axis.vector.into_iter().map(move |value| length * value)
        });
        Self::new(size, size, rows.collect())
    }

    /// `Tr (S1 S2)^(1/2)` for `S1 = F^T F` and `S2 = G^T G`: the sum of the singular values of
    /// `F G^T`, because `S1 S2` and `(F G^T)^T (F G^T)` have the same eigenvalues but for zeros.
    fn trace_of_root(&self, other: &Self) -> f64 {
        let (few, many) = if self.rows <= other.rows {
            (self, other)
        } else {
            (other, self)
        };
        let product = few.times_transposed(many);
        let squares = product.times_transposed(&product);
        let axes = symmetric_eigen(&squares.values, few.rows).into_iter();
        axes.map(|axis| axis.value.max(0.0).sqrt()).sum()
    }

    /// `A B^T`: every row with every row.
    fn times_transposed(&self, other: &Self) -> Self {
        let rows = self.values.chunks_exact(self.columns);
        let products = rows.flat_map(|row| {
            let others = other.values.chunks_exact(other.columns);
            others.map(move |other| dot(row, other))
        });
        Self::new(self.rows, other.rows, products.collect())
    }

    fn transposed(&self) -> Self {
        let column = |c: usize| self.values.iter().skip(c).step_by(self.columns).copied();
        Self::new(
            self.columns,
            self.rows,
            (0..self.columns).flat_map(column).collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &[&[f32]], b: &[&[f32]]) -> f64 {
        frechet_distance(a, b, Covariance::Unbiased).unwrap()
    }

    #[test]
    fn on_a_line_it_is_the_gap_of_means_and_of_deviations() {
        // Means 1 and 5, deviations sqrt 2 and 3 sqrt 2: 16 + (2 sqrt 2)^2.
        let found = distance(&[&[0.0], &[2.0]], &[&[2.0], &[8.0]]);
        assert!((found - 24.0).abs() < 1e-12, "{found}");
        let biased =
            frechet_distance(&[&[0.0], &[2.0]], &[&[2.0], &[8.0]], Covariance::Biased).unwrap();
        assert!((biased - 20.0).abs() < 1e-12, "{biased}");
    }

    #[test]
    fn many_vectors_are_shortened_to_the_same_covariance() {
        let vectors: Vec<[f32; 3]> = (0..50)
            .map(|i| [0.9_f32, 1.7, 2.3].map(|f| (f * i as f32).sin()))
            .collect();
        let rows: Vec<&[f32]> = vectors.iter().map(|vector| &vector[..]).collect();
        let short = Normal::of(&rows, Covariance::Biased).unwrap();
        assert_eq!(short.factor.rows, 3);
        let mean: f64 = rows.iter().map(|row| f64::from(row[1])).sum::<f64>() / 50.0;
        let spread = rows.iter().map(|row| (f64::from(row[1]) - mean).powi(2));
        let columns = short.factor.transposed();
        let covariance = columns.times_transposed(&columns);
        assert!((spread.sum::<f64>() / 50.0 - covariance.values[4]).abs() < 1e-12);
    }

    #[test]
    fn twice_the_spread_in_400_dimensions_costs_the_trace_once() {
        const SIZE: usize = 400;
        let noise = |i: usize| (i as f32 * 12.9898).sin() * 43758.547 % 1.0;
        let narrow: Vec<f32> = (0..500 * SIZE).map(noise).collect();
        let wide: Vec<f32> = narrow.iter().map(|value| 2.0 * value).collect();
        let rows = |set| <[f32]>::chunks_exact(set, SIZE).collect::<Vec<_>>();
        let (narrow, wide) = (rows(&narrow), rows(&wide));
        // The roots of S and 4 S commute, so Tr S + 4 Tr S - 2 Tr 2 S = Tr S.
        let normal = Normal::of(&narrow, Covariance::Unbiased).unwrap();
        let means: f64 = normal.mean.iter().map(|mean| mean * mean).sum();
        let expected = means + normal.factor.trace();
        let found = distance(&narrow, &wide);
        assert!(
            (found - expected).abs() < 1e-6 * expected,
            "{found} {expected}"
        );
    }

    #[test]
    fn a_single_vector_has_only_a_mean() {
        let pair: [&[f32]; 2] = [&[0.0, 0.0], &[0.0, 100.0]];
        assert_eq!(distance(&[&[3.0, 46.0]], &pair), 25.0);
        assert_eq!(distance(&[&[3.0, 4.0]], &[&[3.0, 4.0]]), 0.0);
    }

    #[test]
    fn sets_that_cannot_be_compared_are_refused() {
        let refused =
            |a: &[&[f32]], b: &[&[f32]]| frechet_distance(a, b, Covariance::Unbiased).is_err();
        assert!(refused(&[], &[&[1.0]]));
        assert!(refused(&[&[]], &[&[]]));
        assert!(refused(&[&[1.0], &[1.0, 2.0]], &[&[1.0]]));
        assert!(refused(&[&[1.0]], &[&[1.0, 2.0]]));
    }
}
