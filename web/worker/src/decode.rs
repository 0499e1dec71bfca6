//! Latent to clip, and how close it comes.

use analysis::{FrameQuality, FrameShape, clip_quality};
use clips::{Clip, Extent, to_unit_f32};
use protocol::{ClipShape, Failure, ReconstructionReport, Stage};
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
    /// Zeroes what the mask drops, decodes chunk by chunk, cuts to the original and compares.
    pub(crate) async fn decode(
        &self,
        job: DecodeJob,
        host: &impl Host,
    ) -> Result<Decoded, Failure> {
        self.check_job(&job)?;
        let padded = self.padded(job.clip);
        self.check_budget(padded)?;
        let config = self.model.config();
        let mask = job.mask.build(config.channels()).map_err(bad_request)?;
        let latent = Latent::from_values(config, job.latent, job.latent_shape);
        let restored = self
            .model
            .restore(latent.values(), &mask)
            .map_err(bad_request)?;

        let mut comparison = Comparison::new(job.original, job.clip, padded);
        let mut stream = self.model.decoder_stream();
        let total = job.clip.frames as u64;
        let mut milliseconds = 0.0;
        host.progress(Stage::Decode, 0, total);
        for chunk in config.decode_plan(job.latent_shape[1]) {
            let part = restored.clone().slice_dim(2, chunk.latents.clone());
            let dims = part.dims();
            let part = tensor(read(part, host).await?, dims, &self.device);
            let started = host.now();
            let planar = read(stream.push(part, &chunk), host).await?;
            milliseconds += host.now() - started;
            comparison.push(&planar)?;
            host.progress(Stage::Decode, comparison.quality.len() as u64, total);
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

    fn check_job(&self, job: &DecodeJob) -> Result<(), Failure> {
        check_clip(&job.original, job.clip)?;
        let config = self.model.config();
        let padded = self.padded(job.clip);
        let fits = job.latent.len() == job.latent_shape.iter().product::<usize>()
            && job.latent_shape == config.latent_shape(padded.frames, padded.height, padded.width);
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
    original: Vec<u8>,
    clip: ClipShape,
    padded: Extent,
    frames: Vec<u8>,
    quality: Vec<FrameQuality>,
}

impl Comparison {
    fn new(original: Vec<u8>, clip: ClipShape, padded: Extent) -> Self {
        Self {
            frames: Vec::with_capacity(original.len()),
            quality: Vec::with_capacity(clip.frames),
            original,
            clip,
            padded,
        }
    }

    /// Takes the next frames: planar samples `[3, t, H, W]` of the padded clip.
    fn push(&mut self, planar: &[f32]) -> Result<(), Failure> {
        let ClipShape {
            frames,
            height,
            width,
        } = self.clip;
        let done = self.quality.len();
        let decoded = planar.len() / (3 * self.padded.height * self.padded.width);
        let shape = FrameShape {
            frames: decoded.min(frames - done),
            height,
            width,
        };
        let samples = unit_rgb(planar, self.padded, shape);
        let from = done * shape.frame_len();
        let original = self.original[from..from + samples.len()].to_vec();
        let original = to_unit_f32(&Clip::new(width, height, original).map_err(internal)?);
        let quality = clip_quality(&original, &samples, shape).map_err(internal)?;
        self.quality.extend(quality);
        self.frames
            .extend(samples.iter().map(|sample| (sample * 255.0 + 0.5) as u8));
        Ok(())
    }
}

/// RGB frames `[t, h, w, 3]`, values clamped to [0, 1], cut from planar samples `[3, T, H, W]` of
/// range [-1, 1] and any number of frames T.
fn unit_rgb(planar: &[f32], padded: Extent, cut: FrameShape) -> Vec<f32> {
    let channel = planar.len() / 3;
    let mut rgb = Vec::with_capacity(cut.frames * cut.frame_len());
    for frame in 0..cut.frames {
        for row in 0..cut.height {
            let start = (frame * padded.height + row) * padded.width;
            for pixel in start..start + cut.width {
                let unit = |c: usize| ((planar[c * channel + pixel] + 1.0) / 2.0).clamp(0.0, 1.0);
                rgb.extend([unit(0), unit(1), unit(2)]);
            }
        }
    }
    rgb
}
