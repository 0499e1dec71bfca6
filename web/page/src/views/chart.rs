//! A line chart over the frames, which is a seek bar too.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::player::Player;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 96.0;
const MARGIN: f64 = 6.0;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) class: &'static str,
    /// One value a frame, where it has one.
    pub(crate) values: Vec<Option<f64>>,
}

/// Smallest and largest value, with a little room; `None` without values.
fn range(lines: &[Line]) -> Option<(f64, f64)> {
    let values = || lines.iter().flat_map(|line| line.values.iter().flatten().copied());
    let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    let room = ((high - low) * 0.1).max(high.abs() * 1e-3).max(1e-6);
    Some((low - room, high + room))
}

fn x(frame: usize, frames: usize) -> f64 {
    MARGIN + (WIDTH - 2.0 * MARGIN) * frame as f64 / frames.saturating_sub(1).max(1) as f64
}

fn y(value: f64, (low, high): (f64, f64)) -> f64 {
    MARGIN + (HEIGHT - 2.0 * MARGIN) * (1.0 - (value - low) / (high - low))
}

/// The corners of a line; it breaks where values are missing.
fn path(values: &[Option<f64>], range: (f64, f64)) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for (frame, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pen = 'M';
            continue;
        };
        path += &format!("{pen}{:.1} {:.1}", x(frame, values.len()), y(*value, range));
        pen = 'L';
    }
    path
}

#[component]
pub(crate) fn Chart(
    title: &'static str,
    unit: &'static str,
    decimals: usize,
    lines: Signal<Vec<Line>>,
) -> impl IntoView {
    let player = expect_context::<Player>();
    let seek = move |event: MouseEvent| {
        let Some(chart) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else {
            return;
        };
        let area = chart.get_bounding_client_rect();
        let place = (f64::from(event.client_x()) - area.left()) / area.width() * WIDTH;
        let share = ((place - MARGIN) / (WIDTH - 2.0 * MARGIN)).clamp(0.0, 1.0);
        let last = player.frames.get_untracked().saturating_sub(1);
        player.seek((share * last as f64).round() as usize);
    };
    let number = move |value: f64| format!("{value:.decimals$}{unit}");
    let ends = move || lines.with(|lines| range(lines));
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
                {move || ends().map(|ends| lines.with(|lines| {
                    lines
                        .iter()
                        .map(|line| view! { <path class=line.class d=path(&line.values, ends)></path> })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fill_the_chart_and_break_at_gaps() {
        let values = vec![Some(0.0), None, Some(10.0)];
        let line = Line { class: "plain", values };
        let ends = range(std::slice::from_ref(&line)).unwrap();
        assert_eq!(ends, (-1.0, 11.0));
        let path = path(&line.values, ends);
        assert_eq!(path.matches('M').count(), 2);
        assert!(range(&[]).is_none());
    }

    #[test]
    fn a_flat_line_has_a_range_too() {
        let line = Line { class: "plain", values: vec![Some(30.0); 4] };
        let (low, high) = range(&[line]).unwrap();
        assert!(low < 30.0 && high > 30.0);
    }
}
