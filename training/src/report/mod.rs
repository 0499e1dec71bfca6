//! `trainer report`: one page of HTML that shows a run, with nothing outside it.

mod bars;
mod chart;
mod events;
mod log;
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use files::write_whole;

pub(crate) use bars::bars;
pub(crate) use events::EventFile;
use log::Log;
use page::Filmstrip;

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// The file to write [default: report.html in the run's folder].
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

/// Reads a run's folder and writes its report.
pub(crate) fn report(args: &ReportArgs) -> Result<()> {
    let log = Log::read(&args.run.join("log.jsonl"))?;
    let config = args.run.join("config.toml");
    let config = fs::read_to_string(&config)
        .with_context(|| format!("the run's config {} cannot be read", config.display()))?;
    // A run that has not finished has no card yet.
    let card = fs::read_to_string(args.run.join("export/README.md")).ok();
    let (filmstrips, video) = pictures(&args.run.join("strips"))?;
    let name = args.run.file_name().unwrap_or(args.run.as_os_str());
    let html = page::html(
        &name.to_string_lossy(),
        &log,
        &config,
        card.as_deref(),
        &filmstrips,
        video.as_deref(),
    );
    let output = args.output.clone().unwrap_or(args.run.join("report.html"));
    write_whole(&output, html.as_bytes())?;
    say!("{}", output.display());
    Ok(())
}

/// The pictures in a folder, by name, which is by step, and the last video; none where there is no
/// folder.
fn pictures(folder: &Path) -> Result<(Vec<Filmstrip>, Option<Vec<u8>>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok((Vec::new(), None));
    };
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    let read = |path: &Path| {
        fs::read(path).with_context(|| format!("the picture {} cannot be read", path.display()))
    };
    let of_kind = |kind: &'static str| {
        let is_kind = move |path: &&PathBuf| path.extension().is_some_and(|own| own == kind);
        paths.iter().filter(is_kind)
    };
    let filmstrip = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Filmstrip {
            name: name.into_owned(),
            png: read(path)?,
        })
    };
    let filmstrips = of_kind("png").map(filmstrip).collect::<Result<_>>()?;
    let video = of_kind("mp4").next_back().map(|path| read(path));
    Ok((filmstrips, video.transpose()?))
}
