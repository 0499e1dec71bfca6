//! Batch normalisation of video features.

use burn::module::{Module, Param};
use burn::tensor::{Device, Distribution, Tensor};

const EPSILON: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// Normalises each channel over batch, time and space, as PyTorch's `BatchNorm3d` does.
#[derive(Module, Debug)]
pub(crate) struct BatchNorm {
    pub(crate) weight: Param<Tensor<1>>,
    pub(crate) bias: Param<Tensor<1>>,
    pub(crate) running_mean: Param<Tensor<1>>,
    pub(crate) running_var: Param<Tensor<1>>,
}

impl BatchNorm {
    /// Weights from N(1, 0.02), the discriminator's start.
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        let weight = Tensor::random([channels], Distribution::Normal(1.0, 0.02), device);
        let fixed = |tensor| Param::from_tensor(tensor).set_require_grad(false);
        Self {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(Tensor::zeros([channels], device)),
            running_mean: fixed(Tensor::zeros([channels], device)),
            running_var: fixed(Tensor::ones([channels], device)),
        }
    }

    /// By the running statistics.
    pub(crate) fn by_running(&self, x: Tensor<5>) -> Tensor<5> {
        let mean = per_channel(self.running_mean.val());
        let var = per_channel(self.running_var.val());
        self.scale(x - mean, var)
    }

    /// By the statistics of `x`, which also move the running ones.
    pub(crate) fn by_batch(&mut self, x: Tensor<5>) -> Tensor<5> {
        let [batch, channels, frames, height, width] = x.dims();
        let count = (batch * frames * height * width) as f64;
        let axes = [0, 2, 3, 4];
        let mean = x.clone().mean_dims(&axes);
        let centred = x - mean.clone();
        let var = centred.clone().square().mean_dims(&axes);
        let unbiased = var.clone() * (count / (count - 1.0).max(1.0));
        follow(&mut self.running_mean, mean.reshape([channels]));
        follow(&mut self.running_var, unbiased.reshape([channels]));
        self.scale(centred, var)
    }

    fn scale(&self, centred: Tensor<5>, var: Tensor<5>) -> Tensor<5> {
        centred / (var + EPSILON).sqrt() * per_channel(self.weight.val())
            + per_channel(self.bias.val())
    }
}

fn follow(running: &mut Param<Tensor<1>>, value: Tensor<1>) {
    let next = running.val().detach() * (1.0 - MOMENTUM) + value.detach() * MOMENTUM;
    *running = Param::initialized(running.id, next);
}

fn per_channel(values: Tensor<1>) -> Tensor<5> {
    let channels = values.dims()[0];
    values.reshape([1, channels, 1, 1, 1])
}
