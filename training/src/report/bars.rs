//! Bars as a picture (SVG) that stands alone.

use std::fmt::Write;

use super::chart::number;

const HEIGHT: f64 = 240.0;
/// Room for the title above and the names below.
const ABOVE: f64 = 36.0;
const BELOW: f64 = 24.0;
const LEFT: f64 = 16.0;
/// Width of a bar with its gap.
const STEP: f64 = 64.0;

const STYLE: &str = "text { font: 12px system-ui, sans-serif; fill: #444; } .title { font-weight: 600; } \
     rect { fill: #2a6fdb; } path { stroke: #8888; }";

/// A bar for every value, its number above (or below, where it is negative); no bar for values
/// that do not exist.
pub(crate) fn bars(title: &str, items: Vec<(String, Option<f64>)>) -> String {
    let width = 2.0 * LEFT + STEP * items.len() as f64;
    let values = items.iter().filter_map(|(_, value)| *value);
    let (low, high) = values.fold((0.0, 0.0), |(low, high), value| {
        (f64::min(low, value), f64::max(high, value))
    });
    let span = if high > low { high - low } else { 1.0 };
    // Numbers stand outside of their bars.
    let room = HEIGHT - ABOVE - BELOW - 32.0;
    let y = |value: f64| ABOVE + 16.0 + (high - value) / span * room;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\">\
         <title>{title}</title><style>{STYLE}</style>\
         <text class=\"title\" x=\"{LEFT}\" y=\"20\">{title}</text>"
    );
    for (index, (name, value)) in items.iter().enumerate() {
        let left = LEFT + STEP * index as f64;
        let middle = left + STEP / 2.0;
        let label = |y: f64, text: &str| {
            format!("<text x=\"{middle}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>")
        };
        text.push_str(&label(HEIGHT - 8.0, name));
        let Some(value) = *value else {
            text.push_str(&label(y(0.0) - 4.0, "none"));
            continue;
        };
        let (top, bottom) = (y(value.max(0.0)), y(value.min(0.0)));
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            left + 8.0,
            STEP - 16.0,
            bottom - top
        );
        let beside = if value < 0.0 {
            bottom + 13.0
        } else {
            top - 4.0
        };
        text.push_str(&label(beside, &number(value)));
    }
    let zero = y(0.0);
    let _ = writeln!(
        text,
        "<path d=\"M{LEFT} {zero:.1}H{:.1}\"/></svg>",
        width - LEFT
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_values_and_missing_ones_are_said() {
        let items = [("a", Some(2.0)), ("b", Some(-1.0)), ("c", None)];
        let items = items.map(|(name, value)| (name.to_owned(), value));
        let svg = bars("what", items.into());
        // 148 pixels for a span of 3.
        assert!(
            svg.contains("height=\"98.7\"") && svg.contains("height=\"49.3\""),
            "{svg}"
        );
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains(">none<") && svg.contains(">-1.000<"), "{svg}");
    }
}
