//! A figure as data: what is to be drawn, not where.
//!
//! A view fills a [`Picture`] from an answer; [`crate::diagram::render`] draws it. Nothing in
//! here knows suppliers or chokepoints: those words live in the views.

/// One figure: nodes in tiers or on a circle, edges between them, and the words around them.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The headline, drawn above the figure and used as the title of the SVG document.
    pub title: String,
    /// Lines under the figure: as-of date, what width means, file hash, version.
    pub caption: Vec<String>,
    /// Alternative text for readers who cannot see the figure; generated when absent.
    pub alt: Option<String>,
    /// What the marks mean, in the order in which they are listed.
    pub legend: Vec<LegendItem>,
    /// How nodes are arranged.
    pub layout: Layout,
    /// Whether tiers are laid out for an upright page, narrow and high, and not for one across.
    pub upright: bool,
    /// The tiers from left (upstream) to right (focal). Unused by [`Layout::Circle`].
    pub tiers: Vec<Tier>,
    /// The nodes. Their order matters for [`Layout::Circle`] only.
    pub nodes: Vec<Node>,
    /// The edges. Their order does not matter.
    pub edges: Vec<Edge>,
}

/// How the nodes of a [`Picture`] are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// A column per tier, upstream left; edges run from left to right.
    Tiers,
    /// Two parties face to face ("interlocking gears"): a column each, or three with a third
    /// party in between. Edges run both ways on equal terms and there is room for their labels.
    Pair,
    /// The nodes stand on a circle, clockwise from the top in the order given: a loop.
    Circle,
}

/// A column of the figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its heading.
    pub title: String,
}

impl Tier {
    /// A tier with this heading.
    pub fn new(title: impl Into<String>) -> Self {
        Tier { title: title.into() }
    }
}

/// One box of the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// A stable key, unique within the picture; edges refer to it. It is never printed.
    pub id: String,
    /// The name in the box.
    pub label: String,
    /// Further lines in the box, such as `stop loss 82 %`.
    pub detail: Vec<String>,
    /// A text that the box has room for, so that figures that differ in their numbers alone have the same places.
    pub room: Option<String>,
    /// The index of its tier in [`Picture::tiers`]; ignored by [`Layout::Circle`].
    pub tier: usize,
    /// The outline.
    pub shape: Shape,
    /// What the colour stands for.
    pub fill: Fill,
    /// Whether the border is drawn thick.
    pub thick: bool,
    /// Whether the border is dashed: inferred or aggregated.
    pub dashed: bool,
    /// Text shown when the pointer rests on the box.
    pub tooltip: Option<String>,
    /// Where a click leads: `http:`, `https:` or a `#fragment`.
    pub url: Option<String>,
}

impl Node {
    /// A plain rounded node in the given tier.
    pub fn new(id: impl Into<String>, label: impl Into<String>, tier: usize) -> Self {
        Node {
            id: id.into(),
            label: label.into(),
            detail: Vec::new(),
            room: None,
            tier,
            shape: Shape::Rounded,
            fill: Fill::Neutral,
            thick: false,
            dashed: false,
            tooltip: None,
            url: None,
        }
    }
}

/// The outline of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A rectangle.
    Box,
    /// A rectangle with rounded corners.
    Rounded,
    /// A rectangle with cut corners: a chokepoint (dominator).
    Octagon,
    /// An ellipse.
    Ellipse,
    /// A box that ends in a point on both sides.
    Hexagon,
    /// A drum: stocks and reserves.
    Cylinder,
}

/// What the colour of a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fill {
    /// Nothing: white.
    Neutral,
    /// The kind of thing, by index into the colours of the palette (it wraps around). A small mark
    /// on the border says the same without colour.
    Kind(u8),
    /// A colour of the palette beside a form, a stroke or a text that says the same: no mark.
    Hue(u8),
    /// A bin of a sequential scale, 0 (least) to 4 (most).
    Heat(u8),
    /// The node that the figure is about.
    Focus,
    /// Several nodes folded into one ("12 others").
    Group,
}

/// One arrow of the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The [`Node::id`] that it leaves.
    pub from: String,
    /// The [`Node::id`] that it reaches.
    pub to: String,
    /// Text printed on it; may be empty.
    pub label: String,
    /// A share between 0 and 1 that sets the width: 1 + 4 · weight points.
    pub weight: f64,
    /// The stroke.
    pub line: Line,
    /// What flows along it.
    pub flow: Flow,
    /// Text shown when the pointer rests on it.
    pub tooltip: Option<String>,
}

impl Edge {
    /// A thin solid edge without a label.
    pub fn new(from: impl Into<String>, to: impl Into<String>, flow: Flow) -> Self {
        Edge {
            from: from.into(),
            to: to.into(),
            label: String::new(),
            weight: 0.0,
            line: Line::Solid,
            flow,
            tooltip: None,
        }
    }

    /// The width of its line in points.
    pub fn width(&self) -> f64 {
        1.0 + 4.0 * self.weight.clamp(0.0, 1.0)
    }
}

/// The stroke of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// Stated by a source.
    Solid,
    /// Inferred or aggregated.
    Dashed,
    /// Announced or conditional.
    Dotted,
}

/// What flows along an edge. Sets its colour and the form of its arrow head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Goods and services.
    Supply,
    /// Money.
    Capital,
    /// Computing power.
    Compute,
    /// Shares and control.
    Ownership,
    /// Electricity.
    Power,
    /// A loss that spreads.
    Loss,
    /// Anything else.
    Neutral,
}

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendItem {
    /// The sample drawn in front.
    pub mark: Mark,
    /// What it means.
    pub text: String,
}

impl LegendItem {
    /// A legend line.
    pub fn new(mark: Mark, text: impl Into<String>) -> Self {
        LegendItem { mark, text: text.into() }
    }
}

/// A sample in the legend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// A small node.
    Node {
        /// Its outline.
        shape: Shape,
        /// Its colour.
        fill: Fill,
        /// Whether its border is thick.
        thick: bool,
        /// Whether its border is dashed.
        dashed: bool,
    },
    /// A short edge.
    Edge {
        /// What flows along it.
        flow: Flow,
        /// Its stroke.
        line: Line,
        /// Its weight, 0 to 1.
        weight: f64,
    },
    /// No sample: a remark.
    Note,
}

impl Picture {
    /// An empty picture.
    pub fn new(title: impl Into<String>, layout: Layout) -> Self {
        Picture {
            title: title.into(),
            caption: Vec::new(),
            alt: None,
            legend: Vec::new(),
            layout,
            upright: false,
            tiers: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
        }
    }

    /// The alternative text: [`Picture::alt`], or one made from counts, headings and the names of
    /// chokepoints (octagons) and of the focus.
    pub fn alt_text(&self) -> String {
        if let Some(alt) = &self.alt {
            return alt.clone();
        }
        let mut parts = Vec::new();
        let nodes = count(self.nodes.len(), "node", "nodes");
        let edges = count(self.edges.len(), "edge", "edges");
        parts.push(match self.layout {
            Layout::Circle => format!("{nodes} on a circle, {edges}."),
            _ => {
                let titles: Vec<&str> = self.tiers.iter().map(|tier| tier.title.as_str()).collect();
                let tiers = count(self.tiers.len(), "column", "columns");
                format!("{nodes} in {tiers} from left to right ({}), {edges}.", titles.join(", "))
            }
        });
        let named = |wanted: fn(&Node) -> bool| -> String {
            let names: Vec<&str> =
                self.nodes.iter().filter(|n| wanted(n)).map(|n| n.label.as_str()).collect();
            let mut text = names.iter().take(6).copied().collect::<Vec<_>>().join(", ");
            if names.len() > 6 {
                text.push_str(&format!(" and {} more", names.len() - 6));
            }
            text
        };
        let focus = named(|n| n.fill == Fill::Focus);
        if !focus.is_empty() {
            parts.push(format!("Focus: {focus}."));
        }
        let chokepoints = named(|n| n.shape == Shape::Octagon);
        if !chokepoints.is_empty() {
            parts.push(format!("Marked as chokepoints: {chokepoints}."));
        }
        parts.join(" ")
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
