//! From whatever the browser decoded to frames of a clip.

use clips::{Clip, Frame};
use web_sys::{HtmlCanvasElement, HtmlVideoElement, ImageBitmap, VideoFrame};

use super::error::VideoError;
use super::fit::Fit;
use super::track::Rotation;
use crate::dom;

/// Larger pictures are scaled down by the canvas first, so that memory stays bounded.
const LONGEST: f64 = 1024.0;

/// Something that a canvas can draw.
pub(crate) enum Picture<'a> {
    Frame(&'a VideoFrame),
    Video(&'a HtmlVideoElement),
    Bitmap(&'a ImageBitmap),
}

impl Picture<'_> {
    fn size(&self) -> (f64, f64) {
        let (width, height) = match self {
            Self::Frame(frame) => (frame.display_width(), frame.display_height()),
            Self::Video(video) => (video.video_width(), video.video_height()),
            Self::Bitmap(bitmap) => (bitmap.width(), bitmap.height()),
        };
        (width.into(), height.into())
    }
}

/// Collects fitted frames.
pub(crate) struct Collector {
    fit: Fit,
    rotation: Rotation,
    canvas: HtmlCanvasElement,
    clip: Option<Clip>,
    /// Columns and rows of the source, upright.
    source: (u32, u32),
}

impl Collector {
    pub(crate) fn new(fit: Fit, rotation: Rotation) -> Result<Self, VideoError> {
        Ok(Self {
            fit,
            rotation,
            canvas: dom::new_canvas(1, 1)?,
            clip: None,
            source: (0, 0),
        })
    }

    /// Frames so far.
    pub(crate) fn frames(&self) -> usize {
        self.clip.as_ref().map_or(0, Clip::frames)
    }

    /// The clip and the size of its source; `None` if there was no frame.
    pub(crate) fn take(&mut self) -> Option<(Clip, (u32, u32))> {
        Some((self.clip.take()?, self.source))
    }

    /// Draws, reads back and fits one picture.
    pub(crate) fn push(&mut self, picture: &Picture<'_>) -> Result<(), VideoError> {
        let (width, height) = picture.size();
        let upright = if self.rotation.is_sideways() {
            (height, width)
        } else {
            (width, height)
        };
        if width < 1.0 || height < 1.0 {
            return Err(VideoError::NoPictures);
        }
        let frame = self.read(picture, (width, height), upright)?;
        let clip = match &mut self.clip {
            Some(clip) => clip,
            None => {
                let (width, height) = self.fit.extent(upright.0, upright.1);
                self.source = (upright.0 as u32, upright.1 as u32);
                self.clip.insert(Clip::empty(width, height)?)
            }
        };
        clip.push_frame(&clips::fit(&frame, clip.width(), clip.height())?)?;
        Ok(())
    }

    fn read(
        &self,
        picture: &Picture<'_>,
        (width, height): (f64, f64),
        upright: (f64, f64),
    ) -> Result<Frame, VideoError> {
        let scale = (LONGEST / width.max(height)).min(1.0);
        let side = |length: f64| (length * scale).round().max(1.0);
        let (columns, rows) = (side(upright.0), side(upright.1));
        // Setting a size clears the canvas and forgets its transform.
        self.canvas.set_width(columns as u32);
        self.canvas.set_height(rows as u32);
        let context = dom::context(&self.canvas)?;
        context.set_image_smoothing_enabled(true);
        context.translate(columns / 2.0, rows / 2.0)?;
        context.rotate(self.rotation.radians())?;
        let (w, h) = (side(width), side(height));
        let (x, y) = (-w / 2.0, -h / 2.0);
        match picture {
            Picture::Frame(frame) => {
                context.draw_image_with_video_frame_and_dw_and_dh(frame, x, y, w, h)
            }
            Picture::Video(video) => {
                context.draw_image_with_html_video_element_and_dw_and_dh(video, x, y, w, h)
            }
            Picture::Bitmap(bitmap) => {
                context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, x, y, w, h)
            }
        }?;
        let data = context
            .get_image_data(0, 0, columns as i32, rows as i32)?
            .data();
        Ok(Frame::from_rgba(columns as usize, rows as usize, &data.0)?)
    }
}
