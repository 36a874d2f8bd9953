//! How far downstream everything stands: trophic levels, which also give the tiers of a supply map.

use super::{Digraph, weak};

/// Levels of all nodes, and how far the graph is from perfect layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Trophic {
    /// Level of each node: in each weakly connected component the lowest is 0, and an edge goes up by 1 on
    /// average. A node without edges stands at 0.
    pub levels: Vec<f64>,
    /// Incoherence F of the whole, 0 (every edge goes up by exactly 1) to 1 (no order at all); `None` without edges.
    pub incoherence: Option<f64>,
    /// Weakly connected component of each node, numbered from 0.
    pub component: Vec<usize>,
    /// Incoherence of each component, by its number.
    pub incoherence_of: Vec<Option<f64>>,
    /// Largest |(Λh - v)_i| / u_i over all nodes: by how much a node may miss the mean of its neighbours.
    pub residual: f64,
    /// Rounds of the solver, over all components.
    pub rounds: usize,
    /// Whether the residual fell below [`SETTLED`].
    pub converged: bool,
}

/// Residual at which levels have settled.
pub const SETTLED: f64 = 1e-12;

/// Trophic levels h by (diag(u) - A - Aᵀ) h = v, where `A[supplier, customer]` sums the weights of the edges,
/// u is the weight in and out of a node and v what comes in less what goes out; and the incoherence
/// F = Σ a_ij (h_j - h_i - 1)² / Σ a_ij.
///
/// Cycles are allowed and no node need be a beginning, unlike in the older definition. Self-loops are left out.
///
/// Cost: conjugate gradients on each component, a pass over the edges a round, usually far fewer rounds than nodes.
/// Source: MacKay, Johnson and Sansom, Royal Society Open Science 7:201138, 2020.
pub fn levels(graph: &Digraph) -> Trophic {
    let n = graph.len();
    let component = weak(graph);
    let parts = component.iter().max().map_or(0, |last| last + 1);
    let mut members = vec![Vec::new(); parts];
    for (node, part) in component.iter().enumerate() {
        members[*part].push(node);
    }
    let system = System::new(graph);
    let mut levels = vec![0.0; n];
    let (mut rounds, mut residual): (usize, f64) = (0, 0.0);
    for nodes in members.iter().filter(|nodes| nodes.len() > 1) {
        system.start(nodes, &mut levels);
        let (used, left) = system.solve(nodes, &mut levels);
        rounds += used;
        residual = residual.max(left);
        let lowest = nodes.iter().map(|node| levels[*node]).fold(f64::INFINITY, f64::min);
        for node in nodes {
            levels[*node] -= lowest;
        }
    }
    let mut sums = vec![(0.0, 0.0); parts];
    for edge in graph.edges().iter().filter(|edge| edge.from != edge.to) {
        let miss = levels[edge.to] - levels[edge.from] - 1.0;
        let sum = &mut sums[component[edge.from]];
        sum.0 += edge.weight * miss * miss;
        sum.1 += edge.weight;
    }
    let part = |(missed, weight): (f64, f64)| (weight > 0.0).then(|| missed / weight);
    let whole = sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    Trophic {
        levels,
        incoherence: part(whole),
        component,
        incoherence_of: sums.into_iter().map(part).collect(),
        residual,
        rounds,
        converged: residual <= SETTLED,
    }
}

/// Λ and v, in the undirected rows of the graph.
struct System {
    /// The other end, the weight, and 1 where the edge goes up to it, -1 where it comes from it.
    rows: Vec<Vec<(usize, f64, f64)>>,
    weight: Vec<f64>,
    surplus: Vec<f64>,
}

impl System {
    fn new(graph: &Digraph) -> Self {
        let n = graph.len();
        let mut system = Self { rows: vec![Vec::new(); n], weight: vec![0.0; n], surplus: vec![0.0; n] };
        for edge in graph.edges().iter().filter(|edge| edge.from != edge.to && edge.weight > 0.0) {
            system.rows[edge.from].push((edge.to, edge.weight, 1.0));
            system.rows[edge.to].push((edge.from, edge.weight, -1.0));
            system.weight[edge.from] += edge.weight;
            system.weight[edge.to] += edge.weight;
            system.surplus[edge.from] -= edge.weight;
            system.surplus[edge.to] += edge.weight;
        }
        system
    }

    /// (Λ x)_node.
    fn apply(&self, node: usize, x: &[f64]) -> f64 {
        let neighbours: f64 = self.rows[node].iter().map(|(other, weight, _)| weight * x[*other]).sum();
        self.weight[node] * x[node] - neighbours
    }

    /// A first guess: one up or down for each edge of a spanning tree. Exact where layers are perfect, and near
    /// enough elsewhere that long thin chains settle.
    fn start(&self, nodes: &[usize], h: &mut [f64]) {
        let Some(root) = nodes.first() else { return };
        let mut seen = vec![false; h.len()];
        let mut queue = std::collections::VecDeque::from([*root]);
        seen[*root] = true;
        while let Some(node) = queue.pop_front() {
            for (other, _, up) in &self.rows[node] {
                if !std::mem::replace(&mut seen[*other], true) {
                    h[*other] = h[node] + up;
                    queue.push_back(*other);
                }
            }
        }
    }

    /// Conjugate gradients, scaled by the diagonal, started again from the true residual as long as that helps.
    fn solve(&self, nodes: &[usize], h: &mut [f64]) -> (usize, f64) {
        const STARTS: usize = 4;
        let most = 10 * nodes.len() + 100;
        let (mut rounds, mut best) = (0, f64::INFINITY);
        for _ in 0..STARTS {
            let mut left = vec![0.0; h.len()];
            for node in nodes {
                left[*node] = self.surplus[*node] - self.apply(*node, h);
            }
            let now = self.worst(nodes, &left);
            if now <= SETTLED * 1e-2 || now >= best {
                return (rounds, now);
            }
            best = now;
            rounds += self.correct(nodes, left, h, most);
        }
        let miss = |node: &usize| (self.surplus[*node] - self.apply(*node, h)).abs() / self.weight[*node];
        (rounds, nodes.iter().map(miss).fold(0.0, f64::max))
    }

    fn worst(&self, nodes: &[usize], left: &[f64]) -> f64 {
        nodes.iter().map(|node| left[*node].abs() / self.weight[*node]).fold(0.0, f64::max)
    }

    fn correct(&self, nodes: &[usize], mut left: Vec<f64>, h: &mut [f64], most: usize) -> usize {
        let target = SETTLED * 1e-3;
        let scaled = |left: &[f64], node: usize| left[node] / self.weight[node];
        let mut way = vec![0.0; h.len()];
        for node in nodes {
            way[*node] = scaled(&left, *node);
        }
        let mut energy: f64 = nodes.iter().map(|node| left[*node] * scaled(&left, *node)).sum();
        let mut image = vec![0.0; h.len()];
        for round in 0..most {
            if self.worst(nodes, &left) <= target {
                return round;
            }
            for node in nodes {
                image[*node] = self.apply(*node, &way);
            }
            let slope: f64 = nodes.iter().map(|node| way[*node] * image[*node]).sum();
            if slope <= 0.0 || energy <= 0.0 {
                return round;
            }
            let step = energy / slope;
            for node in nodes {
                h[*node] += step * way[*node];
                left[*node] -= step * image[*node];
            }
            let next: f64 = nodes.iter().map(|node| left[*node] * scaled(&left, *node)).sum();
            let turn = next / energy;
            energy = next;
            for node in nodes {
                way[*node] = scaled(&left, *node) + turn * way[*node];
            }
        }
        most
    }
}
