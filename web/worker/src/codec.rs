//! A model on a device, and what its jobs need from whoever runs them.

use burn::tensor::{Device, Tensor, TensorData};
use clips::{Clip, Extent};
use protocol::{ClipShape, Failure, Stage};
use vae::{Autoencoder, Shot};

use crate::budget;
use crate::failure::{bad_request, internal};

/// A model on a device, ready for jobs.
#[derive(Debug)]
pub(crate) struct Codec {
    pub(crate) model: Autoencoder,
    pub(crate) device: Device,
    /// Largest single buffer in bytes.
    pub(crate) max_buffer: u64,
}

/// The surroundings of a job.
pub(crate) trait Host {
    /// Tells how far the job is.
    fn progress(&self, stage: Stage, done: u64, total: u64);

    /// Milliseconds since some fixed point.
    fn now(&self) -> f64;

    /// Fails if the device has reported trouble. GPU errors arrive beside the results, never in
    /// them, so this is asked whenever results have been waited for.
    fn check(&self) -> Result<(), Failure>;
}

impl Codec {
    /// Height and width are padded to multiples of this, so that any mask can be applied.
    pub(crate) fn size_step(&self) -> usize {
        self.model.config().maskable_step()
    }

    /// How a clip is coded: each of its shots by itself.
    pub(crate) fn shots(&self, clip: &Clip) -> Vec<Shot> {
        self.model.config().plan_shots(&clips::shots(clip))
    }

    /// Rows and columns of a clip after padding.
    pub(crate) fn padded(&self, clip: ClipShape) -> [usize; 2] {
        [clip.height, clip.width].map(|side| side.next_multiple_of(self.size_step()))
    }

    /// Fails if the largest chunk of a clip of these shots does not fit the device.
    pub(crate) fn check_budget(&self, shots: &[Shot], clip: ClipShape) -> Result<(), Failure> {
        let config = self.model.config();
        let longest = shots.iter().map(|shot| shot.padded).max().unwrap_or(0);
        let plan = config.encode_plan(longest);
        let frames = plan.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        // A causal decoder also carries and looks at two latents beside those of the chunk.
        let beside = 2 * config.frame_rule().step * config.frame_rule().offset;
        let [height, width] = self.padded(clip);
        let chunk = Extent {
            frames: frames + beside,
            height,
            width,
        };
        budget::check(
            budget::Model {
                base: config.base_channels(),
                attends: config.attends(),
                pixels_per_latent: config.pixels_per_latent(),
            },
            chunk,
            self.size_step(),
            self.max_buffer,
        )
    }

    /// Sends the smallest clip once through both halves: a GPU compiles its shaders at first use,
    /// and that should not look like a slow first encoding.
    pub(crate) async fn warm_up(&self, host: &impl Host) -> Result<(), Failure> {
        let config = self.model.config();
        let side = self.size_step();
        let mut encoder = self.model.encoder_stream();
        let mut latents = Vec::new();
        for frames in config.encode_plan(config.frame_rule().padded(2)) {
            let clip = Tensor::zeros([1, 3, frames.len(), side, side], &self.device);
            latents.push(encoder.push(clip).mean);
        }
        let latent = Tensor::cat(latents, 2);
        let mut decoder = self.model.decoder_stream();
        for chunk in config.decode_plan(latent.dims()[2]) {
            let part = latent.clone().slice_dim(2, chunk.latents.clone());
            read(decoder.push(part, &chunk), host).await?;
        }
        Ok(())
    }
}

/// The values of a tensor, in row-major order, once they are there.
pub(crate) async fn read(tensor: Tensor<5>, host: &impl Host) -> Result<Vec<f32>, Failure> {
    let data = tensor.into_data_async().await;
    host.check()?;
    data.map_err(internal)?
        .try_into_vec::<f32>()
        .map_err(|error| internal(format!("{error:?}")))
}

/// A tensor of these values.
pub(crate) fn tensor(values: Vec<f32>, shape: [usize; 5], device: &Device) -> Tensor<5> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Fails unless the bytes are those of a clip of this shape.
pub(crate) fn check_clip(rgb: &[u8], clip: ClipShape) -> Result<(), Failure> {
    let expected = clip.frames * clip.height * clip.width * 3;
    if expected == 0 {
        return Err(bad_request("The clip has no pixels; choose another video."));
    }
    if rgb.len() != expected {
        let message = "The clip's pixels do not fit its size; reload the page and try again.";
        return Err(bad_request(message));
    }
    Ok(())
}
