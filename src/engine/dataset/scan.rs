//! The outer shape of RON: tokens, brackets, and where each value begins and ends. It finds records and the
//! places of values inside them; what a value means is read by `ron`.

use std::cmp::Ordering;
use std::ops::Range;

/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 64;

/// How deep the brackets are whose ends are kept: file, section, record.
const OUTER: usize = 3;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or a word such as `true` or `NaN`.
    Word,
    /// A number.
    Number,
    /// A string or character.
    Text,
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A string or comment that does not end.
    Unclosed,
    /// Anything else.
    Other,
    /// The end of the text.
    End,
}

/// Where the outer groups of a text begin and end, in the order of the text, so that what stands inside them is
/// not read token by token again.
#[derive(Debug, Default)]
pub struct Groups(Vec<(u32, u32)>);

/// Splits text into tokens, past blanks and comments.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Groups that may still come.
    groups: &'a [(u32, u32)],
}

impl<'a> Lexer<'a> {
    /// Tokens of `text` from byte `at` on.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, groups: &[] }
    }

    /// The same, with the groups of a text that `text` is the beginning of.
    pub fn within(text: &'a str, at: usize, groups: &'a Groups) -> Self {
        let first = groups.0.partition_point(|(open, _)| (*open as usize) < at);
        Self { text, at, groups: groups.0.get(first..).unwrap_or_default() }
    }

    /// Moves behind the group that opens at a byte, where its end is known.
    fn jump(&mut self, open: usize) -> Option<usize> {
        while let Some(((start, end), rest)) = self.groups.split_first() {
            match (*start as usize).cmp(&open) {
                Ordering::Less => self.groups = rest,
                Ordering::Equal => {
                    self.at = *end as usize;
                    return Some(self.at);
                }
                Ordering::Greater => return None,
            }
        }
        None
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips blanks and comments; the place of a comment that does not end.
    fn skip_blank(&mut self) -> Option<Range<usize>> {
        loop {
            let first = self.byte(0);
            if matches!(first, b'\t'..=b'\r' | b' ') {
                self.at += 1;
            } else if !first.is_ascii() {
                let rest = self.rest();
                let blank = rest.len() - rest.trim_start().len();
                if blank == 0 {
                    return None;
                }
                self.at += blank;
            } else if first != b'/' {
                return None;
            } else if self.byte(1) == b'/' {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.byte(1) == b'*' {
                let start = self.at;
                let mut depth = 0usize;
                loop {
                    if self.rest().is_empty() {
                        return Some(start..start + 2);
                    } else if self.byte(0) == b'/' && self.byte(1) == b'*' {
                        depth += 1;
                        self.at += 2;
                    } else if self.byte(0) == b'*' && self.byte(1) == b'/' {
                        depth -= 1;
                        self.at += 2;
                        if depth == 0 {
                            break;
                        }
                    } else {
                        self.step();
                    }
                }
            } else {
                return None;
            }
        }
    }

    /// Moves past one character.
    fn step(&mut self) {
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
    }

    /// The next token and its place.
    pub fn next_token(&mut self) -> (Token, Range<usize>) {
        if let Some(place) = self.skip_blank() {
            return (Token::Unclosed, place);
        }
        let start = self.at;
        let token = match self.byte(0) {
            0 if self.rest().is_empty() => Token::End,
            open @ (b'(' | b'[' | b'{') => self.single(Token::Open(open)),
            close @ (b')' | b']' | b'}') => self.single(Token::Close(close)),
            b',' => self.single(Token::Comma),
            b':' => self.single(Token::Colon),
            b'"' => self.string(),
            b'\'' => self.character(),
            b'b' if self.byte(1) == b'"' || self.byte(1) == b'\'' => {
                self.at += 1;
                if self.byte(0) == b'"' { self.string() } else { self.character() }
            }
            b'r' if self.raw_string_ahead(1) => self.raw_string(1),
            b'b' if self.byte(1) == b'r' && self.raw_string_ahead(2) => self.raw_string(2),
            b'0'..=b'9' | b'+' | b'-' | b'.' => {
                self.at += 1;
                self.word();
                Token::Number
            }
            _ => {
                let first = self.rest().chars().next().unwrap_or(' ');
                if first == '_' || first.is_alphabetic() {
                    if self.byte(0) == b'r' && self.byte(1) == b'#' {
                        self.at += 2;
                    }
                    self.word();
                    Token::Word
                } else {
                    self.step();
                    Token::Other
                }
            }
        };
        if token == Token::Unclosed {
            let line = self.text.get(start..).map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
            return (token, start..start + line);
        }
        (token, start..self.at)
    }

    fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    /// Moves past letters, digits and what else stands in names and numbers.
    fn word(&mut self) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-');
        while plain(self.byte(0)) {
            self.at += 1;
        }
        if !self.byte(0).is_ascii() {
            let rest = self.rest();
            let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
            self.at += rest.find(|c| !inside(c)).unwrap_or(rest.len());
        }
    }

    fn string(&mut self) -> Token {
        self.at += 1;
        loop {
            match self.byte(0) {
                b'"' => return self.single(Token::Text),
                b'\\' => {
                    self.at += 1;
                    self.step();
                }
                _ => {
                    let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                    if rest.is_empty() {
                        return Token::Unclosed;
                    }
                    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                    self.at += end.unwrap_or(rest.len());
                }
            }
        }
    }

    fn character(&mut self) -> Token {
        self.at += 1;
        if self.byte(0) == b'\\' {
            self.at += 1;
            self.step();
            let rest = self.rest();
            self.at += rest.find(['\'', '\n']).unwrap_or(rest.len());
        } else {
            self.step();
        }
        if self.byte(0) == b'\'' { self.single(Token::Text) } else { Token::Other }
    }

    /// Whether hashes and a quote follow.
    fn raw_string_ahead(&self, skip: usize) -> bool {
        let rest = self.text.get(self.at + skip..).unwrap_or_default();
        rest.trim_start_matches('#').starts_with('"')
    }

    fn raw_string(&mut self, skip: usize) -> Token {
        self.at += skip;
        let rest = self.rest();
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let body = rest.get(hashes + 1..).unwrap_or_default();
        match body.find(&end) {
            Some(at) => {
                self.at += hashes + 1 + at + end.len();
                Token::Text
            }
            None => Token::Unclosed,
        }
    }
}

/// What makes the brackets of a text wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BracketFault {
    /// A closing bracket that does not fit the open one.
    Mismatch {
        /// The open bracket and its place.
        open: (u8, Range<usize>),
        /// The closing bracket and its place.
        close: (u8, Range<usize>),
    },
    /// A closing bracket without an open one.
    Stray(u8, Range<usize>),
    /// An open bracket that is never closed.
    Unclosed(u8, Range<usize>),
    /// A string or comment that never ends.
    UnclosedText(Range<usize>),
    /// A bracket nested deeper than [`MAX_DEPTH`].
    TooDeep(Range<usize>),
}

/// The bracket that closes `open`.
pub fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// The outer groups of a text, or the first fault in its brackets. Linear, without recursion.
pub fn groups(text: &str) -> Result<Groups, BracketFault> {
    let mut lexer = Lexer::new(text, 0);
    let mut groups: Vec<(u32, u32)> = Vec::new();
    // each open bracket with its position in the list, which is past its end for the inner ones
    let mut stack: Vec<(u8, Range<usize>, usize)> = Vec::new();
    loop {
        match lexer.next_token() {
            (Token::Open(open), place) => {
                if stack.len() == MAX_DEPTH {
                    return Err(BracketFault::TooDeep(place));
                }
                let outer = stack.len() < OUTER;
                let at = if outer { groups.len() } else { usize::MAX };
                if outer {
                    groups.push((place.start as u32, 0));
                }
                stack.push((open, place, at));
            }
            (Token::Close(close), place) => match stack.pop() {
                None => return Err(BracketFault::Stray(close, place)),
                Some((open, at, _)) if closing(open) != close => {
                    return Err(BracketFault::Mismatch { open: (open, at), close: (close, place) });
                }
                Some((_, _, at)) => {
                    if let Some(group) = groups.get_mut(at) {
                        group.1 = place.end as u32;
                    }
                }
            },
            (Token::Unclosed, place) => return Err(BracketFault::UnclosedText(place)),
            (Token::End, _) => match stack.pop() {
                Some((open, at, _)) => return Err(BracketFault::Unclosed(open, at)),
                None => return Ok(Groups(groups)),
            },
            _ => {}
        }
    }
}

/// Reads past one value and gives its place, or the place of what stands where a value should. Brackets must
/// be in order.
pub fn value(lexer: &mut Lexer) -> Result<Range<usize>, Range<usize>> {
    let (token, place) = lexer.next_token();
    match token {
        Token::Open(_) => Ok(place.start..group_end(lexer, place)),
        Token::Word => {
            let mut ahead = lexer.clone();
            if let (Token::Open(b'('), open) = ahead.next_token() {
                *lexer = ahead;
                Ok(place.start..group_end(lexer, open))
            } else {
                Ok(place)
            }
        }
        Token::Number | Token::Text => Ok(place),
        _ => Err(place),
    }
}

/// Reads on to the end of a group whose bracket has just been read.
fn group_end(lexer: &mut Lexer, open: Range<usize>) -> usize {
    if let Some(end) = lexer.jump(open.start) {
        return end;
    }
    let mut end = open.end;
    let mut depth = 1usize;
    while depth > 0 {
        let (token, place) = lexer.next_token();
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth -= 1,
            Token::End | Token::Unclosed => return end,
            _ => {}
        }
        end = place.end;
    }
    end
}
