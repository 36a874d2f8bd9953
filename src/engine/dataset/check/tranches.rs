//! A tranche and its total are alike, and no tranche is part of itself.

use std::collections::{HashMap, HashSet};

use crate::model::{Facts, Relation};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::Context;

pub fn check(context: &mut Context, facts: &Facts) {
    if facts.relations.iter().all(|relation| relation.part_of.is_none()) {
        return;
    }
    let by_key: HashMap<&str, &Relation> = facts.relations.iter().map(|r| (r.key.as_str(), r)).collect();
    let ids = context.ids;
    let above = |relation: &Relation| -> Option<&Relation> {
        by_key.get(ids.relation_key(relation.part_of?)).copied()
    };
    // relations from which the way up is known to end, or whose cycle has been reported
    let mut done: HashSet<&str> = HashSet::new();
    for relation in &facts.relations {
        if let Some(total) = above(relation) {
            alike(context, relation, total);
        }
        let mut way: Vec<&Relation> = Vec::new();
        let mut on_way: HashSet<&str> = HashSet::new();
        let mut at = Some(relation);
        while let Some(tranche) = at.filter(|tranche| !done.contains(tranche.key.as_str())) {
            if !on_way.insert(&tranche.key) {
                let start = way.iter().position(|other| other.key == tranche.key).unwrap_or(0);
                cycle(context, way.get(start..).unwrap_or_default());
                break;
            }
            way.push(tranche);
            at = above(tranche);
        }
        done.extend(on_way);
    }
}

/// Reports tranches that are part of each other.
fn cycle(context: &mut Context, tranches: &[&Relation]) {
    let Some(first) = tranches.first() else { return };
    let mut keys: Vec<&str> = tranches.iter().take(8).map(|tranche| tranche.key.as_str()).collect();
    if tranches.len() > keys.len() {
        keys.push("…");
    }
    let message = format!("tranches are part of each other: {} → {}", keys.join(" → "), first.key);
    let span = context.span(first, "part_of");
    context.session.push(Diagnostic::new(Code::TrancheCycle, span, message));
}

/// Checks that a tranche can be compared with its total.
fn alike(context: &mut Context, relation: &Relation, total: &Relation) {
    let (own, other) = (relation.relation_type(), total.relation_type());
    let problem = if own != other {
        Some((
            "part_of",
            format!("a tranche of type `{own:?}` cannot be part of a total of type `{other:?}`"),
        ))
    } else if relation.product() != total.product() {
        Some(("product", "a tranche and its total are of different products".to_string()))
    } else {
        let totals = total.detail.named_measures();
        relation.detail.named_measures().into_iter().find_map(|(field, measure)| {
            let (_, whole) = totals.iter().find(|(name, _)| *name == field)?;
            let unlike = measure.dimension != whole.dimension;
            unlike.then(|| {
                let (own, other) = (&measure.dimension, &whole.dimension);
                (field, format!("`{field}` is in {own}, that of the total in {other}"))
            })
        })
    };
    if let Some((field, message)) = problem {
        let there = context.span(total, "");
        let span = context.span(relation, field);
        context.session.push(Diagnostic::new(Code::UnlikeTotal, span, message).related(there, "the total"));
    }
}
