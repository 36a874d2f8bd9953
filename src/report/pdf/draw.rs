//! Pages → the PDF file.

use krilla::Document as File;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target as Link};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::usvg::Tree;

use super::flow::{BOTTOM, Flow, Ink, Item, Mark, SIDE, SOFT, Target};
use super::letters::Face;
use crate::diagram::pdf::{creator, settings};

/// What is said of the file itself, and at the foot of each page.
pub struct About<'a> {
    /// Headline.
    pub title: &'a str,
    /// Content hash of the data, which names the file.
    pub hash: &'a str,
    /// What stands at the foot of each page.
    pub foot: String,
}

/// The file. It holds no time of writing.
///
/// # Errors
/// What the writer of PDF files says.
pub fn draw(mut flow: Flow, figures: &[Tree], about: &About<'_>) -> Result<Vec<u8>, String> {
    footers(&mut flow, about);
    page_numbers(&mut flow);
    let mut file = File::new_with(settings());
    let last = flow.sheets.len().saturating_sub(1);
    for sheet in &flow.sheets {
        let (width, height) = sheet.size;
        let page = PageSettings::from_wh(width, height).ok_or("a page without extent")?;
        let mut page = file.start_page_with(page);
        let mut surface = page.surface();
        for item in &sheet.items {
            item.draw(&mut surface, figures);
        }
        surface.finish();
        for ([x, y, width, height], target) in &sheet.links {
            let link = match target {
                Target::Place(name) => flow.places.get(name).map(|place| {
                    let (page, y) = *place;
                    let to = XyzDestination::new(page.min(last), Point::from_xy(SIDE, y));
                    Link::Destination(to.into())
                }),
                Target::Address(address) => {
                    Some(Link::Action(Action::from(LinkAction::new(address.clone()))))
                }
            };
            let place = Rect::from_xywh(*x, *y, *width, *height);
            if let (Some(link), Some(place)) = (link, place) {
                page.add_annotation(Annotation::new_link(LinkAnnotation::new(place, link), None));
            }
        }
        page.finish();
    }
    file.set_outline(outline(&flow.marks, last));
    let metadata = Metadata::new()
        .title(about.title.to_string())
        .creator(creator())
        .language("en".to_string())
        .document_id(about.hash.to_string());
    file.set_metadata(metadata);
    file.finish().map_err(|error| format!("{error:?}"))
}

/// What is drawn on and at the foot of each page.
fn footers(flow: &mut Flow, about: &About<'_>) {
    let count = flow.sheets.len();
    for at in 0..count {
        let Some((width, height)) = flow.sheets.get(at).map(|sheet| sheet.size) else { continue };
        let base = height - BOTTOM + 34.0;
        let number = format!("{} / {count}", at + 1);
        let length = flow.letters.width(&number, Face::Regular, 7.2);
        let foot = flow.letters.line(&about.foot, Face::Regular);
        let runs = flow.letters.line(&number, Face::Regular);
        let Some(sheet) = flow.sheets.get_mut(at) else { continue };
        sheet.items.push(Item::Text { x: SIDE, y: base, runs: foot, size: 7.2, ink: SOFT });
        let x = width - SIDE - length;
        sheet.items.push(Item::Text { x, y: base, runs, size: 7.2, ink: SOFT });
    }
}

/// Puts the numbers of pages where they were left open.
fn page_numbers(flow: &mut Flow) {
    for sheet in &mut flow.sheets {
        for item in &mut sheet.items {
            let Item::PageOf { place, x, y, size } = item else { continue };
            let number = flow.places.get(place).map(|(page, _)| (page + 1).to_string()).unwrap_or_default();
            let x = *x - flow.letters.width(&number, Face::Regular, *size);
            let runs = flow.letters.line(&number, Face::Regular);
            *item = Item::Text { x, y: *y, runs, size: *size, ink: SOFT };
        }
    }
}

fn outline(marks: &[Mark], last: usize) -> Outline {
    let node = |mark: &Mark| {
        let (page, y) = mark.place;
        OutlineNode::new(mark.text.clone(), XyzDestination::new(page.min(last), Point::from_xy(SIDE, y)))
    };
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for mark in marks {
        match &mut open {
            Some(chapter) if mark.level > 0 => chapter.push_child(node(mark)),
            _ => {
                open.take().into_iter().for_each(|chapter| outline.push_child(chapter));
                open = Some(node(mark));
            }
        }
    }
    open.into_iter().for_each(|chapter| outline.push_child(chapter));
    outline
}

impl Item {
    fn draw(&self, surface: &mut Surface<'_>, figures: &[Tree]) {
        match self {
            Self::Text { x, y, runs, size, ink } => {
                surface.set_fill(Some(fill(*ink)));
                let mut x = *x;
                for run in runs {
                    let start = Point::from_xy(x, *y);
                    surface.draw_glyphs(start, &run.glyphs, run.font.clone(), &run.text, *size, false);
                    x += run.width * size;
                }
            }
            Self::Fill { place: [x, y, width, height], ink } => {
                let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) else { return };
                let mut path = PathBuilder::new();
                path.push_rect(rect);
                if let Some(path) = path.finish() {
                    surface.set_fill(Some(fill(*ink)));
                    surface.draw_path(&path);
                }
            }
            Self::Figure { at, place: [x, y, width, height] } => {
                let (Some(tree), Some(size)) = (figures.get(*at), Size::from_wh(*width, *height)) else {
                    return;
                };
                surface.push_transform(&Transform::from_translate(*x, *y));
                surface.draw_svg(tree, size, SvgSettings::default());
                surface.pop();
            }
            // every one of them has become text
            Self::PageOf { .. } => {}
        }
    }
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: rgb::Color::new(ink.0, ink.1, ink.2).into(), ..Fill::default() }
}
