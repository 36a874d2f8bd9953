//! How much can pass from one node to another when every arc has a capacity.

/// An arc with a capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arc {
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The most that passes it, 0 or more, in any unit; infinite for no limit.
    pub capacity: f64,
}

/// A flow network with what each arc can still take. Arc `2k` is the k-th given, arc `2k + 1` its way back.
pub(super) struct Residual {
    heads: Vec<usize>,
    left: Vec<f64>,
    by_node: Vec<Vec<usize>>,
}

/// Rounding below this part of the largest finite capacity carries nothing.
const NOTICEABLE: f64 = 1e-12;

impl Residual {
    pub(super) fn new(nodes: usize, arcs: &[Arc]) -> Self {
        let mut network = Self { heads: Vec::new(), left: Vec::new(), by_node: vec![Vec::new(); nodes] };
        let largest = arcs.iter().map(|arc| arc.capacity).filter(|c| c.is_finite()).fold(0.0, f64::max);
        for arc in arcs {
            let capacity = if arc.capacity > NOTICEABLE * largest { arc.capacity } else { 0.0 };
            let ends = [(arc.from, arc.to, capacity), (arc.to, arc.from, 0.0)];
            for (from, to, left) in ends {
                if let Some(list) = network.by_node.get_mut(from).filter(|_| to < nodes) {
                    list.push(network.heads.len());
                }
                network.heads.push(to);
                network.left.push(left);
            }
        }
        network
    }

    /// Sends as much as possible from source to sink; infinite where a way without any limit exists.
    pub(super) fn run(&mut self, source: usize, sink: usize) -> f64 {
        let mut total = 0.0;
        if source == sink || source.max(sink) >= self.by_node.len() {
            return total;
        }
        loop {
            let level = self.levels(source);
            if level[sink] == usize::MAX {
                return total;
            }
            let mut next = vec![0; self.by_node.len()];
            while let Some(path) = self.path(source, sink, &level, &mut next) {
                let amount = path.iter().map(|arc| self.left[*arc]).fold(f64::INFINITY, f64::min);
                if amount.is_infinite() {
                    return amount;
                }
                for arc in path {
                    // what remains is kept, not what flows: the narrowest arc ends at exactly 0
                    self.left[arc] -= amount;
                    self.left[arc ^ 1] += amount;
                }
                total += amount;
            }
        }
    }

    /// Steps from the source along arcs that can take more.
    fn levels(&self, source: usize) -> Vec<usize> {
        let mut level = vec![usize::MAX; self.by_node.len()];
        level[source] = 0;
        let mut queue = std::collections::VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for arc in &self.by_node[node] {
                let head = self.heads[*arc];
                if self.left[*arc] > 0.0 && level[head] == usize::MAX {
                    level[head] = level[node] + 1;
                    queue.push_back(head);
                }
            }
        }
        level
    }

    /// A way to the sink along rising levels; dead ends are not looked at twice.
    fn path(&self, source: usize, sink: usize, level: &[usize], next: &mut [usize]) -> Option<Vec<usize>> {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            match self.by_node[node].get(next[node]) {
                Some(arc) => {
                    let head = self.heads[*arc];
                    if self.left[*arc] > 0.0 && level[head] == level[node] + 1 {
                        path.push(*arc);
                        node = head;
                    } else {
                        next[node] += 1;
                    }
                }
                None => {
                    let back = path.pop()?;
                    node = self.heads[back ^ 1];
                    next[node] += 1;
                }
            }
        }
        Some(path)
    }

    /// Nodes that the source still reaches: the source's side of a least cut.
    pub(super) fn source_side(&self, source: usize) -> Vec<bool> {
        self.levels(source).into_iter().map(|level| level != usize::MAX).collect()
    }

    /// What passes over the k-th arc given.
    pub(super) fn carried(&self, arc: usize) -> f64 {
        self.left[2 * arc + 1]
    }
}

/// The most that can pass from source to sink, and what passes over each arc in one such flow.
///
/// Infinite where a way without any limit exists; 0 where there is none. Capacities below a 10^-12th part of the
/// largest count as 0.
///
/// Cost: at most nodes² · arcs, in practice a few passes. Source: Dinitz, Soviet Mathematics Doklady 11:1277, 1970.
pub fn max_flow(nodes: usize, arcs: &[Arc], source: usize, sink: usize) -> (f64, Vec<f64>) {
    let mut network = Residual::new(nodes, arcs);
    let total = network.run(source, sink);
    (total, (0..arcs.len()).map(|arc| network.carried(arc)).collect())
}
