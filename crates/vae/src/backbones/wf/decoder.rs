//! The decoder. Source: spec/wfvae.md 5.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::config::WfConfig;
use crate::blocks::{Attention, Conv2d, Conv3d, Haar, Layer, Norm, Resnet3d, Up2d, Up3d, run};
use crate::coding::Wavelets;
use crate::last_layer::LastLayer;
use crate::pass::Pass;
use crate::shared::Shared;

const RGB: usize = 3;

/// Latent to clip; field names are the references' parameter names.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    conv_in: Conv3d,
    mid: Vec<Layer>,
    connect_l2: Vec<Layer>,
    up2: Vec<Layer>,
    connect_l1: Vec<Layer>,
    up1: Vec<Layer>,
    layer: Vec<Layer>,
    norm_out: Norm,
    conv_out: Conv2d,
    /// Width of the backbone beside the outflows.
    top: usize,
    #[module(skip)]
    level1: Haar,
    #[module(skip)]
    level3: Haar,
}

impl Decoder {
    pub(crate) fn new(shared: &Shared, config: &WfConfig, device: &Device) -> Self {
        let base = config.base_channels;
        let top = 4 * base;
        let flow = config.decoder_energy_flow_hidden_size;
        let norm = config.norm_type;
        let level1 = config.level1(shared.constants);
        let level3 = Haar::SpatioTemporal(shared.constants);
        let block = |from, to| Layer::Resnet3d(Resnet3d::new(from, to, norm, device));
        let up3d = |channels| Layer::Up3d(Up3d::new(channels, config.t_interpolation, device));
        let outflow = |bands: usize| {
            let mut stack: Vec<Layer> = (0..config.connect_res_layer_num)
                .map(|_| block(flow, flow))
                .collect();
            stack.push(Layer::Conv2d(Conv2d::new(flow, RGB * bands, device)));
            stack
        };

        let mut mid = vec![block(top, top)];
        if config.use_attention {
            let attention = Attention::new(top, config.attention_type, norm, device);
            mid.push(Layer::Attention(attention));
        }
        mid.push(block(top, top + flow));

        let mut up2: Vec<Layer> = (0..config.decoder_num_resblocks)
            .map(|_| block(top, top))
            .collect();
        up2.push(up3d(top));
        up2.push(block(top, top + flow));

        let mut up1: Vec<Layer> = (0..config.decoder_num_resblocks)
            .map(|i| block(if i == 0 { top } else { 2 * base }, 2 * base))
            .collect();
        up1.push(match level1 {
            Haar::Spatial => Layer::Up2d(Up2d::new(2 * base, device)),
            Haar::SpatioTemporal(_) => up3d(2 * base),
        });
        up1.push(block(2 * base, 2 * base));

        Self {
            conv_in: Conv3d::new(shared.latent_dim, top, 3, device),
            mid,
            connect_l2: outflow(level3.bands()),
            up2,
            connect_l1: outflow(level1.bands()),
            up1,
            layer: vec![block(2 * base, base), block(base, base)],
            norm_out: Norm::new(norm, base, device),
            conv_out: Conv2d::new(base, RGB * level3.bands(), device),
            top,
            level1,
            level3,
        }
    }

    /// # Shapes
    /// `[B, C, T', H', W']` to an unclamped clip `[B, 3, T, 8H', 8W']`.
    pub(crate) fn forward(&self, latent: Tensor<5>, pass: &mut Pass) -> (Tensor<5>, Wavelets) {
        let (features, low1, wavelets) = self.features(latent, pass);
        (self.finish(features, low1, pass), wavelets)
    }

    /// As [`forward`](Self::forward), with the last layer and what it was given.
    pub(crate) fn forward_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Tensor<5>, Wavelets, LastLayer) {
        let (features, low1, wavelets) = self.features(latent, pass);
        let last = LastLayer {
            layer: self.conv_out.clone(),
            features: features.clone().detach(),
            haar: self.level3,
            rule: pass.rule(),
        };
        (self.finish(features, low1, pass), wavelets, last)
    }

    /// What the last layer is given, and the low band that is added to what it gives.
    fn features(&self, latent: Tensor<5>, pass: &mut Pass) -> (Tensor<5>, Tensor<5>, Wavelets) {
        let h = run(&self.mid, self.conv_in.forward(latent, pass), pass);
        let (h, outflow) = self.split(h);
        let w3 = run(&self.connect_l2, outflow, pass);
        let low2 = self.level3.inverse(w3.clone(), pass);

        let (h, outflow) = self.split(run(&self.up2, h, pass));
        let w2 = add_to_low_band(run(&self.connect_l1, outflow, pass), low2);
        let low1 = self.level1.inverse(w2.clone(), pass);

        let h = run(&self.layer, run(&self.up1, h, pass), pass);
        let wavelets = Wavelets {
            level1: w2,
            level2: w3,
        };
        (silu(self.norm_out.forward(h)), low1, wavelets)
    }

    fn finish(&self, features: Tensor<5>, low1: Tensor<5>, pass: &Pass) -> Tensor<5> {
        let w1 = self.conv_out.forward(features);
        self.level3.inverse(add_to_low_band(w1, low1), pass)
    }

    /// The backbone's channels and, behind them, the outflow's.
    fn split(&self, h: Tensor<5>) -> (Tensor<5>, Tensor<5>) {
        let channels = h.dims()[1];
        let backbone = h.clone().narrow(1, 0, self.top);
        (backbone, h.narrow(1, self.top, channels - self.top))
    }
}

fn add_to_low_band(coefficients: Tensor<5>, low: Tensor<5>) -> Tensor<5> {
    let channels = coefficients.dims()[1];
    let sum = coefficients.clone().narrow(1, 0, RGB) + low;
    Tensor::cat(vec![sum, coefficients.narrow(1, RGB, channels - RGB)], 1)
}
