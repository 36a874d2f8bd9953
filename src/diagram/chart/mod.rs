//! Charts: marks on axes, flows between two sides, or small charts side by side, as SVG or PNG.
//!
//! A view fills a [`Chart`]; [`render`] draws it with the fonts, colours, legend and caption of a
//! [`Picture`](super::Picture). Nothing in here knows suppliers or shares of markets: those words
//! live in the views. There is no DOT form: Graphviz describes nodes and edges.
//!
//! | file | holds |
//! | --- | --- |
//! | `model` | the description of a chart |
//! | `check` | what keeps it from being drawn |
//! | `scale` | ticks, and values as places |
//! | `frame` | the room for axes, names and marks |
//! | `labels` | where the names of points go |
//! | `sankey` | where flows go |
//! | `panels` | small charts side by side |
//! | `axes`, `marks`, `swatch` | the SVG of each |

mod axes;
mod check;
mod frame;
mod labels;
mod marks;
mod model;
mod panels;
mod sankey;
mod scale;
mod swatch;

pub use check::{MAX_CATEGORIES, MAX_MARKS, Problem, problems};
pub use model::{
    Axes, Axis, Bar, Category, Cell, Chart, Curve, Estimate, Event, Flows, Glyph, Key, Mark, On, Page, Panel,
    Panels, Plot, Point, Reference, Ribbon, Scale, Segment, Series, Swatch, Unit, Zone,
};
pub use scale::{format_tick, ticks};

pub(super) use swatch::{glyph, swatch};

use super::layout::furniture::{Surround, surround};
use super::layout::{PAGE_HEIGHT, PAGE_WIDTH, Sample, printed_text_size};
use super::paint::{Document, caption, heading, key, legend};
use super::{DiagramError, Engine, Format, Rendered, Warning, converted};

/// The white border of the canvas, both sides together.
const MARGINS: f64 = 24.0;

impl Page {
    /// The width between the margins of the canvas, in points.
    fn inner(self) -> f64 {
        let canvas = match self {
            Self::Upright => PAGE_HEIGHT,
            Self::Across => PAGE_WIDTH,
        };
        canvas.floor() - MARGINS
    }
}

/// Draws a chart. The same chart gives the same bytes, except for characters that DejaVu Sans lacks in a PNG
/// or PDF.
///
/// # Errors
/// A chart that contradicts itself, a form that charts do not have ([`DiagramError::ChartForm`]), or a PNG or PDF
/// from a program built without them.
pub fn render(chart: &Chart, format: Format, engine: Engine) -> Result<Rendered, DiagramError> {
    if format == Format::Dot {
        return Err(DiagramError::ChartForm("DOT form"));
    }
    if engine == Engine::Dot {
        return Err(DiagramError::ChartForm("layout by `dot`"));
    }
    let problems = problems(chart);
    if !problems.is_empty() {
        return Err(DiagramError::InvalidChart(problems));
    }
    let (svg, warnings) = svg(chart);
    match format {
        Format::Png { .. } | Format::Pdf => converted(&svg, format, &chart.title, warnings),
        _ => Ok(Rendered { bytes: svg.into_bytes(), warnings }),
    }
}

/// The inside of a chart, placed with its upper left corner at the origin.
enum Body<'c> {
    Axes(Box<frame::Frame<'c>>),
    Flows(sankey::Sankey<'c>),
    Panels(panels::Board<'c>),
}

/// The size of the canvas of a chart in points.
pub(super) fn canvas(chart: &Chart) -> (f64, f64) {
    let around = place(chart).around;
    (around.width, around.height)
}

/// A chart with its places.
struct Placed<'c> {
    body: Body<'c>,
    around: Surround,
    /// How many points have no room for their names.
    unlabelled: usize,
}

fn place(chart: &Chart) -> Placed<'_> {
    let inner = chart.page.inner();
    let body = match &chart.plot {
        Plot::Axes(axes) => Body::Axes(Box::new(frame::Frame::new(axes, inner))),
        Plot::Flows(flows) => Body::Flows(sankey::Sankey::new(flows, inner)),
        Plot::Panels(panels) => Body::Panels(panels::Board::new(panels, inner)),
    };
    let (height, unlabelled) = match &body {
        Body::Axes(frame) => (frame.height, frame.unlabelled()),
        Body::Flows(sankey) => (sankey.height, 0),
        Body::Panels(board) => (board.height, 0),
    };
    let mut items: Vec<(Sample, String)> =
        chart.legend.iter().map(|item| (Sample::Swatch(item.swatch), item.text.clone())).collect();
    if unlabelled > 0 {
        let labels = if unlabelled == 1 { "label" } else { "labels" };
        let note = format!("{unlabelled} {labels} left out for want of room (in the SVG: tooltips)");
        items.push((Sample::Swatch(Swatch::Note), note));
    }
    let around = surround(&chart.title, items, &chart.caption, (inner, height));
    Placed { body, around, unlabelled }
}

/// The SVG document and what to say about it.
fn svg(chart: &Chart) -> (String, Vec<Warning>) {
    let Placed { body, around, unlabelled } = place(chart);
    let key = key([chart.title.as_str()].into_iter().chain(chart.caption.iter().map(String::as_str)));
    let document = Document {
        key: &key,
        width: around.width,
        height: around.height,
        title: &chart.title,
        alt: &chart.alt,
    };
    let svg = document.write(|out| {
        heading(out, &around.title);
        match &body {
            Body::Axes(frame) => axes::draw(out, frame, around.body, &key),
            Body::Flows(sankey) => sankey.draw(out, around.body, &key),
            Body::Panels(board) => board.draw(out, around.body, &key),
        }
        if let Some(placed) = &around.legend {
            legend(out, placed, |out, entry| super::svg::sample(out, entry.sample, &entry.rect));
        }
        caption(out, &around.caption);
    });
    let mut warnings = Vec::new();
    if unlabelled > 0 {
        warnings.push(Warning::PointsUnlabelled(unlabelled));
    }
    let size = printed_text_size(around.width, around.height);
    if size < 7.0 {
        warnings.push(Warning::SmallPrint { size });
    }
    (svg, warnings)
}
