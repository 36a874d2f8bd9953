//! Simple cycles for people to read: bounded in length, number and steps, and saying when a bound was met.

use super::Digraph;

/// Cycles as a search found them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cycles {
    /// Each a list of edge ids in order, starting at the edge that leaves its smallest node.
    pub cycles: Vec<Vec<usize>>,
    /// Whether a bound on number or steps cut the list short.
    pub truncated: bool,
}

/// Edges followed before the search gives up; a bound in steps, not in seconds, so that the same graph gives the
/// same list on any machine.
const MOST_STEPS: usize = 20_000_000;

/// Lists simple cycles of 2 to `longest` edges, at most `most` of them, in the order of a depth-first search
/// along edge ids. No node occurs twice in a cycle; parallel edges give a cycle each; self-loops are left out.
///
/// From each start only larger nodes are visited that can still come back within the length left, so that every
/// step can end in a cycle. Cost: a search backwards from each start (nodes times edges at most) and the steps, which are
/// bounded; without that bound exponential in `longest`.
/// Source: the restriction to larger nodes is Tiernan's, Communications of the ACM 13:722, 1970.
pub fn simple_cycles(graph: &Digraph, longest: usize, most: usize) -> Cycles {
    let back = Back { distance: vec![None; graph.len()], touched: Vec::new() };
    let mut search =
        Search { graph, longest, most, steps: 0, looked_back: 0, back, found: Cycles::default() };
    let mut on_path = vec![false; graph.len()];
    for start in 0..graph.len() {
        search.start_at(start, &mut on_path);
        if search.found.truncated {
            break;
        }
    }
    search.found
}

struct Search<'a> {
    graph: &'a Digraph,
    longest: usize,
    most: usize,
    steps: usize,
    /// Edges looked at backwards.
    looked_back: usize,
    back: Back,
    found: Cycles,
}

/// Least number of edges from each node back to a start; kept from start to start, so that each costs what it touches.
struct Back {
    distance: Vec<Option<usize>>,
    touched: Vec<usize>,
}

/// Edges looked at backwards before the search gives up.
const MOST_LOOKED_BACK: usize = 50 * MOST_STEPS;

impl Search<'_> {
    /// Least number of edges from each node to `start` over nodes not smaller than it.
    fn look_back(&mut self, start: usize) {
        let Back { distance, touched } = &mut self.back;
        touched.drain(..).for_each(|node| distance[node] = None);
        distance[start] = Some(0);
        touched.push(start);
        let (mut front, mut steps) = (vec![start], 0);
        while !front.is_empty() && steps < self.longest {
            steps += 1;
            let mut next = Vec::new();
            for node in front {
                for (_, edge) in self.graph.incoming(node) {
                    self.looked_back += 1;
                    if edge.from > start && distance[edge.from].is_none() {
                        distance[edge.from] = Some(steps);
                        touched.push(edge.from);
                        next.push(edge.from);
                    }
                }
            }
            front = next;
        }
        self.found.truncated |= self.looked_back > MOST_LOOKED_BACK;
    }

    /// All cycles whose smallest node is `start`. Keeps its own stack, so that long cycles need no deep calls.
    fn start_at(&mut self, start: usize, on_path: &mut [bool]) {
        let graph = self.graph;
        self.look_back(start);
        let mut path: Vec<usize> = Vec::new();
        let mut stack = vec![graph.out(start)];
        let mut nodes = vec![start];
        on_path[start] = true;
        while let Some(edges) = stack.last_mut() {
            let Some((id, edge)) = edges.next().filter(|_| !self.found.truncated) else {
                stack.pop();
                path.pop();
                if let Some(node) = nodes.pop() {
                    on_path[node] = false;
                }
                continue;
            };
            self.steps += 1;
            if self.steps > MOST_STEPS {
                self.found.truncated = true;
            } else if edge.to == start && !path.is_empty() && path.len() < self.longest {
                if self.found.cycles.len() == self.most {
                    self.found.truncated = true;
                } else {
                    self.found.cycles.push(path.iter().copied().chain([id]).collect());
                }
            } else if edge.to > start && !on_path[edge.to] {
                let used = path.len() + 1;
                if self.back.distance[edge.to].is_some_and(|back| used + back <= self.longest) {
                    on_path[edge.to] = true;
                    path.push(id);
                    nodes.push(edge.to);
                    stack.push(graph.out(edge.to));
                }
            }
        }
    }
}
