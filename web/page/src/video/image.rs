//! Pictures, moving or not.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, ImageBitmap, ImageDecodeOptions, ImageDecodeResult, ImageDecoder, ImageDecoderInit,
    ImageTrack,
};

use super::canvas::{Collector, Picture};
use super::error::VideoError;
use super::fit::Fit;
use super::loaded::{Loaded, USUAL_RATE, Watch};
use super::times;
use super::track::{Part, Rotation};
use crate::dom;

/// Larger picture files are refused rather than read whole.
const MOST_BYTES: f64 = 256e6;

/// Reads a GIF, WebP, PNG, JPEG or AVIF file.
pub(crate) async fn read(
    file: &Blob,
    mime: &str,
    part: Part,
    fit: Fit,
    watch: &Watch<'_>,
) -> Result<Loaded, VideoError> {
    if file.size() > MOST_BYTES {
        return Err(VideoError::TooLarge((MOST_BYTES / 1e6) as u64));
    }
    let mut collector = Collector::new(fit, Rotation::None)?;
    let (rate, starts) = if dom::offers("ImageDecoder") {
        animated(file, mime, part, &mut collector, watch).await?
    } else {
        still(file, &mut collector).await?;
        (USUAL_RATE, vec![0])
    };
    let (clip, source) = collector
        .take()
        .ok_or(VideoError::StartTooLate(part.start))?;
    let kind = mime.strip_prefix("image/").unwrap_or(mime).to_uppercase();
    Ok(Loaded {
        clip,
        source,
        rate,
        times: times::from_first(&starts, rate),
        approximate: false,
        kind,
        note: None,
    })
}

/// Every frame of an animation from the start on; gives the average rate and when each begins, in
/// microseconds.
async fn animated(
    file: &Blob,
    mime: &str,
    part: Part,
    collector: &mut Collector,
    watch: &Watch<'_>,
) -> Result<(f64, Vec<i64>), VideoError> {
    let bytes = dom::read_slice(file, 0, file.size() as u64).await?;
    let init = ImageDecoderInit::new_with_u8_array(&Uint8Array::from(bytes.as_slice()), mime);
    let decoder = ImageDecoder::new(&init).map_err(damaged)?;
    let read = frames(&decoder, part, collector, watch).await;
    decoder.close();
    read
}

async fn frames(
    decoder: &ImageDecoder,
    part: Part,
    collector: &mut Collector,
    watch: &Watch<'_>,
) -> Result<(f64, Vec<i64>), VideoError> {
    JsFuture::from(decoder.tracks().ready())
        .await
        .map_err(damaged)?;
    let frames = decoder
        .tracks()
        .selected_track()
        .as_ref()
        .map_or(1, ImageTrack::frame_count);
    let mut shown = 0.0;
    let mut time = 0.0;
    let mut starts = Vec::new();
    for index in 0..frames {
        if (watch.cancelled)() {
            return Err(VideoError::Cancelled);
        }
        let options = ImageDecodeOptions::new();
        options.set_frame_index(index);
        let decoded = JsFuture::from(decoder.decode_with_options(&options))
            .await
            .map_err(damaged)?;
        let frame = decoded.unchecked_into::<ImageDecodeResult>().get_image();
        let duration = frame.duration().unwrap_or(0.0) / 1e6;
        let pushed = if time >= part.start || frames as usize == 1 {
            shown += duration;
            starts.push((time * 1e6) as i64);
            collector.push(&Picture::Frame(&frame))
        } else {
            Ok(())
        };
        frame.close();
        pushed?;
        time += duration;
        (watch.progress)(collector.frames(), part.frames.min(frames as usize));
        if collector.frames() >= part.frames {
            break;
        }
    }
    let rate = collector.frames() as f64 / shown;
    let rate = if rate.is_finite() {
        rate.clamp(1.0, 60.0)
    } else {
        USUAL_RATE
    };
    Ok((rate, starts))
}

async fn still(file: &Blob, collector: &mut Collector) -> Result<(), VideoError> {
    let window = web_sys::window().ok_or(VideoError::NotVideo)?;
    let bitmap = JsFuture::from(window.create_image_bitmap_with_blob(file)?)
        .await
        .map_err(damaged)?
        .unchecked_into::<ImageBitmap>();
    let pushed = collector.push(&Picture::Bitmap(&bitmap));
    bitmap.close();
    pushed
}

fn damaged(error: JsValue) -> VideoError {
    VideoError::Damaged(dom::message(&error))
}
