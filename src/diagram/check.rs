//! Whether a picture can be drawn: every problem, each with its place.

use std::collections::BTreeSet;
use std::fmt;

use super::picture::{Fill, Layout, Mark, Picture};

/// The most nodes that the embedded layout takes; more cannot be read on any page.
pub const MAX_NODES: usize = 1_000;
/// The most edges that the embedded layout takes.
pub const MAX_EDGES: usize = 3_000;
/// The most tiers that the embedded layout takes.
pub const MAX_TIERS: usize = 40;

/// Something in a [`Picture`] that keeps it from being drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Two nodes have the same id.
    DuplicateNode(String),
    /// An edge refers to a node that does not exist.
    UnknownNode {
        /// The index of the edge.
        edge: usize,
        /// The id that it refers to.
        id: String,
    },
    /// A node stands in a tier that does not exist.
    UnknownTier {
        /// The id of the node.
        node: String,
        /// The tier that it asks for.
        tier: usize,
        /// How many tiers there are.
        tiers: usize,
    },
    /// A weight is not a number between 0 and 1.
    Weight {
        /// The index of the edge, or of the legend item.
        index: usize,
        /// The weight.
        weight: f64,
    },
    /// A heat bin above 4.
    HeatBin(u8),
    /// A link that is neither `http:`, `https:` nor a `#fragment`.
    Url {
        /// The id of the node.
        node: String,
        /// The link.
        url: String,
    },
    /// A pair needs two or three columns.
    PairColumns(usize),
    /// More than the embedded layout takes.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::DuplicateNode(id) => write!(f, "two nodes have the id {id:?}"),
            Problem::UnknownNode { edge, id } => {
                write!(f, "edge {edge} refers to {id:?}, which is not a node of the picture")
            }
            Problem::UnknownTier { node, tier, tiers } => {
                write!(f, "node {node:?} is in tier {tier}, but there are {tiers} tiers")
            }
            Problem::Weight { index, weight } => {
                write!(f, "weight {weight} of edge or legend item {index} is not between 0 and 1")
            }
            Problem::HeatBin(bin) => write!(f, "heat bin {bin} is above 4"),
            Problem::Url { node, url } => {
                write!(f, "link {url:?} of node {node:?} is not http:, https: or a #fragment")
            }
            Problem::PairColumns(n) => write!(f, "a pair has two or three columns, not {n}"),
            Problem::TooMany { what, count, limit } => {
                write!(f, "{count} {what} are more than the {limit} that can be drawn")
            }
        }
    }
}

/// What makes a picture too large for the embedded layout. DOT has no such limit.
pub fn excesses(picture: &Picture) -> Vec<Problem> {
    let sizes = [
        ("nodes", picture.nodes.len(), MAX_NODES),
        ("edges", picture.edges.len(), MAX_EDGES),
        ("tiers", picture.tiers.len(), MAX_TIERS),
    ];
    let over = sizes.into_iter().filter(|&(_, count, limit)| count > limit);
    over.map(|(what, count, limit)| Problem::TooMany { what, count, limit }).collect()
}

/// Every contradiction in a picture, in the order of its parts; empty when it can be drawn.
pub fn problems(picture: &Picture) -> Vec<Problem> {
    let mut found = Vec::new();
    if picture.layout == Layout::Pair && !picture.nodes.is_empty() && !(2..=3).contains(&picture.tiers.len())
    {
        found.push(Problem::PairColumns(picture.tiers.len()));
    }
    let mut ids = BTreeSet::new();
    for node in &picture.nodes {
        if !ids.insert(node.id.as_str()) {
            found.push(Problem::DuplicateNode(node.id.clone()));
        }
        if picture.layout != Layout::Circle && node.tier >= picture.tiers.len() {
            found.push(Problem::UnknownTier {
                node: node.id.clone(),
                tier: node.tier,
                tiers: picture.tiers.len(),
            });
        }
        found.extend(heat_problem(node.fill));
        if let Some(url) = &node.url
            && !is_safe_url(url)
        {
            found.push(Problem::Url { node: node.id.clone(), url: url.clone() });
        }
    }
    for (index, edge) in picture.edges.iter().enumerate() {
        for id in [&edge.from, &edge.to] {
            if !ids.contains(id.as_str()) {
                found.push(Problem::UnknownNode { edge: index, id: id.clone() });
            }
        }
        found.extend(weight_problem(index, edge.weight));
    }
    for (index, item) in picture.legend.iter().enumerate() {
        match item.mark {
            Mark::Node { fill, .. } => found.extend(heat_problem(fill)),
            Mark::Edge { weight, .. } => found.extend(weight_problem(index, weight)),
            Mark::Note => {}
        }
    }
    found
}

fn heat_problem(fill: Fill) -> Option<Problem> {
    match fill {
        Fill::Heat(bin) if bin > 4 => Some(Problem::HeatBin(bin)),
        _ => None,
    }
}

/// Sums of shares may miss 1 by rounding, hence the tolerance.
fn weight_problem(index: usize, weight: f64) -> Option<Problem> {
    let tolerance = 1e-9;
    let fine = weight >= -tolerance && weight <= 1.0 + tolerance;
    (!fine).then_some(Problem::Weight { index, weight })
}

fn is_safe_url(url: &str) -> bool {
    let printable = url.chars().all(|c| !c.is_control() && !c.is_whitespace());
    printable && (url.starts_with("https://") || url.starts_with("http://") || url.starts_with('#'))
}
