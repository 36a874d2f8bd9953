//! How closed the stacks of labs, clouds, chips and energy are, and how few roofs hold the labs.

mod closure;
mod groups;
mod roof;
mod tables;

use serde::{Deserialize, Serialize};

use self::closure::LookThrough;
use self::groups::Stack;
use self::roof::{Roof, TwoSided};
use super::trail::{Trail, Upon, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, FindingBuilder, Reach, Table};
use crate::graph::nearest;
use crate::model::{EntityId, ProductId};
use crate::network::{CostNetwork, Network};
use crate::order::Arrange;

/// Stacks, and how much of each lab's compute is under one roof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Stacks {
    /// Only the stack of this owner, or of the owner of this entity
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Count labs in that a group has both invested in and is owed commitments by
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ties: bool,
    /// Years of which the same day is compared, as 2023..2026
    #[cfg_attr(feature = "cli", arg(long, value_name = "FROM..TO"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The kind of entity that is a lab
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND", default_value = LABS))]
    #[serde(skip_serializing_if = "is_labs")]
    pub labs: String,
    /// The product that is compute
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", default_value = COMPUTE))]
    #[serde(skip_serializing_if = "is_compute")]
    pub compute: String,
    /// Steps upstream that are followed, 1 to 100
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS", default_value_t = DEPTH))]
    #[serde(skip_serializing_if = "is_depth")]
    pub depth: usize,
}

const LABS: &str = "lab";
const COMPUTE: &str = "cloud-compute";
const DEPTH: usize = 8;
const DEEPEST: usize = 100;
const MOST_YEARS: i16 = 50;

fn is_labs(kind: &String) -> bool {
    kind == LABS
}

fn is_compute(product: &String) -> bool {
    product == COMPUTE
}

fn is_depth(depth: &usize) -> bool {
    *depth == DEPTH
}

impl Default for Stacks {
    fn default() -> Self {
        let (labs, compute) = (LABS.to_string(), COMPUTE.to_string());
        Self { stack: None, ties: false, over: None, labs, compute, depth: DEPTH }
    }
}

impl Analysis for Stacks {
    const CARD: Card = Card {
        name: "stacks",
        title: "Vertical stacks",
        question: "How much of what a group of labs, clouds, chips and energy takes in comes from itself, and how much of each lab's compute is under one \
                   roof?",
        definition: "A stack = entities under one ultimate owner, with --ties also labs that it has invested in and that have committed to it. Vertical span = \
                     number of tiers with a member. Closure = share of the inputs met on a look-through from the head of the stack upstream that members \
                     supply: a unit starts at the members on the highest tier, spreads evenly over needs that bind and over suppliers by share \
                     (function), or over shares of cost (cost), for --depth steps. Under one roof = largest share of a lab's compute by ultimate owner. \
                     Modularity Σ (w_c / m - out_c in_c / m²), assortativity = modularity over its maximum. Communities: greedy modularity in fixed order.",
        reads: "`Owns` with control; needs of products, `Supplies`, `Commits`, `Hosts`, market shares; `Invests` for ties; intensities for cost; tiers of \
                products and kinds.",
        assumptions: "Shares come down a ladder; each answer counts the rungs. The closure is a lower end where suppliers are unknown: the upper end takes them as \
                      members. Means over labs count each lab the same, and leave out labs whose compute is mostly assumed or unknown.",
        cost: "One look-through for each stack; one network for each year of --over.",
        reference: "Leicht and Newman, Physical Review Letters 100:118703, 2008; Newman, Physical Review E 67:026126, 2003; Blondel et al., Journal of \
                    Statistical Mechanics P10008, 2008. Closure and span are our own.",
        rests: Reach::Connected,
        example: "linchpin stacks --ties",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.check()?;
        let years = self.years()?;
        let labs = self.labs(view)?;
        let compute = self.compute(view)?;
        let owners = groups::owners(view);
        let all = groups::stacks(view, &owners, &labs, self.ties);
        let vertical: Vec<Stack> = all.iter().filter(|stack| stack.tiers(view).len() >= 2).cloned().collect();
        let shown = self.shown(view, &owners, &all, &vertical)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let mut measured: Vec<Measured> = shown
            .into_iter()
            .map(|stack| Measured::new(view, &network, &cost, &owners, stack, self.depth))
            .collect();
        let rank = |measured: &Measured| (measured.tiers.len(), (measured.closure() * 1e12).round());
        measured.arrange(|a, b| {
            let (x, y) = (rank(a), rank(b));
            y.0.cmp(&x.0).then(y.1.total_cmp(&x.1)).then(a.stack.owner.cmp(&b.stack.owner))
        });

        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        let mut trail = Trail::default();
        let mut rungs = [0; 5];
        let mut tally = |more: [usize; 5]| rungs.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        for (row, one) in measured.iter().enumerate() {
            trail.row("stacks", row, Upon::of(&one.function.origins).origins(&one.cost.origins));
            tally(one.function.rungs);
        }
        answer.tables.push(tables::stacks(view, &measured));
        answer.tables.push(tables::tiers(view, &measured));
        answer.tables.push(tables::cross(
            view,
            &network,
            &vertical,
            self.stack.as_ref().and(measured.first()),
        ));
        answer.tables.push(tables::structure(view, &network, &owners));
        let roofs = compute.map(|compute| roof::roofs(&network, &owners, &labs, compute)).unwrap_or_default();
        for (row, roof) in roofs.iter().enumerate() {
            trail.row("roofs", row, Upon::of(&roof.origins));
            tally(roof.rungs);
        }
        answer.tables.push(tables::roofs(view, &owners, &roofs));
        answer.tables.push(tables::two_sided(&[(view.scope.as_of, TwoSided::new(&roofs))], "two-sided"));
        if let (Some((from, to)), Some(compute)) = (years, compute) {
            let owners: Vec<EntityId> = measured.iter().map(|one| one.stack.owner).collect();
            answer.tables.extend(self.over(view, &labs, &owners, compute, (from, to), &mut trail));
        }
        answer.tables.push(tables::roof_shares(view, &roofs));
        self.say(&measured, &mut answer);
        self.caveats(&measured, &roofs, compute, &mut answer);
        say_weights(&mut answer, &network, rungs);
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

/// How the first stack of the table changed from its first day to its last.
fn grown(over: &Table) -> Option<crate::answer::Finding> {
    let stack = over.cell(0, "stack")?;
    let last = (0..over.rows.len()).take_while(|at| over.cell(*at, "stack") == Some(stack)).last()?;
    let sentence = FindingBuilder::new("The stack of ")
        .cell(over, 0, "stack")
        .words(" supplied itself with ")
        .range(over, 0, "closure", "closure_high")
        .words(" of what it takes in on ")
        .cell(over, 0, "as_of")
        .words(" (")
        .cell(over, 0, "tiers")
        .words(" tiers, ")
        .cell(over, 0, "members")
        .words(" members), and with ")
        .range(over, last, "closure", "closure_high")
        .words(" on ")
        .cell(over, last, "as_of")
        .words(" (")
        .cell(over, last, "tiers")
        .words(" tiers, ")
        .cell(over, last, "members")
        .words(" members), as far as the dataset dates its facts.");
    (last > 0).then(|| sentence.done())
}

/// One stack with its look-throughs.
struct Measured {
    stack: Stack,
    tiers: Vec<f64>,
    function: LookThrough,
    cost: LookThrough,
}

impl Measured {
    fn new(
        view: &View<'_>,
        network: &Network,
        cost: &CostNetwork,
        owners: &[EntityId],
        stack: Stack,
        depth: usize,
    ) -> Self {
        let function = closure::by_function(view, network, owners, &stack, depth);
        let cost = closure::by_cost(view, cost, owners, &stack, depth);
        Self { tiers: stack.tiers(view), stack, function, cost }
    }

    fn closure(&self) -> f64 {
        let total = self.function.total();
        if total.needs > 0.0 { total.inside / total.needs } else { 0.0 }
    }
}

impl Stacks {
    fn check(&self) -> Result<(), AnalysisError> {
        if (1..=DEEPEST).contains(&self.depth) {
            return Ok(());
        }
        let reason = format!("expected 1 to {DEEPEST} steps, not {}", self.depth);
        Err(AnalysisError::Invalid { parameter: "depth", reason })
    }

    fn years(&self) -> Result<Option<(i16, i16)>, AnalysisError> {
        let Some(text) = &self.over else { return Ok(None) };
        let range = text
            .split_once("..")
            .and_then(|(from, to)| Some((from.trim().parse::<i16>().ok()?, to.trim().parse::<i16>().ok()?)));
        let fits = range.filter(|(from, to)| from <= to && *from > 0 && to - from < MOST_YEARS && *to < 9999);
        fits.map(Some).ok_or_else(|| {
            let reason = format!("expected up to {MOST_YEARS} years such as 2023..2026, not {text:?}");
            AnalysisError::Invalid { parameter: "over", reason }
        })
    }

    /// Entities of the kind that is a lab. A dataset without such a kind has no labs, unless one was asked for.
    fn labs(&self, view: &View<'_>) -> Result<Vec<EntityId>, AnalysisError> {
        let kinds = || view.graph.facts().kinds.iter().map(|kind| kind.key.as_str());
        if self.labs != LABS && !kinds().any(|kind| kind == self.labs) {
            let near = nearest(&self.labs, kinds());
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            let reason = format!("there is no kind {:?}{hint}", self.labs);
            return Err(AnalysisError::Invalid { parameter: "labs", reason });
        }
        let is_lab = |id: &EntityId| view.graph.kind_of(*id) == self.labs && !view.graph.entity(*id).group;
        Ok(view.graph.entity_ids().filter(is_lab).collect())
    }

    fn compute(&self, view: &View<'_>) -> Result<Option<ProductId>, AnalysisError> {
        match view.graph.find_product(&self.compute) {
            Ok(product) => Ok(Some(product)),
            Err(_) if self.compute == COMPUTE => Ok(None),
            Err(unknown) => Err(unknown.into()),
        }
    }

    fn shown(
        &self,
        view: &View<'_>,
        owners: &[EntityId],
        all: &[Stack],
        vertical: &[Stack],
    ) -> Result<Vec<Stack>, AnalysisError> {
        if let Some(key) = &self.stack {
            let id = view.graph.find_entity(key)?;
            let owner = owners.get(id.index()).copied().unwrap_or(id);
            return Ok(all.iter().filter(|stack| stack.owner == owner).cloned().collect());
        }
        if vertical.is_empty() {
            let text = "no group of entities under one owner spans two tiers in the scope; tiers are those of kinds or entities";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        Ok(vertical.to_vec())
    }

    /// Both sides of the concentration, each lab and the stacks of these owners, on the same day of several years.
    fn over(
        &self,
        view: &View<'_>,
        labs: &[EntityId],
        stacks: &[EntityId],
        compute: ProductId,
        (from, to): (i16, i16),
        trail: &mut Trail,
    ) -> [Table; 3] {
        let mut days = Vec::new();
        let mut closures = Vec::new();
        for then in (from..=to).filter_map(|year| roof::in_year(view, year)) {
            let network = Network::build(then.graph, &then.scope);
            let cost = CostNetwork::build(then.graph, &then.scope, &network);
            let owners = groups::owners(&then);
            let roofs: Vec<Roof> = roof::roofs(&network, &owners, labs, compute);
            roofs.iter().for_each(|roof| trail.origins(&roof.origins));
            days.push((then.scope.as_of, roofs));
            let all = groups::stacks(&then, &owners, labs, self.ties);
            for stack in all.into_iter().filter(|stack| stacks.contains(&stack.owner)) {
                let one = Measured::new(&then, &network, &cost, &owners, stack, self.depth);
                trail.origins(&one.function.origins);
                closures.push((then.scope.as_of, one));
            }
        }
        closures
            .arrange_by_key(|(day, one)| (stacks.iter().position(|owner| *owner == one.stack.owner), *day));
        [
            tables::two_sided(&roof::over_time(&days), "over-time"),
            tables::roofs_over_time(view, &days),
            tables::stacks_over_time(view, &closures),
        ]
    }

    fn say(&self, measured: &[Measured], answer: &mut Answer) {
        let table =
            |name: &str| answer.table(name).cloned().unwrap_or_else(|| Table::new(name, "", Vec::new()));
        let (main, roofs, two) = (table("stacks"), table("roofs"), table("two-sided"));
        let mut findings = Vec::new();
        for at in (0..measured.len()).take(3) {
            let mut sentence = FindingBuilder::new("The stack of ")
                .cell(&main, at, "stack")
                .words(" spans ")
                .cell(&main, at, "tiers")
                .words(" tiers and supplies itself with ")
                .range(&main, at, "closure", "closure_high")
                .words(" of what it takes in through all tiers");
            if main.cell(at, "largest_outside").is_some_and(|cell| *cell != Cell::Empty) {
                sentence = sentence
                    .words("; the largest supplier from outside is ")
                    .cell(&main, at, "largest_outside")
                    .words(" with ")
                    .cell(&main, at, "largest_outside_share");
            }
            findings.push(sentence.words(".").done());
        }
        for at in (0..roofs.rows.len()).take(3) {
            let sentence = FindingBuilder::new("")
                .cell(&roofs, at, "lab")
                .words(" has ")
                .cell(&roofs, at, "share")
                .words(" of its compute under one roof, that of ")
                .cell(&roofs, at, "owner")
                .words(" (HHI by owner ")
                .range(&roofs, at, "hhi_low", "hhi_high")
                .words(").");
            findings.push(sentence.done());
        }
        if two.number(0, "labs").is_some_and(|labs| labs > 0.0) {
            let sentence = FindingBuilder::new("Few host few: ")
                .cell(&two, 0, "providers")
                .words(" owners host the ")
                .cell(&two, 0, "labs")
                .words(" labs whose compute is mostly known; the largest three hold ")
                .cell(&two, 0, "top_three")
                .words(" of it, and a lab has ")
                .cell(&two, 0, "one_roof")
                .words(" under one roof on average.");
            findings.push(sentence.done());
        }
        if let Some(over) = answer.table("stacks-over-time") {
            findings.extend(grown(over));
        }
        if let Some(over) = answer.table("over-time") {
            let known: Vec<usize> =
                (0..over.rows.len()).filter(|at| over.number(*at, "one_roof_same").is_some()).collect();
            if let (Some(first), Some(last)) = (known.first(), known.last().filter(|_| known.len() > 1)) {
                let sentence = FindingBuilder::new("From ")
                    .cell(over, *first, "as_of")
                    .words(" to ")
                    .cell(over, *last, "as_of")
                    .words(" the mean share under one roof goes from ")
                    .cell(over, *first, "one_roof_same")
                    .words(" to ")
                    .cell(over, *last, "one_roof_same")
                    .words(" over the labs known throughout; the number of labs whose compute is mostly known goes from ")
                    .cell(over, *first, "labs")
                    .words(" to ")
                    .cell(over, *last, "labs")
                    .words(", that of owners that host them from ")
                    .cell(over, *first, "providers")
                    .words(" to ")
                    .cell(over, *last, "providers")
                    .words(".");
                findings.push(sentence.done());
            }
        }
        answer.findings = findings;
    }

    fn caveats(
        &self,
        measured: &[Measured],
        roofs: &[Roof],
        compute: Option<ProductId>,
        answer: &mut Answer,
    ) {
        let text = format!(
            "Closure on function: needs that bind count the same, whatever they cost; followed for {} steps upstream. The column on cost counts money instead, where \
             shares of cost are known.",
            self.depth
        );
        answer.caveat("closure-basis", text, None);
        let silent = measured.iter().filter(|one| one.function.heads.is_empty()).count();
        if silent > 0 {
            let text = format!(
                "{silent} stacks have no member with a need that binds: nothing is known of what they take in, and their closure is empty."
            );
            answer.caveat("no-needs", text, Some(silent));
        }
        if self.ties {
            let text = "A lab tied to several groups is a member of each of their stacks: stacks overlap, and their closures do not add up.";
            answer.caveat("overlap", text, None);
        }
        let guessed = roofs.iter().filter(|roof| !roof.is_known()).count();
        if guessed > 0 {
            let text = format!(
                "The compute of {guessed} of {} labs is mostly assumed (market shares or equal parts) or unknown; means leave them out.",
                roofs.len()
            );
            answer.caveat("assumed-roofs", text, Some(guessed));
        }
        if compute.is_none() {
            let text = format!(
                "The dataset has no product {:?}, so nothing is said about labs' compute (--compute names another).",
                self.compute
            );
            answer.caveat("no-compute", text, None);
        }
        let text = "Means and shares over labs count every lab the same, whatever its size.";
        answer.caveat("equal-labs", text, None);
    }
}
