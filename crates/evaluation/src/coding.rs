//! How clips are encoded to be measured.

use anyhow::Result;
use burn::tensor::Tensor;
use clips::Clip;
use codec::Codec;
use vae::Shot;

use crate::request::Request;

/// What is taken of a clip's posterior, and of how much of the clip at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coding {
    /// Draws a sample of the posterior; without it, its mean is taken.
    sample_seed: Option<u64>,
    /// Whether each shot is coded by itself.
    by_shot: bool,
}

impl Coding {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            sample_seed: request.sample_seed,
            by_shot: request.shots,
        }
    }

    /// The latent of a clip, and the shots that it is of.
    pub(crate) fn encode(self, codec: &Codec, clip: &Clip) -> Result<(Tensor<5>, Vec<Shot>)> {
        let shots = if self.by_shot {
            codec.shots(clip)
        } else {
            codec.as_one_shot(clip)
        };
        let latent = match self.sample_seed {
            Some(seed) => codec.encode_sample(clip, &shots, seed)?,
            None => codec.encode(clip, &shots)?,
        };
        Ok((latent, shots))
    }

    /// What is said above the tables.
    pub(crate) fn describe(self) -> String {
        let latent = match self.sample_seed {
            Some(seed) => format!("posterior sample (seed {seed})"),
            None => "posterior mean".to_owned(),
        };
        let apart = if self.by_shot {
            ", shots coded one by one"
        } else {
            ""
        };
        format!("{latent}{apart}")
    }
}
