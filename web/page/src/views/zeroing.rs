//! The experiment: throw groups of coefficients away and look again.

use leptos::prelude::*;
use wavelet::MaskChoice;

use super::mask_grid::MaskGrid;
use crate::masks::{mask_from, mask_name};
use crate::session::Handle;
use crate::state::State;

/// What can be kept, by what it keeps.
const CHOICES: [(MaskChoice, &str); 8] = [
    (MaskChoice::Lowpass75, "75 %: the six slowest paths"),
    (MaskChoice::Lowpass50, "50 %: the four slowest paths"),
    (MaskChoice::Lowpass25, "25 %: the two slowest paths"),
    (MaskChoice::Paper75, "75 %: the published set"),
    (MaskChoice::Paper50, "50 %: the paper's set"),
    (MaskChoice::Paper25, "25 %: the published set"),
    (MaskChoice::Soft50, "50 %: the authors' soft set"),
    (MaskChoice::None, "100 %: everything"),
];

#[component]
pub(crate) fn Zeroing() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    // Whatever is chosen is decoded as soon as it can be.
    Effect::new(move |_| {
        if state.zeroing.get() {
            state.mask();
            session.get_value().go();
        }
    });
    view! {
        <section class="card zeroing" aria-labelledby="zeroing-title">
            <div class="zeroing-text">
                <h2 id="zeroing-title">"Zero the high-frequency groups"</h2>
                <p>
                    "The latent is split into 32 wavelet groups: eight temporal paths, each in four spatial bands. "
                    "Setting groups to zero and decoding again shows what they carried. "
                    "A model that was not trained for it loses visibly (“PTLC”: compressed after training); "
                    "one that was trained with these groups at zero has learned to do without them."
                </p>
                <label class="switch">
                    <input
                        type="checkbox"
                        role="switch"
                        data-testid="zero-toggle"
                        prop:checked=state.zeroing
                        on:change:target=move |event| state.zeroing.set(event.target().checked())
                    />
                    <span>"Zero groups and compare"</span>
                </label>
                <MaskSelect/>
                <p class="hint">
                    "The paper keeps {LLL, HLL, LHL, LLH}, the paths with at most one high step. "
                    "These are not the four slowest: HLL changes sign at every frame. "
                    "The four slowest are {LLL, LLH, LHH, LHL}."
                </p>
                <Verdict/>
            </div>
            <MaskGrid/>
        </section>
    }
}

#[component]
fn MaskSelect() -> impl IntoView {
    let state = expect_context::<State>();
    let fits = move |mask: &MaskChoice| {
        let channels = state.current().map_or(8, |encoded| encoded.model.channels);
        mask.build(channels).is_ok()
    };
    // The model's own mask and the one that is shown, where they have no place among the choices.
    let others = move || {
        let own = state.own_mask();
        let shown = Some(state.mask()).filter(|mask| own.as_ref() != Some(mask));
        let named = |mask: &MaskChoice| CHOICES.iter().any(|(choice, _)| choice == mask);
        let own = own.map(|mask| (mask, "as trained"));
        let shown = shown.map(|mask| (mask, "your own"));
        own.into_iter()
            .chain(shown)
            .filter(move |(mask, _)| !named(mask))
    };
    view! {
        <label class="field wide">
            <span>"Keep"</span>
            <select
                data-testid="mask-select"
                on:change:target=move |event| {
                    if let Some(mask) = mask_from(&event.target().value()) {
                        state.chosen_mask.set(Some(mask));
                        state.zeroing.set(true);
                    }
                }
            >
                {move || {
                    CHOICES
                        .iter()
                        .filter(|(mask, _)| fits(mask))
                        .map(|(mask, label)| {
                            view! {
                                <option value=mask_name(mask) prop:selected={state.mask() == *mask}>
                                    {*label}
                                </option>
                            }
                        })
                        .collect_view()
                }}
                {move || {
                    others()
                        .map(|(mask, whose)| {
                            let text = format!("{whose}: {}", mask.label());
                            view! {
                                <option value=mask_name(&mask) prop:selected={state.mask() == mask}>
                                    {text}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}

/// What came out, in one sentence.
#[component]
fn Verdict() -> impl IntoView {
    let state = expect_context::<State>();
    let sentence = move || {
        let (plain, zeroed) = (state.plain()?, state.zeroed()?);
        let (own, mask) = (state.own_mask()?, state.mask());
        if own == mask && mask == MaskChoice::None {
            return Some(
                "Nothing is zeroed, so both reconstructions are one and the same. Choose a smaller \
                 set to see what the rest carries."
                    .to_owned(),
            );
        }
        if own == mask {
            return Some(
                "This model was trained with exactly this set, so both reconstructions are one and \
                 the same: zeroing the rest costs it nothing. Choose 100 % to see it decode what \
                 it never learned to use."
                    .to_owned(),
            );
        }
        let loss = plain.mean()?.psnr - zeroed.mean()?.psnr;
        let kept = zeroed.report.retained_energy * 100.0;
        let trained = match own {
            MaskChoice::None => "was trained with every group kept".to_owned(),
            own => format!("was trained with another set ({})", own.label()),
        };
        Some(format!(
            "This model {trained}. With {kept:.1} % of the latent's energy left it {} {:.2} dB.",
            if loss >= 0.0 { "loses" } else { "gains" },
            loss.abs(),
        ))
    };
    view! { <p class="verdict" data-testid="verdict" aria-live="polite">{sentence}</p> }
}
