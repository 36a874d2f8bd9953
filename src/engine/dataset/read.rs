//! Files → records with their places. Every record is read on its own, so that all problems of all files
//! come out in one run.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use ron::error::SpannedError;
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use super::codes::Code;
use super::diagnostic::{Diagnostic, Span};
use super::files::{MAX_RON_BYTES, OpenError, Origin};
use super::outline::{Entry, Fault, entries, items, outline};
use super::record::*;
use super::scan::{BracketFault, Groups, Lexer, Token, closing, groups};
use super::session::{Session, Text};
use super::trail::Mark;
use crate::order::settle;

/// Records of a section from which on they are read side by side, and how many a thread takes at once.
pub const MANY: usize = 4096;

/// The format that this version reads.
const FORMAT: &str = "1";

/// The sections of a file.
const SECTIONS: &[&str] = &[
    "format",
    "name",
    "title",
    "description",
    "as_of",
    "kinds",
    "products",
    "sources",
    "rates",
    "entities",
    "relations",
    "attributes",
    "intensities",
    "tables",
];

/// A record under its key. `None` where it could not be read; its key is known all the same.
#[derive(Clone, Debug)]
pub struct Keyed<T> {
    /// The id.
    pub key: String,
    /// Where it is written.
    pub mark: Mark,
    /// What is written.
    pub record: Option<T>,
}

/// A record that is read where it is lowered: there are many, and no two of them are needed at once.
#[derive(Clone, Copy, Debug)]
pub struct Later;

/// All records of a dataset, each list ordered by key and without repetition.
#[derive(Debug, Default)]
pub struct Records {
    pub name: Option<(String, Mark)>,
    pub title: Option<(String, Mark)>,
    pub description: Option<(String, Mark)>,
    pub as_of: Option<(String, Mark)>,
    pub kinds: Vec<Keyed<KindRecord>>,
    pub products: Vec<Keyed<ProductRecord>>,
    pub sources: Vec<Keyed<SourceRecord>>,
    pub rates: Vec<Keyed<RateRecord>>,
    pub entities: Vec<Keyed<EntityRecord>>,
    pub relations: Vec<Keyed<Later>>,
    pub attributes: Vec<Keyed<AttributeRecord>>,
    pub intensities: Vec<Keyed<IntensityRecord>>,
    pub tables: Vec<(TableRecord, Mark)>,
}

/// Reads every file of a dataset.
pub fn read(origin: &Origin, session: &mut Session) -> Records {
    let mut records = Records::default();
    let listing = origin.list();
    let nothing = listing.names.is_empty() && listing.unreadable.is_empty();
    for (path, why) in listing.unreadable {
        session.incomplete = true;
        session.push(Diagnostic::new(
            Code::Unreadable,
            Span::file(&path),
            format!("cannot read `{path}`: {why}"),
        ));
    }
    if nothing {
        let folder = match origin {
            Origin::Path(path) => path.to_string_lossy().into_owned(),
            Origin::Embedded(_) => "the embedded dataset".to_string(),
        };
        let message = format!("no `.ron` file in `{folder}`");
        session.push(
            Diagnostic::new(Code::NoFiles, Span::file(&Arc::from(folder.as_str())), message)
                .hint("a dataset is a folder of `.ron` files; each starts with `(format: 1,`"),
        );
    }
    for name in listing.names {
        match text_of(origin, &name) {
            Ok(text) => {
                session.texts.push(Arc::new(Text::new(name, text)));
                let file = session.texts.len() as u32 - 1;
                let Some(text) = session.texts.last().cloned() else { continue };
                Reader { session, text, file }.read(&mut records);
            }
            Err(problem) => {
                session.incomplete = true;
                session.push(*problem);
            }
        }
    }
    sort(session, &mut records.kinds, "kind");
    sort(session, &mut records.products, "product");
    sort(session, &mut records.sources, "source");
    sort(session, &mut records.rates, "rate");
    sort(session, &mut records.entities, "entity");
    for mark in sort(session, &mut records.relations, "relation") {
        // what is wrong inside it is told too
        let _: Option<RelationRecord> = value(session, mark);
    }
    sort(session, &mut records.attributes, "attribute");
    sort(session, &mut records.intensities, "intensity");
    records
}

/// The text of a file, without a byte order mark.
pub fn text_of(origin: &Origin, name: &Arc<str>) -> Result<String, Box<Diagnostic>> {
    let problem = |code, message: String| Diagnostic::new(code, Span::file(name), message);
    let bytes = origin.read(name).map_err(|error| match error {
        OpenError::NotFound => problem(Code::Unreadable, format!("cannot read `{name}`: not found")),
        OpenError::Io(why) => problem(Code::Unreadable, format!("cannot read `{name}`: {why}")),
        OpenError::TooLarge(size) => {
            let (size, limit) = (size.div_ceil(1 << 20), MAX_RON_BYTES >> 20);
            problem(Code::TooLarge, format!("`{name}` has {size} MiB; at most {limit} MiB are read"))
                .hint("put bulk data into CSV tables, which are read row by row (see `tables`)")
        }
    })?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let hint =
            if utf16 { "the file looks like UTF-16; save it as UTF-8" } else { "save the file as UTF-8" };
        problem(Code::NotUtf8, format!("`{name}` is not UTF-8: byte {at}, on line {line}, is not text"))
            .hint(hint)
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// A text as far as it is read, and its outer groups where they are known.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    groups: &'t Groups,
}

/// A file that is being read.
struct Reader<'a> {
    session: &'a mut Session,
    text: Arc<Text>,
    file: u32,
}

impl Reader<'_> {
    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.text.get(range.clone()).unwrap_or_default()
    }

    fn push(&mut self, code: Code, range: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let diagnostic = Diagnostic::new(code, self.text.span(range), message);
        self.session.last(diagnostic)
    }

    fn mark(&self, key: &Range<usize>, value: &Range<usize>) -> Mark {
        Mark {
            file: self.file,
            key: key.start as u32,
            key_end: key.end as u32,
            value: value.start as u32,
            value_end: value.end as u32,
        }
    }

    /// Reads the file into the records.
    fn read(&mut self, records: &mut Records) {
        let held = self.text.clone();
        let text = held.text.as_str();
        if self.conflict_markers() {
            self.session.incomplete = true;
            return;
        }
        if Lexer::new(text, 0).next_token().0 == Token::End {
            self.session.incomplete = true;
            let message = format!("`{}` is empty", held.name);
            let empty = Diagnostic::new(Code::EmptyFile, Span::file(&held.name), message);
            self.session.push(empty.hint("write at least `(format: 1)`, or remove the file"));
            return;
        }
        let (cut, groups) = match groups(text) {
            Ok(groups) => (text.len(), groups),
            Err(fault) => {
                self.session.incomplete = true;
                (self.bracket_fault(fault), Groups::default())
            }
        };
        let whole = cut == text.len();
        let shape = outline(text.get(..cut).unwrap_or_default(), &groups);
        if whole {
            self.faults(&shape.faults);
        }
        let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
        let mut format = None;
        for section in &shape.sections {
            let name = text.get(section.name.clone()).unwrap_or_default();
            if let Some(first) = seen.insert(name, section.name.clone()) {
                let first = self.text.span(first);
                let message = format!("section `{name}` stands twice in one file");
                self.push(Code::DuplicateField, section.name.clone(), message)
                    .related_mut(first, "first here");
            }
            if name == "format" {
                format = Some(section.value.clone());
            }
        }
        match format {
            Some(value) if self.slice(&value) == FORMAT => {}
            Some(value) => {
                let message = format!("this version reads format {FORMAT}, not {}", self.slice(&value));
                self.push(Code::Format, value, message).expected = Some(format!("`format: {FORMAT}`"));
                self.session.incomplete = true;
                return;
            }
            None if whole && (!shape.sections.is_empty() || shape.faults.is_empty()) => {
                let at = Lexer::new(text, 0).next_token().1;
                self.push(Code::Format, at, "the file does not say its format").expected =
                    Some(format!("`(format: {FORMAT}, …`"));
            }
            None => {}
        }
        for section in shape.sections {
            self.section(&section.name, &section.value, (cut, &groups), records);
        }
    }

    /// Reads one section of a text that is read up to a place.
    fn section(
        &mut self,
        name: &Range<usize>,
        value: &Range<usize>,
        (cut, groups): (usize, &Groups),
        records: &mut Records,
    ) {
        let held = self.text.clone();
        let text = Part { text: held.text.get(..cut).unwrap_or_default(), groups };
        match text.text.get(name.clone()).unwrap_or_default() {
            "format" => {}
            "name" => self.meta("name", name, value, &mut records.name),
            "title" => self.meta("title", name, value, &mut records.title),
            "description" => self.meta("description", name, value, &mut records.description),
            "as_of" => self.meta("as_of", name, value, &mut records.as_of),
            "kinds" => self.records(text, value, &mut records.kinds),
            "products" => self.records(text, value, &mut records.products),
            "sources" => self.records(text, value, &mut records.sources),
            "rates" => self.records(text, value, &mut records.rates),
            "entities" => self.records(text, value, &mut records.entities),
            "relations" => self.keyed(text, value, &mut records.relations, |_| Ok(Later)),
            "attributes" => self.records(text, value, &mut records.attributes),
            "intensities" => self.records(text, value, &mut records.intensities),
            "tables" => {
                let (items, faults) = items(text.text, value);
                if cut == held.text.len() {
                    self.faults(&faults);
                }
                for item in items {
                    if let Some(table) = self.parse(&item, &item) {
                        records.tables.push((table, self.mark(&item, &item)));
                    }
                }
            }
            other => {
                let message = format!("there is no section `{other}`");
                let nearest = super::diagnostic::nearest(other, SECTIONS.iter().copied());
                let diagnostic = self.push(Code::UnknownSection, name.clone(), message);
                diagnostic.nearest = nearest;
                diagnostic.expected = Some(SECTIONS.join(", "));
                self.session.incomplete = true;
            }
        }
    }

    /// Reads a text that one file alone may give.
    fn meta(
        &mut self,
        what: &str,
        name: &Range<usize>,
        value: &Range<usize>,
        slot: &mut Option<(String, Mark)>,
    ) {
        let Some(text) = self.parse::<String>(name, value) else { return };
        let mark = self.mark(name, value);
        match slot {
            Some((_, first)) if first.file != self.file => {
                let first = self.session.key(*first);
                self.push(Code::RepeatedMeta, name.clone(), format!("`{what}` is given by two files"))
                    .related_mut(first, "first given here");
            }
            _ => *slot = Some((text, mark)),
        }
    }

    /// Reads the records of a section.
    fn records<T: DeserializeOwned + Send>(
        &mut self,
        text: Part,
        value: &Range<usize>,
        list: &mut Vec<Keyed<T>>,
    ) {
        self.keyed(text, value, list, |value| options().from_str(value));
    }

    /// Reads the keys of a section, and what stands under them as `record` does.
    fn keyed<T: Send>(
        &mut self,
        Part { text, groups }: Part,
        value: &Range<usize>,
        list: &mut Vec<Keyed<T>>,
        record: impl Fn(&str) -> Result<T, SpannedError> + Sync,
    ) {
        let (mut entries, faults) = entries(text, value, groups);
        if text.len() < self.text.text.len() {
            // the file was cut at a fault: the record that it stands in is not judged
            entries.pop_if(|last| Lexer::new(text, last.value.end).next_token().0 == Token::End);
        } else {
            self.faults(&faults);
        }
        list.reserve(entries.len());
        let read = |entry: &Entry| {
            let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
            let written = slice(&entry.key);
            let key = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(id) if is_id(id) => Ok(id.to_string()),
                _ => options().from_str(written),
            };
            (key, record(slice(&entry.value)))
        };
        // each record is read by itself; threads are worth their start where there are many
        let parsed: Vec<_> = match entries.len() {
            0..MANY => entries.iter().map(read).collect(),
            _ => entries.par_iter().map(read).collect(),
        };
        for (entry, (key, record)) in entries.into_iter().zip(parsed) {
            let key = match key {
                Ok(key) => key,
                Err(_) => {
                    self.push(Code::WrongType, entry.key, "a key is a text in quotes");
                    continue;
                }
            };
            if !is_id(&key) {
                let better = to_id(&key);
                let diagnostic =
                    self.push(Code::BadId, entry.key.clone(), format!("{} is not a valid id", quoted(&key)));
                diagnostic.expected = Some("lower-case letters, digits and single hyphens".to_string());
                if !better.is_empty() {
                    diagnostic.hint = Some(format!("write \"{better}\""));
                }
            }
            let mark = self.mark(&entry.key, &entry.value);
            let record = self.told(&entry.key, &entry.value, record);
            list.push(Keyed { key, mark, record });
        }
    }

    /// Reads one value; what is wrong with it is reported.
    fn parse<T: DeserializeOwned>(&mut self, key: &Range<usize>, value: &Range<usize>) -> Option<T> {
        let read = options().from_str(self.slice(value));
        self.told(key, value, read)
    }

    /// A value that could be read; else its problem is reported.
    fn told<T>(
        &mut self,
        key: &Range<usize>,
        value: &Range<usize>,
        read: Result<T, SpannedError>,
    ) -> Option<T> {
        match read {
            Ok(record) => Some(record),
            Err(error) => {
                let diagnostic = super::ron_error::explain(&self.text, key, value, &error);
                self.session.push(diagnostic);
                None
            }
        }
    }

    fn faults(&mut self, faults: &[Fault]) {
        for fault in faults {
            self.session.incomplete = true;
            let found = found(self.slice(&fault.place));
            let message = format!("expected {}, found {found}", fault.expected);
            self.push(Code::Syntax, fault.place.clone(), message);
        }
    }

    /// Reports a fault in the brackets and gives the place up to which the file can be read.
    fn bracket_fault(&mut self, fault: BracketFault) -> usize {
        let name = |bracket: u8| char::from(bracket);
        match fault {
            BracketFault::Mismatch { open: (open, at), close: (close, place) } => {
                let first = self.text.span(at.clone());
                let message = format!("`{}` does not close `{}`", name(close), name(open));
                self.push(Code::Syntax, place, message)
                    .related_mut(first, "this bracket is still open")
                    .expected = Some(format!("`{}`", name(closing(open))));
                at.start
            }
            BracketFault::Stray(close, place) => {
                let start = place.start;
                self.push(Code::Syntax, place, format!("`{}` closes nothing", name(close)));
                start
            }
            BracketFault::Unclosed(open, at) => {
                let start = at.start;
                self.push(Code::Syntax, at, format!("this `{}` is never closed", name(open)));
                start
            }
            BracketFault::UnclosedText(at) => {
                let start = at.start;
                self.push(Code::Syntax, at, "a text or comment that begins here never ends");
                start
            }
            BracketFault::TooDeep(at) => {
                let start = at.start;
                let message = format!("brackets are nested deeper than {}", super::scan::MAX_DEPTH);
                self.push(Code::TooDeep, at, message);
                start
            }
        }
    }

    /// Reports the markers that an unresolved merge leaves.
    fn conflict_markers(&mut self) -> bool {
        let held = self.text.clone();
        if !held.text.contains("<<<<<<< ") {
            return false;
        }
        let mut at = 0;
        let mut open: Option<usize> = None;
        let mut any = false;
        for line in held.text.split_inclusive('\n') {
            if line.starts_with("<<<<<<< ") {
                open = Some(at);
                any = true;
                self.push(
                    Code::ConflictMarker,
                    at..at + line.trim_end().len(),
                    "unresolved merge conflict",
                )
                .hint = Some(
                    "choose one side, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`".to_string(),
                );
            } else if open.is_some() && (line.trim_end() == "=======" || line.starts_with(">>>>>>> ")) {
                let span = held.span(at..at + line.trim_end().len());
                let label =
                    if line.starts_with('=') { "the other side begins here" } else { "and ends here" };
                self.session.relate_last(span, label);
                if line.starts_with('>') {
                    open = None;
                }
            }
            at += line.len();
        }
        any
    }
}

/// The record of a mark, read from its text; what is wrong with it is reported.
pub fn value<T: DeserializeOwned>(session: &mut Session, mark: Mark) -> Option<T> {
    let text = session.texts.get(mark.file as usize)?;
    let (key, value) = (mark.key_range(), mark.value_range());
    match options().from_str(text.text.get(value.clone()).unwrap_or_default()) {
        Ok(record) => Some(record),
        Err(error) => {
            let problem = super::ron_error::explain(text, &key, &value, &error);
            session.push(problem);
            None
        }
    }
}

/// How records are read: optional fields are written bare, and a relation's fields follow its name.
fn options() -> ron::Options {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    ron::Options::default().with_default_extension(extensions)
}

/// The beginning of a text, as what was found.
pub fn found(text: &str) -> String {
    let first = text.split(char::is_whitespace).next().unwrap_or_default();
    if first.is_empty() { "the end".to_string() } else { format!("`{}`", clip(first, 30)) }
}

/// At most `limit` characters of a text.
pub fn clip(text: &str, limit: usize) -> String {
    let mut clipped: String = text.chars().take(limit).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}

/// A text in quotes, clipped.
pub fn quoted(text: &str) -> String {
    format!("{:?}", clip(text, 60))
}

/// Whether a text is an id: lower-case letters and digits in groups joined by hyphens.
pub fn is_id(text: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 200 && text.split('-').all(plain)
}

/// The id that a text may have been meant as.
fn to_id(text: &str) -> String {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// For each place in the order of keys the position of its record; of equal keys the one that is written first goes first.
fn by_key<T>(list: &[Keyed<T>]) -> Vec<usize> {
    let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let first = list.first().map_or("", |keyed| keyed.key.as_str());
    let common = list.iter().map(|keyed| shared(&keyed.key, first)).min().unwrap_or(0);
    // keys tend to begin alike: the eight bytes behind that decide most comparisons without a look at the text
    let head = |key: &str| {
        let mut head = [0; 8];
        key.bytes().skip(common).zip(&mut head).for_each(|(byte, slot)| *slot = byte);
        u64::from_be_bytes(head)
    };
    let mut heads: Vec<(u64, usize)> =
        list.iter().enumerate().map(|(at, keyed)| (head(&keyed.key), at)).collect();
    let written = |at: usize| list.get(at).map(|keyed| (&keyed.key, keyed.mark.file, keyed.mark.key));
    heads.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| written(a.1).cmp(&written(b.1))));
    heads.into_iter().map(|(_, at)| at).collect()
}

/// Orders records by key and reports keys that stand twice; the places of those that are left out.
fn sort<T>(session: &mut Session, list: &mut Vec<Keyed<T>>, what: &str) -> Vec<Mark> {
    let order = by_key(list);
    settle(order, &mut |a, b| list.swap(a, b));
    for pair in list.windows(2) {
        if let [first, second] = pair
            && first.key == second.key
        {
            let earlier = session.key(first.mark);
            let message = format!("{what} `{}` is defined twice", clip(&first.key, 60));
            let problem = Diagnostic::new(Code::DuplicateId, session.key(second.mark), message)
                .label("defined again here")
                .related(earlier, "first defined here")
                .hint(
                    "rename one of them, or merge the two; what sources disagree on is written as `Claims`",
                );
            session.push(problem);
        }
    }
    let mut twice = Vec::new();
    list.dedup_by(|b, a| {
        let same = a.key == b.key;
        twice.extend(same.then_some(b.mark));
        same
    });
    twice
}

/// The record of a key in a sorted list.
pub fn find<'r, T>(list: &'r [Keyed<T>], key: &str) -> Option<&'r Keyed<T>> {
    list.binary_search_by(|keyed| keyed.key.as_str().cmp(key)).ok().and_then(|at| list.get(at))
}
