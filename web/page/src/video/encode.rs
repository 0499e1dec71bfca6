//! Encoding frames with WebCodecs.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CodecState, EncodedVideoChunk, EncodedVideoChunkType, LatencyMode, VideoEncoder,
    VideoEncoderConfig, VideoEncoderEncodeOptions, VideoEncoderInit, VideoFrame,
    VideoFrameBufferInit, VideoPixelFormat,
};

use super::decode::colours;
use super::i420::i420;
use super::loaded::Watch;
use super::times;
use super::track::Matrix;
use super::webm::{self, Codec, CodedFrame, Track};
use crate::dom;

/// The bitrate in bits for every pixel of every frame. Videos for the web get a fortieth of it, but
/// these are small and short, and it should be the autoencoder's loss that one sees, not the
/// encoder's. Measured on the sample scenes in Chromium: 2 bits leave more noise in rich textures, 8
/// change hardly anything any more, and what is not needed is not spent.
const BITS_PER_PIXEL: f64 = 4.0;
/// Less than this starves even tiny pictures, whose headers are as long as anybody's.
const LEAST_BITRATE: f64 = 500e3;
/// Frames from one key frame to the next: players jump to key frames only.
const KEY_EVERY: usize = 64;
/// Frames given to the encoder before it has finished earlier ones.
const QUEUE: u32 = 8;
/// Milliseconds of work after which the browser gets its turn.
const PATIENCE: f64 = 12.0;

/// What is to become a video.
pub(crate) struct Film<'a> {
    /// Columns and rows of a frame.
    pub(crate) size: (usize, usize),
    /// When each frame is shown, in microseconds from the first; ascending.
    pub(crate) times: &'a [i64],
    /// Frames a second, on average.
    pub(crate) rate: f64,
    /// The RGB samples of a frame, row by row.
    pub(crate) frame: &'a dyn Fn(usize) -> Vec<u8>,
}

/// A video file.
pub(crate) struct Made {
    /// The WebM file.
    pub(crate) file: Vec<u8>,
    /// The codec, for people.
    pub(crate) codec: &'static str,
    /// Its length in seconds.
    pub(crate) seconds: f64,
}

/// Why frames give no file, in words for the person who wants it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error(
        "This browser cannot encode video: it has no VideoEncoder (WebCodecs). Use a current Chrome, Edge or Firefox."
    )]
    NoEncoder,
    #[error(
        "This browser encodes neither VP9 nor VP8 at {0} × {1} pixels. Use a current Chrome, Edge or Firefox."
    )]
    NoCodec(usize, usize),
    #[error("The browser could not encode the video ({0}). Try again.")]
    Failed(String),
    #[error("Stopped.")]
    Cancelled,
}

impl From<JsValue> for EncodeError {
    fn from(error: JsValue) -> Self {
        Self::Failed(dom::message(&error))
    }
}

/// Encodes a film into a WebM file: VP9, or VP8 where the browser has no VP9.
pub(crate) async fn encode(film: &Film<'_>, watch: &Watch<'_>) -> Result<Made, EncodeError> {
    if !dom::offers("VideoEncoder") {
        return Err(EncodeError::NoEncoder);
    }
    let (codec, config) = choose(film).await?;
    let encoder = Encoder::open(&config)?;
    encoder.feed(film, watch).await?;
    let frames = std::mem::take(&mut encoder.sink.borrow_mut().frames);
    if frames.len() != film.times.len() {
        let (some, all) = (frames.len(), film.times.len());
        return Err(EncodeError::Failed(format!("{some} of {all} frames came")));
    }
    let end = times::ends(film.times, film.rate).last().copied();
    let track = Track {
        codec,
        width: film.size.0,
        height: film.size.1,
        frames: &frames,
        end: end.unwrap_or(0),
        rate: times::are_even(film.times, film.rate).then_some(film.rate),
    };
    Ok(Made {
        file: webm::write(&track),
        codec: codec.name(),
        seconds: track.end as f64 / 1e6,
    })
}

/// The first codec that the browser encodes, and how.
async fn choose(film: &Film<'_>) -> Result<(Codec, VideoEncoderConfig), EncodeError> {
    for codec in [Codec::Vp9, Codec::Vp8] {
        let config = config(codec, film);
        // Browsers throw instead of answering where they find the configuration malformed.
        let support = JsFuture::from(VideoEncoder::is_config_supported(&config)).await;
        if support.is_ok_and(|support| support.get_supported() == Some(true)) {
            return Ok((codec, config));
        }
    }
    let (width, height) = film.size;
    Err(EncodeError::NoCodec(width, height))
}

fn config(codec: Codec, film: &Film<'_>) -> VideoEncoderConfig {
    let (width, height) = film.size;
    // Profile 0, level 4.1, 8 bits; VP8 has one name only.
    let name = match codec {
        Codec::Vp9 => "vp09.00.41.08",
        Codec::Vp8 => "vp8",
    };
    let config = VideoEncoderConfig::new(name, height as u32, width as u32);
    let pixels = (width * height) as f64 * film.rate;
    config.set_bitrate_f64((pixels * BITS_PER_PIXEL).max(LEAST_BITRATE).round());
    config.set_framerate(film.rate);
    // In a hurry, encoders leave frames out.
    config.set_latency_mode(LatencyMode::Quality);
    config
}

/// A frame for the encoder, in the colours that the file will say it has.
fn frame(film: &Film<'_>, index: usize, end: i64) -> Result<VideoFrame, JsValue> {
    let (width, height) = film.size;
    let planes = i420(&(film.frame)(index), width, height);
    let start = film.times[index];
    let init = VideoFrameBufferInit::new_with_f64(
        height as u32,
        width as u32,
        VideoPixelFormat::I420,
        start as f64,
    );
    init.set_duration_f64((end - start) as f64);
    // BT.601 throughout. The primaries are really those of BT.709, and the file says so, but Chromium
    // goes by them when it writes into a VP9 stream which *matrix* there is.
    init.set_color_space(&colours(Matrix::Bt601));
    let planes = Uint8Array::from(planes.as_slice());
    VideoFrame::new_with_u8_array_and_video_frame_buffer_init(&planes, &init)
}

/// What the encoder's callbacks write to.
#[derive(Default)]
struct Sink {
    frames: Vec<CodedFrame>,
    error: Option<EncodeError>,
}

impl Sink {
    fn accept(&mut self, chunk: &EncodedVideoChunk) -> Result<(), JsValue> {
        let bytes = Uint8Array::new_with_length(chunk.byte_length());
        chunk.copy_to_with_u8_array(&bytes)?;
        self.frames.push(CodedFrame {
            time: chunk.timestamp().round() as i64,
            is_key: chunk.type_() == EncodedVideoChunkType::Key,
            bytes: bytes.to_vec(),
        });
        Ok(())
    }
}

/// An encoder with its callbacks, closed when dropped.
struct Encoder {
    encoder: VideoEncoder,
    sink: Rc<RefCell<Sink>>,
    _output: Closure<dyn FnMut(EncodedVideoChunk)>,
    _error: Closure<dyn FnMut(JsValue)>,
}

impl Encoder {
    fn open(config: &VideoEncoderConfig) -> Result<Self, EncodeError> {
        let sink = Rc::new(RefCell::new(Sink::default()));
        let chunks = Rc::clone(&sink);
        let output = Closure::<dyn FnMut(EncodedVideoChunk)>::new(move |chunk| {
            let mut sink = chunks.borrow_mut();
            if let Err(error) = sink.accept(&chunk) {
                sink.error.get_or_insert(error.into());
            }
        });
        let errors = Rc::clone(&sink);
        let error = Closure::<dyn FnMut(JsValue)>::new(move |error: JsValue| {
            errors.borrow_mut().error.get_or_insert(error.into());
        });
        let init = VideoEncoderInit::new(
            error.as_ref().unchecked_ref(),
            output.as_ref().unchecked_ref(),
        );
        let encoder = VideoEncoder::new(&init)?;
        encoder.configure(config)?;
        Ok(Self {
            encoder,
            sink,
            _output: output,
            _error: error,
        })
    }

    async fn feed(&self, film: &Film<'_>, watch: &Watch<'_>) -> Result<(), EncodeError> {
        let total = film.times.len();
        let ends = times::ends(film.times, film.rate);
        let mut pause = dom::now();
        for (index, end) in ends.into_iter().enumerate().take(total) {
            self.check(watch, total)?;
            while self.encoder.encode_queue_size() >= QUEUE || dom::now() - pause > PATIENCE {
                dom::sleep(1).await;
                self.check(watch, total)?;
                pause = dom::now();
            }
            let options = VideoEncoderEncodeOptions::new();
            options.set_key_frame(index.is_multiple_of(KEY_EVERY));
            let frame = frame(film, index, end)?;
            let given = self.encoder.encode_with_options(&frame, &options);
            frame.close();
            given?;
        }
        self.flush(watch, total).await
    }

    /// Waits for what the encoder still has, but not longer than the visitor does.
    async fn flush(&self, watch: &Watch<'_>, total: usize) -> Result<(), EncodeError> {
        let flushed = Rc::new(RefCell::new(None));
        let answer = Rc::clone(&flushed);
        let promise = JsFuture::from(self.encoder.flush());
        spawn_local(async move {
            let outcome = promise.await.map(|_| ());
            *answer.borrow_mut() = Some(outcome);
        });
        loop {
            self.check(watch, total)?;
            if let Some(outcome) = flushed.borrow_mut().take() {
                return Ok(outcome?);
            }
            dom::sleep(1).await;
        }
    }

    /// Reports progress; fails if the encoder did or the visitor changed their mind.
    fn check(&self, watch: &Watch<'_>, total: usize) -> Result<(), EncodeError> {
        if (watch.cancelled)() {
            return Err(EncodeError::Cancelled);
        }
        let mut sink = self.sink.borrow_mut();
        (watch.progress)(sink.frames.len(), total);
        sink.error.take().map_or(Ok(()), Err)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        if self.encoder.state() != CodecState::Closed {
            // Nothing is left to do for an encoder that refuses to be closed.
            let _ = self.encoder.close();
        }
    }
}
