//! What cannot be trained is refused before it is tried.

use analysis::SSIM_WINDOW;
use anyhow::{Result, ensure};
use vae::{GROUP, ModelConfig};
use wavelet::MaskChoice;

use super::{Config, KlOn, PatchKind};

impl Config {
    /// Refuses what cannot be trained.
    pub(crate) fn check(&self) -> Result<()> {
        let model = self.model()?;
        let (data, step) = (&self.data, model.size_step());
        ensure!(
            model.frame_rule().accepts(data.frames),
            "data.frames = {} does not suit the model; the next length that does is {}",
            data.frames,
            model.frame_rule().padded(data.frames)
        );
        for (name, size) in [
            ("data.size", data.size),
            ("validation.size", self.validation.size),
        ] {
            ensure!(
                size > 0 && size.is_multiple_of(step),
                "{name} = {size} does not suit the model; take a multiple of {step}"
            );
        }
        ensure!(
            data.cache_short_side >= data.size.max(self.validation.size),
            "data.cache_short_side = {} is smaller than the windows cut from it; raise it",
            data.cache_short_side
        );
        ensure!(
            self.loss.ssim == 0.0 || data.size >= SSIM_WINDOW,
            "data.size = {} is smaller than SSIM's window; take at least {SSIM_WINDOW}, or leave \
             loss.ssim out",
            data.size
        );
        let counts = [
            ("steps", self.steps),
            ("data.batch", data.batch as u64),
            ("data.max_stride", data.max_stride as u64),
            ("validation.every", self.validation.every),
            ("validation.clips", self.validation.clips as u64),
            ("run.log_every", self.run.log_every),
            ("run.keep_last", self.run.keep_last as u64),
            ("run.max_skipped", self.run.max_skipped),
            ("optimiser.accumulate", self.optimiser.accumulate),
        ];
        for (name, count) in counts {
            ensure!(count > 0, "{name} must be at least 1");
        }
        self.check_ranges()?;
        ensure!(
            self.loss.compares() || self.adversarial.is_some(),
            "nothing compares clips with their reconstructions: every weight in [loss] that would \
             is 0"
        );
        self.check_compression(&model)?;
        self.check_adversarial(&model)
    }

    fn check_compression(&self, model: &ModelConfig) -> Result<()> {
        if let Some(topk) = &self.topk {
            ensure!(
                topk.keep > 0.0 && topk.keep <= 1.0,
                "topk.keep = {} is not a share; take more than 0 and at most 1",
                topk.keep
            );
            let temperature = topk.soft.map_or(1.0, |soft| soft.temperature);
            ensure!(
                temperature > 0.0,
                "topk.soft.temperature = {temperature} must be greater than 0"
            );
            ensure!(
                *model.mask() == MaskChoice::None,
                "[topk] chooses what is kept; set mask = \"none\" in [model]"
            );
        }
        // The transform halves latents once more.
        let maskable = model.maskable_step();
        let whole = self.topk.is_none() && *model.mask() == MaskChoice::None;
        ensure!(
            whole || self.data.size.is_multiple_of(maskable),
            "data.size = {} gives latents with odd sides, which cannot be compressed; take a \
             multiple of {maskable}",
            self.data.size
        );
        if self.loss.kl_on == KlOn::Kept {
            ensure!(
                self.topk.is_none(),
                "loss.kl_on = \"kept\" needs a fixed mask and cannot be had with [topk]"
            );
            let frames = model.latent_frames(self.data.frames);
            let groups = model.compressed_frames(frames).len();
            ensure!(
                groups > 0 && groups.is_multiple_of(GROUP),
                "loss.kl_on = \"kept\" needs latents in whole groups of {GROUP} frames; with \
                 data.frames = {} there are {groups} to compress",
                self.data.frames
            );
        }
        Ok(())
    }

    fn check_adversarial(&self, model: &ModelConfig) -> Result<()> {
        let Some(adversarial) = &self.adversarial else {
            return Ok(());
        };
        ensure!(
            adversarial.width > 0 && adversarial.layers > 0,
            "adversarial.width and adversarial.layers must be at least 1"
        );
        ensure!(
            !adversarial.adaptive || model.has_last_layer(),
            "the adaptive weight is defined for WF-VAE and LC-VAE only; set \
             adversarial.adaptive = false"
        );
        // Every strided layer halves the frame, and the last two take two pixels off it.
        let least = 3_usize.checked_shl(adversarial.layers as u32);
        ensure!(
            adversarial.patch != PatchKind::Frame || least.is_some_and(|n| self.data.size >= n),
            "data.size = {} is too small for a discriminator over frames with {} layers",
            self.data.size,
            adversarial.layers
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::AdversarialConfig;
    use super::*;

    #[test]
    fn what_does_not_suit_the_model_is_refused() {
        let mut config = Config::preset("tiny").unwrap();
        config.data.frames = 20;
        assert!(config.check().unwrap_err().to_string().contains("32"));
    }

    #[test]
    fn a_loss_without_weights_is_refused() {
        let mut config = Config::preset("tiny").unwrap();
        config.loss.l1 = 0.0;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("nothing compares"), "{said}");
        config.loss.ssim = 0.1;
        config.check().unwrap();
    }

    #[test]
    fn compression_that_cannot_be_had_is_refused() {
        let mut config = Config::preset("tiny").unwrap();
        config.loss.kl_on = KlOn::Kept;
        config.check().unwrap();
        config.topk = Some(toml::from_str("keep = 0.5").unwrap());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("mask = \"none\""), "{said}");
        let model = config.model.as_table_mut().unwrap();
        model.insert("mask".into(), "none".into());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("fixed mask"), "{said}");

        let mut config = Config::preset("lean-lc8").unwrap();
        config.data.size = 56;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("multiple of 16"), "{said}");

        let mut config = Config::preset("wf-stage1").unwrap();
        config.loss.kl_on = KlOn::Kept;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("there are 6 to compress"), "{said}");
    }

    #[test]
    fn a_discriminator_that_does_not_suit_the_model_is_refused() {
        let mut config = Config::preset("lean-lc8").unwrap();
        config.adversarial = Some(AdversarialConfig::default());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("adversarial.adaptive = false"), "{said}");
        let own = "adaptive = false\npatch = \"frame\"\nlayers = 5";
        config.adversarial = Some(toml::from_str(own).unwrap());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("too small"), "{said}");
    }
}
