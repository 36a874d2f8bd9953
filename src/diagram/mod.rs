//! Figures: a [`Picture`] (nodes and edges) as DOT, SVG, PNG or PDF, a [`Chart`] as SVG, PNG or PDF.
//!
//! But for [`view`], which turns a graph or an answer into a [`Figure`] of either kind, this module
//! depends on nothing else of the crate; [`Figure::render`] draws it.
//!
//! | file | holds |
//! | --- | --- |
//! | `figure` | a picture or a chart |
//! | [`picture`] | the description of nodes and edges |
//! | [`chart`] | the description of marks on axes or of flows, and how they are drawn |
//! | [`check`] | what keeps a picture from being drawn |
//! | [`dot`] | DOT text, the golden form |
//! | [`layout`] | coordinates, computed here |
//! | [`svg`], `paint` | the SVG document |
//! | [`page`] | whether it can be read on a sheet, and pages where it cannot |
//! | `fonts`, `png`, `pdf` | the fonts, the image and the page (feature `render`) |
//! | [`graphviz`] | the program `dot`, when asked for |
//! | [`palette`], [`text`], [`quote`] | colours, widths of text, escaping |
//! | [`view`] | the views and their registry |
//!
//! ```
//! use linchpin::diagram::{Edge, Engine, Flow, Format, Layout, Node, Picture, Tier, render};
//!
//! let mut picture = Picture::new("Who makes the chips", Layout::Tiers);
//! picture.tiers = vec![Tier::new("Foundry"), Tier::new("Chips")];
//! picture.nodes = vec![Node::new("tsmc", "TSMC", 0), Node::new("nvidia", "NVIDIA", 1)];
//! let mut edge = Edge::new("tsmc", "nvidia", Flow::Supply);
//! (edge.label, edge.weight) = ("90 %".to_string(), 0.9);
//! picture.edges.push(edge);
//! let drawn = render(&picture, Format::Svg, Engine::Embedded)?;
//! assert!(drawn.bytes.starts_with(b"<svg"));
//! # Ok::<(), linchpin::diagram::DiagramError>(())
//! ```

pub mod chart;
pub mod check;
pub mod dot;
mod figure;
#[cfg(feature = "render")]
pub mod fonts;
pub mod graphviz;
pub mod layout;
pub mod page;
mod paint;
pub mod palette;
#[cfg(feature = "render")]
pub mod pdf;
pub mod picture;
#[cfg(feature = "render")]
pub mod png;
pub mod quote;
pub mod svg;
pub mod text;
pub mod view;

use std::fmt;

use thiserror::Error;

pub use self::chart::Chart;
pub use self::check::Problem;
pub use self::figure::Figure;
pub use self::picture::{Edge, Fill, Flow, Layout, LegendItem, Line, Mark, Node, Picture, Shape, Tier};

/// The form of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Graphviz' language. A chart has no such form.
    Dot,
    /// A vector graphic.
    Svg,
    /// An image.
    Png {
        /// Pixels to the inch of the figure's own size.
        dpi: u16,
    },
    /// A page of the figure's own size, with text that can be searched and copied.
    Pdf,
}

impl Format {
    /// An image of three pixels to the point.
    pub const PNG: Self = Self::Png { dpi: 216 };
}

/// What lays a figure out.
///
/// The default is the embedded layout, even where `dot` is installed: it gives the same bytes on
/// every machine, while versions of Graphviz order nodes differently. [`Format::Dot`] needs no
/// layout and ignores the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Engine {
    /// The layout in this crate.
    #[default]
    Embedded,
    /// The program `dot`, found on the `PATH`.
    Dot,
}

/// A drawn figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The file.
    pub bytes: Vec<u8>,
    /// What a reader should know; the figure is complete all the same.
    pub warnings: Vec<Warning>,
}

/// An image or a page, and the characters that no font on this machine could show.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters drawn as empty boxes.
    pub missing: std::collections::BTreeSet<char>,
}

/// Something about a drawn figure that its reader should know.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Labels of edges that found no room and are in tooltips only, by index of the edge.
    LabelsLeftOut(Vec<usize>),
    /// Points of a chart whose labels found no room and are in tooltips only.
    PointsUnlabelled(usize),
    /// Text smaller than 7 pt on an A4 page, across or upright.
    SmallPrint {
        /// The size in points.
        size: f64,
    },
    /// Characters that no font on this machine can show.
    MissingGlyphs(String),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::LabelsLeftOut(edges) => {
                write!(f, "{} edge labels found no room and are in tooltips only", edges.len())
            }
            Warning::PointsUnlabelled(points) => {
                write!(f, "{points} labels of points found no room and are in tooltips only")
            }
            Warning::SmallPrint { size } => {
                write!(f, "text is {size:.1} pt when printed on A4: fold nodes or split the figure")
            }
            Warning::MissingGlyphs(characters) => write!(f, "no font shows {characters:?}"),
        }
    }
}

/// Why a figure could not be drawn.
#[derive(Debug, Error)]
pub enum DiagramError {
    /// The picture contradicts itself.
    #[error("the picture cannot be drawn: {}", list(.0))]
    Invalid(Vec<Problem>),
    /// The chart contradicts itself.
    #[error("the chart cannot be drawn: {}", list(.0))]
    InvalidChart(Vec<chart::Problem>),
    /// A chart was asked for in a form that only nodes and edges have.
    #[error(
        "a chart has no {0}: Graphviz describes nodes and edges, not axes; expected a file that ends in .svg, .png or .pdf, laid out by this program"
    )]
    ChartForm(&'static str),
    /// It would print too small on the sheet that was asked for, and cannot be split.
    #[error(
        "text would be {size:.1} pt when printed on {sheet}, below 7 pt, and this figure cannot be split into pages that are not; expected fewer nodes (`--top`), a narrower question or a larger sheet"
    )]
    SmallPrint {
        /// The sheet.
        sheet: &'static str,
        /// The size of its text in points.
        size: f64,
    },
    /// The program `dot` was asked for and is not there.
    #[error("the program `dot` (Graphviz) is not on the PATH")]
    DotMissing,
    /// The program `dot` failed.
    #[error("`dot` failed: {0}")]
    DotFailed(String),
    /// Talking to the program `dot` failed.
    #[error("talking to `dot`: {0}")]
    Io(#[from] std::io::Error),
    /// The SVG document could not be read back.
    #[error("reading the SVG: {0}")]
    Svg(String),
    /// The image would have no pixels or too many.
    #[error("an image of {width} x {height} pixels cannot be made")]
    ImageSize {
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
    },
    /// The image could not be written.
    #[error("writing the PNG: {0}")]
    Encode(String),
    /// The page could not be written.
    #[error("writing the PDF: {0}")]
    Pdf(String),
    /// PNG and PDF need the feature `render`.
    #[error("this program was built without PNG and PDF (feature `render`)")]
    NotBuilt,
}

fn list<P: fmt::Display>(problems: &[P]) -> String {
    problems.iter().map(P::to_string).collect::<Vec<_>>().join("; ")
}

/// Draws a picture.
///
/// The same picture gives the same bytes, except with [`Engine::Dot`] and for characters that
/// DejaVu Sans lacks in a PNG or PDF.
pub fn render(picture: &Picture, format: Format, engine: Engine) -> Result<Rendered, DiagramError> {
    let mut problems = check::problems(picture);
    if format != Format::Dot && engine == Engine::Embedded {
        problems.extend(check::excesses(picture));
    }
    if !problems.is_empty() {
        return Err(DiagramError::Invalid(problems));
    }
    match (format, engine) {
        (Format::Dot, _) => Ok(Rendered { bytes: dot::dot(picture).into_bytes(), warnings: Vec::new() }),
        (Format::Svg, Engine::Dot) => {
            Ok(Rendered { bytes: graphviz::run(&dot::dot(picture), "svg")?, warnings: Vec::new() })
        }
        (Format::Png { dpi }, Engine::Dot) => {
            let dpi = format!("-Gdpi={dpi}");
            let bytes = graphviz::run_with(&dot::dot(picture), "png", &[&dpi])?;
            Ok(Rendered { bytes, warnings: Vec::new() })
        }
        (Format::Pdf, Engine::Dot) => {
            Ok(Rendered { bytes: graphviz::run(&dot::dot(picture), "pdf")?, warnings: Vec::new() })
        }
        (Format::Svg, Engine::Embedded) => {
            let (svg, warnings) = embedded(picture);
            Ok(Rendered { bytes: svg.into_bytes(), warnings })
        }
        (_, Engine::Embedded) => {
            let (svg, warnings) = embedded(picture);
            converted(&svg, format, &picture.title, warnings)
        }
    }
}

/// The SVG document and what to say about it.
fn embedded(picture: &Picture) -> (String, Vec<Warning>) {
    let placed = layout::place(picture);
    let mut warnings = Vec::new();
    let left_out: Vec<usize> = placed.unlabelled(picture).collect();
    if !left_out.is_empty() {
        warnings.push(Warning::LabelsLeftOut(left_out));
    }
    let size = placed.printed_text_size();
    if size < 7.0 {
        warnings.push(Warning::SmallPrint { size });
    }
    (svg::svg(picture, &placed), warnings)
}

/// An SVG document of ours in another form: as an image or a page.
#[cfg(feature = "render")]
fn converted(
    svg: &str,
    format: Format,
    title: &str,
    mut warnings: Vec<Warning>,
) -> Result<Rendered, DiagramError> {
    let drawing = match format {
        Format::Png { dpi } => png::png(svg, dpi)?,
        _ => pdf::pdf(svg, title)?,
    };
    if !drawing.missing.is_empty() {
        warnings.push(Warning::MissingGlyphs(drawing.missing.into_iter().collect()));
    }
    Ok(Rendered { bytes: drawing.bytes, warnings })
}

/// An SVG document of ours in another form: as an image or a page.
#[cfg(not(feature = "render"))]
fn converted(_: &str, _: Format, _: &str, _: Vec<Warning>) -> Result<Rendered, DiagramError> {
    Err(DiagramError::NotBuilt)
}
