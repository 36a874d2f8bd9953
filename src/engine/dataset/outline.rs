//! The sections of a file and the records in them, each with its place, so that one bad record does not hide
//! the others.

use std::ops::Range;

use super::scan::{Groups, Lexer, Token, value};

/// A file as named sections.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The sections in the order of the file.
    pub sections: Vec<Section>,
    /// What is wrong with the shape.
    pub faults: Vec<Fault>,
}

/// One `name: value` of a file.
#[derive(Clone, Debug)]
pub struct Section {
    /// Place of the name.
    pub name: Range<usize>,
    /// Place of the value.
    pub value: Range<usize>,
}

/// One `"key": value` of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Place of the key, quotes included.
    pub key: Range<usize>,
    /// Place of the value.
    pub value: Range<usize>,
}

/// A place where something else should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Range<usize>,
    /// What should stand there.
    pub expected: &'static str,
}

/// Reads the outer shape of a file whose brackets are in order. `groups` are those of the text, or none.
pub fn outline(text: &str, groups: &Groups) -> Outline {
    let mut outline = Outline::default();
    let mut lexer = Lexer::within(text, 0, groups);
    let mut fault = |place, expected| outline.faults.push(Fault { place, expected });
    let mut first = lexer.next_token();
    while first.0 == Token::Other && text.get(first.1.clone()) == Some("#") {
        // an attribute such as `#![enable(implicit_some)]`
        lexer.next_token();
        let _ = value(&mut lexer);
        first = lexer.next_token();
    }
    if first.0 != Token::Open(b'(') {
        fault(first.1, "`(`, which opens the dataset");
        return outline;
    }
    loop {
        let (token, name) = lexer.next_token();
        match token {
            Token::Close(_) | Token::End => break,
            Token::Word => {}
            _ => {
                fault(name.clone(), "the name of a section, such as `entities`");
                if !recover(&mut lexer, token) {
                    break;
                }
                continue;
            }
        }
        let (token, colon) = lexer.next_token();
        if token != Token::Colon {
            fault(colon, "`:` after the name of the section");
            if !recover(&mut lexer, token) {
                break;
            }
            continue;
        }
        match value(&mut lexer) {
            Ok(value) => outline.sections.push(Section { name, value }),
            Err(place) => fault(place, "a value"),
        }
        let before = lexer.clone();
        match lexer.next_token() {
            (Token::Comma, _) => {}
            (Token::Close(_) | Token::End, _) => break,
            (_, place) => {
                fault(place, "`,` between two sections");
                lexer = before;
                skip_if_stuck(&mut lexer);
            }
        }
    }
    let (token, place) = lexer.next_token();
    if token != Token::End {
        fault(place, "the end of the file");
    }
    outline
}

/// Steps over a token that cannot begin anything.
fn skip_if_stuck(lexer: &mut Lexer) {
    let mut ahead = lexer.clone();
    if !matches!(ahead.next_token().0, Token::Word | Token::Text | Token::Close(_) | Token::End) {
        let _ = value(lexer);
    }
}

/// Reads on to the comma after a fault; `false` where the enclosing bracket closes first.
fn recover(lexer: &mut Lexer, mut token: Token) -> bool {
    let mut depth = 0usize;
    loop {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth == 0 => return false,
            Token::Close(_) => depth -= 1,
            Token::Comma if depth == 0 => return true,
            Token::End | Token::Unclosed => return false,
            _ => {}
        }
        token = lexer.next_token().0;
    }
}

/// The entries of a map at `place`, and what is wrong with its shape. `groups` are those of the text, or none.
pub fn entries(text: &str, place: &Range<usize>, groups: &Groups) -> (Vec<Entry>, Vec<Fault>) {
    let mut entries = Vec::new();
    let mut faults = Vec::new();
    let mut lexer = Lexer::within(text.get(..place.end).unwrap_or_default(), place.start, groups);
    let open = lexer.next_token();
    if open.0 != Token::Open(b'{') {
        faults.push(Fault { place: place.clone(), expected: "a map: `{ \"key\": value, … }`" });
        return (entries, faults);
    }
    loop {
        let (token, key) = lexer.next_token();
        match token {
            Token::Close(_) | Token::End => break,
            Token::Text => {}
            _ => {
                faults.push(Fault { place: key, expected: "a key in quotes" });
                if !recover(&mut lexer, token) {
                    break;
                }
                continue;
            }
        }
        let (token, colon) = lexer.next_token();
        if token != Token::Colon {
            faults.push(Fault { place: colon, expected: "`:` after the key" });
            if !recover(&mut lexer, token) {
                break;
            }
            continue;
        }
        let before = lexer.clone();
        match value(&mut lexer) {
            Ok(value) => entries.push(Entry { key, value }),
            Err(place) => {
                faults.push(Fault { place, expected: "a value after the key" });
                lexer = before;
            }
        }
        let before = lexer.clone();
        match lexer.next_token() {
            (Token::Comma, _) => {}
            (Token::Close(_) | Token::End, _) => break,
            (_, place) => {
                faults.push(Fault { place, expected: "`,` between two entries" });
                lexer = before;
                skip_if_stuck(&mut lexer);
            }
        }
    }
    (entries, faults)
}

/// The items of a list at `place`, and what is wrong with its shape.
pub fn items(text: &str, place: &Range<usize>) -> (Vec<Range<usize>>, Vec<Fault>) {
    let mut items = Vec::new();
    let mut faults = Vec::new();
    let mut lexer = Lexer::new(text.get(..place.end).unwrap_or_default(), place.start);
    if lexer.next_token().0 != Token::Open(b'[') {
        faults.push(Fault { place: place.clone(), expected: "a list: `[ … ]`" });
        return (items, faults);
    }
    loop {
        let mut ahead = lexer.clone();
        if matches!(ahead.next_token().0, Token::Close(_) | Token::End) {
            break;
        }
        match value(&mut lexer) {
            Ok(value) => items.push(value),
            Err(place) => {
                faults.push(Fault { place, expected: "an item of the list" });
                break;
            }
        }
        match lexer.next_token() {
            (Token::Comma, _) => {}
            (Token::Close(_) | Token::End, _) => break,
            (_, place) => {
                faults.push(Fault { place, expected: "`,` between two items" });
                break;
            }
        }
    }
    (items, faults)
}
