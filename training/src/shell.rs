//! Commands as they are typed.

/// A command line of the trainer that does what these arguments do.
pub(crate) fn command(arguments: impl IntoIterator<Item = String>) -> String {
    let quoted = arguments.into_iter().map(quoted);
    let words: Vec<String> = std::iter::once("trainer".to_owned())
        .chain(quoted)
        .collect();
    words.join(" ")
}

fn quoted(argument: String) -> String {
    if argument.contains([' ', '"', '\'', '{']) {
        format!("'{}'", argument.replace('\'', r"'\''"))
    } else {
        argument
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_split_is_quoted() {
        let arguments = ["train", "--out", "it's here"].map(str::to_owned);
        assert_eq!(command(arguments), r"trainer train --out 'it'\''s here'");
    }
}
