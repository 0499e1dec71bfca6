//! Everything that was measured, for other programs.

use analysis::FrameQuality;
use leptos::prelude::*;
use protocol::{DeviceReport, LatentReport, ModelReport, ReconstructionReport};
use serde::Serialize;
use wavelet::{Group, SpatioTemporalBand};

use crate::masks::mask_name;
use crate::state::State;

/// The report of one clip and one model.
#[derive(Serialize)]
struct Report {
    clip: ClipFacts,
    model_id: String,
    model: ModelReport,
    device: DeviceReport,
    latent: LatentReport,
    /// Names of the rows of `latent.groups`.
    group_names: Vec<String>,
    /// Names of the rows of `latent.bands` and `latent.autocorrelation`.
    band_names: Vec<String>,
    reconstructions: Vec<Measured>,
}

#[derive(Serialize)]
struct ClipFacts {
    name: String,
    origin: String,
    frames: usize,
    height: usize,
    width: usize,
    frames_per_second: f64,
    approximate: bool,
    raw_values: usize,
}

#[derive(Serialize)]
struct Measured {
    /// What was kept, in words; `mask` has it in numbers.
    kept: String,
    mean: Option<FrameQuality>,
    #[serde(flatten)]
    report: ReconstructionReport,
}

/// The report as JSON; `None` before anything was encoded. Infinite numbers are null.
pub(crate) fn json(state: State) -> Option<String> {
    let (footage, encoded) = untrack(|| Some((state.footage.get()?, state.current()?)))?;
    let model_id = state.model_id.get_untracked();
    let clip = &footage.clip;
    let mut reconstructions: Vec<Measured> = state.reconstructions.with_untracked(|all| {
        let of_model = all.iter().filter(|((model, _), _)| *model == model_id);
        of_model
            .map(|((_, mask), reconstruction)| Measured {
                kept: mask.label(),
                mean: reconstruction.mean(),
                report: reconstruction.report.clone(),
            })
            .collect()
    });
    reconstructions.sort_by_cached_key(|measured| mask_name(&measured.report.mask));
    let report = Report {
        clip: ClipFacts {
            name: footage.name.clone(),
            origin: footage.origin.clone(),
            frames: clip.frames(),
            height: clip.height(),
            width: clip.width(),
            frames_per_second: footage.rate,
            approximate: footage.approximate,
            raw_values: clip.extent().samples(),
        },
        model_id,
        model: encoded.model.clone(),
        device: encoded.device.clone(),
        latent: encoded.report.clone(),
        group_names: Group::all()
            .map(|group| format!("{} {}", group.path.letters(), group.spatial.letters()))
            .collect(),
        band_names: SpatioTemporalBand::all()
            .map(SpatioTemporalBand::letters)
            .collect(),
        reconstructions,
    };
    serde_json::to_string_pretty(&report).ok()
}
