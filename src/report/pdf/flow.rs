//! A column of text that runs over pages: what stands where, before it is drawn.

use std::collections::BTreeMap;

use super::letters::{Face, Letters, Run};

/// A4 in points.
pub const A4: (f32, f32) = (595.28, 841.89);
/// Left and right margin.
pub const SIDE: f32 = 54.0;
/// Upper margin.
const TOP: f32 = 52.0;
/// Lower margin, the footer in it.
pub const BOTTOM: f32 = 58.0;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink(pub u8, pub u8, pub u8);

/// Text.
pub const INK: Ink = Ink(27, 31, 36);
/// What stands back.
pub const SOFT: Ink = Ink(90, 100, 112);
/// Numbers of sections, links.
pub const ACCENT: Ink = Ink(11, 74, 117);
/// Lines between rows.
pub const RULE: Ink = Ink(217, 222, 228);
/// Bars of shares.
pub const BAR: Ink = Ink(207, 224, 238);
/// The ground of a warning, and its edge.
pub const WARNING: (Ink, Ink) = (Ink(253, 244, 238), Ink(213, 94, 0));

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// To a place of this document.
    Place(String),
    /// To an address.
    Address(String),
}

/// Something on a page. Coordinates are points from the upper left corner.
#[derive(Debug)]
pub enum Item {
    /// Text on a base line.
    Text {
        /// Left end.
        x: f32,
        /// Base line.
        y: f32,
        /// Its glyphs.
        runs: Vec<Run>,
        /// Size.
        size: f32,
        /// Colour.
        ink: Ink,
    },
    /// A filled rectangle.
    Fill {
        /// Left, top, width, height.
        place: [f32; 4],
        /// Colour.
        ink: Ink,
    },
    /// A figure, by its number in the list of figures.
    Figure {
        /// Which.
        at: usize,
        /// Left, top, width, height.
        place: [f32; 4],
    },
    /// The number of the page of a place, set to the right.
    PageOf {
        /// The place.
        place: String,
        /// Right end.
        x: f32,
        /// Base line.
        y: f32,
        /// Size.
        size: f32,
    },
}

/// One page.
#[derive(Debug)]
pub struct Sheet {
    /// Width and height.
    pub size: (f32, f32),
    /// What stands on it.
    pub items: Vec<Item>,
    /// Links: left, top, width, height, and where they lead.
    pub links: Vec<([f32; 4], Target)>,
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Size in points.
    pub size: f32,
    /// Distance of base lines.
    pub leading: f32,
    /// Distance from the left margin.
    pub indent: f32,
    /// The width to keep within; to the right margin where it is zero.
    pub width: f32,
}

impl Style {
    /// Of a size, with a leading that suits it.
    pub fn of(size: f32) -> Self {
        Self { size, leading: (size * 1.42).round(), indent: 0.0, width: 0.0 }
    }

    /// Further to the right.
    pub fn indented(self, indent: f32) -> Self {
        Self { indent, ..self }
    }
}

/// Words of one look.
#[derive(Clone, Debug)]
pub struct Words {
    /// The text.
    pub text: String,
    /// Cut.
    pub face: Face,
    /// Colour.
    pub ink: Ink,
    /// Where it leads.
    pub target: Option<Target>,
}

impl Words {
    /// Plain words.
    pub fn new(text: impl Into<String>, face: Face, ink: Ink) -> Self {
        Self { text: text.into(), face, ink, target: None }
    }

    /// Words that lead somewhere.
    pub fn to(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }
}

/// An entry of the bookmarks.
#[derive(Clone, Debug)]
pub struct Mark {
    /// 0 for a chapter.
    pub level: usize,
    /// What it says.
    pub text: String,
    /// Page from 0, and height.
    pub place: (usize, f32),
}

/// The document so far.
pub struct Flow {
    /// The pages.
    pub sheets: Vec<Sheet>,
    /// The fonts.
    pub letters: Letters,
    /// Places that links lead to: page from 0, and height.
    pub places: BTreeMap<String, (usize, f32)>,
    /// Bookmarks.
    pub marks: Vec<Mark>,
    /// Upper end of what comes next.
    pub y: f32,
}

/// A piece of a line.
struct Piece {
    text: String,
    /// Which words it is of.
    words: usize,
}

impl Flow {
    /// One empty page.
    pub fn new(letters: Letters) -> Self {
        let mut flow =
            Self { sheets: Vec::new(), letters, places: BTreeMap::new(), marks: Vec::new(), y: TOP };
        flow.page(A4);
        flow
    }

    /// A new page.
    pub fn page(&mut self, size: (f32, f32)) {
        self.sheets.push(Sheet { size, items: Vec::new(), links: Vec::new() });
        self.y = TOP;
    }

    /// Whether nothing stands on this page, and it is upright.
    pub fn is_fresh(&self) -> bool {
        self.sheets.last().is_some_and(|sheet| sheet.items.is_empty() && sheet.size == A4)
    }

    /// A new upright page, unless this one is.
    pub fn fresh(&mut self) {
        if !self.is_fresh() {
            self.page(A4);
        }
    }

    /// Width and height of this page.
    pub fn size(&self) -> (f32, f32) {
        self.sheets.last().map_or(A4, |sheet| sheet.size)
    }

    /// The width between the margins.
    pub fn width(&self) -> f32 {
        self.size().0 - 2.0 * SIDE
    }

    /// The height that is left.
    pub fn room(&self) -> f32 {
        self.size().1 - BOTTOM - self.y
    }

    /// A new page where less than this height is left. A page that is turned is followed by an upright one.
    pub fn need(&mut self, height: f32) -> bool {
        let short = self.room() < height && self.y > TOP + 1.0;
        if short {
            self.page(A4);
        }
        short
    }

    /// White space, none at the head of a page.
    pub fn skip(&mut self, height: f32) {
        if self.y > TOP + 0.5 {
            self.y += height;
        }
    }

    /// Puts something on this page.
    pub fn put(&mut self, item: Item) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.items.push(item);
        }
    }

    /// A filled rectangle.
    pub fn fill(&mut self, place: [f32; 4], ink: Ink) {
        self.put(Item::Fill { place, ink });
    }

    /// A rule over the width.
    pub fn rule(&mut self, weight: f32, ink: Ink) {
        let place = [SIDE, self.y, self.width(), weight];
        self.fill(place, ink);
        self.y += weight;
    }

    /// A link on this page.
    pub fn link(&mut self, place: [f32; 4], target: Target) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.links.push((place, target));
        }
    }

    /// Names this place.
    pub fn here(&mut self, name: &str) {
        self.places.insert(name.to_string(), (self.sheets.len() - 1, self.y));
    }

    /// A bookmark to this place.
    pub fn mark(&mut self, level: usize, text: &str) {
        let place = (self.sheets.len() - 1, self.y);
        self.marks.push(Mark { level, text: text.to_string(), place });
    }

    /// One line of text with its left end and its base line; gives its right end.
    pub fn text(&mut self, x: f32, y: f32, text: &str, face: Face, size: f32, ink: Ink) -> f32 {
        let runs = self.letters.line(text, face);
        let end = x + runs.iter().map(|run| run.width).sum::<f32>() * size;
        self.put(Item::Text { x, y, runs, size, ink });
        end
    }

    /// The lines of a text within a width.
    pub fn wrap(&mut self, text: &str, face: Face, size: f32, width: f32) -> Vec<String> {
        let words = [Words::new(text, face, INK)];
        let lines = self.lines(&words, size, width);
        lines.into_iter().map(|line| line.into_iter().map(|piece| piece.text).collect()).collect()
    }

    /// A paragraph, over as many pages as it takes.
    pub fn paragraph(&mut self, words: &[Words], style: Style) {
        let width = if style.width > 0.0 { style.width } else { self.width() - style.indent };
        let lines = self.lines(words, style.size, width);
        if lines.len() > 1 {
            // no first line alone at the foot of a page
            self.need(2.0 * style.leading);
        }
        for line in lines {
            self.need(style.leading);
            let base = self.y + style.leading * 0.5 + style.size * 0.36;
            let mut x = SIDE + style.indent;
            for piece in line {
                let Some(look) = words.get(piece.words) else { continue };
                let end = self.text(x, base, &piece.text, look.face, style.size, look.ink);
                if let Some(target) = &look.target {
                    self.link([x, self.y, end - x, style.leading], target.clone());
                }
                x = end;
            }
            self.y += style.leading;
        }
    }

    /// Breaks words into lines: at spaces and line feeds, after hyphens and slashes, inside a word only where it alone
    /// is too wide.
    fn lines(&mut self, words: &[Words], size: f32, width: f32) -> Vec<Vec<Piece>> {
        let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
        let mut used = 0.0;
        for (at, look) in words.iter().enumerate() {
            for (number, part) in look.text.split('\n').enumerate() {
                if number > 0 {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                for word in split(part) {
                    let bare = self.letters.width(word.trim_end(), look.face, size);
                    if used > 0.0 && used + bare > width {
                        lines.push(Vec::new());
                        used = 0.0;
                    }
                    if bare <= width {
                        let full = self.letters.width(word, look.face, size);
                        push(&mut lines, at, word);
                        used += full;
                        continue;
                    }
                    for c in word.chars() {
                        let mut own = [0; 4];
                        let c = &*c.encode_utf8(&mut own);
                        let step = self.letters.width(c, look.face, size);
                        if used > 0.0 && used + step > width {
                            lines.push(Vec::new());
                            used = 0.0;
                        }
                        push(&mut lines, at, c);
                        used += step;
                    }
                }
            }
        }
        for line in &mut lines {
            // the gap before a break is no part of the line
            if let Some(last) = line.last_mut() {
                last.text.truncate(last.text.trim_end().len());
            }
        }
        lines
    }
}

/// Adds to the last line.
fn push(lines: &mut [Vec<Piece>], words: usize, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(piece) if piece.words == words => {
            piece.text.push_str(text);
        }
        _ => line.push(Piece { text: text.to_string(), words }),
    }
}

/// Words with the gap behind them.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len();
        let mut last = ' ';
        for (at, c) in rest.char_indices() {
            let after = at > 0 && c != ' ' && matches!(last, ' ' | '-' | '/');
            if after {
                end = at;
                break;
            }
            last = c;
        }
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_break_after_gaps_hyphens_and_slashes() {
        assert_eq!(
            split("a  well-known and/or").collect::<Vec<_>>(),
            ["a  ", "well-", "known ", "and/", "or"]
        );
        assert_eq!(split("").count(), 0);
    }

    #[test]
    fn no_line_is_wider_than_the_column() {
        let mut flow = Flow::new(Letters::new().expect("the linked fonts"));
        let text = format!("short words and {} then more", "x".repeat(500));
        for line in flow.wrap(&text, Face::Regular, 9.0, 200.0) {
            assert!(flow.letters.width(&line, Face::Regular, 9.0) <= 200.5, "{line}");
        }
    }
}
