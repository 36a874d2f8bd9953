//! Deals as packages: who puts in how much for how large a promise, and what a day changed.

mod package;
mod tables;

use serde::{Deserialize, Serialize};

use self::package::{Link, Package, Records};
use self::tables::Change;
use super::totals::{Supposed, money, term_is_open};
use super::trail::{Trail, Upon};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, FindingBuilder, Reach, Table};
use crate::model::{Date, EntityId, PartialDate};
use crate::scope::Scope;

/// Investments and the commitments that go with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Deals {
    /// Only deals in which one of these takes part, as themselves or through what they control
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Only deals between two of these
    #[cfg_attr(
        feature = "cli",
        arg(long, value_delimiter = ',', value_name = "ENTITY", conflicts_with = "of")
    )]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<String>,
    /// Compare with the day before this one: what was promised and put in then, now, and since
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Shortest term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = SHORTEST))]
    #[serde(skip_serializing_if = "is_shortest")]
    pub shortest_term: f64,
    /// Longest term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = LONGEST))]
    #[serde(skip_serializing_if = "is_longest")]
    pub longest_term: f64,
}

const SHORTEST: f64 = 3.0;
const LONGEST: f64 = 15.0;

fn is_shortest(years: &f64) -> bool {
    *years == SHORTEST
}

fn is_longest(years: &f64) -> bool {
    *years == LONGEST
}

impl Default for Deals {
    fn default() -> Self {
        Self {
            of: Vec::new(),
            among: Vec::new(),
            before: None,
            shortest_term: SHORTEST,
            longest_term: LONGEST,
        }
    }
}

impl Analysis for Deals {
    const CARD: Card = Card {
        name: "deals",
        title: "Deals as packages",
        question: "Who puts in how much, for how large a promise to spend, and which deals turn a small stake into a large commitment?",
        definition: "A package = the commitments and investments of one `deal` (tranches with their totals); a deal that shows one side only, and records \
                     of no deal, go by pair of groups. Leverage = committed / invested, least over most to most over least. Above 1 the capital is \
                     inverted: more is promised back than put in. Lag = first commitment - first investment.",
        reads: "`Commits`, `Invests`, their `deal` and `part_of`, and `Owns` with control, which puts businesses on the account of their group.",
        assumptions: "What is announced or intended is shown by status and not counted, unless --status says so. \"Up to\" is from nothing to that \
                      size, \"more than\" has no upper end. A commitment without a term is spread over --shortest-term to --longest-term years. \
                      Loans are not investments here. Records by pair are not known to have been agreed together.",
        cost: "One pass over the relations; deals without both sides are compared with each other.",
        reference: "US Federal Trade Commission, Partnerships between cloud service providers and AI developers, staff report, 17 January 2025 \
                    (investment that is required to be spent with the investor).",
        rests: Reach::Named,
        example: "linchpin deals --among anthropic,amazon,openai,microsoft",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let supposed = Supposed { shortest: self.shortest_term, longest: self.longest_term };
        if !supposed.is_sound() {
            let reason = "expected 0 < shortest term <= longest term".to_string();
            return Err(AnalysisError::Invalid { parameter: "shortest-term", reason });
        }
        let earlier = self.earlier(view)?;
        let (of, among) = (self.heads(view, &self.of)?, self.heads(view, &self.among)?);
        let wanted = |a: EntityId, b: EntityId| {
            let one = of.is_empty() || of.contains(&a) || of.contains(&b);
            one && (among.is_empty() || (among.contains(&a) && among.contains(&b)))
        };
        let days: Vec<&Scope> = [&view.scope].into_iter().chain(&earlier).collect();
        let records = Records::collect(view, &days, wanted);
        if records.ids().is_empty() {
            let text = "no commitment and no investment between these is valid on the day";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        let mut answer = Answer::new(Self::CARD.name, self.title(view, &of, &among), Self::CARD.question);
        let packages = tables::ranked(view, supposed, records.packages());
        let pairs = tables::ranked(view, supposed, records.pairs());
        let title = "What is promised for what is put in, deal by deal";
        answer.tables.push(tables::packages(view, supposed, "deals", title, &packages));
        let title = "The same by pair of groups, all deals together";
        answer.tables.push(tables::packages(view, supposed, "pairs", title, &pairs));
        answer.tables.push(tables::by_status(view, supposed, &packages));
        answer.tables.push(tables::overview(view, supposed, &packages));
        let changes = earlier.as_ref().map(|earlier| tables::changes(view, earlier, supposed, &pairs));
        answer.tables.extend(changes.iter().map(|changes| tables::change(view, changes)));
        self.say(&packages, changes.as_deref(), earlier.as_ref(), &mut answer);
        self.caveats(view, &packages, &mut answer);
        let mut trail = Trail::default();
        records.ids().iter().for_each(|id| trail.relation(*id));
        for (at, table) in ["deals", "pairs"].into_iter().enumerate() {
            let all = if at == 0 { &packages } else { &pairs };
            for (row, package) in all.iter().enumerate() {
                let ids = package.commits.iter().chain(&package.invests).chain(&package.stakes);
                trail.row(table, row, ids.fold(Upon::default(), |upon, id| upon.relation(*id)));
            }
        }
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Deals {
    /// The scope on the earlier day.
    fn earlier(&self, view: &View<'_>) -> Result<Option<Scope>, AnalysisError> {
        let Some(text) = &self.before else { return Ok(None) };
        let invalid = |reason: String| AnalysisError::Invalid { parameter: "before", reason };
        let day: Date = text.parse::<PartialDate>().map_err(|error| invalid(error.to_string()))?.first();
        if day > view.scope.as_of {
            return Err(invalid(format!("expected a day no later than {}, not {day}", view.scope.as_of)));
        }
        let as_of = day.yesterday().map_err(|error| invalid(error.to_string()))?;
        Ok(Some(Scope { as_of, ..view.scope.clone() }))
    }

    /// The heads of the groups of these entities.
    fn heads(&self, view: &View<'_>, keys: &[String]) -> Result<Vec<EntityId>, AnalysisError> {
        let head = |key: &String| Ok(view.graph.ultimate_owner(view.graph.find_entity(key)?, &view.scope));
        keys.iter().map(head).collect()
    }

    fn title(&self, view: &View<'_>, of: &[EntityId], among: &[EntityId]) -> String {
        let names = |ids: &[EntityId]| {
            ids.iter().map(|id| view.graph.entity(*id).name.as_str()).collect::<Vec<_>>().join(", ")
        };
        match (of, among) {
            ([], []) => Self::CARD.title.to_string(),
            (of, []) => format!("Deals of {}", names(of)),
            (_, among) => format!("Deals among {}", names(among)),
        }
    }

    fn say(
        &self,
        packages: &[Package],
        changes: Option<&[Change<'_>]>,
        earlier: Option<&Scope>,
        answer: &mut Answer,
    ) {
        let table =
            |name: &str| answer.table(name).cloned().unwrap_or_else(|| Table::new(name, "", Vec::new()));
        let (main, overview, change) = (table("deals"), table("overview"), table("change"));
        let mut findings = Vec::new();
        if let (Some(changes), Some(earlier)) = (changes, earlier) {
            let first = (0..change.rows.len()).skip(1).take(3);
            findings.extend(first.map(|at| change_sentence(&change, at, earlier)));
            if changes.is_empty() {
                let text = format!("Nothing came or went after {}: the same records count.", earlier.as_of);
                findings.push(FindingBuilder::new(text).done());
            }
        }
        let leveraged = (0..main.rows.len()).filter(|at| main.number(*at, "leverage_low").is_some());
        for at in leveraged.clone().take(4) {
            let Some(package) = packages.get(at) else { continue };
            findings.push(package_sentence(&main, at, package));
        }
        let mut whole = FindingBuilder::new("Of ").cell(&overview, 0, "packages");
        whole =
            whole.words(" packages, ").cell(&overview, 0, "both_sides").words(" state money on both sides, ");
        whole = whole.cell(&overview, 0, "inverted").words(" of them with more promised back than put in; ");
        whole =
            whole.cell(&overview, 0, "no_investment").words(" are commitments without a known investment, ");
        whole = whole
            .cell(&overview, 0, "no_commitment")
            .words(" investments without a commitment of known size.");
        findings.push(whole.done());
        answer.findings = findings;
    }

    fn caveats(&self, view: &View<'_>, packages: &[Package], answer: &mut Answer) {
        let (graph, day) = (view.graph, view.scope.as_of);
        let counted = || {
            let own =
                |p: &'_ Package| p.ids().filter(|id| p.counts(graph, &view.scope, *id)).collect::<Vec<_>>();
            packages.iter().flat_map(own)
        };
        let open = counted().filter(|id| term_is_open(graph, *id)).count();
        if open > 0 {
            let text = format!(
                "{open} commitments state no term: a year's part is given for terms of {} to {} years.",
                self.shortest_term, self.longest_term
            );
            answer.caveat("unknown-terms", text, Some(open));
        }
        let silent = counted().filter(|id| money(graph, day, *id).is_none()).count();
        if silent > 0 {
            let text = format!(
                "{silent} records state no money (only capacity, units or a stake) and are not in the sums; the column \"no money stated\" names them."
            );
            answer.caveat("unpriced", text, Some(silent));
        }
        let by_pair = packages.iter().filter(|p| p.link == Link::Pair && !p.commits.is_empty()).count();
        if by_pair > 0 {
            let text = format!(
                "{by_pair} packages are put together by pair: nothing says that their promise was made for their investment."
            );
            answer.caveat("by-pair", text, Some(by_pair));
        }
        let text = "An empty upper end means that nothing bounds it (\"more than\"); an empty leverage means that no investment is \
                    known, which is not the same as none.";
        answer.caveat("open-ends", text, None);
    }
}

fn package_sentence(main: &Table, at: usize, package: &Package) -> crate::answer::Finding {
    let mut sentence = FindingBuilder::new("")
        .cell(main, at, "customer")
        .words(" promised ")
        .range(main, at, "committed_low", "committed_high")
        .words(" to ")
        .cell(main, at, "providers")
        .words(" and has ")
        .range(main, at, "invested_low", "invested_high")
        .words(" from ")
        .cell(main, at, "investors")
        .words(": ")
        .range(main, at, "leverage_low", "leverage_high");
    sentence = match package.link {
        Link::Together => sentence.words(", agreed together"),
        Link::Pair => sentence.words(", not known to be agreed together"),
    };
    match main.number(at, "lag_years") {
        Some(lag) if lag >= 0.5 => {
            sentence.words("; the money came ").cell(main, at, "lag_years").words(" before the promise.")
        }
        Some(lag) if lag <= -0.5 => sentence.words("; the promise came before the money."),
        _ => sentence.words("."),
    }
    .done()
}

fn change_sentence(change: &Table, at: usize, earlier: &Scope) -> crate::answer::Finding {
    let mut sentence = FindingBuilder::new(format!("After {}, what ", earlier.as_of))
        .cell(change, at, "customer")
        .words(" promised ")
        .cell(change, at, "counterparty");
    let moved = |low: &str, high: &str| {
        change.number(at, low).is_some_and(|v| v != 0.0) || change.number(at, high).is_none_or(|v| v != 0.0)
    };
    sentence = if moved("committed_change_low", "committed_change_high") {
        sentence.words(" changed by ").range(change, at, "committed_change_low", "committed_change_high")
    } else {
        sentence.words(" did not change in known size")
    };
    sentence = if moved("invested_change_low", "invested_change_high") {
        let sentence = sentence.words(", what it was given changed by ");
        sentence.range(change, at, "invested_change_low", "invested_change_high")
    } else {
        sentence.words(", what it was given did not")
    };
    let known = |column: &str| change.number(at, column).is_some();
    if known("leverage_before_low") || known("leverage_now_low") {
        sentence = sentence.words("; over all that both did the leverage was ");
        sentence = match known("leverage_before_low") {
            true => sentence.range(change, at, "leverage_before_low", "leverage_before_high"),
            false => sentence.words("none known"),
        };
        sentence = sentence.words(" before and is ");
        sentence = sentence.range(change, at, "leverage_now_low", "leverage_now_high").words(" now");
    }
    sentence.words(".").done()
}
