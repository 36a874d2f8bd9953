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

use super::creep;
use super::replacement::Markets;
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

/// What hits a network from outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blow<'a> {
    /// Entities and the share of its function that each loses by itself; several on one multiply.
    pub losses: &'a [(EntityId, f64)],
    /// Products of which no known supplier delivers any more: `available(i, p)` is the unknown part, or nothing
    /// where that is hit like the known one. Nobody replaces them.
    pub missing: &'a [ProductId],
    /// Deliveries that are cut.
    pub cuts: Option<&'a Cuts>,
}

/// Deliveries that do not arrive although the supplier works.
#[derive(Clone, Debug, PartialEq)]
pub struct Cuts {
    /// Share of the delivery that is cut and that other vendors may make up for, 0 to 1, by position of the link.
    pub links: Vec<f64>,
    /// Share of all supply in a row that is cut, whoever supplies it, 0 to 1, by position of the row: nobody makes
    /// up for it.
    pub rows: Vec<f64>,
}

impl Cuts {
    /// Nothing is cut.
    pub fn none(network: &Network) -> Self {
        Self { links: vec![0.0; network.links().len()], rows: vec![0.0; network.rows().len()] }
    }

    /// What is cut of one delivery.
    pub(super) fn link(&self, at: usize) -> f64 {
        self.links.get(at).copied().unwrap_or(0.0)
    }

    /// What is cut of all supply in a row.
    pub(super) fn row(&self, at: usize) -> f64 {
        self.rows.get(at).copied().unwrap_or(0.0)
    }
}

impl Blow<'_> {
    /// Whether it hits a row itself.
    fn hits(&self, network: &Network, at: usize, row: &NeedRow) -> bool {
        let cut =
            |cuts: &Cuts| cuts.row(at) > 0.0 || network.link_range(row).any(|link| cuts.link(link) > 0.0);
        row.binds() && (self.missing.contains(&row.product) || self.cuts.is_some_and(cut))
    }
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
    /// Rounds done until nothing moved.
    pub rounds: usize,
    /// Largest change in the last round.
    pub residual: f64,
    /// Whether it settled within the limit of rounds.
    pub converged: bool,
}

/// Change below which a round counts as still.
pub const TOLERANCE: f64 = 1e-13;
/// Rounds after which a cascade that still moves is finished by linear solves ([`super::creep`]), and tried again.
const PATIENCE: usize = 24;
/// Rounds after which the iteration gives up and says so.
pub const MOST_ROUNDS: usize = 20_000;
/// Losses below this are rounding and hit nobody.
const NOTICEABLE: f64 = 1e-12;

/// Carries losses (entity, share of function lost) through the network until nothing moves.
///
/// All entities are updated at once from the round before; values only fall, so the iteration converges. Where it
/// creeps, as it does in dense loops, its end is solved for once everyone is hit, so `rounds` counts the rounds
/// done, not those that creeping would take.
/// Cost: for each round the rows of the customers of those that changed; a few sparse solves where it creeps.
pub fn propagate(network: &Network, shocks: &[(EntityId, f64)], settings: Settings) -> Outcome {
    propagate_blow(network, &Blow { losses: shocks, ..Blow::default() }, settings)
}

/// The same for any blow: losses of entities, products that nobody delivers, deliveries that are cut.
pub fn propagate_blow(network: &Network, blow: &Blow<'_>, settings: Settings) -> Outcome {
    let n = network.len();
    let mut cap = vec![1.0; n];
    for (entity, loss) in blow.losses {
        cap[entity.index()] *= 1.0 - loss.clamp(0.0, 1.0);
    }
    let mut functionality = cap.clone();
    let mut first_hit: Vec<Option<u32>> = cap.iter().map(|cap| (*cap < 1.0).then_some(0)).collect();
    let mut binding = vec![None; n];
    let customers = network.customers();
    let mut kept = settings.replacement.then(|| Replacement::new(network, blow.cuts));
    let mut changed: Vec<EntityId> = (0..n).filter(|at| cap[*at] < 1.0).map(EntityId::new).collect();
    let (mut rounds, mut residual, mut next_leap) = (0, 0.0, PATIENCE);
    let row_hit = !blow.missing.is_empty() || blow.cuts.is_some();
    while (!changed.is_empty() || (rounds == 0 && row_hit)) && rounds < MOST_ROUNDS {
        let mut touched = vec![false; n];
        if settings.replacement {
            // a failing vendor also weighs on customers of its rivals
            touched.fill(true);
        }
        for customer in changed.iter().flat_map(|entity| &customers[entity.index()]) {
            touched[customer.index()] = true;
        }
        if rounds == 0 && row_hit {
            let short = |(at, row): &(usize, &NeedRow)| blow.hits(network, *at, row);
            let rows = network.rows().iter().enumerate().filter(short);
            rows.for_each(|(_, row)| touched[row.entity.index()] = true);
        }
        rounds += 1;
        if let Some(kept) = &mut kept {
            kept.update(&functionality);
        }
        let levels: Vec<_> = (0..n)
            .filter(|at| touched[*at])
            .map(|at| {
                let (level, by) =
                    level(network, EntityId::new(at), &functionality, blow, settings, kept.as_ref());
                (at, level.min(cap[at]).max(0.0), by)
            })
            .collect();
        changed.clear();
        residual = 0.0;
        for (at, level, by) in levels {
            let drop = functionality[at] - level;
            residual = f64::max(residual, drop.abs());
            if drop > TOLERANCE {
                functionality[at] = level;
                changed.push(EntityId::new(at));
                if 1.0 - level > NOTICEABLE && first_hit[at].is_none() {
                    first_hit[at] = Some(rounds as u32);
                }
            }
            if level < cap[at] - NOTICEABLE {
                binding[at] = by;
            }
        }
        let all_hit = || reached(customers, &first_hit) || rounds > n + PATIENCE;
        if rounds >= next_leap && !changed.is_empty() && all_hit() {
            next_leap = rounds + PATIENCE;
            leap(network, &cap, blow, settings, kept.as_mut(), &mut functionality);
            changed = (0..n).filter(|at| functionality[*at] < 1.0).map(EntityId::new).collect();
        }
    }
    Outcome { functionality, first_hit, binding, rounds, residual, converged: changed.is_empty() }
}

/// Whether everyone downstream of those hit is hit: no round of a first hit is still to come.
fn reached(customers: &[Vec<EntityId>], first_hit: &[Option<u32>]) -> bool {
    let hit = |at: usize| first_hit.get(at).copied().flatten().is_some();
    let closed =
        |(at, customers): (usize, &Vec<EntityId>)| !hit(at) || customers.iter().all(|c| hit(c.index()));
    customers.iter().enumerate().all(closed)
}

/// Goes to where the cascade would creep; stays where it is if that cannot be found.
fn leap(
    network: &Network,
    cap: &[f64],
    blow: &Blow<'_>,
    settings: Settings,
    kept: Option<&mut Replacement<'_>>,
    functionality: &mut [f64],
) {
    let shock: Vec<f64> = cap.iter().map(|cap| 1.0 - cap).collect();
    let start: Vec<f64> = functionality.iter().map(|level| 1.0 - level).collect();
    let end = match kept {
        Some(kept) => {
            kept.update(functionality);
            let levels = functionality.to_vec();
            let part = |product: ProductId, supplier: EntityId| {
                kept.markets.irreplaceable(
                    product,
                    supplier,
                    levels.get(supplier.index()).copied().unwrap_or(1.0),
                )
            };
            creep::settle(network, &shock, blow, settings.unknown, &part, &start)
        }
        None => creep::settle(network, &shock, blow, settings.unknown, &|_, _| 1.0, &start),
    };
    for (level, loss) in functionality.iter_mut().zip(end.into_iter().flatten()) {
        *level = level.min(1.0 - loss).max(0.0);
    }
}

/// What rivals make up for, with the products that are needed.
struct Replacement<'n> {
    markets: Markets<'n>,
    products: Vec<ProductId>,
}

impl<'n> Replacement<'n> {
    fn new(network: &'n Network, cuts: Option<&Cuts>) -> Self {
        let rows = network.rows().iter().filter(|row| row.binds());
        let mut products: Vec<ProductId> = rows.map(|row| row.product).collect();
        products.sort_unstable();
        products.dedup();
        Self { markets: Markets::new(network, &products, cuts), products }
    }

    fn update(&mut self, functionality: &[f64]) {
        self.markets.update(&self.products, functionality);
    }
}

/// The level that its inputs allow an entity, and the product that limits it.
fn level(
    network: &Network,
    entity: EntityId,
    functionality: &[f64],
    blow: &Blow<'_>,
    settings: Settings,
    kept: Option<&Replacement<'_>>,
) -> (f64, Option<ProductId>) {
    let (mut lowest, mut binds): (f64, (f64, Option<ProductId>)) = (1.0, (1.0, None));
    let mut important = 1.0;
    let mut heaviest: (f64, Option<ProductId>) = (0.0, None);
    for (at, row) in network.needs_at(entity) {
        match row.need {
            Need::Essential => {
                let available = available(network, (at, row), functionality, blow, settings, kept);
                lowest = lowest.min(available);
                // of inputs that differ by rounding the first binds
                if available < binds.0 - NOTICEABLE {
                    binds = (available, Some(row.product));
                }
            }
            Need::Important(weight) => {
                let loss =
                    weight * (1.0 - available(network, (at, row), functionality, blow, settings, kept));
                important -= loss;
                if loss > heaviest.0 {
                    heaviest = (loss, Some(row.product));
                }
            }
            Need::Optional | Need::NotNeeded => {}
        }
    }
    if important < lowest { (important, heaviest.1) } else { (lowest, binds.1) }
}

/// The part of a need that is still met. The row comes with its position.
fn available(
    network: &Network,
    (at, row): (usize, &NeedRow),
    functionality: &[f64],
    blow: &Blow<'_>,
    settings: Settings,
    kept: Option<&Replacement<'_>>,
) -> f64 {
    if blow.missing.contains(&row.product) {
        return if settings.unknown == UnknownSupplier::LikeKnown { 0.0 } else { 1.0 - row.known };
    }
    let mut lost = 0.0;
    for (link, index) in network.suppliers(row).iter().zip(network.link_range(row)) {
        let cut = blow.cuts.map_or(0.0, |cuts| cuts.link(index));
        let gone = 1.0 - functionality[link.supplier.index()];
        let loss = gone + (1.0 - gone) * cut;
        if loss > 0.0 {
            let kept =
                kept.map_or(1.0, |kept| kept.markets.irreplaceable(row.product, link.supplier, 1.0 - gone));
            lost += link.share * kept * loss;
        }
    }
    if settings.unknown == UnknownSupplier::LikeKnown && row.known > 0.0 {
        lost /= row.known;
    }
    (1.0 - lost) * (1.0 - blow.cuts.map_or(0.0, |cuts| cuts.row(at)))
}
