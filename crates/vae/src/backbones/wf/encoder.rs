//! The encoder. Source: spec/wfvae.md 4.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::config::WfConfig;
use crate::blocks::{
    Attention, Conv2d, Conv3d, Down2d, Down3d, Haar, Layer, Norm, Resnet2d, Resnet3d, run,
};
use crate::coding::Wavelets;
use crate::pass::Pass;
use crate::shared::Shared;

const RGB: usize = 3;

/// Clip to moments; field names are the references' parameter names.
#[derive(Module, Debug)]
pub(crate) struct Encoder {
    down1: Vec<Layer>,
    down2: Vec<Layer>,
    connect_l1: Conv2d,
    connect_l2: Conv2d,
    mid: Vec<Layer>,
    norm_out: Norm,
    conv_out: Conv3d,
    #[module(skip)]
    level1: Haar,
    #[module(skip)]
    level3: Haar,
}

impl Encoder {
    pub(crate) fn new(shared: &Shared, config: &WfConfig, device: &Device) -> Self {
        let base = config.base_channels;
        let flow = config.encoder_energy_flow_hidden_size;
        let blocks = config.encoder_num_resblocks;
        let norm = config.norm_type;
        let level1 = config.level1(shared.constants);
        let level3 = Haar::SpatioTemporal(shared.constants);

        let mut down1 = vec![Layer::Conv2d(Conv2d::new(
            RGB * level3.bands(),
            base,
            device,
        ))];
        let block = || Layer::Resnet2d(Resnet2d::new(base, base, norm, device));
        down1.extend((0..blocks).map(|_| block()));
        down1.push(match level1 {
            Haar::Spatial => Layer::Down2d(Down2d::new(base, device)),
            Haar::SpatioTemporal(_) => Layer::Down3d(Down3d::new(base, device)),
        });

        let mut down2 = vec![Layer::Conv2d(Conv2d::new(base + flow, 2 * base, device))];
        let block = || Layer::Resnet3d(Resnet3d::new(2 * base, 2 * base, norm, device));
        down2.extend((0..blocks).map(|_| block()));
        down2.push(Layer::Down3d(Down3d::new(2 * base, device)));

        let top = 4 * base;
        let mut mid = vec![Layer::Resnet3d(Resnet3d::new(
            2 * base + flow,
            top,
            norm,
            device,
        ))];
        if config.use_attention {
            let attention = Attention::new(top, config.attention_type, norm, device);
            mid.push(Layer::Attention(attention));
        }
        mid.push(Layer::Resnet3d(Resnet3d::new(top, top, norm, device)));

        Self {
            down1,
            down2,
            connect_l1: Conv2d::new(RGB * level1.bands(), flow, device),
            connect_l2: Conv2d::new(RGB * level3.bands(), flow, device),
            mid,
            norm_out: Norm::new(norm, top, device),
            conv_out: Conv3d::new(top, 2 * shared.latent_dim, 3, device),
            level1,
            level3,
        }
    }

    /// # Shapes
    /// `[B, 3, T, H, W]` in -1..1 to moments `[B, 2C, T', H/8, W/8]`.
    pub(crate) fn forward(&self, clip: Tensor<5>, pass: &mut Pass) -> (Tensor<5>, Wavelets) {
        let low = |coefficients: &Tensor<5>| coefficients.clone().narrow(1, 0, RGB);
        let w1 = self.level3.forward(clip, pass);
        let w2 = self.level1.forward(low(&w1), pass);
        let w3 = self.level3.forward(low(&w2), pass);

        let h = run(&self.down1, w1, pass);
        let inflow = self.connect_l1.forward(w2.clone());
        let h = run(&self.down2, Tensor::cat(vec![h, inflow], 1), pass);
        let inflow = self.connect_l2.forward(w3.clone());
        let h = run(&self.mid, Tensor::cat(vec![h, inflow], 1), pass);
        let moments = self.conv_out.forward(silu(self.norm_out.forward(h)), pass);
        (
            moments,
            Wavelets {
                level1: w2,
                level2: w3,
            },
        )
    }
}
