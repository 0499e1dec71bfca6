//! The geometry of a line chart.

pub(crate) const WIDTH: f64 = 320.0;
pub(crate) const HEIGHT: f64 = 96.0;
pub(crate) const MARGIN: f64 = 6.0;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) class: &'static str,
    /// One value a frame, where it has one.
    pub(crate) values: Vec<Option<f64>>,
}

/// Smallest and largest value; `None` without values.
pub(crate) fn extremes(lines: &[Line]) -> Option<(f64, f64)> {
    let values = || {
        lines
            .iter()
            .flat_map(|line| line.values.iter().flatten().copied())
    };
    Some((values().reduce(f64::min)?, values().reduce(f64::max)?))
}

/// What a chart reaches over: the values with a little room; `None` without values.
pub(crate) fn range(lines: &[Line]) -> Option<(f64, f64)> {
    let (low, high) = extremes(lines)?;
    let room = ((high - low) * 0.1).max(high.abs() * 1e-3).max(1e-6);
    Some((low - room, high + room))
}

pub(crate) fn x(frame: usize, frames: usize) -> f64 {
    MARGIN + (WIDTH - 2.0 * MARGIN) * frame as f64 / frames.saturating_sub(1).max(1) as f64
}

fn y(value: f64, (low, high): (f64, f64)) -> f64 {
    MARGIN + (HEIGHT - 2.0 * MARGIN) * (1.0 - (value - low) / (high - low))
}

/// The corners of a line; it breaks where values are missing.
pub(crate) fn path(values: &[Option<f64>], range: (f64, f64)) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fill_the_chart_and_break_at_gaps() {
        let values = vec![Some(0.0), None, Some(10.0)];
        let line = Line {
            class: "plain",
            values,
        };
        let ends = range(std::slice::from_ref(&line)).unwrap();
        assert_eq!(ends, (-1.0, 11.0));
        let path = path(&line.values, ends);
        assert_eq!(path.matches('M').count(), 2);
        assert!(range(&[]).is_none());
    }

    #[test]
    fn a_flat_line_has_a_range_too() {
        let line = Line {
            class: "plain",
            values: vec![Some(30.0); 4],
        };
        let (low, high) = range(&[line]).unwrap();
        assert!(low < 30.0 && high > 30.0);
    }
}
