//! Eigenvectors of symmetric matrices: Householder's reflections to a tridiagonal matrix, then
//! implicit QL steps (Golub and Van Loan, Matrix Computations, chapter 8.3).

/// An eigenvalue and its vector, of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalue.
    pub value: f64,
    /// The vector.
    pub vector: Vec<f64>,
}

/// Steps for one eigenvalue after which it is taken as it is. Two or three do.
const MOST_STEPS: usize = 50;

/// All eigenvalues of a symmetric row-major `size x size` matrix, largest first.
pub fn symmetric_eigen(matrix: &[f64], size: usize) -> Vec<Eigen> {
    let mut matrix = matrix.to_vec();
    let mut tridiagonal = Tridiagonal::of(&mut matrix, size);
    tridiagonal.diagonalise();
    let vectors = tridiagonal.vectors.chunks_exact(size.max(1));
    let mut found: Vec<Eigen> = vectors
        .zip(&tridiagonal.diagonal)
        .map(|(vector, value)| Eigen {
            value: *value,
            vector: vector.to_vec(),
        })
        .collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value));
    found
}

/// A tridiagonal matrix with the eigenvalues of the one it came from.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Entry k is beside diagonal entries k and k + 1; the last one is zero.
    beside: Vec<f64>,
    /// The basis in which the matrix is this one, as rows.
    vectors: Vec<f64>,
}

impl Tridiagonal {
    /// Reflects column after column onto its first two entries.
    fn of(matrix: &mut [f64], size: usize) -> Self {
        let mut vectors = vec![0.0; size * size];
        (0..size).for_each(|i| vectors[i * size + i] = 1.0);
        let mut beside = vec![0.0; size];
        for k in 0..size.saturating_sub(1) {
            let mut mirror = matrix[k * size..(k + 1) * size].to_vec();
            mirror[..=k].fill(0.0);
            let length = dot(&mirror, &mirror).sqrt();
            beside[k] = if mirror[k + 1] > 0.0 { -length } else { length };
            mirror[k + 1] -= beside[k];
            let square = dot(&mirror, &mirror);
            if square > 0.0 {
                reflect_both_sides(matrix, &mirror, 2.0 / square);
                reflect_rows(&mut vectors, &mirror, 2.0 / square);
            }
        }
        Self {
            diagonal: (0..size).map(|i| matrix[i * size + i]).collect(),
            beside,
            vectors,
        }
    }

    /// Makes the entries beside the diagonal vanish, one after another.
    fn diagonalise(&mut self) {
        for first in 0..self.diagonal.len() {
            for _ in 0..MOST_STEPS {
                let last = self.end_of_block(first);
                if last == first {
                    break;
                }
                self.step(first, last);
            }
        }
    }

    /// The last entry that is still tied to `first`.
    fn end_of_block(&self, first: usize) -> usize {
        let untied = |k: &usize| {
            let near = self.diagonal[*k].abs() + self.diagonal[k + 1].abs();
            self.beside[*k].abs() <= f64::EPSILON * near
        };
        let last = self.diagonal.len() - 1;
        (first..last).find(untied).unwrap_or(last)
    }

    /// An implicit QL step with Wilkinson's shift on the block from `first` to `last`.
    fn step(&mut self, first: usize, last: usize) {
        let (d, e) = (&mut self.diagonal, &mut self.beside);
        let slope = (d[first + 1] - d[first]) / (2.0 * e[first]);
        let shift = e[first] / (slope + slope.hypot(1.0).copysign(slope));
        let mut carried = d[last] - d[first] + shift;
        let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
        for i in (first..last).rev() {
            let (bulge, kept) = (sine * e[i], cosine * e[i]);
            let length = bulge.hypot(carried);
            e[i + 1] = length;
            if length == 0.0 {
                // The block has come apart here; the next step works on the parts.
                d[i + 1] -= moved;
                e[last] = 0.0;
                return;
            }
            (sine, cosine) = (bulge / length, carried / length);
            let unmoved = d[i + 1] - moved;
            let change = (d[i] - unmoved) * sine + 2.0 * cosine * kept;
            moved = sine * change;
            d[i + 1] = unmoved + moved;
            carried = cosine * change - kept;
            turn(&mut self.vectors, d.len(), i, sine, cosine);
        }
        d[first] -= moved;
        e[first] = carried;
        e[last] = 0.0;
    }
}

/// `H A H` for the reflection `H = I - scale * mirror mirror^T` and a symmetric `A`.
fn reflect_both_sides(matrix: &mut [f64], mirror: &[f64], scale: f64) {
    let rows = matrix.chunks_exact(mirror.len());
    let image: Vec<f64> = rows.map(|row| scale * dot(row, mirror)).collect();
    let half = 0.5 * scale * dot(&image, mirror);
    let side: Vec<f64> = image
        .iter()
        .zip(mirror)
        .map(|(p, v)| p - half * v)
        .collect();
    for ((row, v), w) in matrix.chunks_exact_mut(mirror.len()).zip(mirror).zip(&side) {
        for ((entry, vj), wj) in row.iter_mut().zip(mirror).zip(&side) {
            *entry -= v * wj + w * vj;
        }
    }
}

/// `H B` for that reflection.
fn reflect_rows(rows: &mut [f64], mirror: &[f64], scale: f64) {
    let size = mirror.len();
    let mut image = vec![0.0; size];
    for (row, v) in rows
        .chunks_exact(size)
        .zip(mirror)
        .filter(|(_, v)| **v != 0.0)
    {
        image
            .iter_mut()
            .zip(row)
            .for_each(|(sum, r)| *sum += scale * v * r);
    }
    for (row, v) in rows
        .chunks_exact_mut(size)
        .zip(mirror)
        .filter(|(_, v)| **v != 0.0)
    {
        row.iter_mut()
            .zip(&image)
            .for_each(|(r, sum)| *r -= v * sum);
    }
}

/// Turns rows `i` and `i + 1` into each other.
fn turn(rows: &mut [f64], size: usize, i: usize, sine: f64, cosine: f64) {
    let (upper, lower) = rows[i * size..(i + 2) * size].split_at_mut(size);
    for (a, b) in upper.iter_mut().zip(lower) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

/// Several sums side by side, which the compiler can make vectors of.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A symmetric matrix with the eigenvalues given, turned by a reflection.
    fn with_values(values: &[f64]) -> Vec<f64> {
        let size = values.len();
        let mirror: Vec<f64> = (0..size).map(|i| ((i * i + 1) as f64).sin()).collect();
        let mut matrix = vec![0.0; size * size];
        (0..size).for_each(|i| matrix[i * size + i] = values[i]);
        reflect_both_sides(&mut matrix, &mirror, 2.0 / dot(&mirror, &mirror));
        matrix
    }

    fn check(values: &[f64]) {
        let (size, matrix) = (values.len(), with_values(values));
        let found = symmetric_eigen(&matrix, size);
        let mut expected = values.to_vec();
        expected.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(found.len(), size);
        for (i, (eigen, expected)) in found.iter().zip(expected).enumerate() {
            assert!(
                (eigen.value - expected).abs() < 1e-9,
                "{eigen:?} {expected}"
            );
            for (row, v) in matrix.chunks_exact(size).zip(&eigen.vector) {
                assert!((dot(row, &eigen.vector) - expected * v).abs() < 1e-9);
            }
            for other in &found[..=i] {
                let same = f64::from(u8::from(std::ptr::eq(other, eigen)));
                assert!((dot(&eigen.vector, &other.vector) - same).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn values_and_orthonormal_vectors_are_found() {
        check(&[3.0]);
        check(&[2.0, -1.0]);
        check(&[-1.0, 7.0, 0.0, 2.5, 2.5]);
        check(&(0..60).map(|k| 0.8_f64.powi(k)).collect::<Vec<_>>());
    }

    #[test]
    fn low_rank_and_diagonal_matrices_do_not_confuse_it() {
        let mut values = [0.0; 40];
        (values[3], values[30]) = (4.0, 1.0);
        check(&values);
        let found = symmetric_eigen(&[5.0, 0.0, 0.0, 6.0], 2);
        assert_eq!((found[0].value, found[1].value), (6.0, 5.0));
        assert!(symmetric_eigen(&[], 0).is_empty());
    }
}
