//! SVG as a PDF page of the same size, with text that can be searched and copied.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt as _, SvgSettings};

use super::fonts::{self, Read};
use super::{DiagramError, Drawing};

/// Draws an SVG document on a page. The file holds no time of writing, so the same figure gives the same bytes.
///
/// # Errors
/// It is no SVG document; a page without extent.
pub fn pdf(svg: &str, title: &str) -> Result<Drawing, DiagramError> {
    let Read { tree, missing } = fonts::read(svg)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let extent = PageSettings::from_wh(width, height).zip(Size::from_wh(width, height));
    let (page, size) = extent.ok_or(DiagramError::ImageSize { width, height })?;
    let mut document = Document::new_with(settings());
    document.set_metadata(Metadata::new().title(title.to_string()).creator(creator()));
    let mut page = document.start_page_with(page);
    let mut surface = page.surface();
    surface.draw_svg(&tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    let bytes = document.finish().map_err(|error| DiagramError::Pdf(format!("{error:?}")))?;
    Ok(Drawing { bytes, missing })
}

/// How documents are written.
pub fn settings() -> SerializeSettings {
    SerializeSettings { render_svg_glyph_fn: krilla_svg::render_svg_glyph, ..SerializeSettings::default() }
}

/// The program, as documents name their maker.
pub fn creator() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}
