//! Variables and signed links of a scope, and the feedback loops they close.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::analysis::View;
use crate::model::{Detail, EntityId, Measure, RelationId, RelationType, Sign};
use crate::order::Arrange;
use crate::structure::{Digraph, Edge, simple_cycles};

/// One influence of a variable on another.
#[derive(Clone, Debug)]
pub struct Link {
    pub relation: RelationId,
    /// Positions in the list of variables.
    pub cause: usize,
    pub effect: usize,
    /// 1 or -1.
    pub sign: f64,
    /// Elasticity without its sign; `None` where nobody states one.
    pub size: Option<Size>,
    /// Months until the effect shows; `None` where nobody states it.
    pub delay: Option<f64>,
}

/// An elasticity or a gain, without its sign.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub low: f64,
    pub point: f64,
    /// `None`: without bound.
    pub high: Option<f64>,
}

/// All that a scope says about how variables move each other.
#[derive(Clone, Debug)]
pub struct Model {
    /// In the order of their keys.
    pub variables: Vec<EntityId>,
    pub links: Vec<Link>,
    /// Nodes are variables, edge ids are positions in `links`.
    pub graph: Digraph,
}

/// A feedback loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// `R1`, `B1`…
    pub name: String,
    /// Positions in the list of links, in order.
    pub links: Vec<usize>,
    /// 1: reinforcing, -1: balancing.
    pub sign: f64,
    /// Gain without its sign; `None` where an elasticity is unknown.
    pub size: Option<Size>,
    /// Months around the loop; `None` where a delay is unknown.
    pub delay: Option<f64>,
}

/// Days of a mean month of the Gregorian calendar.
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

impl Model {
    /// Collects the influences that count in the scope.
    pub fn collect(view: &View<'_>) -> Self {
        let mut found = Vec::new();
        for (id, relation) in view.graph.in_scope(&view.scope, RelationType::Influences) {
            if let (Detail::Influences { sign, elasticity, delay }, Some(to)) =
                (&relation.detail, relation.to)
            {
                found.push((id, relation.from, to, *sign, elasticity.as_ref(), delay.as_ref()));
            }
        }
        let mut variables: Vec<EntityId> = found.iter().flat_map(|(_, from, to, ..)| [*from, *to]).collect();
        variables.sort_unstable();
        variables.dedup();
        let at: BTreeMap<EntityId, usize> = variables.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut links = Vec::new();
        for (relation, from, to, sign, elasticity, delay) in found {
            if let (Some(cause), Some(effect)) = (at.get(&from), at.get(&to)) {
                links.push(Link {
                    relation,
                    cause: *cause,
                    effect: *effect,
                    sign: if sign == Sign::Minus { -1.0 } else { 1.0 },
                    size: elasticity.and_then(size),
                    delay: delay.and_then(Measure::point).map(|days| days / DAYS_A_MONTH),
                });
            }
        }
        let edges = links.iter().map(|link| Edge { from: link.cause, to: link.effect, weight: 1.0 });
        let graph = Digraph::new(variables.len(), edges.collect());
        Self { variables, links, graph }
    }

    /// The loops by strength, numbered apart by polarity, and whether a bound cut the list short.
    pub fn loops(&self, longest: usize, most: usize) -> (Vec<Loop>, bool) {
        let found = simple_cycles(&self.graph, longest, most);
        let mut loops: Vec<Loop> = found.cycles.into_iter().map(|links| self.measure(links)).collect();
        loops.arrange(|a, b| by_strength(a, b).then_with(|| a.links.cmp(&b.links)));
        let (mut reinforcing, mut balancing) = (0, 0);
        for one in &mut loops {
            let (letter, count) =
                if one.sign > 0.0 { ('R', &mut reinforcing) } else { ('B', &mut balancing) };
            *count += 1;
            one.name = format!("{letter}{count}");
        }
        (loops, found.truncated)
    }

    fn measure(&self, links: Vec<usize>) -> Loop {
        let members = || links.iter().map(|at| &self.links[*at]);
        let sign = members().map(|link| link.sign).product();
        let sizes: Option<Vec<Size>> = members().map(|link| link.size).collect();
        let size = sizes.map(|sizes| Size {
            low: sizes.iter().map(|size| size.low).product(),
            point: sizes.iter().map(|size| size.point).product(),
            high: sizes.iter().map(|size| size.high).product(),
        });
        let delay = members().map(|link| link.delay).sum();
        Loop { name: String::new(), links, sign, size, delay }
    }

    /// The variables of a loop in order; from `first` on where it is one of them.
    pub fn around(&self, one: &Loop, first: Option<usize>) -> Vec<usize> {
        let mut nodes: Vec<usize> = one.links.iter().map(|at| self.links[*at].cause).collect();
        if let Some(start) = nodes.iter().position(|node| Some(*node) == first) {
            nodes.rotate_left(start);
        }
        nodes
    }
}

impl Loop {
    /// The signed gain at the least, as printed and at the most; `None` where unknown or without bound.
    pub fn gain(&self) -> [Option<f64>; 3] {
        let Some(size) = self.size else { return [None; 3] };
        if self.sign > 0.0 {
            [Some(size.low), Some(size.point), size.high]
        } else {
            // no "-0" where an elasticity is nothing
            [size.high.map(|high| 0.0 - high), Some(0.0 - size.point), Some(0.0 - size.low)]
        }
    }
}

/// `1 / (1 - g)`: what a push of 1 grows to around a loop; `None` where there is no equilibrium.
pub fn amplification(gain: f64) -> Option<f64> {
    (gain < 1.0).then(|| 1.0 / (1.0 - gain))
}

/// Largest gain first, whatever its sign; those of unknown gain last.
fn by_strength(a: &Loop, b: &Loop) -> Ordering {
    let rounded = |one: &Loop| one.size.map(|size| (size.point * 1e12).round());
    match (rounded(a), rounded(b)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn size(measure: &Measure) -> Option<Size> {
    let range = measure.interval();
    measure.point().map(|point| Size { low: range.low, point, high: range.high })
}
