//! Graphs in which every uncertain size is drawn from what its sources allow.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::Graph;
use crate::model::{Claim, Detail, Dimension, Estimate, Measure, RelationId, Status};

/// Random numbers of one draw: a counter-based generator, so that a draw depends on its index alone.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The numbers of one draw.
    pub fn new(seed: u64, draw: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(draw);
        Self(generator)
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `end`, which must be above 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.unit() * end as f64) as usize).min(end.saturating_sub(1))
    }
}

/// Mean excess of what is stated as "more than".
pub const EXCESS: f64 = 0.1;
/// Tries to draw shares of one whole that fit into it.
const TRIES: usize = 64;

/// What is assumed for each sort of statement, in words.
pub const ASSUMED: &str = "a plain number is taken as it is; \"about\" is triangular within 10 %; a range is uniform; \"up to\" is \
                           triangular from zero with its peak at the number; \"more than\" exceeds the number by an exponential \
                           tenth of it on average; of several statements one is taken, each as likely; sizes are independent";

/// A size drawn from one statement; nothing where it says nothing.
fn from_estimate(estimate: Estimate, stream: &mut Stream) -> Option<f64> {
    match estimate {
        Estimate::Exact(value) => Some(value),
        Estimate::About(value) => {
            // the difference of two uniform numbers is triangular
            let lean = stream.unit() - stream.unit();
            Some(value * (1.0 + Estimate::ABOUT * lean))
        }
        Estimate::Between(low, high) => Some(low + (high - low) * stream.unit()),
        Estimate::UpTo(value) => Some(value * stream.unit().sqrt()),
        Estimate::AtLeast(value) => Some(value * (1.0 - EXCESS * (1.0 - stream.unit()).ln())),
        Estimate::Unknown => None,
    }
}

/// A size drawn from one of its statements.
fn from_measure(measure: &Measure, stream: &mut Stream) -> Option<f64> {
    let known: Vec<Estimate> =
        measure.claims.iter().map(|claim| claim.estimate).filter(|e| e.point().is_some()).collect();
    let at = if known.len() > 1 { stream.below(known.len()) } else { 0 };
    from_estimate(*known.get(at)?, stream)
}

/// Whether there is anything to draw.
fn is_sure(measure: &Measure) -> bool {
    !measure.is_disputed()
        && measure.claims.iter().all(|c| matches!(c.estimate, Estimate::Exact(_) | Estimate::Unknown))
}

/// Shares of one whole: the relations, and which of their sizes.
type Whole = Vec<(RelationId, usize)>;

/// How a graph is drawn.
#[derive(Clone, Debug)]
pub struct Draws<'g> {
    graph: &'g Graph,
    /// Sizes of relations that are drawn by themselves.
    free: Vec<(RelationId, usize)>,
    /// Attributes that are drawn.
    attributes: Vec<usize>,
    /// Shares that must fit into their wholes.
    wholes: Vec<Whole>,
}

/// A drawn graph, and how hard it was.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The graph; its hash is that of the graph it was drawn from.
    pub graph: Graph,
    /// Sets of shares that were drawn.
    pub tried: usize,
    /// Those that were more than their whole, and drawn again.
    pub rejected: usize,
    /// Wholes whose shares had to be scaled down in the end.
    pub rescaled: usize,
}

impl<'g> Draws<'g> {
    /// Finds what is uncertain.
    pub fn new(graph: &'g Graph) -> Self {
        let mut free = Vec::new();
        let mut wholes: BTreeMap<String, Whole> = BTreeMap::new();
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            let mut detail = relation.detail.clone();
            let lapsed = relation.history.last().is_some_and(|last| last.status == Status::Lapsed);
            let whole = whole_of(graph, id);
            for (at, slot) in detail.sizes_mut().into_iter().enumerate() {
                let Some(measure) = slot.as_ref() else { continue };
                match &whole {
                    Some((place, key)) if *place == at && !lapsed => {
                        wholes.entry(key.clone()).or_default().push((id, at));
                    }
                    _ if !is_sure(measure) => free.push((id, at)),
                    _ => {}
                }
            }
        }
        let sure = |(id, at): &(RelationId, usize)| {
            let mut detail = graph.relation(*id).detail.clone();
            detail.sizes_mut().get(*at).is_none_or(|slot| slot.as_ref().is_none_or(is_sure))
        };
        let wholes = wholes.into_values().filter(|whole| !whole.iter().all(sure)).collect();
        let unsure =
            |attribute: &crate::model::Attribute| attribute.value.as_ref().is_some_and(|m| !is_sure(m));
        let attributes = graph.facts().attributes.iter().enumerate();
        let attributes = attributes.filter(|(_, a)| unsure(a)).map(|(at, _)| at).collect();
        Self { graph, free, attributes, wholes }
    }

    /// How many sizes are drawn.
    pub fn len(&self) -> usize {
        self.free.len() + self.attributes.len() + self.wholes.iter().map(Vec::len).sum::<usize>()
    }

    /// Whether nothing is uncertain.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The graph of one draw. The same seed and index give the same graph.
    ///
    /// Cost: a copy of the graph.
    pub fn draw(&self, seed: u64, index: u64) -> Drawn {
        let mut stream = Stream::new(seed, index);
        let mut facts = self.graph.facts().clone();
        let mut put = |id: RelationId, at: usize, value: f64| {
            if let Some(relation) = facts.relations.get_mut(id.index())
                && let Some(slot) = relation.detail.sizes_mut().get_mut(at)
                && let Some(measure) = slot.as_mut()
            {
                set(measure, value);
            }
        };
        let size = |id: RelationId, at: usize, stream: &mut Stream| {
            let mut detail = self.graph.relation(id).detail.clone();
            let slots = detail.sizes_mut();
            slots.get(at).and_then(|slot| slot.as_ref()).and_then(|m| from_measure(m, stream))
        };
        for (id, at) in &self.free {
            if let Some(value) = size(*id, *at, &mut stream) {
                put(*id, *at, value);
            }
        }
        let (mut tried, mut rejected, mut rescaled) = (0, 0, 0);
        for whole in &self.wholes {
            for attempt in 1..=TRIES {
                let drawn: Vec<Option<f64>> =
                    whole.iter().map(|(id, at)| size(*id, *at, &mut stream)).collect();
                let sum: f64 = drawn.iter().flatten().sum();
                tried += 1;
                let fits = sum <= 1.0 + 1e-9;
                if !fits && attempt < TRIES {
                    rejected += 1;
                    continue;
                }
                rescaled += usize::from(!fits);
                let scale = if fits { 1.0 } else { 1.0 / sum };
                for ((id, at), value) in whole.iter().zip(drawn) {
                    if let Some(value) = value {
                        put(*id, *at, value * scale);
                    }
                }
                break;
            }
        }
        for at in &self.attributes {
            if let Some(measure) = facts.attributes.get_mut(*at).and_then(|a| a.value.as_mut())
                && let Some(value) = from_measure(measure, &mut stream)
            {
                set(measure, value);
            }
        }
        Drawn { graph: self.graph.resized(facts), tried, rejected, rescaled }
    }
}

/// Makes a size certain.
fn set(measure: &mut Measure, value: f64) {
    let value = if measure.dimension == Dimension::Share { value.clamp(0.0, 1.0) } else { value };
    measure.claims = vec![Claim { estimate: Estimate::Exact(value), evidence: None, as_of: None }];
}

/// The whole that a relation states a share of: which of its sizes, and a key of the whole. Periods and later
/// statements of one pair are wholes of their own, as they replace each other and do not add.
fn whole_of(graph: &Graph, id: RelationId) -> Option<(usize, String)> {
    let relation = graph.relation(id);
    let since = relation.since.map(|since| since.to_string()).unwrap_or_default();
    match &relation.detail {
        Detail::Supplies { product, share_of_need: Some(_), .. } => {
            let customer = relation.to?;
            let earlier = graph.relations_to(customer).into_iter().filter(|other| {
                let same = graph.relation(*other);
                *other < id
                    && same.from == relation.from
                    && matches!(&same.detail, Detail::Supplies { product: p, share_of_need: Some(_), .. } if p == product)
            });
            Some((2, format!("need {} {} {}", customer.0, product.0, earlier.count())))
        }
        Detail::Sells { market, variant, region, period, metric, share: Some(_), .. } => {
            Some((0, format!("market {} {variant:?} {region:?} {period:?} {metric:?} {since}", market.0)))
        }
        _ => None,
    }
}
