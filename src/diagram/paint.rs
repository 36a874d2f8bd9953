//! What every SVG document is made of: its head, title, legend and caption, text and numbers.

use std::fmt::Write;

use super::layout::geometry::{Point, Rect};
use super::layout::{LegendEntry, PlacedLegend, TextLine};
use super::palette;
use super::quote::escape_xml;
use super::text::Weight;

/// The font stack of every text.
const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// A document without its inside.
pub(super) struct Document<'d> {
    /// The prefix of all its ids.
    pub key: &'d str,
    pub width: f64,
    pub height: f64,
    pub title: &'d str,
    /// The text for readers who cannot see it.
    pub alt: &'d str,
}

impl Document<'_> {
    /// The document around what `inside` writes.
    pub fn write(&self, inside: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        let (key, width, height) = (self.key, num(self.width), num(self.height));
        push(
            &mut out,
            format_args!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
                 viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{key}-title {key}-desc\" \
                 font-family=\"{FONT}\">\n<title id=\"{key}-title\">{}</title>\n<desc id=\"{key}-desc\">{}</desc>\n\
                 <rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
                escape_xml(self.title),
                escape_xml(self.alt),
                palette::PAPER,
            ),
        );
        inside(&mut out);
        out.push_str("</svg>\n");
        out
    }
}

/// A prefix for ids, so that several figures can share a page: FNV-1a of these texts.
pub(super) fn key<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.into_iter().flat_map(|text| text.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("f{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

/// The title.
pub(super) fn heading(out: &mut String, title: &[TextLine]) {
    group(out, "heading", |out| title.iter().for_each(|line| text(out, line, "#000000")));
}

/// The legend, whose samples `sample` draws.
pub(super) fn legend(out: &mut String, legend: &PlacedLegend, sample: impl Fn(&mut String, &LegendEntry)) {
    group(out, "legend", |out| {
        let frame = format!("rx=\"4\" fill=\"{}\" stroke=\"{}\"", palette::PAPER, palette::TIER_BORDER);
        rect(out, &legend.rect, &frame);
        text(out, &legend.heading, palette::INK);
        for entry in &legend.entries {
            sample(out, entry);
            entry.lines.iter().for_each(|line| text(out, line, palette::INK));
        }
    });
}

/// The caption.
pub(super) fn caption(out: &mut String, lines: &[TextLine]) {
    group(out, "caption", |out| lines.iter().for_each(|line| text(out, line, palette::SOFT_INK)));
}

pub(super) fn group(out: &mut String, class: &str, inside: impl FnOnce(&mut String)) {
    push(out, format_args!("<g class=\"{class}\">\n"));
    inside(out);
    out.push_str("</g>\n");
}

pub(super) fn rect(out: &mut String, r: &Rect, style: &str) {
    let (x, y, w, h) = (num(r.x), num(r.y), num(r.width), num(r.height));
    push(out, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {style}/>\n"));
}

pub(super) fn text(out: &mut String, line: &TextLine, colour: &str) {
    let anchor = if line.centred { " text-anchor=\"middle\"" } else { "" };
    let weight = if line.weight == Weight::Bold { " font-weight=\"bold\"" } else { "" };
    push(
        out,
        format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{weight} fill=\"{colour}\">{}</text>\n",
            num(line.at.x),
            num(line.at.y),
            num(line.size),
            escape_xml(&line.text)
        ),
    );
}

pub(super) fn xy(p: Point) -> String {
    format!("{} {}", num(p.x), num(p.y))
}

/// A number with two decimals, without a negative zero.
pub(super) fn num(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_string() } else { text }
}

/// Writing to a `String` cannot fail.
pub(super) fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}
