//! A figure of either kind: what a view makes and a command or a report draws.

use super::chart::{self, Chart};
use super::{DiagramError, Engine, Format, Picture, Rendered, render};

/// Something to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// Nodes and edges.
    Picture(Picture),
    /// Marks on axes, or flows between two sides.
    Chart(Chart),
}

impl Figure {
    /// Draws it.
    ///
    /// # Errors
    /// As [`render`] and [`chart::render`] say: a chart has no DOT form and is not laid out by `dot`.
    pub fn render(&self, format: Format, engine: Engine) -> Result<Rendered, DiagramError> {
        match self {
            Self::Picture(picture) => render(picture, format, engine),
            Self::Chart(chart) => chart::render(chart, format, engine),
        }
    }

    /// The headline.
    pub fn title(&self) -> &str {
        match self {
            Self::Picture(picture) => &picture.title,
            Self::Chart(chart) => &chart.title,
        }
    }

    /// The lines under it.
    pub fn caption(&self) -> &[String] {
        match self {
            Self::Picture(picture) => &picture.caption,
            Self::Chart(chart) => &chart.caption,
        }
    }

    /// The lines under it, to be added to.
    pub fn caption_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::Picture(picture) => &mut picture.caption,
            Self::Chart(chart) => &mut chart.caption,
        }
    }

    /// The text for readers who cannot see it.
    pub fn alt_text(&self) -> String {
        match self {
            Self::Picture(picture) => picture.alt_text(),
            Self::Chart(chart) => chart.alt.clone(),
        }
    }

    /// The picture, where it is one.
    pub fn into_picture(self) -> Option<Picture> {
        match self {
            Self::Picture(picture) => Some(picture),
            Self::Chart(_) => None,
        }
    }

    /// The chart, where it is one.
    pub fn into_chart(self) -> Option<Chart> {
        match self {
            Self::Picture(_) => None,
            Self::Chart(chart) => Some(chart),
        }
    }
}

impl From<Picture> for Figure {
    fn from(picture: Picture) -> Self {
        Self::Picture(picture)
    }
}

impl From<Chart> for Figure {
    fn from(chart: Chart) -> Self {
        Self::Chart(chart)
    }
}
