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
    /// The posterior mean of the padded shots, `[C, T', H', W']`.
    pub(crate) latent: Vec<f32>,
    pub(crate) report: LatentReport,
}

impl Codec {
    /// Encodes a clip of RGB frames `[T, H, W, 3]`, shot by shot and chunk by chunk.
    ///
    /// The last row, column, and frame of a shot are repeated up to the next size that the model
    /// takes; the latent is that of the padded shots.
    pub(crate) async fn encode(
        &self,
        rgb: Vec<u8>,
        shape: ClipShape,
        host: &impl Host,
    ) -> Result<Encoded, Failure> {
        check_clip(&rgb, shape)?;
        let clip = Clip::new(shape.width, shape.height, rgb).map_err(internal)?;
        let shots = self.shots(&clip);
        self.check_budget(&shots, shape)?;
        let clip = pad_to_multiple(&clip, self.size_step()).map_err(internal)?;

        let config = self.model.config();
        let mut latents = Vec::new();
        let total = shape.frames as u64;
        let started = host.now();
        host.progress(Stage::Encode, 0, total);
        for shot in &shots {
            let part = clip.part(shot.frames.clone());
            let padded = pad_frames(&part, shot.padded).map_err(internal)?;
            let mut stream = self.model.encoder_stream();
            for chunk in config.encode_plan(shot.padded) {
                let done = (shot.frames.start + chunk.end).min(shot.frames.end) as u64;
                let dims = [1, 3, chunk.len(), padded.height(), padded.width()];
                let planar = to_planar_f32(&padded.part(chunk));
                let mean = stream.push(tensor(planar, dims, &self.device)).mean;
                let dims = mean.dims();
                latents.push(tensor(read(mean, host).await?, dims, &Device::flex()));
                host.progress(Stage::Encode, done, total);
            }
        }
        let milliseconds = host.now() - started;

        let starts = shots.iter().map(|shot| shot.frames.start).collect();
        let latent = Latent::new(config, Tensor::cat(latents, 2), &shots);
        let groups = latent.groups(host).await?;
        let (bands, autocorrelation) = latent.bands(host).await?;
        let report = LatentReport {
            shape: latent.shape(),
            shots: starts,
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
