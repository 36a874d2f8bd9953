//! Graphs in which every uncertain size is drawn from what its sources allow.

use std::collections::BTreeMap;

use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::Graph;
use super::uncertain::{Slot, Uncertain};
use crate::model::{Detail, RelationId, Status};
use crate::scope::Scope;

/// Random numbers of one draw: a counter-based generator, so that a draw depends on its index alone.
#[derive(Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The numbers of one draw.
    pub fn new(seed: u64, draw: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(draw);
        Self(generator)
    }

    /// The numbers of one thing in one draw, whatever else is drawn.
    fn of(seed: u64, draw: u64, key: &[u8; 8]) -> Self {
        let mut whole = [0; 32];
        whole[..8].copy_from_slice(&seed.to_le_bytes());
        whole[8..16].copy_from_slice(key);
        let mut generator = ChaCha8Rng::from_seed(whole);
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

/// Tries to draw shares of one whole that fit into it.
const TRIES: usize = 64;
/// How far the shares of a whole may be above it by rounding.
const SLACK: f64 = 1e-9;

/// A share of a whole.
#[derive(Clone, Debug)]
struct Share {
    slot: Slot,
    /// The number that counts where it is not drawn.
    point: f64,
    /// Its position among the uncertain sizes; nothing where it is certain.
    uncertain: Option<usize>,
}

/// How a graph is drawn: what is uncertain, and which shares must fit into their wholes.
#[derive(Clone, Debug)]
pub struct Draws<'g> {
    graph: &'g Graph,
    uncertain: Vec<Uncertain>,
    /// Names the numbers of each uncertain size: by record and field, so that they hang on nothing else in the dataset.
    keys: Vec<[u8; 8]>,
    /// How many of them are sizes of records that are known on the day.
    known: usize,
    /// Wholes of which a share is uncertain.
    wholes: Vec<Vec<Share>>,
    /// The whole of each uncertain size that is a share of one.
    whole: Vec<Option<usize>>,
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
    /// Finds what is uncertain. Only shares of records that are known in the scope are parts of one whole.
    pub fn new(graph: &'g Graph, scope: &Scope) -> Self {
        let uncertain = graph.uncertain();
        let keys = uncertain.iter().map(|own| key(graph, own)).collect();
        let known = uncertain.iter().filter(|own| is_known(graph, scope, own.slot)).count();
        let position: BTreeMap<Slot, usize> =
            uncertain.iter().enumerate().map(|(at, own)| (own.slot, at)).collect();
        let mut wholes: BTreeMap<String, Vec<Share>> = BTreeMap::new();
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            if !scope.knows(relation) || scope.status_of(relation) == Some(Status::Lapsed) {
                continue;
            }
            let Some((name, key)) = whole_of(graph, scope, id) else { continue };
            let measures = relation.detail.named_measures();
            let Some(at) = measures.iter().position(|(field, _)| *field == name) else { continue };
            let slot = Slot::Measure(id, at);
            let point = measures.get(at).and_then(|(_, measure)| measure.point()).unwrap_or_default();
            let share = Share { slot, point, uncertain: position.get(&slot).copied() };
            wholes.entry(key).or_default().push(share);
        }
        let wholes = wholes.into_values().filter(|whole| whole.iter().any(|share| share.uncertain.is_some()));
        let wholes: Vec<Vec<Share>> = wholes.collect();
        let mut whole = vec![None; uncertain.len()];
        for (at, shares) in wholes.iter().enumerate() {
            for own in shares.iter().filter_map(|share| share.uncertain) {
                if let Some(slot) = whole.get_mut(own) {
                    *slot = Some(at);
                }
            }
        }
        Self { graph, uncertain, keys, known, wholes, whole }
    }

    /// The graph that is drawn from.
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// What is uncertain, in the order of the records.
    pub fn uncertain(&self) -> &[Uncertain] {
        &self.uncertain
    }

    /// How many uncertain sizes stand in records that are known on the day.
    pub fn known(&self) -> usize {
        self.known
    }

    /// The graph of one draw. The same seed and index give the same graph. Shares of one whole that together are more than the
    /// whole are drawn again, and scaled down where they never fit.
    ///
    /// Cost: a copy of the graph.
    pub fn draw(&self, seed: u64, index: u64) -> Drawn {
        let mut streams: Vec<Stream> = self.keys.iter().map(|key| Stream::of(seed, index, key)).collect();
        let free = self.uncertain.iter().zip(&self.whole).zip(&mut streams);
        let free = free.filter(|((_, whole), _)| whole.is_none());
        let mut sizes: Vec<(Slot, f64)> =
            free.map(|((own, _), stream)| (own.slot, own.quantile(stream.unit()))).collect();
        let (mut tried, mut rejected, mut rescaled) = (0, 0, 0);
        for whole in &self.wholes {
            for attempt in 1..=TRIES {
                let drawn: Vec<f64> = whole.iter().map(|share| self.share(share, &mut streams)).collect();
                let sum: f64 = drawn.iter().sum();
                tried += 1;
                let fits = sum <= 1.0 + SLACK;
                if !fits && attempt < TRIES {
                    rejected += 1;
                    continue;
                }
                rescaled += usize::from(!fits);
                let scale = if fits { 1.0 } else { 1.0 / sum };
                let moved = whole.iter().zip(drawn).filter(|(share, _)| !fits || share.uncertain.is_some());
                sizes.extend(moved.map(|(share, value)| (share.slot, value * scale)));
                break;
            }
        }
        Drawn { graph: self.graph.settled(&sizes), tried, rejected, rescaled }
    }

    fn share(&self, share: &Share, streams: &mut [Stream]) -> f64 {
        let own = share.uncertain.and_then(|at| Some((self.uncertain.get(at)?, streams.get_mut(at)?)));
        own.map_or(share.point, |(own, stream)| own.quantile(stream.unit()))
    }

    /// The graph in which these uncertain sizes, by position, are certain. Shares of one whole that are more than the whole with
    /// them make room: the others are scaled down, or all where the given ones alone are too large. Says of how many wholes that
    /// was so.
    ///
    /// Cost: a copy of the graph.
    pub fn with(&self, given: &[(usize, f64)]) -> (Graph, usize) {
        let mut sizes: Vec<(Slot, f64)> =
            given.iter().filter_map(|(at, value)| Some((self.uncertain.get(*at)?.slot, *value))).collect();
        let mut touched: Vec<usize> =
            given.iter().filter_map(|(at, _)| self.whole.get(*at).copied().flatten()).collect();
        touched.sort_unstable();
        touched.dedup();
        let mut squeezed = 0;
        for whole in touched.into_iter().filter_map(|at| self.wholes.get(at)) {
            let value = |share: &Share| {
                let own = given.iter().find(|(at, _)| share.uncertain == Some(*at));
                own.map(|(_, value)| *value)
            };
            let fixed: f64 = whole.iter().filter_map(value).sum();
            let rest: f64 =
                whole.iter().filter(|share| value(share).is_none()).map(|share| share.point).sum();
            if fixed + rest <= 1.0 + SLACK {
                continue;
            }
            squeezed += 1;
            let shrink = (1.0 / fixed.max(1.0), (1.0 - fixed).max(0.0) / rest.max(f64::MIN_POSITIVE));
            sizes.extend(whole.iter().map(|share| match value(share) {
                Some(value) => (share.slot, value * shrink.0),
                None => (share.slot, share.point * shrink.1.min(1.0)),
            }));
        }
        (self.graph.settled(&sizes), squeezed)
    }
}

/// The first bytes of the digest of a size's record and field.
fn key(graph: &Graph, own: &Uncertain) -> [u8; 8] {
    let kind = match own.slot {
        Slot::Measure(..) | Slot::Term(_) => "relation",
        Slot::Attribute(_) => "attribute",
        Slot::Intensity(_) => "intensity",
    };
    let digest = Sha256::digest(format!("{kind}\n{}\n{}", graph.record_of(own.slot), own.field));
    let mut key = [0; 8];
    key.iter_mut().zip(digest).for_each(|(slot, byte)| *slot = byte);
    key
}

/// Whether the record of a size is known in a scope.
fn is_known(graph: &Graph, scope: &Scope, slot: Slot) -> bool {
    match slot {
        Slot::Measure(id, _) | Slot::Term(id) => scope.knows(graph.relation(id)),
        Slot::Attribute(at) => {
            let period = graph.facts().attributes.get(at).and_then(|own| own.period);
            period.is_none_or(|period| period.first() <= scope.as_of)
        }
        Slot::Intensity(_) => true,
    }
}

/// The whole that a relation states a share of: the name of that size, and a key of the whole. Periods and later
/// statements of one pair are wholes of their own, as they replace each other and do not add.
fn whole_of(graph: &Graph, scope: &Scope, id: RelationId) -> Option<(&'static str, String)> {
    let relation = graph.relation(id);
    let since = relation.since.map(|since| since.to_string()).unwrap_or_default();
    match &relation.detail {
        Detail::Supplies { product, share_of_need: Some(_), .. } => {
            let customer = relation.to?;
            let earlier = graph.relations_to(customer).into_iter().filter(|other| {
                let same = graph.relation(*other);
                *other < id
                    && scope.knows(same)
                    && same.from == relation.from
                    && matches!(&same.detail, Detail::Supplies { product: p, share_of_need: Some(_), .. } if p == product)
            });
            Some(("share_of_need", format!("need {} {} {}", customer.0, product.0, earlier.count())))
        }
        Detail::Sells { market, variant, region, period, metric, share: Some(_), .. } => Some((
            "share",
            format!("market {} {variant:?} {region:?} {period:?} {metric:?} {since}", market.0),
        )),
        _ => None,
    }
}
