//! Where clips come in: a file, or one of the sample scenes.

use clips::Scene;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::pane::paint;
use crate::session::{Handle, Source};
use crate::state::State;
use crate::{dom, files, scenes};

const THUMBNAIL: (usize, usize) = (96, 64);
/// A frame somewhat into the scene, where everything is in motion.
const THUMBNAIL_FRAME: usize = 12;

#[component]
pub(crate) fn DropZone() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let input = NodeRef::<html::Input>::new();
    let pick = move |_| {
        if let Some(input) = input.get_untracked() {
            files::take(state, session, input.files());
            // Otherwise choosing the same file again would not be a change.
            input.set_value("");
        }
    };
    view! {
        <section
            class="card drop-zone"
            class:compact=move || state.footage.with(Option::is_some)
            aria-label="Choose a clip"
        >
            <div class="drop-target">
                <p class="drop-call">
                    <strong>"Drop a video anywhere on this page"</strong>
                    <span class="hint">"MP4, WebM, MKV, MOV, GIF or a picture; only its first frames are read"</span>
                </p>
                <label class="button primary">
                    "Choose a file"
                    <input
                        type="file"
                        class="visually-hidden"
                        data-testid="file-input"
                        multiple
                        accept="video/*,image/*,.mkv,.json,.safetensors"
                        node_ref=input
                        on:change=pick
                    />
                </label>
                <p class="privacy">
                    <span aria-hidden="true">"● "</span>
                    "All on your device; nothing is uploaded."
                </p>
            </div>
            <div class="samples">
                <h2>"Or try a scene drawn by your browser"</h2>
                <ul>
                    {Scene::all().iter().map(|&scene| view! { <Sample scene/> }).collect_view()}
                </ul>
            </div>
        </section>
    }
}

#[component]
fn Sample(scene: Scene) -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        spawn_local(async move {
            // The page itself comes first.
            dom::sleep(30).await;
            let (width, height) = THUMBNAIL;
            let drawn = scene.render_frame(scenes::SEED, width, height, THUMBNAIL_FRAME);
            paint(&canvas, width, height, drawn.data());
        });
    });
    view! {
        <li>
            <button
                type="button"
                class="sample"
                data-testid=format!("scene-{}", scenes::slug(scene))
                title=scene.describe()
                aria-pressed=move || (state.scene.get() == Some(scene)).to_string()
                on:click=move |_| session.get_value().open(Source::Scene(scene))
            >
                <canvas node_ref=canvas aria-hidden="true"></canvas>
                <span>{scene.name()}</span>
            </button>
        </li>
    }
}
