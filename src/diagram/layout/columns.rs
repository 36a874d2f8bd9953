//! Tiers and pairs: a column per tier, boxes stacked in it, edges through the gaps between.
//!
//! An edge that skips tiers gets a lane through each tier that it skips, so that it never runs
//! through a box. Edges against the tiers are laid out the other way round and thus use lanes too.

use super::coordinates::{self, Extent};
use super::geometry::{Point, Rect};
use super::order::{Layered, Link};
use super::routes::{self, Column};
use super::{Body, NodeText, PlacedTier, Scene, centred_lines};
use crate::diagram::picture::{Layout, Picture, Tier};
use crate::diagram::text::{self, LEADING, SIZE, Weight};

/// The room between a tier's border and its boxes.
const TIER_PADDING: f64 = 7.0;
/// The most lines of a heading.
const HEADING_LINES: usize = 3;

/// Distances that differ between tiers and pairs.
pub(super) struct Spacing {
    /// How wide text in boxes may be.
    text_width: f64,
    /// The least and the greatest distance between the boxes of neighbouring columns.
    gap: (f64, f64),
    /// The distance between boxes in a column.
    room: f64,
    /// The distance between the lines that end at one side of a box, beyond their widths.
    pub(super) port_room: f64,
}

impl Spacing {
    fn new(picture: &Picture) -> Self {
        let tiers = picture.tiers.len();
        if picture.layout == Layout::Pair {
            return Spacing { text_width: 120.0, gap: (220.0, 260.0), room: 30.0, port_room: 26.0 };
        }
        let share = target_width(picture) / tiers.max(1) as f64;
        // few columns leave room for labels between them and for lines that keep apart
        // few boxes leave room for labels between their lines
        let sparse = picture.nodes.len() <= SPARSE.0 && picture.edges.len() <= SPARSE.1;
        let few = tiers <= 4 && !picture.upright;
        Spacing {
            text_width: (share - 66.0).clamp(56.0, 120.0),
            gap: (48.0, if few { 190.0 } else { 120.0 }),
            room: if sparse { 18.0 } else { 9.0 },
            port_room: match (sparse, few) {
                (true, _) => 12.0,
                (_, true) => 5.0,
                _ => 3.0,
            },
        }
    }
}

/// The room for arcs at the outer side of the first or the last column.
const ARC_ROOM: f64 = 40.0;
/// The widths that keep 9 pt text at 7 pt or more on an A4 page, across and upright.
const TARGET_WIDTH: (f64, f64) = (976.0, 660.0);

/// The most boxes and lines of a picture whose lines can stand so far apart that a label fits between them.
const SPARSE: (usize, usize) = (14, 18);

fn target_width(picture: &Picture) -> f64 {
    if picture.upright { TARGET_WIDTH.1 } else { TARGET_WIDTH.0 }
}

pub(super) fn lay_out(scene: &Scene) -> Body {
    let picture = scene.picture;
    let spacing = Spacing::new(picture);
    let widths = text_widths(scene, spacing.text_width);
    let texts: Vec<NodeText> =
        (0..scene.nodes.len()).map(|n| NodeText::new(scene.node(n), widths[scene.node(n).tier])).collect();
    let chains = Chains::new(scene, &spacing, &texts);
    let mut graph = chains.layered(scene);
    graph.reduce_crossings();
    let (y, height) = coordinates::assign(&graph, &chains.extents);

    let columns = columns(scene, &spacing, &texts);
    let rects: Vec<Rect> = (0..scene.nodes.len())
        .map(|n| {
            let column = &columns[scene.node(n).tier];
            let centre = Point::new(column.x + column.width / 2.0, y[n]);
            Rect::around(centre, column.width, chains.extents[n].height)
        })
        .collect();
    let edges = routes::route(scene, &spacing, &chains, &columns, &rects, &y);
    let nodes = (0..scene.nodes.len())
        .map(|n| texts[n].placed(scene.nodes[n], scene.node(n).shape, rects[n]))
        .collect();
    let gap = columns.windows(2).map(|pair| pair[1].x - pair[0].right()).fold(spacing.gap.0, f64::max);
    let label_width = if picture.layout == Layout::Pair { gap * 0.72 } else { (gap * 0.8).max(60.0) };
    Body { tiers: tier_boxes(scene, &columns, height), nodes, edges, label_width, label_lines: 2 }
}

/// How wide the text of each tier may be: as given, or a little more where a word would break.
fn text_widths(scene: &Scene, width: f64) -> Vec<f64> {
    let mut widths = vec![width; scene.picture.tiers.len()];
    for n in 0..scene.nodes.len() {
        let node = scene.node(n);
        let words = [&node.label].into_iter().chain(&node.detail);
        let longest = words.map(|text| text::longest_piece(text, SIZE, Weight::Regular)).fold(0.0, f64::max);
        widths[node.tier] = widths[node.tier].max(longest.min(width * 1.4));
    }
    widths
}

/// The items of the layered graph: the nodes first, then the lanes.
pub(super) struct Chains {
    /// For each edge between different tiers, its items from the left tier to the right one;
    /// empty for an edge within a tier.
    pub(super) items: Vec<Vec<usize>>,
    extents: Vec<Extent>,
    lane_tiers: Vec<usize>,
}

impl Chains {
    fn new(scene: &Scene, spacing: &Spacing, texts: &[NodeText]) -> Self {
        let ports = routes::port_heights(scene, spacing);
        let mut extents: Vec<Extent> = texts
            .iter()
            .zip(ports)
            .map(|(text, ports)| Extent { height: text.height.max(ports), room: spacing.room })
            .collect();
        let mut lane_tiers = Vec::new();
        let mut items = Vec::with_capacity(scene.edges.len());
        for edge in &scene.edges {
            let (from, to) = (scene.node(edge.from).tier, scene.node(edge.to).tier);
            if from == to {
                items.push(Vec::new());
                continue;
            }
            let (left, right) = if from < to { (edge.from, edge.to) } else { (edge.to, edge.from) };
            let mut chain = vec![left];
            for tier in from.min(to) + 1..from.max(to) {
                chain.push(extents.len());
                let height = scene.width_of(edge) + spacing.port_room.max(2.0);
                extents.push(Extent { height, room: 1.0 });
                lane_tiers.push(tier);
            }
            chain.push(right);
            items.push(chain);
        }
        Chains { items, extents, lane_tiers }
    }

    fn layered(&self, scene: &Scene) -> Layered {
        let nodes = scene.nodes.len();
        let mut layers = vec![Vec::new(); scene.picture.tiers.len()];
        for n in 0..nodes {
            layers[scene.node(n).tier].push(n);
        }
        for (lane, &tier) in self.lane_tiers.iter().enumerate() {
            layers[tier].push(nodes + lane);
        }
        let mut links = Vec::new();
        for (edge, chain) in scene.edges.iter().zip(&self.items) {
            let share = 1.0 + 2.0 * scene.picture.edges[edge.index].weight.clamp(0.0, 1.0);
            for pair in chain.windows(2) {
                // Straight lanes read better than straight ends (Gansner et al. 1993).
                let lanes = pair.iter().filter(|&&item| item >= nodes).count();
                let weight = share * [1.0, 2.0, 6.0][lanes];
                links.push(Link { left: pair[0], right: pair[1], weight });
            }
        }
        let within = scene.edges.iter().zip(&self.items).filter(|(_, chain)| chain.is_empty());
        let ties = within.filter(|(e, _)| e.from != e.to).map(|(e, _)| (e.from, e.to)).collect();
        Layered { layers, links, ties }
    }
}

fn columns(scene: &Scene, spacing: &Spacing, texts: &[NodeText]) -> Vec<Column> {
    let tiers = &scene.picture.tiers;
    let mut widths: Vec<f64> =
        tiers.iter().map(|tier| heading_width(tier, spacing.text_width * 1.4)).collect();
    for (n, text) in texts.iter().enumerate() {
        let tier = scene.node(n).tier;
        widths[tier] = widths[tier].max(text.width);
    }
    // Arcs within the first and the last tier reach out of the figure and take room from the gaps.
    let last = tiers.len().saturating_sub(1);
    let arcs = |tier: usize| {
        scene.edges.iter().any(|e| scene.node(e.from).tier == tier && scene.node(e.to).tier == tier)
    };
    let outside = [arcs(0), arcs(last)].into_iter().filter(|&arcs| arcs).count() as f64 * ARC_ROOM;
    let spare = target_width(scene.picture) - outside - widths.iter().sum::<f64>() - 2.0 * TIER_PADDING;
    let gap = (spare / (tiers.len().max(2) - 1) as f64).clamp(spacing.gap.0, spacing.gap.1);
    let mut x = 0.0;
    widths
        .iter()
        .map(|&width| {
            let column = Column { x, width, gap };
            x += width + gap;
            column
        })
        .collect()
}

/// How wide a column has to be for its heading: for its longest word, and for all of it in the lines that it gets.
fn heading_width(tier: &Tier, most: f64) -> f64 {
    let mut width = text::longest_piece(&tier.title, SIZE, Weight::Bold).clamp(30.0, most);
    while width < most && heading_lines(tier, width).last().is_some_and(|line| line.ends_with('…')) {
        width += 4.0;
    }
    width.min(most)
}

fn heading_lines(tier: &Tier, width: f64) -> Vec<String> {
    text::wrap(&tier.title, width + TIER_PADDING, HEADING_LINES, SIZE, Weight::Bold)
}

fn tier_boxes(scene: &Scene, columns: &[Column], height: f64) -> Vec<PlacedTier> {
    let titles: Vec<Vec<String>> = scene
        .picture
        .tiers
        .iter()
        .zip(columns)
        .map(|(tier, column)| heading_lines(tier, column.width))
        .collect();
    let title_height = titles.iter().map(Vec::len).max().unwrap_or(0) as f64 * LEADING;
    let top = -(title_height + 2.0 * TIER_PADDING);
    titles
        .iter()
        .zip(columns)
        .map(|(lines, column)| {
            let rect = Rect {
                x: column.x - TIER_PADDING,
                y: top,
                width: column.width + 2.0 * TIER_PADDING,
                height: height + TIER_PADDING - top,
            };
            let centre = Point::new(rect.centre().x, top + TIER_PADDING * 0.8 + title_height / 2.0);
            PlacedTier { rect, lines: centred_lines(lines, centre, Weight::Bold) }
        })
        .collect()
}
