//! What all sections share: sources under one number each, caveats that several answers have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::answer::{Caveat, RecordRef, SourceRef};

/// Sources in the order in which the document first cites them.
#[derive(Debug, Default)]
pub struct Sources {
    /// Numbers by content hash of the dataset and key: two datasets may use one key for two documents.
    numbers: BTreeMap<(String, String), usize>,
    list: Vec<SourceRef>,
}

/// A source of the document.
#[derive(Clone, Debug, Serialize)]
pub struct ShownSource {
    /// Its number.
    pub number: usize,
    /// Key in the dataset.
    pub key: String,
    /// Title.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Date, as far as known.
    pub date: Option<String>,
    /// Address as printed.
    pub url: String,
    /// Whether the address can be a link.
    pub link: bool,
    /// How close the document is to the facts.
    pub reliability: String,
}

/// When what a record says was so, in words.
fn when(record: &RecordRef) -> String {
    let date = record.refers_to.as_ref().or(record.since.as_ref());
    let date = date.map(|date| format!("of {date}")).unwrap_or_default();
    if record.stale { format!("{date}, stale").trim_start_matches(", ").to_string() } else { date }
}

/// A record of the document.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRecord {
    /// Key in the dataset.
    pub key: String,
    /// What it says.
    pub says: String,
    /// Basis and confidence, in words.
    pub basis: String,
    /// Why it is assumed, where it is.
    pub assumed: Option<String>,
    /// Numbers of its sources.
    pub sources: Vec<usize>,
    /// The period or day that it speaks of, and whether that is long past.
    pub when: String,
    /// File and line.
    pub place: String,
}

impl Sources {
    /// Gives numbers to the sources of an answer from the dataset of that hash.
    pub fn add(&mut self, hash: &str, sources: &[SourceRef]) {
        for source in sources {
            let key = (hash.to_string(), source.key.clone());
            if self.numbers.contains_key(&key) {
                continue;
            }
            let at = self.list.iter().position(|own| own == source).unwrap_or_else(|| {
                self.list.push(source.clone());
                self.list.len() - 1
            });
            self.numbers.insert(key, at + 1);
        }
    }

    /// A record of the dataset of that hash, with the numbers of its sources.
    pub fn record(&self, hash: &str, record: &RecordRef) -> ShownRecord {
        let number = |key: &String| self.numbers.get(&(hash.to_string(), key.clone())).copied();
        let mut sources: Vec<usize> = record.sources.iter().filter_map(number).collect();
        sources.sort_unstable();
        let (basis, confidence) = (word(&record.basis), word(&record.confidence));
        ShownRecord {
            key: record.key.clone(),
            says: record.says.clone(),
            basis: format!("{basis}, {confidence} confidence"),
            assumed: record.assumed.clone(),
            sources,
            when: when(record),
            place: record.place.clone(),
        }
    }

    /// All of them, numbered.
    pub fn shown(&self) -> Vec<ShownSource> {
        let shown = |(at, source): (usize, &SourceRef)| ShownSource {
            number: at + 1,
            key: source.key.clone(),
            title: source.title.clone(),
            publisher: source.publisher.clone(),
            date: source.date.clone(),
            url: source.url.clone(),
            link: source.url.starts_with("https://") || source.url.starts_with("http://"),
            reliability: word(&source.reliability),
        };
        self.list.iter().enumerate().map(shown).collect()
    }
}

/// The name of a variant in small letters.
fn word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// Caveats that several answers have word for word.
#[derive(Debug, Default)]
pub struct Common {
    texts: Vec<String>,
}

impl Common {
    /// Finds the caveats that at least two of the answers share, in the order of first appearance. What counts
    /// records of one answer stays with it, even where two answers happen to agree.
    pub fn of<'a>(answers: impl Iterator<Item = &'a [Caveat]>) -> Self {
        let mut order: Vec<&str> = Vec::new();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for caveats in answers {
            for caveat in caveats.iter().filter(|caveat| is_general(caveat)) {
                let count = counts.entry(&caveat.text).or_insert(0);
                *count += 1;
                if *count == 1 {
                    order.push(&caveat.text);
                }
            }
        }
        let shared = |text: &&&str| counts.get(**text).is_some_and(|count| *count > 1);
        Self { texts: order.iter().filter(shared).map(|text| text.to_string()).collect() }
    }

    /// The number of a common caveat.
    pub fn number(&self, text: &str) -> Option<usize> {
        self.texts.iter().position(|own| own == text).map(|at| at + 1)
    }

    /// All of them.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

fn is_general(caveat: &Caveat) -> bool {
    caveat.count.is_none() || !caveat.text.contains(|c: char| c.is_ascii_digit())
}
