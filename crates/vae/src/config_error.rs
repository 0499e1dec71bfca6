//! Why a config cannot be used, and the checks that all backbones share.

/// No published model is half as wide.
const MAX_WIDTH: usize = 4096;
/// No published model has a tenth as many layers in a row.
const MAX_BLOCKS: usize = 64;

/// Why a config cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or a field of the wrong kind.
    #[error("the config is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// `_class_name` is missing or names something else.
    #[error("the config is for the model {found:?}; supported are {supported}")]
    UnknownClass {
        /// What `_class_name` says, empty if it is missing.
        found: String,
        /// The classes that there are, as a list in words.
        supported: String,
    },
    /// A combination of fields that no model has.
    #[error("the config does not describe a model: {0}")]
    Contradiction(String),
}

impl ConfigError {
    /// No backbone has this class; these are there.
    pub(crate) fn unknown_class(found: &str, classes: &[&str]) -> Self {
        let supported = match classes {
            [names @ .., last] => format!("{} and {last}", names.join(", ")),
            [] => "none".to_owned(),
        };
        Self::UnknownClass {
            found: found.to_owned(),
            supported,
        }
    }
}

/// Refuses widths that no model has, before anything is made of them.
pub(crate) fn check_widths(widths: &[(&str, usize)]) -> Result<(), ConfigError> {
    check_range(widths, 1, MAX_WIDTH)
}

/// Refuses numbers of blocks that no model has.
pub(crate) fn check_blocks(blocks: &[(&str, usize)]) -> Result<(), ConfigError> {
    check_range(blocks, 0, MAX_BLOCKS)
}

fn check_range(fields: &[(&str, usize)], least: usize, most: usize) -> Result<(), ConfigError> {
    match fields.iter().find(|(_, n)| !(least..=most).contains(n)) {
        None => Ok(()),
        Some((name, found)) => Err(ConfigError::Contradiction(format!(
            "{name} is {found}, and must be {least} to {most}"
        ))),
    }
}
