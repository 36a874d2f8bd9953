//! Slow plain versions of graph algorithms: remove it and look, or try all subsets.

use linchpin::structure::{Arc, Digraph, Edge, weak};

/// Number of parts that hang together among the nodes kept.
fn parts(graph: &Digraph, keeps: impl Fn(usize) -> bool) -> usize {
    let labels = weak(&graph.induced(&keeps));
    let mut used: Vec<usize> = (0..graph.len()).filter(|n| keeps(*n)).map(|n| labels[n]).collect();
    used.sort_unstable();
    used.dedup();
    used.len()
}

/// Nodes whose removal leaves more parts.
pub fn articulation(graph: &Digraph) -> Vec<bool> {
    let whole = parts(graph, |_| true);
    let alone = |node: usize| {
        let ends = graph.edges().iter().filter(|e| e.from != e.to);
        !ends.into_iter().any(|e| e.from == node || e.to == node)
    };
    (0..graph.len()).map(|node| parts(graph, |n| n != node) + usize::from(alone(node)) > whole).collect()
}

/// Edges whose removal leaves more parts.
pub fn bridges(graph: &Digraph) -> Vec<usize> {
    let whole = parts(graph, |_| true);
    (0..graph.edges().len())
        .filter(|gone| {
            let kept: Vec<Edge> =
                graph.edges().iter().enumerate().filter(|(id, _)| id != gone).map(|(_, e)| *e).collect();
            parts(&Digraph::new(graph.len(), kept), |_| true) > whole
        })
        .collect()
}

/// Size of the least set of nodes outside `fixed` that parts all of `from` from `to`.
pub fn vertex_cut(graph: &Digraph, from: &[usize], to: usize, fixed: &[usize]) -> Option<usize> {
    let parted = |mask: usize| {
        let left = graph.induced(|n| mask & (1 << n) == 0);
        from.iter().filter(|n| mask & (1 << **n) == 0).all(|start| left.steps_from(*start)[to].is_none())
    };
    (0..1usize << graph.len())
        .filter(|mask| fixed.iter().all(|n| mask & (1 << n) == 0))
        .filter(|mask| parted(*mask))
        .map(|mask| mask.count_ones() as usize)
        .min()
}

/// Capacity of the least cut over all subsets of nodes.
pub fn least_cut(nodes: usize, arcs: &[Arc], source: usize, sink: usize) -> f64 {
    let over = |side: usize| {
        let crosses = |arc: &&Arc| side & (1 << arc.from) != 0 && side & (1 << arc.to) == 0;
        arcs.iter().filter(crosses).map(|arc| arc.capacity).sum::<f64>()
    };
    (0..1usize << nodes)
        .filter(|side| side & (1 << source) != 0 && side & (1 << sink) == 0)
        .map(over)
        .fold(f64::INFINITY, f64::min)
}

/// All ways without a repeated node, as lists of edges.
fn ways(graph: &Digraph, path: &mut Vec<usize>, seen: &mut Vec<usize>, to: usize, out: &mut Vec<Vec<usize>>) {
    let node = *seen.last().unwrap();
    if node == to {
        out.push(path.clone());
        return;
    }
    for (id, edge) in graph.out(node) {
        if !seen.contains(&edge.to) {
            path.push(id);
            seen.push(edge.to);
            ways(graph, path, seen, to, out);
            seen.pop();
            path.pop();
        }
    }
}

/// Costs of all ways without a repeated node; an edge costs its weight.
pub fn simple_routes(graph: &Digraph, from: usize, to: usize) -> Vec<f64> {
    let mut out = Vec::new();
    if from != to {
        ways(graph, &mut Vec::new(), &mut vec![from], to, &mut out);
    }
    out.iter().map(|way| way.iter().fold(0.0, |sum, id| sum + graph.edges()[*id].weight)).collect()
}

/// Shortest-path betweenness from all ways; an edge is as long as 1 / weight, of parallel ones the shortest counts.
pub fn betweenness(graph: &Digraph) -> Vec<f64> {
    let n = graph.len();
    let mut total = vec![0.0; n];
    for from in 0..n {
        for to in (0..n).filter(|to| *to != from) {
            let mut all = Vec::new();
            ways(graph, &mut Vec::new(), &mut vec![from], to, &mut all);
            let length = |way: &Vec<usize>| way.iter().map(|id| 1.0 / graph.edges()[*id].weight).sum::<f64>();
            let shortest = all.iter().map(length).fold(f64::INFINITY, f64::min);
            let mut nodes: Vec<Vec<usize>> = all
                .iter()
                .filter(|way| length(way) < shortest + 1e-9)
                .map(|way| way.iter().map(|id| graph.edges()[*id].to).collect())
                .collect();
            nodes.sort();
            nodes.dedup();
            for way in &nodes {
                for node in way.iter().filter(|node| **node != to) {
                    total[*node] += 1.0 / nodes.len() as f64;
                }
            }
        }
    }
    total
}

/// Least sets of at most `largest` of `n` that stop it, by trying all subsets.
pub fn smallest_sets(n: usize, largest: usize, stops: &impl Fn(&[usize]) -> bool) -> Vec<Vec<usize>> {
    let members = |mask: usize| (0..n).filter(|i| mask & (1 << i) != 0).collect::<Vec<_>>();
    let stopping: Vec<usize> = (0..1usize << n).filter(|mask| stops(&members(*mask))).collect();
    let least = |mask: &&usize| !stopping.iter().any(|other| other != *mask && other & *mask == *other);
    let mut sets: Vec<Vec<usize>> =
        stopping.iter().filter(least).map(|mask| members(*mask)).filter(|set| set.len() <= largest).collect();
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    sets
}
