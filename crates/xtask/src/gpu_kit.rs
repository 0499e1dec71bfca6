//! `gpu-kit`: one archive that trains on a machine with an NVIDIA driver and nothing else: no Rust,
//! no ffmpeg, no network.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{cargo, program, root, run};
use crate::system;

/// The most that is easily carried, in bytes.
const LIMIT: u64 = 60 * 1024 * 1024;
/// The CUDA version that the bindings are made for where no toolkit is installed: 13.0. The
/// library itself is looked for when the program runs.
const CUDA_VERSION: &str = "13000";
const RUN: &str = include_str!("gpu_kit.sh");
const ENDINGS: [&str; 6] = ["mp4", "webm", "mov", "avi", "mkv", "mpg"];

/// Options of `gpu-kit`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folders of video files to train on
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Frames taken from the start of each clip
    #[arg(long, default_value_t = 44)]
    frames: usize,
    /// Shorter side of the frames, in pixels
    #[arg(long, default_value_t = 128)]
    short_side: usize,
    /// JPEG quality as ffmpeg counts it: 2 is best, 31 worst
    #[arg(long, default_value_t = 5)]
    quality: usize,
    /// A run's folder to continue there
    #[arg(long)]
    resume: Option<PathBuf>,
    /// The archive to write
    #[arg(long, default_value = "target/gpu-kit.tar.xz")]
    out: PathBuf,
}

/// Builds the trainer, packs the frames and writes the archive.
pub(crate) fn make(options: &Options) -> Result<()> {
    system::ffmpeg()?;
    let kit = root().join("target/gpu-kit");
    if kit.exists() {
        fs::remove_dir_all(&kit).context("the last kit cannot be removed")?;
    }
    fs::create_dir_all(kit.join("clips")).context("the kit's folder cannot be made")?;
    binary(&kit)?;
    let mut names = HashSet::new();
    for folder in &options.data {
        frames(folder, &kit.join("clips"), options, &mut names)?;
    }
    if let Some(resume) = &options.resume {
        continued(resume, &kit)?;
    }
    let script = kit.join("run.sh");
    fs::write(&script, RUN).context("the kit's script cannot be written")?;
    run(program("chmod").arg("+x").arg(&script))?;
    archive(&options.out)
}

fn binary(kit: &Path) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "-p", "trainer"]);
    if std::env::var_os("CUDA_PATH").is_none() {
        build.env("CUDARC_CUDA_VERSION", CUDA_VERSION);
    }
    run(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    let stripped = kit.join("trainer");
    run(program("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(target.join("release/trainer")))
}

/// A folder of JPEG frames for every video file; through RGB, since JPEG knows one colour matrix and
/// videos have others.
fn frames(
    folder: &Path,
    into: &Path,
    options: &Options,
    names: &mut HashSet<OsString>,
) -> Result<()> {
    let mut videos = Vec::new();
    search(folder, &mut videos)?;
    videos.sort();
    ensure!(
        !videos.is_empty(),
        "there are no video files in {}",
        folder.display()
    );
    println!("packing {} clips of {}", videos.len(), folder.display());
    let mut bad = Vec::new();
    for video in &videos {
        let frames = into.join(distinct(video, names));
        fs::create_dir_all(&frames).context("a folder for frames cannot be made")?;
        let done = program("ffmpeg")
            .args(arguments(video, &frames, options))
            .status();
        if !done.is_ok_and(|status| status.success()) {
            bad.push(video.display().to_string());
            let _ = fs::remove_dir_all(&frames);
        }
    }
    if !bad.is_empty() {
        println!("left out, since they cannot be decoded: {}", bad.join(", "));
    }
    Ok(())
}

/// A video's file name, with a number behind its stem where another video of that name was packed
/// already: weights of clips go by how the names begin.
fn distinct(video: &Path, taken: &mut HashSet<OsString>) -> OsString {
    let own = video.file_name().unwrap_or_default().to_owned();
    let numbered = |number: u32| {
        let mut name = video.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number}."));
        name.push(video.extension().unwrap_or_default());
        name
    };
    let mut name = own;
    for number in 2.. {
        if taken.insert(name.clone()) {
            break;
        }
        name = numbered(number);
    }
    name
}

fn arguments(video: &Path, frames: &Path, options: &Options) -> Vec<OsString> {
    let side = options.short_side;
    let scale = format!(
        "scale='if(gt(iw,ih),-2,min({side},iw))':'if(gt(iw,ih),min({side},ih),-2)':flags=area,\
         format=gbrp,format=yuvj444p"
    );
    let (count, quality) = (options.frames.to_string(), options.quality.to_string());
    let mut arguments: Vec<OsString> = ["-v", "error", "-nostdin", "-i"].map(Into::into).into();
    arguments.push(video.into());
    let rest = ["-frames:v", &count, "-vf", &scale, "-q:v", &quality];
    arguments.extend(rest.map(Into::into));
    arguments.push(frames.join("%05d.jpg").into());
    arguments
}

fn search(folder: &Path, videos: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() {
            search(&path, videos)?;
        } else if ENDINGS.iter().any(|known| ending == *known) {
            videos.push(path);
        }
    }
    Ok(())
}

/// The files that `--resume` needs.
fn continued(resume: &Path, kit: &Path) -> Result<()> {
    let name = resume
        .file_name()
        .context("--resume must name a run's folder")?;
    let into = kit.join("runs").join(name);
    fs::create_dir_all(&into).context("the kit's folder cannot be made")?;
    for file in ["checkpoint.safetensors", "config.toml", "log.jsonl"] {
        let from = resume.join(file);
        fs::copy(&from, into.join(file))
            .with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    Ok(())
}

fn archive(out: &Path) -> Result<()> {
    let out = root().join(out);
    let mut tar = program("tar");
    tar.arg("-cJf")
        .arg(&out)
        .arg("-C")
        .arg(root().join("target"))
        .arg("gpu-kit");
    run(&mut tar)?;
    let size = fs::metadata(&out)?.len();
    println!(
        "{}: {:.1} MiB",
        out.display(),
        size as f64 / (1024.0 * 1024.0)
    );
    if size > LIMIT {
        bail!(
            "that is more than 60 MiB; lower --frames or --short-side, or raise --quality's number"
        );
    }
    println!("there: tar -xJf gpu-kit.tar.xz && gpu-kit/run.sh lean-lc8 8 OUT");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::process::Output;

    use super::*;

    /// In place of the trainer: a run whose files are as large as a config of it says.
    const TRAINER: &str = r#"#!/bin/sh
while [ "$1" != --out ]; do shift; done
mkdir -p "$2/export"
echo line >"$2/log.jsonl"
echo name >"$2/config.toml"
echo card >"$2/export/README.md"
. "$(dirname "$0")/sizes"
head -c "$model" /dev/urandom >"$2/export/model.safetensors"
head -c "$checkpoint" /dev/urandom >"$2/checkpoint.safetensors"
"#;
    const MIB: usize = 1024 * 1024;

    /// Runs a kit whose run gives files of these sizes; what OUT holds afterwards.
    fn results(kit: &Path, model: usize, checkpoint: usize) -> (Output, Vec<(String, usize)>) {
        for (name, text) in [("run.sh", RUN), ("trainer", TRAINER)] {
            fs::write(kit.join(name), text).unwrap();
            run(program("chmod").arg("+x").arg(kit.join(name))).unwrap();
        }
        let sizes = format!("model={model}\ncheckpoint={checkpoint}\n");
        fs::write(kit.join("sizes"), sizes).unwrap();
        let out = kit.join("out");
        let mut script = program(&kit.join("run.sh").display().to_string());
        let output = script.args(["micro", "1"]).arg(&out).output().unwrap();
        let file = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.unwrap();
            let size = entry.metadata().unwrap().len() as usize;
            (entry.file_name().into_string().unwrap(), size)
        };
        let mut files: Vec<_> = fs::read_dir(&out).unwrap().map(file).collect();
        files.sort();
        (output, files)
    }

    fn said(output: &Output) -> String {
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    #[test]
    fn videos_of_one_name_are_packed_side_by_side() {
        let mut taken = HashSet::new();
        let names = ["a/1.mp4", "b/1-2.mp4", "b/1.mp4", "c/1.mp4", "c/2.mp4"]
            .map(|video| distinct(Path::new(video), &mut taken));
        assert_eq!(names, ["1.mp4", "1-2.mp4", "1-3.mp4", "1-4.mp4", "2.mp4"]);
    }

    #[test]
    fn results_come_in_files_that_can_be_carried() {
        let kit = tempfile::tempdir().unwrap();
        let kit = kit.path();
        let (output, files) = results(kit, 10 * MIB, 44 * MIB);
        assert!(output.status.success(), "{}", said(&output));
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let parts = ["aa", "ab", "ac"].map(|part| format!("checkpoint.safetensors.part-{part}"));
        assert_eq!(names[1..4], parts);
        assert_eq!(files.len(), 7, "{files:?}");
        assert!(files.iter().all(|(_, size)| *size <= 16 * MIB), "{files:?}");
        let whole: Vec<u8> = parts
            .iter()
            .flat_map(|part| fs::read(kit.join("out").join(part)).unwrap())
            .collect();
        assert!(whole == fs::read(kit.join("runs/micro/checkpoint.safetensors")).unwrap());

        // A later run with a larger model: its checkpoint, and the parts of the last, stay away.
        let (output, files) = results(kit, 20 * MIB, 64 * MIB);
        assert!(!output.status.success());
        let sentence = "with the checkpoint there are 10 files, and OUT takes 8";
        assert!(said(&output).contains(sentence), "{}", said(&output));
        assert_eq!(files.len(), 5, "{files:?}");
        assert!(files.iter().all(|(_, size)| *size <= 16 * MIB), "{files:?}");

        let (output, _) = results(kit, 90 * MIB, MIB);
        assert!(!output.status.success());
        assert!(said(&output).contains("the results make 9 files"));
    }
}
