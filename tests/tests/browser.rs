//! The built page in a real Chromium: what it shows is what the native code computes.
//!
//! These need the built page and minutes, so they are ignored in a plain `cargo test`;
//! `cargo xtask test` builds the page and runs them one at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clips::Scene;
use e2e::browser::{Gpu, element};
use e2e::dist;
use e2e::media::{Media, fitted};
use e2e::native::{Expected, Native, difference};
use e2e::vectors::formula_file;
use e2e::visit::{Visit, scene, visit};
use protocol::ModelEntry;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use vae::ModelConfig;
use wavelet::MaskChoice;

/// Columns and rows of the files that are uploaded: several times the clip's, since decoders
/// interpolate the halved colour planes in different ways.
const FILE: (usize, usize) = (192, 128);
/// Side of the clips: tiny, for a GPU that is none.
const SIDE: usize = 32;
/// How far the page's frames may be from the native ones, on average, in steps of 1/255.
const CLOSE: f64 = 2.0;

fn query(device: &str, model: &ModelEntry) -> String {
    let id = &model.id;
    format!("device={device}&size={SIDE}&frames=32&model={id}")
}

/// The WF trio takes 32 frames as they are, and on a GPU that is none it is the quicker family: it
/// has few large convolutions, LeanVAE many small steps.
const LC: &str = "lc16-c8";
const BASELINE: &str = "wf16-c8";
/// The page's own choice, whose depthwise convolutions have a kernel of ours on a GPU.
const LEAN: &str = "lean-lc32-energy";

fn model(dist: &Path, id: &str) -> Result<ModelEntry> {
    let mut models = dist::models(dist)?.into_iter();
    let model = models.find(|model| model.id == id);
    model.with_context(|| format!("there is no model {id}"))
}

/// Frames and numbers of a reconstruction, against the native ones.
fn check(visit: &mut Visit, canvas: &str, suffix: &str, expected: &Expected) -> Result<()> {
    let off = difference(&visit.frames(canvas)?, &expected.frames)?;
    ensure!(off < CLOSE, "the frames of {canvas} are off by {off}");
    let psnr = visit.number(&format!("psnr{suffix}"))?;
    let natively = expected.psnr;
    ensure!((psnr - natively).abs() < 0.1, "PSNR {psnr}: {natively}");
    let ssim = visit.number(&format!("ssim{suffix}"))?;
    let natively = expected.ssim;
    ensure!((ssim - natively).abs() < 0.01, "SSIM {ssim}: {natively}");
    Ok(())
}

/// The plain reconstruction of what the page shows as the original.
fn check_reconstruction(visit: &mut Visit, dist: &Path, model: &ModelEntry) -> Result<()> {
    let original = visit.frames("canvas-original")?;
    let expected = Native::load(dist, model)?.reconstruct(&original, &model.mask)?;
    check(visit, "canvas-reconstruction", "", &expected)
}

fn an_mp4_is_reconstructed(device: &str, model_id: &str, frames: usize) -> Result<()> {
    let dist = dist::built()?;
    let model = model(&dist, model_id)?;
    let media = Media::new()?;
    let file = media.scene("sky.mp4", FILE, frames)?;
    let query = query(device, &model).replace("frames=32", &format!("frames={frames}"));
    visit(&dist, Gpu::Software, &query, |visit| {
        visit.upload(&file)?;
        let used = visit.page.text("device")?;
        ensure!(used.starts_with(&device.to_uppercase()), "on {used}");
        let off = difference(
            &visit.frames("canvas-original")?,
            &fitted(&file, SIDE, frames)?,
        )?;
        ensure!(off < CLOSE, "the file is decoded differently: {off}");
        check_reconstruction(visit, &dist, &model)
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn an_mp4_is_reconstructed_on_webgpu() -> Result<()> {
    an_mp4_is_reconstructed("gpu", LC, 32)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn the_page_s_own_model_runs_on_webgpu() -> Result<()> {
    an_mp4_is_reconstructed("gpu", LEAN, 33)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn an_mp4_is_reconstructed_on_the_cpu() -> Result<()> {
    an_mp4_is_reconstructed("cpu", LC, 32)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn zeroing_changes_the_numbers_as_the_native_code_says() -> Result<()> {
    let dist = dist::built()?;
    let model = model(&dist, BASELINE)?;
    let native = Native::load(&dist, &model)?;
    visit(&dist, Gpu::None, &query("cpu", &model), |visit| {
        visit.scene("slow-pan")?;
        let whole = visit.number("psnr")?;
        let original = visit.frames("canvas-original")?;
        visit.succeed(|page| page.click("zero-toggle"))?;

        // The one that is shown first: the page keeps what it has and would not run again for it.
        let masks = [MaskChoice::Lowpass50, MaskChoice::Paper50];
        for (name, mask) in ["lowpass50", "paper50"].into_iter().zip(masks) {
            choose_mask(visit, name)?;
            let expected = native.reconstruct(&original, &mask)?;
            check(visit, "canvas-zeroed", "-zeroed", &expected).context(name)?;
            let zeroed = visit.number("psnr-zeroed")?;
            ensure!(zeroed < whole, "{name} costs nothing: {zeroed}, {whole} dB");
            let off = difference(
                &visit.frames("canvas-zeroed")?,
                &visit.frames("canvas-reconstruction")?,
            )?;
            ensure!(off > 0.0, "{name} changes no pixel");
            let retained = visit.number("retained-energy-zeroed")?;
            let natively = 100.0 * expected.retained;
            let off = (retained - natively).abs();
            ensure!(off < 0.2, "{retained} % kept, natively {natively} %");
        }
        let still = visit.number("psnr")?;
        ensure!(still == whole, "the plain numbers changed: {still}");
        visit.page.click("zero-toggle")?;
        ensure!(!visit.page.shows("psnr-zeroed")?, "zeroed numbers stay");
        Ok(())
    })
}

/// Chooses another mask and waits for what it gives, unless that is the one that is shown.
fn choose_mask(visit: &mut Visit, name: &str) -> Result<()> {
    let chosen = format!("{}.value", element("mask-select"));
    if visit.page.evaluate::<String>(&chosen)? == name {
        return Ok(());
    }
    visit.succeed(|page| page.set("mask-select", name))
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn the_latent_s_tables_are_those_of_the_native_code() -> Result<()> {
    let dist = dist::built()?;
    let model = model(&dist, LC)?;
    visit(&dist, Gpu::None, &query("cpu", &model), |visit| {
        visit.scene("fast-motion")?;
        let original = visit.frames("canvas-original")?;
        let natively = Native::load(&dist, &model)?.tables(&original)?;
        for (id, expected) in ["energy-table", "autocorrelation-table"]
            .into_iter()
            .zip(natively)
        {
            let shown = visit.table(id)?;
            ensure!(shown.len() == expected.len(), "{id}: {} rows", shown.len());
            for ((name, shown), (row, expected)) in shown.iter().zip(&expected) {
                ensure!(name == row, "{id}: {name} stands where {row} belongs");
                let same = shown.len() == expected.len()
                    && shown.iter().zip(expected).all(|pair| match pair {
                        (Some(shown), Some(expected)) => (shown - expected).abs() < 1e-3,
                        pair => pair == (&None, &None),
                    });
                ensure!(same, "{id}, {name}: {shown:?}, natively {expected:?}");
            }
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_cancelled_run_makes_way_for_another() -> Result<()> {
    let dist = dist::built()?;
    let model = model(&dist, LC)?;
    // Four times as long as the others, on the software GPU: there is time to cancel it.
    let query = query("gpu", &model).replace("frames=32", "frames=128");
    visit(&dist, Gpu::Software, &query, |visit| {
        let (page, status) = (&mut visit.page, element("status"));
        page.click(&scene("fast-motion"))?;
        let encodes = format!("{status}.textContent.includes('Encoding')");
        page.wait("the encoding", Duration::from_secs(300), &encodes)?;
        page.click("cancel")?;
        let cancelled = format!("{status}.dataset.state === 'cancelled'");
        page.wait(
            "the cancelled run's end",
            Duration::from_secs(5),
            &cancelled,
        )?;
        ensure!(
            visit.number("psnr").is_err(),
            "a cancelled run has a result"
        );

        visit.succeed(|page| page.set("frames-select", "32"))?;
        check_reconstruction(visit, &dist, &model)
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn the_page_does_not_wait_for_its_worker() -> Result<()> {
    let copy = dist::copy()?;
    let query = query("cpu", &model(copy.path(), LC)?);
    // A worker that never says anything stands for one that is still on its way.
    std::fs::write(copy.path().join("worker_loader.js"), "")?;
    visit(copy.path(), Gpu::None, &query, |visit| {
        visit.page.click(&scene("slow-pan"))?;
        let drawn = format!("{}?.width === {SIDE}", element("canvas-original"));
        visit
            .page
            .wait("the original", Duration::from_secs(30), &drawn)?;
        let natively = Scene::SlowPan.render(7, SIDE, SIDE, 32);
        let off = difference(&visit.frames("canvas-original")?, &natively)?;
        ensure!(off == 0.0, "the page draws another scene: {off}");
        let waits = format!("{}.disabled", element("export-video"));
        ensure!(
            visit.page.evaluate::<bool>(&waits)?,
            "a video of nothing is offered"
        );
        Ok(())
    })
}

/// Of two choices before the worker has woken the second counts, and the page goes on working.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_run_overtaken_before_the_worker_wakes_stays_silent() -> Result<()> {
    let copy = dist::copy()?;
    let model = model(copy.path(), LC)?;
    let loader = copy.path().join("worker_loader.js");
    let prompt = fs::read_to_string(&loader)?;
    let late = format!("setTimeout(() => {{ {prompt} }}, 3000);");
    fs::write(&loader, late)?;
    visit(copy.path(), Gpu::None, &query("cpu", &model), |visit| {
        visit.page.click(&scene("sky"))?;
        visit.succeed(|page| page.click(&scene("slow-pan")))?;
        check_reconstruction(visit, copy.path(), &model)?;
        visit.scene("still-texture")?;
        check_reconstruction(visit, copy.path(), &model)
    })
}

/// A model that the page does not ship, of another backbone, from the visitor's own weights alone,
/// and with a config that says how to compress.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_visitor_s_own_model_runs() -> Result<()> {
    let text = r#"{"_class_name": "WanVAE", "dim": 4, "z_dim": 4, "mask": "lowpass50"}"#;
    let own = ModelConfig::from_json(text)?;
    let folder = tempfile::tempdir()?;
    let (config, weights) = (
        folder.path().join("own.json"),
        folder.path().join("own.safetensors"),
    );
    fs::write(&config, text)?;
    fs::write(&weights, formula_file(&own, 7, Dtype::F16))?;
    let query = format!("device=cpu&size={SIDE}&frames=33");
    visit(&dist::built()?, Gpu::None, &query, |visit| {
        let native = Native::read(&config, &weights)?;
        let chosen = format!("{}.value", element("model-select"));
        let is_own = format!("{chosen} === 'own'");
        let alone = (vec![&weights], MaskChoice::None);
        let both = (vec![&weights, &config], MaskChoice::Lowpass50);
        for (files, mask) in [alone, both] {
            let files: Vec<&Path> = files.into_iter().map(PathBuf::as_path).collect();
            visit.page.choose_files("file-input", &files)?;
            let seconds = Duration::from_secs(20);
            visit.page.wait("the model in the list", seconds, &is_own)?;
            visit.scene("slow-pan")?;
            let original = visit.frames("canvas-original")?;
            let expected = native.reconstruct(&original, &mask)?;
            check(visit, "canvas-reconstruction", "", &expected)?;
        }

        let strange = folder.path().join("strange.safetensors");
        let nothing: [(&str, TensorView<'_>); 0] = [];
        fs::write(&strange, safetensors::serialize(nothing, None)?)?;
        let said = visit.fail(|page| page.choose_files("file-input", &[&strange]))?;
        ensure!(said.contains("drop its config"), "the page says: {said}");
        Ok(())
    })
}

/// TAEHV files as they are published carry no config: the shapes of their tensors tell which of the
/// family it is, here one whose latent is a sixteenth of the picture.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_taehv_file_alone_runs() -> Result<()> {
    let text = r#"{"_class_name": "TAEHV", "latent_channels": 8, "patch_size": 2,
        "encoder_width": 8, "decoder_widths": [16, 12, 10, 8]}"#;
    let folder = tempfile::tempdir()?;
    let (config, weights) = (
        folder.path().join("taehv.json"),
        folder.path().join("taehv.safetensors"),
    );
    fs::write(&config, text)?;
    fs::write(
        &weights,
        formula_file(&ModelConfig::from_json(text)?, 7, Dtype::F16),
    )?;
    let query = format!("device=cpu&size={SIDE}&frames=33");
    visit(&dist::built()?, Gpu::None, &query, |visit| {
        let native = Native::read(&config, &weights)?;
        visit.page.choose_files("file-input", &[&weights])?;
        let is_own = format!("{}.value === 'own'", element("model-select"));
        let seconds = Duration::from_secs(20);
        visit.page.wait("the model in the list", seconds, &is_own)?;
        visit.scene("slow-pan")?;
        let original = visit.frames("canvas-original")?;
        let expected = native.reconstruct(&original, &MaskChoice::None)?;
        check(visit, "canvas-reconstruction", "", &expected)
    })
}

/// Each shot is what the model makes of it alone.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn shots_are_coded_one_by_one() -> Result<()> {
    const SHOTS: [usize; 2] = [17, 13];
    let dist = dist::built()?;
    let model = model(&dist, LEAN)?;
    let native = Native::load(&dist, &model)?;
    let media = Media::new()?;
    let file = media.shots("cut.mp4", FILE, &[(11, SHOTS[0]), (5, SHOTS[1])])?;
    let query = query("cpu", &model).replace("frames=32", "frames=30");
    visit(&dist, Gpu::None, &query, |visit| {
        visit.upload(&file)?;
        let said = visit.page.text("shots")?;
        let expected = "2 shots, each coded by itself: the clip cuts at frame 18.";
        ensure!(said == expected, "the page says: {said}");
        let (original, shown) = (
            visit.frames("canvas-original")?,
            visit.frames("canvas-reconstruction")?,
        );
        for frames in [0..SHOTS[0], SHOTS[0]..SHOTS[0] + SHOTS[1]] {
            let alone = native.reconstruct(&original.part(frames.clone()), &model.mask)?;
            let off = difference(&shown.part(frames.clone()), &alone.frames)?;
            ensure!(off < 0.5, "frames {frames:?} are off by {off}");
        }
        visit.scene("slow-pan")?;
        let said = visit.page.text("shots")?;
        ensure!(said.is_empty(), "of one shot the page says: {said}");
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn webm_files_are_read() -> Result<()> {
    let dist = dist::built()?;
    let query = query("cpu", &model(&dist, LC)?);
    let media = Media::new()?;
    let vp9 = media.scene("vp9.webm", FILE, 32)?;
    let vp8 = media.converted("vp8.webm", &vp9, &["-c:v", "libvpx", "-b:v", "2M"])?;
    let av1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "20"];
    let av1 = media.converted("av1.webm", &vp9, &av1)?;
    visit(&dist, Gpu::None, &query, |visit| {
        for file in [vp9, vp8, av1] {
            visit.upload(&file)?;
            let off = difference(&visit.frames("canvas-original")?, &fitted(&file, SIDE, 32)?)?;
            ensure!(off < CLOSE, "{}: off by {off}", file.display());
        }
        Ok(())
    })
}
