//! The order of things within each layer, so that few edges cross.
//!
//! The layer-by-layer sweep of Sugiyama, Tagawa and Toda (1981) with weighted barycentres, and the
//! transposition step of Gansner, Koutsofios, North and Vo (1993). Cost per sweep: links times the
//! logarithm of a layer, and for transposition links times the degree.

use crate::order::Arrange;

/// A link between an item of one layer and an item of the next.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The item in the left layer.
    pub left: usize,
    /// The item in the right layer.
    pub right: usize,
    /// How much it counts.
    pub weight: f64,
}

/// Items, layers, links.
pub struct Layered {
    /// The items of each layer, from top to bottom.
    pub layers: Vec<Vec<usize>>,
    /// Links between neighbouring layers.
    pub links: Vec<Link>,
    /// Pairs within one layer that should stand close together.
    pub ties: Vec<(usize, usize)>,
}

impl Layered {
    /// Reorders every layer.
    pub fn reduce_crossings(&mut self) {
        let items = self.layers.iter().flatten().copied().max().map_or(0, |last| last + 1);
        let rounds = if items > 1_500 { 6 } else { 24 };
        let sides = Sides::new(items, &self.links, &self.ties);
        let mut best = (cost(&self.layers, &sides), self.layers.clone());
        for reversed in [false, true] {
            let mut layers = self.layers.clone();
            if reversed {
                layers.iter_mut().for_each(|layer| layer.reverse());
            }
            for round in 0..rounds {
                sweep(&mut layers, &sides, round);
                transpose(&mut layers, &sides);
                let cost = cost(&layers, &sides);
                if cost < best.0 {
                    best = (cost, layers.clone());
                }
            }
        }
        self.layers = best.1;
    }
}

/// The neighbours of every item.
struct Sides {
    left: Vec<Vec<(usize, f64)>>,
    right: Vec<Vec<(usize, f64)>>,
    tied: Vec<Vec<usize>>,
}

impl Sides {
    fn new(items: usize, links: &[Link], ties: &[(usize, usize)]) -> Self {
        let mut sides = Sides {
            left: vec![Vec::new(); items],
            right: vec![Vec::new(); items],
            tied: vec![Vec::new(); items],
        };
        for link in links {
            sides.right[link.left].push((link.right, link.weight));
            sides.left[link.right].push((link.left, link.weight));
        }
        for &(a, b) in ties {
            sides.tied[a].push(b);
            sides.tied[b].push(a);
        }
        sides
    }
}

fn positions(layers: &[Vec<usize>], items: usize) -> Vec<usize> {
    let mut position = vec![0; items];
    for layer in layers {
        for (place, &item) in layer.iter().enumerate() {
            position[item] = place;
        }
    }
    position
}

fn sweep(layers: &mut [Vec<usize>], sides: &Sides, round: usize) {
    let count = layers.len();
    let mut position = positions(layers, sides.left.len());
    let rightward = round.is_multiple_of(2);
    for step in 1..count.max(1) {
        let (at, neighbours) = if rightward { (step, &sides.left) } else { (count - 1 - step, &sides.right) };
        sort_layer(&mut layers[at], neighbours, sides, &position, round % 4 >= 2);
        for (place, &item) in layers[at].iter().enumerate() {
            position[item] = place;
        }
    }
}

/// Sorts a layer by the barycentres of its items; items without neighbours keep their places.
fn sort_layer(
    layer: &mut [usize],
    neighbours: &[Vec<(usize, f64)>],
    sides: &Sides,
    position: &[usize],
    ties_backwards: bool,
) {
    let barycentre = |item: usize| -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for &(other, w) in &neighbours[item] {
            sum += position[other] as f64 * w;
            weight += w;
        }
        if weight == 0.0 {
            return None;
        }
        for &other in &sides.tied[item] {
            sum += position[other] as f64 * 0.3;
            weight += 0.3;
        }
        Some(sum / weight)
    };
    let mut moving: Vec<(f64, usize)> =
        layer.iter().filter_map(|&item| barycentre(item).map(|centre| (centre, item))).collect();
    if ties_backwards {
        moving.reverse();
    }
    moving.arrange(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = moving.into_iter();
    for place in layer.iter_mut() {
        if barycentre(*place).is_some()
            && let Some((_, item)) = sorted.next()
        {
            *place = item;
        }
    }
}

/// Swaps neighbours while that removes crossings.
fn transpose(layers: &mut [Vec<usize>], sides: &Sides) {
    let mut position = positions(layers, sides.left.len());
    for _ in 0..6 {
        let mut improved = false;
        for layer in layers.iter_mut() {
            for place in 1..layer.len() {
                let (above, below) = (layer[place - 1], layer[place]);
                let now = pair_crossings(above, below, sides, &position);
                let swapped = pair_crossings(below, above, sides, &position);
                if swapped < now {
                    layer.swap(place - 1, place);
                    position[above] = place;
                    position[below] = place - 1;
                    improved = true;
                }
            }
        }
        if !improved {
            break;
        }
    }
}

/// Crossings between the links of two items when the first stands above the second.
fn pair_crossings(above: usize, below: usize, sides: &Sides, position: &[usize]) -> usize {
    let mut crossings = 0;
    for neighbours in [&sides.left, &sides.right] {
        for &(a, _) in &neighbours[above] {
            for &(b, _) in &neighbours[below] {
                crossings += usize::from(position[a] > position[b]);
            }
        }
    }
    crossings
}

/// Crossings, counted twice, plus how far apart tied items stand.
fn cost(layers: &[Vec<usize>], sides: &Sides) -> usize {
    let position = positions(layers, sides.left.len());
    let mut total = 0;
    for (at, layer) in layers.iter().enumerate() {
        let next = layers.get(at + 1).map_or(0, Vec::len);
        total += 2 * crossings(layer, next, sides, &position);
        for &item in layer {
            let apart = sides.tied[item].iter().map(|&o| position[o].abs_diff(position[item]));
            total += apart.map(|d| d.saturating_sub(1)).sum::<usize>();
        }
    }
    total
}

/// Crossings to the right of a layer, by counting inversions in a Fenwick tree.
fn crossings(layer: &[usize], next: usize, sides: &Sides, position: &[usize]) -> usize {
    let mut tree = vec![0usize; next + 1];
    let (mut seen, mut total) = (0usize, 0usize);
    for &item in layer {
        let mut ends: Vec<usize> = sides.right[item].iter().map(|&(other, _)| position[other]).collect();
        ends.sort_unstable();
        for &end in &ends {
            let (mut not_above, mut i) = (0, end + 1);
            while i > 0 {
                not_above += tree[i];
                i &= i - 1;
            }
            total += seen - not_above;
        }
        for &end in &ends {
            let mut i = end + 1;
            while i <= next {
                tree[i] += 1;
                i += i & i.wrapping_neg();
            }
            seen += 1;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(left: usize, right: usize) -> Link {
        Link { left, right, weight: 1.0 }
    }

    #[test]
    fn counts_crossings() {
        let links = vec![link(0, 3), link(1, 2), link(0, 2), link(1, 3)];
        let sides = Sides::new(4, &links, &[]);
        assert_eq!(cost(&[vec![0, 1], vec![2, 3]], &sides), 2);
    }

    #[test]
    fn untangles_a_planar_graph() {
        let links = vec![link(0, 5), link(1, 4), link(2, 3), link(3, 8), link(4, 7), link(5, 6)];
        let mut graph =
            Layered { layers: vec![vec![0, 1, 2], vec![3, 4, 5], vec![6, 7, 8]], links, ties: vec![] };
        graph.reduce_crossings();
        let sides = Sides::new(9, &graph.links, &[]);
        assert_eq!(cost(&graph.layers, &sides), 0);
    }
}
