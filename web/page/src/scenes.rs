//! The sample scenes, drawn here and now: nothing is downloaded.

use clips::{Clip, Frame, Scene};

use crate::dom;
use crate::state::{Footage, Settings};
use crate::video::{VideoError, Watch, times};

/// Every visitor sees the same scenes.
pub(crate) const SEED: u64 = 7;
const RATE: f64 = 24.0;
/// Milliseconds of drawing after which the browser gets its turn.
const PATIENCE: f64 = 12.0;

/// The name in addresses and tests, for example `slow-pan`.
pub(crate) fn slug(scene: Scene) -> String {
    serde_json::to_value(scene)
        .ok()
        .and_then(|name| Some(name.as_str()?.to_owned()))
        .unwrap_or_default()
}

/// The scene with this name.
pub(crate) fn by_slug(name: &str) -> Option<Scene> {
    serde_json::from_value(name.into()).ok()
}

/// Draws a scene frame by frame.
pub(crate) async fn read(
    scene: Scene,
    settings: Settings,
    watch: &Watch<'_>,
) -> Result<Footage, VideoError> {
    // Scenes have no shape of their own; 16:9 shows what "original shape" does.
    let (width, height) = settings.fit.extent(16.0, 9.0);
    let first = (settings.part.start * RATE).round() as usize;
    let mut clip = Clip::empty(width, height)?;
    let mut pause = dom::now();
    for index in 0..settings.part.frames {
        let drawn = scene.render_frame(SEED, width, height, first + index);
        clip.push_frame(&Frame::new(width, height, drawn.into_data())?)?;
        if dom::now() - pause > PATIENCE {
            (watch.progress)(index + 1, settings.part.frames);
            dom::sleep(0).await;
            pause = dom::now();
        }
        if (watch.cancelled)() {
            return Err(VideoError::Cancelled);
        }
    }
    Ok(Footage {
        name: scene.name().into(),
        clip,
        rate: RATE,
        times: times::even(settings.part.frames, RATE),
        approximate: false,
        origin: "drawn in your browser".into(),
        note: None,
    })
}
