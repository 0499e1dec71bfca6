//! When frames are shown: microseconds from the first one.

/// How far a frame may be from an even rate, in microseconds: containers that count milliseconds
/// round by up to half of one, and a rate measured over rounded times is off as well.
const ROUNDING: f64 = 1500.0;

/// Times at an even rate, in frames a second.
pub(crate) fn even(frames: usize, rate: f64) -> Vec<i64> {
    (0..frames)
        .map(|index| (index as f64 * 1e6 / rate).round() as i64)
        .collect()
}

/// Times counted from the first one; even ones where they do not ascend, as in animations that give
/// their pictures no duration.
pub(crate) fn from_first(times: &[i64], rate: f64) -> Vec<i64> {
    if times.is_sorted_by(|a, b| a < b) {
        let first = times.first().copied().unwrap_or(0);
        times.iter().map(|time| time - first).collect()
    } else {
        even(times.len(), rate)
    }
}

/// Whether the times are those of an even rate, but for rounding.
pub(crate) fn are_even(times: &[i64], rate: f64) -> bool {
    let ideal = even(times.len(), rate);
    let off = |(a, b): (&i64, &i64)| (a - b).abs() as f64;
    times.iter().zip(&ideal).map(off).all(|off| off <= ROUNDING)
}

/// When each frame ends: where the next one begins, and for the last one after an average frame.
pub(crate) fn ends(times: &[i64], rate: f64) -> Vec<i64> {
    let last = times.last().copied().unwrap_or(0);
    let end = last + (1e6 / rate).round() as i64;
    times.iter().skip(1).copied().chain([end]).collect()
}

/// When a frame begins, by when each ends.
pub(crate) fn start(ends: &[i64], frame: usize) -> i64 {
    let before = frame.checked_sub(1);
    before
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0)
}

/// The frame that is shown at a time, by when each ends; the last one behind the end.
pub(crate) fn frame_at(ends: &[i64], time: i64) -> usize {
    let frame = ends.partition_point(|end| *end <= time);
    frame.min(ends.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_begin_at_the_first_frame() {
        assert_eq!(from_first(&[500, 700, 1500], 4.0), [0, 200, 1000]);
        assert_eq!(from_first(&[7], 4.0), [0]);
        assert!(from_first(&[], 4.0).is_empty());
    }

    #[test]
    fn times_that_stand_still_are_spread_evenly() {
        assert_eq!(from_first(&[0, 0, 0], 4.0), [0, 250_000, 500_000]);
    }

    #[test]
    fn milliseconds_of_an_even_rate_are_even_and_gaps_are_not() {
        assert!(are_even(&[0, 42_000, 83_000, 125_000], 24.0));
        assert!(are_even(&[0], 24.0));
        assert!(!are_even(&[0, 42_000, 125_000, 167_000], 24.0));
    }

    #[test]
    fn frames_end_where_the_next_begins() {
        assert_eq!(
            ends(&[0, 100_000, 500_000], 4.0),
            [100_000, 500_000, 750_000]
        );
        assert_eq!(ends(&[0], 25.0), [40_000]);
    }

    #[test]
    fn uneven_frames_are_shown_for_as_long_as_they_last() {
        let ends = [100_000, 500_000, 750_000];
        let shown = [0, 99_999, 100_000, 499_999, 500_000, 749_999, 750_000];
        assert_eq!(
            shown.map(|time| frame_at(&ends, time)),
            [0, 0, 1, 1, 2, 2, 2]
        );
        assert_eq!(
            [0, 1, 2].map(|frame| start(&ends, frame)),
            [0, 100_000, 500_000]
        );
        assert_eq!(frame_at(&[], 5), 0);
    }
}
