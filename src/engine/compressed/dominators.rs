//! Which node lies on every way from a root to another, nearest to that other.

use super::Rows;

/// No node.
const NONE: u32 = u32::MAX;

/// For each node the nearest other node on every way from `root` to it; `None` for the root, and for what it does not reach.
///
/// Cost: nearly one pass over the links, twice over: a depth-first numbering, and the semidominators with path compression.
/// Source: Georgiadis, Tarjan and Werneck, Finding dominators in practice, Journal of Graph Algorithms and
/// Applications 10:69, 2006 (the semi-NCA algorithm).
pub fn immediate_dominators(rows: &Rows, root: u32) -> Vec<Option<u32>> {
    let n = rows.len();
    let mut found = vec![None; n];
    if root as usize >= n {
        return found;
    }
    let (vertex, number, parent) = preorder(rows, root);
    let before = rows.transposed();
    let semi = semidominators(&before, &vertex, &number, &parent);
    // the nearest common ancestor of a node's parent and its semidominator, from the root on
    let mut immediate = parent;
    for at in 1..vertex.len() {
        let mut over = immediate[at];
        while over > semi[at] {
            over = immediate[over as usize];
        }
        immediate[at] = over;
        found[vertex[at] as usize] = Some(vertex[over as usize]);
    }
    found
}

/// Nodes in the order in which a depth-first search from the root enters them, the number of each node in it, and by number
/// the number of the node it was entered from.
fn preorder(rows: &Rows, root: u32) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let mut number = vec![NONE; rows.len()];
    let (mut vertex, mut parent) = (vec![root], vec![0]);
    number[root as usize] = 0;
    let mut way = vec![(root, 0usize)];
    while let Some((node, next)) = way.last_mut() {
        let here = *node;
        let Some(to) = rows.of(here).get(*next) else {
            way.pop();
            continue;
        };
        *next += 1;
        if number[*to as usize] == NONE {
            number[*to as usize] = vertex.len() as u32;
            vertex.push(*to);
            parent.push(number[here as usize]);
            way.push((*to, 0));
        }
    }
    (vertex, number, parent)
}

/// By number: the lowest number from which a way leads to a node over higher numbers alone.
fn semidominators(before: &Rows, vertex: &[u32], number: &[u32], parent: &[u32]) -> Vec<u32> {
    let m = vertex.len() as u32;
    let mut forest = Forest { ancestor: parent.to_vec(), label: (0..m).collect(), semi: (0..m).collect() };
    let mut path = Vec::new();
    for at in (1..m).rev() {
        let mut least = parent[at as usize];
        for from in before.of(vertex[at as usize]) {
            let from = number[*from as usize];
            if from != NONE {
                let best = forest.lowest(from, at + 1, &mut path);
                least = least.min(forest.semi[best as usize]);
            }
        }
        forest.semi[at as usize] = least;
    }
    forest.semi
}

/// Trees of the nodes whose semidominators are known, with paths shortened as they are walked.
struct Forest {
    ancestor: Vec<u32>,
    /// The node with the lowest semidominator on the walked part of the path above.
    label: Vec<u32>,
    semi: Vec<u32>,
}

impl Forest {
    /// The node with the lowest semidominator on the path from a node upward as far as nodes are linked, which are those numbered
    /// `linked` or higher.
    fn lowest(&mut self, node: u32, linked: u32, path: &mut Vec<u32>) -> u32 {
        if node < linked || self.ancestor[node as usize] < linked {
            return self.label[node as usize];
        }
        let mut at = node;
        while self.ancestor[at as usize] >= linked {
            path.push(at);
            at = self.ancestor[at as usize];
        }
        let mut best = self.label[at as usize];
        while let Some(below) = path.pop() {
            self.ancestor[below as usize] = self.ancestor[at as usize];
            let own = self.label[below as usize];
            if self.semi[best as usize] < self.semi[own as usize] {
                self.label[below as usize] = best;
            } else {
                best = own;
            }
            at = below;
        }
        self.label[node as usize]
    }
}
