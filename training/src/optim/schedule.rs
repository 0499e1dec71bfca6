//! The learning rate over a run.

use std::ops::Range;

use crate::config::{OptimiserConfig, Schedule};

/// Learning rate of a step (counted from 0): linear warm-up to the peak, then what the schedule
/// says, down to `final_lr_ratio` of the peak. A ratio of 1 keeps it constant.
pub(crate) fn learning_rate(config: &OptimiserConfig, step: u64, steps: u64) -> f64 {
    let last = config.decay_steps.unwrap_or(steps);
    let warmup = config.warmup_steps.min(last);
    if step < warmup {
        return config.lr * (step + 1) as f64 / warmup as f64;
    }
    let left = match config.schedule {
        Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * share(step, warmup..last)).cos()),
        Schedule::Stable => match config.decay_from {
            None => 1.0,
            Some(from) => 1.0 - share(step, from..last),
        },
    };
    config.lr * (config.final_lr_ratio + (1.0 - config.final_lr_ratio) * left)
}

/// How much of these steps is done before a step, 0 to 1.
fn share(step: u64, steps: Range<u64>) -> f64 {
    let length = steps.end.saturating_sub(steps.start).max(1);
    (step.saturating_sub(steps.start) as f64 / length as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_stable_run_keeps_its_peak_until_its_decay() {
        let mut config = Config::preset("tiny").unwrap().optimiser;
        config.lr = 1.0;
        config.warmup_steps = 10;
        config.final_lr_ratio = 0.0;
        config.schedule = Schedule::Stable;
        assert!([10, 60, 109].map(|step| learning_rate(&config, step, 110)) == [1.0; 3]);
        config.decay_from = Some(60);
        assert!((learning_rate(&config, 59, 110) - 1.0).abs() < 1e-12);
        assert!((learning_rate(&config, 85, 110) - 0.5).abs() < 1e-12);
        assert!(learning_rate(&config, 110, 110).abs() < 1e-12);
    }

    #[test]
    fn it_warms_up_peaks_and_falls() {
        let mut config = Config::preset("tiny").unwrap().optimiser;
        config.lr = 1.0;
        config.warmup_steps = 10;
        config.final_lr_ratio = 0.1;
        let at = |step| learning_rate(&config, step, 110);
        assert!((at(0) - 0.1).abs() < 1e-12);
        assert!((at(9) - 1.0).abs() < 1e-12 && (at(10) - 1.0).abs() < 1e-12);
        assert!((at(60) - 0.55).abs() < 1e-12);
        assert!((at(110) - 0.1).abs() < 1e-12 && (at(500) - 0.1).abs() < 1e-12);
        let constant = OptimiserConfig {
            final_lr_ratio: 1.0,
            warmup_steps: 0,
            ..config.clone()
        };
        assert!([0, 60, 110].map(|step| learning_rate(&constant, step, 110)) == [1.0; 3]);
        config.decay_steps = Some(60);
        assert!((learning_rate(&config, 60, 110) - 0.1).abs() < 1e-12);
    }
}
