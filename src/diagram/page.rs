//! Whether a figure can be read on a sheet of paper, and what becomes of it where it cannot.

use std::collections::BTreeSet;

use super::layout::{self, PAGE_HEIGHT, PAGE_WIDTH};
use super::picture::{Layout, Node, Picture};
use super::text::SIZE;
use super::{DiagramError, Figure, chart};

/// The smallest text that people read in print, in points.
pub const LEAST: f64 = 7.0;
/// A3 across, less margins of 10 mm, in points.
const A3: (f64, f64) = (400.0 / 25.4 * 72.0, 277.0 / 25.4 * 72.0);

/// A sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// 210 by 297 mm.
    A4,
    /// 297 by 420 mm.
    A3,
}

impl Sheet {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::A4 => "A4",
            Self::A3 => "A3",
        }
    }

    /// The long and the short side less margins, in points.
    fn sides(self) -> (f64, f64) {
        match self {
            Self::A4 => (PAGE_WIDTH, PAGE_HEIGHT),
            Self::A3 => A3,
        }
    }

    /// The size of the text of a canvas of this size on the sheet, across or upright, whichever is larger. Nothing
    /// is enlarged.
    pub fn text_size(self, (width, height): (f64, f64)) -> f64 {
        let (long, short) = self.sides();
        let across = (long / width).min(short / height);
        let upright = (short / width).min(long / height);
        SIZE * across.max(upright).min(1.0)
    }
}

/// The size of the canvas of a figure in points.
fn canvas(figure: &Figure) -> (f64, f64) {
    match figure {
        Figure::Picture(picture) => {
            let placed = layout::place(picture);
            (placed.width, placed.height)
        }
        Figure::Chart(chart) => chart::canvas(chart),
    }
}

/// The size of the text of a figure on a sheet, in points.
pub fn printed_text_size(figure: &Figure, sheet: Sheet) -> f64 {
    sheet.text_size(canvas(figure))
}

/// The figure as pages whose text prints at [`LEAST`] or larger: itself where it can be read as it is or upright, else a page
/// for each two neighbouring tiers.
///
/// # Errors
/// Only tiers can be split. Anything else that is too large, or a page that still is, is refused with its size.
pub fn pages(figure: &Figure, sheet: Sheet) -> Result<Vec<Figure>, DiagramError> {
    let size = printed_text_size(figure, sheet);
    if size >= LEAST {
        return Ok(vec![figure.clone()]);
    }
    let refused = |size: f64| DiagramError::SmallPrint { sheet: sheet.name(), size };
    let Figure::Picture(picture) = figure else { return Err(refused(size)) };
    if picture.layout != Layout::Tiers {
        return Err(refused(size));
    }
    let (whole, size) = turned(picture.clone(), sheet);
    if size >= LEAST {
        return Ok(vec![whole]);
    }
    if picture.tiers.len() < 3 {
        return Err(refused(size));
    }
    let (mut pages, mut least) = (Vec::new(), f64::INFINITY);
    for page in split(picture) {
        let (page, size) = turned(page, sheet);
        least = least.min(size);
        pages.push(page);
    }
    if least < LEAST { Err(refused(least)) } else { Ok(pages) }
}

/// Tiers laid out across or upright, whichever prints larger, and the size of their text.
fn turned(picture: Picture, sheet: Sheet) -> (Figure, f64) {
    let sized = |upright: bool| {
        let figure = Figure::Picture(Picture { upright, ..picture.clone() });
        let size = printed_text_size(&figure, sheet);
        (figure, size)
    };
    let (across, upright) = (sized(false), sized(true));
    if upright.1 > across.1 { upright } else { across }
}

/// A page for each two neighbouring tiers. Each edge is on the page of the upper of its tiers: so each is drawn once, beside
/// the further tiers that it reaches.
pub fn split(picture: &Picture) -> Vec<Picture> {
    let last = picture.tiers.len().saturating_sub(1);
    let tier = |id: &str| picture.nodes.iter().find(|node| node.id == id).map_or(0, |node| node.tier);
    let count = last.max(1);
    let mut pages = Vec::new();
    for upper in 0..count {
        let mut page = Picture { nodes: Vec::new(), edges: Vec::new(), tiers: Vec::new(), ..picture.clone() };
        for edge in &picture.edges {
            let home = tier(&edge.from).min(tier(&edge.to)).min(count - 1);
            if home == upper {
                page.edges.push(edge.clone());
            }
        }
        let ends: BTreeSet<&str> =
            page.edges.iter().flat_map(|edge| [edge.from.as_str(), edge.to.as_str()]).collect();
        let shown =
            |node: &&Node| node.tier == upper || node.tier == upper + 1 || ends.contains(node.id.as_str());
        page.nodes = picture.nodes.iter().filter(shown).cloned().collect();
        // tiers without a node of the page fall out
        let present: BTreeSet<usize> = page.nodes.iter().map(|node| node.tier).collect();
        for node in &mut page.nodes {
            node.tier = present.iter().position(|tier| *tier == node.tier).unwrap_or(0);
        }
        page.tiers = present.iter().filter_map(|tier| picture.tiers.get(*tier).cloned()).collect();
        page.title = format!("{} ({} of {count})", picture.title, upper + 1);
        page.alt = picture.alt.as_ref().map(|alt| format!("Page {} of {count}. {alt}", upper + 1));
        page.caption.insert(
            0,
            format!("Page {} of {count}: split by tiers, so that text prints at {LEAST} pt or more. Each line is on one page.", upper + 1),
        );
        pages.push(page);
    }
    pages
}
