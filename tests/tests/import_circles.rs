//! No two files of a crate import each other, directly or by way of others.
//!
//! Read from the source as text: `crate::` and `super::` paths, wherever they stand outside of test
//! modules. A name that a file only re-exports counts as the file's that defines it, so that a
//! facade (`pub use cache::Cache;`) is in no circle with its parts. Tests may look at everything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module: its place in the crate, `["train", "state"]`, and its source without tests.
type Modules = BTreeMap<Vec<String>, String>;

#[test]
fn no_two_files_import_each_other() {
    let mut circles = Vec::new();
    for root in crates() {
        let name = root
            .strip_prefix(repository())
            .unwrap()
            .display()
            .to_string();
        let modules = modules(&root);
        let imports: BTreeMap<_, _> = modules
            .keys()
            .map(|own| (own.clone(), imports(own, &modules)))
            .collect();
        for circle in circles_of(&imports) {
            let files: Vec<String> = circle.iter().map(|own| own.join("/")).collect();
            circles.push(format!("{name}: {}", files.join(" -> ")));
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The `src` folders of all crates.
fn crates() -> Vec<PathBuf> {
    let root = repository();
    let inside = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path().join("src"))
    };
    let mut crates = vec![root.join("training/src"), root.join("tests/src")];
    crates.extend(inside("crates").chain(inside("web")));
    crates.retain(|source| source.is_dir());
    crates.sort();
    crates
}

fn modules(source: &Path) -> Modules {
    let mut modules = Modules::new();
    gather(source, &[], &mut modules);
    modules
}

fn gather(folder: &Path, place: &[String], modules: &mut Modules) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut own = place.to_vec();
        if path.is_dir() {
            own.push(stem);
            gather(&path, &own, modules);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            if !matches!(stem.as_str(), "main" | "lib" | "mod") {
                own.push(stem);
            }
            // A binary beside a library is a file of its own.
            if modules.contains_key(&own) || own.iter().any(|part| part == "tests") {
                continue;
            }
            modules.insert(own, without_tests(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The source up to its test module, without comments.
fn without_tests(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that one imports from.
fn imports(own: &[String], modules: &Modules) -> BTreeSet<Vec<String>> {
    let source = &modules[own];
    let mut found = BTreeSet::new();
    for path in paths(own, source) {
        if let Some(target) = defined_in(&path, modules, 0) {
            found.insert(target);
        }
    }
    found.remove(own);
    found
}

/// Every path that a module's source names, from the root of its crate. What is re-exported is not
/// used.
fn paths(own: &[String], source: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = source;
    while let Some(at) = ["crate::", "super::"]
        .into_iter()
        .filter_map(|start| rest.find(start))
        .min()
    {
        let before = rest[..at].lines().next_back().unwrap_or_default();
        let reexported = before.trim_start().starts_with("pub");
        rest = &rest[at..];
        let length = rest.find([';', ')', '\n']).unwrap_or(rest.len());
        let end = match rest[..length].find('{') {
            // A list may go on over lines; other braces end the path.
            Some(open) if rest[..open].ends_with("::") => closing(rest, open),
            Some(open) => open,
            None => length,
        };
        if !reexported {
            let inline = inline_module(&source[..source.len() - rest.len()]);
            let place = [own, inline.as_slice()].concat();
            paths.extend(expand(&place, &rest[..end]));
        }
        rest = &rest["crate::".len()..];
    }
    for (name, path) in children(own, source) {
        if source.contains(&format!("{name}::")) {
            paths.extend(used_of_child(source, &name, &path));
        }
    }
    paths
}

/// The module in braces that the end of a source lies in, if any.
fn inline_module(source: &str) -> Option<String> {
    let begin = source
        .rfind("\nmod ")
        .filter(|at| !source[*at..].contains("\n}"))?;
    let name = source[begin..].trim_start().strip_prefix("mod ")?;
    name.split_once(" {").map(|(name, _)| name.to_owned())
}

/// Just behind the brace that closes the one at `open`.
fn closing(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// `super::a::{B, c::D}` as paths from the root.
fn expand(own: &[String], text: &str) -> Vec<Vec<String>> {
    let mut base = own.to_vec();
    let mut text = text;
    if let Some(after) = text.strip_prefix("crate::") {
        (base, text) = (Vec::new(), after);
    }
    while let Some(after) = text.strip_prefix("super::") {
        base.pop();
        text = after;
    }
    branches(text)
        .into_iter()
        .map(|tail| [base.clone(), tail].concat())
        .collect()
}

fn branches(text: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let text = text.trim();
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if let Some(list) = text.strip_prefix('{') {
        let inner = &list[..list.rfind('}').unwrap_or(list.len())];
        return split(inner).into_iter().flat_map(branches).collect();
    }
    match (name, after.strip_prefix("::")) {
        ("", _) => Vec::new(),
        ("self", _) => vec![Vec::new()],
        (name, Some(after)) => branches(after)
            .into_iter()
            .map(|tail| [vec![name.to_owned()], tail].concat())
            .collect(),
        (name, None) => vec![vec![name.to_owned()]],
    }
}

/// At the commas that are in no inner braces.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

/// The modules that a source declares.
fn children(own: &[String], source: &str) -> Vec<(String, Vec<String>)> {
    let names = source.lines().filter_map(|line| {
        let (before, name) = line.split_once("mod ")?;
        let name = name.strip_suffix(';')?;
        (before.is_empty() || before.trim_end().ends_with(['b', ')'])).then(|| name.to_owned())
    });
    names
        .map(|name| (name.clone(), [own.to_vec(), vec![name]].concat()))
        .collect()
}

/// What is used of a child by its bare name; a re-export is no use.
fn used_of_child(source: &str, name: &str, path: &[String]) -> Vec<Vec<String>> {
    let start = format!("{name}::");
    let uses = source.match_indices(&start).filter(|(at, _)| {
        let before = &source[..*at];
        let line = before.lines().next_back().unwrap_or_default();
        let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        is_whole && !(line.trim_start().starts_with("pub") && line.contains("use "))
    });
    uses.map(|_| path.to_vec()).collect()
}

/// The module that defines what a path names: re-exports are followed.
fn defined_in(path: &[String], modules: &Modules, depth: usize) -> Option<Vec<String>> {
    let known = (0..=path.len())
        .rev()
        .find(|&n| modules.contains_key(&path[..n]))?;
    let (module, rest) = path.split_at(known);
    let Some(name) = rest.first().filter(|_| depth < 8) else {
        return Some(module.to_vec());
    };
    match reexport(module, &modules[module], name) {
        Some(target) => defined_in(&target, modules, depth + 1),
        None => Some(module.to_vec()),
    }
}

/// Where `pub use` in a module takes a name from.
fn reexport(module: &[String], source: &str, name: &str) -> Option<Vec<String>> {
    let statements = source.split(';').filter_map(|statement| {
        let (before, path) = statement.split_once("use ")?;
        before
            .lines()
            .next_back()?
            .trim_start()
            .starts_with("pub")
            .then_some(path)
    });
    let mut paths = statements.flat_map(|text| {
        let inside = text.starts_with("crate::") || text.starts_with("super::");
        if inside {
            expand(module, text)
        } else {
            let own = module.to_vec();
            let tails = branches(text).into_iter();
            tails.map(|tail| [own.clone(), tail].concat()).collect()
        }
    });
    paths.find(|path| path.last().is_some_and(|last| last == name) && path.len() > module.len() + 1)
}

/// Sets of modules of which each reaches every other, in the order of their names.
fn circles_of(
    imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
) -> BTreeSet<Vec<Vec<String>>> {
    let reach: BTreeMap<_, _> = imports
        .keys()
        .map(|own| (own, reached(own, imports)))
        .collect();
    let circle = |own: &Vec<String>| {
        let members = reach[own]
            .iter()
            .filter(|other| reach[*other].contains(own));
        members.cloned().collect::<Vec<_>>()
    };
    imports
        .keys()
        .map(circle)
        .filter(|circle| !circle.is_empty())
        .collect()
}

fn reached(
    own: &Vec<String>,
    imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut next: Vec<_> = imports[own].iter().collect();
    while let Some(module) = next.pop() {
        if found.insert(module.clone()) {
            next.extend(imports.get(module).into_iter().flatten());
        }
    }
    found
}

#[test]
fn circles_are_seen_and_facades_are_none() {
    let modules = |sources: &[(&str, &str)]| -> Modules {
        let entry = |(name, source): &(&str, &str)| {
            let place = name.split('/').filter(|part| !part.is_empty());
            (place.map(str::to_owned).collect(), (*source).to_owned())
        };
        sources.iter().map(entry).collect()
    };
    let found = |sources: &[(&str, &str)]| {
        let modules = modules(sources);
        let all = modules.keys();
        circles_of(
            &all.map(|own| (own.clone(), imports(own, &modules)))
                .collect(),
        )
        .len()
    };
    let facade = (
        "",
        "mod a;\nmod b;\npub use a::{A, Other};\npub use b::B;\n",
    );
    let (a, b) = (("a", "use crate::B;\n"), ("b", "use super::A;\n"));
    assert_eq!(found(&[facade, a, b]), 1, "by way of the facade");
    assert_eq!(found(&[facade, a, ("b", "struct B;")]), 0);
    let parent = ("", "mod a;\nuse a::A;\nstruct Config;\n");
    assert_eq!(found(&[parent, ("a", "use super::Config;")]), 1);
    assert_eq!(found(&[parent, ("a", "use super::{\n    c::Deep,\n};")]), 1);
}
