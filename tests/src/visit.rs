//! A visit to the page: what a person does there, and what they see.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clips::Clip;
use serde::Deserialize;
use xtask::serve::Site;

use crate::browser::{Chromium, Gpu, Page, element};
use crate::native::Rows;

/// The software GPU does half a GFLOP a second, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(600);

/// A page that is open in a browser of its own.
pub struct Visit {
    /// The page, for whatever is not said below.
    pub page: Page,
    _browser: Chromium,
    _site: Site,
}

/// Opens the page in `dist`, does something there, and fails if that fails or the console of the
/// page or of a worker shows an error.
///
/// # Errors
/// With what went wrong first, and the console.
pub fn visit(
    dist: &Path,
    gpu: Gpu,
    query: &str,
    act: impl FnOnce(&mut Visit) -> Result<()>,
) -> Result<()> {
    let site = Site::open(dist, 0)?;
    let browser = Chromium::start(gpu)?;
    let mut page = Page::open(browser.address(), &format!("{}?{query}", site.address()))?;
    let models = format!("{}?.options.length", element("model-select"));
    page.wait(
        "the page with its list of models",
        Duration::from_secs(60),
        &models,
    )?;
    let mut visit = Visit {
        page,
        _browser: browser,
        _site: site,
    };
    let outcome = act(&mut visit);
    match (outcome, visit.page.check_console()) {
        (Err(error), Err(console)) => Err(error.context(console)),
        (outcome, console) => outcome.and(console),
    }
}

impl Visit {
    /// Chooses a video file and waits for its reconstruction.
    ///
    /// # Errors
    /// If the page does not get that far.
    pub fn upload(&mut self, file: &Path) -> Result<()> {
        self.succeed(|page| page.choose_files("file-input", &[file]))
    }

    /// Chooses a sample scene and waits for its reconstruction.
    ///
    /// # Errors
    /// If the page does not get that far.
    pub fn scene(&mut self, name: &str) -> Result<()> {
        self.succeed(|page| page.click(&scene(name)))
    }

    /// Does something that starts a run, and waits for it to end well.
    ///
    /// # Errors
    /// If it fails, with what the page says.
    pub fn succeed(&mut self, act: impl FnOnce(&mut Page) -> Result<()>) -> Result<()> {
        match self.run(act)?.as_str() {
            "done" => Ok(()),
            state => bail!("the run ended as {state}: {}", self.alerts()?),
        }
    }

    /// Does something that starts a run, waits for it to fail, and dismisses what the page says.
    ///
    /// # Errors
    /// If it does not fail, or the page says nothing.
    pub fn fail(&mut self, act: impl FnOnce(&mut Page) -> Result<()>) -> Result<String> {
        let state = self.run(act)?;
        ensure!(state == "failed", "the run ended as {state}");
        let said = self.alerts()?;
        ensure!(!said.is_empty(), "the run failed without a word");
        while self.page.shows("dismiss")? {
            self.page.click("dismiss")?;
        }
        Ok(said)
    }

    /// Does something that starts a run and gives the state it ends in.
    fn run(&mut self, act: impl FnOnce(&mut Page) -> Result<()>) -> Result<String> {
        // The page writes the state again when it changes, so an empty one is an old one.
        let status = element("status");
        self.page
            .evaluate::<bool>(&format!("({status}.dataset.state = '', true)"))?;
        act(&mut self.page)?;
        let state = format!("{status}.dataset.state");
        self.page.wait(
            "the end of the run",
            PATIENCE,
            &format!("!['', 'busy'].includes({state})"),
        )?;
        self.page.evaluate(&state)
    }

    /// The text of all alerts.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn alerts(&mut self) -> Result<String> {
        self.page.evaluate(ALERTS)
    }

    /// The first number in an element's text.
    ///
    /// # Errors
    /// If there is none.
    pub fn number(&mut self, id: &str) -> Result<f64> {
        let text = self.page.text(id)?.replace('\u{2212}', "-");
        let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
        let words = text.split(|c| !is_part(c));
        let number = words.filter_map(|word| word.parse().ok()).next();
        number.with_context(|| format!("{id} shows no number: {text}"))
    }

    /// The rows of a table of numbers, as exactly as the page has them.
    ///
    /// # Errors
    /// If there is no such table.
    pub fn table(&mut self, id: &str) -> Result<Rows> {
        self.page.evaluate(&format!("({TABLE})({})", element(id)))
    }

    /// Every frame that a canvas shows, by way of the frame slider.
    ///
    /// # Errors
    /// If there is no such canvas, or nothing to slide.
    pub fn frames(&mut self, canvas: &str) -> Result<Clip> {
        let slider = element("frame-slider");
        let script = format!("({FRAMES})({slider}, {})", element(canvas));
        let shown: Shown = self.page.evaluate(&script)?;
        Ok(Clip::new(shown.width, shown.height, shown.rgb)?)
    }
}

/// The `data-testid` of a sample scene.
pub fn scene(name: &str) -> String {
    format!("scene-{name}")
}

/// Frames of a canvas, `[T, H, W, 3]`.
#[derive(Deserialize)]
struct Shown {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// JavaScript: the text of all alerts.
const ALERTS: &str = "[...document.querySelectorAll('[data-testid=error] p')]
    .map(alert => alert.textContent.trim()).join('\\n')";

/// JavaScript: the names of a table's rows and the numbers in them.
const TABLE: &str = "table => [...table.tBodies[0].rows].map(row => [
    row.querySelector('th').textContent,
    [...row.querySelectorAll('td')].map(cell =>
        'value' in cell.dataset ? Number(cell.dataset.value) : null),
])";

/// JavaScript: all frames of a canvas. Each is read after the page has drawn it.
const FRAMES: &str = "async (slider, canvas) => {
    const { width, height } = canvas, rgb = [];
    for (let frame = Number(slider.min); frame <= Number(slider.max); frame++) {
        slider.value = frame;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
        data.forEach((value, at) => { if (at % 4 < 3) rgb.push(value); });
    }
    return { width, height, rgb };
}";
