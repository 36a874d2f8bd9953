//! What `ron` says about a record, in words of the format and at the exact place.

use std::ops::Range;

use ron::error::{Error, SpannedError};

use super::codes::Code;
use super::diagnostic::{Diagnostic, nearest};
use super::read::found;
use super::scan::{Lexer, Token};
use super::session::Text;

/// The byte of a 1-based line and column (in characters) of a text.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        let rest = text.get(start..).unwrap_or_default();
        match rest.find('\n') {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// The problem that made a record unreadable. `key` and `value` are its places in the file.
pub fn explain(text: &Text, key: &Range<usize>, value: &Range<usize>, error: &SpannedError) -> Diagnostic {
    let slice = text.text.get(value.clone()).unwrap_or_default();
    let start = offset(slice, error.span.start.line, error.span.start.col);
    let end = offset(slice, error.span.end.line, error.span.end.col);
    let token = token_at(slice, start);
    let exact = if end > start { start..end } else { token.clone() };
    let shift = |range: Range<usize>| value.start + range.start..value.start + range.end;
    let here =
        |code, range: Range<usize>, message: String| Diagnostic::new(code, text.span(shift(range)), message);
    let token_text = found(slice.get(token.clone()).unwrap_or_default());
    match &error.code {
        Error::NoSuchStructField { expected, found, .. } => {
            let record = record_word(slice, start);
            let message = format!("{record} has no field `{found}`");
            with_names(here(Code::UnknownField, exact, message), found, expected)
        }
        Error::NoSuchEnumVariant { expected, found, outer } => {
            let what = match outer.as_deref() {
                Some("RelationRecord") => "type of relation",
                Some("MeasureRecord") => "unit or word of estimate",
                Some("TableRecord") => "sort of table",
                Some("TermRecord") => "word for a term",
                Some("NeedRecord") => "degree of need",
                Some("AttributeKind") => "property",
                Some("PeriodRecord") => "period",
                Some(other) => &other.to_lowercase(),
                None => "word",
            };
            let message = format!("there is no {what} `{found}`");
            with_names(here(Code::UnknownVariant, exact, message), found, expected)
        }
        Error::MissingStructField { field, .. } => {
            let record = record_word(slice, start);
            Diagnostic::new(
                Code::MissingField,
                text.span(key.clone()),
                format!("{record} lacks the field `{field}`"),
            )
            .label(format!("`{field}` is required"))
        }
        Error::DuplicateStructField { field, .. } => {
            here(Code::DuplicateField, exact, format!("the field `{field}` stands twice in one record"))
        }
        Error::ExpectedDifferentLength { expected, found } => {
            here(Code::WrongType, exact, format!("expected {expected}, found {found} values"))
        }
        Error::InvalidValueForType { expected, found } => {
            here(Code::WrongType, exact, format!("expected {expected}, found {found}"))
        }
        Error::ExceededRecursionLimit => {
            here(Code::TooDeep, exact, "the record is nested too deep".to_string())
        }
        Error::ExpectedComma => here(Code::Syntax, token, format!("expected `,`, found {token_text}")),
        code => {
            let expected = match code {
                Error::ExpectedString => "a text in quotes",
                Error::ExpectedFloat => "a number",
                Error::ExpectedInteger => "a whole number",
                Error::ExpectedBoolean => "`true` or `false`",
                Error::ExpectedArray => "a list: `[ … ]`",
                Error::ExpectedMap => "a map: `{ \"key\": value, … }`",
                Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_) => "`(`",
                Error::ExpectedStructLikeEnd => "`)`",
                Error::ExpectedArrayEnd => "`]`",
                Error::ExpectedMapEnd => "`}`",
                Error::ExpectedMapColon => "`:`",
                Error::ExpectedIdentifier
                | Error::SuggestRawIdentifier(_)
                | Error::InvalidIdentifier(_)
                | Error::UnderscoreAtBeginning => "a word, such as `Usd(5e9)` or `Signed`",
                Error::TrailingCharacters => "the end of the value",
                other => {
                    let words = other.to_string();
                    let mut characters = words.chars();
                    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
                    return here(Code::Syntax, exact, format!("{first}{}", characters.as_str()));
                }
            };
            let code = match code {
                Error::TrailingCharacters
                | Error::ExpectedStructLikeEnd
                | Error::ExpectedArrayEnd
                | Error::ExpectedMapEnd
                | Error::ExpectedMapColon => Code::Syntax,
                _ => Code::WrongType,
            };
            let number = Lexer::new(slice, token.start).next_token().0 == Token::Number;
            let problem = here(code, token, format!("expected {expected}, found {token_text}"));
            let word = matches!(error.code, Error::SuggestRawIdentifier(_) | Error::ExpectedIdentifier);
            if number && word {
                return problem.hint("a size is a unit around a number: `Usd(5e9)`, `Gw(5)`, `Percent(60)`");
            }
            problem
        }
    }
}

fn with_names(diagnostic: Diagnostic, found: &str, expected: &[&str]) -> Diagnostic {
    let mut diagnostic = diagnostic.expected(expected.join(", "));
    diagnostic.nearest = nearest(found, expected.iter().copied());
    diagnostic
}

/// The first token that ends after `at`.
fn token_at(text: &str, at: usize) -> Range<usize> {
    let mut lexer = Lexer::new(text, 0);
    loop {
        let (token, place) = lexer.next_token();
        if token == Token::End || token == Token::Unclosed || place.end > at {
            return place;
        }
    }
}

/// The innermost word with brackets around `at`: `` `Commits` ``, or "the record".
fn record_word(text: &str, at: usize) -> String {
    let mut lexer = Lexer::new(text, 0);
    let mut stack: Vec<Option<Range<usize>>> = Vec::new();
    let mut word = None;
    loop {
        let (token, place) = lexer.next_token();
        if token == Token::End || place.start >= at {
            break;
        }
        match token {
            Token::Open(_) => stack.push(word.take()),
            Token::Close(_) => {
                stack.pop();
                word = None;
            }
            Token::Word => word = Some(place),
            _ => word = None,
        }
    }
    let name = stack.pop().flatten().and_then(|range| text.get(range));
    name.map_or("the record".to_string(), |name| format!("`{name}`"))
}
