//! Everything random in a step: functions of the run's seed and where in the run it is, so that
//! there is no random state to keep.

use burn::tensor::{Device, Tensor};
use clips::stream_seed;
use codec::{keep_factors, normal};

/// Stream of the posterior's noise, apart from the data's.
const NOISE: u64 = 0x6e6f_6973;
/// Stream of what the discriminator drops.
const DROPOUT: u64 = 0x6472_6f70;
/// Stream of the windows of the perceptual loss.
const WINDOW: u64 = 0x7769_6e64;

/// The random streams of one batch of a run.
#[derive(Clone, Copy)]
pub(super) struct RngStreams {
    pub(super) seed: u64,
    pub(super) batch: u64,
}

impl RngStreams {
    pub(super) fn noise(self, shape: [usize; 5], device: &Device) -> Tensor<5> {
        normal(shape, stream_seed(&[NOISE, self.seed, self.batch]), device)
    }

    pub(super) fn window(self) -> u64 {
        stream_seed(&[WINDOW, self.seed, self.batch])
    }

    /// What the layers of a discriminator multiply by in its `call`-th pass over the batch.
    pub(super) fn dropout(
        self,
        rate: f64,
        call: u64,
        device: &Device,
    ) -> impl FnMut([usize; 5]) -> Option<Tensor<5>> + use<> {
        let device = device.clone();
        let mut layer = 0;
        move |shape| {
            layer += 1;
            let seed = stream_seed(&[DROPOUT, self.seed, self.batch, call, layer]);
            (rate > 0.0).then(|| keep_factors(shape, rate, seed, &device))
        }
    }
}
