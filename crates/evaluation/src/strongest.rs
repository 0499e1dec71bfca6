//! The coefficient channels of a latent that hold the most energy over some clips.
//!
//! A mask of these spends what is kept where it is worth most: weak channels at slow paths alone,
//! strong ones at fast paths too. It is the paper's Top-k, made once instead of in every step.
//! Source: spec/lcvae-notes.md 3.4.

use analysis::Energy;
use wavelet::Group;

/// Mean squares of the `32 * C` coefficient channels, averaged over clips, in the order of masks.
pub(crate) fn mean_squares<'a>(
    clips: impl ExactSizeIterator<Item = &'a Energy>,
    channels: usize,
) -> Vec<f64> {
    let mut means = vec![0.0; Group::COUNT * channels];
    let count = clips.len() as f64;
    for energy in clips {
        let channels = energy.mean_square.iter().flatten();
        means
            .iter_mut()
            .zip(channels)
            .for_each(|(mean, e)| *mean += e / count);
    }
    means
}

/// The places of the largest `share` (0 to 1) of some values, ascending; of equals the first.
pub fn strongest(values: &[f64], share: f64) -> Vec<usize> {
    let kept = wavelet::strongest(values, share).into_iter();
    kept.enumerate()
        .filter_map(|(place, kept)| kept.then_some(place))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_count_alike_whatever_their_size() {
        let clip = |loud: usize, amplitude: f32, frames: usize| {
            let of = |group: usize| if group == loud { amplitude } else { 0.0 };
            let values: Vec<f32> = (0..Group::COUNT)
                .flat_map(|group| vec![of(group); frames])
                .collect();
            let shape = analysis::CoefficientShape {
                channels: Group::COUNT,
                frames,
                height: 1,
                width: 1,
            };
            Energy::of(&values, shape, 1).unwrap()
        };
        let clips = [clip(3, 2.0, 1), clip(5, 1.0, 100)];
        let means = mean_squares(clips.iter(), 1);
        assert_eq!((means[3], means[5], means[0]), (2.0, 0.5, 0.0));
        assert_eq!(strongest(&means, 2.0 / 32.0), [3, 5]);
        assert_eq!(strongest(&means, 3.0 / 32.0), [0, 3, 5]);
    }
}
