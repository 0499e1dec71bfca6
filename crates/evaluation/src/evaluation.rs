//! Models, masks and yardsticks side by side on sets of clips.

use anyhow::Result;
use burn::tensor::Device;
use indicatif::ProgressBar;
use serde_json::Value;

use crate::coding::Coding;
use crate::heading::Heading;
use crate::latents::{self, Latents};
use crate::networks::Networks;
use crate::perceptual_distance::Perceptual;
use crate::record::{self, Provenance};
use crate::request::Request;
use crate::rows::{self, masks, model_rows};
use crate::sample::Sample;
use crate::score::Pixels;
use crate::sets::{Set, others, sets};
use crate::yardsticks::{self, Yardsticks};
use crate::{table, topk};

/// What was measured.
pub struct Evaluation {
    heading: Heading,
    sets: Vec<Set>,
    latents: Vec<Latents>,
}

impl Evaluation {
    /// Measures everything that is asked for, on a device of this name.
    ///
    /// # Errors
    /// If a file cannot be read or does not fit, or there is no clip to measure on.
    pub fn measure(request: &Request, device: &Device, device_name: &str) -> Result<Self> {
        let networks = Networks::open(request, device)?;
        let mut sets = sets(request)?;
        let fitted = request.fit.as_ref();
        let others = fitted
            .map(|folder| others(folder, &request.cut, &sets))
            .transpose()?;
        let yardsticks = request
            .yardsticks
            .then(|| Yardsticks::fit(others.as_deref()))
            .transpose()?;
        let others = others.unwrap_or_default();
        let latents = fill(request, &mut sets, device, &others, &networks)?;
        if let Some(yardsticks) = &yardsticks {
            for set in &mut sets {
                let counts = yardsticks::counts(&request.coefficients, &set.rows);
                let rows = yardsticks.rows(&set.samples, &counts, &networks)?;
                set.rows.extend(rows);
            }
        }
        Ok(Self {
            heading: heading(request, device_name, yardsticks.as_ref(), networks),
            sets,
            latents,
        })
    }

    /// A Markdown table for every set and every part of one, with a row for every model, mask and
    /// yardstick; if asked for, one for every row's clips; and how to get the same again.
    ///
    /// # Errors
    /// If an rFVD cannot be computed.
    pub fn document(&self, per_clip: bool, provenance: &Provenance) -> Result<String> {
        Ok([
            table::document(&self.heading, &self.sets, per_clip)?,
            latents::table(&self.latents),
            record::provenance(&self.sets, provenance),
        ]
        .concat())
    }

    /// All of it as JSON, every clip's figures included.
    ///
    /// # Errors
    /// If an rFVD cannot be computed.
    pub fn record(&self, provenance: &Provenance) -> Result<Value> {
        record::record(&self.heading, &self.sets, &self.latents, provenance)
    }
}

/// Adds the rows of every model and mask to every set; what the models' latents of the first set
/// are made of, if asked for.
fn fill(
    request: &Request,
    sets: &mut [Set],
    device: &Device,
    others: &[Sample],
    networks: &Networks,
) -> Result<Vec<Latents>> {
    let mut latents = Vec::new();
    let clips: usize = sets.iter().map(|set| set.samples.len()).sum();
    let rounds = request.models.len() + usize::from(networks.clips.is_some());
    let bar = ProgressBar::new((clips * rounds) as u64).with_message("measuring");
    for set in sets.iter_mut() {
        if let Some(network) = &networks.clips {
            for sample in &set.samples {
                set.logits.push(network.logits(&Pixels::of(&sample.clip))?);
                bar.inc(1);
            }
        }
        set.rows.extend(rows::input(&set.samples, networks)?);
    }
    let coding = Coding::of(request);
    for folder in &request.models {
        let codec = codec::open(folder, device.clone())?;
        let codec = codec.with_input(request.protocol.input());
        let mut masks = masks(&request.masks, codec.model.config())?;
        masks.extend(topk::trials(&codec, &request.topk, others)?);
        for set in sets.iter_mut() {
            let samples = &set.samples;
            let rows = model_rows(folder, &codec, &masks, samples, coding, networks, &bar)?;
            set.rows.extend(rows);
        }
        if let Some(set) = sets.first().filter(|_| request.latents) {
            latents.push(Latents::of(folder, &codec, &set.samples)?);
        }
    }
    bar.finish_and_clear();
    Ok(latents)
}

fn heading(
    request: &Request,
    device: &str,
    yardsticks: Option<&Yardsticks>,
    networks: Networks,
) -> Heading {
    Heading {
        method: format!(
            "{}, {}, {}",
            request.cut.describe(),
            Coding::of(request).describe(),
            request.protocol.describe()
        ),
        protocol: request.protocol,
        device: device.to_owned(),
        yardsticks: yardsticks.map(Yardsticks::describe),
        distance: networks.frames.as_ref().map(Perceptual::name),
        rfvd: networks.clips,
    }
}
