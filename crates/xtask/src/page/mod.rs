//! Building the page: what Trunk does with the same index.html, without having to compile Trunk.

mod index;
mod module;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::root;
use index::{Link, Piece};
use module::{Kind, Module};
use names::hashed;

/// Where the built page is.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the page as it is published.
///
/// # Errors
/// If a module does not compile, or index.html names something that is not there.
pub(crate) fn build() -> Result<()> {
    let root = root();
    let index = root.join("models/index.json");
    if !index.is_file() {
        bail!(
            "{} is missing: the page has no models to show",
            index.display()
        );
    }
    let text = fs::read_to_string(root.join("index.html")).context("index.html is missing")?;
    // Half a page is never served: it is put together beside the old one.
    let fresh = root.join("target/dist");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    let mut html = String::new();
    for piece in index::pieces(&text)? {
        match piece {
            Piece::Text(text) => html.push_str(text),
            Piece::Link(link) => html.push_str(&place(&link, &root, &fresh)?),
        }
    }
    fs::write(fresh.join("index.html"), html)?;
    if dist().exists() {
        fs::remove_dir_all(dist())?;
    }
    fs::rename(&fresh, dist())?;
    Ok(())
}

/// Puts what a link names into the folder, and says what stands in index.html in its place.
fn place(link: &Link, root: &Path, into: &Path) -> Result<String> {
    match link {
        Link::Style { file } => {
            let text = fs::read(root.join(file)).with_context(|| format!("{file} is missing"))?;
            let name = hashed("style", "css", &text);
            fs::write(into.join(&name), text)?;
            Ok(format!("<link rel=\"stylesheet\" href=\"./{name}\" />"))
        }
        Link::Folder { path } => {
            let source = root.join(path);
            let name = source.file_name().context("a folder needs a name")?;
            copy_folder(&source, &into.join(name))?;
            Ok(String::new())
        }
        Link::Page { binary } => {
            let Module { script, wasm } = module::build(binary, Kind::Page, into)?;
            let start = format!(
                "import start from \"./{script}\";\nstart({{ module_or_path: \"./{wasm}\" }});\n"
            );
            let name = hashed("start", "js", start.as_bytes());
            fs::write(into.join(&name), start)?;
            Ok(format!(
                "<link rel=\"modulepreload\" href=\"./{script}\" />\n    \
                 <link rel=\"preload\" href=\"./{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin />\n    \
                 <script type=\"module\" src=\"./{name}\"></script>"
            ))
        }
        Link::Worker { binary } => {
            let Module { script, wasm } = module::build(binary, Kind::Worker, into)?;
            let start = format!(
                "importScripts(\"./{script}\");\nwasm_bindgen({{ module_or_path: \"./{wasm}\" }});\n"
            );
            // The page asks for it by this name, which is Trunk's.
            fs::write(into.join(format!("{binary}_loader.js")), start)?;
            Ok(String::new())
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("{} is missing", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_folders_are_put_in_their_place() {
        let (root, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(root.path().join("models/a")).unwrap();
        fs::write(root.path().join("models/a/config.json"), "{}").unwrap();
        fs::write(root.path().join("own.css"), "body {}").unwrap();
        let style = Link::Style {
            file: "own.css".into(),
        };
        let html = place(&style, root.path(), into.path()).unwrap();
        let name = hashed("style", "css", b"body {}");
        assert!(html.contains(&name) && into.path().join(name).is_file());
        let folder = Link::Folder {
            path: "models".into(),
        };
        assert_eq!(place(&folder, root.path(), into.path()).unwrap(), "");
        assert!(into.path().join("models/a/config.json").is_file());
        let missing = Link::Style {
            file: "none.css".into(),
        };
        assert!(place(&missing, root.path(), into.path()).is_err());
    }
}
