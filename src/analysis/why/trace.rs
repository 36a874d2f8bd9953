//! Finds the routes between two entities and what they add up to.

use super::super::supply_graph::{Basis, SupplyGraph};
use crate::model::{EntityId, Need, ProductId};
use crate::network::{CostNetwork, NeedRow, Network, SolveError};
use crate::order::Arrange;
use crate::propagation::functional::{Settings, UnknownSupplier, propagate};
use crate::structure::{Ended, Limits, Routes, cheapest_routes};

/// Routes on one basis, and their totals.
pub(super) struct Traced {
    pub basis: Basis,
    /// Those that carry first, then the strongest.
    pub routes: Vec<Traceable>,
    /// The whole first, then each first product.
    pub totals: Vec<Total>,
    pub ended: Ended,
}

/// A route with what it carries.
pub(super) struct Traceable {
    /// Ties from the one who hangs upstream.
    pub edges: Vec<usize>,
    pub share: f64,
    /// Whether the loss arrives this way.
    pub carries: bool,
    /// Whether it does after its first step.
    counts: bool,
    pub through: Option<ProductId>,
}

/// What arrives through one product, or in all.
pub(super) struct Total {
    pub through: Option<ProductId>,
    pub binds: Option<bool>,
    pub total: f64,
    pub listed: f64,
    pub routes: usize,
}

/// Losses below this are rounding.
const NOTICEABLE: f64 = 1e-12;

/// How the loss of one entity reaches the others.
struct Losses<'n> {
    network: &'n Network,
    loss: Vec<f64>,
}

impl Losses<'_> {
    /// Part of a need that is lost.
    fn of_row(&self, row: &NeedRow) -> f64 {
        self.network.suppliers(row).iter().map(|link| link.share * self.loss[link.supplier.index()]).sum()
    }

    /// Function lost through a product.
    fn through(&self, row: &NeedRow) -> f64 {
        match row.need {
            Need::Essential => self.of_row(row),
            Need::Important(weight) => weight * self.of_row(row),
            Need::Optional | Need::NotNeeded => 0.0,
        }
    }

    /// The products that set an entity's loss: the scarcest essential one, or all important ones together.
    fn binding(&self, entity: EntityId) -> Vec<ProductId> {
        let rows = || self.network.needs(entity).iter();
        let essential = rows().filter(|row| row.need == Need::Essential);
        let scarcest = essential.map(|row| (self.of_row(row), row.product)).fold(
            (0.0, None),
            |most: (f64, Option<ProductId>), (loss, product)| {
                if loss > most.0 + NOTICEABLE { (loss, Some(product)) } else { most }
            },
        );
        let important = || rows().filter(|row| matches!(row.need, Need::Important(_)));
        let together: f64 = important().map(|row| self.through(row)).sum();
        if together > scarcest.0 + NOTICEABLE {
            important().map(|row| row.product).collect()
        } else {
            scarcest.1.into_iter().collect()
        }
    }
}

/// Routes by which function is lost.
pub(super) fn by_function(
    network: &Network,
    supply: &SupplyGraph<'_>,
    of: EntityId,
    to: EntityId,
    limits: Limits,
) -> Traced {
    let settings = Settings { replacement: false, unknown: UnknownSupplier::Unaffected };
    let outcome = propagate(network, &[(to, 1.0)], settings);
    let loss = outcome.functionality.iter().map(|level| 1.0 - level).collect();
    let losses = Losses { network, loss };
    let binding: Vec<Vec<ProductId>> =
        (0..network.len()).map(|at| losses.binding(EntityId::new(at))).collect();
    let edges = supply.graph.edges();
    let lost = |id: usize| edges.get(id).is_some_and(|edge| losses.loss[edge.from] > NOTICEABLE);
    let binds = |id: usize| {
        let product = supply.product(id);
        edges.get(id).is_some_and(|edge| product.is_some_and(|product| binding[edge.to].contains(&product)))
    };
    let at_first = |id: usize| edges.get(id).is_some_and(|edge| edge.to == of.index());
    let length = |id: usize| -supply.carries(id).ln();
    let upstream = supply.graph.reversed();
    let search = |allowed: &dyn Fn(usize) -> bool| {
        let cost = |id: usize| if allowed(id) { length(id).max(0.0) } else { f64::INFINITY };
        cheapest_routes(&upstream, of.index(), to.index(), cost, limits)
    };
    let carrying = search(&|id| lost(id) && (binds(id) || at_first(id)));
    let all = search(&lost);
    let ended = worse(carrying.ended, all.ended);
    let mut found: Vec<Traceable> = Vec::new();
    for route in carrying.routes.into_iter().chain(all.routes) {
        if found.iter().any(|known| known.edges == route.edges) {
            continue;
        }
        let after = route.edges.iter().skip(1).all(|id| binds(*id));
        let carries = after && route.edges.first().is_some_and(|id| binds(*id));
        let through = route.edges.first().and_then(|id| supply.product(*id));
        let share = route.edges.iter().map(|id| supply.carries(*id)).product();
        found.push(Traceable { edges: route.edges, share, carries, counts: after, through });
    }
    sort(&mut found);
    found.truncate(limits.most);
    let total = |through: Option<ProductId>, binds: Option<bool>, total: f64| {
        let listed = |route: &&Traceable| match through {
            Some(product) => route.counts && route.through == Some(product),
            None => route.carries,
        };
        let routes: Vec<&Traceable> = found.iter().filter(listed).collect();
        let listed = routes.iter().map(|route| route.share).sum::<f64>() + 0.0;
        Total { through, binds, total, listed, routes: routes.len() }
    };
    let mut totals = vec![total(None, None, losses.loss[of.index()])];
    for row in network.needs(of).iter().filter(|row| row.binds() && losses.of_row(row) > NOTICEABLE) {
        let sets = binding[of.index()].contains(&row.product);
        totals.push(total(Some(row.product), Some(sets), losses.through(row)));
    }
    if found.is_empty() {
        totals.clear();
    }
    Traced { basis: Basis::Function, routes: found, totals, ended }
}

/// Routes by which money ends there.
pub(super) fn by_cost(
    cost: &CostNetwork,
    supply: &SupplyGraph<'_>,
    of: EntityId,
    to: EntityId,
    limits: Limits,
) -> Result<Traced, SolveError> {
    let length = |id: usize| (-supply.carries(id).ln()).max(0.0);
    let Routes { routes, ended } =
        cheapest_routes(&supply.graph.reversed(), of.index(), to.index(), length, limits);
    let found: Vec<Traceable> = routes
        .into_iter()
        .map(|route| Traceable {
            share: route.edges.iter().map(|id| supply.carries(*id)).product(),
            edges: route.edges,
            carries: true,
            counts: true,
            through: None,
        })
        .collect();
    let mut totals = Vec::new();
    if !found.is_empty() {
        let column = cost.leontief_column(to)?;
        let total = column[of.index()] / column[to.index()];
        let listed = found.iter().map(|route| route.share).sum::<f64>() + 0.0;
        totals.push(Total { through: None, binds: None, total, listed, routes: found.len() });
    }
    Ok(Traced { basis: Basis::Cost, routes: found, totals, ended })
}

/// Those that carry first, then the strongest; shares that differ by rounding count as equal.
fn sort(routes: &mut [Traceable]) {
    let rounded = |route: &Traceable| (route.share * 1e12).round();
    routes.arrange(|a, b| {
        let order = b.carries.cmp(&a.carries).then(b.counts.cmp(&a.counts));
        order.then(rounded(b).total_cmp(&rounded(a))).then(a.edges.len().cmp(&b.edges.len()))
    });
}

/// The more severe of two ends.
fn worse(a: Ended, b: Ended) -> Ended {
    let rank = |ended: Ended| match ended {
        Ended::All => 0,
        Ended::Most => 1,
        Ended::Work => 2,
        Ended::Time => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}
