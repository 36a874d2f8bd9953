//! Parameters of a saved query: `$name` inside a text stands for the value of `name`.
//!
//! A name is a letter and then letters, digits and `_`; `$5bn` is no parameter, and `$$` writes a dollar
//! sign before a letter. Only texts in quotes are touched, and what is put in is escaped, so that a value
//! cannot become anything but text.

use std::ops::Range;

use indexmap::IndexMap;

use crate::dataset::reading::{Lexer, Token};

/// A stretch of RON with its parameters filled in, and the way back to the places as written.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// The text with values in place of names.
    pub text: String,
    /// Names without a value, and where they stand.
    pub unknown: Vec<(String, Range<usize>)>,
    /// Names that are used.
    pub used: Vec<String>,
    from: usize,
    pieces: Vec<Piece>,
}

/// A text that was replaced.
#[derive(Clone, Debug)]
struct Piece {
    new: Range<usize>,
    old: Range<usize>,
}

impl Filled {
    /// The place as written of a byte of the filled text.
    fn old(&self, at: usize, end: bool) -> usize {
        let (mut new, mut old) = (0, self.from);
        for piece in &self.pieces {
            if at < piece.new.start || (end && at == piece.new.start) {
                break;
            }
            if at < piece.new.end {
                return if end { piece.old.end } else { piece.old.start };
            }
            (new, old) = (piece.new.end, piece.old.end);
        }
        old + at.saturating_sub(new)
    }

    /// The place as written of a stretch of the filled text.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.old(range.start, false);
        start..self.old(range.end, true).max(start)
    }

    /// Whether a stretch of the filled text holds a value that was put in.
    pub fn is_filled(&self, range: &Range<usize>) -> bool {
        self.pieces.iter().any(|piece| piece.new.start < range.end && range.start < piece.new.end)
    }
}

/// Fills in the parameters of the texts in a stretch of RON.
pub fn fill(text: &str, place: &Range<usize>, set: &IndexMap<String, String>) -> Filled {
    let mut filled = Filled { from: place.start, ..Filled::default() };
    let within = text.get(..place.end).unwrap_or_default();
    let mut lexer = Lexer::new(within, place.start);
    let mut copied = place.start;
    loop {
        let (token, at) = lexer.next_token();
        match token {
            Token::End | Token::Unclosed => break,
            Token::Text => {
                let raw = within.get(at.clone()).unwrap_or_default();
                if !raw.contains('$') || raw.starts_with(['\'', 'b']) {
                    continue;
                }
                let Ok(words) = ron::from_str::<String>(raw) else { continue };
                let mut missing = Vec::new();
                let replaced = expand(&words, |name| {
                    let value = set.get(name);
                    match value {
                        Some(_) => filled.used.push(name.to_string()),
                        None => missing.push(name.to_string()),
                    }
                    value.cloned()
                });
                for name in missing {
                    let inside = raw.find(&format!("${name}"));
                    let start = inside.map_or(at.start, |found| at.start + found);
                    let end = if inside.is_some() { start + 1 + name.len() } else { at.end };
                    filled.unknown.push((name, start..end));
                }
                let Ok(quoted) = ron::to_string(&replaced) else { continue };
                filled.text.push_str(within.get(copied..at.start).unwrap_or_default());
                let start = filled.text.len();
                filled.text.push_str(&quoted);
                filled.pieces.push(Piece { new: start..filled.text.len(), old: at.clone() });
                copied = at.end;
            }
            _ => {}
        }
    }
    filled.text.push_str(within.get(copied..).unwrap_or_default());
    filled
}

/// Replaces `$name` by what `value` gives, and `$$` by `$`; what has no value stays.
pub fn expand(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
            continue;
        }
        let name = leading_name(after);
        rest = after.get(name.len()..).unwrap_or_default();
        let known = if name.is_empty() { None } else { value(name) };
        match known {
            Some(value) => out.push_str(&value),
            None => {
                out.push('$');
                out.push_str(name);
            }
        }
    }
    out.push_str(rest);
    out
}

/// Text in which nothing is taken for a parameter.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        out.push('$');
        if after.starts_with('$') || !leading_name(after).is_empty() {
            out.push('$');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a text can name a parameter.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && leading_name(text).len() == text.len()
}

/// The name that a text begins with; empty where it begins with none.
fn leading_name(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return "";
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(pairs: &[(&str, &str)]) -> IndexMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn names_inside_texts_are_replaced() {
        let text = r#"Shock(fail: ["$who=0.5"]) // "$no" is a comment"#;
        let filled = fill(text, &(0..text.len()), &set(&[("who", "tsmc")]));
        assert_eq!(filled.text, r#"Shock(fail: ["tsmc=0.5"]) // "$no" is a comment"#);
        assert!(filled.unknown.is_empty());
    }

    #[test]
    fn a_price_is_no_parameter_and_two_signs_are_one() {
        let filled = expand("$5bn for $$who by $who", |name| (name == "who").then(|| "x".to_string()));
        assert_eq!(filled, "$5bn for $who by x");
    }

    #[test]
    fn a_value_stays_a_text() {
        let text = r#"Exposure(to: "$who")"#;
        let filled = fill(text, &(0..text.len()), &set(&[("who", "a\", of: \"b")]));
        assert_eq!(filled.text, r#"Exposure(to: "a\", of: \"b")"#);
    }

    #[test]
    fn places_lead_back() {
        let text = r#"xx (a: "$who", b: oops)"#;
        let filled = fill(text, &(3..text.len()), &set(&[("who", "a-long-name")]));
        let at = filled.text.find("oops").expect("copied");
        assert_eq!(&text[filled.place(at..at + 4)], "oops");
        let at = filled.text.find("long").expect("filled in");
        assert_eq!(&text[filled.place(at..at + 4)], "\"$who\"");
    }

    #[test]
    fn unknown_names_are_found_where_they_stand() {
        let text = r#"(a: "x $other")"#;
        let filled = fill(text, &(0..text.len()), &set(&[]));
        assert_eq!(filled.unknown, [("other".to_string(), 7..13)]);
    }

    proptest! {
        #[test]
        fn escaped_text_expands_to_itself(text in "[$a-z0-9 ]{0,24}") {
            prop_assert_eq!(expand(&escape(&text), |_| Some("BAD".to_string())), text);
        }

        #[test]
        fn filling_never_panics_and_nothing_is_lost(text in "\\PC{0,40}") {
            let filled = fill(&text, &(0..text.len()), &set(&[("a", "b")]));
            if !text.contains('$') {
                prop_assert_eq!(filled.text, text);
            }
        }
    }
}
