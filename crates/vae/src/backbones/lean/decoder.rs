//! The decoder. Source: spec/leanvae.md 6.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::LeanConfig;
use super::naf::Naf;
use super::patcher::Coefficients;
use super::projection::{FromTokens, Group};
use crate::pass::Pass;

const TIME: usize = 1;
const CHANNEL: usize = 4;

/// Tokens to clip; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    pub(super) fusion_layer: Naf,
    pub(super) low_layer: Naf,
    pub(super) high_layer: Naf,
    image_low_proj: FromTokens,
    image_high_proj: FromTokens,
    video_low_proj: FromTokens,
    video_high_proj: FromTokens,
    /// Width of the low bands' tokens.
    pub(super) l_dim: usize,
}

impl Decoder {
    pub(crate) fn new(config: &LeanConfig, device: &Device) -> Self {
        let (low, high) = (config.l_dim, config.h_dim);
        Self {
            fusion_layer: Naf::new(config.embedding_dim(), config.fusion_num_layer, device),
            low_layer: Naf::new(low, config.sep_num_layer, device),
            high_layer: Naf::new(high, config.sep_num_layer, device),
            image_low_proj: FromTokens::new(Group::IMAGE_LOW, low, device),
            image_high_proj: FromTokens::new(Group::IMAGE_HIGH, high, device),
            video_low_proj: FromTokens::new(Group::VIDEO_LOW, low, device),
            video_high_proj: FromTokens::new(Group::VIDEO_HIGH, high, device),
            l_dim: low,
        }
    }

    /// # Shapes
    /// `[B, T', H', W', D]` to an unclamped clip `[B, 3, T, 8H', 8W']` in -0.5..0.5.
    pub(crate) fn forward(&self, tokens: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.coefficients(tokens, pass).into_clip()
    }

    /// The coefficients of that clip.
    pub(crate) fn coefficients(&self, tokens: Tensor<5>, pass: &mut Pass) -> Coefficients {
        let h = self.fusion_layer.residual(tokens, pass);
        let width = h.dims()[CHANNEL];
        let low = h.clone().narrow(CHANNEL, 0, self.l_dim);
        let high = h.narrow(CHANNEL, self.l_dim, width - self.l_dim);
        let low = self.low_layer.residual(low, pass);
        let high = self.high_layer.residual(high, pass);

        let apart = usize::from(pass.is_first());
        let rest = low.dims()[TIME] - apart;
        let part = |start, count| {
            let of = |x: &Tensor<5>| x.clone().narrow(TIME, start, count);
            (count > 0).then(|| (of(&low), of(&high)))
        };
        Coefficients {
            image: part(0, apart)
                .map(|tokens| project(tokens, &self.image_low_proj, &self.image_high_proj)),
            video: part(apart, rest)
                .map(|tokens| project(tokens, &self.video_low_proj, &self.video_high_proj)),
        }
    }
}

fn project(
    (lows, highs): (Tensor<5>, Tensor<5>),
    low: &FromTokens,
    high: &FromTokens,
) -> Tensor<5> {
    Tensor::cat(vec![low.forward(lows), high.forward(highs)], 1)
}
