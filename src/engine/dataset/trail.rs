//! The way from a record to a value inside it, and the place of that value in the text. Places are looked up
//! only when a problem has to be shown.

use std::collections::HashMap;
use std::ops::Range;

use super::scan::{Lexer, Token, value};

/// A step from a value to one inside it.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The named field of a record.
    Field(&'a str),
    /// The value, in order, of a list or of a word with brackets.
    Item(usize),
    /// The key of a map itself.
    Key(&'a str),
    /// The value under the key of a map.
    Value(&'a str),
    /// The record's value as a whole.
    Whole,
}

/// A record's key and value in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Position of the file in the list of files.
    pub file: u32,
    /// First byte of the key.
    pub key: u32,
    /// After the last byte of the key.
    pub key_end: u32,
    /// First byte of the value.
    pub value: u32,
    /// After the last byte of the value.
    pub value_end: u32,
}

impl Mark {
    /// Bytes of the key.
    pub fn key_range(&self) -> Range<usize> {
        self.key as usize..self.key_end as usize
    }

    /// Bytes of the value.
    pub fn value_range(&self) -> Range<usize> {
        self.value as usize..self.value_end as usize
    }
}

/// The way to a value: a record and steps into it.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    mark: Mark,
    parent: Option<&'a Trail<'a>>,
    step: Option<Step<'a>>,
}

impl<'a> Trail<'a> {
    /// The record itself.
    pub fn record(mark: Mark) -> Self {
        Self { mark, parent: None, step: None }
    }

    /// The record that the way starts from.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// One step on.
    pub fn to(&'a self, step: Step<'a>) -> Trail<'a> {
        Trail { mark: self.mark, parent: Some(self), step: Some(step) }
    }

    /// To a field.
    pub fn field(&'a self, name: &'a str) -> Trail<'a> {
        self.to(Step::Field(name))
    }

    /// To an item.
    pub fn item(&'a self, at: usize) -> Trail<'a> {
        self.to(Step::Item(at))
    }

    /// The bytes of the value in the text of its file; the record's key where the way leads nowhere.
    pub fn locate(&self, text: &str) -> Range<usize> {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(trail) = at {
            steps.extend(trail.step);
            at = trail.parent;
        }
        let mut place = self.mark.value_range();
        let mut moved = false;
        for step in steps.iter().rev() {
            let Some(next) = follow(text, &place, *step) else { break };
            place = next;
            moved = true;
        }
        if moved { place } else { self.mark.key_range() }
    }
}

/// One child of a value: its name or key, and its place.
struct Child {
    name: Option<Range<usize>>,
    value: Range<usize>,
}

/// The values inside the value at `place`.
fn children(text: &str, place: &Range<usize>) -> Vec<Child> {
    let mut lexer = Lexer::new(text.get(..place.end).unwrap_or_default(), place.start);
    let mut token = lexer.next_token().0;
    if token == Token::Word {
        token = lexer.next_token().0;
    }
    let mut children = Vec::new();
    if !matches!(token, Token::Open(_)) {
        return children;
    }
    loop {
        let Ok(first) = value(&mut lexer) else { return children };
        let mut ahead = lexer.clone();
        if ahead.next_token().0 == Token::Colon {
            lexer = ahead;
            let Ok(value) = value(&mut lexer) else { return children };
            children.push(Child { name: Some(first), value });
        } else {
            children.push(Child { name: None, value: first });
        }
        if lexer.next_token().0 != Token::Comma {
            return children;
        }
    }
}

fn follow(text: &str, place: &Range<usize>, step: Step) -> Option<Range<usize>> {
    if matches!(step, Step::Whole) {
        return Some(place.clone());
    }
    let children = children(text, place);
    // `Some(..)` and the brackets of a lone value are not a step
    if let [only] = children.as_slice()
        && only.name.is_none()
        && (text.get(place.clone())?.starts_with("Some") || !matches!(step, Step::Item(_)))
    {
        return follow(text, &only.value, step);
    }
    let named = |name: &str| {
        children.iter().find(|child| {
            let written = child.name.clone().and_then(|range| text.get(range)).unwrap_or_default();
            written == name || written.trim_matches('"') == name
        })
    };
    match step {
        Step::Field(name) | Step::Value(name) => named(name).map(|child| child.value.clone()),
        Step::Key(name) => named(name).and_then(|child| child.name.clone()),
        Step::Whole => None,
        Step::Item(at) => children.get(at).map(|child| child.value.clone()),
    }
}

/// Whether the map under a field has a key twice; the place of the second.
pub fn repeated_key(text: &str, map: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let children = children(text, map);
    let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
    for child in children {
        let Some(place) = child.name else { continue };
        let Some(name) = text.get(place.clone()) else { continue };
        if let Some(first) = seen.insert(name, place.clone()) {
            return Some((first, place));
        }
    }
    None
}
