//! Mean, covariance and principal directions of what windows are made of.

use analysis::symmetric_eigen;
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use dataset::{Batch, Dataset};

/// Logarithm of the posterior's variance: noise well below the spread of every channel. With
/// variance 1, noise would drown all of them until training has learnt to lower it.
pub(super) const LOGVAR: f32 = -6.0;

/// Rows to gather: many times the most numbers in a row, which are a LeanVAE's 768.
const ROWS: usize = 40_000;

/// Mean and covariance of rows of numbers.
pub(super) struct Statistics {
    /// `[1, N]`
    pub(super) mean: Tensor<2>,
    /// `[N, N]`
    pub(super) covariance: Tensor<2>,
}

impl Statistics {
    /// Of the first windows that a run trains on; `rows` makes a matrix of a batch of clips
    /// `[B, 3, T, H, W]`.
    pub(super) fn gather(
        dataset: &Dataset,
        rows: impl Fn(Tensor<5>) -> Result<Tensor<2>>,
    ) -> Result<Self> {
        let mut count = 0;
        let mut sums: Option<[Tensor<2>; 2]> = None;
        for step in 0.. {
            let Batch { samples, shape } = dataset.batch(step)?;
            let clips = Tensor::from_data(TensorData::new(samples, shape), &Device::flex());
            let rows = rows(clips)?;
            count += rows.dims()[0];
            let products = rows.clone().transpose().matmul(rows.clone());
            let sum = rows.sum_dim(0);
            sums = Some(match sums {
                Some([s, p]) => [s + sum, p + products],
                None => [sum, products],
            });
            if count >= ROWS {
                break;
            }
        }
        let [sum, products] = sums.context("there are no windows")?;
        let mean = sum / count as f64;
        let covariance = products / count as f64 - mean.clone().transpose().matmul(mean.clone());
        Ok(Self { mean, covariance })
    }
}

/// The eigenvectors of the largest eigenvalues, as columns `[N, count]`, and those eigenvalues.
///
/// # Errors
/// If there are fewer than `count`.
pub(super) fn leading(matrix: Tensor<2>, count: usize) -> Result<(Tensor<2>, Vec<f64>)> {
    let size = matrix.dims()[0];
    ensure!(
        count <= size,
        "start = \"principal\" has {size} directions to choose from, and the model asks for {count}; \
         leave it out or narrow the model"
    );
    let eigen = symmetric_eigen(&numbers(matrix)?, size);
    let rows = eigen.iter().take(count).flat_map(|eigen| &eigen.vector);
    let rows: Vec<f32> = rows.map(|value| *value as f32).collect();
    let vectors = Tensor::<2>::from_data(TensorData::new(rows, [count, size]), &Device::flex());
    let values = eigen.iter().take(count).map(|eigen| eigen.value).collect();
    Ok((vectors.transpose(), values))
}

/// A matrix's numbers, row by row.
pub(super) fn numbers(tensor: Tensor<2>) -> Result<Vec<f64>> {
    let data = tensor.into_data().convert::<f64>();
    let values = data.try_into_vec();
    values.map_err(|error| anyhow::anyhow!("the device returned no numbers: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_directions_than_there_are_is_an_error() {
        let matrix = || Tensor::<2>::eye(3, &Device::flex());
        assert_eq!(leading(matrix(), 3).unwrap().0.dims(), [3, 3]);
        let error = leading(matrix(), 4).unwrap_err().to_string();
        assert!(error.contains("3 directions"), "{error}");
    }
}
