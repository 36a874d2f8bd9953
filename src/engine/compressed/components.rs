//! Strongly connected components without recursion.

use super::{Rows, sorted};

/// Sets of nodes each of which reaches all others of its set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Components {
    /// Component of each node. A link between two components leads to the lower number.
    of: Vec<u32>,
    start: Vec<u32>,
    members: Vec<u32>,
}

impl Components {
    /// Number of components.
    pub fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The component of a node; a link between two components leads to the lower number.
    pub fn of(&self, node: u32) -> u32 {
        self.of[node as usize]
    }

    /// Members of a component, in rising order.
    pub fn members(&self, component: usize) -> &[u32] {
        &self.members[self.start[component] as usize..self.start[component + 1] as usize]
    }

    /// The place of each node among the members of its component.
    pub fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.of.len()];
        for members in self.iter() {
            (0..).zip(members).for_each(|(place, member)| places[*member as usize] = place);
        }
        places
    }

    /// The members of each component, those first to which links of others lead.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|at| self.members(at))
    }
}

/// Not visited yet.
const NEW: u32 = u32::MAX;

/// Tarjan's algorithm with its stack in a list: for each node on the way its position in its own row.
pub(super) fn strong(rows: &Rows) -> Components {
    let n = rows.len();
    let mut of = vec![NEW; n];
    let mut order = vec![NEW; n];
    let mut low = vec![0u32; n];
    let mut open: Vec<u32> = Vec::new();
    let mut way: Vec<(u32, u32)> = Vec::new();
    let (mut count, mut components) = (0u32, 0u32);
    for root in 0..n as u32 {
        if order[root as usize] != NEW {
            continue;
        }
        way.push((root, 0));
        'way: while let Some((here, next)) = way.last().copied() {
            let at = here as usize;
            if next == 0 {
                order[at] = count;
                low[at] = count;
                count += 1;
                open.push(here);
            }
            let row = rows.of(here);
            for (place, to) in row.iter().enumerate().skip(next as usize) {
                let to = *to as usize;
                if order[to] == NEW {
                    // a node with links never comes back to its first one
                    if let Some((_, next)) = way.last_mut() {
                        *next = place as u32 + 1;
                    }
                    way.push((to as u32, 0));
                    continue 'way;
                }
                if of[to] == NEW {
                    low[at] = low[at].min(order[to]);
                }
            }
            way.pop();
            if let Some((before, _)) = way.last() {
                let before = *before as usize;
                low[before] = low[before].min(low[at]);
            }
            if low[at] == order[at] {
                while let Some(member) = open.pop() {
                    of[member as usize] = components;
                    if member == here {
                        break;
                    }
                }
                components += 1;
            }
        }
    }
    let (start, members) = sorted(components as usize, of.iter().copied().zip(0..n as u32));
    Components { of, start, members }
}
