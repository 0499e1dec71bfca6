//! Configs that are built in.

use anyhow::{Context, Result, bail};
use typos::nearest;

use super::Config;

/// All of them, by name.
pub(super) const PRESETS: [(&str, &str); 26] = [
    ("tiny", include_str!("../../configs/tiny.toml")),
    ("wf16-c4", include_str!("../../configs/wf16-c4.toml")),
    ("wf16-c8", include_str!("../../configs/wf16-c8.toml")),
    ("lc16-c8", include_str!("../../configs/lc16-c8.toml")),
    (
        "lc16-c8-paper",
        include_str!("../../configs/lc16-c8-paper.toml"),
    ),
    (
        "lc16-c8-energy",
        include_str!("../../configs/lc16-c8-energy.toml"),
    ),
    ("wf16-c16", include_str!("../../configs/wf16-c16.toml")),
    (
        "lc16-c16-energy",
        include_str!("../../configs/lc16-c16-energy.toml"),
    ),
    ("lean-c4", include_str!("../../configs/lean-c4.toml")),
    ("lean-c8", include_str!("../../configs/lean-c8.toml")),
    ("lean-lc8", include_str!("../../configs/lean-lc8.toml")),
    (
        "lean-lc8-energy",
        include_str!("../../configs/lean-lc8-energy.toml"),
    ),
    (
        "lean-lc8-25",
        include_str!("../../configs/lean-lc8-25.toml"),
    ),
    (
        "lean-lc8-75",
        include_str!("../../configs/lean-lc8-75.toml"),
    ),
    (
        "lean-lc8-paper",
        include_str!("../../configs/lean-lc8-paper.toml"),
    ),
    ("lean-c16", include_str!("../../configs/lean-c16.toml")),
    ("lean-c32", include_str!("../../configs/lean-c32.toml")),
    (
        "lean-lc32-energy",
        include_str!("../../configs/lean-lc32-energy.toml"),
    ),
    ("wan16-lc8", include_str!("../../configs/wan16-lc8.toml")),
    ("iv8-lc8", include_str!("../../configs/iv8-lc8.toml")),
    ("taehv8", include_str!("../../configs/taehv8.toml")),
    ("wf-stage1", include_str!("../../configs/wf-stage1.toml")),
    ("wf-stage2", include_str!("../../configs/wf-stage2.toml")),
    ("wf-stage3", include_str!("../../configs/wf-stage3.toml")),
    (
        "lc-published",
        include_str!("../../configs/lc-published.toml"),
    ),
    (
        "lean-published",
        include_str!("../../configs/lean-published.toml"),
    ),
];

/// The preset for folders of clips where none is named: an LC model of the quicker family, whose
/// 2000 steps take about a CPU second each.
pub(crate) const PRESET_FOR_CLIPS: &str = "lean-lc8";

/// The text of a built-in config.
pub(crate) fn preset_text(name: &str) -> Option<&'static str> {
    let (_, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
    Some(text)
}

impl Config {
    /// A built-in config.
    pub(crate) fn preset(name: &str) -> Result<Self> {
        let Some(text) = preset_text(name) else {
            let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
            let near = nearest(name, known.iter().copied());
            let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
            bail!(
                "there is no preset `{name}`; {near}choose one of {}",
                known.join(", ")
            );
        };
        Self::from_toml(text).with_context(|| format!("preset `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_trained_and_written_out() {
        for (name, _) in PRESETS {
            let config = Config::preset(name).unwrap();
            assert_eq!(config.name, name);
            config.check().unwrap();
            let again = Config::from_toml(&config.to_toml().unwrap()).unwrap();
            assert_eq!(again.model().unwrap(), config.model().unwrap());
            assert_eq!(again.fingerprint().unwrap(), config.fingerprint().unwrap());
        }
    }
}
