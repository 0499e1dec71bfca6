//! `index`: clips decoded ahead of training, and a list of those that cannot be used.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use dataset::{Found, FrameCache};

use crate::config::{Config, PRESET_FOR_CLIPS};
use crate::decoding::Decoding;

#[derive(Args, Clone, Debug)]
pub(crate) struct IndexArgs {
    /// Folders of video files or of folders of pictures.
    #[arg(required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// The config whose windows the clips must be long and large enough for.
    #[arg(long, conflicts_with = "preset")]
    pub(crate) config: Option<PathBuf>,
    /// The same, built in [default: what `train --data` would take].
    #[arg(long)]
    pub(crate) preset: Option<String>,
    /// Where decoded frames are kept.
    #[arg(long, default_value = "runs/cache")]
    pub(crate) cache: PathBuf,
}

/// Runs `index`.
///
/// # Errors
/// If a folder is missing or has no clips, ffmpeg is missing, the cache cannot be written, or no
/// clip can be used. Bad clips beside good ones are no error.
pub(crate) fn index(args: &IndexArgs) -> Result<()> {
    let config = match (&args.config, &args.preset) {
        (Some(path), _) => Config::read(path)?,
        (None, name) => Config::preset(name.as_deref().unwrap_or(PRESET_FOR_CLIPS))?,
    };
    config.check()?;
    let decoding = Decoding::new();
    let mut usable = 0;
    let cache = FrameCache::open(&args.cache, &config.data)?;
    for folder in &args.folders {
        let found = cache.index(folder, &config.data, &|ready, of| decoding.show(ready, of))?;
        say_text!(list(&found));
        let frames: usize = found.clips.iter().map(|clip| clip.extent().frames).sum();
        say!(
            "{}: {} clips with {frames} frames can be used for {}, {} cannot",
            folder.display(),
            found.clips.len(),
            config.name,
            found.skipped.len()
        );
        usable += found.clips.len();
    }
    ensure!(usable > 0, "none of the clips can be used");
    Ok(())
}

fn list(found: &Found) -> String {
    let good = found.clips.iter().map(|clip| {
        let extent = clip.extent();
        let shots = match clip.shots().len() {
            1 => String::new(),
            count => format!(", {count} shots"),
        };
        format!(
            "good  {}: {} frames of {}x{}{shots}\n",
            clip.name, extent.frames, extent.width, extent.height
        )
    });
    let bad = found.skipped.iter();
    let bad = bad.map(|file| format!("bad   {file}\n"));
    good.chain(bad).collect()
}
