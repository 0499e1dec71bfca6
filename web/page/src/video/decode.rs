//! Decoding packets with WebCodecs.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CodecState, EncodedVideoChunk, EncodedVideoChunkInit, EncodedVideoChunkType,
    VideoColorPrimaries, VideoColorSpaceInit, VideoDecoder, VideoDecoderConfig, VideoDecoderInit,
    VideoFrame, VideoMatrixCoefficients, VideoTransferCharacteristics,
};

use super::canvas::{Collector, Picture};
use super::error::VideoError;
use super::fit::Fit;
use super::loaded::{Loaded, USUAL_RATE, Watch};
use super::times;
use super::track::{Bytes, Matrix, Packet, Plan, Track};
use crate::dom;

/// Packets given to the decoder before it has finished earlier ones.
const QUEUE: u32 = 8;

/// Decodes the frames of a plan, one at a time.
pub(crate) async fn decode(
    file: &Blob,
    plan: &Plan,
    fit: Fit,
    watch: &Watch<'_>,
) -> Result<Loaded, VideoError> {
    let config = config(&plan.track);
    if !is_supported(&config).await {
        return Err(VideoError::Unsupported(plan.track.name.clone()));
    }
    let decoder = Decoder::open(plan, fit, &config)?;
    let outcome = decoder.feed(file, plan, watch).await;
    let taken = decoder.sink.borrow_mut().collector.take();
    let starts = std::mem::take(&mut decoder.sink.borrow_mut().starts);
    let (clip, source) = match (taken, outcome) {
        (_, Err(VideoError::Cancelled)) => return Err(VideoError::Cancelled),
        (None, Err(error)) => return Err(error),
        (None, Ok(())) => return Err(VideoError::Damaged("no frame could be decoded".into())),
        (Some(taken), _) => taken,
    };
    let missing = plan.wanted.len() - clip.frames().min(plan.wanted.len());
    let note = (missing > 0).then(|| {
        format!(
            "Only {} of {} frames could be decoded; the file seems damaged after that.",
            clip.frames(),
            plan.wanted.len()
        )
    });
    let rate = rate(&plan.wanted);
    Ok(Loaded {
        clip,
        source,
        rate,
        times: times::from_first(&starts, rate),
        approximate: false,
        kind: plan.track.name.clone(),
        note,
    })
}

/// Frames a second, on average.
fn rate(timestamps: &[i64]) -> f64 {
    match timestamps {
        [first, .., last] if last > first => {
            ((timestamps.len() - 1) as f64 * 1e6 / (last - first) as f64).clamp(1.0, 120.0)
        }
        _ => USUAL_RATE,
    }
}

fn config(track: &Track) -> VideoDecoderConfig {
    let config = VideoDecoderConfig::new(&track.codec);
    if let Some(description) = &track.description {
        config.set_description_u8_array(&Uint8Array::from(description.as_slice()));
    }
    if let Some((width, height)) = track.display {
        config.set_display_aspect_width(width);
        config.set_display_aspect_height(height);
    }
    if let Some(matrix) = track.matrix {
        config.set_color_space(&colours(matrix));
    }
    config
}

/// Said outright, because browsers differ in what they take for granted: Chromium's `<video>` goes
/// by size like every player, its WebCodecs takes BT.709 for all.
pub(super) fn colours(matrix: Matrix) -> VideoColorSpaceInit {
    let (coefficients, primaries, transfer) = match matrix {
        Matrix::Bt601 => (
            VideoMatrixCoefficients::Smpte170m,
            VideoColorPrimaries::Smpte170m,
            VideoTransferCharacteristics::Smpte170m,
        ),
        Matrix::Bt709 => (
            VideoMatrixCoefficients::Bt709,
            VideoColorPrimaries::Bt709,
            VideoTransferCharacteristics::Bt709,
        ),
    };
    let colours = VideoColorSpaceInit::new();
    colours.set_full_range(Some(false));
    colours.set_matrix(Some(coefficients));
    colours.set_primaries(Some(primaries));
    colours.set_transfer(Some(transfer));
    colours
}

async fn is_supported(config: &VideoDecoderConfig) -> bool {
    // Browsers throw instead of answering where they find the configuration malformed.
    JsFuture::from(VideoDecoder::is_config_supported(config))
        .await
        .ok()
        .and_then(|support| support.get_supported())
        .unwrap_or(false)
}

/// What the decoder's callbacks write to.
struct Sink {
    collector: Collector,
    /// Timestamps of the frames collected.
    starts: Vec<i64>,
    first: i64,
    last: i64,
    error: Option<VideoError>,
}

impl Sink {
    fn accept(&mut self, frame: &VideoFrame) {
        let timestamp = frame.timestamp().round() as i64;
        if self.error.is_none() && (self.first..=self.last).contains(&timestamp) {
            match self.collector.push(&Picture::Frame(frame)) {
                Ok(()) => self.starts.push(timestamp),
                Err(error) => self.error = Some(error),
            }
        }
        // An open frame holds one of the few buffers that the decoder has.
        frame.close();
    }
}

/// A decoder with its callbacks, closed when dropped.
struct Decoder {
    decoder: VideoDecoder,
    sink: Rc<RefCell<Sink>>,
    _output: Closure<dyn FnMut(VideoFrame)>,
    _error: Closure<dyn FnMut(JsValue)>,
}

impl Decoder {
    fn open(plan: &Plan, fit: Fit, config: &VideoDecoderConfig) -> Result<Self, VideoError> {
        let sink = Rc::new(RefCell::new(Sink {
            collector: Collector::new(fit, plan.track.rotation)?,
            starts: Vec::new(),
            first: plan.wanted.first().copied().unwrap_or(0),
            last: plan.wanted.last().copied().unwrap_or(0),
            error: None,
        }));
        let frames = Rc::clone(&sink);
        let output = Closure::<dyn FnMut(VideoFrame)>::new(move |frame: VideoFrame| {
            frames.borrow_mut().accept(&frame);
        });
        let errors = Rc::clone(&sink);
        let error = Closure::<dyn FnMut(JsValue)>::new(move |error: JsValue| {
            errors
                .borrow_mut()
                .error
                .get_or_insert(VideoError::Damaged(dom::message(&error)));
        });
        let init = VideoDecoderInit::new(
            error.as_ref().unchecked_ref(),
            output.as_ref().unchecked_ref(),
        );
        let decoder = VideoDecoder::new(&init)?;
        decoder
            .configure(config)
            .map_err(|_| VideoError::Unsupported(plan.track.name.clone()))?;
        Ok(Self {
            decoder,
            sink,
            _output: output,
            _error: error,
        })
    }

    fn frames(&self) -> usize {
        self.sink.borrow().collector.frames()
    }

    async fn feed(&self, file: &Blob, plan: &Plan, watch: &Watch<'_>) -> Result<(), VideoError> {
        let wanted = plan.wanted.len();
        for packet in &plan.packets {
            while self.decoder.decode_queue_size() >= QUEUE {
                self.check(watch, wanted)?;
                dom::sleep(1).await;
            }
            self.check(watch, wanted)?;
            let chunk = chunk(file, packet).await?;
            self.check(watch, wanted)?;
            self.decoder
                .decode(&chunk)
                .map_err(|error| VideoError::Damaged(dom::message(&error)))?;
        }
        let flushed = JsFuture::from(self.decoder.flush()).await;
        self.check(watch, wanted)?;
        flushed
            .map(|_| ())
            .map_err(|error| VideoError::Damaged(dom::message(&error)))
    }

    /// Reports progress; fails if the decoder did or the visitor changed their mind.
    fn check(&self, watch: &Watch<'_>, wanted: usize) -> Result<(), VideoError> {
        if (watch.cancelled)() {
            return Err(VideoError::Cancelled);
        }
        (watch.progress)(self.frames(), wanted);
        self.sink.borrow_mut().error.take().map_or(Ok(()), Err)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        if self.decoder.state() != CodecState::Closed {
            // Nothing is left to do for a decoder that refuses to be closed.
            let _ = self.decoder.close();
        }
    }
}

async fn chunk(file: &Blob, packet: &Packet) -> Result<EncodedVideoChunk, VideoError> {
    let read;
    let bytes = match &packet.bytes {
        Bytes::Here(bytes) => bytes,
        Bytes::InFile { offset, length } => {
            let end = offset.saturating_add(*length);
            if end > file.size() as u64 {
                return Err(VideoError::Damaged("its end is missing".into()));
            }
            read = dom::read_slice(file, *offset, end).await?;
            &read
        }
    };
    let kind = if packet.is_key {
        EncodedVideoChunkType::Key
    } else {
        EncodedVideoChunkType::Delta
    };
    let init =
        EncodedVideoChunkInit::new_with_u8_array(&Uint8Array::from(bytes.as_slice()), 0, kind);
    init.set_timestamp_f64(packet.timestamp as f64);
    EncodedVideoChunk::new(&init).map_err(|error| VideoError::Damaged(dom::message(&error)))
}
