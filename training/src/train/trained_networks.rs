//! Which networks a step trains. Source: spec/wfvae.md 10.

use crate::config::{AdversarialConfig, Turns};

/// The networks that a step trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrainedNetworks {
    pub(super) autoencoder: bool,
    pub(super) discriminator: bool,
    /// Whether the autoencoder's loss has the adversarial term.
    pub(super) adversarial: bool,
}

impl TrainedNetworks {
    /// Those of a step, counted from 0.
    pub(super) fn at(adversarial: Option<&AdversarialConfig>, step: u64) -> Self {
        let active = adversarial.filter(|own| step >= own.start);
        let (autoencoder, discriminator) = match active.map(|own| own.turns) {
            None => (true, false),
            Some(Turns::Both) => (true, true),
            Some(Turns::Alternate) => (step.is_multiple_of(2), !step.is_multiple_of(2)),
        };
        Self {
            autoencoder,
            discriminator,
            adversarial: active.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_the_references() {
        let own = |turns, start| AdversarialConfig {
            turns,
            start,
            ..AdversarialConfig::default()
        };
        let said = |adversarial: Option<&AdversarialConfig>, step| {
            let trained = TrainedNetworks::at(adversarial, step);
            (
                trained.autoencoder,
                trained.discriminator,
                trained.adversarial,
            )
        };
        assert_eq!(said(None, 7), (true, false, false));
        let alternate = own(Turns::Alternate, 5);
        assert_eq!(said(Some(&alternate), 3), (true, false, false));
        assert_eq!(said(Some(&alternate), 5), (false, true, true));
        assert_eq!(said(Some(&alternate), 6), (true, false, true));
        let both = own(Turns::Both, 5);
        assert_eq!(said(Some(&both), 4), (true, false, false));
        assert_eq!(said(Some(&both), 5), (true, true, true));
    }
}
