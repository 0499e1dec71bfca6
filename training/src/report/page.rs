//! The report's HTML.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::chart::{number, svg};
use super::log::Log;

/// A picture made while training: clips above, reconstructions below.
pub(crate) struct Filmstrip {
    /// Its file's name, which says the step.
    pub(crate) name: String,
    /// The file.
    pub(crate) png: Vec<u8>,
}

/// What is drawn: a title and where the log has it.
const CURVES: [(&str, &str); 17] = [
    ("Loss", "/loss"),
    ("L1", "/l1"),
    ("L2", "/l2"),
    ("1 - SSIM", "/dissimilarity"),
    ("Jumps at the edges of blocks", "/seams"),
    ("Perceptual loss", "/perceptual"),
    ("KL", "/kl"),
    ("Wavelet loss", "/wavelet"),
    ("Adversarial loss", "/adversarial"),
    (
        "Adaptive weight of the adversarial loss",
        "/adaptive_weight",
    ),
    ("Discriminator's loss", "/discriminator"),
    ("Held-out PSNR (dB)", "/validation/psnr"),
    ("Held-out SSIM", "/validation/ssim"),
    ("Gradient norm", "/gradient_norm"),
    (
        "Discriminator's gradient norm",
        "/discriminator_gradient_norm",
    ),
    ("Learning rate", "/lr"),
    ("Steps a second", "/steps_per_second"),
];

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8886; --curve: #2a6fdb; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { font-weight: 600; }
svg text { font-size: 11px; fill: currentColor; opacity: .7; }
.axis { fill: none; stroke: var(--line); }
.curve { fill: none; stroke: var(--curve); stroke-width: 1.5; }
circle { fill: var(--curve); }
img, video { max-width: 100%; image-rendering: pixelated; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: .8rem; }
th { text-align: left; padding-right: 1.5rem; }
";

/// The page. `card` is the model card of a finished run.
pub(crate) fn html(
    name: &str,
    log: &Log,
    config: &str,
    card: Option<&str>,
    filmstrips: &[Filmstrip],
    video: Option<&[u8]>,
) -> String {
    let curves: String = CURVES
        .iter()
        .map(|(title, at)| curve(title, &log.curve(at)))
        .collect();
    let filmstrips: String = filmstrips.iter().map(picture).collect();
    let filmstrips = video.map(player).unwrap_or_default() + &filmstrips;
    let filmstrips = section("Clips and their reconstructions", &filmstrips);
    let card = card.map(|card| format!("<pre>{}</pre>", escaped(card)));
    let card = section("Model card", &card.unwrap_or_default());
    let name = escaped(name);
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{name}</title>\
         <style>{STYLE}</style><h1>{name}</h1>{}<h2>Curves</h2><div class=\"curves\">{curves}</div>\
         {filmstrips}{card}<h2>Config</h2><pre>{}</pre></html>\n",
        summary(log),
        escaped(config)
    )
}

fn summary(log: &Log) -> String {
    let share = |share: f64| format!("{:.1} %", 100.0 * share);
    let time = |seconds: f64| {
        let whole = std::time::Duration::from_secs(seconds as u64);
        humantime::format_duration(whole).to_string()
    };
    let rows = [
        ("Steps", log.last("/step").map(number)),
        ("Training time", log.last("/seconds").map(time)),
        (
            "Held-out PSNR (dB)",
            log.last("/validation/psnr").map(number),
        ),
        ("Held-out SSIM", log.last("/validation/ssim").map(number)),
        ("L1", log.last("/l1").map(number)),
        ("Steps skipped", log.last("/skipped").map(number)),
        ("Time spent waiting for data", log.data_wait().map(share)),
    ];
    let rows: String = rows
        .iter()
        .filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!(
                "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>"
            ))
        })
        .collect();
    format!("<table>{rows}</table>")
}

/// A figure, unless there is nothing to draw or all of it is zero.
fn curve(title: &str, points: &[(f64, f64)]) -> String {
    if points.iter().all(|(_, value)| *value == 0.0) {
        return String::new();
    }
    format!(
        "<figure><figcaption>{title}</figcaption>{}</figure>",
        svg(points)
    )
}

fn picture(filmstrip: &Filmstrip) -> String {
    let (name, data) = (escaped(&filmstrip.name), STANDARD.encode(&filmstrip.png));
    format!(
        "<figure><figcaption>{name}</figcaption>\
         <img alt=\"{name}: clips above, reconstructions below\" src=\"data:image/png;base64,{data}\"></figure>"
    )
}

fn player(mp4: &[u8]) -> String {
    let data = STANDARD.encode(mp4);
    format!(
        "<figure><figcaption>The last ones in motion: clips left, reconstructions right</figcaption>\
         <video controls loop muted playsinline src=\"data:video/mp4;base64,{data}\"></video></figure>"
    )
}

fn section(title: &str, content: &str) -> String {
    match content {
        "" => String::new(),
        content => format!("<h2>{title}</h2>{content}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
