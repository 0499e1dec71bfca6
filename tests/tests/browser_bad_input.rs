//! The built page and what is wrong or odd: a plain sentence, and the page goes on.
//!
//! Ignored in a plain `cargo test`, as the tests in `browser.rs` are.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clips::Clip;
use e2e::browser::{Gpu, element};
use e2e::dist;
use e2e::media::{Media, fitted};
use e2e::native::difference;
use e2e::visit::{scene, visit};

const QUERY: &str = "device=cpu&size=32&frames=32";

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn files_that_are_no_good_are_refused_and_nothing_is_lost() -> Result<()> {
    let media = Media::new()?;
    let good = media.scene("good.mp4", (48, 32), 32)?;
    // The index last, so that cutting the file loses it.
    let index_last = media.converted("index-last.mp4", &good, &["-c", "copy"])?;
    let text = "This is not a video at all.\n".repeat(50);
    let files = [
        (
            media.bytes("text.mp4", text.as_bytes())?,
            "not look like a video",
        ),
        (media.bytes("empty.mp4", b"")?, "empty"),
        (media.truncated("cut.mp4", &index_last, 0.5)?, "cut off"),
        (media.truncated("cut-later.mp4", &good, 0.4)?, "cut off"),
        (media.tone("tone.mp4")?, "no pictures"),
        (
            media.converted("old-codec.mp4", &good, &["-c:v", "mpeg4"])?,
            "cannot decode MPEG-4 Part 2",
        ),
        (
            media.converted("edited.mov", &good, &["-c:v", "prores_ks"])?,
            "cannot decode Apple ProRes",
        ),
        (
            media.converted("old.avi", &good, &["-c:v", "mpeg4"])?,
            "cannot decode AVI files",
        ),
        (
            media.converted("old.mpg", &good, &["-c:v", "mpeg2video"])?,
            "cannot decode MPEG files",
        ),
    ];
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        visit.scene("slow-pan")?;
        let psnr = visit.number("psnr")?;
        let frames = visit.frames("canvas-reconstruction")?;
        for (file, words) in files {
            let name = file.display().to_string();
            let said = visit.fail(|page| page.choose_files("file-input", &[&file]));
            let said = said.context(name.clone())?;
            ensure!(said.contains(words), "of {name} the page says: {said}");
            ensure!(visit.number("psnr")? == psnr, "{name}: numbers are lost");
            let off = difference(&visit.frames("canvas-reconstruction")?, &frames)?;
            ensure!(off == 0.0, "{name}: the reconstruction is lost");
        }
        visit.scene("fast-motion")?;
        ensure!(
            visit.number("psnr")? != psnr,
            "another scene, the same numbers"
        );
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn odd_files_are_shown_as_they_should_be() -> Result<()> {
    let media = Media::new()?;
    let level = media.scene("level.mp4", (64, 48), 8)?;
    let cropped = ["-vf", "crop=51:37:exact=1", "-c:v", "libvpx-vp9"];
    let files = [
        media.scene("one-frame.mp4", (48, 32), 1)?,
        media.converted("odd-sides.webm", &level, &cropped)?,
        media.turned("portrait.mp4", &level)?,
    ];
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        for file in files {
            let name = file.display().to_string();
            visit.upload(&file).context(name.clone())?;
            visit.number("psnr").context(name.clone())?;
            let off = difference(&visit.frames("canvas-original")?, &fitted(&file, 32, 32)?)?;
            ensure!(off < 3.0, "{name} looks different: {off}");
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn long_large_and_uneven_files_are_read_in_part() -> Result<()> {
    let media = Media::new()?;
    let steady = media.pattern("steady.mp4", (320, 240), 8, 12)?;
    // Two of three frames are left out after the first second, and the others keep their times.
    let thinned = ["-vf", "select='lt(t,1)+not(mod(n,3))'", "-fps_mode", "vfr"];
    let files = [
        media.pattern("4k.mp4", (3840, 2160), 8, 5)?,
        media.pattern("ten-minutes.mp4", (320, 240), 8, 600)?,
        media.converted("uneven.mp4", &steady, &thinned)?,
    ];
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        for file in files {
            let name = file.display().to_string();
            visit.upload(&file).context(name.clone())?;
            visit.number("psnr").context(name.clone())?;
            let shown = visit.frames("canvas-original")?;
            ensure!(shown.frames() == 32, "{name}: {} frames", shown.frames());
            let native = fitted(&file, 32, 33)?;
            let off = difference(&shown, &from(&native, 0)?)?;
            let next = difference(&shown, &from(&native, 1)?)?;

            ensure!(off < 2.0, "{name} looks different: {off}");
            ensure!(
                next > 1.5 * off,
                "{name}: as near to the next frames, {off} and {next}"
            );
        }
        Ok(())
    })
}

/// The 32 frames from `first` on.
fn from(clip: &Clip, first: usize) -> Result<Clip> {
    let frames: Vec<u8> = clip
        .iter()
        .skip(first)
        .take(32)
        .flatten()
        .copied()
        .collect();
    Ok(Clip::new(clip.width(), clip.height(), frames)?)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn damaged_weights_are_refused_and_other_models_still_run() -> Result<()> {
    let copy = dist::copy()?;
    let models = dist::models(copy.path())?;
    let [bad, good, ..] = models.as_slice() else {
        anyhow::bail!("only one model is shipped");
    };
    dist::damage(&copy.path().join("models").join(&bad.weights))?;
    let query = format!("{QUERY}&model={}", bad.id);
    visit(copy.path(), Gpu::None, &query, |visit| {
        let said = visit.fail(|page| page.click(&scene("slow-pan")))?;
        ensure!(
            said.contains("checksum"),
            "of damaged weights the page says: {said}"
        );
        visit.succeed(|page| page.set("model-select", &good.id))?;
        visit.number("psnr").map(drop)
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn without_webgpu_the_cpu_does_it() -> Result<()> {
    visit(&dist::built()?, Gpu::None, "size=32&frames=32", |visit| {
        visit.scene("slow-pan")?;
        visit.number("psnr")?;
        let device = visit.page.text("device")?;
        ensure!(device.starts_with("CPU"), "the page runs on {device}");
        ensure!(device.contains("WebGPU"), "it does not say why: {device}");
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_lost_gpu_is_said_and_the_cpu_takes_over() -> Result<()> {
    let query = "device=gpu&size=32&frames=128";
    visit(&dist::built()?, Gpu::Software, query, |visit| {
        let said = visit.fail(|page| {
            page.click(&scene("slow-pan"))?;
            let encodes = format!("{}.textContent.includes('Encoding')", element("status"));
            page.wait("the encoding", Duration::from_secs(300), &encodes)?;
            page.crash_gpu()
        })?;
        ensure!(said.contains("GPU"), "of a lost GPU the page says: {said}");
        visit.succeed(|page| page.set("device-select", "cpu"))?;
        visit.number("psnr").map(drop)
    })
}
