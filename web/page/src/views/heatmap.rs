//! A table of numbers as colours, with the numbers on hover and focus and the table underneath.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

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

/// Which colour a number has: the same one for every clip and model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Shares from 0.0001 % to 100 %, logarithmic.
    Energy,
    /// From -1 to 1.
    Correlation,
}

type Colour = [f64; 3];

const DARK_TO_LIGHT: [Colour; 5] = [
    [24.0, 20.0, 48.0],
    [62.0, 56.0, 132.0],
    [34.0, 124.0, 140.0],
    [92.0, 186.0, 110.0],
    [246.0, 230.0, 90.0],
];
const COLD_TO_WARM: [Colour; 5] = [
    [26.0, 82.0, 158.0],
    [126.0, 174.0, 214.0],
    [240.0, 238.0, 232.0],
    [232.0, 158.0, 104.0],
    [164.0, 58.0, 24.0],
];

impl Scale {
    fn position(self, value: f64) -> f64 {
        let position = match self {
            Self::Energy => value.max(1e-12).log10() / 6.0 + 1.0,
            Self::Correlation => (value + 1.0) / 2.0,
        };
        position.clamp(0.0, 1.0)
    }

    const fn stops(self) -> [Colour; 5] {
        match self {
            Self::Energy => DARK_TO_LIGHT,
            Self::Correlation => COLD_TO_WARM,
        }
    }

    fn colour(self, value: f64) -> String {
        let stops = self.stops();
        let place = self.position(value) * 4.0;
        let below = (place as usize).min(3);
        let share = place - below as f64;
        let mix = |part: usize| {
            (stops[below][part] * (1.0 - share) + stops[below + 1][part] * share).round()
        };
        format!("rgb({} {} {})", mix(0), mix(1), mix(2))
    }

    const fn ends(self) -> [&'static str; 3] {
        match self {
            Self::Energy => ["0.0001 %", "0.1 %", "100 %"],
            Self::Correlation => ["−1", "0", "1"],
        }
    }

    fn gradient(self) -> String {
        let stops = self.stops().map(|[r, g, b]| format!("rgb({r} {g} {b})"));
        format!("background:linear-gradient(to right,{})", stops.join(","))
    }
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
            let detail = if cell.detail.is_empty() { String::new() } else { format!(", {}", cell.detail) };
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

/// Where an arrow key leads.
fn moved(
    place: Option<(usize, usize)>,
    key: &str,
    rows: usize,
    columns: usize,
) -> Option<(usize, usize)> {
    let (row, column) = place.unwrap_or_default();
    let (row, column) = match key {
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowDown" => (row + 1, column),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "ArrowRight" => (row, column + 1),
        "Home" => (row, 0),
        "End" => (row, columns),
        _ => return None,
    };
    Some((row.min(rows.checked_sub(1)?), column.min(columns.checked_sub(1)?)))
}

fn cells(table: &Table, scale: Scale, place: RwSignal<Option<(usize, usize)>>) -> impl IntoView + use<> {
    let (rows, columns) = (table.rows.len(), table.columns.len());
    let rects = table.rows.iter().enumerate().flat_map(|(row, (_, cells))| {
        cells.iter().enumerate().map(move |(column, cell)| {
            let class = if cell.value.is_some() { "" } else { "undefined" };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_their_colours() {
        assert_eq!(Scale::Correlation.colour(-1.0), "rgb(26 82 158)");
        assert_eq!(Scale::Correlation.colour(0.0), "rgb(240 238 232)");
        assert_eq!(Scale::Energy.colour(1.0), "rgb(246 230 90)");
        assert_eq!(Scale::Energy.colour(0.0), "rgb(24 20 48)");
    }

    #[test]
    fn arrows_stay_in_the_table() {
        assert_eq!(moved(Some((0, 0)), "ArrowUp", 3, 2), Some((0, 0)));
        assert_eq!(moved(Some((2, 1)), "ArrowDown", 3, 2), Some((2, 1)));
        assert_eq!(moved(None, "End", 3, 2), Some((0, 1)));
        assert_eq!(moved(None, "a", 3, 2), None);
        assert_eq!(moved(None, "ArrowDown", 0, 0), None);
    }
}
