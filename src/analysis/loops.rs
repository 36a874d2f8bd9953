//! Which flywheels there are, what they amplify, and which link drives them.

mod model;
mod system;
mod tables;

use serde::{Deserialize, Serialize};

use self::model::{Loop, Model};
use self::system::{Case, MOST_VARIABLES, NotSolved, Solved};
use super::trail::Trail;
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, FindingBuilder, Reach, Table};
use crate::graph::nearest;
use crate::structure::strong;

/// Feedback loops among variables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Loops {
    /// Only loops through this variable, and its long-run effects
    #[cfg_attr(feature = "cli", arg(long, value_name = "VARIABLE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// Longest loop that is listed, in links
    #[cfg_attr(feature = "cli", arg(long, value_name = "LINKS", default_value_t = LONGEST))]
    #[serde(skip_serializing_if = "is_longest")]
    pub longest: usize,
    /// Most loops that are listed
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = MOST))]
    #[serde(skip_serializing_if = "is_most")]
    pub most: usize,
}

const LONGEST: usize = 12;
const MOST: usize = 1000;

fn is_longest(longest: &usize) -> bool {
    *longest == LONGEST
}

fn is_most(most: &usize) -> bool {
    *most == MOST
}

impl Default for Loops {
    fn default() -> Self {
        Self { focus: None, longest: LONGEST, most: MOST }
    }
}

impl Analysis for Loops {
    const CARD: Card = Card {
        name: "loops",
        title: "Flywheels",
        question: "Which loops feed on themselves, how much does each amplify, and which link drives the whole?",
        definition: "Polarity of a loop = product of the signs of its links: R reinforcing, B balancing. Gain g = product of the signed \
                     elasticities; amplification = 1 / (1 - g) for g < 1, else no equilibrium in this linearisation. All loops at once: J = \
                     signed elasticities (row: effect, column: cause), spectral radius ρ = largest |λ|; drive of a link = elasticity of ρ to it, \
                     Re(J_ij u_i v_j / (λ uᵀv)), adding up to 1; long-run multipliers = (I - J)^-1 where ρ < 1.",
        reads: "`Influences` with sign, elasticity and delay.",
        assumptions: "Elasticities hold for small changes and stay as they are; effects of several causes add up. ρ includes signs, so balancing loops \
                      lower it or make it turn; eigenvalues come from shifted QR by component, not from power iteration, which \
                      does not settle on a single loop. ρ at the ends of all ranges is not a bound on ρ where signs differ; the bound is given beside it.",
        cost: "Listing is capped by length, number and steps; eigenvalues about 10 n³ for each component of up to 600 variables.",
        reference: "Kampmann, System Dynamics Review 28:370, 2012, doi:10.1002/sdr.1483 (loop eigenvalue elasticity); Martin, Peters and Wilkinson, \
                    Numerische Mathematik 14:219, 1970 (QR).",
        rests: Reach::Named,
        example: "linchpin loops --graph graph/aws-flywheel",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        if self.longest < 2 {
            let reason = "expected 2 links or more".to_string();
            return Err(AnalysisError::Invalid { parameter: "longest", reason });
        }
        let model = Model::collect(view);
        if model.links.is_empty() {
            let text = "no influence of a variable on another counts in the scope; a dataset states them as Influences relations";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        let focus = self.focus(view, &model)?;
        let (mut loops, truncated) = model.loops(self.longest, self.most);
        if focus.is_some() {
            loops.retain(|one| model.around(one, None).iter().any(|node| Some(*node) == focus));
        }
        let cases = system::solve_all(&model);
        let solved = cases.first().and_then(|(_, solved)| solved.as_ref().ok());
        let drives = solved.map(|solved| system::drives(&model, solved));
        let multipliers = solved.and_then(|solved| system::multipliers(&model, solved));

        let title = match focus {
            Some(at) => format!("Flywheels through {}", view.graph.entity(model.variables[at]).name),
            None => Self::CARD.title.to_string(),
        };
        let mut answer = Answer::new(Self::CARD.name, title, Self::CARD.question);
        answer.tables.push(tables::loops(view, &model, &loops, focus));
        answer.tables.push(tables::links(view, &model, &loops, drives.as_deref()));
        answer.tables.push(tables::system(&cases));
        answer.tables.push(tables::overview(&model, &loops));
        let mut all_shown = true;
        if let Some(multipliers) = &multipliers {
            let (table, whole) = tables::multipliers(view, &model, multipliers, focus);
            answer.tables.push(table);
            all_shown = whole;
        }
        answer.status = status(self, truncated, all_shown, &cases);
        self.say(view, &model, &loops, focus, &mut answer);
        caveats(view, &model, &loops, &cases, &mut answer);
        self.say_longest(&model, &mut answer);
        let mut trail = Trail::default();
        model.links.iter().for_each(|link| trail.relation(link.relation));
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Loops {
    /// Says where loops may be longer than those that are listed.
    fn say_longest(&self, model: &Model, answer: &mut Answer) {
        let largest = strong(&model.graph).first().map_or(0, Vec::len);
        if largest > self.longest {
            let text = format!(
                "Loops of up to {} links are listed (--longest); up to {largest} variables feed back on each other, so there may be longer \
                 ones. Spectral radius, drives and multipliers count all.",
                self.longest
            );
            answer.caveat("longest", text, Some(largest));
        }
    }

    /// Position of the variable in focus.
    fn focus(&self, view: &View<'_>, model: &Model) -> Result<Option<usize>, AnalysisError> {
        let Some(key) = &self.focus else { return Ok(None) };
        let id = view.graph.find_entity(key)?;
        let found = model.variables.iter().position(|variable| *variable == id);
        found.map(Some).ok_or_else(|| {
            let keys = || model.variables.iter().map(|id| view.graph.entity(*id).key.as_str());
            let near = nearest(key, keys());
            let known: Vec<&str> = if near.is_empty() {
                keys().take(8).collect()
            } else {
                near.iter().map(String::as_str).collect()
            };
            let reason = format!(
                "nothing influences {key:?} and it influences nothing; variables are {}",
                known.join(", ")
            );
            AnalysisError::Invalid { parameter: "focus", reason }
        })
    }

    fn say(&self, view: &View<'_>, model: &Model, loops: &[Loop], focus: Option<usize>, answer: &mut Answer) {
        let table =
            |name: &str| answer.table(name).cloned().unwrap_or_else(|| Table::new(name, "", Vec::new()));
        let (main, links, system, overview) =
            (table("loops"), table("links"), table("system"), table("overview"));
        let through = match focus {
            Some(at) => format!(" through {}", view.graph.entity(model.variables[at]).name),
            None => String::new(),
        };
        let mut findings = Vec::new();
        let counted = FindingBuilder::new("Of the feedback loops")
            .words(&through)
            .words(", ")
            .cell(&overview, 0, "reinforcing")
            .words(" are reinforcing and ")
            .cell(&overview, 0, "balancing")
            .words(" balancing, over ")
            .cell(&overview, 0, "variables")
            .words(" variables and ")
            .cell(&overview, 0, "links")
            .words(" links.");
        findings.push(counted.done());
        // the strongest of each polarity
        for sign in [1.0, -1.0] {
            if let Some(at) = loops.iter().position(|one| one.sign == sign) {
                findings.push(loop_sentence(view, model, &loops[at], focus, &main, at).done());
            }
        }
        findings.extend(system_sentence(&system));
        let driven =
            (0..links.rows.len()).find(|at| links.number(*at, "drive").is_some_and(|drive| drive > 0.0));
        if let Some(at) = driven {
            let sentence = FindingBuilder::new("The link that drives the whole most is ")
                .cell(&links, at, "cause")
                .words(" → ")
                .cell(&links, at, "effect")
                .words(": of a relative change of its elasticity, the spectral radius follows with ")
                .cell(&links, at, "drive")
                .words(" (all links together: 1).");
            findings.push(sentence.done());
        }
        if let Some(multipliers) = answer.table("multipliers") {
            let far = (0..multipliers.rows.len()).find(|at| {
                multipliers.cell(*at, "cause").and_then(Cell::as_key)
                    != multipliers.cell(*at, "effect").and_then(Cell::as_key)
            });
            if let Some(at) = far {
                let sentence = FindingBuilder::new("In the long run a lasting push of 1 % on ")
                    .cell(multipliers, at, "cause")
                    .words(" moves ")
                    .cell(multipliers, at, "effect")
                    .words(" by ")
                    .cell(multipliers, at, "multiplier")
                    .words(" %, all loops counted: the largest such effect.");
                findings.push(sentence.done());
            }
        }
        answer.findings = findings;
    }
}

/// A loop in words; its row in the table is `at`.
fn loop_sentence(
    view: &View<'_>,
    model: &Model,
    one: &Loop,
    focus: Option<usize>,
    main: &Table,
    at: usize,
) -> FindingBuilder {
    let nodes = model.around(one, focus);
    let names: Vec<&str> = nodes
        .iter()
        .chain(nodes.first())
        .map(|node| view.graph.entity(model.variables[*node]).name.as_str())
        .collect();
    let kind = if one.sign > 0.0 { "reinforcing" } else { "balancing" };
    let start = FindingBuilder::new("The strongest ")
        .words(kind)
        .words(" loop is ")
        .words(&one.name)
        .words(": ")
        .words(names.join(" → "));
    if one.size.is_none() {
        return start.words("; its gain is unknown.");
    }
    let start = start
        .words(". Its gain is ")
        .cell(main, at, "gain")
        .words(" (")
        .range(main, at, "gain_low", "gain_high")
        .words("), ");
    match main.number(at, "amplification") {
        Some(_) => {
            let verb = if one.sign > 0.0 {
                "so that by itself it amplifies a push to "
            } else {
                "so that by itself it damps a push to "
            };
            start.words(verb).cell(main, at, "amplification").words(" its size.")
        }
        None => start.words("so that by itself it has no equilibrium in this linearisation."),
    }
}

fn system_sentence(system: &Table) -> Option<crate::answer::Finding> {
    let radius = system.number(0, "spectral_radius")?;
    let start = FindingBuilder::new("All loops together have a spectral radius of ").cell(
        system,
        0,
        "spectral_radius",
    );
    let ends = match (system.number(1, "spectral_radius"), system.number(2, "spectral_radius")) {
        (Some(_), Some(_)) => start
            .words(" (")
            .cell(system, 1, "spectral_radius")
            .words(" with all elasticities at their low ends, ")
            .cell(system, 2, "spectral_radius")
            .words(" at their high ends)"),
        _ => start,
    };
    let crosses = system.number(2, "spectral_radius").is_some_and(|high| high >= 1.0);
    let end = match (radius < 1.0, crosses) {
        (true, true) => ": as printed pushes die out, at the high ends they do not.",
        (true, false) => ": pushes die out.",
        (false, _) => ": pushes do not die out, there is no equilibrium in this linearisation.",
    };
    Some(ends.words(end).done())
}

fn status(
    params: &Loops,
    truncated: bool,
    all_shown: bool,
    cases: &[(Case, Result<Solved, NotSolved>)],
) -> AnswerStatus {
    let failed = |why: NotSolved| cases.iter().any(|(_, solved)| solved.as_ref().err() == Some(&why));
    if failed(NotSolved::Unsettled) {
        return AnswerStatus::NotConverged { residual: f64::MAX, rounds: 0 };
    }
    let mut reasons = Vec::new();
    if truncated {
        reasons.push(format!(
            "listing stopped at {} loops of up to {} links or at its limit of steps; spectral radius, drives and multipliers count all",
            params.most, params.longest
        ));
    }
    if failed(NotSolved::Large) {
        reasons.push(format!(
            "a component has more than {MOST_VARIABLES} variables; its spectral radius is not computed"
        ));
    }
    if !all_shown {
        reasons.push("the table of multipliers holds the largest only".to_string());
    }
    if reasons.is_empty() {
        AnswerStatus::Complete
    } else {
        AnswerStatus::Truncated { reason: reasons.join("; ") }
    }
}

fn caveats(
    view: &View<'_>,
    model: &Model,
    loops: &[Loop],
    cases: &[(Case, Result<Solved, NotSolved>)],
    answer: &mut Answer,
) {
    let text = "A linear picture around today: elasticities are taken as fixed, effects as additive, and delays do not change gains.";
    answer.caveat("linearisation", text, None);
    let unknown = model.links.iter().filter(|link| link.size.is_none()).count();
    if unknown > 0 {
        let text = format!(
            "{unknown} links state no elasticity: their loops have a polarity and no gain, and the spectral radius leaves them out."
        );
        answer.caveat("unknown-elasticity", text, Some(unknown));
    }
    let undated = loops.iter().filter(|one| one.delay.is_none()).count();
    if undated > 0 {
        let text = format!("{undated} loops have a link without a delay; their delay is unknown.");
        answer.caveat("unknown-delay", text, Some(undated));
    }
    let assumed =
        model.links.iter().filter(|link| view.graph.relation(link.relation).evidence.is_assumed()).count();
    if assumed > 0 {
        let text = format!(
            "{assumed} of {} links are assumptions of the dataset, each with its reason.",
            model.links.len()
        );
        answer.caveat("assumed-links", text, Some(assumed));
    }
    if let Some((_, Ok(Solved { dominant: Some((dominant, _)), .. }))) = cases.first() {
        let text = format!("The eigenvalue and its vector fit the matrix to {:.1e}.", dominant.residual);
        answer.caveat("residual", text, None);
        if dominant.tied > 1 {
            let text = format!(
                "{} eigenvalues have the largest modulus; the drives are those of the one with the largest real part.",
                dominant.tied
            );
            answer.caveat("tied-eigenvalues", text, Some(dominant.tied));
        }
        if dominant.value.im.abs() > 1e-9 * dominant.radius {
            let text = "The dominant eigenvalue is complex: what feeds back comes in waves.";
            answer.caveat("oscillates", text, None);
        }
    }
}
