//! The messages between the page and its worker: one enum each way.
//!
//! The worker keeps no clip. It is told everything a job needs and gives back everything the job
//! made, so that cancelling a job, losing a GPU or switching devices is: end the worker, start
//! another, and carry on with what the page already holds. Bulk data (frames, latents, weights)
//! travels beside a message as transferred `ArrayBuffer`s, see `wire`.

use analysis::{Autocorrelation, Energy, FrameQuality};
use serde::{Deserialize, Serialize};
use wavelet::MaskChoice;

#[cfg(target_arch = "wasm32")]
pub mod wire;

/// What the page asks, with an id that every reply repeats.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the page, unique in its lifetime.
    pub id: u32,
    /// The question.
    pub body: RequestBody,
}

/// The questions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RequestBody {
    /// Open a device; answered by [`ReplyBody::Ready`]. Must come first, once.
    Start {
        /// Which device.
        device: DeviceChoice,
    },
    /// Make a model ready; answered by [`ReplyBody::Loaded`].
    Load {
        /// Where it comes from. For [`ModelSource::Files`] buffer 0 is the weight file.
        model: ModelSource,
    },
    /// Encode a clip; answered by [`ReplyBody::Encoded`]. Buffer 0: RGB frames, u8, `[T, H, W, 3]`.
    Encode {
        /// The clip's shape.
        clip: ClipShape,
    },
    /// Decode a latent, zeroing what the mask drops; answered by [`ReplyBody::Decoded`].
    /// Buffer 0: the latent, f32, `[C, T', H', W']`; buffer 1: the original clip's frames.
    Decode {
        /// The latent's shape `[C, T', H', W']`.
        latent: [usize; 4],
        /// The original clip's shape; the reconstruction is cut to it.
        clip: ClipShape,
        /// What is kept.
        mask: MaskChoice,
    },
}

/// Which device the worker should use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// WebGPU if the adapter is real, else the CPU.
    #[default]
    Auto,
    /// WebGPU, also on a software adapter (`?device=gpu`).
    Gpu,
    /// The CPU (`?device=cpu`).
    Cpu,
}

/// Where a model comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ModelSource {
    /// A model that is published with the page.
    Shipped(ModelEntry),
    /// Files of the visitor: the weights as buffer 0, and a config if there is one beside them.
    Files {
        /// A name to show.
        name: String,
        /// The config's JSON; without it, the names and shapes of the weights tell the model.
        config: Option<String>,
    },
}

/// A model of `models/index.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Unique and stable, also used in the page's address.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is listed under, for people: models that are to be compared.
    pub family: String,
    /// One sentence: what it is and what to expect.
    pub summary: String,
    /// Config file, relative to `models/`.
    pub config: String,
    /// Weight file, relative to `models/`.
    pub weights: String,
    /// Size of the weight file in bytes.
    pub bytes: u64,
    /// SHA-256 of the weight file, lower-case hexadecimal.
    pub sha256: String,
    /// The mask it was trained with: what the page decodes first.
    pub mask: MaskChoice,
}

/// Shape of a clip of RGB frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipShape {
    /// Frames.
    pub frames: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// What the worker answers, with the id of the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    /// The request's id.
    pub id: u32,
    /// The answer.
    pub body: ReplyBody,
}

/// The answers. [`Progress`](Self::Progress) may come many times, any other ends the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ReplyBody {
    /// Sent once, unasked, with id 0, when the worker listens: what is posted to a worker whose
    /// module is still loading would be lost.
    Awake,
    /// Where the work is.
    Progress(Progress),
    /// The device is open.
    Ready(DeviceReport),
    /// The model is ready.
    Loaded(ModelReport),
    /// Buffer 0: the posterior mean of the padded shots, f32, `[C, T', H', W']`.
    Encoded(LatentReport),
    /// Buffer 0: RGB frames of the reconstruction, u8, in the shape of the request's clip.
    Decoded(ReconstructionReport),
    /// It did not work.
    Failed(Failure),
}

/// Where the work is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Units done (bytes or frames).
    pub done: u64,
    /// Units in all; 0 if unknown.
    pub total: u64,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Fetching weights; units are bytes.
    Fetch,
    /// Building the model and, on a GPU, compiling its shaders.
    Prepare,
    /// Encoding; units are frames.
    Encode,
    /// Decoding; units are frames.
    Decode,
}

/// The device that is in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// Whether it is a GPU.
    pub gpu: bool,
    /// Its name, as far as the browser tells.
    pub name: String,
    /// Why this device and not another, one sentence for people.
    pub reason: String,
    /// Number format of weights and activations, for example `"f32"`.
    pub precision: String,
    /// Largest single buffer in bytes; 0 if unlimited.
    pub max_buffer: u64,
}

/// The model that is ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// For people.
    pub name: String,
    /// Latent channels C.
    pub channels: usize,
    /// Parameters.
    pub parameters: usize,
    /// Clip lengths: `frames % frame_step == frame_offset` (others are padded).
    pub frame_step: usize,
    /// See `frame_step`.
    pub frame_offset: usize,
    /// Height and width must be multiples of this (others are padded).
    pub size_step: usize,
    /// The mask of its config.
    pub mask: MaskChoice,
    /// Whether the weights came from the browser's cache.
    pub cached: bool,
    /// Milliseconds to fetch and to prepare.
    pub milliseconds: f64,
}

/// What a latent is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentReport {
    /// `[C, T', H', W']`.
    pub shape: [usize; 4],
    /// First frames of the clip's shots, each of which is coded by itself: 0, and the hard cuts. A
    /// model that takes whole segments of 32 frames codes all as one.
    pub shots: Vec<usize>,
    /// Energy of the 32 Multi-WT groups, per channel, in group order.
    pub groups: Energy,
    /// Energy of the 8 one-level bands, per channel, in band order.
    pub bands: Energy,
    /// Lag-1 autocorrelation of the 8 one-level bands, per channel, in band order.
    pub autocorrelation: Autocorrelation,
    /// Milliseconds to encode.
    pub milliseconds: f64,
}

/// What a reconstruction is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReconstructionReport {
    /// What was kept.
    pub mask: MaskChoice,
    /// Share of coefficients kept, 0 to 1.
    pub keep_ratio: f64,
    /// Share of energy kept, 0 to 1.
    pub retained_energy: f64,
    /// Coefficients stored for this clip after masking.
    pub stored_values: usize,
    /// PSNR and SSIM per frame against the original, before rounding to bytes.
    pub quality: Vec<FrameQuality>,
    /// Milliseconds to decode.
    pub milliseconds: f64,
}

/// Why a request did not work.
///
/// After [`DeviceLost`](FailureKind::DeviceLost), [`OutOfMemory`](FailureKind::OutOfMemory) or
/// [`Internal`](FailureKind::Internal) the worker may be of no more use: end it and start another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind, so that the page can offer the right way out.
    pub kind: FailureKind,
    /// One plain sentence for people: what is wrong and what to do.
    pub message: String,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No device could be opened.
    NoDevice,
    /// The device went away while working.
    DeviceLost,
    /// Too little memory for this size.
    OutOfMemory,
    /// Weights could not be fetched.
    Network,
    /// Weights fail their checksum, or do not fit their config.
    BadModel,
    /// The request does not make sense now (no model loaded, wrong shapes).
    BadRequest,
    /// Anything else.
    Internal,
}
