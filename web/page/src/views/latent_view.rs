//! What the latent is made of.

use leptos::prelude::*;
use wavelet::{Group, SpatialBand, SpatioTemporalBand, TemporalPath};

use super::heatmap::{Cell, Heatmap, Table};
use super::scale::Scale;
use crate::state::State;

#[component]
pub(crate) fn LatentView() -> impl IntoView {
    let state = expect_context::<State>();
    view! {
        <section class="card latent" class:waiting=move || state.current().is_none() aria-labelledby="latent-title">
            <h2 id="latent-title">"What the latent is made of"</h2>
            <p class="hint" data-testid="latent-shape">
                {move || {
                    state.current().map(|encoded| {
                        let [channels, frames, rows, columns] = encoded.report.shape;
                        format!("{channels} channels, {frames} latent frames of {columns} × {rows}.")
                    })
                }}
            </p>
            <p class="hint" data-testid="shots">
                {move || state.current().and_then(|encoded| cuts(&encoded.report.shots))}
            </p>
            <div class="heatmaps">
                <Heatmap
                    title="Energy per group and channel"
                    explanation="Share of the latent's energy in each wavelet group, slow paths on top; the scale is logarithmic and always the same."
                    testid="energy-table"
                    scale=Scale::Energy
                    table=Signal::derive(move || energy(state))
                />
                <Heatmap
                    title="Lag-1 autocorrelation per band and channel"
                    explanation="How much a band's frame says about the next one, after one wavelet step in time (T), height (H) and width (W). 1: the same again; 0: nothing; −1: the opposite."
                    testid="autocorrelation-table"
                    scale=Scale::Correlation
                    table=Signal::derive(move || autocorrelation(state))
                />
            </div>
        </section>
    }
}

/// Where the clip cuts, in frames counted from 1 as the transport counts them.
fn cuts(shots: &[usize]) -> Option<String> {
    let cuts: Vec<String> = shots
        .iter()
        .skip(1)
        .map(|start| (start + 1).to_string())
        .collect();
    (!cuts.is_empty()).then(|| {
        format!(
            "{} shots, each coded by itself: the clip cuts at frame {}.",
            shots.len(),
            cuts.join(", ")
        )
    })
}

fn channel_names(count: usize) -> Vec<String> {
    (1..=count).map(|channel| channel.to_string()).collect()
}

fn energy(state: State) -> Table {
    let Some(encoded) = state.current() else {
        return Table::default();
    };
    let energy = &encoded.report.groups;
    let shares = energy.shares();
    let groups = TemporalPath::by_sequency()
        .into_iter()
        .flat_map(|path| SpatialBand::all().map(move |spatial| Group { path, spatial }));
    let rows = groups
        .map(|group| {
            let index = group.index();
            let name = format!("{} {}", group.path.letters(), group.spatial.letters());
            let (shares, squares) = (shares.get(index), energy.mean_square.get(index));
            let cells = shares
                .into_iter()
                .flatten()
                .zip(squares.into_iter().flatten());
            let cells = cells
                .map(|(share, square)| Cell {
                    value: Some(*share),
                    text: format!("{:.4} %", share * 100.0),
                    detail: format!("mean square {square:.4}"),
                })
                .collect();
            (name, cells)
        })
        .collect();
    Table {
        columns: channel_names(encoded.model.channels),
        rows,
    }
}

fn autocorrelation(state: State) -> Table {
    let Some(encoded) = state.current() else {
        return Table::default();
    };
    let rho = &encoded.report.autocorrelation.rho;
    let rows = SpatioTemporalBand::all()
        .zip(rho)
        .map(|(band, rho)| {
            let cells = rho
                .iter()
                .map(|rho| Cell {
                    value: *rho,
                    text: rho.map_or("undefined".into(), |rho| format!("{rho:.3}")),
                    detail: String::new(),
                })
                .collect();
            (band.letters(), cells)
        })
        .collect();
    Table {
        columns: channel_names(encoded.model.channels),
        rows,
    }
}
