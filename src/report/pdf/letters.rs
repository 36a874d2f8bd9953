//! Text → glyphs: which font shows which character, how wide it is, where a line ends.
//!
//! Set in DejaVu Sans Condensed, linked into the program. Scripts that need it are shaped and ordered by direction; all
//! other text is one glyph a character. Fonts of the machine stand in for characters that the linked ones lack.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use ttf_parser::Face as Table;
use unicode_bidi::BidiInfo;

use crate::diagram::fonts;

/// A cut of the linked family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// For text.
    Regular,
    /// For headings and what stands out.
    Bold,
    /// For questions.
    Oblique,
}

/// A stretch of a line in one font, its glyphs in the order of the page.
#[derive(Clone, Debug)]
pub struct Run {
    /// The font.
    pub font: Font,
    /// The text of the glyphs.
    pub text: String,
    /// The glyphs, in ems.
    pub glyphs: Vec<KrillaGlyph>,
    /// Its width in ems.
    pub width: f32,
}

/// One font file.
struct Loaded {
    font: Font,
    data: Arc<Vec<u8>>,
    index: u32,
}

/// The fonts of one document.
pub struct Letters {
    /// The upright cut.
    first: Font,
    /// The linked cuts in the order of [`Face`], then those of the machine.
    fonts: Vec<Loaded>,
    /// Glyph and advance in ems of each character that was met, by cut.
    known: [HashMap<char, Glyph>; 3],
    /// Fonts of the machine by the characters that they stand in for.
    others: BTreeMap<char, Option<usize>>,
    /// Characters that no font shows.
    pub missing: BTreeSet<char>,
}

#[derive(Clone, Copy)]
struct Glyph {
    font: usize,
    id: u16,
    advance: f32,
}

impl Letters {
    /// The linked fonts; nothing where one cannot be read.
    pub fn new() -> Option<Self> {
        use dejavu::sans_condensed::{bold, oblique, regular};
        let linked = [regular(), bold(), oblique()];
        let fonts: Option<Vec<Loaded>> =
            linked.into_iter().map(|data| Loaded::new(data.to_vec(), 0)).collect();
        let fonts = fonts?;
        Some(Self {
            first: fonts.first()?.font.clone(),
            fonts,
            known: Default::default(),
            others: BTreeMap::new(),
            missing: BTreeSet::new(),
        })
    }

    /// The width of a line in points.
    pub fn width(&mut self, text: &str, face: Face, size: f32) -> f32 {
        text.chars().map(|c| self.glyph(c, face).advance).sum::<f32>() * size
    }

    /// A line as runs, from left to right.
    pub fn line(&mut self, text: &str, face: Face) -> Vec<Run> {
        if !text.chars().any(needs_shaping) {
            return self.plain(text, face);
        }
        let bidi = BidiInfo::new(text, None);
        let mut runs = Vec::new();
        for paragraph in &bidi.paragraphs {
            let (levels, visual) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in visual {
                let right_to_left = levels.get(range.start).is_some_and(|level| level.is_rtl());
                let part = text.get(range).unwrap_or_default();
                runs.extend(self.shaped(part, face, right_to_left));
            }
        }
        runs
    }

    /// One glyph a character.
    fn plain(&mut self, text: &str, face: Face) -> Vec<Run> {
        let mut runs: Vec<(usize, Run)> = Vec::new();
        for c in text.chars() {
            let glyph = self.glyph(c, face);
            if runs.last().is_none_or(|(font, _)| *font != glyph.font) {
                runs.push((glyph.font, self.empty(glyph.font)));
            }
            if let Some((_, run)) = runs.last_mut() {
                let start = run.text.len();
                run.text.push(c);
                run.width += glyph.advance;
                let range = start..run.text.len();
                let id = GlyphId::new(u32::from(glyph.id));
                run.glyphs.push(KrillaGlyph::new(id, glyph.advance, 0.0, 0.0, 0.0, range, None));
            }
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// A stretch of one direction, shaped font by font.
    fn shaped(&mut self, text: &str, face: Face, right_to_left: bool) -> Vec<Run> {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for c in text.chars() {
            // marks and joiners stay with what they stand on
            let follows = fonts::is_invisible(c) || is_mark(c);
            let font = self.glyph(c, face).font;
            match parts.last_mut() {
                Some((own, part)) if follows || *own == font => part.push(c),
                _ => parts.push((font, c.to_string())),
            }
        }
        if right_to_left {
            parts.reverse();
        }
        parts.into_iter().map(|(font, part)| self.shape(font, part, right_to_left)).collect()
    }

    fn shape(&mut self, font: usize, text: String, right_to_left: bool) -> Run {
        let mut run = self.empty(font);
        let Some(loaded) = self.fonts.get(font) else { return run };
        let Some(shaper) = rustybuzz::Face::from_slice(&loaded.data, loaded.index) else { return run };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        buffer.set_direction(if right_to_left { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&shaper, &[], buffer);
        let ems = shaper.units_per_em().max(1) as f32;
        let starts: BTreeSet<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        for (info, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let start = info.cluster as usize;
            let end = starts.range(start + 1..).next().copied().unwrap_or(text.len());
            let [advance, x, y, rise] =
                [place.x_advance, place.x_offset, place.y_offset, place.y_advance].map(|v| v as f32 / ems);
            run.width += advance;
            let id = GlyphId::new(info.glyph_id);
            run.glyphs.push(KrillaGlyph::new(id, advance, x, y, rise, start..end, None));
        }
        run.text = text;
        run
    }

    fn empty(&self, font: usize) -> Run {
        let font = self.fonts.get(font).map_or(&self.first, |loaded| &loaded.font).clone();
        Run { font, text: String::new(), glyphs: Vec::new(), width: 0.0 }
    }

    fn glyph(&mut self, c: char, face: Face) -> Glyph {
        let cut = face as usize;
        if let Some(glyph) = self.known.get(cut).and_then(|known| known.get(&c)) {
            return *glyph;
        }
        let glyph = self.find(c, cut);
        if let Some(known) = self.known.get_mut(cut) {
            known.insert(c, glyph);
        }
        glyph
    }

    fn find(&mut self, c: char, cut: usize) -> Glyph {
        if let Some(glyph) = self.fonts.get(cut).and_then(|font| font.glyph(c)) {
            return Glyph { font: cut, ..glyph };
        }
        // the oblique cut has fewer characters than the upright one
        if let Some(glyph) = self.fonts.first().and_then(|font| font.glyph(c)) {
            return Glyph { font: 0, ..glyph };
        }
        let nothing = Glyph { font: cut, id: 0, advance: if fonts::is_invisible(c) { 0.0 } else { 0.6 } };
        if fonts::is_invisible(c) {
            return nothing;
        }
        match self.other(c) {
            Some(at) => {
                let glyph = self.fonts.get(at).and_then(|font| font.glyph(c));
                glyph.map_or(nothing, |glyph| Glyph { font: at, ..glyph })
            }
            None => {
                self.missing.insert(c);
                nothing
            }
        }
    }

    /// A font of the machine for a character; the ones that were needed before come first.
    fn other(&mut self, c: char) -> Option<usize> {
        if let Some(at) = self.others.get(&c) {
            return *at;
        }
        let used = (3..self.fonts.len()).find(|at| self.fonts.get(*at).is_some_and(|f| f.glyph(c).is_some()));
        let at = used.or_else(|| {
            let (data, index) = fonts::of_the_machine(c)?;
            self.fonts.push(Loaded::new(data, index)?);
            Some(self.fonts.len() - 1)
        });
        self.others.insert(c, at);
        at
    }
}

impl Loaded {
    fn new(data: Vec<u8>, index: u32) -> Option<Self> {
        let data = Arc::new(data);
        Some(Self { font: Font::new(data.clone().into(), index)?, data, index })
    }

    fn glyph(&self, c: char) -> Option<Glyph> {
        let table = Table::parse(&self.data, self.index).ok()?;
        let id = table.glyph_index(c)?;
        let advance = f32::from(table.glyph_hor_advance(id)?) / f32::from(table.units_per_em().max(1));
        Some(Glyph { font: 0, id: id.0, advance })
    }
}

/// Combining marks of the scripts that are set glyph by glyph.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether text with this character has to be ordered or joined: scripts from right to left and of South and South-East
/// Asia, marks, joined emoji.
fn needs_shaping(c: char) -> bool {
    is_mark(c)
        || fonts::is_invisible(c)
        || matches!(c,
            '\u{590}'..='\u{10ff}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1aaf}' | '\u{1b00}'..='\u{1c4f}'
            | '\u{a800}'..='\u{abff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{11fff}' | '\u{1e800}'..='\u{1efff}' | '\u{1f1e6}'..='\u{1f1ff}')
}
