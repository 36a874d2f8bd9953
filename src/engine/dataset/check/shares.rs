//! Shares of one whole do not add up to more than the whole. Slightly more is rounding: they are scaled
//! down, and the facts say so.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Date, Detail, EntityId, Facts, Measure, ProductId, Relation, Status};
use crate::model::{RelationId, Renormalised};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::{Context, TOLERANCE, lapsed};

/// How many of the shares of a sum are shown.
const SHOWN: usize = 6;

/// What shares are shares of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    Need(EntityId, ProductId, Option<String>),
    Market(ProductId, [String; 4]),
    Ownership(EntityId),
}

/// The share of one relation.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Position in the list of relations.
    at: usize,
    point: f64,
    low: f64,
    since: Option<Date>,
    until: Option<Date>,
}

impl Part {
    fn holds(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// The whole that a relation states a share of.
fn whole(relation: &Relation) -> Option<(Whole, &Measure)> {
    match &relation.detail {
        Detail::Supplies { product, variant, share_of_need: Some(share), .. } => {
            let status = relation.history.last()?.status;
            let firm = status >= Status::Signed && relation.part_of.is_none();
            firm.then_some((Whole::Need(relation.to?, *product, variant.clone()), share))
        }
        Detail::Sells { market, variant, region, period, metric, share: Some(share), .. } => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let period = period.map(|period| period.to_string()).unwrap_or_default();
            Some((
                Whole::Market(*market, [text(variant), text(region), period, format!("{metric:?}")]),
                share,
            ))
        }
        Detail::Owns { share: Some(share), .. } => Some((Whole::Ownership(relation.to?), share)),
        _ => None,
    }
}

/// The field that holds the share.
fn field(whole: &Whole) -> &'static str {
    if matches!(whole, Whole::Need(..)) { "share_of_need" } else { "share" }
}

/// The shares of each whole.
fn wholes(facts: &Facts) -> BTreeMap<Whole, Vec<Part>> {
    let mut wholes: BTreeMap<Whole, Vec<Part>> = BTreeMap::new();
    for (at, relation) in facts.relations.iter().enumerate().filter(|(_, relation)| !lapsed(relation)) {
        let Some((whole, share)) = whole(relation) else { continue };
        let Some(point) = share.point() else { continue };
        let low = share.preferred().map_or(0.0, |claim| claim.estimate.interval().low);
        // a survey is of its period, whatever the relation's own dates
        let dated = !matches!(whole, Whole::Market(..));
        let since = relation.since.filter(|_| dated).map(|date| date.first());
        let until = relation.until.filter(|_| dated).map(|date| date.first());
        wholes.entry(whole).or_default().push(Part { at, point, low, since, until });
    }
    wholes
}

pub fn check(context: &mut Context, facts: &mut Facts) {
    for (whole, parts) in wholes(facts) {
        let Some((sum, parts)) = worst(&parts) else { continue };
        if sum <= 1.0 + 1e-9 {
            continue;
        }
        let low: f64 = parts.iter().map(|part| part.low).sum();
        let excess = sum > 1.0 + TOLERANCE && low > 1.0 + TOLERANCE;
        report(context, facts, &whole, &parts, sum, excess);
        if !excess {
            let share = |part: &Part| facts.relations.get(part.at)?.detail.share_of_whole().cloned();
            let stated = parts.iter().filter_map(share).collect();
            for part in &parts {
                scale(facts, part.at, 1.0 / sum);
            }
            let what = format!("{} add up to {sum:.4}", words(context, &whole));
            let relations = parts.iter().map(|part| RelationId::new(part.at)).collect();
            facts.renormalised.push(Renormalised { what, relations, stated });
        }
    }
}

/// Scales shares down that add up to more than their whole, whatever the excess; how many wholes were. For datasets that
/// nobody wrote, such as those between two others.
pub fn rescale(facts: &mut Facts) -> usize {
    let mut scaled = 0;
    for parts in wholes(facts).into_values() {
        let Some((sum, parts)) = worst(&parts).filter(|(sum, _)| *sum > 1.0 + 1e-9) else { continue };
        parts.iter().for_each(|part| scale(facts, part.at, 1.0 / sum));
        scaled += 1;
    }
    scaled
}

/// The largest sum of shares that hold at the same time, and those shares.
fn worst(parts: &[Part]) -> Option<(f64, Vec<Part>)> {
    let begins = parts.iter().map(|part| (part.since.unwrap_or(Date::MIN), part.point));
    let ends = parts.iter().filter_map(|part| Some((part.until?, -part.point)));
    // on one day, what ends goes before what begins
    let mut events: Vec<(Date, f64)> = begins.chain(ends).collect();
    events.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut running = 0.0;
    let mut best = (f64::NEG_INFINITY, Date::MIN);
    for (day, change) in events {
        running += change;
        if running > best.0 {
            best = (running, day);
        }
    }
    let holding: Vec<Part> = parts.iter().filter(|part| part.holds(best.1)).copied().collect();
    (!holding.is_empty()).then(|| (holding.iter().map(|part| part.point).sum(), holding))
}

fn scale(facts: &mut Facts, at: usize, factor: f64) {
    let Some(relation) = facts.relations.get_mut(at) else { return };
    let Some(share) = relation.detail.share_of_whole_mut() else { return };
    for claim in share.iter_mut().flat_map(|share| share.claims.iter_mut()) {
        claim.estimate = claim.estimate.scale(factor);
    }
}

/// What the shares are, in words.
fn words(context: &Context, whole: &Whole) -> String {
    let ids = context.ids;
    match whole {
        Whole::Need(customer, product, variant) => {
            let variant = variant.as_ref().map(|variant| format!(" ({variant})")).unwrap_or_default();
            format!(
                "the suppliers' shares of what `{}` needs of `{}`{variant}",
                ids.entity_key(*customer),
                ids.product_key(*product)
            )
        }
        Whole::Market(market, survey) => {
            let survey: Vec<&str> = survey
                .iter()
                .map(String::as_str)
                .filter(|text| !text.is_empty() && *text != "Unspecified")
                .collect();
            let survey = if survey.is_empty() { String::new() } else { format!(" ({})", survey.join(", ")) };
            format!("the shares of the market `{}`{survey}", ids.product_key(*market))
        }
        Whole::Ownership(owned) => format!("the stakes in `{}`", ids.entity_key(*owned)),
    }
}

fn report(context: &mut Context, facts: &Facts, whole: &Whole, parts: &[Part], sum: f64, excess: bool) {
    let code = match (excess, whole) {
        (false, _) => Code::SharesRescaled,
        (true, Whole::Ownership(_)) => Code::OwnershipAboveOne,
        (true, _) => Code::SharesAboveOne,
    };
    let mut shown = parts.iter().filter_map(|part| Some((facts.relations.get(part.at)?, part))).rev();
    let Some((last, part)) = shown.next() else { return };
    let percent = |part: &Part| format!("{:.4}", part.point);
    let scaled = if excess { "" } else { "; they are scaled down to 1" };
    let message = format!("{} add up to {sum:.4}{scaled}", words(context, whole));
    let mut problem = Diagnostic::new(code, context.span(last, field(whole)), message).label(percent(part));
    for (relation, part) in shown.clone().take(SHOWN) {
        problem = problem.related(context.span(relation, field(whole)), percent(part));
    }
    let from: Vec<EntityId> =
        parts.iter().filter_map(|part| facts.relations.get(part.at)).map(|relation| relation.from).collect();
    let groups: HashSet<&str> =
        facts.entities.iter().filter(|entity| entity.group).map(|entity| entity.key.as_str()).collect();
    let group = from.iter().find(|id| groups.contains(context.ids.entity_key(**id)));
    let mut seen = HashSet::new();
    let repeated = from.iter().find(|id| !seen.insert(**id));
    problem.hint = if let Some(id) = repeated {
        let key = context.ids.entity_key(*id);
        Some(format!(
            "`{key}` stands more than once: what sources disagree on is written as `Claims` in one record"
        ))
    } else {
        group.map(|id| {
            let key = context.ids.entity_key(*id);
            format!("`{key}` is a group: does it overlap with a firm that stands by itself?")
        })
    };
    if parts.len() > SHOWN + 1 {
        problem.expected = Some(format!("{} shares that add up to at most 1", parts.len()));
    }
    context.session.push(problem);
}
