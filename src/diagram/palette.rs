//! Colours, strokes and arrow heads: one table for every output format.
//!
//! Okabe and Ito's colours, which readers with colour vision deficiency can tell apart. Fills
//! carry a dark border because three of the colours fail the 3:1 contrast of WCAG 1.4.11 against
//! white; lines use only colours that pass. No meaning rests on colour alone: flows differ by
//! arrow head, nodes by shape, mark and text.

use super::chart::Glyph;
use super::picture::{Fill, Flow, Line};

/// The border of a node and the colour of its text.
pub const INK: &str = "#222222";
/// Captions and headings of secondary rank.
pub const SOFT_INK: &str = "#444444";
/// The border of a tier.
pub const TIER_BORDER: &str = "#BBBBBB";
/// The ground of a tier.
pub const TIER_GROUND: &str = "#F6F6F6";
/// The page.
pub const PAPER: &str = "#FFFFFF";
/// How many kinds have a colour of their own.
pub const KINDS: u8 = 8;

const KIND: [&str; KINDS as usize] =
    ["#9AD1F2", "#F3C75F", "#66C5AB", "#F0E442", "#E3B3CD", "#F0A070", "#C9C9C9", "#0072B2"];
const HEAT: [&str; 5] = ["#FEEDDE", "#FDBE85", "#FD8D3C", "#E6550D", "#A63603"];

/// The ground colour of a node.
pub fn ground(fill: Fill) -> &'static str {
    match fill {
        Fill::Neutral => PAPER,
        Fill::Kind(kind) | Fill::Hue(kind) => KIND[usize::from(kind % KINDS)],
        Fill::Heat(bin) => HEAT[usize::from(bin.min(4))],
        Fill::Focus => "#1F2D3D",
        Fill::Group => "#EEEEEE",
    }
}

/// The text colour that reads on that ground: white only where black falls below 4.5:1.
pub fn text_on(fill: Fill) -> &'static str {
    match fill {
        Fill::Focus | Fill::Heat(4..) => PAPER,
        Fill::Kind(kind) | Fill::Hue(kind) if kind % KINDS == 7 => PAPER,
        _ => "#000000",
    }
}

/// The mark of a kind, which tells it without colour.
pub fn mark(fill: Fill) -> Option<Glyph> {
    match fill {
        Fill::Kind(kind) => Some(Glyph::ALL[usize::from(kind) % Glyph::ALL.len()]),
        Fill::Neutral | Fill::Hue(_) | Fill::Heat(_) | Fill::Focus | Fill::Group => None,
    }
}

/// The colour of a line.
pub fn stroke(flow: Flow) -> &'static str {
    match flow {
        Flow::Supply => "#595959",
        Flow::Capital => "#0072B2",
        Flow::Compute => "#D55E00",
        Flow::Ownership => "#000000",
        Flow::Power => "#007A5A",
        Flow::Loss => "#9E3D78",
        Flow::Neutral => "#808080",
    }
}

/// The colour of the text on a line: darker where the line is too light for small text.
pub fn label(flow: Flow) -> &'static str {
    match flow {
        Flow::Supply | Flow::Neutral => INK,
        Flow::Compute => "#A34700",
        other => stroke(other),
    }
}

/// The colour of a line of a chart, by its position; lines differ by the form of their points as well.
pub fn series(style: u8) -> &'static str {
    const ORDER: [Flow; 6] =
        [Flow::Capital, Flow::Compute, Flow::Power, Flow::Loss, Flow::Supply, Flow::Ownership];
    stroke(ORDER[usize::from(style) % ORDER.len()])
}

/// The form of an arrow head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// A filled triangle.
    Triangle,
    /// A triangle with a white inside.
    OpenTriangle,
    /// A filled arrow with a notch.
    Vee,
    /// A filled diamond.
    Diamond,
    /// A filled disc.
    Dot,
    /// A bar across the line.
    Bar,
    /// Two strokes, open at the back.
    Open,
}

/// The arrow head of a flow.
pub fn head(flow: Flow) -> Head {
    match flow {
        Flow::Supply => Head::Triangle,
        Flow::Capital => Head::OpenTriangle,
        Flow::Compute => Head::Vee,
        Flow::Ownership => Head::Diamond,
        Flow::Power => Head::Dot,
        Flow::Loss => Head::Bar,
        Flow::Neutral => Head::Open,
    }
}

/// Graphviz' name of an arrow head.
pub fn dot_head(head: Head) -> &'static str {
    match head {
        Head::Triangle => "normal",
        Head::OpenTriangle => "onormal",
        Head::Vee => "vee",
        Head::Diamond => "diamond",
        Head::Dot => "dot",
        Head::Bar => "tee",
        Head::Open => "lvee",
    }
}

/// Graphviz' name of a stroke.
pub fn dot_line(line: Line) -> &'static str {
    match line {
        Line::Solid => "solid",
        Line::Dashed => "dashed",
        Line::Dotted => "dotted",
    }
}

/// The SVG dash pattern of a stroke; wide lines have longer dashes.
pub fn dashes(line: Line, width: f64) -> Option<[f64; 2]> {
    match line {
        Line::Solid => None,
        Line::Dashed => Some([3.0 + width, 2.0 + width * 0.6]),
        Line::Dotted => Some([width * 0.9, 1.6 + width]),
    }
}
