//! Where sources disagree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::statements::{self, Statement, range_cells, size_words, unit_words};
use super::trail::{Trail, Upon, origin_key};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::{Claim, Confidence, Interval, PartialDate};
use crate::network::Origin;
use crate::order::Arrange;

/// Where sources disagree, and by how much.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Conflicts {
    /// Only what is stated of these
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY|PRODUCT"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Only where the largest number is at least so many times the smallest, as in 1.2
    #[cfg_attr(feature = "cli", arg(long, value_name = "RATIO"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
}

/// One claim of a group, in a common unit.
struct Said<'g> {
    at: usize,
    claim: &'g Claim,
    point: f64,
    range: Interval,
}

/// What statements have in common that speak of the same size: subject, period and unit.
type Size<'a> = (&'a [String], Option<PartialDate>, String);

/// Claims of one thing that differ.
struct Conflict<'g> {
    said: Vec<Said<'g>>,
    low: f64,
    high: f64,
    overlaps: bool,
    used: Option<f64>,
}

impl Conflict<'_> {
    fn ratio(&self) -> Option<f64> {
        (self.low > 0.0).then(|| self.high / self.low)
    }
}

impl Analysis for Conflicts {
    const CARD: Card = Card {
        name: "conflicts",
        title: "Where sources disagree",
        question: "Which sizes do sources state differently, how far are they apart, and which of them is used?",
        definition: "Statements speak of the same size if they stand in one record, or in records of the same subject, kind, product, variant and \
                     period (surveys of one market, figures of one year, stakes of one pair). Ratio = largest / smallest number as printed. They \
                     overlap if one number could satisfy all (\"about\" is within 10 %, \"up to\" reaches down to zero).",
        reads: "Sizes of relations that count in the scope, attributes whose period has begun, intensities.",
        assumptions: "Two deals between the same two are two deals and do not conflict. Money is compared in dollars at rates of the day. The number \
                      used is that of the surest claim, of equally sure ones the latest.",
        cost: "One pass over the records.",
        reference: "Comparison of statements; no model.",
        rests: Reach::Named,
        example: "linchpin conflicts --at-least 1.2",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let wanted = self.wanted(view)?;
        if self.at_least.is_some_and(|ratio| ratio.is_nan() || ratio < 1.0) {
            let reason = "expected a ratio of at least 1".to_string();
            return Err(AnalysisError::Invalid { parameter: "at-least", reason });
        }
        let statements = statements::collect(view);
        let spoken = |statement: &&Statement<'_>| {
            wanted.is_empty() || statement.about.iter().any(|word| wanted.contains(word))
        };
        let sizes = statements.iter().filter(spoken).count();
        let conflicts = self.found(view, &statements, &wanted);
        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        let (main, claims) = tables(view, &statements, &conflicts);
        answer.findings.push(
            FindingBuilder::new(format!("Of {sizes} stated sizes, sources disagree on {}", conflicts.len()))
                .words(match conflicts.iter().filter(|c| !c.overlaps).count() {
                    0 => "; some number could satisfy each of them.".to_string(),
                    apart => format!("; on {apart} of them no number could satisfy all."),
                })
                .done(),
        );
        for (at, conflict) in conflicts.iter().enumerate().take(4) {
            let Some(first) = conflict.said.first().and_then(|said| statements.get(said.at)) else {
                continue;
            };
            let (low, high) = (
                size_words(conflict.low, &first.measure.dimension),
                size_words(conflict.high, &first.measure.dimension),
            );
            let mut sentence = FindingBuilder::new("").cell(&main, at, "about");
            sentence = sentence.words(format!(" ({}): {low} to {high}", first.field.replace('_', " ")));
            if conflict.ratio().is_some() {
                sentence = sentence.words(", ").cell(&main, at, "ratio");
            }
            answer.findings.push(sentence.words(" apart.").done());
        }
        answer.tables = vec![main, claims];
        let mut trail = Trail::default();
        let origin = |said: &Said<'_>| statements[said.at].origin;
        let all = conflicts.iter().flat_map(|conflict| &conflict.said);
        all.enumerate().for_each(|(row, said)| trail.row("claims", row, Upon::of([&origin(said)])));
        for (row, conflict) in conflicts.iter().enumerate() {
            let origins: Vec<Origin> = conflict.said.iter().map(origin).collect();
            trail.row("conflicts", row, Upon::of(&origins));
        }
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Conflicts {
    /// The keys asked for.
    fn wanted(&self, view: &View<'_>) -> Result<Vec<String>, AnalysisError> {
        for key in &self.of {
            if view.graph.find_product(key).is_err() {
                view.graph.find_entity(key)?;
            }
        }
        Ok(self.of.clone())
    }

    /// Conflicts, those furthest apart first.
    fn found<'g>(
        &self,
        view: &View<'g>,
        statements: &[Statement<'g>],
        wanted: &[String],
    ) -> Vec<Conflict<'g>> {
        let mut groups: BTreeMap<Size<'_>, Vec<usize>> = BTreeMap::new();
        for (at, statement) in statements.iter().enumerate() {
            if wanted.is_empty() || statement.about.iter().any(|word| wanted.contains(word)) {
                let unit = unit_words(&statement.measure.dimension);
                groups.entry((&statement.about, statement.period, unit)).or_default().push(at);
            }
        }
        let mut found: Vec<Conflict<'g>> =
            groups.into_values().filter_map(|group| conflict(view, statements, &group)).collect();
        found.retain(|c| self.at_least.is_none_or(|least| c.ratio().is_none_or(|ratio| ratio >= least)));
        let rank = |c: &Conflict<'_>| c.ratio().unwrap_or(f64::INFINITY);
        found.arrange(|a, b| a.overlaps.cmp(&b.overlaps).then(rank(b).total_cmp(&rank(a))));
        found
    }
}

fn conflict<'g>(view: &View<'g>, statements: &[Statement<'g>], group: &[usize]) -> Option<Conflict<'g>> {
    let mut said: Vec<Said<'g>> = Vec::new();
    for at in group {
        let statement = &statements[*at];
        let factor = statement.factor(view)?;
        for claim in statement.known() {
            let range = claim.estimate.interval();
            let range = Interval { low: range.low * factor, high: range.high.map(|high| high * factor) };
            said.push(Said { at: *at, claim, point: claim.estimate.point()? * factor, range });
        }
    }
    let differ = said.windows(2).any(|pair| pair[0].range != pair[1].range || pair[0].point != pair[1].point);
    if !differ {
        return None;
    }
    let low = said.iter().map(|s| s.point).fold(f64::INFINITY, f64::min);
    let high = said.iter().map(|s| s.point).fold(0.0, f64::max);
    let most = said.iter().map(|s| s.range.low).fold(0.0, f64::max);
    let least = said.iter().filter_map(|s| s.range.high).fold(f64::INFINITY, f64::min);
    Some(Conflict { used: used(statements, &said), said, low, high, overlaps: most <= least })
}

/// The number that answers take: that of the surest record, within it of the surest claim.
fn used(statements: &[Statement<'_>], said: &[Said<'_>]) -> Option<f64> {
    let preferred = |s: &&Said<'_>| statements[s.at].measure.preferred() == Some(s.claim);
    let sure = |s: &&Said<'_>| statements[s.at].evidence.confidence;
    said.iter().filter(preferred).min_by_key(sure).map(|s| s.point)
}

fn tables(view: &View<'_>, statements: &[Statement<'_>], conflicts: &[Conflict<'_>]) -> (Table, Table) {
    let text = |name: &str, words: &str| Column::new(name, Unit::Text, words);
    let number = |name: &str, words: &str| Column::new(name, Unit::Quantity, words);
    let columns = vec![
        text("about", "Of whom and what"),
        text("size", "Which size of the record"),
        text("unit", "Unit of the numbers; money is in dollars"),
        Column::new("claims", Unit::Count, "How many claims state it"),
        number("low", "Smallest number stated"),
        number("high", "Largest number stated"),
        Column::new("ratio", Unit::Ratio, "Largest over smallest; empty where the smallest is zero"),
        text("overlap", "Whether one number could satisfy all"),
        number("used", "The number that answers take"),
        text("records", "Records that state it"),
    ];
    let mut main = Table::new("conflicts", "Sizes that sources state differently", columns);
    let columns = vec![
        text("about", "Of whom and what"),
        text("size", "Which size of the record"),
        text("record", "The record"),
        text("unit", "Unit of the numbers; money is in dollars"),
        number("low", "Least that the claim allows"),
        number("high", "Most that it allows; empty where nothing bounds it"),
        text("sources", "Who states it"),
        text("as_of", "The date that the claim refers to, else that of its record"),
        Column::new("confidence", Unit::Text, "How sure the dataset's author is"),
        text("used", "Whether answers take it"),
    ];
    let mut claims = Table::new("claims", "What each of them says", columns);
    for conflict in conflicts {
        let Some(first) = conflict.said.first().map(|said| &statements[said.at]) else { continue };
        let unit = unit_words(&first.measure.dimension);
        let mut records: Vec<String> =
            conflict.said.iter().map(|said| origin_key(view.graph, statements[said.at].origin)).collect();
        records.dedup();
        main.rows.push(vec![
            Cell::text(&first.words),
            Cell::text(first.field.replace('_', " ")),
            Cell::text(&unit),
            Cell::Number(conflict.said.len() as f64),
            Cell::Number(conflict.low),
            Cell::Number(conflict.high),
            Cell::number(conflict.ratio()),
            Cell::Flag(conflict.overlaps),
            Cell::number(conflict.used),
            Cell::Items(records.into_iter().map(|key| (key.clone(), key)).collect()),
        ]);
        for said in &conflict.said {
            let statement = &statements[said.at];
            let evidence = said.claim.evidence.as_ref().unwrap_or(statement.evidence);
            let source = |id: &crate::model::SourceId| {
                let source = view.graph.source(*id);
                (source.key.clone(), source.title.clone())
            };
            let [low, high] = range_cells(said.range, 1.0);
            let as_of = said.claim.as_of.or(statement.period).map(|date| date.to_string());
            claims.rows.push(vec![
                Cell::text(&statement.words),
                Cell::text(statement.field.replace('_', " ")),
                Cell::text(origin_key(view.graph, statement.origin)),
                Cell::text(&unit),
                low,
                high,
                Cell::Items(evidence.sources.iter().map(source).collect()),
                as_of.map_or(Cell::Empty, Cell::Text),
                Cell::text(confidence(evidence.confidence)),
                Cell::Flag(statement.measure.preferred() == Some(said.claim)),
            ]);
        }
    }
    (main, claims)
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
