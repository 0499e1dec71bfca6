//! The device and the model that stay between requests, and what each request does.

use burn::module::Module;
use burn::tensor::Device;
use js_sys::{ArrayBuffer, Float32Array, Uint8Array};
use protocol::{
    DeviceChoice, DeviceReport, Failure, ModelReport, ModelSource, ReplyBody, RequestBody, Stage,
};
use vae::{Autoencoder, ModelConfig, WeightsError};

use super::weights::bad_model;
use super::{device, trouble, weights};
use crate::codec::{Codec, Host};
use crate::decode::DecodeJob;
use crate::failure::bad_request;

type Answer = (ReplyBody, Vec<ArrayBuffer>);

/// What stays between requests.
#[derive(Debug, Default)]
pub(crate) struct Session {
    opened: Option<(Device, DeviceReport)>,
    codec: Option<Codec>,
}

impl Session {
    /// Does what a request asks.
    pub(crate) async fn answer(
        &mut self,
        body: RequestBody,
        buffers: Vec<ArrayBuffer>,
        host: &impl Host,
    ) -> Result<Answer, Failure> {
        trouble::check()?;
        let answer = match body {
            RequestBody::Start { device } => self.start(device).await,
            RequestBody::Load { model } => self.load(model, &buffers, host).await,
            RequestBody::Encode { clip } => {
                let encoded = self
                    .codec()?
                    .encode(bytes(&buffers, 0)?, clip, host)
                    .await?;
                let latent = Float32Array::from(encoded.latent.as_slice());
                Ok((ReplyBody::Encoded(encoded.report), vec![latent.buffer()]))
            }
            RequestBody::Decode { latent, clip, mask } => {
                let job = DecodeJob {
                    latent: Float32Array::new(buffer(&buffers, 0)?).to_vec(),
                    latent_shape: latent,
                    original: bytes(&buffers, 1)?,
                    clip,
                    mask,
                };
                let decoded = self.codec()?.decode(job, host).await?;
                let frames = Uint8Array::from(decoded.frames.as_slice());
                Ok((ReplyBody::Decoded(decoded.report), vec![frames.buffer()]))
            }
        };
        self.clean_up();
        answer
    }

    async fn start(&mut self, choice: DeviceChoice) -> Result<Answer, Failure> {
        if self.opened.is_some() {
            return Err(bad_request("This worker has its device already."));
        }
        let (_, report) = self.opened.insert(device::open(choice).await);
        Ok((ReplyBody::Ready(report.clone()), Vec::new()))
    }

    async fn load(
        &mut self,
        model: ModelSource,
        buffers: &[ArrayBuffer],
        host: &impl Host,
    ) -> Result<Answer, Failure> {
        let started = host.now();
        let Some((device, opened)) = &self.opened else {
            return Err(bad_request(
                "The worker has no device yet; reload the page.",
            ));
        };
        let (name, config, weights, cached) = match model {
            ModelSource::Shipped(entry) => {
                let files = weights::get(&entry, host).await?;
                (entry.name, Some(files.config), files.weights, files.cached)
            }
            ModelSource::Files { name, config } => (name, config, bytes(buffers, 0)?, false),
        };
        host.progress(Stage::Prepare, 0, 0);
        let config = match config {
            Some(text) => ModelConfig::from_json(&text).map_err(bad_model)?,
            None => ModelConfig::of_weights(&weights).map_err(unknown_weights)?,
        };
        let codec = Codec {
            model: Autoencoder::load(&config, &weights, device).map_err(bad_model)?,
            device: device.clone(),
            max_buffer: opened.max_buffer,
        };
        if opened.gpu {
            codec.warm_up(host).await?;
        }
        let report = ModelReport {
            name,
            channels: config.channels(),
            parameters: codec.model.num_params(),
            frame_step: config.frame_rule().step,
            frame_offset: config.frame_rule().offset,
            size_step: codec.size_step(),
            mask: config.mask().clone(),
            cached,
            milliseconds: host.now() - started,
        };
        self.codec = Some(codec);
        Ok((ReplyBody::Loaded(report), Vec::new()))
    }

    fn codec(&self) -> Result<&Codec, Failure> {
        self.codec
            .as_ref()
            .ok_or_else(|| bad_request("No model is loaded yet; choose one first."))
    }

    /// Buffers are kept for reuse within a job, but the next one may need other sizes.
    fn clean_up(&self) {
        if let Some((device, _)) = &self.opened {
            device.memory_cleanup();
        }
    }
}

/// Weights that do not tell their model.
fn unknown_weights(error: WeightsError) -> Failure {
    match error {
        WeightsError::Unrecognised => bad_model(
            "These weights do not show which model they belong to; drop its config (.json) \
             together with them.",
        ),
        other => bad_model(other),
    }
}

fn buffer(buffers: &[ArrayBuffer], index: usize) -> Result<&ArrayBuffer, Failure> {
    let missing = || bad_request("The request came without its data; reload the page.");
    buffers.get(index).ok_or_else(missing)
}

fn bytes(buffers: &[ArrayBuffer], index: usize) -> Result<Vec<u8>, Failure> {
    Ok(Uint8Array::new(buffer(buffers, index)?).to_vec())
}
