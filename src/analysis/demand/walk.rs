//! The walk upstream: from so much of a product to so much of each of its inputs, and theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::bill::{Bill, Takes, Unused, bills};
use super::price::{Price, Variants, price, stated};
use super::range::Range;
use super::unit;
use crate::analysis::View;
use crate::model::{AttributeKind, ProductId};
use crate::order::Arrange;

/// How much of a product is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    /// Dollars.
    pub money: Option<Range>,
    /// Numbers, by the unit in which they are stated.
    pub quantities: BTreeMap<String, Range>,
    /// Intensities on the way, by position.
    pub steps: BTreeSet<usize>,
    /// Products for which cost was taken as price, or the other way, on the way.
    pub priced: BTreeSet<ProductId>,
    /// Least number of steps from the product asked for.
    pub depth: usize,
}

/// One product that takes another, with all that is stated about it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub product: ProductId,
    pub input: ProductId,
    /// Intensity, by position.
    pub at: usize,
    /// What it gives for the whole demand: a number with its unit, or dollars.
    pub quantity: Option<(Range, String)>,
    pub money: Option<Range>,
    /// Why it is not walked, where it is not.
    pub unused: Option<Unused>,
}

/// What a demand takes.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    pub levels: BTreeMap<ProductId, Level>,
    pub steps: Vec<Step>,
    pub prices: BTreeMap<ProductId, Price>,
    pub costs: BTreeMap<ProductId, Price>,
    pub bills: BTreeMap<ProductId, Bill>,
    /// Rounds done, and the largest relative change in the last one.
    pub rounds: usize,
    pub residual: f64,
    pub converged: bool,
}

/// Relative change at which the levels have settled.
const SETTLED: f64 = 1e-13;
/// Rounds after which the walk gives up and says so; only cycles take more than there are products.
const MOST_ROUNDS: usize = 2_000;
/// Part of its cost by which a bill may exceed it before its lines count as overlapping.
const TOLERANCE: f64 = 0.02;

/// Walks the bills upstream. Where products take each other in a circle, the rounds add up what one more unit takes
/// of itself until nothing moves.
///
/// Cost: one pass over the bills reached a round; as many rounds as there are tiers without circles.
pub(super) fn walk(view: &View<'_>, variants: &Variants, root: ProductId, start: &Level) -> Walk {
    let mut bills = bills(view, variants);
    let products: Vec<ProductId> = view.graph.product_ids().collect();
    let prices: BTreeMap<ProductId, Price> =
        products.iter().filter_map(|product| Some((*product, price(view, variants, *product)?))).collect();
    let costs: BTreeMap<ProductId, Price> = products
        .iter()
        .filter_map(|product| Some((*product, stated(view, variants, *product, &AttributeKind::UnitCost)?)))
        .collect();
    let mut levels = BTreeMap::from([(root, start.clone())]);
    let mut checked: BTreeSet<ProductId> = BTreeSet::new();
    let (mut rounds, mut residual, mut converged) = (0, f64::INFINITY, false);
    while rounds < MOST_ROUNDS && !converged {
        rounds += 1;
        for (product, level) in &levels {
            if let Some(bill) = bills.get_mut(product)
                && checked.insert(*product)
            {
                set_aside(view, *product, level, bill, &prices, &costs);
            }
        }
        let mut next = BTreeMap::from([(root, start.clone())]);
        for (product, level) in &levels {
            for (input, _) in bills.get(product).into_iter().flat_map(|bill| &bill.inputs) {
                let Some(part) = part(view, *product, level, *input, &bills, &prices, &costs) else {
                    continue;
                };
                add(next.entry(*input).or_default(), part);
            }
        }
        residual = change(&levels, &next);
        converged = residual <= SETTLED;
        levels = next;
    }
    depths(&mut levels, &bills, root);
    let steps = steps(view, &levels, &bills, &costs);
    Walk { levels, steps, prices, costs, bills, rounds, residual, converged }
}

/// What a whole level of a product costs to make, and whether its price had to stand in for that.
fn cost(
    view: &View<'_>,
    product: ProductId,
    level: &Level,
    costs: &BTreeMap<ProductId, Price>,
) -> Option<(Range, bool)> {
    let (base, _) = unit::base(view.graph.product(product));
    let made =
        level.quantities.get(&base).zip(costs.get(&product)).map(|(q, cost)| (q.times(cost.usd), false));
    made.or_else(|| level.money.map(|money| (money, true)))
}

/// What one line gives: a number with its unit, or dollars, and whether a price stood in for a cost.
type Given = (Option<(Range, String)>, Option<Range>, bool);

/// What one line of a bill takes for a whole level of its product.
fn apply(
    view: &View<'_>,
    product: ProductId,
    level: &Level,
    takes: &Takes,
    costs: &BTreeMap<ProductId, Price>,
) -> Option<Given> {
    let (base, _) = unit::base(view.graph.product(product));
    let number = || level.quantities.get(&base).copied();
    match takes {
        Takes::Quantity(each, unit) => Some((Some((number()?.times(*each), unit.clone())), None, false)),
        Takes::Money(each) => Some((None, Some(number()?.times(*each)), false)),
        Takes::Share(share) => {
            let (cost, priced) = cost(view, product, level, costs)?;
            Some((None, Some(cost.times(*share)), priced))
        }
    }
}

/// What a level of a product takes of one input, from all lines about it: the surest number with the range of all.
fn part(
    view: &View<'_>,
    product: ProductId,
    level: &Level,
    input: ProductId,
    bills: &BTreeMap<ProductId, Bill>,
    prices: &BTreeMap<ProductId, Price>,
    costs: &BTreeMap<ProductId, Price>,
) -> Option<Level> {
    let mut part = Level { steps: level.steps.clone(), priced: level.priced.clone(), ..Level::default() };
    let mut any = false;
    for line in bills.get(&product)?.inputs.get(&input)? {
        let Some((quantity, money, priced)) = apply(view, product, level, &line.takes, costs) else {
            continue;
        };
        any = true;
        part.steps.insert(line.at);
        if priced {
            part.priced.insert(product);
        }
        if let Some(money) = money {
            part.money = Some(part.money.map_or(money, |first| first.hull(money)));
        }
        if let Some((number, unit)) = quantity {
            let slot = part.quantities.entry(unit).or_insert(number);
            *slot = slot.hull(number);
        }
    }
    if !any {
        return None;
    }
    let (base, _) = unit::base(view.graph.product(input));
    if let Some(price) = prices.get(&input) {
        match (part.money, part.quantities.get(&base).copied()) {
            (None, Some(number)) => part.money = Some(number.times(price.usd)),
            (Some(money), None) => {
                if let Some(number) = money.over(price.usd) {
                    part.quantities.insert(base, number);
                }
            }
            _ => {}
        }
    }
    Some(part)
}

fn add(level: &mut Level, part: Level) {
    level.money = match (level.money, part.money) {
        (Some(a), Some(b)) => Some(a.plus(b)),
        (a, b) => a.or(b),
    };
    for (unit, number) in part.quantities {
        let slot = level.quantities.entry(unit).or_insert(Range::ZERO);
        *slot = slot.plus(number);
    }
    level.steps.extend(part.steps);
    level.priced.extend(part.priced);
}

/// Where all lines of a bill together cost more than the product, its shares of cost and its physical lines say the same in
/// two ways: the shares are set aside.
fn set_aside(
    view: &View<'_>,
    product: ProductId,
    level: &Level,
    bill: &mut Bill,
    prices: &BTreeMap<ProductId, Price>,
    costs: &BTreeMap<ProductId, Price>,
) {
    let share = |line: &super::bill::Line| matches!(line.takes, Takes::Share(_));
    let lines = || bill.inputs.values().flatten();
    let Some((whole, _)) = cost(view, product, level, costs) else { return };
    if lines().all(share) || !lines().any(share) {
        return;
    }
    let one = BTreeMap::from([(product, bill.clone())]);
    let parts =
        bill.inputs.keys().filter_map(|input| part(view, product, level, *input, &one, prices, costs));
    let sum: f64 = parts.filter_map(|part| part.money).map(|money| money.point).sum();
    if sum <= whole.point * (1.0 + TOLERANCE) {
        return;
    }
    let aside: Vec<usize> = lines().filter(|line| share(line)).map(|line| line.at).collect();
    bill.unused.extend(aside.into_iter().map(|at| (at, Unused::Overlaps)));
    bill.inputs.values_mut().for_each(|lines| lines.retain(|line| !share(line)));
    bill.inputs.retain(|_, lines| !lines.is_empty());
}

/// Largest relative change of any number between two rounds.
fn change(before: &BTreeMap<ProductId, Level>, after: &BTreeMap<ProductId, Level>) -> f64 {
    let numbers = |level: &Level| -> Vec<f64> {
        let all = level.money.into_iter().chain(level.quantities.values().copied());
        all.flat_map(|range| [range.low, range.point, range.high.unwrap_or(0.0)]).collect()
    };
    let mut most: f64 = 0.0;
    for (product, level) in after {
        let new = numbers(level);
        let old = before.get(product).map(&numbers).unwrap_or_default();
        if old.len() != new.len() || before.get(product).is_some_and(|old| old.steps != level.steps) {
            return f64::INFINITY;
        }
        for (old, new) in old.iter().zip(&new) {
            if !new.is_finite() {
                return f64::INFINITY;
            }
            let size = old.abs().max(new.abs());
            most = most.max(if size > 0.0 { (old - new).abs() / size } else { 0.0 });
        }
    }
    most
}

fn depths(levels: &mut BTreeMap<ProductId, Level>, bills: &BTreeMap<ProductId, Bill>, root: ProductId) {
    let (mut seen, mut front, mut depth) = (BTreeSet::from([root]), vec![root], 0);
    while !front.is_empty() {
        let mut next = Vec::new();
        for product in front {
            if let Some(level) = levels.get_mut(&product) {
                level.depth = depth;
            }
            for input in bills.get(&product).into_iter().flat_map(|bill| bill.inputs.keys()) {
                if levels.contains_key(input) && seen.insert(*input) {
                    next.push(*input);
                }
            }
        }
        (front, depth) = (next, depth + 1);
    }
}

/// Every intensity of every product reached, walked or not.
fn steps(
    view: &View<'_>,
    levels: &BTreeMap<ProductId, Level>,
    bills: &BTreeMap<ProductId, Bill>,
    costs: &BTreeMap<ProductId, Price>,
) -> Vec<Step> {
    let mut all = Vec::new();
    for (product, level) in levels {
        let Some(bill) = bills.get(product) else { continue };
        let walked = bill.inputs.values().flatten().map(|line| (line.at, None));
        let unused = bill.unused.iter().map(|(at, why)| (*at, Some(*why)));
        for (at, why) in walked.chain(unused) {
            let Some(intensity) = view.graph.facts().intensities.get(at) else { continue };
            let takes = super::bill::takes(view, at).ok();
            let given = takes.and_then(|takes| apply(view, *product, level, &takes, costs));
            let unused = why.or_else(|| given.is_none().then_some(Unused::NothingToApplyTo));
            let (quantity, money, _) = given.unwrap_or((None, None, false));
            all.push(Step { product: *product, input: intensity.input, at, quantity, money, unused });
        }
    }
    all.arrange_by_key(|step| {
        let depth = levels.get(&step.product).map_or(0, |level| level.depth);
        (depth, step.product, step.input, step.unused.is_some(), step.at)
    });
    all
}
