//! The main path through the page in all three engines: a scene, a file, the switch, pictures side by
//! side, and a still that is saved.
//!
//! Ignored in a plain `cargo test`, as the tests in `browser.rs` are.

use anyhow::{Context, Result, ensure};
use clips::ffmpeg::{DecodeOptions, decode};
use e2e::browser::{Driver, Engine, element};
use e2e::dist;
use e2e::media::{Media, fitted};
use e2e::native::{Native, difference};
use e2e::visit::{Visit, visit_in};

const QUERY: &str = "device=cpu&size=32&frames=32&model=wf16-c8";
const MODEL: &str = "wf16-c8";
/// How far the frames of a file may be from ffmpeg's, in steps of 1/255. WebKit leaves decoding to the
/// system (measured: 2.6, and 2.0 is the others' limit); a frame too early or late would be 4.6.
fn close(engine: Engine) -> f64 {
    match engine {
        Engine::WebKit => 3.0,
        Engine::Chromium | Engine::Firefox => 2.0,
    }
}

/// A visit in whatever engine.
type AnyVisit = Visit<Box<dyn Driver>>;

fn main_path(engine: Engine) -> Result<()> {
    let dist = dist::built()?;
    let mut models = dist::models(&dist)?.into_iter();
    let model = models.find(|model| model.id == MODEL);
    let model = model.context("the model is not shipped")?;
    let native = Native::load(&dist, &model)?;
    let media = Media::new()?;
    let file = media.scene("sky.mp4", (192, 128), 32)?;
    visit_in(engine, &dist, QUERY, |visit| {
        // Its videos may be decoded by the system: the still must not depend on that.
        visit.scene("slow-pan")?;
        let shown = visit.frames("canvas-original")?;
        let expected = native.reconstruct(&shown, &model.mask)?;
        let reconstruction = visit.frames("canvas-reconstruction")?;
        let off = difference(&reconstruction, &expected.frames)?;
        ensure!(off < 1.0, "the scene's reconstruction is off by {off}");

        visit.succeed(|page| page.click("zero-toggle"))?;
        let zeroed = visit.number("psnr-zeroed")?;
        let whole = visit.number("psnr")?;
        ensure!(zeroed < whole, "zeroing costs nothing: {zeroed}, {whole}");
        visit.page.click("view-side")?;
        for canvas in ["canvas-original", "canvas-reconstruction", "canvas-zeroed"] {
            ensure!(visit.page.shows(canvas)?, "{canvas} is not shown");
        }

        // The frames were read up to the last one, so that is the one that is shown.
        let still = media.bytes("still.png", &saved(visit, "export-png")?)?;
        let still = decode(&still, &DecodeOptions::default())?;
        let width = reconstruction.width();
        ensure!(still.width() == 3 * width, "{} columns", still.width());
        let last = shown.frame(31).context("no last frame")?;
        let rows = still.data().chunks(9 * width).zip(last.chunks(3 * width));
        let same = rows
            .into_iter()
            .all(|(still, last)| &still[..3 * width] == last);
        ensure!(same, "the still shows another picture");

        visit.upload(&file)?;
        let shown = visit.frames("canvas-original")?;
        let off = difference(&shown, &fitted(&file, 32, 32)?)?;
        ensure!(
            off < close(engine),
            "the file is decoded differently: {off}"
        );
        let expected = native.reconstruct(&shown, &model.mask)?;
        let off = difference(&visit.frames("canvas-reconstruction")?, &expected.frames)?;
        ensure!(off < 1.0, "the file's reconstruction is off by {off}");
        Ok(())
    })
}

/// The bytes of the file that a button makes the page save, caught on their way to the browser: not
/// every driver says where its browser puts them.
fn saved(visit: &mut AnyVisit, button: &str) -> Result<Vec<u8>> {
    let script = format!("({SAVED})({})", element(button));
    visit.page.evaluate(&script)
}

/// JavaScript: the bytes of the file that a click saves.
const SAVED: &str = "async button => {
    const usual = HTMLAnchorElement.prototype.click;
    const link = await new Promise((resolve, reject) => {
        HTMLAnchorElement.prototype.click = function () { resolve(this.href); };
        setTimeout(() => reject('nothing is saved'), 20000);
        button.click();
    });
    HTMLAnchorElement.prototype.click = usual;
    return [...new Uint8Array(await (await fetch(link)).arrayBuffer())];
}";

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn chromium_runs_the_page() -> Result<()> {
    main_path(Engine::Chromium)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn firefox_runs_the_page() -> Result<()> {
    main_path(Engine::Firefox)
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn webkit_runs_the_page() -> Result<()> {
    main_path(Engine::WebKit)
}
