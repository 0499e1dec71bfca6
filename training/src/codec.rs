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
    range: InputRange,
}

/// A decoded clip and what became of the latent in between.
pub(crate) struct Reconstruction {
    pub(crate) clip: Clip,
    /// Share of the latent's energy that the mask keeps, 0 to 1.
    pub(crate) retained: f64,
    pub(crate) encode_seconds: f64,
    pub(crate) decode_seconds: f64,
}

/// What the values of frames are when a model is given them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputRange {
    /// In [-1, 1], what models are trained on.
    Signed,
    /// In [0, 1].
    Unit,
}

impl Codec {
    pub(crate) fn new(model: Autoencoder, device: Device) -> Self {
        Self {
            model,
            device,
            range: InputRange::Signed,
        }
    }

    /// The same, giving the model frames in another range.
    pub(crate) fn with_input(self, range: InputRange) -> Self {
        Self { range, ..self }
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
        let padded = pad_to_multiple(clip, self.size_step())?;
        let padded = pad_frames(&padded, config.frame_rule().padded(clip.frames()))?;
        let mut stream = self.model.encoder_stream();
        let mut latents = Vec::new();
        for range in config.encode_plan(padded.frames()) {
            let frames = frames(&padded, range.start, range.len())?;
            let posterior = stream.push(self.input(&frames));
            latents.push(take(posterior, range.start));
        }
        Ok(Tensor::cat(latents, TIME))
    }

    /// Clips are padded to a multiple of this many pixels a side.
    fn size_step(&self) -> usize {
        self.model.config().size_step().max(MASKABLE)
    }

    /// Shape `[C, T', H', W']` of the latent that [`encode`](Self::encode) makes of a clip.
    pub(crate) fn latent_shape(&self, clip: Extent) -> [usize; 4] {
        let config = self.model.config();
        let [height, width] =
            [clip.height, clip.width].map(|side| side.next_multiple_of(self.size_step()));
        config.latent_shape(config.frame_rule().padded(clip.frames), height, width)
    }

    fn input(&self, clip: &Clip) -> Tensor<5> {
        let signed = tensor(clip, &self.device);
        match self.range {
            InputRange::Signed => signed,
            InputRange::Unit => (signed + 1.0) / 2.0,
        }
    }

    /// The clip of the given extent from a latent that [`encode`](Self::encode) made.
    pub(crate) fn decode(&self, latent: Tensor<5>, extent: Extent) -> Result<Clip> {
        let mut data = Vec::with_capacity(extent.samples());
        let (mut width, mut height) = (extent.width, extent.height);
        for sample in self.samples(latent) {
            let frames = clip(sample)?;
            (width, height) = (frames.width(), frames.height());
            data.extend(frames.into_data());
        }
        Ok(cut(&Clip::new(width, height, data)?, extent)?)
    }

    /// The same as the model gives it, neither clamped nor rounded: `[T, H, W, 3]`.
    pub(crate) fn decode_floats(&self, latent: Tensor<5>, extent: Extent) -> Result<Vec<f32>> {
        let sample = Tensor::cat(self.samples(latent).collect(), TIME);
        let sample = sample
            .slice_dim(2, 0..extent.frames)
            .slice_dim(3, 0..extent.height)
            .slice_dim(4, 0..extent.width);
        values(sample.permute([0, 2, 3, 4, 1]))
    }

    /// What is decoded, chunk by chunk, `[1, 3, T, H, W]` each.
    fn samples(&self, latent: Tensor<5>) -> impl Iterator<Item = Tensor<5>> {
        let mut stream = self.model.decoder_stream();
        let plan = self.model.config().decode_plan(latent.dims()[TIME]);
        plan.into_iter().map(move |chunk| {
            let (start, count) = (chunk.latents.start, chunk.latents.len());
            stream.push(latent.clone().narrow(TIME, start, count), &chunk)
        })
    }

    /// Encodes, zeroes what the mask drops, decodes.
    pub(crate) fn reconstruct(&self, clip: &Clip, mask: &Mask) -> Result<Reconstruction> {
        let start = Instant::now();
        let latent = self.encode(clip)?;
        // Reading a number waits for the device, so that the times are true.
        energy(&latent);
        let encode_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let (kept, retained) = self.keep(latent, mask)?;
        Ok(Reconstruction {
            clip: self.decode(kept, clip.extent())?,
            retained,
            encode_seconds,
            decode_seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The latent after zeroing what the mask drops, in its own length, and the share of its energy
    /// that is left, 0 to 1.
    pub(crate) fn keep(&self, latent: Tensor<5>, mask: &Mask) -> Result<(Tensor<5>, f64)> {
        let whole = energy(&latent);
        let kept = self.model.restore(latent, mask)?;
        let left = energy(&kept);
        Ok((kept, if whole > 0.0 { left / whole } else { 1.0 }))
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
