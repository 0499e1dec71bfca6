//! Reading a file, whatever it is.

use web_sys::Blob;

use super::error::VideoError;
use super::fit::Fit;
use super::loaded::{Loaded, Watch};
use super::sniff::{self, Kind};
use super::track::{Part, Plan};
use super::{decode, image, matroska, mp4, seek};
use crate::dom;

/// Reads the frames of a part of a file.
pub(crate) async fn read(
    file: &Blob,
    part: Part,
    fit: Fit,
    watch: &Watch<'_>,
) -> Result<Loaded, VideoError> {
    if file.size() == 0.0 {
        return Err(VideoError::Empty);
    }
    let end = (file.size() as u64).min(sniff::HEAD);
    let kind = sniff::of(&dom::read_slice(file, 0, end).await?);
    if let Kind::Image(mime) = kind {
        return image::read(file, mime, part, fit, watch).await;
    }
    let error = match coded(file, kind, part, fit, watch).await {
        Ok(loaded) => return Ok(loaded),
        Err(error @ (VideoError::NoPictures | VideoError::StartTooLate(_))) => return Err(error),
        Err(VideoError::Cancelled) => return Err(VideoError::Cancelled),
        Err(error) => error,
    };
    match seek::read(file, part, fit, watch).await {
        // What our own reader found is the better explanation.
        Err(VideoError::NotVideo) => Err(error),
        outcome => outcome,
    }
}

async fn coded(
    file: &Blob,
    kind: Kind,
    part: Part,
    fit: Fit,
    watch: &Watch<'_>,
) -> Result<Loaded, VideoError> {
    let plan = plan(file, kind, part, watch.cancelled).await?;
    if !dom::offers("VideoDecoder") {
        return Err(VideoError::Unsupported(plan.track.name));
    }
    decode::decode(file, &plan, fit, watch).await
}

async fn plan(
    file: &Blob,
    kind: Kind,
    part: Part,
    cancelled: &dyn Fn() -> bool,
) -> Result<Plan, VideoError> {
    match kind {
        Kind::Mp4 => mp4::plan(file, part, cancelled).await,
        Kind::Matroska => matroska::plan(file, part, cancelled).await,
        Kind::Foreign(name) => Err(VideoError::Unsupported(format!("{name} files"))),
        Kind::Image(_) | Kind::Unknown => Err(VideoError::NotVideo),
    }
}
