//! Filmstrips of clips and their reconstructions, one picture each validation.

use std::path::Path;

use anyhow::{Context, Result};
use clips::Clip;
use files::write_whole;

/// Frames of each clip, spread evenly over its length.
const FRAMES: usize = 8;

/// Writes `step-NNNNNNN.png`: for every pair a row of frames of the clip, and below it the same
/// frames of its reconstruction. All clips must be of one size.
pub(crate) fn write(folder: &Path, step: u64, pairs: &[(&Clip, &Clip)]) -> Result<()> {
    let Some((first, _)) = pairs.first() else {
        return Ok(());
    };
    let (width, height) = (first.width(), first.height());
    let rows: Vec<u8> = pairs
        .iter()
        .flat_map(|(clip, reconstruction)| [row(clip), row(reconstruction)])
        .flatten()
        .collect();
    let size = (width * FRAMES, height * pairs.len() * 2);
    let png = encode(size, &rows).context("the picture of the reconstructions")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    write_whole(&folder.join(format!("step-{step:07}.png")), &png)?;
    Ok(())
}

/// [`FRAMES`] frames of a clip side by side, RGB.
fn row(clip: &Clip) -> Vec<u8> {
    let last = clip.frames().saturating_sub(1);
    let chosen = (0..FRAMES).filter_map(|index| clip.frame(index * last / (FRAMES - 1)));
    let frames: Vec<&[u8]> = chosen.collect();
    let line = clip.width() * 3;
    (0..clip.height())
        .flat_map(|y| {
            frames
                .iter()
                .flat_map(move |frame| &frame[y * line..(y + 1) * line])
        })
        .copied()
        .collect()
}

fn encode((width, height): (usize, usize), rgb: &[u8]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width.try_into()?, height.try_into()?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconstructions_stand_below_their_clips() {
        let plain = |value: u8| Clip::new(2, 2, vec![value; 2 * 2 * 3 * 9]).unwrap();
        let (clip, reconstruction) = (plain(200), plain(100));
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 30, &[(&clip, &reconstruction)]).unwrap();

        let file = std::fs::File::open(folder.path().join("step-0000030.png")).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!((reader.info().width, reader.info().height), (16, 4));
        let (above, below) = pixels.split_at(pixels.len() / 2);
        assert!(above.iter().all(|&value| value == 200));
        assert!(below.iter().all(|&value| value == 100));
    }
}
