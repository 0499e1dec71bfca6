//! The eight temporal paths, slow to fast.

use leptos::prelude::*;
use wavelet::{Group, SpatialBand, TemporalPath};

use crate::masks::kept_shares;
use crate::state::State;

#[component]
pub(crate) fn Paths() -> impl IntoView {
    view! {
        <section class="card paths" aria-labelledby="paths-title">
            <h2 id="paths-title">"Eight temporal paths, slow to fast"</h2>
            <p class="hint">
                "A path is three low (L) or high (H) decisions in time. Together they weigh eight latent frames "
                "with the signs drawn here; the number of sign changes (sequency) is the path's real temporal frequency, "
                "and the letters are not in its order."
            </p>
            <div class="table-box">
                <table class="numbers" data-testid="paths">
                    <thead>
                        <tr>
                            <th scope="col">"Path"</th>
                            <th scope="col">"Sign changes"</th>
                            <th scope="col">"Signs over 8 latent frames"</th>
                            <th scope="col">"Energy"</th>
                            <th scope="col" class="plain">"Reconstruction"</th>
                            <th scope="col" class="zeroed">"Zeroed"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {TemporalPath::by_sequency().map(|path| view! { <PathRow path/> }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn groups(path: TemporalPath) -> impl Iterator<Item = usize> {
    SpatialBand::all().map(move |spatial| Group { path, spatial }.index())
}

#[component]
fn PathRow(path: TemporalPath) -> impl IntoView {
    let state = expect_context::<State>();
    let energy = move || {
        let shares = state.current()?.report.groups.band_shares();
        let share: f64 = groups(path).filter_map(|group| shares.get(group)).sum();
        Some(format!("{:.3} %", share * 100.0))
    };
    let kept = move |zeroed: bool| {
        if zeroed && !state.zeroing.get() {
            return None;
        }
        let mask = if zeroed {
            state.mask()
        } else {
            state.own_mask()?
        };
        let shares = kept_shares(&mask.build(state.current()?.model.channels).ok()?);
        let share = groups(path).map(|group| shares[group]).sum::<f64>() / 4.0;
        Some(if share >= 1.0 {
            "kept".to_owned()
        } else if share <= 0.0 {
            "zero".to_owned()
        } else {
            format!("{:.0} % kept", share * 100.0)
        })
    };
    let dash = || "–".to_owned();
    view! {
        <tr>
            <th scope="row">{path.letters()}</th>
            <td>{path.sequency()}</td>
            <td><Signs path/></td>
            <td>{move || energy().unwrap_or_else(dash)}</td>
            <td>{move || kept(false).unwrap_or_else(dash)}</td>
            <td>{move || kept(true).unwrap_or_else(dash)}</td>
        </tr>
    }
}

/// The signs as bars up and down.
#[component]
fn Signs(path: TemporalPath) -> impl IntoView {
    let signs: Vec<bool> = (0..TemporalPath::FRAMES)
        .map(|frame| path.sign(frame) > 0)
        .collect();
    let text: String = signs.iter().map(|&up| if up { '+' } else { '−' }).collect();
    view! {
        <svg class="signs" viewBox="0 0 80 20" role="img" aria-label=text>
            <line x1="0" x2="80" y1="10" y2="10"></line>
            {signs
                .into_iter()
                .enumerate()
                .map(|(frame, up)| {
                    view! {
                        <rect
                            class={if up { "up" } else { "down" }}
                            x={frame * 10 + 1}
                            y={if up { 2 } else { 10 }}
                            width="8"
                            height="8"
                            rx="1"
                        ></rect>
                    }
                })
                .collect_view()}
        </svg>
    }
}
