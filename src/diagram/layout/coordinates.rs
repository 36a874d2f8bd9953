//! The heights at which the items of each layer stand.
//!
//! Every item wants to stand level with the items that it is linked to. For one layer, with the
//! order and the distances to be kept, the best least-squares answer is an isotonic regression,
//! found exactly in linear time by pooling adjacent violators (Ayer et al. 1955). Sweeping over the
//! layers makes it good for all of them. The figure never grows beyond its highest layer.

use super::order::Layered;

/// What the sweep needs to know of an item.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Its height.
    pub height: f64,
    /// The room above and below it; between two items the larger room counts.
    pub room: f64,
}

/// The vertical centre of every item, the top of the figure at 0, and the height of the figure.
pub fn assign(graph: &Layered, extents: &[Extent]) -> (Vec<f64>, f64) {
    let mut neighbours: Vec<Vec<(usize, f64, bool)>> = vec![Vec::new(); extents.len()];
    for link in &graph.links {
        neighbours[link.left].push((link.right, link.weight, true));
        neighbours[link.right].push((link.left, link.weight, false));
    }
    let offsets: Vec<Vec<f64>> = graph.layers.iter().map(|layer| stacked(layer, extents)).collect();
    let stack_height = |layer: &[usize], offsets: &[f64]| match (layer.first(), layer.last(), offsets.last())
    {
        (Some(&first), Some(&last), Some(&offset)) => {
            extents[first].height / 2.0 + offset + extents[last].height / 2.0
        }
        _ => 0.0,
    };
    let height = graph
        .layers
        .iter()
        .zip(&offsets)
        .map(|(layer, offsets)| stack_height(layer, offsets))
        .fold(0.0, f64::max);
    let mut y = vec![0.0; extents.len()];
    for (layer, offsets) in graph.layers.iter().zip(&offsets) {
        let top = (height - stack_height(layer, offsets)) / 2.0;
        for (&item, offset) in layer.iter().zip(offsets) {
            y[item] = top + extents[layer[0]].height / 2.0 + offset;
        }
    }
    let count = graph.layers.len();
    for round in 0..24 {
        for step in 0..count {
            let at = if round % 2 == 0 { step } else { count - 1 - step };
            let layer = &graph.layers[at];
            if layer.is_empty() {
                continue;
            }
            let looks = |right: bool| round >= 8 || right == (round % 2 == 1);
            let wishes: Vec<(f64, f64)> =
                layer.iter().map(|&item| wish(item, &neighbours[item], &y, looks)).collect();
            let low = extents[layer[0]].height / 2.0;
            let span = height - stack_height(layer, &offsets[at]);
            let fitted = fit(&wishes, &offsets[at], low, low + span);
            for (&item, value) in layer.iter().zip(fitted) {
                y[item] = value;
            }
        }
    }
    (y, height)
}

/// The distance of each item's centre from the centre of the first.
fn stacked(layer: &[usize], extents: &[Extent]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(layer.len());
    for (place, &item) in layer.iter().enumerate() {
        if place > 0 {
            let (above, here) = (extents[layer[place - 1]], extents[item]);
            offset += above.height / 2.0 + above.room.max(here.room) + here.height / 2.0;
        }
        offsets.push(offset);
    }
    offsets
}

/// Where an item would like to stand and how much it cares.
fn wish(
    item: usize,
    neighbours: &[(usize, f64, bool)],
    y: &[f64],
    looks: impl Fn(bool) -> bool,
) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    for &(other, w, right) in neighbours {
        if looks(right) {
            sum += y[other] * w;
            weight += w;
        }
    }
    if weight > 0.0 { (sum / weight, weight) } else { (y[item], 0.05) }
}

/// The heights nearest to the wishes that keep the offsets and stay between `low` and, for the
/// first item, `high`.
fn fit(wishes: &[(f64, f64)], offsets: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (&(target, weight), offset) in wishes.iter().zip(offsets) {
        let mut block = (target - offset, weight, 1);
        while let Some(&(value, w, count)) = blocks.last() {
            if value <= block.0 {
                break;
            }
            let total = w + block.1;
            block = ((value * w + block.0 * block.1) / total, total, count + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let values = blocks.iter().flat_map(|&(value, _, count)| std::iter::repeat_n(value, count));
    values.zip(offsets).map(|(value, offset)| value.min(high).max(low) + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_items_that_want_the_same_place() {
        let fitted = fit(&[(50.0, 1.0), (50.0, 1.0)], &[0.0, 20.0], 0.0, 100.0);
        assert_eq!(fitted, [40.0, 60.0]);
    }

    #[test]
    fn stays_inside() {
        let fitted = fit(&[(-30.0, 1.0), (500.0, 1.0)], &[0.0, 20.0], 10.0, 60.0);
        assert_eq!(fitted, [10.0, 80.0]);
    }
}
