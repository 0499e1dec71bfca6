//! The learning rate over a run.

use crate::config::OptimiserConfig;

/// Learning rate of a step (counted from 0): linear warm-up, then half a cosine down to
/// `final_lr_ratio` of the peak at `decay_steps`, else the last step. A ratio of 1 keeps it
/// constant.
pub(crate) fn learning_rate(config: &OptimiserConfig, step: u64, steps: u64) -> f64 {
    let steps = config.decay_steps.unwrap_or(steps);
    let warmup = config.warmup_steps.min(steps);
    if step < warmup {
        return config.lr * (step + 1) as f64 / warmup as f64;
    }
    let progress = (step - warmup) as f64 / (steps - warmup).max(1) as f64;
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos());
    config.lr * (config.final_lr_ratio + (1.0 - config.final_lr_ratio) * cosine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

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
