//! Nobody is owned entirely within a circle of owners.

use std::collections::{BTreeMap, HashMap, HashSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use crate::model::{Detail, EntityId, Facts, Measure};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::{Context, lapsed};

pub fn check(context: &mut Context, facts: &Facts) {
    let mut shares: BTreeMap<(EntityId, EntityId), (f64, usize)> = BTreeMap::new();
    for (at, relation) in facts.relations.iter().enumerate().filter(|(_, r)| !lapsed(r) && r.until.is_none())
    {
        let (Detail::Owns { share: Some(share), .. }, Some(to)) = (&relation.detail, relation.to) else {
            continue;
        };
        let entry = shares.entry((relation.from, to)).or_insert((0.0, at));
        entry.0 += Measure::point(share).unwrap_or(0.0);
    }
    // without recursion, unlike the other algorithm for this in petgraph
    let graph: DiGraph<(), ()> = DiGraph::from_edges(shares.keys().map(|(from, to)| (from.0, to.0)));
    for circle in kosaraju_scc(&graph).into_iter().filter(|circle| circle.len() > 1) {
        let circle: HashSet<EntityId> = circle.into_iter().map(|node| EntityId::new(node.index())).collect();
        let inside = |id: &EntityId| circle.contains(id);
        let mut owned: HashMap<EntityId, f64> = HashMap::new();
        for ((from, to), (share, _)) in &shares {
            if inside(from) && inside(to) {
                *owned.entry(*to).or_default() += share;
            }
        }
        if !owned.values().all(|share| *share >= 1.0 - 1e-9) {
            continue;
        }
        let mut keys: Vec<&str> = circle.iter().map(|id| context.ids.entity_key(*id)).collect();
        keys.sort_unstable();
        keys.truncate(12);
        let message = format!("{} own each other entirely, so that nobody owns them", keys.join(", "));
        let mut ties = shares.iter().filter(|((from, to), _)| inside(from) && inside(to));
        let relation = |at: &usize| facts.relations.get(*at);
        let Some(first) = ties.next().and_then(|(_, (_, at))| relation(at)) else { continue };
        let mut problem = Diagnostic::new(Code::OwnershipCycle, context.span(first, "share"), message);
        for other in ties.filter_map(|(_, (_, at))| relation(at)).take(6) {
            problem = problem.related(context.span(other, "share"), "and this");
        }
        context.session.push(problem);
    }
}
