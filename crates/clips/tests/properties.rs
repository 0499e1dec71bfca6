//! What holds of resizing, cropping and padding for any clip.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use clips::{
    Clip, Extent, Frame, centre_crop, cut, fit, from_planar_f32, pad_frames, pad_to_multiple,
    resize, resize_short_side, to_planar_f32,
};
use proptest::prelude::*;

fn clips() -> impl Strategy<Value = Clip> {
    (1..20usize, 1..20usize, 1..5usize).prop_flat_map(|(width, height, frames)| {
        let data = prop::collection::vec(any::<u8>(), width * height * frames * 3);
        data.prop_map(move |data| Clip::new(width, height, data).unwrap())
    })
}

fn frames() -> impl Strategy<Value = Frame> {
    (1..24usize, 1..24usize).prop_flat_map(|(width, height)| {
        let data = prop::collection::vec(any::<u8>(), width * height * 3);
        data.prop_map(move |data| Frame::new(width, height, data).unwrap())
    })
}

/// The darkest and the brightest number.
fn range(data: &[u8]) -> (u8, u8) {
    (*data.iter().min().unwrap(), *data.iter().max().unwrap())
}

proptest! {
    #[test]
    fn padding_is_cut_back(clip in clips(), multiple in 1..20usize, more in 0..6usize) {
        let wide = pad_to_multiple(&clip, multiple).unwrap();
        prop_assert_eq!((wide.width() % multiple, wide.height() % multiple), (0, 0));
        let long = pad_frames(&wide, clip.frames() + more).unwrap();
        prop_assert_eq!(long.frames(), clip.frames() + more);
        prop_assert_eq!(cut(&long, clip.extent()).unwrap(), clip);
    }

    #[test]
    fn bytes_survive_floats(clip in clips()) {
        let floats = to_planar_f32(&clip);
        prop_assert!(floats.iter().all(|v| (-1.0..=1.0).contains(v)));
        prop_assert_eq!(from_planar_f32(&floats, clip.extent()).unwrap(), clip);
    }

    /// Resizing makes no colour that was not between the darkest and the brightest.
    #[test]
    fn resizing_stays_between_the_extremes(
        frame in frames(),
        width in 1..30usize,
        height in 1..30usize,
    ) {
        let made = resize(&frame, width, height).unwrap();
        prop_assert_eq!((made.width(), made.height()), (width, height));
        let ((low, high), (lowest, highest)) = (range(frame.rgb()), range(made.rgb()));
        prop_assert!(lowest >= low && highest <= high);
        let same = resize(&frame, frame.width(), frame.height()).unwrap();
        prop_assert_eq!(same.rgb(), frame.rgb());
    }

    #[test]
    fn the_shorter_side_is_what_was_asked_for(frame in frames(), short in 1..24usize) {
        let made = resize_short_side(&frame, short).unwrap();
        prop_assert_eq!(made.width().min(made.height()), short);
    }

    #[test]
    fn a_crop_has_its_size(frame in frames(), width in 1..24usize, height in 1..24usize) {
        if let Ok(made) = centre_crop(&frame, width, height) {
            prop_assert_eq!((made.width(), made.height()), (width, height));
        }
        let made = fit(&frame, width, height).unwrap();
        prop_assert_eq!((made.width(), made.height()), (width, height));
    }

    /// Data that does not fill frames is refused.
    #[test]
    fn an_extent_must_fit(width in 1..9usize, height in 1..9usize, odd in 1..3usize) {
        let data = vec![0; width * height * 3 + odd];
        let whole = data.len().is_multiple_of(width * height * 3);
        prop_assert_eq!(Clip::new(width, height, data).is_ok(), whole);
        let extent = Extent { frames: 2, height, width };
        prop_assert!(from_planar_f32(&[0.0], extent).is_err());
    }
}
