//! The outer shape of RON: tokens, brackets, and where each value begins and ends. It finds records and the
//! places of values inside them; what a value means is read by `ron`.

use std::ops::Range;

/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 64;

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

/// Splits text into tokens, past blanks and comments.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Tokens of `text` from byte `at` on.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
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
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
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
        let rest = self.rest();
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
        self.at += rest.find(|c| !inside(c)).unwrap_or(rest.len());
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
                _ if self.rest().is_empty() => return Token::Unclosed,
                _ => {
                    let rest = self.rest();
                    self.at += rest.find(['"', '\\']).unwrap_or(rest.len());
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

/// The first fault in the brackets of a text. Linear, without recursion.
pub fn bracket_fault(text: &str) -> Option<BracketFault> {
    let mut lexer = Lexer::new(text, 0);
    let mut stack: Vec<(u8, Range<usize>)> = Vec::new();
    loop {
        match lexer.next_token() {
            (Token::Open(open), place) => {
                if stack.len() == MAX_DEPTH {
                    return Some(BracketFault::TooDeep(place));
                }
                stack.push((open, place));
            }
            (Token::Close(close), place) => match stack.pop() {
                None => return Some(BracketFault::Stray(close, place)),
                Some((open, at)) if closing(open) != close => {
                    return Some(BracketFault::Mismatch { open: (open, at), close: (close, place) });
                }
                Some(_) => {}
            },
            (Token::Unclosed, place) => return Some(BracketFault::UnclosedText(place)),
            (Token::End, _) => return stack.pop().map(|(open, at)| BracketFault::Unclosed(open, at)),
            _ => {}
        }
    }
}

/// Reads past one value and gives its place, or the place of what stands where a value should. Brackets must
/// be in order.
pub fn value(lexer: &mut Lexer) -> Result<Range<usize>, Range<usize>> {
    let (token, place) = lexer.next_token();
    match token {
        Token::Open(_) => Ok(place.start..group_end(lexer, place.end)),
        Token::Word => {
            let mut ahead = lexer.clone();
            if let (Token::Open(b'('), open) = ahead.next_token() {
                *lexer = ahead;
                Ok(place.start..group_end(lexer, open.end))
            } else {
                Ok(place)
            }
        }
        Token::Number | Token::Text => Ok(place),
        _ => Err(place),
    }
}

/// Reads on to the end of a group whose bracket has just been read.
fn group_end(lexer: &mut Lexer, mut end: usize) -> usize {
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
