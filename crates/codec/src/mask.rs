//! Masks as people name them: a rule, a list, or a file of LC-VAE's authors.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use typos::nearest;
use wavelet::{Mask, MaskChoice};

/// The masks that have names.
const NAMED: [&str; 8] = [
    "none",
    "paper25",
    "paper50",
    "paper75",
    "soft50",
    "lowpass25",
    "lowpass50",
    "lowpass75",
];

/// A mask that was asked for on the command line.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskArg {
    /// As model configs write it.
    Choice(MaskChoice),
    /// The authors' JSON, which fits latents of one number of channels.
    File(PathBuf),
}

impl MaskArg {
    /// A mask as configs write it, with or without the quotes, or the name of a file.
    ///
    /// # Errors
    /// If there is no such mask.
    pub fn parse(text: &str) -> Result<Self> {
        if is_file(text) {
            return Ok(Self::File(text.into()));
        }
        let quoted = serde_json::Value::String(text.to_owned());
        serde_json::from_str(text)
            .or_else(|_| serde_json::from_value(quoted))
            .map(Self::Choice)
            .map_err(|_| match nearest(text, NAMED) {
                Some(near) => anyhow!("there is no mask `{text}`; did you mean `{near}`?"),
                None => anyhow!(
                    "there is no mask `{text}`; there are {}, {{\"groups\": [..]}}, \
                     {{\"channels\": [..]}} and FILE.json",
                    NAMED.join(", ")
                ),
            })
    }

    /// The mask for latents of so many channels.
    ///
    /// # Errors
    /// If the file cannot be read, is no mask, or is for other latents.
    pub fn choice(&self, channels: usize) -> Result<MaskChoice> {
        match self {
            Self::Choice(choice) => Ok(choice.clone()),
            Self::File(path) => from_file(path, channels),
        }
    }

    /// A short name for people.
    pub fn label(&self) -> String {
        match self {
            Self::Choice(choice) => choice.label(),
            Self::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }
}

/// Whether a mask's name is that of a file.
pub fn is_file(name: &str) -> bool {
    name.ends_with(".json")
}

/// The mask of a file of the authors (`fixed_mask_path` in their configs), for latents of so many
/// channels.
///
/// # Errors
/// If the file cannot be read, is no mask, or is for other latents: the authors' own code would
/// go on with another method.
pub fn from_file(path: &Path, channels: usize) -> Result<MaskChoice> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .with_context(|| format!("the mask file {shown} cannot be read"))?;
    let mask = Mask::from_authors_json(channels, &text)
        .with_context(|| format!("the mask file {shown} cannot be used"))?;
    Ok(MaskChoice::Channels(mask.indices()))
}

/// A mask as `--mask` takes it: its name, or its list as JSON.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn written(choice: &MaskChoice) -> Result<String> {
    Ok(match serde_json::to_value(choice)? {
        serde_json::Value::String(name) => name,
        list => list.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read_as_configs_write_them() {
        let read = |text: &str| MaskArg::parse(text).unwrap();
        assert_eq!(read("paper50"), MaskArg::Choice(MaskChoice::Paper50));
        let groups = MaskChoice::Groups(vec![0, 3]);
        assert_eq!(read("{\"groups\": [0, 3]}"), MaskArg::Choice(groups));
        let error = MaskArg::parse("paper51").unwrap_err().to_string();
        assert!(error.contains("did you mean `paper50`?"), "{error}");
        for name in NAMED {
            assert!(MaskArg::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for choice in [
            MaskChoice::Lowpass50,
            MaskChoice::Groups(vec![1, 2]),
            MaskChoice::Channels(vec![0, 31]),
        ] {
            let text = written(&choice).unwrap();
            assert_eq!(MaskArg::parse(&text).unwrap(), MaskArg::Choice(choice));
        }
        assert_eq!(written(&MaskChoice::Paper25).unwrap(), "paper25");
    }

    #[test]
    fn a_file_of_the_authors_is_the_list_that_it_keeps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("soft.json");
        let soft = MaskChoice::Soft50.build(8).unwrap();
        fs::write(&path, soft.to_authors_json()).unwrap();
        let asked = MaskArg::parse(path.to_str().unwrap()).unwrap();
        assert_eq!(asked.label(), "soft.json");
        assert_eq!(asked.choice(8).unwrap().build(8).unwrap(), soft);

        let said = |channels| format!("{:#}", asked.choice(channels).unwrap_err());
        assert!(said(16).contains("is for 256 coefficient channels, but the latent has 512"));
        fs::write(&path, "{}").unwrap();
        assert!(said(8).contains("soft.json cannot be used: this is not a mask file"));
        fs::remove_file(&path).unwrap();
        assert!(said(8).contains("soft.json cannot be read"));
    }
}
