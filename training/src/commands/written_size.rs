//! What a video is like once it is written.

use clips::Extent;

/// A note on a video whose sides are not even, as 4:2:0 wants them; empty for others.
pub(super) fn note_on_sides(extent: Extent) -> String {
    let [width, height] = [extent.width, extent.height].map(|side| side.next_multiple_of(2));
    if (width, height) == (extent.width, extent.height) {
        String::new()
    } else {
        format!(", written as {width}x{height}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_sides_are_told() {
        let note = |height, width| {
            note_on_sides(Extent {
                frames: 1,
                height,
                width,
            })
        };
        assert_eq!(note(120, 160), "");
        assert_eq!(note(119, 160), ", written as 160x120");
    }
}
