//! Who supplies what to whom, in compressed rows, relative to the normal day.

use thiserror::Error;

/// By how much parts of a whole may sum to more or less than it.
const ROUNDING: f64 = 1e-9;
/// Number of the supplier that nobody knows.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Firms, their inputs and the suppliers of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Inputs of firm `i` are `input_start[i]..input_start[i + 1]`.
    pub(super) input_start: Vec<u32>,
    /// Days of normal use wanted on stock, by input; 0 where the input is used as it is made.
    pub(super) target: Vec<f64>,
    /// Weight of an important input; `None` where it is essential.
    pub(super) weight: Vec<Option<f64>>,
    /// Links of input `k` are `link_start[k]..link_start[k + 1]`.
    pub(super) link_start: Vec<u32>,
    /// Supplier, by link.
    pub(super) supplier: Vec<u32>,
    /// Part of the input, by link.
    pub(super) part: Vec<f64>,
    /// Part of the supplier's output, by link.
    pub(super) sold: Vec<f64>,
    /// Links to the customers of firm `i` are `out[out_start[i]..out_start[i + 1]]`.
    pub(super) out_start: Vec<u32>,
    pub(super) out: Vec<u32>,
    /// Part of the output that goes to final demand, by firm.
    pub(super) demand: Vec<f64>,
}

/// Why a chain makes no sense.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ChainError {
    /// A number is out of its range.
    #[error("{what} {value}: expected {expected}")]
    Number {
        /// What it measures.
        what: &'static str,
        /// The number.
        value: f64,
        /// Its range.
        expected: &'static str,
    },
    /// A link names a firm that is not there.
    #[error("supplier {supplier} of {firms} firms")]
    Supplier {
        /// The number given.
        supplier: usize,
        /// How many firms there are.
        firms: usize,
    },
    /// A firm sells more than it makes.
    #[error("firm {firm} sells {sum} of its output: expected at most 1")]
    Sold {
        /// Which firm, in the order in which they were added.
        firm: usize,
        /// Sum of the parts.
        sum: f64,
    },
    /// The parts of an input add up to more than all of it.
    #[error("the parts of input {input} sum to {sum}: expected at most 1")]
    Parts {
        /// Which input, in the order in which they were added.
        input: usize,
        /// Their sum.
        sum: f64,
    },
}

/// Collects a chain firm by firm: its inputs, and for each input its links.
#[derive(Clone, Debug, Default)]
pub struct ChainBuilder {
    input_start: Vec<u32>,
    target: Vec<f64>,
    weight: Vec<Option<f64>>,
    link_start: Vec<u32>,
    supplier: Vec<u32>,
    part: Vec<f64>,
    sold: Vec<f64>,
}

impl ChainBuilder {
    /// Begins the next firm.
    pub fn firm(&mut self) -> &mut Self {
        self.input_start.push(self.target.len() as u32);
        self
    }

    /// Begins the next input of the firm: days of normal use wanted on stock (at least 1, the length of a step, or 0 for what
    /// is used as it is made, such as electricity), and its weight where it is important and not essential.
    pub fn input(&mut self, target: f64, weight: Option<f64>) -> &mut Self {
        self.link_start.push(self.supplier.len() as u32);
        self.target.push(target);
        self.weight.push(weight);
        self
    }

    /// Adds a supplier of the input: the part of the input that it covers and the part of its output that goes there. What
    /// the suppliers leave comes from the unknown one; what a firm does not sell to firms goes to final demand.
    pub fn link(&mut self, supplier: usize, part: f64, sold: f64) -> &mut Self {
        self.supplier.push(u32::try_from(supplier).unwrap_or(UNKNOWN));
        self.part.push(part);
        self.sold.push(sold);
        self
    }

    /// The chain.
    ///
    /// # Errors
    /// Numbers out of range, unknown suppliers, parts above the whole.
    pub fn build(mut self) -> Result<Chain, ChainError> {
        let firms = self.input_start.len();
        self.check(firms)?;
        let demand = self.final_demand(firms)?;
        self.input_start.push(self.target.len() as u32);
        self.link_start.push(self.supplier.len() as u32);
        self.add_unknown()?;
        let mut out_start = vec![0_u32; firms + 1];
        for supplier in self.supplier.iter().filter(|supplier| **supplier != UNKNOWN) {
            out_start[*supplier as usize + 1] += 1;
        }
        for at in 1..out_start.len() {
            out_start[at] += out_start[at - 1];
        }
        let mut next = out_start.clone();
        let mut out = vec![0; out_start.last().copied().unwrap_or(0) as usize];
        for (link, supplier) in self.supplier.iter().enumerate().filter(|(_, s)| **s != UNKNOWN) {
            let slot = &mut next[*supplier as usize];
            out[*slot as usize] = link as u32;
            *slot += 1;
        }
        let Self { input_start, target, weight, link_start, supplier, part, sold } = self;
        Ok(Chain { input_start, target, weight, link_start, supplier, part, sold, out_start, out, demand })
    }

    fn check(&self, firms: usize) -> Result<(), ChainError> {
        let in_range = |what, values: &[f64], least: f64, most: f64, expected| {
            let bad = values.iter().find(|value| !(**value >= least && **value <= most));
            bad.map_or(Ok(()), |value| Err(ChainError::Number { what, value: *value, expected }))
        };
        let stored: Vec<f64> = self.target.iter().copied().filter(|days| *days != 0.0).collect();
        in_range("days of stock", &stored, 1.0, f64::MAX, "0, or at least 1 day")?;
        in_range("part of an input", &self.part, f64::MIN_POSITIVE, 1.0 + ROUNDING, "above 0, at most 1")?;
        in_range("part of an output", &self.sold, 0.0, 1.0 + ROUNDING, "0 to 1")?;
        let weights: Vec<f64> = self.weight.iter().flatten().copied().collect();
        in_range("weight of an input", &weights, 0.0, 1.0, "0 to 1")?;
        match self.supplier.iter().find(|supplier| **supplier as usize >= firms) {
            Some(supplier) => Err(ChainError::Supplier { supplier: *supplier as usize, firms }),
            None => Ok(()),
        }
    }

    /// What each firm does not sell to firms.
    fn final_demand(&self, firms: usize) -> Result<Vec<f64>, ChainError> {
        let mut sold = vec![0.0; firms];
        for (supplier, part) in self.supplier.iter().zip(&self.sold) {
            sold[*supplier as usize] += part;
        }
        match sold.iter().position(|sum| *sum > 1.0 + ROUNDING) {
            Some(firm) => Err(ChainError::Sold { firm, sum: sold[firm] }),
            None => Ok(sold.into_iter().map(|sum| (1.0 - sum).max(0.0)).collect()),
        }
    }

    /// Gives the rest of each input to the unknown supplier.
    fn add_unknown(&mut self) -> Result<(), ChainError> {
        let inputs = self.target.len();
        let links = self.supplier.len() + inputs;
        let (mut start, mut supplier) = (Vec::with_capacity(inputs + 1), Vec::with_capacity(links));
        let (mut part, mut sold) = (Vec::with_capacity(links), Vec::with_capacity(links));
        for input in 0..inputs {
            let row = self.link_start[input] as usize..self.link_start[input + 1] as usize;
            start.push(supplier.len() as u32);
            let sum: f64 = self.part[row.clone()].iter().sum();
            if sum > 1.0 + ROUNDING {
                return Err(ChainError::Parts { input, sum });
            }
            supplier.extend_from_slice(&self.supplier[row.clone()]);
            part.extend_from_slice(&self.part[row.clone()]);
            sold.extend_from_slice(&self.sold[row]);
            if sum < 1.0 - ROUNDING {
                supplier.push(UNKNOWN);
                part.push(1.0 - sum);
                sold.push(0.0);
            }
        }
        start.push(supplier.len() as u32);
        (self.link_start, self.supplier, self.part, self.sold) = (start, supplier, part, sold);
        Ok(())
    }
}

impl Chain {
    /// Number of firms.
    pub fn firms(&self) -> usize {
        self.demand.len()
    }

    /// Number of inputs of all firms.
    pub fn inputs(&self) -> usize {
        self.target.len()
    }

    /// Number of links, those from the unknown supplier included.
    pub fn links(&self) -> usize {
        self.supplier.len()
    }

    /// The inputs of a firm, by number.
    pub fn inputs_of(&self, firm: usize) -> std::ops::Range<usize> {
        self.input_start[firm] as usize..self.input_start[firm + 1] as usize
    }

    /// The links of an input, by number: in the order in which they were added, the unknown supplier last.
    pub fn links_of(&self, input: usize) -> std::ops::Range<usize> {
        self.link_start[input] as usize..self.link_start[input + 1] as usize
    }

    /// The supplier of a link; `None` for the unknown one.
    pub fn supplier_of(&self, link: usize) -> Option<usize> {
        Some(self.supplier[link]).filter(|supplier| *supplier != UNKNOWN).map(|supplier| supplier as usize)
    }

    /// Links to a firm's customers.
    pub fn customers_of(&self, firm: usize) -> &[u32] {
        &self.out[self.out_start[firm] as usize..self.out_start[firm + 1] as usize]
    }

    /// Part of a firm's output that goes to a link's customer.
    pub fn sold(&self, link: usize) -> f64 {
        self.sold[link]
    }

    /// Part of an input that a link covers.
    pub fn part(&self, link: usize) -> f64 {
        self.part[link]
    }

    /// Part of a firm's output that goes to final demand.
    pub fn final_demand(&self, firm: usize) -> f64 {
        self.demand[firm]
    }

    /// The part of a firm's normal output that goes to firms, summed in the order of the links.
    pub(super) fn sold_to_firms(&self, firm: usize) -> f64 {
        self.customers_of(firm).iter().map(|link| self.sold[*link as usize]).sum()
    }

    /// Whether anything is used as it is made.
    pub(super) fn has_flows(&self) -> bool {
        self.target.contains(&0.0)
    }

    /// Whether an input is used as it is made, so that nobody holds a stock of it.
    pub(super) fn is_flow(&self, input: usize) -> bool {
        self.target[input] == 0.0
    }

    /// The same chain with other days of stock wanted of an input, at least 1.
    pub fn with_target(&self, input: usize, days: f64) -> Self {
        let mut changed = self.clone();
        if let Some(target) = changed.target.get_mut(input) {
            *target = days.max(1.0);
        }
        changed
    }

    /// Days of stock that a firm wants of an input; 0 where it is used as it is made.
    pub fn target(&self, input: usize) -> f64 {
        self.target[input]
    }
}
