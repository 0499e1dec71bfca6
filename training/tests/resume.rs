//! A run that is killed and continued ends in the same numbers as one that was never stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{amend, arg, fail, micro_config, narrow_vgg, stderr, succeed, tensors, trainer};
use safetensors::SafeTensors;

const STEPS: u64 = 12;

/// Steps done according to a run's checkpoint.
fn steps_done(run: &Path) -> u64 {
    let Ok(bytes) = fs::read(run.join("checkpoint.safetensors")) else {
        return 0;
    };
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let header = &metadata.metadata().as_ref().unwrap()["header"];
    let header: serde_json::Value = serde_json::from_str(header).unwrap();
    header["progress"]["step"].as_u64().unwrap()
}

/// Until a run's checkpoint has come so far.
fn wait_for_step(run: &Path, step: u64) {
    let begun = Instant::now();
    while steps_done(run) < step {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "no checkpoint appeared"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn start(config: &Path, run: &Path) -> Vec<String> {
    [
        "train",
        "--device",
        "cpu",
        "--config",
        arg(config),
        "--out",
        arg(run),
    ]
    .map(str::to_owned)
    .into()
}

fn strs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn a_killed_run_continues_to_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), STEPS, 1e-3);
    kill_and_resume(folder.path(), &config, &["weights", "average"]);
}

/// Both networks in turn, on two batches each, with a perceptual loss and dropout.
#[test]
fn a_killed_adversarial_run_continues_to_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), STEPS, 1e-3);
    let vgg = narrow_vgg(folder.path());
    amend(&config, |text| {
        let text = text.replace("clip_norm = 1.0", "clip_norm = 1.0\naccumulate = 2");
        let file = arg(&vgg);
        format!(
            "{text}\n[loss.perceptual]\nweight = 0.1\nbackbone = \"vgg16\"\nfile = \"{file}\"\n\
             [adversarial]\nstart = 2\nwidth = 4\nlecam = 0.01\n"
        )
    });
    let parts = ["weights", "average", "discriminator", "logit_means"];
    let log = kill_and_resume(folder.path(), &config, &parts);
    for name in ["adaptive_weight", "discriminator", "perceptual"] {
        let lines = log
            .lines()
            .filter(|line| line.contains(&format!("\"{name}\":")));
        assert!(lines.count() >= 5, "{name}:\n{log}");
    }
}

/// Runs a config whole, and once more with a kill in the middle: the parts of the checkpoints must
/// be alike in every bit. Returns the log of the killed run.
fn kill_and_resume(folder: &Path, config: &Path, parts: &[&str]) -> String {
    let (whole, killed) = (folder.join("whole"), folder.join("killed"));
    succeed(&strs(&start(config, &whole)));

    let mut process = trainer(&strs(&start(config, &killed)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_step(&killed, 3);
    process.kill().unwrap();
    process.wait().unwrap();
    let reached = steps_done(&killed);
    assert!((3..STEPS).contains(&reached), "killed after step {reached}");

    let resume = [
        "train",
        "--device",
        "cpu",
        "--resume",
        "--out",
        arg(&killed),
    ];
    succeed(&resume);
    assert_eq!(steps_done(&killed), STEPS);
    let checkpoint = |run: &Path| tensors(&run.join("checkpoint.safetensors"), parts);
    let (expected, found) = (checkpoint(&whole), checkpoint(&killed));
    assert!(expected.len() > 50, "{}", expected.len());
    let differing = expected.iter().filter(|(name, w)| found[*name] != **w);
    let differing: Vec<_> = differing.map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{differing:?}");

    let log = fs::read_to_string(killed.join("log.jsonl")).unwrap();
    let lines = log.lines().filter(|line| line.contains("steps_per_second"));
    assert_eq!(
        lines.count() as u64,
        STEPS,
        "every step is logged once:\n{log}"
    );
    log
}

#[test]
fn time_limits_save_and_exit_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 100_000, 1e-3);
    let run = folder.path().join("run");
    let mut arguments = start(&config, &run);
    arguments.extend(["--max-time", "1s"].map(str::to_owned));
    succeed(&strs(&arguments));
    let done = steps_done(&run);
    assert!((1..100_000).contains(&done), "{done}");
    for file in ["config.json", "model.safetensors", "README.md"] {
        assert!(run.join("export").join(file).is_file(), "{file}");
    }
}

/// An interrupt from the keyboard, and what schedulers send.
#[cfg(unix)]
#[test]
fn signals_save_and_exit_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let config = micro_config(folder.path(), 100_000, 1e-3);
        let run = folder.path().join("run");
        let process = trainer(&strs(&start(&config, &run)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for_step(&run, 1);
        let pid = process.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}");
        let advice = format!(
            "trainer train --resume --out {} --device cpu",
            run.display()
        );
        assert!(stderr(&output).contains(&advice), "{}", stderr(&output));
        let (done, exported) = (steps_done(&run), run.join("export/model.safetensors"));
        assert!((1..100_000).contains(&done), "{signal}: {done}");
        assert!(exported.is_file(), "{signal}");
    }
}

/// Killed after the config was written and while the first checkpoint was.
#[test]
fn a_run_that_was_killed_before_its_first_checkpoint_can_start_anew() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 1, 1e-3);
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    fs::copy(&config, run.join("config.toml")).unwrap();
    let half = run.join(".unfinished-x");
    fs::write(&half, "half a checkpoint").unwrap();
    succeed(&strs(&start(&config, &run)));
    assert_eq!(steps_done(&run), 1);
    assert!(!half.exists());
}

#[test]
fn another_config_is_refused_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let config = micro_config(folder.path(), 2, 1e-3);
    succeed(&strs(&start(&config, &run)));
    let before = fs::read(run.join("checkpoint.safetensors")).unwrap();

    let said = fail(&strs(&start(&config, &run)));
    assert!(said.contains("already holds a run"), "{said}");
    let other = micro_config(folder.path(), 2, 2e-3);
    let mut arguments = start(&other, &run);
    arguments.push("--resume".to_owned());
    let said = fail(&strs(&arguments));
    let differs = "another config: optimiser.lr = 0.001, not 0.002;";
    assert!(said.contains(differs), "{said}");
    assert_eq!(
        fs::read(run.join("checkpoint.safetensors")).unwrap(),
        before
    );
}

#[test]
fn a_run_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 100_000, 1e-3);
    let run = folder.path().join("run");
    let mut process = trainer(&strs(&start(&config, &run)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_step(&run, 1);
    let half = run.join(".unfinished-x");
    fs::write(&half, "what the first one is writing").unwrap();
    let resume = ["train", "--resume", "--out", arg(&run), "--max-time", "1s"];
    let said = fail(&resume);
    assert!(said.contains("another process is at work in"), "{said}");
    assert!(half.exists());
    // A crash releases it.
    process.kill().unwrap();
    process.wait().unwrap();
    succeed(&resume);
    assert!(!half.exists());
}

#[test]
fn no_run_is_guessed_and_places_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 2, 1e-3);
    let inside = |arguments: &[&str], place: &Path| {
        let output = trainer(arguments).current_dir(place).output().unwrap();
        (output.status.success(), stderr(&output))
    };
    let clip = folder.path().join("clips/a");
    fs::create_dir_all(&clip).unwrap();
    for number in 0..32 {
        let file = fs::File::create(clip.join(format!("{number:02}.png"))).unwrap();
        let writer = png::Encoder::new(file, 16, 16).write_header();
        writer.unwrap().write_image_data(&[number; 256]).unwrap();
    }
    let train = ["train", "--config", arg(&config), "--device", "cpu"];
    let with_data = [&train[..], &["--data", "clips"]].concat();
    assert!(inside(&with_data, folder.path()).0);
    let (resumed, said) = inside(&["train", "--resume", "--steps", "3"], folder.path());
    assert!(resumed, "the only run: {said}");
    let elsewhere = tempfile::tempdir().unwrap();
    let run = folder.path().join("runs/micro");
    let resume = ["train", "--resume", "--out", arg(&run), "--steps"];
    let (resumed, said) = inside(&[&resume[..], &["4"]].concat(), elsewhere.path());
    assert!(resumed, "{said}");
    let (resumed, said) = inside(&[&resume[..], &["3"]].concat(), elsewhere.path());
    assert!(!resumed && said.contains("has done 4 steps"), "{said}");

    assert!(inside(&train, folder.path()).0);
    let (resumed, said) = inside(&["train", "--resume"], folder.path());
    let both = "name one with --out: runs/micro, runs/micro-2";
    assert!(!resumed && said.contains(both), "{said}");
}

#[test]
fn the_rate_of_a_stable_run_falls_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 3, 1e-3);
    amend(&config, |text| {
        text.replace(
            "warmup_steps = 2",
            "warmup_steps = 0\nschedule = \"stable\"",
        )
    });
    let run = folder.path().join("run");
    succeed(&strs(&start(&config, &run)));
    let resume = ["train", "--resume", "--out", arg(&run), "--device", "cpu"];
    succeed(&[&resume[..], &["--decay", "4"]].concat());
    assert_eq!(steps_done(&run), 7);
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let rates: Vec<f64> = lines
        .filter_map(|line: serde_json::Value| line["lr"].as_f64())
        .collect();
    assert_eq!(
        rates[..4],
        [1e-3; 4],
        "stable, and the first step of the decay"
    );
    assert!(
        rates[4..].windows(2).all(|pair| pair[1] < pair[0]),
        "{rates:?}"
    );

    let said = fail(&[&resume[..], &["--decay", "4", "--steps", "9"]].concat());
    assert!(said.contains("cannot be used with"), "{said}");
    let other = folder.path().join("cosine");
    let config = micro_config(folder.path(), 2, 1e-3);
    succeed(&strs(&start(&config, &other)));
    let said = fail(&["train", "--resume", "--out", arg(&other), "--decay", "4"]);
    assert!(said.contains("a cosine falls anyway"), "{said}");
}
