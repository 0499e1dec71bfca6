//! The last resort: let a `<video>` element play what we cannot take apart, and photograph it.
//! Seeking lands near a time, not on a frame, so the result is called approximate.

use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlVideoElement, Url};

use super::canvas::{Collector, Picture};
use super::error::VideoError;
use super::fit::Fit;
use super::loaded::{Loaded, USUAL_RATE, Watch};
use super::times;
use super::track::{Part, Rotation};
use crate::dom;

/// Milliseconds to wait for the browser to open a file or to find a place in it.
const PATIENCE: f64 = 8000.0;
const HAVE_METADATA: u16 = 1;
const HAVE_CURRENT_DATA: u16 = 2;

/// A `<video>` element showing a file, released when dropped.
struct Player {
    video: HtmlVideoElement,
    url: String,
}

impl Player {
    fn open(file: &Blob) -> Result<Self, VideoError> {
        let video: HtmlVideoElement = web_sys::window()
            .and_then(|window| window.document())
            .ok_or(VideoError::NotVideo)?
            .create_element("video")?
            .dyn_into()
            .map_err(|_| VideoError::NotVideo)?;
        let url = Url::create_object_url_with_blob(file)?;
        video.set_muted(true);
        video.set_preload("auto");
        video.set_src(&url);
        Ok(Self { video, url })
    }

    async fn until(
        &self,
        ready: impl Fn(&HtmlVideoElement) -> bool,
        watch: &Watch<'_>,
    ) -> Result<(), VideoError> {
        let deadline = dom::now() + PATIENCE;
        while !ready(&self.video) {
            if (watch.cancelled)() {
                return Err(VideoError::Cancelled);
            }
            if self.video.error().is_some() || dom::now() > deadline {
                return Err(VideoError::NotVideo);
            }
            dom::sleep(4).await;
        }
        Ok(())
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.video.set_src("");
        // An address that cannot be revoked is freed with the page.
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// Takes frames at the usual rate.
pub(crate) async fn read(
    file: &Blob,
    part: Part,
    fit: Fit,
    watch: &Watch<'_>,
) -> Result<Loaded, VideoError> {
    let player = Player::open(file)?;
    player
        .until(|video| video.ready_state() >= HAVE_METADATA, watch)
        .await?;
    let video = &player.video;
    if video.video_width() == 0 {
        return Err(VideoError::NoPictures);
    }
    if part.start >= video.duration() {
        return Err(VideoError::StartTooLate(part.start));
    }
    let mut collector = Collector::new(fit, Rotation::None)?;
    while collector.frames() < part.frames {
        // The middle of a frame is safer than its edge.
        let time = part.start + (collector.frames() as f64 + 0.5) / USUAL_RATE;
        if time >= video.duration() {
            break;
        }
        video.set_current_time(time);
        player
            .until(
                |v| !v.seeking() && v.ready_state() >= HAVE_CURRENT_DATA,
                watch,
            )
            .await?;
        collector.push(&Picture::Video(video))?;
        (watch.progress)(collector.frames(), part.frames);
    }
    let (clip, source) = collector
        .take()
        .ok_or(VideoError::StartTooLate(part.start))?;
    Ok(Loaded {
        times: times::even(clip.frames(), USUAL_RATE),
        clip,
        source,
        rate: USUAL_RATE,
        approximate: true,
        kind: "browser playback".into(),
        note: Some(
            "Frames are approximate: this file was played and photographed, not taken apart."
                .into(),
        ),
    })
}
