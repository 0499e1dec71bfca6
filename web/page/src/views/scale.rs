//! The colours of a heatmap, and the way from cell to cell.

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

    pub(crate) fn colour(self, value: f64) -> String {
        let stops = self.stops();
        let place = self.position(value) * 4.0;
        let below = (place as usize).min(3);
        let share = place - below as f64;
        let mix = |part: usize| {
            (stops[below][part] * (1.0 - share) + stops[below + 1][part] * share).round()
        };
        format!("rgb({} {} {})", mix(0), mix(1), mix(2))
    }

    pub(crate) const fn ends(self) -> [&'static str; 3] {
        match self {
            Self::Energy => ["0.0001 %", "0.1 %", "100 %"],
            Self::Correlation => ["−1", "0", "1"],
        }
    }

    pub(crate) fn gradient(self) -> String {
        let stops = self.stops().map(|[r, g, b]| format!("rgb({r} {g} {b})"));
        format!("background:linear-gradient(to right,{})", stops.join(","))
    }
}

/// Where an arrow key leads.
pub(crate) fn moved(
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
    Some((
        row.min(rows.checked_sub(1)?),
        column.min(columns.checked_sub(1)?),
    ))
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
