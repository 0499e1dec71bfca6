//! Eigenvectors of symmetric matrices.

/// An eigenvalue and its vector, of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalue.
    pub value: f64,
    /// The vector.
    pub vector: Vec<f64>,
}

/// Vectors carried beside those asked for: the last of them turn slowly, and are dropped.
const SPARE: usize = 8;
/// Relative change of the eigenvalues' sum at which they count as found.
const TOLERANCE: f64 = 1e-12;
const MOST_ROUNDS: usize = 1000;
const MOST_SWEEPS: usize = 60;

/// The `count` largest eigenvalues of a positive semidefinite row-major `size x size` matrix, by
/// subspace iteration, largest first.
pub(super) fn leading(matrix: &[f64], size: usize, count: usize) -> Vec<Eigen> {
    let width = (count + SPARE).min(size);
    let mut vectors: Vec<Vec<f64>> = (0..width).map(|k| start(size, k)).collect();
    orthonormalise(&mut vectors);
    let mut before = 0.0;
    let mut found = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let images: Vec<Vec<f64>> = vectors.iter().map(|v| product(matrix, v)).collect();
        found = rotate(&vectors, &images);
        let sum: f64 = found.iter().take(count).map(|eigen| eigen.value).sum();
        if (sum - before).abs() <= TOLERANCE * sum.abs() {
            break;
        }
        before = sum;
        vectors = images;
        orthonormalise(&mut vectors);
    }
    found.truncate(count);
    found
}

/// Numbers without pattern, different for every vector.
fn start(size: usize, k: usize) -> Vec<f64> {
    let value = |i: usize| {
        let mixed = ((i + 1) as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add((k as u64 + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9));
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..size).map(value).collect()
}

/// The best eigenvectors in the span of orthonormal `vectors`, whose products with the matrix are
/// `images` (Rayleigh and Ritz).
fn rotate(vectors: &[Vec<f64>], images: &[Vec<f64>]) -> Vec<Eigen> {
    let width = vectors.len();
    let mut small = vec![0.0; width * width];
    for (i, vector) in vectors.iter().enumerate() {
        for (j, image) in images.iter().enumerate() {
            small[i * width + j] = dot(vector, image);
        }
    }
    let turned = symmetric_eigen(&small, width).into_iter();
    turned
        .map(|Eigen { value, vector }| Eigen {
            value,
            vector: combine(vectors, &vector),
        })
        .collect()
}

fn combine(vectors: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let size = vectors.first().map_or(0, Vec::len);
    let mut sum = vec![0.0; size];
    for (vector, weight) in vectors.iter().zip(weights) {
        sum.iter_mut()
            .zip(vector)
            .for_each(|(s, v)| *s += weight * v);
    }
    sum
}

/// Gram and Schmidt, twice, which is enough for rounding not to matter. A vector that depends on
/// those before becomes zero.
fn orthonormalise(vectors: &mut [Vec<f64>]) {
    for k in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(k);
        let vector = &mut rest[0];
        let length = dot(vector, vector).sqrt();
        for _ in 0..2 {
            for other in before.iter() {
                let overlap = dot(other, vector);
                vector
                    .iter_mut()
                    .zip(other)
                    .for_each(|(v, o)| *v -= overlap * o);
            }
        }
        let left = dot(vector, vector).sqrt();
        let scale = if left > 1e-12 * length {
            1.0 / left
        } else {
            0.0
        };
        vector.iter_mut().for_each(|v| *v *= scale);
    }
}

/// All eigenvalues of a symmetric row-major `size x size` matrix, largest first, by Jacobi's
/// rotations.
pub fn symmetric_eigen(matrix: &[f64], size: usize) -> Vec<Eigen> {
    let mut a = matrix.to_vec();
    // Row k becomes eigenvector k.
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|i| vectors[i * size + i] = 1.0);
    for _ in 0..MOST_SWEEPS {
        let off: f64 = (0..size)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i * size + j].powi(2))
            .sum();
        let whole: f64 = a.iter().map(|v| v * v).sum();
        if off <= 1e-28 * whole {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                turn(&mut a, &mut vectors, size, p, q);
            }
        }
    }
    let mut found: Vec<Eigen> = (0..size)
        .map(|i| Eigen {
            value: a[i * size + i],
            vector: vectors[i * size..(i + 1) * size].to_vec(),
        })
        .collect();
    found.sort_by(|x, y| y.value.total_cmp(&x.value));
    found
}

/// One rotation, after which `a[p][q]` is zero.
fn turn(a: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let off = a[p * size + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let both = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
    for k in 0..size {
        let (x, y) = both(a[k * size + p], a[k * size + q]);
        (a[k * size + p], a[k * size + q]) = (x, y);
    }
    for k in 0..size {
        let (x, y) = both(a[p * size + k], a[q * size + k]);
        (a[p * size + k], a[q * size + k]) = (x, y);
        let (x, y) = both(vectors[p * size + k], vectors[q * size + k]);
        (vectors[p * size + k], vectors[q * size + k]) = (x, y);
    }
}

fn product(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    let rows = matrix.chunks_exact(vector.len());
    rows.map(|row| dot(row, vector)).collect()
}

/// Several sums side by side, which the compiler can make vectors of.
fn dot(a: &[f64], b: &[f64]) -> f64 {
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

    /// A matrix with the eigenvalues given, turned by reflections.
    fn with_values(values: &[f64]) -> Vec<f64> {
        let size = values.len();
        let mut mirror = start(size, 3);
        let length = dot(&mirror, &mirror).sqrt();
        mirror.iter_mut().for_each(|v| *v /= length);
        let reflect = |i: usize, j: usize| f64::from(i == j) - 2.0 * mirror[i] * mirror[j];
        let entry = |i: usize, j: usize| -> f64 {
            (0..size)
                .map(|k| reflect(i, k) * values[k] * reflect(k, j))
                .sum()
        };
        (0..size * size)
            .map(|n| entry(n / size, n % size))
            .collect()
    }

    fn check(matrix: &[f64], eigen: &Eigen, expected: f64) {
        assert!((eigen.value - expected).abs() < 1e-9, "{}", eigen.value);
        assert!((dot(&eigen.vector, &eigen.vector) - 1.0).abs() < 1e-9);
        for (image, v) in product(matrix, &eigen.vector).iter().zip(&eigen.vector) {
            assert!((image - expected * v).abs() < 1e-5, "{image} {v}");
        }
    }

    #[test]
    fn all_values_of_a_small_matrix() {
        let values = [-1.0, 7.0, 0.0, 2.5, 2.5];
        let matrix = with_values(&values);
        let found = symmetric_eigen(&matrix, 5);
        for (eigen, expected) in found.iter().zip([7.0, 2.5, 2.5, 0.0, -1.0]) {
            check(&matrix, eigen, expected);
        }
    }

    #[test]
    fn the_largest_of_a_larger_matrix() {
        let values: Vec<f64> = (0..60).map(|k| 0.8_f64.powi(k)).collect();
        let matrix = with_values(&values);
        let found = leading(&matrix, 60, 5);
        assert_eq!(found.len(), 5);
        for (eigen, expected) in found.iter().zip(values) {
            check(&matrix, eigen, expected);
        }
    }

    #[test]
    fn a_matrix_of_low_rank_has_zeros_left() {
        let mut values = [0.0; 40];
        (values[3], values[30]) = (4.0, 1.0);
        let found = leading(&with_values(&values), 40, 4);
        let rounded: Vec<f64> = found
            .iter()
            .map(|e| (e.value * 1e6).round() / 1e6)
            .collect();
        assert_eq!(rounded, [4.0, 1.0, 0.0, 0.0]);
    }
}
