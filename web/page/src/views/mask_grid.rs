//! The 32 groups as switches: eight paths by sequency, four spatial bands.

use leptos::prelude::*;
use wavelet::{Group, Mask, SpatialBand, TemporalPath};

use crate::masks::{bar, kept_shares, toggled};
use crate::state::State;

/// The mask that is shown, for the channels of the current latent.
fn mask(state: State) -> Option<Mask> {
    let channels = state.current().map_or(8, |encoded| encoded.model.channels);
    state.mask().build(channels).ok()
}

#[component]
pub(crate) fn MaskGrid() -> impl IntoView {
    let state = expect_context::<State>();
    view! {
        <div class="mask-grid-box">
            <table class="mask-grid" data-testid="mask-grid">
                <caption>"Groups kept; press one to switch it. Slow paths on top."</caption>
                <thead>
                    <tr>
                        <th scope="col">"Path"</th>
                        {SpatialBand::all()
                            .map(|band| view! { <th scope="col">{band.letters()}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {TemporalPath::by_sequency()
                        .map(|path| {
                            view! {
                                <tr>
                                    <th scope="row">
                                        {path.letters()}
                                        <small>{format!(" {}", path.sequency())}</small>
                                    </th>
                                    {SpatialBand::all()
                                        .map(|spatial| cell(state, Group { path, spatial }))
                                        .collect_view()}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn cell(state: State, group: Group) -> impl IntoView {
    let index = group.index();
    let share = Memo::new(move |_| mask(state).map_or(1.0, |mask| kept_shares(&mask)[index]));
    let energy = move || {
        let current = state.current()?;
        current.report.groups.band_shares().get(index).copied()
    };
    let name = format!("{} {}", group.path.letters(), group.spatial.letters());
    let title = {
        let name = name.clone();
        move || {
            let kept = match share.get() {
                1.0 => "kept".to_owned(),
                0.0 => "zeroed".to_owned(),
                share => format!("{:.0} % of channels kept", share * 100.0),
            };
            match energy() {
                Some(energy) => format!("{name}: {kept}, {:.3} % of the energy", energy * 100.0),
                None => format!("{name}: {kept}"),
            }
        }
    };
    let press = move |_| {
        if let Some(mask) = untrack(|| mask(state)) {
            state.chosen_mask.set(Some(toggled(&mask, index)));
            state.zeroing.set(true);
        }
    };
    view! {
        <td>
            <button
                type="button"
                class="group"
                class:kept={move || share.get() >= 1.0}
                class:partly={move || share.get() > 0.0 && share.get() < 1.0}
                data-testid=format!("group-{index}")
                aria-pressed=move || (share.get() > 0.0).to_string()
                aria-label=title.clone()
                title=title
                on:click=press
            >
                <span
                    class="energy"
                    style=move || format!("--share:{:.3}", energy().map_or(0.0, bar))
                ></span>
            </button>
        </td>
    }
}
