//! The tables of an answer on feedback loops.

use super::model::{Loop, Model, amplification};
use super::system::{Case, NotSolved, Solved};
use crate::analysis::View;
use crate::analysis::trail::entity_cell;
use crate::answer::{Cell, Column, Table, Unit};
use crate::order::Arrange;

/// Rows of the table of multipliers.
const MOST_MULTIPLIERS: usize = 1000;

/// One row a loop.
pub fn loops(view: &View<'_>, model: &Model, loops: &[Loop], focus: Option<usize>) -> Table {
    let columns = vec![
        Column::new(
            "loop",
            Unit::Text,
            "R1, R2…: reinforcing, B1, B2…: balancing, strongest first; numbered over all loops, whatever the focus",
        ),
        Column::new("polarity", Unit::Text, "reinforcing (product of signs +) or balancing (-)"),
        Column::new("variables", Unit::Text, "The variables in order; the last acts on the first"),
        Column::new(
            "gain_low",
            Unit::Number,
            "Product of the signed elasticities, the least that their ranges allow",
        ),
        Column::new("gain_high", Unit::Number, "The same, the most; empty where unknown or without bound"),
        Column::new(
            "amplification",
            Unit::Ratio,
            "1 / (1 - gain) as printed, above 0; empty where the gain is unknown or 1 or more",
        ),
        Column::new(
            "delay_months",
            Unit::Months,
            "Time around the loop, months; empty where a delay is unknown",
        ),
        Column::new(
            "gain",
            Unit::Number,
            "Product of the signed elasticities as printed; negative where balancing",
        ),
        Column::new("amplification_low", Unit::Ratio, "1 / (1 - gain) at the least gain"),
        Column::new(
            "amplification_high",
            Unit::Ratio,
            "1 / (1 - gain) at the largest gain; empty where that is 1 or more, or unknown",
        ),
        Column::new(
            "equilibrium",
            Unit::Text,
            "Whether pushes around this loop alone settle: yes, no, only below its high end, overshoots (gain of -1 or less), unknown",
        ),
        Column::new("links", Unit::Count, "Number of links, 2 or more"),
    ];
    let mut table = Table::new("loops", "Feedback loops", columns);
    for one in loops {
        let items = model.around(one, focus).into_iter().map(|node| {
            let entity = view.graph.entity(model.variables[node]);
            (entity.key.clone(), entity.name.clone())
        });
        let [low, point, high] = one.gain();
        let grown = |gain: Option<f64>| Cell::number(gain.and_then(amplification));
        table.rows.push(vec![
            Cell::text(&one.name),
            Cell::text(if one.sign > 0.0 { "reinforcing" } else { "balancing" }),
            Cell::Items(items.collect()),
            Cell::number(low),
            Cell::number(high),
            grown(point),
            Cell::number(one.delay),
            Cell::number(point),
            grown(low),
            grown(high),
            Cell::text(equilibrium(point, high)),
            Cell::Number(one.links.len() as f64),
        ]);
    }
    table
}

fn equilibrium(point: Option<f64>, high: Option<f64>) -> &'static str {
    match (point, high) {
        (None, _) => "unknown",
        (Some(gain), _) if gain >= 1.0 => "no",
        (Some(gain), _) if gain <= -1.0 => "overshoots",
        (Some(_), Some(high)) if high < 1.0 => "yes",
        _ => "only below its high end",
    }
}

/// One row a link, by how much it drives the whole.
pub fn links(view: &View<'_>, model: &Model, loops: &[Loop], drives: Option<&[Option<f64>]>) -> Table {
    let columns = vec![
        Column::new("link", Unit::Text, "Key of the relation"),
        Column::new("cause", Unit::Text, "The variable that acts"),
        Column::new("effect", Unit::Text, "The variable acted on"),
        Column::new("sign", Unit::Text, "+: both move the same way, -: opposite ways"),
        Column::new(
            "elasticity",
            Unit::Number,
            "Relative change of the effect for a relative change of the cause, without sign; empty where unknown",
        ),
        Column::new("elasticity_low", Unit::Number, "The least it can be"),
        Column::new(
            "elasticity_high",
            Unit::Number,
            "The most it can be; empty where unknown or without bound",
        ),
        Column::new("delay_months", Unit::Months, "Time until the effect shows, months; empty where unknown"),
        Column::new(
            "drive",
            Unit::Number,
            "Elasticity of the spectral radius to this link; all links add up to 1, below 0 where it damps",
        ),
        Column::new("loops", Unit::Count, "In how many of the listed loops it is"),
        Column::new("assumed", Unit::Text, "Whether the link is an assumption of the dataset"),
    ];
    let mut table = Table::new("links", "Links, by how much they drive the whole", columns);
    let mut uses = vec![0usize; model.links.len()];
    loops.iter().flat_map(|one| &one.links).for_each(|at| uses[*at] += 1);
    let drive = |at: usize| drives.and_then(|drives| drives.get(at).copied().flatten());
    let mut order: Vec<usize> = (0..model.links.len()).collect();
    let rank = |at: usize| drive(at).map_or(f64::NEG_INFINITY, |drive| (drive * 1e10).round());
    order.arrange(|a, b| rank(*b).total_cmp(&rank(*a)).then(a.cmp(b)));
    for at in order {
        let link = &model.links[at];
        let relation = view.graph.relation(link.relation);
        table.rows.push(vec![
            Cell::text(&relation.key),
            entity_cell(view.graph, model.variables[link.cause]),
            entity_cell(view.graph, model.variables[link.effect]),
            Cell::text(if link.sign > 0.0 { "+" } else { "-" }),
            Cell::number(link.size.map(|size| size.point)),
            Cell::number(link.size.map(|size| size.low)),
            Cell::number(link.size.and_then(|size| size.high)),
            Cell::number(link.delay),
            Cell::number(drive(at)),
            Cell::Number(uses[at] as f64),
            Cell::Flag(relation.evidence.is_assumed()),
        ]);
    }
    table
}

/// One row a case of the whole system.
pub fn system(cases: &[(Case, Result<Solved, NotSolved>)]) -> Table {
    let columns = vec![
        Column::new("case", Unit::Text, "Which of its possible sizes each elasticity takes"),
        Column::new(
            "spectral_radius",
            Unit::Number,
            "Largest modulus of an eigenvalue of the signed elasticity matrix, 0 or more; empty where a range has no such end or the system is too large",
        ),
        Column::new("eigenvalue_real", Unit::Number, "Real part of that eigenvalue"),
        Column::new("eigenvalue_imaginary", Unit::Number, "Imaginary part; not 0 where it oscillates"),
        Column::new("tied", Unit::Count, "How many eigenvalues have that modulus"),
        Column::new("residual", Unit::Number, "|J v - λ v| for the unit eigenvector"),
        Column::new("equilibrium", Unit::Text, "Whether pushes die out: spectral radius below 1"),
    ];
    let mut table = Table::new("system", "All loops together", columns);
    for (case, solved) in cases {
        let name = Cell::text(case.describe());
        let Ok(solved) = solved else {
            table.rows.push([name].into_iter().chain(vec![Cell::Empty; 6]).collect());
            continue;
        };
        let of = |value: fn(&crate::structure::Dominant) -> f64| {
            Cell::number(solved.dominant.as_ref().map(|(dominant, _)| value(dominant)))
        };
        table.rows.push(vec![
            name,
            Cell::Number(solved.radius()),
            of(|d| d.value.re),
            of(|d| d.value.im),
            of(|d| d.tied as f64),
            of(|d| d.residual),
            Cell::Flag(solved.radius() < 1.0),
        ]);
    }
    table
}

/// How many variables, links and loops there are.
pub fn overview(model: &Model, loops: &[Loop]) -> Table {
    let columns = vec![
        Column::new("variables", Unit::Count, "Variables that influence or are influenced"),
        Column::new("links", Unit::Count, "Influences that count in the scope"),
        Column::new("reinforcing", Unit::Count, "Reinforcing loops that are listed"),
        Column::new("balancing", Unit::Count, "Balancing loops that are listed"),
        Column::new("unknown_gain", Unit::Count, "Listed loops whose gain is unknown"),
    ];
    let mut table = Table::new("overview", "What there is", columns);
    let count = |n: usize| Cell::Number(n as f64);
    let reinforcing = loops.iter().filter(|one| one.sign > 0.0).count();
    table.rows.push(vec![
        count(model.variables.len()),
        count(model.links.len()),
        count(reinforcing),
        count(loops.len() - reinforcing),
        count(loops.iter().filter(|one| one.size.is_none()).count()),
    ]);
    table
}

/// Long-run effects, largest first, and whether all are in the table. With a focus only its own, both ways.
pub fn multipliers(
    view: &View<'_>,
    model: &Model,
    multipliers: &[Vec<f64>],
    focus: Option<usize>,
) -> (Table, bool) {
    let columns = vec![
        Column::new("cause", Unit::Text, "The variable that is pushed, lastingly"),
        Column::new("effect", Unit::Text, "The variable that moves"),
        Column::new(
            "multiplier",
            Unit::Number,
            "Its long-run relative change for a relative push of 1, all loops counted; for the cause itself 1 plus what comes back",
        ),
    ];
    let mut table = Table::new("multipliers", "Long-run effects", columns);
    let mut found = Vec::new();
    for (effect, row) in multipliers.iter().enumerate() {
        for (cause, value) in row.iter().enumerate() {
            let asked = focus.is_none_or(|focus| focus == cause || focus == effect);
            if asked && value.abs() > 1e-12 {
                found.push((cause, effect, *value));
            }
        }
    }
    let rank = |value: f64| (value.abs() * 1e10).round();
    found.arrange(|a, b| rank(b.2).total_cmp(&rank(a.2)).then((a.0, a.1).cmp(&(b.0, b.1))));
    let whole = found.len() <= MOST_MULTIPLIERS;
    for (cause, effect, value) in found.into_iter().take(MOST_MULTIPLIERS) {
        let cell = |at: usize| entity_cell(view.graph, model.variables[at]);
        table.rows.push(vec![cell(cause), cell(effect), Cell::Number(value)]);
    }
    (table, whole)
}
