//! A tranche and its total are alike, and no tranche is part of itself.

use std::collections::{HashMap, HashSet};

use crate::model::{Facts, Relation};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::{Context, measures};

pub fn check(context: &mut Context, facts: &Facts) {
    let by_key: HashMap<&str, &Relation> = facts.relations.iter().map(|r| (r.key.as_str(), r)).collect();
    let ids = context.ids;
    let above = |relation: &Relation| -> Option<&Relation> {
        by_key.get(ids.relation_key(relation.part_of?)).copied()
    };
    let mut in_cycle: HashSet<&str> = HashSet::new();
    for relation in &facts.relations {
        let Some(total) = above(relation) else { continue };
        alike(context, relation, total);
        if in_cycle.contains(relation.key.as_str()) {
            continue;
        }
        let mut way = vec![relation.key.as_str()];
        let mut at = Some(total);
        while let Some(total) = at {
            if total.key == relation.key {
                let cycle = way.join(" → ");
                let message = format!("tranches are part of each other: {cycle} → {}", relation.key);
                let span = context.span(relation, "part_of");
                context.session.push(Diagnostic::new(Code::TrancheCycle, span, message));
                in_cycle.extend(&way);
                break;
            }
            if way.contains(&total.key.as_str()) {
                break;
            }
            way.push(&total.key);
            at = above(total);
        }
    }
}

/// Checks that a tranche can be compared with its total.
fn alike(context: &mut Context, relation: &Relation, total: &Relation) {
    let there = context.span(total, "");
    let (own, other) = (relation.relation_type(), total.relation_type());
    let problem = if own != other {
        Some((
            "part_of",
            format!("a tranche of type `{own:?}` cannot be part of a total of type `{other:?}`"),
        ))
    } else if relation.product() != total.product() {
        Some(("product", "a tranche and its total are of different products".to_string()))
    } else {
        let totals = measures(&total.detail);
        measures(&relation.detail).into_iter().find_map(|(field, measure)| {
            let (_, whole) = totals.iter().find(|(name, _)| *name == field)?;
            let unlike = measure.dimension != whole.dimension;
            unlike.then(|| {
                let (own, other) = (&measure.dimension, &whole.dimension);
                (field, format!("`{field}` is in {own}, that of the total in {other}"))
            })
        })
    };
    if let Some((field, message)) = problem {
        let span = context.span(relation, field);
        context.session.push(Diagnostic::new(Code::UnlikeTotal, span, message).related(there, "the total"));
    }
}
