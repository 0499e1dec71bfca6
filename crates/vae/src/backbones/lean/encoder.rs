//! The encoder. Source: spec/leanvae.md 4.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::LeanConfig;
use super::naf::Naf;
use super::patcher::{Coefficients, low_and_high};
use super::projection::{Group, ToTokens};
use crate::pass::Pass;

const TIME: usize = 1;
const CHANNEL: usize = 4;

/// Clip to tokens; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Encoder {
    pub(super) image_low_proj: ToTokens,
    pub(super) image_high_proj: ToTokens,
    pub(super) video_low_proj: ToTokens,
    pub(super) video_high_proj: ToTokens,
    pub(super) low_layer: Naf,
    pub(super) high_layer: Naf,
    pub(super) fusion_layer: Naf,
}

impl Encoder {
    pub(crate) fn new(config: &LeanConfig, device: &Device) -> Self {
        let (low, high) = (config.l_dim, config.h_dim);
        Self {
            image_low_proj: ToTokens::new(Group::IMAGE_LOW, low, device),
            image_high_proj: ToTokens::new(Group::IMAGE_HIGH, high, device),
            video_low_proj: ToTokens::new(Group::VIDEO_LOW, low, device),
            video_high_proj: ToTokens::new(Group::VIDEO_HIGH, high, device),
            low_layer: Naf::new(low, config.sep_num_layer, device),
            high_layer: Naf::new(high, config.sep_num_layer, device),
            fusion_layer: Naf::new(config.embedding_dim(), config.fusion_num_layer, device),
        }
    }

    /// # Shapes
    /// `[B, 3, T, H, W]` in -0.5..0.5 to `[B, T', H/8, W/8, D]`.
    pub(crate) fn forward(&self, clip: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let [low, high] = self.tokens(Coefficients::of(clip, pass));
        let low = self.low_layer.residual(low, pass);
        let high = self.high_layer.residual(high, pass);
        let both = Tensor::cat(vec![low, high], CHANNEL);
        self.fusion_layer.residual(both, pass)
    }

    /// Tokens of the low and of the high bands, the first frame's in front.
    pub(super) fn tokens(&self, coefficients: Coefficients) -> [Tensor<5>; 2] {
        let image = coefficients
            .image
            .map(|x| project(x, &self.image_low_proj, &self.image_high_proj));
        let video = coefficients
            .video
            .map(|x| project(x, &self.video_low_proj, &self.video_high_proj));
        let (low, high) = image.into_iter().chain(video).unzip();
        [low, high].map(|parts| Tensor::cat(parts, TIME))
    }
}

fn project(x: Tensor<5>, low: &ToTokens, high: &ToTokens) -> (Tensor<5>, Tensor<5>) {
    let [lows, highs] = low_and_high(x);
    (low.forward(lows), high.forward(highs))
}
