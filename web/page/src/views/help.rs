//! The list of keys.

use leptos::html;
use leptos::prelude::*;

use super::keyboard::MAP;
use crate::player::Player;

#[component]
pub(crate) fn Help() -> impl IntoView {
    let player = expect_context::<Player>();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if player.help.get() && !dialog.open() {
            // A dialog that is open already throws, and that was ruled out.
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <button
            type="button"
            class="quiet help-button"
            data-testid="help"
            on:click=move |_| player.help.set(true)
        >
            "Keys"
        </button>
        <dialog node_ref=dialog aria-labelledby="help-title" on:close=move |_| player.help.set(false)>
            <h2 id="help-title">"Keys"</h2>
            <dl class="keys">
                {MAP
                    .map(|(key, what)| view! { <dt><kbd>{key}</kbd></dt> <dd>{what}</dd> })
                    .collect_view()}
            </dl>
            <label class="inline">
                <input
                    type="checkbox"
                    data-testid="keys-on"
                    prop:checked=player.keys
                    on:change:target=move |event| player.keys.set(event.target().checked())
                />
                "React to these keys"
            </label>
            <button type="button" class="primary" autofocus on:click=close>"Close"</button>
        </dialog>
    }
}
