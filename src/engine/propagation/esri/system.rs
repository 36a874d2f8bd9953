//! A supply network frozen for cascades: numbers and positions only.

use super::channel::Channel;
use super::{Index, Mode};
use crate::part::Part;

/// Part of a market below which it counts as gone.
const GONE: f64 = 1e-12;
/// Size below which the published software takes a market as gone, in the unit of the links.
const GONE_PUBLISHED: f64 = 1e-10;
/// Part of a market below which what is left is added up afresh instead of subtracting what is lost, so
/// that no rounding of the difference decides.
const AFRESH: f64 = 1.0 / 16.0;

/// What a cascade runs on.
#[derive(Clone, Debug)]
pub struct System {
    firms: usize,
    /// The firms whose links are here: all, but where processes share them.
    part: Part,
    /// Links of all processes, downstream and upstream.
    links: (usize, usize),
    pub(super) downstream: Channel,
    pub(super) upstream: Channel,
    /// Offers of firm `i` are `offer_start[i]..offer_start[i + 1]`.
    offer_start: Vec<u32>,
    pub(super) offers: Vec<Offer>,
    pub(super) markets: Vec<Market>,
    /// Offers by market.
    sellers: Vec<u32>,
    /// Offers in no market.
    alone: Vec<u32>,
    /// Weights of the index, one list each; the first decides in the stop rule by total loss.
    pub(super) weights: Vec<Weights>,
    /// The key of each downstream row, as the input gave it.
    slots: Vec<u32>,
}

/// One weight of the index.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub of: Vec<f64>,
    pub total: f64,
}

impl Weights {
    /// The index from sums of weights times losses: of both channels, downstream and upstream.
    pub fn index(&self, sums: [f64; 3]) -> Index {
        let [both, downstream, upstream] = sums.map(|sum| sum / self.total);
        Index { both, downstream, upstream }
    }
}

/// What a firm sells in one market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// Who sells.
    pub firm: u32,
    /// In which market others can take its place; `None` where nobody can.
    pub market: Option<u32>,
    /// Its size in that market.
    pub size: f64,
}

impl Offer {
    /// What of an offer's loss its rivals cannot make up for, 0 to 1, from one over what is left of each market.
    pub(super) fn irreplaceable(&self, inverse: &[f64]) -> f64 {
        match self.market {
            None => 1.0,
            Some(market) => {
                let part = self.size * inverse[market as usize];
                if part < 1.0 { part } else { 1.0 }
            }
        }
    }
}

/// Sellers that can take each other's place.
#[derive(Clone, Debug)]
pub(super) struct Market {
    /// Size of all sellers before any loss, those outside included.
    pub total: f64,
    /// Size of sellers that are not firms of the network and never fail.
    pub outside: f64,
    sellers: std::ops::Range<u32>,
}

impl Market {
    /// What is left of a market after a loss; `None` where it is so little that it is to be added up afresh, seller by seller.
    pub fn without(&self, lost: f64) -> Option<f64> {
        let left = self.total - lost;
        (left >= AFRESH * self.total).then_some(left)
    }

    /// One over what is left of a market, and whether the published rule for a market that is gone took its place.
    pub fn inverse(&self, left: f64, mode: Mode) -> (f64, bool) {
        match mode {
            // a market that nobody has lost anything of has always been as small
            Mode::Compatible(_) if left <= GONE_PUBLISHED => (1.0, left < self.total),
            Mode::Converged(_) if left <= GONE * self.total => (1.0 / f64::MIN_POSITIVE, false),
            _ => (1.0 / left, false),
        }
    }
}

/// One link of the downstream channel: an offer meets part of what a customer needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// Position of the offer.
    pub offer: u32,
    /// Who buys.
    pub customer: u32,
    /// The links of a customer with the same slot add up, and the worst slot binds.
    pub slot: u32,
    /// Share of the customer's output that is lost with the offer.
    pub factor: f64,
}

/// One link of the upstream channel: a customer takes part of what a supplier sells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Want {
    /// Who sells.
    pub supplier: u32,
    /// Who buys.
    pub customer: u32,
    /// Share of the supplier's output that is lost with the customer.
    pub factor: f64,
}

/// The numbers to freeze.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// Number of firms.
    pub firms: usize,
    /// What they sell, in the order of the firms.
    pub offers: Vec<Offer>,
    /// For each market the size of sellers outside the network.
    pub markets: Vec<f64>,
    /// Links of the downstream channel.
    pub supplies: Vec<Supply>,
    /// Links of the upstream channel.
    pub wants: Vec<Want>,
    /// Weights of the index by firm; at least one list.
    pub weights: Vec<Vec<f64>>,
}

/// Why a network cannot be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SystemError {
    /// There is nothing along which a shock could pass.
    #[error("no link has a weight above zero, so that there is nothing to carry a shock along")]
    NoLinks,
    /// The index would be a division by zero.
    #[error("all weights of the index are zero (list {list}), expected at least one above zero")]
    NoWeight {
        /// Which list.
        list: usize,
    },
    /// A number that is negative, infinite or not a number.
    #[error("{what} must be finite and not negative")]
    BadNumber {
        /// Which number.
        what: &'static str,
    },
    /// A position that does not exist, or too many of something.
    #[error("{what} is out of range")]
    OutOfRange {
        /// Which position.
        what: &'static str,
    },
}

impl System {
    /// Checks and freezes a network. Cost: sorting its links.
    ///
    /// # Errors
    /// No links, no weights, numbers that are negative or not finite, positions that do not exist.
    pub fn new(input: Input) -> Result<Self, SystemError> {
        Self::of_part(input, &Part::default())
    }

    /// The same where processes each hold the links of a part of the firms: supplies to its customers and wants of its suppliers.
    /// All else is the same in all of them, and they all call it.
    ///
    /// # Errors
    /// As [`System::new`], in each process by itself.
    pub fn of_part(input: Input, part: &Part) -> Result<Self, SystemError> {
        check(&input, part)?;
        let Input { firms, offers, markets, supplies, wants, weights } = input;
        let mut offer_start = vec![0u32; firms + 1];
        for offer in &offers {
            offer_start[offer.firm as usize + 1] += 1;
        }
        for firm in 0..firms {
            offer_start[firm + 1] += offer_start[firm];
        }
        let mut sellers: Vec<u32> =
            (0..offers.len() as u32).filter(|at| offers[*at as usize].market.is_some()).collect();
        sellers.sort_by_key(|at| (offers[*at as usize].market, *at));
        let alone = (0..offers.len() as u32).filter(|at| offers[*at as usize].market.is_none()).collect();
        let mut next = 0u32;
        let frozen = markets.iter().enumerate().map(|(at, outside)| {
            let begin = next;
            let mut total = 0.0;
            while let Some(offer) = sellers.get(next as usize).map(|seller| &offers[*seller as usize])
                && offer.market == Some(at as u32)
            {
                total += offer.size;
                next += 1;
            }
            Market { total: total + outside, outside: *outside, sellers: begin..next }
        });
        let frozen: Vec<Market> = frozen.collect();
        let mut slots: Vec<(u32, u32)> = supplies.iter().map(|link| (link.customer, link.slot)).collect();
        slots.sort_unstable();
        slots.dedup();
        let links = supplies.iter().map(|link| (link.customer, link.slot, link.offer, link.factor)).collect();
        let downstream = Channel::new(firms, offers.len(), links);
        let links = wants.iter().map(|link| (link.supplier, 0, link.customer, link.factor)).collect();
        let weights = weights.into_iter().map(|of| Weights { total: of.iter().sum(), of });
        let upstream = Channel::new(firms, firms, links);
        let all = |own: &Channel| part.sum(own.links() as u64) as usize;
        Ok(Self {
            firms,
            part: part.clone(),
            links: (all(&downstream), all(&upstream)),
            downstream,
            upstream,
            offer_start,
            offers,
            markets: frozen,
            sellers,
            alone,
            weights: weights.collect(),
            slots: slots.into_iter().map(|(_, slot)| slot).collect(),
        })
    }

    /// Number of firms.
    pub fn firms(&self) -> usize {
        self.firms
    }

    /// Number of links, downstream and upstream, of all processes.
    pub fn links(&self) -> (usize, usize) {
        self.links
    }

    /// The firms whose links are here.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// The offers of a firm.
    pub(super) fn offers_of(&self, firm: usize) -> std::ops::Range<usize> {
        self.offer_start[firm] as usize..self.offer_start[firm + 1] as usize
    }

    /// The slot of a downstream row.
    pub(super) fn slot(&self, row: usize) -> u32 {
        self.slots[row]
    }

    /// The offers in a market.
    pub(super) fn sellers_in(&self, market: &Market) -> &[u32] {
        &self.sellers[market.sellers.start as usize..market.sellers.end as usize]
    }

    /// The offers that are in no market.
    pub(super) fn alone(&self) -> &[u32] {
        &self.alone
    }

    /// What a market's sellers have lost of it, in their order.
    pub(super) fn lost(&self, market: &Market, loss: &[f64]) -> f64 {
        let mut lost = 0.0;
        for seller in self.sellers_in(market) {
            let offer = &self.offers[*seller as usize];
            lost += offer.size * loss[offer.firm as usize];
        }
        lost
    }

    /// What a market has left after such losses.
    pub(super) fn left(&self, market: &Market, lost: f64, loss: &[f64]) -> f64 {
        match market.without(lost) {
            Some(left) => left,
            None => {
                let mut left = 0.0;
                for seller in self.sellers_in(market) {
                    let offer = &self.offers[*seller as usize];
                    left += offer.size * (1.0 - loss[offer.firm as usize]);
                }
                left + market.outside
            }
        }
    }
}

fn check(input: &Input, part: &Part) -> Result<(), SystemError> {
    // the uppermost bit of a position is a mark
    let limit = (u32::MAX >> 1) as usize;
    if input.firms >= limit
        || input.offers.len() >= limit
        || input.supplies.len() >= limit
        || input.wants.len() >= limit
    {
        return Err(SystemError::OutOfRange { what: "the number of firms or links" });
    }
    let known = |at: u32, count: usize, what| {
        if (at as usize) < count { Ok(()) } else { Err(SystemError::OutOfRange { what }) }
    };
    let sound = |value: f64, what| {
        if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(SystemError::BadNumber { what }) }
    };
    let mut last = 0;
    for offer in &input.offers {
        known(offer.firm, input.firms, "the firm of an offer")?;
        known(
            offer.market.unwrap_or(0),
            input.markets.len().max(usize::from(offer.market.is_none())),
            "a market",
        )?;
        sound(offer.size, "the size of an offer")?;
        if offer.firm < last {
            return Err(SystemError::OutOfRange { what: "the order of the offers" });
        }
        last = offer.firm;
    }
    input.markets.iter().try_for_each(|outside| sound(*outside, "the size of sellers outside"))?;
    for link in &input.supplies {
        known(link.offer, input.offers.len(), "the offer of a link")?;
        known(link.customer, input.firms, "the customer of a link")?;
        sound(link.factor, "the weight of a link")?;
    }
    for link in &input.wants {
        known(link.supplier, input.firms, "the supplier of a link")?;
        known(link.customer, input.firms, "the customer of a link")?;
        sound(link.factor, "the weight of a link")?;
    }
    let carries = input.supplies.iter().any(|l| l.factor > 0.0) || input.wants.iter().any(|l| l.factor > 0.0);
    if !part.any(carries) {
        return Err(SystemError::NoLinks);
    }
    if input.weights.is_empty() {
        return Err(SystemError::NoWeight { list: 0 });
    }
    for (list, weights) in input.weights.iter().enumerate() {
        if weights.len() != input.firms {
            return Err(SystemError::OutOfRange { what: "the length of a list of weights" });
        }
        weights.iter().try_for_each(|weight| sound(*weight, "a weight of the index"))?;
        if weights.iter().sum::<f64>() <= 0.0 {
            return Err(SystemError::NoWeight { list });
        }
    }
    Ok(())
}
