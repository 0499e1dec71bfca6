//! A list of steps with their times.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// A step: what a person calls it, and what it does.
pub(crate) struct Step {
    name: &'static str,
    action: fn() -> Result<()>,
}

impl Step {
    pub(crate) const fn new(name: &'static str, action: fn() -> Result<()>) -> Self {
        Self { name, action }
    }
}

/// Runs the steps in order up to the first failure and closes with a summary of all of them.
pub(crate) fn run(steps: &[Step]) -> Result<()> {
    let start = Instant::now();
    let mut done = Vec::new();
    let mut failure = None;
    for (index, step) in steps.iter().enumerate() {
        println!("\n=== {}/{} {}", index + 1, steps.len(), step.name);
        let start = Instant::now();
        let result = (step.action)();
        done.push(start.elapsed());
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            failure = Some(step.name);
            break;
        }
    }
    println!("\n=== summary");
    for (index, step) in steps.iter().enumerate() {
        println!(
            "{}",
            line(
                step.name,
                done.get(index).copied(),
                failure == Some(step.name)
            )
        );
    }
    println!("{:>6} s in all", start.elapsed().as_secs());
    match failure {
        Some(step) => bail!("{step}: failed"),
        None => Ok(()),
    }
}

fn line(name: &str, time: Option<Duration>, failed: bool) -> String {
    match time {
        None => format!("{:>8}  not run  {name}", ""),
        Some(time) => {
            let outcome = if failed { "FAILED" } else { "ok" };
            format!("{:>6} s  {outcome:<7}  {name}", time.as_secs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_stops_and_is_named() {
        let steps = [
            Step::new("good", || Ok(())),
            Step::new("bad", || bail!("broken")),
            Step::new("never", || {
                unreachable!("steps after a failure are not run")
            }),
        ];
        assert_eq!(run(&steps).unwrap_err().to_string(), "bad: failed");
        assert!(run(&steps[..1]).is_ok());
    }
}
