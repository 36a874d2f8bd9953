//! How wide text is, and where it breaks.
//!
//! Measured with the very font that the PNG is set in (DejaVu Sans, linked into the program), so
//! that boxes fit on every machine.

use std::sync::LazyLock;

use ttf_parser::Face;

use super::quote::printable;

/// The size of all text but the title, in points.
pub const SIZE: f64 = 9.0;
/// The size of the title.
pub const TITLE_SIZE: f64 = 13.0;
/// The distance between lines of text, in points.
pub const LEADING: f64 = 11.0;

static REGULAR: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(dejavu::sans::regular(), 0).ok());
static BOLD: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(dejavu::sans::bold(), 0).ok());

/// A weight of the font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Book weight.
    Regular,
    /// Bold.
    Bold,
}

/// The width of one line of text in points.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let face = match weight {
        Weight::Regular => REGULAR.as_ref(),
        Weight::Bold => BOLD.as_ref(),
    };
    let ems: f64 = text.chars().map(|c| advance(face, c)).sum();
    ems * size
}

/// The advance of a character in ems. Characters that the font lacks come from a fallback font;
/// one em holds even the widest scripts, Chinese and emoji.
fn advance(face: Option<&Face<'static>>, c: char) -> f64 {
    let Some(face) = face else { return 0.75 };
    match face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph)) {
        Some(advance) => f64::from(advance) / f64::from(face.units_per_em().max(1)),
        None => 1.0,
    }
}

/// Breaks text into at most `max_lines` lines no wider than `max_width`, at line feeds and spaces,
/// after hyphens and slashes, and inside a word only where a word alone is too wide. What does not
/// fit is cut and marked with an ellipsis.
pub fn wrap(text: &str, max_width: f64, max_lines: usize, size: f64, weight: Weight) -> Vec<String> {
    let fits = |line: &str| width(line, size, weight) <= max_width;
    let mut lines: Vec<String> = Vec::new();
    let mut cut = false;
    let cleaned: String = printable(text).collect();
    'text: for paragraph in cleaned.split('\n') {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            let candidate = format!("{line}{piece}");
            if fits(candidate.trim_end()) {
                line = candidate;
                continue;
            }
            if !line.trim().is_empty() {
                lines.push(line.trim().to_string());
                line = String::new();
            }
            if lines.len() >= max_lines {
                cut = true;
                break 'text;
            }
            for c in piece.chars() {
                line.push(c);
                if !fits(line.trim_end()) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(line.trim().to_string());
                    line = String::from(c);
                    if lines.len() >= max_lines {
                        cut = true;
                        break 'text;
                    }
                }
            }
        }
        if !line.trim().is_empty() {
            if lines.len() >= max_lines {
                cut = true;
                break;
            }
            lines.push(line.trim().to_string());
        }
    }
    if cut && let Some(last) = lines.last_mut() {
        while !last.is_empty() && !fits(&format!("{last}…")) {
            last.pop();
        }
        last.truncate(last.trim_end().len());
        last.push('…');
    }
    lines
}

/// The parts between places where a line may break: after a space, a hyphen or a slash, but neither
/// before a percent sign nor after a hyphen in front of a digit.
fn pieces(paragraph: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in paragraph.char_indices() {
        let may_break = match before {
            Some(' ') => c != '%' && c != ' ',
            Some('-' | '/' | '\u{2013}') => !c.is_ascii_digit() && c != ' ',
            _ => false,
        };
        if may_break {
            pieces.push(&paragraph[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&paragraph[start..]);
    pieces
}

/// The width of the longest part of a text that does not break.
pub fn longest_piece(text: &str, size: f64, weight: Weight) -> f64 {
    let cleaned: String = printable(text).collect();
    let parts = cleaned.split('\n').flat_map(pieces);
    parts.map(|piece| width(piece.trim_end(), size, weight)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_at_spaces_and_hyphens() {
        let lines = wrap("Taiwan Semiconductor Manufacturing-Company", 75.0, 4, SIZE, Weight::Regular);
        assert_eq!(lines, ["Taiwan", "Semiconductor", "Manufacturing-", "Company"]);
    }

    #[test]
    fn keeps_the_percent_sign_with_its_number() {
        let lines = wrap("stop loss 82 %", 62.0, 2, SIZE, Weight::Regular);
        assert_eq!(lines, ["stop loss", "82 %"]);
    }

    #[test]
    fn marks_what_was_cut() {
        let lines = wrap("one two three four five six", 40.0, 2, SIZE, Weight::Regular);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
    }

    proptest! {
        #[test]
        fn lines_keep_to_the_width(text in ".{0,300}", max_lines in 1usize..4) {
            let lines = wrap(&text, 60.0, max_lines, SIZE, Weight::Bold);
            prop_assert!(lines.len() <= max_lines);
            for line in lines {
                prop_assert!(line.chars().count() <= 2 || width(&line, SIZE, Weight::Bold) <= 60.0);
            }
        }
    }
}
