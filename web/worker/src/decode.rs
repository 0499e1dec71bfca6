//! Latent to clip, and how close it comes.

use analysis::{FrameQuality, FrameShape, clip_quality};
use clips::{Clip, to_unit_f32};
use protocol::{ClipShape, Failure, ReconstructionReport, Stage};
use vae::Shot;
use wavelet::MaskChoice;

use crate::codec::{Codec, Host, check_clip, read, tensor};
use crate::failure::{bad_request, internal};
use crate::latent::Latent;

/// What is to be decoded.
#[derive(Debug)]
pub(crate) struct DecodeJob {
    /// The latent that encoding gave, `[C, T', H', W']`.
    pub(crate) latent: Vec<f32>,
    pub(crate) latent_shape: [usize; 4],
    /// The clip it was made of, RGB `[T, H, W, 3]`.
    pub(crate) original: Vec<u8>,
    pub(crate) clip: ClipShape,
    pub(crate) mask: MaskChoice,
}

/// What decoding gives.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// RGB frames in the shape of the original.
    pub(crate) frames: Vec<u8>,
    pub(crate) report: ReconstructionReport,
}

impl Codec {
    /// Zeroes what the mask drops, decodes shot by shot and chunk by chunk, cuts to the original
    /// and compares.
    pub(crate) async fn decode(
        &self,
        job: DecodeJob,
        host: &impl Host,
    ) -> Result<Decoded, Failure> {
        check_clip(&job.original, job.clip)?;
        let ClipShape { height, width, .. } = job.clip;
        let original = Clip::new(width, height, job.original).map_err(internal)?;
        let shots = self.shots(&original);
        self.check_latent(&job.latent, job.latent_shape, &shots, job.clip)?;
        self.check_budget(&shots, job.clip)?;
        let config = self.model.config();
        let mask = job.mask.build(config.channels()).map_err(bad_request)?;
        let latent = Latent::from_values(config, job.latent, job.latent_shape, &shots);
        let restored = self
            .model
            .restore_shots(latent.values(), &shots, &mask)
            .map_err(bad_request)?;

        let mut comparison = Comparison::new(original, self.padded(job.clip));
        let total = job.clip.frames as u64;
        let mut milliseconds = 0.0;
        host.progress(Stage::Decode, 0, total);
        for shot in &shots {
            let restored = restored.clone().slice_dim(2, shot.latents.clone());
            let mut stream = self.model.decoder_stream();
            for chunk in config.decode_plan(shot.latents.len()) {
                let part = restored.clone().slice_dim(2, chunk.latents.clone());
                let dims = part.dims();
                let part = tensor(read(part, host).await?, dims, &self.device);
                let started = host.now();
                let planar = read(stream.push(part, &chunk), host).await?;
                milliseconds += host.now() - started;
                comparison.push(&planar, shot.frames.end)?;
                host.progress(Stage::Decode, comparison.quality.len() as u64, total);
            }
        }

        let report = ReconstructionReport {
            keep_ratio: mask.keep_ratio(),
            retained_energy: latent.retained(&mask, host).await?,
            stored_values: latent.stored_values(&mask),
            quality: comparison.quality,
            mask: job.mask,
            milliseconds,
        };
        Ok(Decoded {
            frames: comparison.frames,
            report,
        })
    }

    fn check_latent(
        &self,
        latent: &[f32],
        shape: [usize; 4],
        shots: &[Shot],
        clip: ClipShape,
    ) -> Result<(), Failure> {
        let latents = shots.last().map_or(0, |shot| shot.latents.end);
        let [channels, rows, columns] = self.model.config().latent_frame(self.padded(clip));
        let expected = [channels, latents, rows, columns];
        let fits = shape == expected && latent.len() == expected.iter().product::<usize>();
        if fits {
            Ok(())
        } else {
            let message = "This latent was not made by this model from this clip; encode the clip \
                           again.";
            Err(bad_request(message))
        }
    }
}

/// The reconstruction so far, beside its original.
struct Comparison {
    original: Clip,
    padded: [usize; 2],
    frames: Vec<u8>,
    quality: Vec<FrameQuality>,
}

impl Comparison {
    fn new(original: Clip, padded: [usize; 2]) -> Self {
        Self {
            frames: Vec::with_capacity(original.data().len()),
            quality: Vec::with_capacity(original.frames()),
            original,
            padded,
        }
    }

    /// Takes the next frames: planar samples `[3, t, H, W]` of the padded clip, of which those from
    /// frame `end` of the clip on are padding.
    fn push(&mut self, planar: &[f32], end: usize) -> Result<(), Failure> {
        let (width, height) = (self.original.width(), self.original.height());
        let done = self.quality.len();
        let decoded = planar.len() / (3 * self.padded.iter().product::<usize>());
        let shape = FrameShape {
            frames: decoded.min(end - done),
            height,
            width,
        };
        let samples = unit_rgb(planar, self.padded, shape);
        let original = to_unit_f32(&self.original.part(done..done + shape.frames));
        let quality = clip_quality(&original, &samples, shape).map_err(internal)?;
        self.quality.extend(quality);
        self.frames
            .extend(samples.iter().map(|sample| (sample * 255.0 + 0.5) as u8));
        Ok(())
    }
}

/// RGB frames `[t, h, w, 3]`, values clamped to [0, 1], cut from planar samples `[3, T, H, W]` of
/// range [-1, 1] and any number of frames T.
fn unit_rgb(planar: &[f32], [height, width]: [usize; 2], cut: FrameShape) -> Vec<f32> {
    let channel = planar.len() / 3;
    let mut rgb = Vec::with_capacity(cut.frames * cut.frame_len());
    for frame in 0..cut.frames {
        for row in 0..cut.height {
            let start = (frame * height + row) * width;
            for pixel in start..start + cut.width {
                let unit = |c: usize| ((planar[c * channel + pixel] + 1.0) / 2.0).clamp(0.0, 1.0);
                rgb.extend([unit(0), unit(1), unit(2)]);
            }
        }
    }
    rgb
}
