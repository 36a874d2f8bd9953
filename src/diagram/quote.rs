//! Putting foreign text into DOT and into XML without changing its meaning.
//!
//! graphviz-rust's printer escapes nothing, so every string that came from a dataset passes
//! through [`quote`] on its way into DOT and through [`escape_xml`] on its way into SVG.

/// Text as a DOT string, quotes included, for labels, tooltips and links.
///
/// Graphviz reads `\` as an escape and decodes `&amp;` in labels, so both are written out; control
/// characters, which no output format can carry, are dropped, except the line feed, which becomes
/// a line break.
///
/// ```
/// use linchpin::diagram::quote::quote;
/// assert_eq!(quote(r#"a "b" \ &"#), r#""a \"b\" \\ &amp;""#);
/// assert_eq!(quote(""), r#""""#);
/// ```
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in printable(text) {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '&' => quoted.push_str("&amp;"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Text for element content and attribute values of XML.
///
/// ```
/// use linchpin::diagram::quote::escape_xml;
/// assert_eq!(escape_xml("R&D <\"'>"), "R&amp;D &lt;&quot;&#39;&gt;");
/// ```
pub fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The characters that every output format can carry: no control characters but the line feed
/// (a tab becomes a space) and none that XML forbids.
pub(crate) fn printable(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter_map(|c| match c {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        '\u{FFFE}' | '\u{FFFF}' => None,
        c if c.is_control() => None,
        c => Some(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a DOT string the way Graphviz does for a label: `\"`, `\\`, `\n`, then `&amp;`.
    fn unquote(quoted: &str) -> Option<String> {
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let mut text = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next()? {
                    'n' => text.push('\n'),
                    c @ ('"' | '\\') => text.push(c),
                    _ => return None,
                },
                '"' => return None,
                c => text.push(c),
            }
        }
        Some(text.replace("&amp;", "&"))
    }

    fn hostile() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "\"",
            "\\",
            "\n",
            "\r",
            "\0",
            "\t",
            "&amp;",
            "&",
            "<b>",
            "]]>",
            "--",
            "\\N",
            "\\l",
            "שלום",
            "عربي",
            "台積電",
            "🏭",
            "e\u{301}",
            "\u{202e}",
            "node",
            ";",
            "}",
            "a b",
            "\u{FFFE}",
            "\u{1b}[31m",
        ]);
        prop::collection::vec(prop_oneof![pieces.prop_map(String::from), any::<String>()], 0..40)
            .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn quoting_round_trips(text in hostile()) {
            let kept: String = printable(&text).collect();
            prop_assert_eq!(unquote(&quote(&text)), Some(kept));
        }

        #[test]
        fn escaped_text_has_no_markup(text in hostile()) {
            let escaped = escape_xml(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'', '\0', '\r']));
        }
    }

    #[test]
    fn long_text_survives() {
        let text = "x\"".repeat(250);
        assert_eq!(unquote(&quote(&text)), Some(text));
    }
}
