//! A table of numbers as colours, with the numbers on hover and focus and the table underneath.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::scale::{Scale, moved};

const CELL: usize = 10;

/// A number of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Undefined numbers have no colour.
    pub(crate) value: Option<f64>,
    pub(crate) text: String,
    pub(crate) detail: String,
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<Cell>)>,
}

#[component]
pub(crate) fn Heatmap(
    title: &'static str,
    explanation: &'static str,
    testid: &'static str,
    scale: Scale,
    table: Signal<Table>,
) -> impl IntoView {
    let place = RwSignal::new(None::<(usize, usize)>);
    let readout = move || {
        table.with(|table| {
            let (row, column) = place.get()?;
            let (name, cells) = table.rows.get(row)?;
            let cell = cells.get(column)?;
            let channel = table.columns.get(column)?;
            let detail = if cell.detail.is_empty() {
                String::new()
            } else {
                format!(", {}", cell.detail)
            };
            Some(format!("{name}, channel {channel}: {}{detail}", cell.text))
        })
    };
    let on_key = move |event: KeyboardEvent| {
        let (rows, columns) = table.with(|table| (table.rows.len(), table.columns.len()));
        if let Some(next) = moved(place.get_untracked(), &event.key(), rows, columns) {
            event.prevent_default();
            place.set(Some(next));
        }
    };
    view! {
        <figure class="heatmap">
            <figcaption>
                <strong>{title}</strong>
                <span class="hint">{explanation}</span>
            </figcaption>
            <div
                class="heatmap-cells"
                tabindex="0"
                data-keys="arrows"
                role="application"
                aria-roledescription="heatmap"
                aria-label=format!("{title}: arrow keys read single numbers; the table below has them all")
                on:keydown=on_key
                on:focus=move |_| place.update(|place| *place = place.or(Some((0, 0))))
                on:mouseleave=move |_| place.set(None)
            >
                {move || table.with(|table| cells(table, scale, place))}
            </div>
            <p class="readout" aria-live="polite">{move || readout().unwrap_or_else(|| "Point at a cell to read it.".into())}</p>
            <div class="legend" aria-hidden="true">
                <span class="legend-bar" style=scale.gradient()></span>
                <span class="legend-ends">{scale.ends().map(|end| view! { <span>{end}</span> }).collect_view()}</span>
            </div>
            <details>
                <summary>"As a table"</summary>
                <div class="table-box">{move || table.with(|table| plain_table(table, title, testid))}</div>
            </details>
        </figure>
    }
}

fn cells(
    table: &Table,
    scale: Scale,
    place: RwSignal<Option<(usize, usize)>>,
) -> impl IntoView + use<> {
    let (rows, columns) = (table.rows.len(), table.columns.len());
    let rects = table.rows.iter().enumerate().flat_map(|(row, (_, cells))| {
        cells.iter().enumerate().map(move |(column, cell)| {
            let class = if cell.value.is_some() {
                ""
            } else {
                "undefined"
            };
            let fill = cell.value.map(|value| scale.colour(value));
            view! {
                <rect
                    class=class
                    x={column * CELL}
                    y={row * CELL}
                    width=CELL
                    height=CELL
                    fill=fill
                    on:mouseenter=move |_| place.set(Some((row, column)))
                ></rect>
            }
        })
    });
    let rects = rects.collect_view();
    let names = table
        .rows
        .iter()
        .map(|(name, _)| view! { <span>{name.clone()}</span> })
        .collect_view();
    view! {
        <div class="row-names" aria-hidden="true" style=format!("--rows:{rows}")>{names}</div>
        <svg
            viewBox=format!("0 0 {} {}", columns * CELL, rows * CELL)
            preserveAspectRatio="none"
            style=format!("--rows:{rows}")
            aria-hidden="true"
        >
            {rects}
            {move || {
                place.get().filter(|&(row, column)| row < rows && column < columns).map(|(row, column)| {
                    view! {
                        <rect
                            class="here"
                            x={column * CELL}
                            y={row * CELL}
                            width=CELL
                            height=CELL
                        ></rect>
                    }
                })
            }}
        </svg>
    }
}

fn plain_table(table: &Table, title: &'static str, testid: &'static str) -> impl IntoView + use<> {
    let head = table
        .columns
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> })
        .collect_view();
    let rows = table
        .rows
        .iter()
        .map(|(name, cells)| {
            let cells = cells
                .iter()
                .map(|cell| {
                    let value = cell.value.map(|value| value.to_string());
                    view! { <td data-value=value>{cell.text.clone()}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{name.clone()}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="numbers" data-testid=testid>
            <caption>{format!("{title}; columns are channels")}</caption>
            <thead><tr><td></td>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
