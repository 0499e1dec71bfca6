//! A picture of the current frame.

use std::sync::Arc;

use clips::Clip;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::Clamped;
use web_sys::{HtmlCanvasElement, ImageData};

use super::pixels::{difference, opaque};
use crate::dom;
use crate::player::{Pane, Player};
use crate::state::{Footage, Reconstruction, State};

/// A clip that is shown.
#[derive(Clone)]
pub(crate) enum Shot {
    Original(Arc<Footage>),
    Decoded(Arc<Reconstruction>),
}

impl Shot {
    /// What a pane shows, if it is there yet.
    pub(crate) fn of(state: State, pane: Pane) -> Option<Self> {
        match pane {
            Pane::Original => state.footage.get().map(Self::Original),
            Pane::Reconstruction => state.plain().map(Self::Decoded),
            Pane::Zeroed => state.zeroed().map(Self::Decoded),
        }
    }

    pub(crate) fn clip(&self) -> &Clip {
        match self {
            Self::Original(footage) => &footage.clip,
            Self::Decoded(reconstruction) => &reconstruction.frames,
        }
    }
}

/// Shows RGB samples on a canvas, which takes their size.
pub(crate) fn paint(canvas: &HtmlCanvasElement, width: usize, height: usize, rgb: &[u8]) {
    let (columns, rows) = (width as u32, height as u32);
    if (canvas.width(), canvas.height()) != (columns, rows) {
        canvas.set_width(columns);
        canvas.set_height(rows);
    }
    let rgba = opaque(rgb);
    // A canvas that cannot be drawn on stays empty; there is nothing better to show instead.
    let _ = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), columns, rows)
        .and_then(|data| dom::context(canvas)?.put_image_data(&data, 0, 0));
}

/// One picture with its caption.
#[component]
pub(crate) fn PaneView(
    pane: Pane,
    testid: &'static str,
    #[prop(into)] caption: Signal<String>,
    #[prop(into)] class: Signal<&'static str>,
    scrolled: RwSignal<(f64, f64)>,
) -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let canvas = NodeRef::<html::Canvas>::new();
    let scroller = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let (Some(canvas), Some(shot)) = (canvas.get(), Shot::of(state, pane)) else {
            return;
        };
        let clip = shot.clip();
        let last = clip.frames().saturating_sub(1);
        if let Some(rgb) = clip.frame(player.frame.get().min(last)) {
            paint(&canvas, clip.width(), clip.height(), rgb);
        }
    });
    // All panes look at the same place.
    Effect::new(move |_| {
        let (left, top) = scrolled.get();
        if let Some(scroller) = scroller.get()
            && (scroller.scroll_left(), scroller.scroll_top()) != (left, top)
        {
            scroller.set_scroll_left(left);
            scroller.set_scroll_top(top);
        }
    });
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            let place = (scroller.scroll_left(), scroller.scroll_top());
            if scrolled.get_untracked() != place {
                scrolled.set(place);
            }
        }
    };
    let waiting = move || Shot::of(state, pane).is_none();
    view! {
        <figure class=move || format!("pane {}", class.get()) class:waiting=waiting>
            <figcaption>{caption}</figcaption>
            <div class="scroller" node_ref=scroller on:scroll=on_scroll>
                <canvas
                    node_ref=canvas
                    data-testid=testid
                    data-ready=move || (!waiting()).to_string()
                    role="img"
                    aria-label=caption
                ></canvas>
            </div>
        </figure>
    }
}

/// The amplified difference of the pair.
#[component]
pub(crate) fn DifferenceView() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let canvas = NodeRef::<html::Canvas>::new();
    let waiting = move || {
        let (left, right) = player.pair.get();
        Shot::of(state, left).is_none() || Shot::of(state, right).is_none()
    };
    Effect::new(move |_| {
        let (left, right) = player.pair.get();
        let (Some(canvas), Some(left), Some(right)) =
            (canvas.get(), Shot::of(state, left), Shot::of(state, right))
        else {
            return;
        };
        let (clip, frame) = (left.clip(), player.frame.get());
        if let (Some(a), Some(b)) = (clip.frame(frame), right.clip().frame(frame)) {
            let rgb = difference(a, b, player.gain.get());
            paint(&canvas, clip.width(), clip.height(), &rgb);
        }
    });
    view! {
        <figure class="pane difference-pane" class:waiting=waiting>
            <figcaption>{move || format!("Difference, × {}", player.gain.get())}</figcaption>
            <div class="scroller">
                <canvas
                    node_ref=canvas
                    data-testid="canvas-difference"
                    role="img"
                    aria-label="Amplified difference"
                ></canvas>
            </div>
        </figure>
    }
}
