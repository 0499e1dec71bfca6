//! Licences, sources and double versions of the dependencies, held against deny.toml without network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::command::{cargo, output, root};

const RULES: &str = "deny.toml";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What of deny.toml is asked for here.
#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
    /// Of packages that say it in a file only.
    #[serde(default)]
    clarify: Vec<Clarified>,
}

#[derive(Deserialize)]
struct Clarified {
    #[serde(rename = "crate")]
    name: String,
    expression: String,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skipped>,
}

#[derive(Deserialize)]
struct Skipped {
    #[serde(rename = "crate")]
    name: String,
}

/// What of `cargo metadata` is.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Fails with every package that the rules do not allow.
pub(crate) fn check() -> Result<()> {
    let text = fs::read_to_string(root().join(RULES)).context(RULES)?;
    let rules: Rules = toml::from_str(&text).context(RULES)?;
    let mut packages = BTreeSet::new();
    for target in &rules.graph.targets {
        packages.extend(packages_of(target)?);
    }
    let faults = faults(&rules, &packages);
    if !faults.is_empty() {
        bail!("{RULES} does not allow:\n{}", faults.join("\n"));
    }
    println!("{} packages are as {RULES} wants them", packages.len());
    Ok(())
}

fn packages_of(target: &str) -> Result<Vec<Package>> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked"]);
    metadata.args(["--no-default-features", "--filter-platform", target]);
    let json = output(&mut metadata).context("`cargo metadata --locked` failed")?;
    let metadata: Metadata = serde_json::from_str(&json)?;
    Ok(metadata.packages)
}

fn faults(rules: &Rules, packages: &BTreeSet<Package>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        let Package { name, version, .. } = package;
        versions.entry(name).or_default().push(version);
        if package
            .source
            .as_deref()
            .is_some_and(|source| source != REGISTRY)
        {
            faults.push(format!("{name} {version} does not come from crates.io"));
        }
        let clarified = rules
            .licenses
            .clarify
            .iter()
            .find(|known| known.name == *name);
        let licence = package
            .license
            .as_deref()
            .or(clarified.map(|known| known.expression.as_str()));
        let licence = licence.unwrap_or_default();
        if !is_allowed(licence, &rules.licenses.allow) {
            faults.push(format!("{name} {version}: licence `{licence}`"));
        }
    }
    for (name, versions) in versions {
        if versions.len() > 1 && !rules.bans.skip.iter().any(|skipped| skipped.name == name) {
            faults.push(format!("{name} {} at once", versions.join(" and ")));
        }
    }
    faults
}

fn is_allowed(licence: &str, allowed: &BTreeSet<String>) -> bool {
    Expression::parse_mode(licence, ParseMode::LAX)
        .is_ok_and(|expression| expression.evaluate(|asked| allowed.contains(&asked.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, license: &str) -> Package {
        Package {
            name: name.into(),
            version: version.into(),
            license: Some(license.into()),
            source: Some(REGISTRY.into()),
        }
    }

    #[test]
    fn licences_sources_and_double_versions_are_found() {
        let rules = "graph.targets = []\n\
            licenses.allow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n\
            bans.skip = [{ crate = \"known\" }]";
        let rules: Rules = toml::from_str(rules).unwrap();
        let mut packages = BTreeSet::from([
            package("a", "1.0.0", "MIT/Apache-2.0"),
            package("b", "1.0.0", "Apache-2.0 WITH LLVM-exception AND MIT"),
            package("known", "1.0.0", "MIT"),
            package("known", "2.0.0", "MIT"),
        ]);
        assert_eq!(faults(&rules, &packages), [""; 0]);
        let mut own = package("elsewhere", "1.0.0", "MIT");
        own.source = Some("git+https://example.org/elsewhere".into());
        packages.extend([
            own,
            package("b", "2.0.0", "MIT"),
            package("copyleft", "1.0.0", "MIT AND GPL-3.0-only"),
            package("nothing", "1.0.0", ""),
        ]);
        assert_eq!(
            faults(&rules, &packages),
            [
                "copyleft 1.0.0: licence `MIT AND GPL-3.0-only`",
                "elsewhere 1.0.0 does not come from crates.io",
                "nothing 1.0.0: licence ``",
                "b 1.0.0 and 2.0.0 at once",
            ]
        );
    }
}
