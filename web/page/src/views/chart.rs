//! A line chart over the frames, which is a seek bar too.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::plot::{HEIGHT, Line, MARGIN, WIDTH, extremes, path, range, x};
use crate::player::Player;

#[component]
pub(crate) fn Chart(
    title: &'static str,
    unit: &'static str,
    decimals: usize,
    lines: Signal<Vec<Line>>,
) -> impl IntoView {
    let player = expect_context::<Player>();
    let seek = move |event: MouseEvent| {
        let Some(chart) = event
            .current_target()
            .and_then(|t| t.dyn_into::<Element>().ok())
        else {
            return;
        };
        let area = chart.get_bounding_client_rect();
        let place = (event.client_x() - area.left()) / area.width() * WIDTH;
        let share = ((place - MARGIN) / (WIDTH - 2.0 * MARGIN)).clamp(0.0, 1.0);
        let last = player.frames.get_untracked().saturating_sub(1);
        player.seek((share * last as f64).round() as usize);
    };
    let number = move |value: f64| format!("{value:.decimals$}{unit}");
    let ends = move || lines.with(|lines| extremes(lines));
    let reach = move || lines.with(|lines| range(lines));
    let now = move || {
        lines.with(|lines| {
            lines
                .iter()
                .filter_map(|line| {
                    let value = line.values.get(player.frame.get()).copied().flatten()?;
                    Some(view! { <span class=line.class>{number(value)}</span> })
                })
                .collect_view()
        })
    };
    view! {
        <figure class="chart">
            <figcaption>{title} <span class="chart-now">{now}</span></figcaption>
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                role="img"
                aria-label=move || {
                    let ends = ends().map_or("no values yet".into(), |(low, high)| {
                        format!("between {} and {}", number(low), number(high))
                    });
                    format!("{title}, {ends}")
                }
                on:click=seek
            >
                {move || reach().map(|reach| lines.with(|lines| {
                    lines
                        .iter()
                        .map(|line| view! { <path class=line.class d=path(&line.values, reach)></path> })
                        .collect_view()
                }))}
                {move || {
                    let x = x(player.frame.get(), player.frames.get());
                    view! { <line class="cursor" x1=x x2=x y1="0" y2=HEIGHT></line> }
                }}
            </svg>
            <p class="ends hint" aria-hidden="true">
                {move || ends().map(|(low, high)| format!("{} – {}", number(low), number(high)))}
            </p>
        </figure>
    }
}
