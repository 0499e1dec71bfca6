//! What to do with files that a visitor hands over.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, FileList};

use crate::dom;
use crate::session::{Handle, Source};
use crate::state::State;

/// Configs are short; whatever is longer is something else.
const MOST_CONFIG_BYTES: f64 = 1e6;

/// Opens a clip, or a model if there is a weight file.
pub(crate) fn take(state: State, session: Handle, files: Option<FileList>) {
    let files: Vec<File> = files
        .map(|list| {
            (0..list.length())
                .filter_map(|index| list.get(index))
                .collect()
        })
        .unwrap_or_default();
    let find = |ending: &str| {
        files
            .iter()
            .find(|file| file.name().to_lowercase().ends_with(ending))
            .cloned()
    };
    match (find(".safetensors"), find(".json"), files.first()) {
        (Some(weights), Some(config), _) => add_model(state, session, weights, config),
        (Some(weights), None, _) => session.get_value().add_model(None, weights),
        (None, Some(_), _) if files.len() == 1 => state.alert(
            "A config needs its weights: drop the .json and the .safetensors file together.".into(),
            false,
        ),
        (_, _, Some(file)) => session.get_value().open(Source::File(file.clone())),
        (_, _, None) => state.alert(
            "What was dropped is not a file. Save it first, then drop the file.".into(),
            false,
        ),
    }
}

fn add_model(state: State, session: Handle, weights: File, config: File) {
    if config.size() > MOST_CONFIG_BYTES {
        state.alert(
            "The .json file is too large to be a config. Drop another one.".into(),
            false,
        );
        return;
    }
    spawn_local(async move {
        let text = dom::read_slice(&config, 0, config.size() as u64)
            .await
            .map(String::from_utf8);
        match text {
            Ok(Ok(text)) => session.get_value().add_model(Some(text), weights),
            _ => state.alert(
                "The config could not be read. Drop the files again.".into(),
                false,
            ),
        }
    });
}
