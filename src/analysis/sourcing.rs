//! Whether an input has one source, and whether there could be another: `single` from the buyer's row, `sole`
//! from the market's column. What is not known is neither.

use crate::graph::Graph;
use crate::network::{NeedRow, Network, Rung};

/// How one need is sourced.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sourcing {
    /// One supplier covers all of it although others exist; `None` where that is not known.
    pub single: Option<bool>,
    /// Only one vendor exists; `None` where that is not known.
    pub sole: Option<bool>,
    /// Vendors of the product that are known, groups included.
    pub vendors: usize,
    /// In one or two words.
    pub verdict: &'static str,
    /// Why it is not known, or what limits it.
    pub note: &'static str,
}

/// A share that covers all but rounding.
const ALL: f64 = 1.0 - 1e-9;

/// Sourcing of one row.
pub(super) fn sourcing(graph: &Graph, network: &Network, row: &NeedRow) -> Sourcing {
    let market = network.market(row.product);
    let vendors: Vec<_> = market.vendors.iter().filter(|vendor| vendor.share > 0.0).collect();
    let (sole, why) = match vendors.as_slice() {
        [] => (None, "no vendor is known"),
        [vendor] if graph.entity(vendor.entity).group => (None, "the one vendor listed is a group of firms"),
        [_] if !market.surveyed => (None, "one vendor is known, but no survey of the market"),
        [_] if market.unlisted > 1e-9 => (None, "one vendor is listed, the rest of the market is not"),
        [_] => (Some(true), "only one vendor exists"),
        _ => (Some(false), ""),
    };
    let answer = |single, verdict, note| Sourcing { single, sole, vendors: vendors.len(), verdict, note };
    match network.suppliers(row) {
        [] => answer(None, "unknown", "no supplier is known"),
        [link] if graph.entity(link.supplier).group => {
            answer(None, "unknown", "the one supplier known is a group of firms")
        }
        [_] if sole == Some(true) => answer(Some(false), "sole", why),
        [_] if row.known < ALL => answer(None, "one known", "the rest of the need has no known supplier"),
        [link] if link.rung > Rung::Amounts => {
            answer(None, "one known", "the only supplier listed; that it covers all is an assumption")
        }
        [_] if sole == Some(false) => answer(Some(true), "single", "others exist"),
        [_] => answer(None, "single or sole", why),
        _ => answer(Some(false), "several", why),
    }
}
