//! What stops without what: essential inputs bind, others add.
//!
//! For entity i with needs p, suppliers j with shares s of the need, and functionality φ (1: works as
//! normal, 0: stopped),
//!
//! ```text
//! available(i, p) = 1 - Σ_j s_ipj σ_jp (1 - φ_j)
//! φ_i = min( 1 - shock_i, min over essential p of available(i, p), 1 - Σ over important p of d_p (1 - available(i, p)) )
//! ```
//!
//! σ is 1 without replacement. With it, customers of a failing vendor turn to the others of its market in
//! proportion to their market shares: `σ_jp = min(1, m_j / Σ_l m_l φ_l)`, so that who holds 2 % of a market
//! passes on 2 % of its loss. Vendors that a survey does not list work as well as the listed rivals do; where no
//! survey names rivals, nothing is replaced; where the spare capacity of all other vendors is known, no more than
//! that is. This is the downstream channel of the generalised Leontief cascade (Diem, Borsos, Reisch,
//! Kertész, Thurner: "Quantifying firm-level economic systemic risk from nation-wide supply networks",
//! Scientific Reports 12, 7719, 2022) on inputs by product.

use crate::model::{EntityId, Need, ProductId};
use crate::network::{NeedRow, Network};

/// How a shock is carried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whether customers turn to other vendors of the same product.
    pub replacement: bool,
    /// What happens to the part of a need whose supplier is unknown.
    pub unknown: UnknownSupplier,
}

/// What happens to the part of a need whose supplier is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownSupplier {
    /// It goes on as normal: the lower bound of a loss.
    Unaffected,
    /// It is hit like the known part: the upper bound.
    LikeKnown,
}

/// Where a shock ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Actual over normal, 0 to 1, by entity.
    pub functionality: Vec<f64>,
    /// Round in which an entity first lost function; 0 for those that the shock hits.
    pub first_hit: Vec<Option<u32>>,
    /// The product whose shortage limits an entity; `None` where nothing or only the shock itself does.
    pub binding: Vec<Option<ProductId>>,
    /// Rounds until nothing moved.
    pub rounds: usize,
    /// Largest change in the last round.
    pub residual: f64,
    /// Whether it settled within the limit of rounds.
    pub converged: bool,
}

/// Change below which a round counts as still.
pub const TOLERANCE: f64 = 1e-13;
/// Rounds after which the iteration gives up and says so.
pub const MOST_ROUNDS: usize = 20_000;
/// Losses below this are rounding and hit nobody.
const NOTICEABLE: f64 = 1e-12;

/// Carries losses (entity, share of function lost) through the network until nothing moves.
///
/// All entities are updated at once from the round before; values only fall, so the iteration converges.
/// Cost: for each round the rows of the customers of those that changed.
pub fn propagate(network: &Network, shocks: &[(EntityId, f64)], settings: Settings) -> Outcome {
    propagate_without(network, shocks, &[], settings)
}

/// The same where, besides, no known supplier delivers some products any more: `available(i, p)` of a missing
/// product is its unknown part, or nothing where that is hit like the known one. Nobody replaces it.
pub fn propagate_without(
    network: &Network,
    shocks: &[(EntityId, f64)],
    missing: &[ProductId],
    settings: Settings,
) -> Outcome {
    let mut cap = vec![1.0; network.len()];
    for (entity, loss) in shocks {
        cap[entity.index()] *= 1.0 - loss.clamp(0.0, 1.0);
    }
    run(network, &cap, missing, settings)
}

/// The same, without the history of rounds: where everything ends, found faster.
///
/// What stops altogether often gets there slowly, when entities supply each other in a circle. Those that must stop
/// are found from the structure (see `stopped`) and taken as stopped from the start; the others settle from there.
/// `first_hit` and `rounds` tell of this shorter run, not of the shock.
pub fn settle(
    network: &Network,
    shocks: &[(EntityId, f64)],
    missing: &[ProductId],
    settings: Settings,
) -> Outcome {
    let mut cap = vec![1.0; network.len()];
    for (entity, loss) in shocks {
        cap[entity.index()] *= 1.0 - loss.clamp(0.0, 1.0);
    }
    let own = cap.clone();
    for (cap, stops) in cap.iter_mut().zip(stopped(network, &own, missing, settings)) {
        if stops {
            *cap = 0.0;
        }
    }
    let mut outcome = run(network, &cap, missing, settings);
    for at in (0..network.len()).filter(|at| cap[*at] < own[*at]) {
        let (_, by) = level(network, EntityId::new(at), &outcome.functionality, missing, settings);
        outcome.binding[at] = by;
    }
    outcome
}

/// Entities that must stop: each has an essential product all of whose supply comes from others that must stop, and
/// along such products it hangs on one that the shock stops. A product whose suppliers may be replaced does not count. In a circle with nothing coming in from outside, what
/// falls at one place falls everywhere in the end.
///
/// Cost: some passes over the rows.
fn stopped(network: &Network, cap: &[f64], missing: &[ProductId], settings: Settings) -> Vec<bool> {
    let n = network.len();
    let whole = |row: &NeedRow| {
        let known = settings.unknown == UnknownSupplier::LikeKnown || row.known >= 1.0 - 1e-12;
        let held = !(settings.replacement && network.market(row.product).surveyed);
        row.need == Need::Essential && known && held && !network.suppliers(row).is_empty()
    };
    let gone = |row: &NeedRow| whole(row) && missing.contains(&row.product);
    let shocked: Vec<bool> = cap.iter().map(|cap| *cap <= 0.0).collect();
    let mut stops = vec![true; n];
    loop {
        // only what hangs on others that stop, and through them on the shock, stops
        let closed = |row: &NeedRow, stops: &[bool]| {
            gone(row) || whole(row) && network.suppliers(row).iter().all(|link| stops[link.supplier.index()])
        };
        let mut reaches = shocked.clone();
        let mut front: Vec<EntityId> = (0..n).filter(|at| shocked[*at]).map(EntityId::new).collect();
        for row in network.rows().iter().filter(|row| gone(row)) {
            if !std::mem::replace(&mut reaches[row.entity.index()], true) {
                front.push(row.entity);
            }
        }
        while let Some(supplier) = front.pop() {
            for customer in &network.customers()[supplier.index()] {
                if reaches[customer.index()] {
                    continue;
                }
                let through =
                    |row: &&NeedRow| network.suppliers(row).iter().any(|link| reaches[link.supplier.index()]);
                if network.needs(*customer).iter().filter(|row| closed(row, &stops)).any(|row| through(&row))
                {
                    reaches[customer.index()] = true;
                    front.push(*customer);
                }
            }
        }
        if reaches == stops {
            return stops;
        }
        for (stops, reaches) in stops.iter_mut().zip(reaches) {
            *stops &= reaches;
        }
    }
}

/// Iterates from the capped levels until nothing moves.
fn run(network: &Network, cap: &[f64], missing: &[ProductId], settings: Settings) -> Outcome {
    let n = network.len();
    let mut functionality = cap.to_vec();
    let mut first_hit: Vec<Option<u32>> = cap.iter().map(|cap| (*cap < 1.0).then_some(0)).collect();
    let mut binding = vec![None; n];
    let mut changed: Vec<EntityId> = (0..n).filter(|at| cap[*at] < 1.0).map(EntityId::new).collect();
    let mut levels: Vec<(EntityId, f64, Option<ProductId>)> = Vec::new();
    let mut marked = vec![0; n];
    let (mut rounds, mut residual) = (0, 0.0);
    while (!changed.is_empty() || (rounds == 0 && !missing.is_empty())) && rounds < MOST_ROUNDS {
        rounds += 1;
        levels.clear();
        let mut update = |entity: EntityId| {
            if std::mem::replace(&mut marked[entity.index()], rounds) != rounds {
                let (level, by) = level(network, entity, &functionality, missing, settings);
                levels.push((entity, level.min(cap[entity.index()]).max(0.0), by));
            }
        };
        if settings.replacement {
            // a failing vendor also weighs on customers of its rivals
            network.rows().iter().filter(|row| row.binds()).for_each(|row| update(row.entity));
        } else {
            let customers = network.customers();
            changed.iter().flat_map(|entity| &customers[entity.index()]).for_each(|entity| update(*entity));
            if rounds == 1 {
                let short = |row: &&NeedRow| row.binds() && missing.contains(&row.product);
                network.rows().iter().filter(short).for_each(|row| update(row.entity));
            }
        }
        changed.clear();
        residual = 0.0;
        for (entity, level, by) in &levels {
            let at = entity.index();
            let drop = functionality[at] - level;
            residual = f64::max(residual, drop.abs());
            if drop > TOLERANCE {
                functionality[at] = *level;
                changed.push(*entity);
                if 1.0 - level > NOTICEABLE && first_hit[at].is_none() {
                    first_hit[at] = Some(rounds as u32);
                }
            }
            if *level < cap[at] - NOTICEABLE {
                binding[at] = *by;
            }
        }
    }
    Outcome { functionality, first_hit, binding, rounds, residual, converged: changed.is_empty() }
}

/// The level that its inputs allow an entity, and the product that limits it.
fn level(
    network: &Network,
    entity: EntityId,
    functionality: &[f64],
    missing: &[ProductId],
    settings: Settings,
) -> (f64, Option<ProductId>) {
    let (mut lowest, mut by) = (1.0, None);
    let mut important = 1.0;
    let mut heaviest: (f64, Option<ProductId>) = (0.0, None);
    for row in network.needs(entity) {
        match row.need {
            Need::Essential => {
                let available = available(network, row, functionality, missing, settings);
                if available < lowest {
                    (lowest, by) = (available, Some(row.product));
                }
            }
            Need::Important(weight) => {
                let loss = weight * (1.0 - available(network, row, functionality, missing, settings));
                important -= loss;
                if loss > heaviest.0 {
                    heaviest = (loss, Some(row.product));
                }
            }
            Need::Optional | Need::NotNeeded => {}
        }
    }
    if important < lowest { (important, heaviest.1) } else { (lowest, by) }
}

/// The part of a need that is still met.
fn available(
    network: &Network,
    row: &NeedRow,
    functionality: &[f64],
    missing: &[ProductId],
    settings: Settings,
) -> f64 {
    if missing.contains(&row.product) {
        return if settings.unknown == UnknownSupplier::LikeKnown { 0.0 } else { 1.0 - row.known };
    }
    let mut lost = 0.0;
    for link in network.suppliers(row) {
        let loss = 1.0 - functionality[link.supplier.index()];
        if loss > 0.0 {
            let kept = if settings.replacement {
                irreplaceable(network, row.product, link.supplier, functionality)
            } else {
                1.0
            };
            lost += link.share * kept * loss;
        }
    }
    if settings.unknown == UnknownSupplier::LikeKnown && row.known > 0.0 {
        lost /= row.known;
    }
    1.0 - lost
}

/// The part of a vendor's loss that its rivals cannot make up for. Without a survey nobody is known to be a
/// rival, and nothing is made up for.
fn irreplaceable(network: &Network, product: ProductId, supplier: EntityId, functionality: &[f64]) -> f64 {
    let market = network.market(product);
    if !market.surveyed {
        return 1.0;
    }
    let Some(own) = market.vendors.iter().find(|vendor| vendor.entity == supplier) else { return 1.0 };
    let (mut rivals, mut rivals_working) = (0.0, 0.0);
    let (mut lost, mut spare) = (own.share * (1.0 - functionality[supplier.index()]), Some(0.0));
    for vendor in market.vendors.iter().filter(|vendor| vendor.entity != supplier) {
        let level = functionality[vendor.entity.index()];
        rivals += vendor.share;
        rivals_working += vendor.share * level;
        lost += vendor.share * (1.0 - level);
        if level > 0.0 {
            spare = spare.zip(vendor.spare).map(|(sum, spare)| sum + spare * vendor.share * level);
        }
    }
    // vendors that the survey does not list work as well as the listed rivals do
    let unlisted = if rivals > 0.0 { market.unlisted * rivals_working / rivals } else { market.unlisted };
    if market.unlisted > 1e-9 {
        spare = None;
    }
    let working = own.share * functionality[supplier.index()] + rivals_working + unlisted;
    let by_share = if working > 1e-12 { (own.share / working).min(1.0) } else { 1.0 };
    match spare {
        Some(spare) if lost > 0.0 => by_share.max(1.0 - spare / lost),
        _ => by_share,
    }
}
