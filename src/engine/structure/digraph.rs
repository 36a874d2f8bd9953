//! A directed multigraph in compressed rows.

use crate::compressed::sorted;

/// A directed edge; its position in the list of edges is its id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Where it starts: the supplier.
    pub from: usize,
    /// Where it ends: the customer.
    pub to: usize,
    /// Its strength, above 0; what it measures is for the caller to say.
    pub weight: f64,
}

/// A directed graph whose edges are found from either end; parallel edges and self-loops are allowed.
#[derive(Clone, Debug, Default)]
pub struct Digraph {
    edges: Vec<Edge>,
    out: Rows,
    incoming: Rows,
}

/// Edge ids by node.
#[derive(Clone, Debug, Default)]
struct Rows {
    start: Vec<u32>,
    ids: Vec<u32>,
}

impl Rows {
    fn new(n: usize, edges: &[Edge], end: impl Fn(&Edge) -> usize) -> Self {
        let pairs = edges.iter().enumerate().map(|(id, edge)| (end(edge) as u32, id as u32));
        let (start, ids) = sorted(n, pairs);
        Self { start, ids }
    }

    fn of(&self, node: usize) -> &[u32] {
        match (self.start.get(node), self.start.get(node + 1)) {
            (Some(from), Some(to)) => &self.ids[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

impl Digraph {
    /// A graph of `nodes` nodes, or of as many more as the edges need.
    ///
    /// Cost: one pass over the edges.
    pub fn new(nodes: usize, edges: Vec<Edge>) -> Self {
        let ends = edges.iter().map(|edge| edge.from.max(edge.to) + 1).max().unwrap_or(0);
        let n = nodes.max(ends);
        let out = Rows::new(n, &edges, |edge| edge.from);
        let incoming = Rows::new(n, &edges, |edge| edge.to);
        Self { edges, out, incoming }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.out.start.len().saturating_sub(1)
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All edges, by id.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Edges that leave a node, with their ids, in the order of the ids.
    pub fn out(&self, node: usize) -> impl Iterator<Item = (usize, &Edge)> + '_ {
        self.out.of(node).iter().map(|id| (*id as usize, &self.edges[*id as usize]))
    }

    /// Edges that enter a node, with their ids, in the order of the ids.
    pub fn incoming(&self, node: usize) -> impl Iterator<Item = (usize, &Edge)> + '_ {
        self.incoming.of(node).iter().map(|id| (*id as usize, &self.edges[*id as usize]))
    }

    /// The same graph with every edge turned round; ids stay.
    pub fn reversed(&self) -> Self {
        let turn = |edge: &Edge| Edge { from: edge.to, to: edge.from, weight: edge.weight };
        Self {
            edges: self.edges.iter().map(turn).collect(),
            out: self.incoming.clone(),
            incoming: self.out.clone(),
        }
    }

    /// The least number of edges from `root` to each node along the edges; 0 for itself, `None` where there is
    /// no way.
    ///
    /// Cost: one pass over the edges.
    pub fn steps_from(&self, root: usize) -> Vec<Option<u32>> {
        let mut steps = vec![None; self.len()];
        let Some(slot) = steps.get_mut(root) else { return steps };
        *slot = Some(0);
        let (mut front, mut count) = (vec![root], 0);
        while !front.is_empty() {
            count += 1;
            let mut next = Vec::new();
            for node in front {
                for (_, edge) in self.out(node) {
                    if steps[edge.to].is_none() {
                        steps[edge.to] = Some(count);
                        next.push(edge.to);
                    }
                }
            }
            front = next;
        }
        steps
    }

    /// The graph of the nodes that `keeps` accepts: same nodes, and the edges between accepted ones.
    pub fn induced(&self, keeps: impl Fn(usize) -> bool) -> Self {
        let edges = self.edges.iter().filter(|edge| keeps(edge.from) && keeps(edge.to)).copied().collect();
        Self::new(self.len(), edges)
    }

    /// Where the edges of each node lead, and nothing else.
    pub(super) fn rows(&self) -> crate::compressed::Rows {
        crate::compressed::Rows::new(
            self.len(),
            self.edges.iter().map(|edge| (edge.from as u32, edge.to as u32)),
        )
    }
}
