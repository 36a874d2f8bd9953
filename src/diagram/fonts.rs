//! The fonts that pictures and documents are set in, and SVG documents read with them.
//!
//! Text is set in the DejaVu Sans that is linked into the program. The fonts of the machine are looked at only for
//! characters that it lacks, so that all other pictures are the same everywhere.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontResolver, Group, Node, Options, Tree};

use crate::order::Arrange;

use super::DiagramError;

/// DejaVu Sans, regular and bold, for every generic family: usvg draws nothing at all in a family
/// that it does not find.
static LINKED: LazyLock<Arc<Database>> = LazyLock::new(|| {
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

/// The same, and behind them the fonts of the machine; read once, when the first character is missing.
static ALL: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::clone(&LINKED);
    fonts.load_system_fonts();
    Arc::new(fonts)
});

/// An SVG document that was read, and the characters that no font on this machine shows.
pub struct Read {
    /// The document.
    pub tree: Tree,
    /// Characters drawn as empty boxes.
    pub missing: BTreeSet<char>,
}

/// Reads an SVG document of ours.
///
/// # Errors
/// It is no SVG document.
pub fn read(svg: &str) -> Result<Read, DiagramError> {
    let plain = FontResolver::default_fallback_selector();
    let mut options = Options { fontdb: LINKED.clone(), ..Options::default() };
    options.font_resolver.select_fallback = Box::new(|character, used, fonts| {
        plain(character, used, fonts).or_else(|| {
            // ids of the linked fonts are the same in both
            *fonts = ALL.clone();
            plain(character, used, fonts)
        })
    });
    let tree = Tree::from_str(svg, &options).map_err(|error| DiagramError::Svg(error.to_string()))?;
    let mut missing = BTreeSet::new();
    find_missing(tree.root(), &mut missing);
    Ok(Read { tree, missing })
}

/// Characters whose glyph is the empty box. The reader asks for a font for the first of a text only, so they are looked
/// for in what it has laid out.
fn find_missing(group: &Group, missing: &mut BTreeSet<char>) {
    for node in group.children() {
        match node {
            Node::Group(group) => find_missing(group, missing),
            Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                let empty = glyphs.filter(|glyph| glyph.id.0 == 0);
                missing.extend(empty.flat_map(|glyph| glyph.text.chars()).filter(|c| !is_invisible(*c)));
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

/// A font of the machine that has a glyph for a character, as the bytes of its file and its position in them.
/// The first by family name, so that a machine always gives the same.
pub fn of_the_machine(character: char) -> Option<(Vec<u8>, u32)> {
    let has = |id: ID| {
        let face = ALL.with_face_data(id, |data, index| {
            let face = ttf_parser::Face::parse(data, index).ok()?;
            // a bitmap alone cannot be measured here
            face.glyph_index(character)
                .filter(|_| face.tables().glyf.is_some() || face.tables().cff.is_some())
        });
        face.flatten().is_some()
    };
    let mut faces: Vec<_> = ALL.faces().filter(|face| LINKED.face(face.id).is_none()).collect();
    faces.arrange_by_key(|face| {
        (face.style as u8, face.weight.0.abs_diff(400), face.post_script_name.clone())
    });
    let face = faces.into_iter().find(|face| has(face.id))?;
    let data = match &face.source {
        Source::Binary(data) => data.as_ref().as_ref().to_vec(),
        Source::File(path) | Source::SharedFile(path, _) => std::fs::read(path).ok()?,
    };
    Some((data, face.index))
}

/// Joiners, direction marks and variation selectors have no glyph of their own.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
