//! Which nodes lie on every way from one node to another.

use petgraph::algo::dominators::simple_fast;

use super::Digraph;
use super::digraph::node;

/// The dominator tree of the nodes that a root reaches: a node's dominators lie on every way to it.
///
/// Going upstream from a buyer, the graph is the reversed one (customer → supplier) and the buyer the root. All
/// ways count alike: a supplier that one of many inputs needs, and an alternative to another, look the same here.
///
/// Cost: nearly one pass over the edges. Source: Cooper, Harvey and Kennedy, A simple, fast dominance algorithm, 2001.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dominators {
    root: usize,
    immediate: Vec<Option<usize>>,
}

impl Dominators {
    /// Dominators of everything that `root` reaches along the edges.
    pub fn from_root(graph: &Digraph, root: usize) -> Self {
        let mut immediate = vec![None; graph.len()];
        if root < graph.len() {
            let found = simple_fast(&graph.to_petgraph(), node(root));
            for (at, slot) in immediate.iter_mut().enumerate() {
                *slot = found.immediate_dominator(node(at)).map(|index| index.index());
            }
        }
        Self { root, immediate }
    }

    /// The nearest node, other than itself, on every way from the root to it; `None` for the root and for what
    /// the root does not reach.
    pub fn immediate(&self, of: usize) -> Option<usize> {
        self.immediate.get(of).copied().flatten()
    }

    /// All nodes on every way to it, itself left out, nearest first and the root last.
    pub fn strict(&self, of: usize) -> Vec<usize> {
        std::iter::successors(self.immediate(of), |at| self.immediate(*at)).collect()
    }

    /// For each node the number of other nodes whose every way from the root passes it; 0 for most. The root
    /// dominates all that it reaches.
    ///
    /// Cost: the depths of the tree, summed.
    pub fn dominated(&self) -> Vec<usize> {
        let mut count = vec![0; self.immediate.len()];
        for at in 0..self.immediate.len() {
            for over in self.strict(at) {
                count[over] += 1;
            }
        }
        count
    }

    /// The root.
    pub fn root(&self) -> usize {
        self.root
    }
}
