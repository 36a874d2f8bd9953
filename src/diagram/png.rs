//! SVG as a PNG image, without any program or font installed.

use resvg::tiny_skia::{Color, Pixmap, Transform};

use super::fonts::{self, Read};
use super::{DiagramError, Drawing};

/// The most pixels that an image may have.
const MAX_PIXELS: f32 = 120e6;
/// Points to the inch: the unit of our SVG documents.
const POINTS: f32 = 72.0;

/// Draws an SVG document, at so many pixels to the inch.
///
/// # Errors
/// It is no SVG document; an image without pixels or with too many.
pub fn png(svg: &str, dpi: u16) -> Result<Drawing, DiagramError> {
    let Read { tree, missing } = fonts::read(svg)?;
    let scale = f32::from(dpi) / POINTS;
    let size = tree.size();
    let (width, height) = ((size.width() * scale).ceil(), (size.height() * scale).ceil());
    let too_large = || DiagramError::ImageSize { width, height };
    let fine = width >= 1.0 && height >= 1.0 && width * height <= MAX_PIXELS;
    if !fine {
        return Err(too_large());
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(too_large)?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let bytes = encode(&pixels, dpi).map_err(|error| DiagramError::Encode(error.to_string()))?;
    Ok(Drawing { bytes, missing })
}

/// The image file. Everything stands on white, so it has no transparency, and it says how large it is meant to be
/// printed.
fn encode(pixels: &Pixmap, dpi: u16) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let colours: Vec<u8> =
        pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(bytes)
}
