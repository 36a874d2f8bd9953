//! What rows rest on that do not say it: records are found by the names in the row, and followed along the ties that the
//! numbers were carried over.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::order::Arrange;

use super::{Answer, Cell, Evidence, Rests, RestsOn, Row, Table};

/// How far the records reach on which a row rests that does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Those that speak of what the row names.
    Named,
    /// Also all on which these depend: what stops without what.
    Upstream,
    /// Also all that depend on these: whom a loss reaches.
    Downstream,
    /// Also all that is tied to these either way: where losses or money run both ways.
    Connected,
}

impl Reach {
    /// In words, of a row.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Named => "the records that speak of what it names",
            Self::Upstream => {
                "the records that speak of what it names, and those of all that this depends on"
            }
            Self::Downstream => {
                "the records that speak of what it names, and those of all that depends on this"
            }
            Self::Connected => {
                "the records that speak of what it names, and those of all that is tied to this"
            }
        }
    }
}

/// One depends on another by a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    /// Key of who depends.
    pub customer: String,
    /// Key of who is depended on.
    pub supplier: String,
    /// Position of the record in the evidence.
    pub record: usize,
}

/// Steps along ties after which rows rest on all records: some seconds of work.
const MOST_STEPS: usize = 100_000_000;

impl Answer {
    /// Says of each row that does not say it what it rests on: the records of the evidence that speak of the things that its
    /// cells name, and those that `reach` adds. A row that names nothing rests on all records, and so does one whose records
    /// are all there are.
    ///
    /// Cost: one walk along the ties for each set of names.
    pub fn fill_rests(&mut self, reach: Reach) {
        let evidence = &self.evidence;
        let asks = |table: &Table| !table.says_rests() || evidence.reach.contains_key(&table.name);
        if !self.tables.iter().any(asks) {
            return;
        }
        let mut index = Index::of(evidence);
        let mut cut = 0;
        for table in self.tables.iter_mut().filter(|table| asks(table)) {
            let wider = evidence.reach.get(&table.name).copied();
            let about = evidence.about.get(&table.name);
            let about = |row: usize| about.and_then(|own| own.get(&row)).map_or(&[][..], Vec::as_slice);
            let mut rests = std::mem::take(&mut table.rests);
            if rests.len() != table.rows.len() {
                // rows that were put in or left out after that do not tell which they were
                rests = vec![Rests::Records(Vec::new()); table.rows.len()];
            }
            for (at, (row, own)) in table.rows.iter().zip(&mut rests).enumerate() {
                if !own.is_said() {
                    *own = index.rests((row, about(at)), wider.unwrap_or(reach), &mut cut);
                } else if let (Some(wider), Rests::Records(own)) = (wider, own) {
                    let more = index.rests((row, about(at)), wider, &mut cut);
                    add(own, more, index.records);
                }
            }
            table.rests = rests;
        }
        if cut > 0 {
            let text = format!(
                "{cut} rows are said to rest on all records: following the ties of each would take too long."
            );
            self.caveat("rests-cut", text, Some(cut));
        }
    }
}

/// Adds records without parts.
fn add(own: &mut Vec<RestsOn>, more: Rests, all: usize) {
    let mut known = vec![false; all];
    own.iter().filter_map(|on| Some(on.record).filter(|at| *at < all)).for_each(|at| known[at] = true);
    let more: Vec<usize> = match more {
        Rests::Records(more) => more.into_iter().map(|on| on.record).collect(),
        Rests::Whole => (0..all).collect(),
        Rests::None(_) => return,
    };
    own.extend(more.into_iter().filter(|at| known.get(*at) == Some(&false)).map(RestsOn::record));
    own.arrange_by_key(|on| on.record);
}

/// The records of an answer by what they speak of. Names are numbered once, as the walks of many rows meet the same ones.
struct Index<'a> {
    records: usize,
    keys: HashMap<&'a str, Vec<usize>>,
    numbers: HashMap<&'a str, usize>,
    places: Vec<Place>,
    /// Who depends by each record that is a tie, by record.
    customers: Vec<Vec<usize>>,
    known: BTreeMap<(Reach, BTreeSet<String>), Rests>,
    steps: usize,
}

/// What is known of one name.
#[derive(Default)]
struct Place {
    /// The records that speak of it.
    about: Vec<usize>,
    /// Ties to what it depends on, and to what depends on it: the other end and the record.
    upstream: Vec<(usize, usize)>,
    downstream: Vec<(usize, usize)>,
}

impl<'a> Index<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let records = evidence.records.len();
        let mut index = Self {
            records,
            keys: HashMap::new(),
            numbers: HashMap::new(),
            places: Vec::new(),
            customers: vec![Vec::new(); records],
            known: BTreeMap::new(),
            steps: 0,
        };
        for (at, record) in evidence.records.iter().enumerate() {
            index.keys.entry(&record.key).or_default().push(at);
            for name in &record.about {
                let number = index.number(name);
                index.places[number].about.push(at);
            }
        }
        for Tie { customer, supplier, record } in evidence.ties.iter().filter(|tie| tie.record < records) {
            let (customer, supplier) = (index.number(customer), index.number(supplier));
            index.places[customer].upstream.push((supplier, *record));
            index.places[supplier].downstream.push((customer, *record));
            index.customers[*record].push(customer);
        }
        index
    }

    fn number(&mut self, name: &'a str) -> usize {
        let places = &mut self.places;
        *self.numbers.entry(name).or_insert_with(|| {
            places.push(Place::default());
            places.len() - 1
        })
    }

    /// What a row rests on, by what its cells name and what it is about beside that.
    fn rests(&mut self, (row, about): (&Row, &[String]), reach: Reach, cut: &mut usize) -> Rests {
        if self.records == 0 {
            return Rests::None(Cow::Borrowed("the answer cites no record"));
        }
        let mut names: BTreeSet<String> = about.iter().cloned().collect();
        for cell in row {
            match cell {
                Cell::Item { key, .. } => drop(names.insert(key.clone())),
                Cell::Items(items) => names.extend(items.iter().map(|(key, _)| key.clone())),
                Cell::Text(text) if self.keys.contains_key(text.as_str()) => drop(names.insert(text.clone())),
                _ => {}
            }
        }
        if names.is_empty() {
            return Rests::Whole;
        }
        let asked = (reach, names);
        if let Some(known) = self.known.get(&asked) {
            return known.clone();
        }
        if self.steps > MOST_STEPS {
            *cut += 1;
            return Rests::Whole;
        }
        let rests = match self.found(&asked.1, reach) {
            found if found.is_empty() => Rests::None(Cow::Borrowed("no record of the answer speaks of it")),
            found if found.len() == self.records => Rests::Whole,
            found => Rests::Records(found),
        };
        self.known.insert(asked, rests.clone());
        rests
    }

    /// The records that speak of the names, and those that are reached from these, in their order.
    fn found(&mut self, names: &BTreeSet<String>, reach: Reach) -> Vec<RestsOn> {
        let mut found = vec![false; self.records];
        names
            .iter()
            .filter_map(|name| self.keys.get(name.as_str()))
            .flatten()
            .for_each(|at| found[*at] = true);
        let numbers: Vec<usize> =
            names.iter().filter_map(|name| self.numbers.get(name.as_str())).copied().collect();
        let is_tied =
            |at: &usize| !(self.places[*at].upstream.is_empty() && self.places[*at].downstream.is_empty());
        let mut from: Vec<usize> = numbers.iter().copied().filter(is_tied).collect();
        // where ties are followed, they say which relations count
        let all = reach == Reach::Named || reach == Reach::Connected || from.is_empty();
        for record in numbers.iter().flat_map(|at| &self.places[*at].about) {
            found[*record] |= all || self.customers[*record].is_empty();
        }
        if from.is_empty() {
            let speak = numbers.iter().flat_map(|at| &self.places[*at].about);
            from = speak.flat_map(|record| &self.customers[*record]).copied().collect();
        }
        if reach != Reach::Named {
            self.walk(from, reach, &mut found);
        }
        found.iter().enumerate().filter(|(_, found)| **found).map(|(at, _)| RestsOn::record(at)).collect()
    }

    /// Follows ties, and takes what else speaks of the things on the way.
    fn walk(&mut self, from: Vec<usize>, reach: Reach, found: &mut [bool]) {
        let mut seen = vec![false; self.places.len()];
        from.iter().for_each(|at| seen[*at] = true);
        let mut front = from;
        while let Some(here) = front.pop() {
            let place = &self.places[here];
            for record in &place.about {
                found[*record] |= self.customers[*record].is_empty();
            }
            let up = place.upstream.iter().filter(|_| reach != Reach::Downstream);
            let down = place.downstream.iter().filter(|_| reach != Reach::Upstream);
            for (next, record) in up.chain(down) {
                self.steps += 1;
                found[*record] = true;
                if !std::mem::replace(&mut seen[*next], true) {
                    front.push(*next);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Column, RecordRef, Unit};
    use crate::model::{Basis, Confidence};

    fn record(key: &str, about: &[&str]) -> RecordRef {
        RecordRef {
            key: key.to_string(),
            says: String::new(),
            sources: Vec::new(),
            assumed: None,
            basis: Basis::Reported,
            confidence: Confidence::Medium,
            since: None,
            refers_to: None,
            reliability: None,
            age_months: None,
            stale: false,
            rung: None,
            place: String::new(),
            about: about.iter().map(|key| key.to_string()).collect(),
        }
    }

    /// `a` and `d` depend on `b`, `b` depends on `c`; one property of `c`, and a tie of two others.
    fn answer(names: &[&str]) -> Answer {
        let mut answer = Answer::new("", "", "");
        let ties = [("a", "b"), ("b", "c"), ("d", "b"), ("x", "y")];
        for (at, (customer, supplier)) in ties.into_iter().enumerate() {
            answer.evidence.records.push(record(&format!("r{at}"), &[customer, supplier]));
            let (customer, supplier) = (customer.to_string(), supplier.to_string());
            answer.evidence.ties.push(Tie { customer, supplier, record: at });
        }
        answer.evidence.records.push(record("r4", &["c"]));
        let mut table = Table::new("t", "T", vec![Column::new("who", Unit::Text, "Who")]);
        let item = |key: &&str| vec![Cell::Item { key: key.to_string(), name: key.to_string() }];
        table.rows = names.iter().map(item).collect();
        answer.tables.push(table);
        answer
    }

    fn rests(name: &str, reach: Reach) -> Rests {
        let mut answer = answer(&[name]);
        answer.fill_rests(reach);
        answer.tables.remove(0).rests.remove(0)
    }

    fn records(of: &[usize]) -> Rests {
        Rests::Records(of.iter().copied().map(RestsOn::record).collect())
    }

    #[test]
    fn records_are_followed_the_way_that_an_analysis_says() {
        assert_eq!(rests("a", Reach::Named), records(&[0]));
        assert_eq!(rests("a", Reach::Upstream), records(&[0, 1, 4]));
        assert_eq!(rests("c", Reach::Upstream), records(&[4]));
        assert_eq!(rests("c", Reach::Downstream), records(&[0, 1, 2, 4]));
        assert_eq!(rests("a", Reach::Downstream), Rests::None("no record of the answer speaks of it".into()));
        assert_eq!(rests("a", Reach::Connected), records(&[0, 1, 2, 4]));
        assert_eq!(rests("r3", Reach::Named), records(&[3]));
    }

    #[test]
    fn a_row_may_be_about_more_than_its_cells_name() {
        let mut answer = answer(&[]);
        answer.tables[0].rows = vec![vec![Cell::text("XX")], vec![Cell::text("YY")]];
        answer.evidence.about.insert("t".to_string(), BTreeMap::from([(0, vec!["a".to_string()])]));
        answer.fill_rests(Reach::Upstream);
        assert_eq!(answer.tables[0].rests, [records(&[0, 1, 4]), Rests::Whole]);
    }

    #[test]
    fn a_wider_reach_adds_records_without_parts_to_what_a_row_says() {
        let mut answer = answer(&["a"]);
        let own = RestsOn { part: Some(0.5), ..RestsOn::record(1) };
        answer.tables[0].rests = vec![Rests::Records(vec![own])];
        answer.evidence.reach.insert("t".to_string(), Reach::Upstream);
        answer.fill_rests(Reach::Named);
        let all = vec![RestsOn::record(0), own, RestsOn::record(4)];
        assert_eq!(answer.tables[0].rests, [Rests::Records(all)]);
    }

    #[test]
    fn a_row_that_says_what_it_rests_on_is_left_alone_and_no_row_is_left_out() {
        let mut answer = answer(&["a", "nobody", "a"]);
        answer.tables[0].rows.push(vec![Cell::Empty]);
        answer.tables[0].rests = vec![records(&[3]), records(&[]), records(&[]), records(&[])];
        answer.fill_rests(Reach::Named);
        let none = Rests::None("no record of the answer speaks of it".into());
        assert_eq!(answer.tables[0].rests, [records(&[3]), none, records(&[0]), Rests::Whole]);
        assert!(answer.tables[0].says_rests());
    }
}
