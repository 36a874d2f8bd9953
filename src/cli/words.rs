//! Small cells and words that several commands share.

use std::fmt::Debug;

use crate::answer::{Cell, Style, printable};
use crate::model::{PartialDate, Place};

/// The name of a plain enum variant in lower case.
pub(super) fn lower(variant: impl Debug) -> String {
    format!("{variant:?}").to_lowercase()
}

/// Words that may be missing.
pub(super) fn optional(text: &Option<String>) -> Cell {
    text.as_ref().map_or(Cell::Empty, Cell::text)
}

/// A date that may be missing.
pub(super) fn date(date: Option<PartialDate>) -> Cell {
    date.map_or(Cell::Empty, |date| Cell::text(date.to_string()))
}

/// File and line.
pub(super) fn place(place: &Place) -> Cell {
    Cell::text(place_words(place))
}

/// File and line.
pub(super) fn place_words(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// A heading, where the style has colour.
pub(super) fn bold(text: &str, style: Style) -> String {
    let text = printable(text);
    if style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into_owned() }
}

/// A paragraph within a width, every line after the same indent.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in printable(text).split_whitespace() {
        let length = word.chars().count();
        if column == 0 {
            out.push_str(indent);
            column = indent.chars().count();
        } else if column + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    if column > 0 {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn paragraphs_keep_within_the_width() {
        assert_eq!(wrap("a bb ccc", 6, "  "), "  a bb\n  ccc\n");
        assert_eq!(wrap("endless", 3, ""), "endless\n");
        assert_eq!(wrap("", 3, "  "), "");
    }
}
