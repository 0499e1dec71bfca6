//! A model at work on clips of any length and size.

use std::time::Instant;

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use clips::{Clip, Extent, cut, from_planar_f32, pad_frames, pad_to_multiple, shots, stream_seed};
use safetensors::SafeTensors;
use sha2::{Digest, Sha256};
use vae::{Autoencoder, Posterior, Shot, WeightFormat};
use wavelet::Mask;

use crate::noise::normal;
use crate::range::InputRange;
use crate::tensors::{tensor, values};

const TIME: usize = 2;

/// An autoencoder on a device. Clips that do not suit the model are padded by repeating their
/// last frame, row and column, and cut after decoding.
pub struct Codec {
    /// The autoencoder.
    pub model: Autoencoder,
    /// Where it computes.
    pub device: Device,
    range: InputRange,
}

/// A decoded clip and what became of the latent in between.
pub struct Reconstruction {
    /// What was decoded, of the extent of what was encoded.
    pub clip: Clip,
    /// Share of the latent's energy that the mask keeps, 0 to 1.
    pub retained: f64,
    /// Time that encoding took.
    pub encode_seconds: f64,
    /// Time that zeroing and decoding took.
    pub decode_seconds: f64,
}

impl Codec {
    /// A model whose weights are on a device.
    pub fn new(model: Autoencoder, device: Device) -> Self {
        Self {
            model,
            device,
            range: InputRange::Signed,
        }
    }

    /// The same, giving the model frames in another range.
    pub fn with_input(self, range: InputRange) -> Self {
        Self { range, ..self }
    }

    /// A hash of the weights, whatever file they came in: SHA-256 of the tensors in f32, by name.
    ///
    /// # Errors
    /// If the device gives no numbers.
    pub fn weights_sha256(&self) -> Result<String> {
        let bytes = self.model.to_safetensors(WeightFormat::F32, &[])?;
        let file = SafeTensors::deserialize(&bytes)?;
        let mut names = file.names();
        names.sort_unstable();
        let mut hash = Sha256::new();
        for name in names {
            hash.update(name);
            hash.update(file.tensor(name)?.data());
        }
        Ok(files::hex(&hash.finalize()))
    }

    /// How a clip is coded: each of its shots by itself.
    pub fn shots(&self, clip: &Clip) -> Vec<Shot> {
        self.model.config().plan_shots(&shots(clip))
    }

    /// How a clip is coded as one shot, whatever it cuts to.
    pub fn as_one_shot(&self, clip: &Clip) -> Vec<Shot> {
        let whole = 0..clip.frames();
        self.model.config().plan_shots(std::slice::from_ref(&whole))
    }

    /// The posterior mean of a clip of these shots, `[1, C, T', H', W']`, chunk by chunk.
    ///
    /// # Errors
    /// If the clip cannot be padded.
    pub fn encode(&self, clip: &Clip, shots: &[Shot]) -> Result<Tensor<5>> {
        self.latent(clip, shots, |posterior, _| posterior.mode())
    }

    /// A sample of the posterior of a clip of these shots, `[1, C, T', H', W']`, chunk by chunk.
    ///
    /// # Errors
    /// If the clip cannot be padded.
    pub fn encode_sample(&self, clip: &Clip, shots: &[Shot], seed: u64) -> Result<Tensor<5>> {
        self.latent(clip, shots, |posterior, first_frame| {
            let seed = stream_seed(&[seed, first_frame as u64]);
            posterior.sample(normal(posterior.mean.dims(), seed, &self.device))
        })
    }

    /// What is taken of the posteriors of a clip's chunks, which come with their first frame.
    fn latent(
        &self,
        clip: &Clip,
        shots: &[Shot],
        take: impl Fn(Posterior, usize) -> Tensor<5>,
    ) -> Result<Tensor<5>> {
        let config = self.model.config();
        let clip = pad_to_multiple(clip, self.size_step())?;
        let mut latents = Vec::new();
        for shot in shots {
            let padded = pad_frames(&clip.part(shot.frames.clone()), shot.padded)?;
            let mut stream = self.model.encoder_stream();
            for range in config.encode_plan(shot.padded) {
                let posterior = stream.push(self.input(&padded.part(range.clone())));
                latents.push(take(posterior, shot.frames.start + range.start));
            }
        }
        Ok(Tensor::cat(latents, TIME))
    }

    /// Clips are padded to a multiple of this many pixels a side, so that any mask can be applied.
    fn size_step(&self) -> usize {
        self.model.config().maskable_step()
    }

    /// Shape `[C, H', W']` of a frame of the latent that [`encode`](Self::encode) makes of a clip.
    pub fn latent_frame(&self, clip: Extent) -> [usize; 3] {
        let padded = [clip.height, clip.width].map(|side| side.next_multiple_of(self.size_step()));
        self.model.config().latent_frame(padded)
    }

    fn input(&self, clip: &Clip) -> Tensor<5> {
        let signed = tensor(clip, &self.device);
        match self.range {
            InputRange::Signed => signed,
            InputRange::Unit => (signed + 1.0) / 2.0,
        }
    }

    /// The clip of the given extent from a latent that [`encode`](Self::encode) made of such shots.
    ///
    /// # Errors
    /// If the extent is larger than what is decoded, or the device gives no numbers.
    pub fn decode(&self, latent: Tensor<5>, shots: &[Shot], extent: Extent) -> Result<Clip> {
        let mut data = Vec::with_capacity(extent.samples());
        let (mut width, mut height) = (extent.width, extent.height);
        for sample in self.samples(latent, shots) {
            let frames = clip(sample)?;
            (width, height) = (frames.width(), frames.height());
            data.extend(frames.into_data());
        }
        Ok(cut(&Clip::new(width, height, data)?, extent)?)
    }

    /// The same as the model gives it, neither clamped nor rounded: `[T, H, W, 3]`.
    ///
    /// # Errors
    /// If the device gives no numbers.
    pub fn decode_floats(
        &self,
        latent: Tensor<5>,
        shots: &[Shot],
        extent: Extent,
    ) -> Result<Vec<f32>> {
        let sample = Tensor::cat(self.samples(latent, shots).collect(), TIME);
        let sample = sample
            .slice_dim(3, 0..extent.height)
            .slice_dim(4, 0..extent.width);
        values(sample.permute([0, 2, 3, 4, 1]))
    }

    /// What is decoded, chunk by chunk, `[1, 3, T, H, W]` each, without the frames that shots were
    /// padded with.
    fn samples(&self, latent: Tensor<5>, shots: &[Shot]) -> impl Iterator<Item = Tensor<5>> {
        shots.iter().flat_map(move |shot| {
            let latent = latent.clone().slice_dim(TIME, shot.latents.clone());
            let mut stream = self.model.decoder_stream();
            let mut left = shot.frames.len();
            let plan = self.model.config().decode_plan(shot.latents.len());
            plan.into_iter().map(move |chunk| {
                let part = latent.clone().slice_dim(TIME, chunk.latents.clone());
                let sample = stream.push(part, &chunk);
                let frames = chunk.frames.min(left);
                left -= frames;
                sample.narrow(TIME, 0, frames)
            })
        })
    }

    /// Encodes a clip of these shots, zeroes what the mask drops, decodes.
    ///
    /// # Errors
    /// If the mask is for other latents, or the device gives no numbers.
    pub fn reconstruct(&self, clip: &Clip, shots: &[Shot], mask: &Mask) -> Result<Reconstruction> {
        let start = Instant::now();
        let latent = self.encode(clip, shots)?;
        // Reading a number waits for the device, so that the times are true.
        energy(&latent);
        let encode_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let (kept, retained) = self.keep(latent, shots, mask)?;
        Ok(Reconstruction {
            clip: self.decode(kept, shots, clip.extent())?,
            retained,
            encode_seconds,
            decode_seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The latent after zeroing what the mask drops, in its own length, and the share of its energy
    /// that is left, 0 to 1.
    ///
    /// # Errors
    /// If the mask is for other latents.
    pub fn keep(&self, latent: Tensor<5>, shots: &[Shot], mask: &Mask) -> Result<(Tensor<5>, f64)> {
        let whole = energy(&latent);
        let kept = self.model.restore_shots(latent, shots, mask)?;
        let left = energy(&kept);
        Ok((kept, if whole > 0.0 { left / whole } else { 1.0 }))
    }
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

fn energy(latent: &Tensor<5>) -> f64 {
    latent.clone().square().sum().into_scalar::<f64>()
}
