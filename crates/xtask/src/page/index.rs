//! The links of index.html that Trunk's attributes mark.

use anyhow::{Context, Result, bail};

const MARK: &str = "data-trunk";

/// A part of index.html.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// To be put into the page's folder.
    Link(Link),
}

/// What is to be put there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    Style { file: String },
    Folder { path: String },
    Page { binary: String },
    Worker { binary: String },
}

/// index.html in pieces.
///
/// # Errors
/// If a marked link is none of the kinds that the page needs.
pub(super) fn pieces(html: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some((before, tag, after)) = next_link(rest) {
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Link(link(tag)?));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// The text before the next marked link, the link's attributes, and the text behind it.
fn next_link(html: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + html[from..].find("<link")?;
        let end = start + html[start..].find('>')? + 1;
        if html[start..end].contains(MARK) {
            return Some((&html[..start], &html[start..end], &html[end..]));
        }
        from = end;
    }
}

fn link(tag: &str) -> Result<Link> {
    let value = |name: &str| attribute(tag, name).map(str::to_owned);
    let needed = |name: &str| {
        value(name).with_context(|| format!("a link of index.html lacks {name}: {tag}"))
    };
    Ok(match attribute(tag, "rel") {
        Some("css") => Link::Style {
            file: needed("href")?,
        },
        Some("copy-dir") => Link::Folder {
            path: needed("href")?,
        },
        Some("rust") if attribute(tag, "data-type") == Some("worker") => Link::Worker {
            binary: needed("data-bin")?,
        },
        Some("rust") => Link::Page {
            binary: needed("data-bin")?,
        },
        _ => bail!("cargo xtask does not know this link of index.html: {tag}"),
    })
}

/// The value of an attribute in double quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let begun = format!("{name}=\"");
    let at = tag.match_indices(&begun).find(|(at, _)| {
        let before = tag[..*at].chars().next_back();
        before.is_some_and(char::is_whitespace)
    });
    let value = &tag[at?.0 + begun.len()..];
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_own_index_is_understood() {
        let html = include_str!("../../../../index.html");
        let links: Vec<Link> = pieces(html)
            .unwrap()
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Link(link) => Some(link),
                Piece::Text(_) => None,
            })
            .collect();
        assert!(links.iter().any(|link| matches!(link, Link::Style { .. })));
        assert!(links.contains(&Link::Page {
            binary: "page".into()
        }));
        assert!(links.contains(&Link::Worker {
            binary: "worker".into()
        }));
        assert!(links.contains(&Link::Folder {
            path: "models".into()
        }));
    }

    #[test]
    fn the_text_between_stays_and_strangers_are_refused() {
        let html = "<a><link rel=\"icon\" /><link data-trunk rel=\"css\" href=\"s.css\" /><b>";
        let found = pieces(html).unwrap();
        assert_eq!(found[0], Piece::Text("<a><link rel=\"icon\" />"));
        assert_eq!(found[2], Piece::Text("<b>"));
        assert!(pieces("<link data-trunk rel=\"sass\" href=\"s\" />").is_err());
        assert!(pieces("<link data-trunk rel=\"css\" />").is_err());
    }
}
