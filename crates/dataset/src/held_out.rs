//! What is measured on and never trained on.

use clips::{Clip, Scene, stream_seed};

/// Stream of the validation scenes, apart from all that is drawn in training.
const VALIDATION: u64 = 0x76616c;

/// A clip to measure on.
pub struct HeldOut {
    /// The name of its file, or of the kind of scene.
    pub name: String,
    /// Its frames.
    pub clip: Clip,
}

/// Scenes that no run is trained on, kind after kind.
pub fn held_out_scenes(count: usize, size: usize, frames: usize) -> Vec<HeldOut> {
    let kinds = Scene::all().iter().cycle().take(count);
    kinds
        .enumerate()
        .map(|(i, kind)| HeldOut {
            name: kind.name().to_owned(),
            clip: kind.render_varied(stream_seed(&[VALIDATION, i as u64]), size, size, frames),
        })
        .collect()
}
