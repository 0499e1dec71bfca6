//! A curve as a picture (SVG).

use std::fmt::Write;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 160.0;
/// Room for the numbers on the left and below.
const LEFT: f64 = 52.0;
const BELOW: f64 = 22.0;

/// A curve over steps, its axes labelled at both ends.
///
/// One point is a dot; nothing at all is an empty string.
pub(crate) fn svg(points: &[(f64, f64)]) -> String {
    let finite: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(_, y)| y.is_finite())
        .collect();
    let (Some(steps), Some(values)) = (
        range(finite.iter().map(|p| p.0)),
        range(finite.iter().map(|p| p.1)),
    ) else {
        return String::new();
    };
    let x = |step: f64| LEFT + place(step, steps) * (WIDTH - LEFT - 8.0);
    let y = |value: f64| 8.0 + (1.0 - place(value, values)) * (HEIGHT - BELOW - 8.0);
    let mut path = String::new();
    for (index, (step, value)) in finite.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{:.1} {:.1}", x(*step), y(*value));
    }
    let (bottom, right) = (HEIGHT - BELOW, WIDTH - 8.0);
    let label = |x: f64, y: f64, anchor: &str, text: String| {
        format!("<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{text}</text>")
    };
    let labels = [
        label(LEFT - 6.0, 14.0, "end", number(values.1)),
        label(LEFT - 6.0, bottom, "end", number(values.0)),
        label(LEFT, HEIGHT - 4.0, "start", number(steps.0)),
        label(right, HEIGHT - 4.0, "end", number(steps.1)),
    ]
    .concat();
    let dot = match finite.as_slice() {
        [(step, value)] => format!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>",
            x(*step),
            y(*value)
        ),
        _ => String::new(),
    };
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><path class=\"axis\" d=\"M{LEFT} 8V{bottom}H{right}\"/>\
         <path class=\"curve\" d=\"{path}\"/>{dot}{labels}</svg>"
    )
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// Where a value lies in a range, 0 to 1; in the middle of a range without width.
fn place(value: f64, (low, high): (f64, f64)) -> f64 {
    if high > low {
        (value - low) / (high - low)
    } else {
        0.5
    }
}

/// A number short enough for an axis.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.001 => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_reaches_from_corner_to_corner() {
        let svg = svg(&[(0.0, 1.0), (50.0, f64::NAN), (100.0, 3.0)]);
        assert!(svg.contains("d=\"M52.0 138.0L412.0 8.0\""), "{svg}");
        assert!(svg.contains(">3.000<") && svg.contains(">100.0<"), "{svg}");
    }

    #[test]
    fn one_point_is_a_dot_and_none_is_nothing() {
        assert!(svg(&[(5.0, 2.0)]).contains("<circle"));
        assert_eq!(svg(&[]), "");
        assert_eq!(svg(&[(1.0, f64::INFINITY)]), "");
    }
}
