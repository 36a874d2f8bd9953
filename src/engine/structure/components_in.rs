//! What hangs together in a graph of which every process holds the edges of its own nodes.

use std::collections::BTreeMap;

use super::Digraph;
use super::web::Web;
use crate::part::{Numbers, Part};

/// [`super::weak`] of a graph of which every process holds all edges of its own nodes; each gets the components of all nodes.
///
/// Every process joins what its own edges tie, and hands the sets on to another, which joins them with its own; the last one tells the
/// result back on the same ways.
///
/// Cost: one pass over the edges, and 2 log₂ p rounds for p processes, however long chains are. In half of them a process sends what it has to one
/// other: 8 bytes for each node that is not alone.
pub fn weak(part: &Part, graph: &Digraph) -> Vec<usize> {
    let mut sets = Sets((0..graph.len() as u32).collect());
    graph.edges().iter().for_each(|edge| sets.join(edge.from as u32, edge.to as u32));
    let (own, all) = (part.process(), part.processes());
    let mut send = |sends: bool, to: usize| {
        let mut parcels = vec![Vec::new(); all];
        if let Some(parcel) = parcels.get_mut(to).filter(|_| sends) {
            *parcel = sets.told();
        }
        part.exchange(parcels).iter().for_each(|bytes| sets.hear(bytes));
    };
    let mut far = 1;
    while far < all {
        send(own % (2 * far) == far, own.wrapping_sub(far));
        far *= 2;
    }
    while far > 1 {
        far /= 2;
        send(own.is_multiple_of(2 * far), own + far);
    }
    let mut label = vec![0; graph.len()];
    let mut count = 0;
    for node in 0..graph.len() {
        // the first node of a set stands for it
        let first = sets.first(node as u32) as usize;
        label[node] = if first == node { count } else { label[first] };
        count += usize::from(first == node);
    }
    label
}

/// Disjoint sets, each a tree whose root is its smallest member. (Galler and Fischer, Communications of the ACM 7:301, 1964.)
struct Sets(Vec<u32>);

impl Sets {
    /// The smallest member of the set of a node.
    fn first(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            let above = self.0[self.0[node as usize] as usize];
            self.0[node as usize] = above;
            node = above;
        }
        node
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other) as usize] = one.min(other);
    }

    /// Nodes that are not the smallest of their set, each with that.
    fn told(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for node in 0..self.0.len() as u32 {
            let first = self.first(node);
            if first != node {
                bytes.extend(node.to_le_bytes());
                bytes.extend(first.to_le_bytes());
            }
        }
        bytes
    }

    fn hear(&mut self, bytes: &[u8]) {
        let mut heard = Numbers(bytes);
        let known = self.0.len() as u32;
        while let (Some(node), Some(first)) = (heard.half(), heard.half()) {
            if node < known && first < known {
                self.join(node, first);
            }
        }
    }
}

/// [`super::strong`] of a graph of which every process holds all edges of its own nodes; each gets all components.
///
/// Nodes that nothing comes to, or goes from, are taken out until none is. Each that is left is marked by the largest in a random order of those
/// that reach it; who reaches the node that marks it belongs to that node's component. The others go on the same way, but among those
/// of equal marks alone, as a component has one mark. Of n components in a row about log n rounds of marking are expected.
///
/// Cost: a pass over the edges for each marking, and for each as many rounds as a mark has to pass borders of processes; in a round a
/// process sends 12 bytes at most to each other for each own node that has an edge there and whose mark has changed. Sources: colouring, Orzan,
/// On distributed verification and verified distribution, thesis, Vrije Universiteit Amsterdam, 2004; trimming, McLendon, Hendrickson, Plimpton
/// and Rauchwerger, Journal of Parallel and Distributed Computing 65:901, 2005.
pub fn strong(part: &Part, graph: &Digraph) -> Vec<Vec<usize>> {
    let mut core = Core {
        graph,
        part,
        web: Web::new(part, graph),
        own: part.own(graph.len()).map(|node| node as u32).collect(),
        mark: vec![1.0; graph.len()],
    };
    // the mark of a node's component; below 0 where an edge ties the node to itself
    let mut label = vec![0.0; graph.len()];
    for edge in graph.edges().iter().filter(|edge| edge.from == edge.to) {
        label[edge.to] = -rank(edge.to as u32);
    }
    loop {
        core.trim();
        if !part.any(core.own.iter().any(|node| core.is_open(*node as usize))) {
            break;
        }
        core.mark(&mut label);
    }
    part.complete(&mut label);
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (node, label) in label.iter().enumerate().filter(|(_, label)| **label != 0.0) {
        groups.entry(label.abs() as u64).or_default().push(node);
    }
    let loops = |nodes: &Vec<usize>| nodes.len() > 1 || nodes.iter().any(|node| label[*node] < 0.0);
    let mut all: Vec<Vec<usize>> = groups.into_values().filter(loops).collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    all
}

/// The place of a node in an order that looks random, from 1: a different one for each node.
fn rank(node: u32) -> f64 {
    // the last steps of MurmurHash3 (Appleby), each of which can be undone
    let mixed = (node ^ (node >> 16)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    f64::from(mixed ^ (mixed >> 16)) + 1.0
}

/// What is left to be told apart.
struct Core<'g> {
    graph: &'g Digraph,
    part: &'g Part,
    web: Web,
    own: Vec<u32>,
    /// Nodes of different marks are in different components; 0 for those whose component is known. Of own nodes and near ones.
    mark: Vec<f64>,
}

impl Core<'_> {
    fn is_open(&self, node: usize) -> bool {
        self.mark[node] > 0.0
    }

    /// Whether an edge can lie in a component that is not known yet.
    fn counts(&self, from: usize, to: usize) -> bool {
        from != to && self.is_open(from) && self.mark[from] == self.mark[to]
    }

    fn customers(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.graph.out(node).map(|(_, edge)| edge.to).filter(move |other| self.counts(node, *other))
    }

    fn suppliers(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.graph.incoming(node).map(|(_, edge)| edge.from).filter(move |other| self.counts(node, *other))
    }

    /// Takes out who has no supplier or no customer left.
    fn trim(&mut self) {
        let n = self.graph.len();
        let (mut into, mut out_of, mut gone) = (vec![0u32; n], vec![0u32; n], vec![0.0; n]);
        let mut open = Vec::new();
        for node in self.own.iter().copied().filter(|node| self.is_open(*node as usize)) {
            let at = node as usize;
            (into[at], out_of[at]) = (self.suppliers(at).count() as u32, self.customers(at).count() as u32);
            if into[at] == 0 || out_of[at] == 0 {
                gone[at] = 1.0;
                open.push(node);
            }
        }
        self.web.spread(&mut gone, open, |node, gone, open| {
            let lose = |left: &mut [u32], other: usize, gone: &mut [f64], open: &mut Vec<u32>| {
                left[other] -= 1;
                if left[other] == 0 && gone[other] == 0.0 {
                    gone[other] = 1.0;
                    open.push(other as u32);
                }
            };
            for other in self.customers(node as usize).filter(|other| self.part.holds(*other)) {
                lose(&mut into, other, gone, open);
            }
            for other in self.suppliers(node as usize).filter(|other| self.part.holds(*other)) {
                lose(&mut out_of, other, gone, open);
            }
        });
        for node in self.own.iter().chain(&self.web.near) {
            if gone[*node as usize] > 0.0 {
                self.mark[*node as usize] = 0.0;
            }
        }
    }

    /// Marks who is left anew, and labels the components of those who mark.
    fn mark(&mut self, label: &mut [f64]) {
        let n = self.graph.len();
        let mut mark = vec![0.0; n];
        let open: Vec<u32> = self.own.iter().copied().filter(|node| self.is_open(*node as usize)).collect();
        open.iter().for_each(|node| mark[*node as usize] = rank(*node));
        self.web.spread(&mut mark, open.clone(), |node, mark, open| {
            let own = mark[node as usize];
            for other in self.customers(node as usize).filter(|other| self.part.holds(*other)) {
                if mark[other] < own {
                    mark[other] = own;
                    open.push(other as u32);
                }
            }
        });
        let mut back = vec![0.0; n];
        let roots: Vec<u32> =
            open.iter().copied().filter(|node| mark[*node as usize] == rank(*node)).collect();
        roots.iter().for_each(|node| back[*node as usize] = 1.0);
        self.web.spread(&mut back, roots, |node, back, open| {
            let of = mark[node as usize];
            for other in self.suppliers(node as usize).filter(|other| self.part.holds(*other)) {
                if mark[other] == of && back[other] == 0.0 {
                    back[other] = 1.0;
                    open.push(other as u32);
                }
            }
        });
        for node in open {
            let at = node as usize;
            if back[at] > 0.0 {
                let is_loop = label[at] < 0.0;
                label[at] = if is_loop { -mark[at] } else { mark[at] };
            }
        }
        for node in self.own.iter().chain(&self.web.near) {
            let at = *node as usize;
            let known = !self.is_open(at) || back[at] > 0.0;
            self.mark[at] = if known { 0.0 } else { mark[at] };
        }
    }
}
