//! What went wrong, until it is dismissed.

use leptos::prelude::*;

use crate::session::Handle;
use crate::state::State;

#[component]
pub(crate) fn Alerts() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let dismiss = move |id| {
        state
            .alerts
            .update(|alerts| alerts.retain(|alert| alert.id != id))
    };
    view! {
        <div class="alerts" aria-live="assertive">
            <For each=move || state.alerts.get() key=|alert| alert.id let:alert>
                <div class="alert" role="alert" data-testid="error">
                    <p>{alert.text}</p>
                    <Show when=move || alert.offer_cpu>
                        <button
                            type="button"
                            on:click=move |_| {
                                dismiss(alert.id);
                                session.get_value().go_on_without_gpu();
                            }
                        >
                            "Use the CPU"
                        </button>
                    </Show>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="dismiss"
                        on:click=move |_| dismiss(alert.id)
                    >
                        "Dismiss"
                    </button>
                </div>
            </For>
        </div>
    }
}
