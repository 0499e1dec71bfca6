//! The buffer in which the rows of the unfolded matrix are shifted views.

/// How far a kernel may read past the last position it has to compute.
pub(crate) const SLACK: usize = 128;

/// One clip with a border of zeros: channels one after another, each `[T, H, W]`, and slack behind.
pub(crate) struct Bordered {
    /// All numbers, [`SLACK`] more than the channels need.
    pub(crate) numbers: Vec<f32>,
    /// Frames, height and width with the border.
    pub(crate) size: [usize; 3],
    channels: usize,
}

impl Bordered {
    /// Copies `clip`, channels of `[T, H, W]` numbers, leaving `before` zeros in front of each axis
    /// and what remains of `size` behind.
    pub(crate) fn new(
        clip: &[f32],
        inner: [usize; 3],
        before: [usize; 3],
        size: [usize; 3],
    ) -> Self {
        let [frames, height, width] = inner;
        let channels = clip.len() / (frames * height * width).max(1);
        let mut numbers = vec![0.0; channels * size.iter().product::<usize>() + SLACK];
        for (row, line) in clip.chunks_exact(width.max(1)).enumerate() {
            let (h, above) = (row % height, row / height);
            let (t, c) = (above % frames, above / frames);
            let frame = c * size[0] + t + before[0];
            let start = (frame * size[1] + h + before[1]) * size[2] + before[2];
            numbers[start..start + width].copy_from_slice(line);
        }
        Self {
            numbers,
            size,
            channels,
        }
    }

    /// Numbers from one channel to the next.
    pub(crate) fn channel(&self) -> usize {
        self.size.iter().product()
    }

    /// Where the rows of the unfolded matrix start: channel by channel, in each one the offsets of
    /// `kernel` in the order of a weight tensor.
    pub(crate) fn rows(&self, kernel: [usize; 3]) -> Vec<usize> {
        let mut rows = Vec::with_capacity(self.channels * kernel.iter().product::<usize>());
        for c in 0..self.channels {
            for t in 0..kernel[0] {
                for h in 0..kernel[1] {
                    let line = c * self.channel() + (t * self.size[1] + h) * self.size[2];
                    rows.extend((0..kernel[2]).map(|w| line + w));
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_input_seen_from_a_kernel_offset() {
        let clip: Vec<f32> = (0..2 * 2 * 2 * 3).map(|i| i as f32 + 1.0).collect();
        let bordered = Bordered::new(&clip, [2, 2, 3], [1, 0, 1], [4, 2, 5]);
        let rows = bordered.rows([3, 1, 3]);
        assert_eq!(rows.len(), 2 * 9);
        // The middle of the kernel over the first output is the first number of each channel.
        assert_eq!(bordered.numbers[rows[4]], 1.0);
        assert_eq!(bordered.numbers[rows[9 + 4]], 13.0);
        // Its left neighbour and the frame before are border.
        assert_eq!(bordered.numbers[rows[3]], 0.0);
        assert_eq!(bordered.numbers[rows[1]], 0.0);
    }
}
