//! Damaged copies of good files, for the tests of everything that reads foreign bytes.
//!
//! A reader may refuse what it gets. It may not panic, hang, or ask for more memory than there is.
//! Fuzzers that watch which branches an input takes need a nightly compiler; this needs none, and
//! starts from real files, so that most of what it makes gets past the first check.
//!
//! ```
//! fuzz::fuzz("digits", &[b"12.5".to_vec()], |bytes| {
//!     let _ = String::from_utf8_lossy(bytes).parse::<f64>();
//! });
//! ```

mod damage;

use std::env;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::SeedableRng;
use rand::rngs::SmallRng;

use damage::damage;

/// Inputs of a run that has no time of its own. The same ones every time.
const INPUTS: usize = 2000;
/// Such a run ends early on a slow machine.
const PATIENCE: Duration = Duration::from_secs(10);
/// A reader that takes longer over a small file hangs.
const LIMIT: Duration = Duration::from_secs(5);
/// Asks for a run of so many seconds, with other inputs every time.
const SECONDS: &str = "FUZZ_SECONDS";

/// Gives a reader the seeds as they are and then damaged copies of them.
///
/// The input at hand lies in the system's folder for temporary files, as `fuzz-NAME`: the one that
/// ended the run is still there afterwards, even where the whole process was killed.
///
/// # Panics
/// If the reader panics or hangs, or if that file cannot be written.
pub fn fuzz(name: &str, seeds: &[Vec<u8>], read: impl Fn(&[u8])) {
    let file = env::temp_dir().join(format!("fuzz-{name}"));
    println!("{name}: the last input is {}", file.display());
    for seed in seeds {
        give(seed, &file, &read);
    }
    let start = Instant::now();
    let asked = asked();
    let goes_on = |done: usize| match asked {
        Some(time) => start.elapsed() < time,
        None => done < INPUTS && start.elapsed() < PATIENCE,
    };
    let mut random = SmallRng::seed_from_u64(asked.map_or(1, |_| clock()));
    let mut done = 0;
    while goes_on(done) {
        give(&damage(seeds, &mut random), &file, &read);
        done += 1;
    }
    println!("{name}: {done} inputs");
    // It is only in the way now.
    let _ = fs::remove_file(file);
}

#[expect(clippy::expect_used, reason = "a test fails by panicking")]
fn give(input: &[u8], file: &Path, read: &impl Fn(&[u8])) {
    fs::write(file, input).expect("the folder for temporary files can be written to");
    let start = Instant::now();
    read(input);
    let time = start.elapsed();
    assert!(time < LIMIT, "{time:?} for {}", file.display());
}

fn asked() -> Option<Duration> {
    let seconds = env::var(SECONDS).ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |time| u64::from(time.subsec_nanos()))
}
