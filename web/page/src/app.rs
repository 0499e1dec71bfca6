//! The page as a whole.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::player::Player;
use crate::session::{Handle, Session, Source};
use crate::state::State;
use crate::views::alerts::Alerts;
use crate::views::controls::Controls;
use crate::views::drop_zone::DropZone;
use crate::views::export::Export;
use crate::views::help::Help;
use crate::views::latent_view::LatentView;
use crate::views::paths::Paths;
use crate::views::quality::Quality;
use crate::views::status::Status;
use crate::views::viewer::Viewer;
use crate::views::zeroing::Zeroing;
use crate::{address, files, models};

/// The page as a whole.
#[component]
pub(crate) fn App() -> impl IntoView {
    let state = State::new();
    let session: Handle = StoredValue::new_local(Session::new(state));
    let player = Player::new(state);
    provide_context(state);
    provide_context(session);
    provide_context(player);
    begin(state, session);

    let dragging = RwSignal::new(false);
    // On the window: a file dropped beside the page's column would be opened in its place.
    let over = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        dragging.set(true);
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        // Leaving for a child is not leaving.
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        dragging.set(false);
        let dropped = event.data_transfer().and_then(|data| data.files());
        files::take(state, session, dropped);
    });
    on_cleanup(move || {
        for handle in [over, leave, drop] {
            handle.remove();
        }
    });
    let has_clip = move || state.footage.with(Option::is_some);
    view! {
        <div class="page" class:dragging=dragging>
            <Header/>
            <main id="main">
                <Alerts/>
                <DropZone/>
                <Controls/>
                <Status/>
                <Show when=has_clip>
                    <Viewer/>
                    <Zeroing/>
                    <Quality/>
                    <Paths/>
                    <LatentView/>
                    <Export/>
                </Show>
            </main>
            <footer>
                <p>
                    "Everything runs on your device: no file, frame or number leaves it. "
                    "The models were trained briefly on little data; their cards in "
                    <code>"models/"</code> " say how far that is from the papers."
                </p>
            </footer>
        </div>
    }
}

#[component]
fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <a class="skip" href="#main">"Skip to content"</a>
            <div>
                <h1>"What a video autoencoder keeps"</h1>
                <p class="lead">
                    "Drop a clip. A video autoencoder squeezes it on your own GPU, and you see what came back, "
                    "what its latent is made of, and what happens when the fast part is thrown away."
                </p>
            </div>
            <Help/>
        </header>
    }
}

/// Reads the address, fetches the list of models, and starts what the address asks for.
fn begin(state: State, session: Handle) {
    if let Some(scene) = address::read(state) {
        session.get_value().open(Source::Scene(scene));
    }
    address::follow(state);
    spawn_local(async move {
        match models::list().await {
            Ok(entries) => {
                state
                    .models
                    .set(entries.into_iter().map(Into::into).collect());
                if state.model().is_none()
                    && let Some(first) = state.models.with(|models| models.first().cloned())
                {
                    state.model_id.set(first.id);
                }
                session.get_value().go();
            }
            Err(error) => state.alert(error.to_string(), false),
        }
    });
}
