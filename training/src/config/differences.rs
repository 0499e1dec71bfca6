//! What tells two configs apart.

use std::collections::BTreeMap;

use anyhow::Result;
use toml::Value;

use super::Config;

/// Keys that decide nothing of what is learnt from which state, and those below them.
const WITHOUT_EFFECT: [&str; 8] = [
    "name",
    "steps",
    "init",
    "start",
    "data.folders",
    "optimiser.decay_from",
    "run",
    "validation",
];

impl Config {
    /// The keys that decide what is learnt and are not the same in another config, with both
    /// values, this one's first.
    pub(crate) fn differences(&self, other: &Self) -> Result<Vec<String>> {
        let (own, other) = (self.flat()?, other.flat()?);
        let mut keys: Vec<&String> = own.keys().chain(other.keys()).collect();
        keys.sort();
        keys.dedup();
        let shown = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
        let different = keys
            .into_iter()
            .filter(|key| own.get(*key) != other.get(*key));
        let lines = different.map(|key| {
            let (own, other) = (shown(own.get(key)), shown(other.get(key)));
            format!("{key} = {own}, not {other}")
        });
        Ok(lines.collect())
    }

    /// Every value by its dotted key, as TOML.
    fn flat(&self) -> Result<BTreeMap<String, String>> {
        let mut flat = BTreeMap::new();
        flatten("", &toml::from_str(&self.to_toml()?)?, &mut flat);
        flat.retain(|key, _| {
            let below = |part: &&str| key.strip_prefix(*part).is_some_and(starts_below);
            !WITHOUT_EFFECT.iter().any(below)
        });
        Ok(flat)
    }
}

/// Whether the rest of a key says that it is the key itself or lies below it.
fn starts_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('.')
}

fn flatten(key: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let Value::Table(table) = value else {
        into.insert(key.to_owned(), value.to_string());
        return;
    };
    for (name, value) in table {
        let dot = if key.is_empty() { "" } else { "." };
        flatten(&format!("{key}{dot}{name}"), value, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let one = Config::preset("tiny").unwrap();
        let mut other = one.clone();
        other.steps += 1;
        other.run.log_every += 1;
        assert_eq!(one.differences(&other).unwrap(), Vec::<String>::new());
        other.optimiser.lr = 0.5;
        other.data.flip = false;
        let said = one.differences(&other).unwrap();
        let lr = format!("optimiser.lr = {}, not 0.5", one.optimiser.lr);
        assert_eq!(said, ["data.flip = nothing, not false".to_owned(), lr]);
    }
}
