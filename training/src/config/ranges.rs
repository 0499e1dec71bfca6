//! The ranges of a config's numbers. What lies outside would be trained without complaint, to
//! nothing.

use std::fmt::Display;

use anyhow::{Result, ensure};

use super::{AdversarialConfig, Config, LossConfig, OptimiserConfig, Schedule};

impl Config {
    /// Refuses numbers outside their range, by name.
    pub(super) fn check_ranges(&self) -> Result<()> {
        check_optimiser(&self.optimiser)?;
        check_loss(&self.loss)?;
        if let Some(adversarial) = &self.adversarial {
            check_adversarial(adversarial)?;
        }
        if let Some(rate) = self.data.max_fps {
            above_zero("data.max_fps", rate)?;
        }
        weight("data.scenes", self.data.scenes)?;
        for folder in &self.data.folders {
            weight("data.folders.weight", folder.weight)?;
        }
        for rule in &self.data.clip_weights {
            weight("data.clip_weights.weight", rule.weight)?;
        }
        weight("run.autosave_minutes", self.run.autosave_minutes)
    }
}

fn check_optimiser(optimiser: &OptimiserConfig) -> Result<()> {
    above_zero("optimiser.lr", optimiser.lr)?;
    share("optimiser.final_lr_ratio", optimiser.final_lr_ratio)?;
    ensure!(
        optimiser.decay_from.is_none() || optimiser.schedule == Schedule::Stable,
        "optimiser.decay_from is for schedule = \"stable\"; a cosine falls from the start"
    );
    for beta in optimiser.betas {
        decay("optimiser.betas", beta)?;
    }
    above_zero("optimiser.epsilon", optimiser.epsilon)?;
    weight("optimiser.weight_decay", optimiser.weight_decay)?;
    let norm = optimiser.clip_norm;
    ensure!(
        norm > 0.0,
        "optimiser.clip_norm = {norm} must be greater than 0; `inf` clips nothing"
    );
    decay("optimiser.ema_decay", optimiser.ema_decay)
}

fn check_loss(loss: &LossConfig) -> Result<()> {
    weight("loss.l1", loss.l1)?;
    weight("loss.l2", loss.l2)?;
    weight("loss.ssim", loss.ssim)?;
    weight("loss.seams", loss.seams)?;
    weight("loss.kl", loss.kl)?;
    weight("loss.wavelet", loss.wavelet)?;
    weight("loss.dropped", loss.dropped)?;
    ensure!(
        loss.logvar.is_finite(),
        "loss.logvar = {} must be a finite number",
        loss.logvar
    );
    if let Some(bands) = &loss.bands {
        weight("loss.bands.low", bands.low)?;
        weight("loss.bands.high", bands.high)?;
    }
    if let Some(perceptual) = &loss.perceptual {
        weight("loss.perceptual.weight", perceptual.weight)?;
        above_zero("loss.perceptual.scale", perceptual.scale)?;
    }
    Ok(())
}

fn check_adversarial(adversarial: &AdversarialConfig) -> Result<()> {
    weight("adversarial.weight", adversarial.weight)?;
    decay("adversarial.dropout", adversarial.dropout)?;
    weight("adversarial.lecam", adversarial.lecam)?;
    adversarial
        .lr
        .map_or(Ok(()), |lr| above_zero("adversarial.lr", lr))
}

fn weight(name: &str, value: impl Number) -> Result<()> {
    let number: f64 = value.into();
    let fits = number.is_finite() && number >= 0.0;
    range(name, value, fits, "0 or greater, and finite")
}

fn above_zero(name: &str, value: impl Number) -> Result<()> {
    let number: f64 = value.into();
    let fits = number.is_finite() && number > 0.0;
    range(name, value, fits, "greater than 0, and finite")
}

fn share(name: &str, value: f64) -> Result<()> {
    range(name, value, (0.0..=1.0).contains(&value), "from 0 to 1")
}

/// What is left of something from step to step, or dropped: all of it would be for ever.
fn decay(name: &str, value: impl Number) -> Result<()> {
    let fits = (0.0..1.0).contains(&value.into());
    range(name, value, fits, "0 or greater, and less than 1")
}

fn range(name: &str, value: impl Number, fits: bool, wanted: &str) -> Result<()> {
    ensure!(
        fits,
        "{name} = {value} is out of range; it must be {wanted}"
    );
    Ok(())
}

/// Shown in the precision that it is kept in.
trait Number: Into<f64> + Display + Copy {}

impl<N: Into<f64> + Display + Copy> Number for N {}

#[cfg(test)]
mod tests {
    use crate::config::{BandsConfig, Config};

    type Change = fn(&mut Config, f64);

    /// Every number with a range, a way to set it, and values outside.
    const OUTSIDE: [(&str, Change, &[f64]); 20] = [
        ("optimiser.lr", |c, v| c.optimiser.lr = v, &[0.0, f64::NAN]),
        (
            "optimiser.final_lr_ratio",
            |c, v| c.optimiser.final_lr_ratio = v,
            &[-0.1, 1.1],
        ),
        (
            "optimiser.betas",
            |c, v| c.optimiser.betas[0] = v as f32,
            &[-0.1, 1.0],
        ),
        (
            "optimiser.betas",
            |c, v| c.optimiser.betas[1] = v as f32,
            &[1.0, f64::NAN],
        ),
        (
            "optimiser.epsilon",
            |c, v| c.optimiser.epsilon = v as f32,
            &[0.0, -1e-8],
        ),
        (
            "optimiser.weight_decay",
            |c, v| c.optimiser.weight_decay = v as f32,
            &[-1.0],
        ),
        (
            "optimiser.clip_norm",
            |c, v| c.optimiser.clip_norm = v,
            &[0.0, -1.0, f64::NAN],
        ),
        (
            "optimiser.ema_decay",
            |c, v| c.optimiser.ema_decay = v,
            &[-0.1, 1.0],
        ),
        ("loss.l1", |c, v| c.loss.l1 = v, &[-1.0, f64::INFINITY]),
        ("loss.l2", |c, v| c.loss.l2 = v, &[-1.0]),
        ("loss.ssim", |c, v| c.loss.ssim = v, &[-1.0]),
        ("loss.seams", |c, v| c.loss.seams = v, &[-1.0]),
        ("loss.kl", |c, v| c.loss.kl = v, &[-1e-6, f64::NAN]),
        ("loss.wavelet", |c, v| c.loss.wavelet = v, &[-1.0]),
        ("loss.dropped", |c, v| c.loss.dropped = v, &[-1.0]),
        ("loss.logvar", |c, v| c.loss.logvar = v, &[f64::INFINITY]),
        (
            "loss.bands.high",
            |c, v| {
                let bands = BandsConfig { low: 1.0, high: v };
                c.loss.bands = Some(bands);
            },
            &[-1.0],
        ),
        ("data.scenes", |c, v| c.data.scenes = v, &[-1.0]),
        ("data.max_fps", |c, v| c.data.max_fps = Some(v), &[0.0]),
        (
            "run.autosave_minutes",
            |c, v| c.run.autosave_minutes = v,
            &[-1.0],
        ),
    ];

    #[test]
    fn numbers_outside_their_range_are_refused_by_name() {
        for (name, change, values) in OUTSIDE {
            for value in values {
                let mut config = Config::preset("tiny").unwrap();
                change(&mut config, *value);
                let said = config.check().unwrap_err().to_string();
                assert!(said.starts_with(&format!("{name} = {value}")), "{said}");
                assert!(said.contains(" must be "), "{said}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_ranges_are_allowed() {
        let mut config = Config::preset("tiny").unwrap();
        config.optimiser.betas = [0.0, 0.0];
        config.optimiser.ema_decay = 0.0;
        config.optimiser.clip_norm = f64::INFINITY;
        config.optimiser.final_lr_ratio = 0.0;
        config.loss.kl = 0.0;
        config.loss.logvar = -2.0;
        config.check().unwrap();
    }

    #[test]
    fn weights_of_what_is_optional_are_checked_too() {
        let refused = |part: &str, text: &str| {
            let mut config = Config::preset("tiny").unwrap();
            match part {
                "perceptual" => config.loss.perceptual = Some(toml::from_str(text).unwrap()),
                _ => config.adversarial = Some(toml::from_str(text).unwrap()),
            }
            config.check().unwrap_err().to_string()
        };
        let said = refused("perceptual", "weight = -1.0\nbackbone = \"vgg16\"");
        assert!(said.starts_with("loss.perceptual.weight = -1"), "{said}");
        for (text, name) in [
            ("weight = inf", "adversarial.weight = inf"),
            ("lecam = -0.1", "adversarial.lecam = -0.1"),
            ("lr = 0.0", "adversarial.lr = 0"),
            ("dropout = 1.0", "adversarial.dropout = 1"),
        ] {
            let said = refused("adversarial", text);
            assert!(said.starts_with(name), "{said}");
        }
    }
}
