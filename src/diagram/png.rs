//! SVG as a PNG image, without any program or font installed.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{FontResolver, Options, Tree};

use super::DiagramError;

/// DejaVu Sans, regular and bold, for every generic family: usvg draws nothing at all in a family
/// that it does not find.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    let family = "DejaVu Sans";
    fonts.set_serif_family(family);
    fonts.set_sans_serif_family(family);
    fonts.set_monospace_family(family);
    fonts.set_cursive_family(family);
    fonts.set_fantasy_family(family);
    Arc::new(fonts)
});

/// The most pixels that an image may have.
const MAX_PIXELS: f32 = 120e6;

/// An image and the characters that no font on this machine could show.
#[derive(Debug, Clone, PartialEq)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters drawn as empty boxes.
    pub missing: BTreeSet<char>,
}

/// Draws an SVG document, at `scale` pixels for each of its units.
///
/// Text is set in the DejaVu Sans that is linked into the program. The fonts of the machine are
/// looked at only for characters that it lacks, so that all other pictures are the same everywhere.
pub fn png(svg: &str, scale: f32) -> Result<Png, DiagramError> {
    let missing = Mutex::new(BTreeSet::new());
    let tree = {
        let plain = FontResolver::default_fallback_selector();
        let system_loaded = Mutex::new(false);
        let mut options = Options { fontdb: FONTS.clone(), ..Options::default() };
        options.font_resolver.select_fallback = Box::new(|character, used, fonts| {
            if let Some(found) = plain(character, used, fonts) {
                return Some(found);
            }
            let first = system_loaded.lock().is_ok_and(|mut loaded| !std::mem::replace(&mut *loaded, true));
            if first {
                Arc::make_mut(fonts).load_system_fonts();
                if let Some(found) = plain(character, used, fonts) {
                    return Some(found);
                }
            }
            if !is_invisible(character)
                && let Ok(mut missing) = missing.lock()
            {
                missing.insert(character);
            }
            None
        });
        Tree::from_str(svg, &options).map_err(|error| DiagramError::Svg(error.to_string()))?
    };
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
    let bytes = pixels.encode_png().map_err(|error| DiagramError::Encode(error.to_string()))?;
    Ok(Png { bytes, missing: missing.into_inner().unwrap_or_default() })
}

/// Joiners, direction marks and variation selectors have no glyph of their own.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
