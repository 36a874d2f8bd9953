//! What the sources leave open: every size that is not stated plainly, the distribution assumed for it, and the graph in which it is
//! settled.

use super::{Graph, describe};
use crate::model::{Claim, Detail, Dimension, Estimate, Measure, RelationId, Term};
use crate::order::Arrange;

/// Mean excess of what is stated as "more than", as a part of it.
pub const EXCESS: f64 = 0.1;

/// What is assumed for each sort of statement, in words.
pub const ASSUMED: &str = "a plain number is taken as it is; \"about\" is triangular within 10 %; a range is uniform; \"up to\" is \
                           triangular from zero with its peak at the number; \"more than\" exceeds the number by an exponential \
                           tenth of it on average; of several statements one is taken, each as likely; sizes are independent";

/// Where of an open end a swing stops: the quantile of the distribution that is assumed for "more than".
pub const FAR: f64 = 0.95;

/// Where a size stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A measure of a relation, by its position among those that the relation has.
    Measure(RelationId, usize),
    /// The term of a relation.
    Term(RelationId),
    /// The value of an attribute, by position.
    Attribute(usize),
    /// The amount of an intensity, by position.
    Intensity(usize),
}

/// A size that the sources leave open.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertain {
    /// Where it stands.
    pub slot: Slot,
    /// Name of the field.
    pub field: &'static str,
    /// What is measured.
    pub dimension: Dimension,
    /// The statements that say something of it, in the order of the file; never empty.
    pub estimates: Vec<Estimate>,
}

/// The size below which a part `u` of the distribution lies that is assumed for one statement; nothing where it says nothing.
fn quantile(estimate: Estimate, u: f64) -> Option<f64> {
    match estimate {
        Estimate::Exact(value) => Some(value),
        Estimate::About(value) => {
            let lean = if u < 0.5 { (2.0 * u).sqrt() - 1.0 } else { 1.0 - (2.0 * (1.0 - u)).sqrt() };
            Some(value * (1.0 + Estimate::ABOUT * lean))
        }
        Estimate::Between(low, high) => Some(low + (high - low) * u),
        Estimate::UpTo(value) => Some(value * u.sqrt()),
        Estimate::AtLeast(value) => Some(value * (1.0 - EXCESS * (1.0 - u).ln())),
        Estimate::Unknown => None,
    }
}

/// Both ends of one statement; an open end at [`FAR`].
fn ends(estimate: Estimate) -> Option<[f64; 2]> {
    let far = || quantile(estimate, FAR);
    estimate.point()?;
    let range = estimate.interval();
    Some([range.low, range.high.or_else(far)?])
}

impl Uncertain {
    fn of(slot: Slot, field: &'static str, measure: &Measure) -> Option<Self> {
        let known = measure.claims.iter().map(|claim| claim.estimate).filter(|e| e.point().is_some());
        let mut estimates: Vec<Estimate> = known.collect();
        // the same said twice is one statement, and a plain one leaves nothing open
        estimates.dedup();
        let open = match estimates.as_slice() {
            [] | [Estimate::Exact(_)] => false,
            [Estimate::Between(low, high)] => low != high,
            [Estimate::UpTo(value) | Estimate::AtLeast(value) | Estimate::About(value)] => *value != 0.0,
            _ => true,
        };
        open.then(|| Self { slot, field, dimension: measure.dimension.clone(), estimates })
    }

    /// The size below which a part `u` (0 to below 1) of the assumed distribution lies; of several statements each has an equal
    /// part of that.
    pub fn quantile(&self, u: f64) -> f64 {
        let number = self.estimates.len().max(1);
        let place = u * number as f64;
        let at = (place as usize).min(number - 1);
        let estimate = self.estimates.get(at).copied().unwrap_or(Estimate::Unknown);
        self.bounded(quantile(estimate, place - at as f64).unwrap_or_default())
    }

    /// The ends of every statement, each once, in order.
    pub fn ends(&self) -> Vec<f64> {
        let mut ends: Vec<f64> = self.estimates.iter().filter_map(|own| ends(*own)).flatten().collect();
        ends.iter_mut().for_each(|end| *end = self.bounded(*end));
        ends.arrange(f64::total_cmp);
        ends.dedup();
        ends
    }

    /// Whether sources disagree on it.
    pub fn is_disputed(&self) -> bool {
        self.estimates.len() > 1
    }

    /// Whether a statement has no upper end.
    pub fn is_open(&self) -> bool {
        self.estimates.iter().any(|own| own.interval().high.is_none())
    }

    /// A size of it in words.
    pub fn words(&self, value: f64) -> String {
        match self.slot {
            Slot::Term(_) => describe::years(value),
            _ => describe::describe_value(&self.dimension, value),
        }
    }

    fn bounded(&self, value: f64) -> f64 {
        if self.dimension == Dimension::Share { value.clamp(0.0, 1.0) } else { value }
    }
}

/// The term of a relation, where it has one.
fn term_mut(detail: &mut Detail) -> Option<&mut Term> {
    match detail {
        Detail::Supplies { over: term, .. }
        | Detail::Commits { term, .. }
        | Detail::Finances { term, .. }
        | Detail::Hosts { term, .. } => Some(term),
        _ => None,
    }
}

fn term(detail: &Detail) -> Option<Term> {
    match detail {
        Detail::Supplies { over: term, .. }
        | Detail::Commits { term, .. }
        | Detail::Finances { term, .. }
        | Detail::Hosts { term, .. } => Some(*term),
        _ => None,
    }
}

/// Makes a size certain.
fn settle(measure: &mut Measure, value: f64) {
    measure.claims = vec![Claim { estimate: Estimate::Exact(value), evidence: None, as_of: None }];
}

impl Graph {
    /// Every size that the sources leave open, in the order of the records. A size of which nothing is said is not among them.
    pub fn uncertain(&self) -> Vec<Uncertain> {
        let mut found = Vec::new();
        for id in self.relation_ids() {
            let detail = &self.relation(id).detail;
            for (at, (field, measure)) in detail.named_measures().into_iter().enumerate() {
                found.extend(Uncertain::of(Slot::Measure(id, at), field, measure));
            }
            if let Some(Term::Between(low, high)) = term(detail)
                && low != high
            {
                let estimates = vec![Estimate::Between(low, high)];
                found.push(Uncertain {
                    slot: Slot::Term(id),
                    field: "term",
                    dimension: Dimension::Time,
                    estimates,
                });
            }
        }
        for (at, attribute) in self.facts.attributes.iter().enumerate() {
            let value = attribute.value.as_ref();
            found.extend(value.and_then(|value| Uncertain::of(Slot::Attribute(at), "value", value)));
        }
        for (at, intensity) in self.facts.intensities.iter().enumerate() {
            found.extend(Uncertain::of(Slot::Intensity(at), "amount", &intensity.amount));
        }
        found
    }

    /// The key of the record that holds a size.
    pub fn record_of(&self, slot: Slot) -> &str {
        match slot {
            Slot::Measure(id, _) | Slot::Term(id) => &self.relation(id).key,
            Slot::Attribute(at) => self.facts.attributes.get(at).map_or("", |own| &own.key),
            Slot::Intensity(at) => self.facts.intensities.get(at).map_or("", |own| &own.key),
        }
    }

    /// The graph with these sizes certain; its hash stays that of the graph it was made from.
    ///
    /// Cost: a copy of the facts.
    pub fn settled(&self, sizes: &[(Slot, f64)]) -> Self {
        let mut facts = self.facts.clone();
        for (slot, value) in sizes {
            match slot {
                Slot::Measure(id, at) => {
                    if let Some(relation) = facts.relations.get_mut(id.index())
                        && let Some(measure) = relation.detail.measures_mut().into_iter().nth(*at)
                    {
                        settle(measure, *value);
                    }
                }
                Slot::Term(id) => {
                    let detail = facts.relations.get_mut(id.index()).map(|relation| &mut relation.detail);
                    if let Some(term) = detail.and_then(term_mut) {
                        *term = Term::Years(*value);
                    }
                }
                Slot::Attribute(at) => {
                    let attribute = facts.attributes.get_mut(*at).and_then(|own| own.value.as_mut());
                    attribute.into_iter().for_each(|measure| settle(measure, *value));
                }
                Slot::Intensity(at) => {
                    let intensity = facts.intensities.get_mut(*at).map(|own| &mut own.amount);
                    intensity.into_iter().for_each(|measure| settle(measure, *value));
                }
            }
        }
        Self { facts, hash: self.hash.clone(), part: self.part.clone(), index: self.index.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_assumed_distributions() {
        let at = |estimate, u| quantile(estimate, u).unwrap();
        assert_eq!(at(Estimate::Between(2.0, 4.0), 0.25), 2.5);
        // a triangle's density is largest at its peak: 1 % below means sqrt(1 %) of the way up
        assert!((at(Estimate::UpTo(10.0), 0.01) - 1.0).abs() < 1e-12);
        assert_eq!(at(Estimate::About(100.0), 0.5), 100.0);
        assert!((at(Estimate::About(100.0), 0.125) - 95.0).abs() < 1e-12);
        assert!((at(Estimate::About(100.0), 0.875) - 105.0).abs() < 1e-12);
        assert!((at(Estimate::AtLeast(100.0), 1.0 - (-1.0f64).exp()) - 110.0).abs() < 1e-9);
        assert_eq!(quantile(Estimate::Unknown, 0.5), None);
    }

    #[test]
    fn each_of_several_statements_is_as_likely() {
        let measure = Measure {
            dimension: Dimension::Number,
            claims: [Estimate::Exact(1.0), Estimate::Between(2.0, 4.0)]
                .map(|estimate| Claim { estimate, evidence: None, as_of: None })
                .to_vec(),
        };
        let own = Uncertain::of(Slot::Attribute(0), "value", &measure).unwrap();
        assert_eq!([0.0, 0.49, 0.5, 0.75].map(|u| own.quantile(u)), [1.0, 1.0, 2.0, 3.0]);
        assert_eq!(own.ends(), [1.0, 2.0, 4.0]);
    }
}
