//! Which nodes lie on every way from one node to another.

use super::Digraph;
use crate::compressed::immediate_dominators;

/// The dominator tree of the nodes that a root reaches: a node's dominators lie on every way to it.
///
/// Going upstream from a buyer, the graph is the reversed one (customer → supplier) and the buyer the root. All
/// ways count alike: a supplier that one of many inputs needs, and an alternative to another, look the same here.
///
/// Cost: nearly one pass over the edges. Source: Georgiadis, Tarjan and Werneck, Journal of Graph Algorithms and Applications 10:69,
/// 2006.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dominators {
    root: usize,
    immediate: Vec<Option<usize>>,
}

impl Dominators {
    /// Dominators of everything that `root` reaches along the edges.
    pub fn from_root(graph: &Digraph, root: usize) -> Self {
        let found = u32::try_from(root).map(|root| immediate_dominators(&graph.rows(), root));
        let wide = |node: Option<u32>| node.map(|node| node as usize);
        let mut immediate: Vec<Option<usize>> = found.unwrap_or_default().into_iter().map(wide).collect();
        immediate.resize(graph.len(), None);
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
    /// Cost: one pass over the tree.
    pub fn dominated(&self) -> Vec<usize> {
        let n = self.immediate.len();
        let mut below = vec![0usize; n];
        let mut open = vec![0usize; n];
        self.immediate.iter().flatten().for_each(|over| open[*over] += 1);
        // from the leaves up: a node counts once all that hang on it have
        let mut ready: Vec<usize> = (0..n).filter(|at| open[*at] == 0).collect();
        while let Some(at) = ready.pop() {
            let Some(over) = self.immediate[at] else { continue };
            below[over] += below[at] + 1;
            open[over] -= 1;
            if open[over] == 0 {
                ready.push(over);
            }
        }
        below
    }

    /// The root.
    pub fn root(&self) -> usize {
        self.root
    }
}
