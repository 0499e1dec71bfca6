//! What a person meant who mistyped a name.
//!
//! ```
//! assert_eq!(typos::nearest("papr50", ["paper25", "paper50"]), Some("paper50"));
//! assert_eq!(typos::nearest("something else", ["paper25", "paper50"]), None);
//! ```

use std::fmt::Write;

/// The known name that is nearest to `word`, if one is near: at most a third of its letters are
/// wrong, missing, too many or swapped.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &str| strsim::damerau_levenshtein(word, name);
    let near = known.into_iter().map(|name| (distance(name), name));
    let (distance, name) = near.min()?;
    (3 * distance <= word.chars().count().max(3)).then_some(name)
}

/// A TOML error in one sentence: the line, what is wrong there, and for an unknown name the nearest
/// known one, else all.
pub fn explain(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or(text);
        format!("line {}: ", 1 + before.matches('\n').count())
    });
    let mut said = line.unwrap_or_default();
    let message = error.message().trim();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (Some((word, known)), true) = (quoted.split_first(), message.starts_with("unknown "))
    else {
        said.push_str(message);
        return said;
    };
    let kind = if message.starts_with("unknown field") {
        "key"
    } else {
        "value"
    };
    // Writing to a string cannot fail.
    let _ = match nearest(word, known.iter().copied()) {
        Some(near) => write!(said, "unknown {kind} `{word}`; did you mean `{near}`?"),
        None => write!(
            said,
            "unknown {kind} `{word}`; known here: {}",
            known.join(", ")
        ),
    };
    said
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields, rename_all = "lowercase")]
    #[allow(dead_code, reason = "only its reading is tested")]
    struct Table {
        steps: u64,
        kind: Option<Kind>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Fixed,
        Random,
    }

    fn said(text: &str) -> String {
        explain(text, &toml::from_str::<Table>(text).unwrap_err())
    }

    #[test]
    fn the_nearest_name_is_offered_and_else_all() {
        let typo = "# a comment\nstpes = 3\n";
        assert_eq!(
            said(typo),
            "line 2: unknown key `stpes`; did you mean `steps`?"
        );
        let stranger = said("steps = 1\nfoo = 3");
        assert_eq!(
            stranger,
            "line 2: unknown key `foo`; known here: steps, kind"
        );
        let value = said("steps = 1\nkind = \"fixd\"");
        assert_eq!(value, "line 2: unknown value `fixd`; did you mean `fixed`?");
        assert!(said("steps = \"three\"").contains("invalid type"));
    }

    #[test]
    fn near_means_near() {
        assert_eq!(nearest("lr", ["lr_min", "kl"]), None);
        assert_eq!(
            nearest("warmup_step", ["steps", "warmup_steps"]),
            Some("warmup_steps")
        );
    }
}
