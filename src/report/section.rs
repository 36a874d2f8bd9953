//! Answers → sections, numbered in order.

use serde::Serialize;

use super::asked::{Answered, Drawn, Outcome};
use super::evidence::Block;
use super::folder::Files;
use super::sources::{Common, ShownRecord, ShownSource, Sources};
use super::tables::{ShownTable, shown};
use super::template::Cuts;
use super::{Options, slug};
use crate::analysis::Card;
use crate::answer::{Answer, AnswerStatus, Finding, Rests, Table, to_csv, to_json};
use crate::query::{Query, Show};

/// Records of evidence that are printed; the rest is in the CSV file.
const RECORDS: usize = 40;

/// One answered query.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its number.
    pub number: usize,
    /// The chapter that begins with it, where one does.
    pub chapter: Option<String>,
    /// The paragraph under that.
    pub chapter_text: Option<String>,
    /// Whether it has a figure.
    pub figured: bool,
    /// Its anchor and the stem of its files.
    pub slug: String,
    /// A heading.
    pub title: String,
    /// What was asked.
    pub question: String,
    /// What was found, most important first.
    pub findings: Vec<ShownFinding>,
    /// Why the answer is not whole, where it is not.
    pub state: Option<String>,
    /// Figures and tables in the order of the query.
    pub parts: Vec<ShownPart>,
    /// Caveats of this answer alone.
    pub caveats: Vec<String>,
    /// Numbers of the caveats that it shares with others.
    pub notes: Vec<usize>,
    /// The analysis behind it.
    pub card: Card,
    /// The records that it rests on.
    pub records: Vec<ShownRecord>,
    /// How many of them a page prints.
    pub printed: usize,
    /// Numbers of the sources that they cite.
    pub cited: Vec<usize>,
    /// How many sources they cite.
    pub sources: usize,
    /// The CSV file that has all records.
    pub records_csv: String,
    /// The day that counts.
    pub as_of: String,
    /// The statuses that count.
    pub status: String,
    /// The command that repeats it.
    pub command: String,
    /// The dataset that is asked, where it is not the one that the report is about.
    pub data: Option<ShownData>,
    /// The whole answer, for forms that hold all of it.
    #[serde(skip)]
    pub answer: Answer,
}

/// A sentence of an answer, and the sources of the rows that it quotes.
#[derive(Clone, Debug, Serialize)]
pub struct ShownFinding {
    /// The sentence.
    pub text: String,
    /// Numbers of sources; none where it rests on the whole or on too many to name.
    pub sources: Vec<usize>,
}

/// A dataset beside the one that the report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownData {
    /// Its name.
    pub name: String,
    /// Its content hash.
    pub hash: String,
    /// The first figures of that.
    pub short_hash: String,
}

/// A part of a section.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum ShownPart {
    /// A figure.
    Figure {
        /// Its number in the document.
        number: usize,
        /// The SVG element.
        svg: String,
        /// The SVG file.
        file: String,
        /// The command that draws it.
        command: String,
        /// The text for readers who cannot see it.
        alt: String,
        /// How many things it folds or leaves out, and the CSV file that lists them.
        folded: Option<(usize, String)>,
        /// Whether it is wider than the text.
        wide: bool,
    },
    /// A table.
    Table(ShownTable),
    /// A figure that could not be drawn.
    Missing {
        /// Why.
        reason: String,
    },
}

/// All sections and what they share.
#[derive(Debug, Default)]
pub struct Bound {
    /// The sections.
    pub sections: Vec<Section>,
    /// Caveats that several share.
    pub notes: Vec<String>,
    /// All sources.
    pub sources: Vec<ShownSource>,
    /// What the rows of tables rest on.
    pub evidence: Block,
    /// Tables and figures.
    pub files: Files,
    /// Queries without an answer, and why.
    pub unanswered: Vec<(String, String)>,
    /// What is wrong with figures.
    pub warnings: Vec<(String, String)>,
}

/// Binds the answers to queries.
pub fn bind(queries: &[Query], answers: Vec<Result<Answered, String>>, options: &Options) -> Bound {
    let slugs = slug::unique(queries.iter().map(|query| query.name.as_str()));
    let common = Common::of(answers.iter().flatten().map(|answered| answered.answer.caveats.as_slice()));
    let mut sources = Sources::default();
    let mut bound = Bound::default();
    let mut figures = 0;
    let mut chapter: Option<&String> = None;
    for ((query, slug), answered) in queries.iter().zip(slugs).zip(answers) {
        match answered {
            Ok(answered) => {
                sources.add(&answered.provenance.graph.sha256, &answered.answer.evidence.sources);
                let number = bound.sections.len() + 1;
                let mut binder = Binder {
                    query,
                    slug,
                    cuts: options.template.cuts(&query.name),
                    common: &common,
                    sources: &sources,
                    figures: &mut figures,
                };
                let mut section = binder.section(number, answered, &mut bound);
                section.chapter = query.chapter.clone().filter(|own| chapter != Some(own));
                let text = section.chapter.as_ref().and_then(|own| options.template.text(own));
                section.chapter_text = text.map(str::to_string);
                chapter = query.chapter.as_ref();
                bound.sections.push(section);
            }
            Err(reason) => bound.unanswered.push((query.name.clone(), reason)),
        }
    }
    bound.notes = common.texts().to_vec();
    bound.sources = sources.shown();
    bound
}

/// Puts one section together.
struct Binder<'a> {
    query: &'a Query,
    slug: String,
    cuts: Cuts,
    common: &'a Common,
    sources: &'a Sources,
    figures: &'a mut usize,
}

impl Binder<'_> {
    fn section(&mut self, number: usize, answered: Answered, bound: &mut Bound) -> Section {
        let Answered { answer, provenance, figures } = answered;
        for (at, table) in answer.tables.iter().enumerate() {
            let csv = self.csv(at, table);
            bound.files.insert(csv, to_csv(&answer, Some(&table.name)).unwrap_or_default().into_bytes());
        }
        // what `verify` asks again
        let json = to_json(&answer, &provenance).unwrap_or_default();
        bound.files.insert(format!("json/{}.json", self.slug), json.into_bytes());
        let records: Vec<ShownRecord> = answer
            .evidence
            .records
            .iter()
            .map(|record| self.sources.record(&provenance.graph.sha256, record))
            .collect();
        let records_csv = format!("csv/{}.evidence.csv", self.slug);
        bound.files.insert(records_csv.clone(), evidence_csv(&answer));
        let mut figures = figures.into_iter();
        let mut parts = Vec::new();
        let mut tables = 0;
        for show in &self.query.show {
            match show {
                Show::Findings => {}
                Show::Table(_) if tables >= self.cuts.tables => {}
                Show::Table(wanted) => {
                    let named = |table: &Table| wanted.name.as_ref().is_none_or(|name| *name == table.name);
                    if let Some(at) = answer.tables.iter().position(named) {
                        let table = &answer.tables[at];
                        let csv = self.csv(at, table);
                        if !table.rows.is_empty() {
                            let hash = &provenance.graph.sha256;
                            let top = wanted.top.min(self.cuts.rows);
                            let rests = bound.evidence.rows(self.sources, hash, &answer, table, top);
                            parts.push(ShownPart::Table(ShownTable { rests, ..shown(table, top, csv) }));
                            tables += 1;
                        }
                    }
                }
                Show::Diagram(_) => {
                    parts.extend(figures.next().map(|drawn| self.figure(drawn, bound)));
                }
            }
        }
        let (notes, caveats): (Vec<_>, Vec<_>) = answer
            .caveats
            .iter()
            .map(|c| c.text.clone())
            .partition(|text| self.common.number(text).is_some());
        let mut notes: Vec<usize> = notes.iter().filter_map(|text| self.common.number(text)).collect();
        notes.sort_unstable();
        let status: Vec<String> =
            provenance.scope.status.iter().map(|status| format!("{status:?}").to_lowercase()).collect();
        let mut cited: Vec<usize> = records.iter().flat_map(|record| record.sources.clone()).collect();
        cited.sort_unstable();
        cited.dedup();
        let findings = answer.findings.iter().take(self.cuts.findings).map(|finding| ShownFinding {
            text: finding.text.clone(),
            sources: cited_by(&answer, finding, &records),
        });
        let findings = findings.collect();
        Section {
            number,
            chapter: None,
            figured: parts.iter().any(|part| matches!(part, ShownPart::Figure { .. })),
            chapter_text: None,
            slug: self.slug.clone(),
            title: answer.title.clone(),
            question: answer.question.clone(),
            findings,
            state: state(&answer.status),
            parts,
            caveats,
            notes,
            card: self.query.ask.card(),
            printed: RECORDS,
            records,
            cited,
            sources: answer.evidence.sources.len(),
            records_csv,
            as_of: provenance.scope.as_of,
            status: status.join(", "),
            command: provenance.command,
            data: self.query.graph.as_ref().map(|_| ShownData {
                name: provenance.graph.name,
                short_hash: provenance.graph.sha256.chars().take(12).collect(),
                hash: provenance.graph.sha256,
            }),
            answer,
        }
    }

    /// The CSV file of a table: the first one has the query's own name.
    fn csv(&self, at: usize, table: &Table) -> String {
        match at {
            0 => format!("csv/{}.csv", self.slug),
            _ => format!("csv/{}.{}.csv", self.slug, slug::slug(&table.name)),
        }
    }

    fn figure(&mut self, drawn: Drawn, bound: &mut Bound) -> ShownPart {
        for warning in drawn.warnings {
            bound.warnings.push((self.query.name.clone(), warning));
        }
        let Outcome { svg, folded, alt } = match drawn.outcome {
            Ok(outcome) => outcome,
            Err(reason) => {
                bound.warnings.push((self.query.name.clone(), format!("no figure: {reason}")));
                return ShownPart::Missing { reason };
            }
        };
        *self.figures += 1;
        let own = |at: &usize| !bound.files.contains_key(&format!("svg/{}-{at}.svg", self.slug));
        let at = (1..).find(own).unwrap_or(1);
        let file = format!("svg/{}-{at}.svg", self.slug);
        bound.files.insert(file.clone(), svg.clone().into_bytes());
        let folded = (!folded.rows.is_empty()).then(|| {
            let csv = format!("csv/{}.figure-{at}.csv", self.slug);
            let count = folded.rows.len();
            let mut holder = Answer::new("", "", "");
            holder.tables.push(folded);
            bound.files.insert(csv.clone(), to_csv(&holder, None).unwrap_or_default().into_bytes());
            (count, csv)
        });
        let wide = width(&svg).is_some_and(|width| width > 760.0);
        let svg = own_ids(&svg, *self.figures);
        ShownPart::Figure { number: *self.figures, svg, file, command: drawn.command, alt, folded, wide }
    }
}

/// The most sources that a sentence names; one that rests on more rests on the whole.
const NAMED: usize = 6;

/// Numbers of the sources of the rows that a finding quotes.
fn cited_by(answer: &Answer, finding: &Finding, records: &[ShownRecord]) -> Vec<usize> {
    let mut cited = Vec::new();
    for quote in &finding.quotes {
        let rests = answer.table(&quote.table).and_then(|table| table.rests.get(quote.row));
        let Some(Rests::Records(list)) = rests else { continue };
        let own = list.iter().filter_map(|on| records.get(on.record));
        cited.extend(own.flat_map(|record| record.sources.iter().copied()));
    }
    cited.sort_unstable();
    cited.dedup();
    if cited.len() > NAMED { Vec::new() } else { cited }
}

/// The width that an SVG document states.
fn width(svg: &str) -> Option<f64> {
    let rest = svg.split_once(" width=\"")?.1;
    rest.split_once('"')?.0.parse().ok()
}

/// The figure with ids of its own, so that the same figure may stand twice on a page.
fn own_ids(svg: &str, number: usize) -> String {
    let key = svg.split_once("aria-labelledby=\"").and_then(|(_, rest)| rest.split_once("-title"));
    let Some((key, _)) = key.filter(|(key, _)| !key.is_empty() && !key.contains('"')) else {
        return svg.to_string();
    };
    let mut out = svg.replace(&format!("id=\"{key}-"), &format!("id=\"figure{number}-"));
    let labels = format!("aria-labelledby=\"{key}-title {key}-desc\"");
    out = out.replacen(&labels, &format!("aria-labelledby=\"figure{number}-title figure{number}-desc\""), 1);
    out
}

fn state(status: &AnswerStatus) -> Option<String> {
    match status {
        AnswerStatus::Complete => None,
        AnswerStatus::Truncated { reason } => Some(format!("This answer is cut short: {reason}.")),
        AnswerStatus::NotConverged { residual, rounds } => Some(format!(
            "This answer has not settled: after {rounds} rounds values still moved by {residual:.1e}."
        )),
    }
}

/// All records of an answer.
fn evidence_csv(answer: &Answer) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["record", "says", "basis", "confidence", "assumed", "sources", "place"];
    let mut written = writer.write_record(head);
    for record in &answer.evidence.records {
        let basis = format!("{:?}", record.basis).to_lowercase();
        let confidence = format!("{:?}", record.confidence).to_lowercase();
        let assumed = record.assumed.clone().unwrap_or_default();
        let sources = record.sources.join(";");
        let fields = [&record.key, &record.says, &basis, &confidence, &assumed, &sources, &record.place];
        written = written.and_then(|()| writer.write_record(fields));
    }
    // writing to memory does not fail
    written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default()
}
