//! The cascade's input from a table of links between firms that each sell one product, that of their sector.

use super::Mode;
use super::system::{Input, Offer, Supply, System, SystemError, Want};
use crate::part::Part;

/// What an input is to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Losing it has no short-term effect.
    None,
    /// Output falls with its part of all that the customer buys.
    Adds,
    /// The customer works only as far as it gets it.
    Essential,
}

/// Firms and what they sell to each other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Firms<'a> {
    /// (supplier, customer, value sold).
    pub links: &'a [(u32, u32, f64)],
    /// Sector of each firm.
    pub sector: &'a [u32],
    /// Whether the firms of a sector can take each other's place.
    pub market: bool,
    /// Revenue of each firm, sales outside the network included.
    pub revenue: Option<&'a [f64]>,
    /// Costs of each firm, purchases outside the network included.
    pub costs: Option<&'a [f64]>,
    /// Weights of the index beside sales, by firm.
    pub weights: &'a [&'a [f64]],
    /// Takes the weights given in place of sales, not beside them.
    pub own_weights: bool,
    /// The firms whose links these are, where processes share them: then every link of such a firm is here, and all processes call
    /// the same. All else is of all firms.
    pub part: Option<&'a Part>,
}

/// Why firms cannot be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FirmsError {
    /// Nobody says what an input of one sector is to a customer of another.
    #[error("it is not said what inputs of sector {supplier} are to customers of sector {customer}")]
    NoClass {
        /// Sector of the supplier.
        supplier: u32,
        /// Sector of the customer.
        customer: u32,
    },
    /// The numbers make no network.
    #[error(transparent)]
    System(#[from] SystemError),
}

/// The slot of inputs that add up. Essential ones have that of their sector after it.
const ADDS: u32 = 0;

impl Firms<'_> {
    /// Sales and purchases of each firm within the network.
    ///
    /// # Errors
    /// Ends that do not exist; values that are negative or not finite.
    pub fn turnover(&self) -> Result<(Vec<f64>, Vec<f64>), SystemError> {
        let n = self.sector.len();
        let (mut sales, mut purchases) = (vec![0.0; n], vec![0.0; n]);
        for (supplier, customer, value) in self.links {
            if !value.is_finite() || *value < 0.0 {
                return Err(SystemError::BadNumber { what: "the value of a link" });
            }
            let (Some(sold), Some(bought)) =
                (sales.get_mut(*supplier as usize), purchases.get_mut(*customer as usize))
            else {
                return Err(SystemError::OutOfRange { what: "an end of a link" });
            };
            *sold += value;
            *bought += value;
        }
        if let Some(part) = self.part {
            part.complete(&mut sales);
            part.complete(&mut purchases);
        }
        Ok((sales, purchases))
    }

    /// Freezes the network; `class` says what an input of the first sector is to a customer of the second.
    ///
    /// A revenue below a firm's sales in the network, or costs below its purchases, would make more than all of
    /// its output depend on them: a converged cascade takes the larger, a compatible one what stands there. Costs make
    /// essential inputs only partly essential, as in the published software.
    ///
    /// # Errors
    /// A pair of sectors without a class, and whatever makes no network.
    pub fn freeze(
        &self,
        class: impl Fn(u32, u32) -> Option<Class>,
        mode: Mode,
    ) -> Result<System, FirmsError> {
        let n = self.sector.len();
        let (sales, purchases) = self.turnover()?;
        let lists = [("a revenue", self.revenue), ("a cost", self.costs)];
        for (what, list) in
            lists.into_iter().chain(self.weights.iter().map(|list| ("a weight of the index", Some(*list))))
        {
            let Some(list) = list else { continue };
            if list.len() != n {
                return Err(SystemError::OutOfRange { what: "the length of a list of firms' numbers" }.into());
            }
            if list.iter().any(|value| !value.is_finite() || *value < 0.0) {
                return Err(SystemError::BadNumber { what }.into());
            }
        }
        let whole = |stated: Option<&[f64]>, known: &[f64], firm: u32| {
            let known = known[firm as usize];
            match (stated.map(|list| list[firm as usize]), mode) {
                (None, _) => known,
                (Some(stated), Mode::Converged(_)) => stated.max(known),
                (Some(stated), Mode::Compatible(_)) => stated,
            }
        };
        let mut bought: Vec<(u32, u32, f64)> =
            self.links.iter().map(|(i, j, value)| (*j, self.sector[*i as usize], *value)).collect();
        bought.sort_by_key(|(customer, sector, _)| (*customer, *sector));
        bought.dedup_by(|next, sum| {
            let same = (next.0, next.1) == (sum.0, sum.1);
            if same {
                sum.2 += next.2;
            }
            same
        });
        let of_sector = |customer: u32, sector: u32| {
            let found = bought.binary_search_by_key(&(customer, sector), |(j, k, _)| (*j, *k));
            found.ok().and_then(|at| bought.get(at)).map_or(0.0, |(.., sum)| *sum)
        };
        let holds = |firm: u32| self.part.is_none_or(|part| part.holds(firm as usize));
        let mut supplies = Vec::with_capacity(self.links.len());
        let mut wants = Vec::with_capacity(self.links.len());
        for (supplier, customer, value) in self.links.iter().filter(|(.., value)| *value > 0.0) {
            let (from, to) = (self.sector[*supplier as usize], self.sector[*customer as usize]);
            let all = purchases[*customer as usize];
            let class = class(from, to).ok_or(FirmsError::NoClass { supplier: from, customer: to })?;
            let link = match class {
                Class::None => None,
                Class::Adds => Some((ADDS, value / all)),
                Class::Essential => Some((from + 1, value / of_sector(*customer, from))),
            };
            if let Some((slot, share)) = link.filter(|_| holds(*customer)) {
                let scale = match self.costs {
                    None => 1.0,
                    Some(_) => all / or_one(whole(self.costs, &purchases, *customer)),
                };
                supplies.push(Supply { offer: *supplier, customer: *customer, slot, factor: share * scale });
            }
            if holds(*supplier) {
                let factor = value / or_one(whole(self.revenue, &sales, *supplier));
                wants.push(Want { supplier: *supplier, customer: *customer, factor });
            }
        }
        let sectors = self.sector.iter().max().map_or(0, |most| *most as usize + 1);
        let offer = |(firm, sector): (usize, &u32)| Offer {
            firm: firm as u32,
            market: self.market.then_some(*sector),
            size: sales[firm],
        };
        let offers = self.sector.iter().enumerate().map(offer).collect();
        let mut weights: Vec<Vec<f64>> = self.weights.iter().map(|list| list.to_vec()).collect();
        if !self.own_weights {
            weights.insert(0, sales);
        }
        let markets = vec![0.0; if self.market { sectors } else { 0 }];
        let whole = Part::default();
        let input = Input { firms: n, offers, markets, supplies, wants, weights };
        Ok(System::of_part(input, self.part.unwrap_or(&whole))?)
    }
}

/// The published software's way round a division by zero.
fn or_one(value: f64) -> f64 {
    if value > 0.0 { value } else { 1.0 }
}
