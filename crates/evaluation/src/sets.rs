//! Sets of clips that are measured together, and parts of them chosen by a measure.

use std::fs;
use std::path::{Path, PathBuf};

use analysis::Content;
use anyhow::{Result, bail, ensure};
use clips::ffmpeg::{self, DecodeOptions};
use clips::{cut, to_unit_f32};
use dataset::held_out_scenes;
use rayon::prelude::*;

use crate::request::Request;
use crate::rows::Row;
use crate::sample::{self, Cut, Sample, usable};
use crate::score::shape;

/// Frame rate at which clips are compressed, whatever theirs: what CRF gives hardly depends on it.
const RATE: f64 = 25.0;
/// Scenes measured: two of each kind.
const SCENES: usize = 20;

/// Clips measured together, and what came of it.
pub(crate) struct Set {
    pub(crate) title: String,
    pub(crate) samples: Vec<Sample>,
    /// I3D's logits of the clips that reconstructions are compared with; none without the network.
    pub(crate) logits: Vec<Vec<f32>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) parts: Vec<Part>,
}

/// Some clips of a set, chosen by a measure.
pub(crate) struct Part {
    pub(crate) title: String,
    /// Places in the set.
    pub(crate) members: Vec<usize>,
}

/// The sets of clips that the arguments name.
pub(crate) fn sets(request: &Request) -> Result<Vec<Set>> {
    let mut sets = Vec::new();
    if !request.data.is_empty() {
        let samples = usable(&request.data, &request.cut)?;
        let mut clips = Set::new(format!("{} clips", samples.len()), samples);
        if request.subsets {
            clips.parts = parts(&clips.samples)?;
        }
        let compressed = request.h264.map(|crf| -> Result<Set> {
            let samples = compressed(&clips.samples, crf)?;
            let title = format!("H.264 input (x264, CRF {crf}), measured against the clean clips");
            Ok(Set::new(title, samples))
        });
        sets.push(clips);
        sets.extend(compressed.transpose()?);
    }
    if request.scenes {
        let samples = scenes(&request.cut)?;
        sets.push(Set::new("Held-out synthetic scenes".into(), samples));
    }
    Ok(sets)
}

impl Set {
    fn new(title: String, samples: Vec<Sample>) -> Self {
        Self {
            title,
            samples,
            logits: Vec::new(),
            rows: Vec::new(),
            parts: Vec::new(),
        }
    }
}

/// Synthetic scenes that no run is trained on.
fn scenes(cut: &Cut) -> Result<Vec<Sample>> {
    let scenes = held_out_scenes(SCENES, cut.size, cut.frames).into_iter();
    let samples = scenes.enumerate().map(|(i, scene)| Sample {
        name: format!("{} {}", scene.name, i + 1),
        path: None,
        clip: scene.clip,
        input: None,
    });
    Ok(samples.collect())
}

/// The same clips after H.264: what a model is given when it meets video as it is found.
fn compressed(clean: &[Sample], crf: u8) -> Result<Vec<Sample>> {
    let folder = tempfile::tempdir()?;
    let one = |(i, sample): (usize, &Sample)| -> Result<Sample> {
        let file = folder.path().join(format!("{i}.mp4"));
        ffmpeg::encode_h264(&file, &sample.clip, RATE, crf)?;
        let decoded = ffmpeg::decode(&file, &DecodeOptions::default())?;
        std::fs::remove_file(&file)?;
        Ok(Sample {
            name: sample.name.clone(),
            path: sample.path.clone(),
            clip: sample.clip.clone(),
            input: Some(cut(&decoded, sample.clip.extent())?),
        })
    };
    clean.par_iter().enumerate().map(one).collect()
}

/// The third of the clips with the most texture, and the third with the most motion.
fn parts(samples: &[Sample]) -> Result<Vec<Part>> {
    let contents: Vec<Content> = samples.iter().map(content).collect::<Result<_>>()?;
    let most = samples.len().div_ceil(3);
    let part = |what: &str, how: &str, measure: fn(&Content) -> f64| {
        let mut members: Vec<usize> = (0..samples.len()).collect();
        members.sort_by(|&a, &b| measure(&contents[b]).total_cmp(&measure(&contents[a])));
        members.truncate(most);
        let least = members.last().map_or(0.0, |&i| measure(&contents[i]));
        members.sort_unstable();
        let title = format!(
            "{what} third: {most} clips whose {how} is {:.2} of 255 or more",
            255.0 * least
        );
        Part { title, members }
    };
    Ok(vec![
        part(
            "Texture-heavy",
            "mean absolute difference of neighbouring pixels (luma)",
            |content| content.texture,
        ),
        part(
            "Fast-motion",
            "mean absolute difference of successive frames (luma)",
            |content| content.motion,
        ),
    ])
}

pub(crate) fn content(sample: &Sample) -> Result<Content> {
    Ok(Content::of(
        &to_unit_f32(&sample.clip),
        shape(sample.clip.extent()),
    )?)
}

/// Clips of a folder to fit on.
///
/// # Errors
/// If none can be used, or one of them is also measured.
pub(crate) fn others(folder: &Path, cut: &Cut, sets: &[Set]) -> Result<Vec<Sample>> {
    let (others, skipped) = sample::clips(&[folder.to_owned()], cut)?;
    if !skipped.is_empty() {
        let count = skipped.len();
        sample::note(&format!(
            "{count} clips are not fitted on: too short, too small or damaged"
        ));
    }
    ensure!(
        !others.is_empty(),
        "no clip in {} can be fitted on",
        folder.display()
    );
    let measured: Vec<PathBuf> = sets
        .iter()
        .flat_map(|set| &set.samples)
        .filter_map(place)
        .collect();
    let both = others
        .iter()
        .find(|sample| place(sample).is_some_and(|place| measured.contains(&place)));
    match both {
        Some(both) => bail!("{} is among the measured clips; fit on others", both.name),
        None => Ok(others),
    }
}

/// Where a clip lies, by whatever way it is reached.
fn place(sample: &Sample) -> Option<PathBuf> {
    fs::canonicalize(sample.path.as_ref()?).ok()
}
