//! A model at work on clips of any length and size.

use std::time::Instant;

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData};
use clips::{Clip, Extent, cut, from_planar_f32, pad_frames, pad_to_multiple, to_planar_f32};
use vae::{Autoencoder, Posterior};
use wavelet::Mask;

use crate::noise::{normal, stream_seed};

const TIME: usize = 2;
/// Clip pixels to a step of the Multi-WT, which halves latents that are an eighth of the clip: any
/// mask can be applied to the latent of a clip whose sides are multiples of this.
pub(crate) const MASKABLE: usize = 16;

/// An autoencoder on a device. Clips that do not suit the model are padded by repeating their
/// last frame, row and column, and cut after decoding.
pub(crate) struct Codec {
    pub(crate) model: Autoencoder,
    pub(crate) device: Device,
}

/// A decoded clip and what became of the latent in between.
pub(crate) struct Reconstruction {
    pub(crate) clip: Clip,
    /// Share of the latent's energy that the mask keeps, 0 to 1.
    pub(crate) retained: f64,
    pub(crate) encode_seconds: f64,
    pub(crate) decode_seconds: f64,
}

/// A clip decoded through a mask.
pub(crate) struct Decoded {
    pub(crate) clip: Clip,
    /// Share of the latent's energy that the mask keeps, 0 to 1.
    pub(crate) retained: f64,
}

impl Codec {
    pub(crate) fn new(model: Autoencoder, device: Device) -> Self {
        Self { model, device }
    }

    /// The posterior mean of a clip, `[1, C, T', H', W']`, chunk by chunk.
    pub(crate) fn encode(&self, clip: &Clip) -> Result<Tensor<5>> {
        self.latent(clip, |posterior, _| posterior.mode())
    }

    /// A sample of a clip's posterior, `[1, C, T', H', W']`, chunk by chunk.
    pub(crate) fn encode_sample(&self, clip: &Clip, seed: u64) -> Result<Tensor<5>> {
        self.latent(clip, |posterior, first_frame| {
            let seed = stream_seed(&[seed, first_frame as u64]);
            posterior.sample(normal(posterior.mean.dims(), seed, &self.device))
        })
    }

    /// What is taken of the posteriors of a clip's chunks, which come with their first frame.
    fn latent(
        &self,
        clip: &Clip,
        take: impl Fn(Posterior, usize) -> Tensor<5>,
    ) -> Result<Tensor<5>> {
        let config = self.model.config();
        let padded = pad_to_multiple(clip, config.size_step().max(MASKABLE))?;
        let padded = pad_frames(&padded, config.frame_rule().padded(clip.frames()))?;
        let mut stream = self.model.encoder_stream();
        let mut latents = Vec::new();
        for range in config.encode_plan(padded.frames()) {
            let frames = frames(&padded, range.start, range.len())?;
            let posterior = stream.push(tensor(&frames, &self.device));
            latents.push(take(posterior, range.start));
        }
        Ok(Tensor::cat(latents, TIME))
    }

    /// The clip of the given extent from a latent that [`encode`](Self::encode) made.
    pub(crate) fn decode(&self, latent: Tensor<5>, extent: Extent) -> Result<Clip> {
        let mut stream = self.model.decoder_stream();
        let mut data = Vec::with_capacity(extent.samples());
        let (mut width, mut height) = (extent.width, extent.height);
        for chunk in self.model.config().decode_plan(latent.dims()[TIME]) {
            let input = latent
                .clone()
                .narrow(TIME, chunk.latents.start, chunk.latents.len());
            let frames = clip(stream.push(input, &chunk))?;
            (width, height) = (frames.width(), frames.height());
            data.extend(frames.into_data());
        }
        Ok(cut(&Clip::new(width, height, data)?, extent)?)
    }

    /// Encodes, zeroes what the mask drops, decodes.
    pub(crate) fn reconstruct(&self, clip: &Clip, mask: &Mask) -> Result<Reconstruction> {
        let start = Instant::now();
        let latent = self.encode(clip)?;
        // Reading a number waits for the device, so that the times are true.
        energy(&latent);
        let encode_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let decoded = self.through(latent, mask, clip.extent())?;
        Ok(Reconstruction {
            clip: decoded.clip,
            retained: decoded.retained,
            encode_seconds,
            decode_seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The clip of the given extent from a latent that [`encode`](Self::encode) made, after zeroing
    /// what the mask drops.
    pub(crate) fn through(
        &self,
        latent: Tensor<5>,
        mask: &Mask,
        extent: Extent,
    ) -> Result<Decoded> {
        let whole = energy(&latent);
        let restored = self.restore(latent, mask)?;
        let kept = energy(&restored);
        Ok(Decoded {
            clip: self.decode(restored, extent)?,
            retained: if whole > 0.0 { kept / whole } else { 1.0 },
        })
    }

    /// The latent after zeroing what the mask drops, in its own length.
    pub(crate) fn restore(&self, latent: Tensor<5>, mask: &Mask) -> Result<Tensor<5>> {
        Ok(self.model.restore(latent, mask)?)
    }
}

/// A clip as the model takes it, `[1, 3, T, H, W]` in [-1, 1].
pub(crate) fn tensor(clip: &Clip, device: &Device) -> Tensor<5> {
    let Extent {
        frames,
        height,
        width,
    } = clip.extent();
    let data = TensorData::new(to_planar_f32(clip), [1, 3, frames, height, width]);
    Tensor::from_data(data, device)
}

/// The clip of a decoded tensor `[1, 3, T, H, W]`, clamped.
fn clip(sample: Tensor<5>) -> Result<Clip> {
    let [_, _, frames, height, width] = sample.dims();
    Ok(from_planar_f32(
        &values(sample)?,
        Extent {
            frames,
            height,
            width,
        },
    )?)
}

/// A tensor's values in f32.
pub(crate) fn values(tensor: Tensor<5>) -> Result<Vec<f32>> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec()
        .map_err(|error| anyhow::anyhow!("the device returned no numbers: {error:?}"))
}

fn energy(latent: &Tensor<5>) -> f64 {
    latent.clone().square().sum().into_scalar::<f64>()
}

/// Some consecutive frames of a clip.
fn frames(clip: &Clip, start: usize, count: usize) -> Result<Clip> {
    let frame = clip.frame_len();
    let data = clip.data()[start * frame..(start + count) * frame].to_vec();
    Ok(Clip::new(clip.width(), clip.height(), data)?)
}
