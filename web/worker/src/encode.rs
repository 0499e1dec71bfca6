//! Clip to latent.

use burn::tensor::{Device, Tensor};
use clips::{Clip, pad_frames, pad_to_multiple, to_planar_f32};
use protocol::{ClipShape, Failure, LatentReport, Stage};

use crate::codec::{Codec, Host, check_clip, read, tensor};
use crate::failure::internal;
use crate::latent::Latent;

/// What encoding gives.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// The posterior mean of the padded clip, `[C, T', H', W']`.
    pub(crate) latent: Vec<f32>,
    pub(crate) report: LatentReport,
}

impl Codec {
    /// Encodes a clip of RGB frames `[T, H, W, 3]`, chunk by chunk.
    ///
    /// The last frame, row and column are repeated up to the next size that the model takes; the
    /// latent is that of the padded clip.
    pub(crate) async fn encode(
        &self,
        rgb: Vec<u8>,
        shape: ClipShape,
        host: &impl Host,
    ) -> Result<Encoded, Failure> {
        check_clip(&rgb, shape)?;
        let padded = self.padded(shape);
        self.check_budget(padded)?;
        let clip = Clip::new(shape.width, shape.height, rgb).map_err(internal)?;
        let clip = pad_to_multiple(&clip, self.size_step()).map_err(internal)?;
        let clip = pad_frames(&clip, padded.frames).map_err(internal)?;

        let config = self.model.config();
        let mut stream = self.model.encoder_stream();
        let mut latents = Vec::new();
        let total = shape.frames as u64;
        let started = host.now();
        host.progress(Stage::Encode, 0, total);
        for frames in config.encode_plan(padded.frames) {
            let end = frames.end as u64;
            let dims = [1, 3, frames.len(), padded.height, padded.width];
            let bytes = frames.start * clip.frame_len()..frames.end * clip.frame_len();
            let chunk = Clip::new(padded.width, padded.height, clip.data()[bytes].to_vec());
            let planar = to_planar_f32(&chunk.map_err(internal)?);
            let mean = stream.push(tensor(planar, dims, &self.device)).mean;
            let dims = mean.dims();
            latents.push(tensor(read(mean, host).await?, dims, &Device::flex()));
            host.progress(Stage::Encode, end.min(total), total);
        }
        let milliseconds = host.now() - started;

        let latent = Latent::new(config, Tensor::cat(latents, 2));
        let groups = latent.groups(host).await?;
        let (bands, autocorrelation) = latent.bands(host).await?;
        let report = LatentReport {
            shape: latent.shape(),
            groups,
            bands,
            autocorrelation,
            milliseconds,
        };
        Ok(Encoded {
            latent: read(latent.values(), host).await?,
            report,
        })
    }
}
