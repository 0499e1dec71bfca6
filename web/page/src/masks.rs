//! Masks as words, as switches and as bars.

use wavelet::{Group, Mask, MaskChoice};

/// A mask as one word: its name, or its groups with dots between.
pub(crate) fn mask_name(mask: &MaskChoice) -> String {
    let dotted = |numbers: &[usize]| {
        numbers
            .iter()
            .map(usize::to_string)
            .collect::<Vec<_>>()
            .join(".")
    };
    match mask {
        MaskChoice::Groups(groups) => format!("groups.{}", dotted(groups)),
        MaskChoice::Channels(channels) => format!("channels.{}", dotted(channels)),
        named => serde_json::to_value(named)
            .ok()
            .and_then(|name| Some(name.as_str()?.to_owned()))
            .unwrap_or_default(),
    }
}

/// The mask of a word; `None` if it is none.
pub(crate) fn mask_from(word: &str) -> Option<MaskChoice> {
    let numbers = |list: &str| {
        let numbers = list.split('.').filter(|number| !number.is_empty());
        numbers
            .map(|number| number.parse().ok())
            .collect::<Option<Vec<usize>>>()
    };
    if let Some(list) = word.strip_prefix("groups.") {
        let groups = numbers(list)?;
        return groups
            .iter()
            .all(|&group| group < Group::COUNT)
            .then_some(MaskChoice::Groups(groups));
    }
    if let Some(list) = word.strip_prefix("channels.") {
        return numbers(list).map(MaskChoice::Channels);
    }
    serde_json::from_value(word.into()).ok()
}

/// Kept share of every group, in group order.
pub(crate) fn kept_shares(mask: &Mask) -> [f64; Group::COUNT] {
    mask.kept_per_group()
        .map(|kept| kept as f64 / mask.channels() as f64)
}

/// The mask with one group switched. A group that is partly kept is kept whole.
pub(crate) fn toggled(mask: &Mask, group: usize) -> MaskChoice {
    let shares = kept_shares(mask);
    let groups = (0..Group::COUNT).filter(|&other| {
        if other == group {
            shares[other] < 1.0
        } else {
            shares[other] > 0.0
        }
    });
    MaskChoice::Groups(groups.collect())
}

/// Length of a bar for a share of the energy: four decades, so that small ones are seen too.
pub(crate) fn bar(share: f64) -> f64 {
    (share.max(1e-9).log10() / 4.0 + 1.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_words_of_an_address() {
        let seeds = ["lowpass50", "groups.0.5.31", "channels.7.8", "none"];
        fuzz::fuzz(
            "address",
            &seeds.map(|word| word.as_bytes().to_vec()),
            |bytes| {
                if let Some(mask) = mask_from(&String::from_utf8_lossy(bytes)) {
                    let _ = mask.build(4);
                    assert_eq!(mask_from(&mask_name(&mask)), Some(mask));
                }
            },
        );
    }

    #[test]
    fn masks_survive_an_address() {
        for mask in [
            MaskChoice::None,
            MaskChoice::Paper50,
            MaskChoice::Lowpass25,
            MaskChoice::Groups(vec![0, 5, 31]),
            MaskChoice::Groups(Vec::new()),
            MaskChoice::Channels(vec![7]),
        ] {
            assert_eq!(mask_from(&mask_name(&mask)), Some(mask));
        }
        assert_eq!(mask_from("groups.32"), None);
        assert_eq!(mask_from("nonsense"), None);
    }

    #[test]
    fn pressing_a_group_switches_it_alone() {
        let mask = MaskChoice::Paper50.build(4).unwrap();
        let MaskChoice::Groups(fewer) = toggled(&mask, 0) else {
            panic!("not groups")
        };
        assert_eq!(fewer.len(), 15);
        assert!(!fewer.contains(&0));
        let MaskChoice::Groups(more) = toggled(&mask, 31) else {
            panic!("not groups")
        };
        assert_eq!(more.len(), 17);
    }

    #[test]
    fn bars_are_logarithmic() {
        assert!((bar(1.0) - 1.0).abs() < 1e-12);
        assert!((bar(0.01) - 0.5).abs() < 1e-12);
        assert!(bar(0.0).abs() < 1e-12);
    }
}
