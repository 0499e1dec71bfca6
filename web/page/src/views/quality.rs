//! How close the reconstructions are, and what they cost.

use std::sync::Arc;

use leptos::prelude::*;

use super::chart::Chart;
use super::plot::Line;
use crate::state::{Encoded, Reconstruction, State};

/// What numbers are shown of a reconstruction.
struct Row {
    label: &'static str,
    /// Test names of the two columns.
    testids: [&'static str; 2],
    text: fn(&Encoded, &Reconstruction, usize) -> String,
}

const ROWS: [Row; 6] = [
    Row {
        label: "PSNR",
        testids: ["psnr", "psnr-zeroed"],
        text: |_, r, _| r.mean().map_or("–".into(), |mean| decibels(mean.psnr)),
    },
    Row {
        label: "SSIM",
        testids: ["ssim", "ssim-zeroed"],
        text: |_, r, _| {
            r.mean()
                .and_then(|mean| mean.ssim)
                .map_or("–".into(), |ssim| format!("{ssim:.4}"))
        },
    },
    Row {
        label: "Energy retained",
        testids: ["retained-energy", "retained-energy-zeroed"],
        text: |_, r, _| format!("{:.2} %", r.report.retained_energy * 100.0),
    },
    Row {
        label: "Coefficients kept",
        testids: ["keep-ratio", "keep-ratio-zeroed"],
        text: |encoded, r, _| {
            let effective = encoded.model.channels as f64 * r.report.keep_ratio;
            format!(
                "{:.1} % ({effective:.2} channels)",
                r.report.keep_ratio * 100.0
            )
        },
    },
    Row {
        label: "Latent size",
        testids: ["latent-size", "latent-size-zeroed"],
        text: |_, r, raw| {
            let stored = r.report.stored_values;
            let ratio = raw as f64 / stored.max(1) as f64;
            format!("{stored} of {raw} values (1 : {ratio:.1})")
        },
    },
    Row {
        label: "Decoding took",
        testids: ["decode-ms", "decode-ms-zeroed"],
        text: |_, r, _| format!("{:.0} ms", r.report.milliseconds),
    },
];

pub(crate) fn decibels(psnr: f64) -> String {
    if psnr.is_finite() {
        format!("{psnr:.2} dB")
    } else {
        "identical".into()
    }
}

#[component]
pub(crate) fn Quality() -> impl IntoView {
    let state = expect_context::<State>();
    let raw = move || {
        state
            .footage
            .with(|f| f.as_ref().map_or(0, |f| f.clip.extent().samples()))
    };
    let text = move |row: &Row, reconstruction: Option<Arc<Reconstruction>>| {
        let encoded = state.current()?;
        Some((row.text)(&encoded, &*reconstruction?, raw()))
    };
    let is_missing = move || state.plain().is_none();
    view! {
        <section class="card quality" class:waiting=is_missing aria-labelledby="quality-title">
            <h2 id="quality-title">"How close it is"</h2>
            <div class="table-box">
                <table class="numbers">
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="col" class="plain">"Reconstruction"</th>
                            {move || state.zeroing.get().then(|| view! { <th scope="col" class="zeroed">"Zeroed"</th> })}
                        </tr>
                    </thead>
                    <tbody>
                        {ROWS
                            .iter()
                            .map(|row| {
                                view! {
                                    <tr>
                                        <th scope="row">{row.label}</th>
                                        <td data-testid=row.testids[0]>
                                            {move || text(row, state.plain()).unwrap_or_else(|| "–".into())}
                                        </td>
                                        {move || {
                                            state.zeroing.get().then(|| view! {
                                                <td data-testid=row.testids[1]>
                                                    {move || text(row, state.zeroed()).unwrap_or_else(|| "…".into())}
                                                </td>
                                            })
                                        }}
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
            <Charts/>
            <p class="hint">
                "PSNR: peak 1, mean over frames of −10 log₁₀ of the mean squared error. "
                "SSIM: 11 × 11 Gaussian window, mean over RGB. Both are taken from the raw frames at the model's size. "
                <Encoding/>
            </p>
        </section>
    }
}

#[component]
fn Encoding() -> impl IntoView {
    let state = expect_context::<State>();
    move || {
        state.current().map(|encoded| {
            let device = &encoded.device;
            format!(
                "Encoded on {} ({}) in {:.0} ms; the model ({:.2} M parameters) was ready after {:.0} ms{}.",
                device.name,
                device.precision,
                encoded.report.milliseconds,
                encoded.model.parameters as f64 / 1e6,
                encoded.model.milliseconds,
                if encoded.model.cached { ", weights from this browser's cache" } else { "" },
            )
        })
    }
}

#[component]
fn Charts() -> impl IntoView {
    let state = expect_context::<State>();
    let lines = move |value: fn(&analysis::FrameQuality) -> Option<f64>| {
        Signal::derive(move || {
            [("plain", state.plain()), ("zeroed", state.zeroed())]
                .into_iter()
                .filter_map(|(class, reconstruction)| {
                    let values = reconstruction?.report.quality.iter().map(value).collect();
                    Some(Line { class, values })
                })
                .collect::<Vec<_>>()
        })
    };
    view! {
        <div class="charts">
            <Chart
                title="PSNR per frame"
                unit=" dB"
                decimals=2
                lines=lines(|quality| Some(quality.psnr).filter(|psnr| psnr.is_finite()))
            />
            <Chart title="SSIM per frame" unit="" decimals=4 lines=lines(|quality| quality.ssim)/>
        </div>
    }
}
