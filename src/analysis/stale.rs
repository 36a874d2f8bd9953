//! How old the facts are.

use serde::{Deserialize, Serialize};

use super::statements;
use super::trail::{Trail, Upon};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Reach, RecordRef, Rests, RestsOn, Table, Unit};
use crate::network::Origin;
use crate::order::Arrange;

/// How old the facts are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Stale {
    /// Every fact, not only those older than --stale-after and those of unknown age
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// Upper ends of the classes of age, in months.
const CLASSES: [u32; 5] = [6, 12, 18, 24, 36];

impl Analysis for Stale {
    const CARD: Card = Card {
        name: "stale",
        title: "How old the facts are",
        question: "Which facts speak of a time long past, and how much of the dataset is that?",
        definition: "Age = whole months from the end of the period that a record speaks of (the newest of its claims; else the date of its newest source; \
                     else its first day of validity) to the day that counts. Stale: older than --stale-after months.",
        reads: "Relations that count in the scope and state a size, attributes whose period has begun, intensities.",
        assumptions: "A contract that still runs is as old as what was last said of it. Old is not wrong: a reactor has the power that it had.",
        cost: "One pass over the records.",
        reference: "Comparison of dates; no model.",
        rests: Reach::Named,
        example: "linchpin stale --stale-after 24",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let mut origins: Vec<Origin> =
            statements::collect(view).into_iter().map(|said| said.origin).collect();
        origins.sort_unstable();
        origins.dedup();
        if origins.is_empty() {
            return Err(AnalysisError::NoData("no record that counts states a size".to_string()));
        }
        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        let mut trail = Trail::default();
        trail.origins(&origins);
        trail.table("ages", Upon::whole());
        answer.tables = vec![facts(), ages()];
        trail.finish(view, &mut answer);
        let records = &answer.evidence.records;
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.retain(|at| self.all || records[*at].stale || records[*at].age_months.is_none());
        order.arrange_by_key(|at| (std::cmp::Reverse(records[*at].age_months), *at));
        let (mut main, mut classes) = (facts(), ages());
        for at in order {
            main.rows.push(row(&records[at]));
            main.rests.push(Rests::Records(vec![RestsOn::record(at)]));
        }
        let ages: Vec<Option<u32>> = records.iter().map(|record| record.age_months).collect();
        for (class, count) in counted(&ages) {
            let share = count as f64 / ages.len() as f64;
            classes.rows.push(vec![Cell::text(class), Cell::Number(count as f64), Cell::Number(share)]);
            classes.rests.push(Rests::Whole);
        }
        let stale = records.iter().filter(|record| record.stale).count();
        let words = format!(
            "{stale} of {} facts are older than {} months on {}.",
            records.len(),
            view.scope.stale_after,
            view.scope.as_of
        );
        answer.findings.push(FindingBuilder::new(words).done());
        let oldest = (0..main.rows.len()).filter(|at| main.number(*at, "age").is_some()).take(3);
        answer.findings.extend(oldest.map(|at| {
            let sentence = FindingBuilder::new("").cell(&main, at, "says").words(" is ");
            sentence.cell(&main, at, "age").words(" old.").done()
        }));
        answer.tables = vec![main, classes];
        Ok(answer)
    }
}

fn facts() -> Table {
    let text = |name: &str, words: &str| Column::new(name, Unit::Text, words);
    let columns = vec![
        text("record", "Key of the record"),
        text("says", "What it says"),
        text("refers_to", "The period or day that it speaks of, else the date of its newest source"),
        Column::new(
            "age",
            Unit::Months,
            "Months from then to the day that counts; empty where no date is known",
        ),
        text("confidence", "How sure the dataset's author is"),
        text("reliability", "How close its best source is to the fact"),
        text("sources", "Its sources"),
    ];
    Table::new("facts", "Facts, oldest first", columns)
}

fn ages() -> Table {
    let columns = vec![
        Column::new("age", Unit::Text, "Age in months"),
        Column::new("facts", Unit::Count, "How many facts are of that age"),
        Column::new("share", Unit::Share, "Their part of all facts that count"),
    ];
    Table::new("ages", "Facts by age", columns)
}

fn row(record: &RecordRef) -> Vec<Cell> {
    let lower = |word: String| Cell::text(word.to_lowercase());
    vec![
        Cell::text(&record.key),
        Cell::text(&record.says),
        record.refers_to.clone().map_or(Cell::Empty, Cell::Text),
        Cell::number(record.age_months.map(f64::from)),
        lower(format!("{:?}", record.confidence)),
        record.reliability.map_or(Cell::Empty, |reliability| lower(format!("{reliability:?}"))),
        Cell::Items(record.sources.iter().map(|key| (key.clone(), key.clone())).collect()),
    ]
}

/// How many ages fall into each class.
fn counted(ages: &[Option<u32>]) -> Vec<(String, usize)> {
    let mut classes = Vec::new();
    let mut from = 0;
    for to in CLASSES {
        let inside = |age: &&Option<u32>| age.is_some_and(|age| age >= from && age < to);
        classes.push((format!("{from} to below {to}"), ages.iter().filter(inside).count()));
        from = to;
    }
    classes.push((
        format!("{from} or more"),
        ages.iter().filter(|age| age.is_some_and(|age| age >= from)).count(),
    ));
    classes.push(("unknown".to_string(), ages.iter().filter(|age| age.is_none()).count()));
    classes
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn every_age_is_in_one_class() {
        let ages = [Some(0), Some(5), Some(6), Some(17), Some(18), Some(36), Some(400), None];
        let counts: Vec<usize> = counted(&ages).into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 1, 1, 1, 0, 2, 1]);
    }
}
