//! The built page as a window: what is dropped onto it, keys, and a telephone's width.
//!
//! Ignored in a plain `cargo test`, as the tests in `browser.rs` are.

use anyhow::{Result, ensure};
use e2e::browser::{Gpu, element};
use e2e::dist;
use e2e::media::{Media, fitted};
use e2e::native::difference;
use e2e::visit::visit;

const QUERY: &str = "device=cpu&size=32&frames=32";

/// Also beside the column, where nothing is drawn; and a file that is no video changes nothing.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn a_video_is_dropped_onto_the_window() -> Result<()> {
    let media = Media::new()?;
    let video = media.scene("dropped.mp4", (192, 128), 32)?;
    let text = media.bytes("text.mp4", b"This is not a video at all.")?;
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        visit.page.resize(1600, 900)?;
        let margin = (4.0, 400.0);
        visit.succeed(|page| page.drop_files(margin, &[&video]))?;
        let shown = visit.frames("canvas-original")?;
        let off = difference(&shown, &fitted(&video, 32, 32)?)?;
        ensure!(off < 2.0, "the clip looks different: {off}");
        let said = visit.fail(|page| page.drop_files(margin, &[&text]))?;
        ensure!(
            said.contains("not look like a video"),
            "the page says: {said}"
        );
        let off = difference(&visit.frames("canvas-original")?, &shown)?;
        ensure!(off == 0.0, "the clip is lost");
        Ok(())
    })
}

#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn keys_work_until_they_are_switched_off() -> Result<()> {
    let arrangement = "document.querySelector('.stage').className";
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        visit.scene("sky")?;
        let side = visit.page.evaluate::<String>(arrangement)?;
        visit.page.press("v")?;
        let split = visit.page.evaluate::<String>(arrangement)?;
        ensure!(split != side, "the key changes nothing: {side}");
        visit.page.click("help")?;
        visit.page.click("keys-on")?;
        let close = "(document.querySelector('dialog').close(), true)";
        visit.page.evaluate::<bool>(close)?;
        visit.page.press("v")?;
        let now = visit.page.evaluate::<String>(arrangement)?;
        ensure!(now == split, "the key still works: {split}, then {now}");
        Ok(())
    })
}

/// Nothing is wider than a telephone, with every table there is on the page.
#[test]
#[ignore = "needs the built page: cargo xtask test"]
fn the_page_fits_a_telephone() -> Result<()> {
    const WIDTH: u32 = 390;
    visit(&dist::built()?, Gpu::None, QUERY, |visit| {
        visit.page.resize(WIDTH, 844)?;
        visit.scene("slow-pan")?;
        visit.page.click("zero-toggle")?;
        let width = "document.scrollingElement.scrollWidth";
        let found = visit.page.evaluate::<u32>(width)?;
        ensure!(found <= WIDTH, "the page is {found} pixels wide");
        let right = format!(
            "{}.getBoundingClientRect().right",
            element("canvas-reconstruction")
        );
        let right = visit.page.evaluate::<f64>(&right)?;
        ensure!(
            right <= f64::from(WIDTH),
            "the reconstruction ends at {right}"
        );
        Ok(())
    })
}
