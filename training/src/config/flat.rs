//! Configs as dotted keys: what tells two apart, and one field set to another value.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
use toml::{Table, Value};
use typos::explain;

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
        keys.retain(|key| has_effect(key));
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
    pub(crate) fn flat(&self) -> Result<BTreeMap<String, String>> {
        flat(&self.to_toml()?)
    }

    /// The same with one field set, `optimiser.lr=2e-3`: the value is TOML, or a plain word.
    ///
    /// # Errors
    /// If there is no such field, or the value does not suit it.
    pub(crate) fn with(&self, setting: &str) -> Result<Self> {
        let wrong = || format!("--set {setting} cannot be used");
        let (key, text) = setting
            .split_once('=')
            .context("it must be KEY=VALUE")
            .with_context(wrong)?;
        let parsed = toml::from_str::<Table>(&format!("value = {text}"));
        let parsed = parsed.ok().and_then(|mut table| table.remove("value"));
        let value = parsed.unwrap_or_else(|| Value::String(text.to_owned()));
        let mut whole = Value::try_from(self)?;
        insert(&mut whole, key, value).with_context(wrong)?;
        // Read from text again: that names a field that was mistyped.
        let text = toml::to_string(&whole)?;
        let read = toml::from_str(&text).map_err(|error| {
            let said = explain(&text, &error);
            let said = said
                .split_once(": ")
                .map_or(said.as_str(), |(_, said)| said);
            anyhow!(said.to_owned())
        });
        let config: Self = read.with_context(wrong)?;
        config.check_model_keys().with_context(wrong)?;
        Ok(config)
    }
}

/// Puts a value where a dotted key says; tables on the way are made.
fn insert(whole: &mut Value, key: &str, value: Value) -> Result<()> {
    let mut place = whole;
    for part in key.trim().split('.') {
        let Value::Table(table) = place else {
            bail!("`{part}` would lie in a value that is no table");
        };
        let empty = || Value::Table(Table::new());
        place = table.entry(part.to_owned()).or_insert_with(empty);
    }
    *place = value;
    Ok(())
}

/// Every value of a TOML text by its dotted key.
pub(crate) fn flat(text: &str) -> Result<BTreeMap<String, String>> {
    let mut flat = BTreeMap::new();
    flatten("", &Value::Table(toml::from_str(text)?), &mut flat);
    Ok(flat)
}

fn has_effect(key: &str) -> bool {
    let is_in = |part: &&str| {
        let rest = key.strip_prefix(*part);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !WITHOUT_EFFECT.iter().any(is_in)
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

    #[test]
    fn any_field_can_be_set() {
        let config = Config::preset("tiny").unwrap();
        let set = |setting: &str| config.with(setting).unwrap();
        assert_eq!(set("optimiser.lr=2e-3").optimiser.lr, 2e-3);
        assert_eq!(set("steps=7").steps, 7);
        assert!(!set("data.flip=false").data.flip);
        assert_eq!(set("name=plain word").name, "plain word");
        assert_eq!(set("topk.keep=0.5").topk.unwrap().keep, 0.5);
        let model = set("model.base_channels=12").model().unwrap();
        assert_ne!(model, config.model().unwrap());
        let said = |setting: &str| format!("{:#}", config.with(setting).unwrap_err());
        let typo = said("optimiser.lrr=1");
        assert!(
            typo.ends_with("unknown key `lrr`; did you mean `lr`?"),
            "{typo}"
        );
        let typo = said("model.base_chanels=8");
        assert!(typo.contains("did you mean `base_channels`?"), "{typo}");
        assert!(said("steps=many").contains("--set steps=many cannot be used"));
        assert!(said("steps").contains("KEY=VALUE"));
        assert!(said("steps.more=1").contains("no table"));
    }
}
