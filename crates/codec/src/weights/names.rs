//! What stands in front of the references' names.

use std::collections::BTreeMap;

/// What wrappers, training code and larger models put in front of a model's names.
const PREFIXES: [&str; 7] = [
    "module.",
    "_orig_mod.",
    "autoencoder.",
    "vae.",
    "first_stage_model.",
    "model.",
    "state_dict.",
];
/// Networks of LeanVAE's training that its checkpoints hold beside the autoencoder.
const OTHERS: [&str; 2] = ["perceptual_model.", "gan_loss."];
/// What every model here has.
const PARTS: [&str; 2] = ["encoder.", "decoder."];

/// Old and new names of the autoencoder's tensors: what stands in front of its parts is taken off,
/// and what does not begin so is left out. `None` if the names are plain already.
pub(super) fn plain(names: Vec<&str>, notes: &mut Vec<String>) -> Option<Vec<(String, String)>> {
    let front = names
        .iter()
        .filter_map(|name| front(name))
        .min_by_key(|front| front.len())
        .unwrap_or_default()
        .to_owned();
    let is_own = |name: &str| {
        name.starts_with(&front) && !OTHERS.iter().any(|other| name.starts_with(other))
    };
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names.iter().filter(|name| !is_own(name)) {
        let network = name.split('.').next().unwrap_or(name);
        *left_out.entry(network).or_default() += 1;
    }
    let own = names.iter().filter(|name| is_own(name));
    let own: Vec<(String, String)> = own
        .map(|name| ((*name).to_owned(), name[front.len()..].to_owned()))
        .collect();
    if front.is_empty() && left_out.is_empty() {
        return None;
    }
    if !front.is_empty() {
        notes.push(format!("{} names begin with {front}: taken off", own.len()));
    }
    for (network, count) in left_out {
        notes.push(format!("{count} tensors of {network}.*: left out"));
    }
    Some(own)
}

/// What stands in front of a part's name; `None` if the name is no part's.
fn front(name: &str) -> Option<&str> {
    let mut rest = name;
    while let Some(shorter) = PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
        rest = shorter;
    }
    let is_part = PARTS.iter().any(|part| rest.starts_with(part));
    is_part.then(|| &name[..name.len() - rest.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_front_is_taken_off() {
        for front in [
            "module.",
            "_orig_mod.",
            "vae.",
            "first_stage_model.",
            "model.",
            "module._orig_mod.",
            "model.first_stage_model.",
        ] {
            let names = ["encoder.a", "decoder.b"].map(|name| format!("{front}{name}"));
            let others = ["unet.c".to_owned(), format!("loss.{front}encoder.d")];
            let all: Vec<&str> = names.iter().chain(&others).map(String::as_str).collect();
            let mut notes = Vec::new();
            let plain = plain(all, &mut notes).unwrap();
            let new: Vec<&str> = plain.iter().map(|(_, new)| new.as_str()).collect();
            assert_eq!(new, ["encoder.a", "decoder.b"]);
            assert_eq!(notes[0], format!("2 names begin with {front}: taken off"));
            assert_eq!(notes[1], "1 tensors of loss.*: left out");
        }
    }

    #[test]
    fn plain_names_stay() {
        let mut notes = Vec::new();
        assert_eq!(plain(vec!["encoder.a", "conv1.b"], &mut notes), None);
        assert_eq!(
            plain(vec!["model.inner"], &mut notes),
            None,
            "no part of ours"
        );
        assert!(notes.is_empty());
    }
}
