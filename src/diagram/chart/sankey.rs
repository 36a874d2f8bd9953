//! Flows between two sides: stocks as bars, flows as ribbons whose width is their size.

use super::axes::Origin;
use super::frame::{Named, line};
use super::model::{Category, Flows, Ribbon};
use super::swatch::dash;
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::paint::{group, num, push, rect, text};
use crate::diagram::palette;
use crate::diagram::quote::escape_xml;
use crate::diagram::text::{self as type_size, LEADING, SIZE, Weight};
use crate::order::Arrange;

/// The width of the bar of a stock.
const BAR: f64 = 9.0;
const GAP: f64 = 6.0;
/// The widest that a name grows before it wraps.
const NAME: f64 = 150.0;
/// The height that the larger side's flows take together.
const BODY: f64 = 270.0;
/// Ribbons from this width on carry their label.
const LABELLED: f64 = 12.0;
/// No ribbon is drawn thinner than this.
const LEAST: f64 = 0.7;

/// A chart of flows with its places, relative to the upper left corner of its inside.
pub(super) struct Sankey<'c> {
    flows: &'c Flows,
    pub height: f64,
    left: Vec<Stock>,
    right: Vec<Stock>,
    /// Where each ribbon leaves and arrives: the top of either end, and its width.
    ends: Vec<(f64, f64, f64)>,
    /// Where the ribbons begin and end.
    span: (f64, f64),
    inner: f64,
}

struct Stock {
    name: Named,
    top: f64,
    height: f64,
}

impl<'c> Sankey<'c> {
    /// Shares out a chart of this width.
    pub fn new(flows: &'c Flows, inner: f64) -> Self {
        let named = |side: &[Category]| -> Vec<Named> { side.iter().map(name_and_size).collect() };
        let (left, right) = (named(&flows.left), named(&flows.right));
        let total: f64 = flows.ribbons.iter().map(|ribbon| ribbon.amount).sum();
        let scale = BODY / total;
        let sums = |count: usize, end: fn(&Ribbon) -> usize| -> Vec<f64> {
            let mut sums = vec![0.0; count];
            for ribbon in &flows.ribbons {
                sums[end(ribbon)] += ribbon.amount * scale;
            }
            sums
        };
        let top = if flows.from.is_empty() && flows.to.is_empty() { 0.0 } else { LEADING + 5.0 };
        let (from, to) = (sums(left.len(), |ribbon| ribbon.from), sums(right.len(), |ribbon| ribbon.to));
        let needed = room(&left, &from).max(room(&right, &to));
        let widest = |side: &[Named]| side.iter().map(Named::width).fold(0.0, f64::max);
        let span = (widest(&left) + GAP + BAR, inner - widest(&right) - GAP - BAR);
        let (left, right) = (stack(left, &from, top, needed), stack(right, &to, top, needed));
        let ends = ends(flows, &left, &right, scale);
        Self { flows, height: top + needed, left, right, ends, span, inner }
    }

    /// Draws it with its inside at `corner`; ids begin with `key`.
    pub fn draw(&self, out: &mut String, corner: Point, key: &str) {
        let origin = Origin(corner);
        group(out, "axes", |out| {
            let baseline = LEADING * 0.79;
            origin.text(out, &line(Point::new(0.0, baseline), &self.flows.from, Weight::Bold), palette::INK);
            let width = type_size::width(&self.flows.to, SIZE, Weight::Bold);
            let to = line(Point::new(self.inner - width, baseline), &self.flows.to, Weight::Bold);
            origin.text(out, &to, palette::INK);
        });
        group(out, "marks", |out| {
            // the widest first, so that narrow ones stay in sight
            let mut order: Vec<usize> = (0..self.ends.len()).collect();
            order.arrange(|a, b| self.ends[*b].2.total_cmp(&self.ends[*a].2).then(a.cmp(b)));
            for index in order {
                self.ribbon(out, index, origin, &format!("{key}-m{index}"));
            }
        });
        group(out, "stocks", |out| {
            let sides = [(&self.left, self.span.0 - BAR, true), (&self.right, self.span.1, false)];
            for (stocks, x, left) in sides {
                for stock in stocks {
                    let bar = Rect { x, y: stock.top, width: BAR, height: stock.height.max(1.0) };
                    rect(out, &origin.rect(&bar), &format!("fill=\"{}\"", palette::INK));
                    self.name(out, stock, left, origin);
                }
            }
        });
        group(out, "labels", |out| {
            for (ribbon, (from, to, width)) in self.flows.ribbons.iter().zip(&self.ends) {
                let length = type_size::width(&ribbon.label, SIZE, Weight::Regular) + 6.0;
                if ribbon.label.is_empty() || *width < LABELLED || length > (self.span.1 - self.span.0) * 0.4
                {
                    continue;
                }
                // near its beginning the ribbons of one stock lie side by side
                let at = bezier(from + width / 2.0, to + width / 2.0, 0.12);
                let place = Point::new(self.span.0 + 6.0, at + 3.2);
                origin.text(out, &line(place, &ribbon.label, Weight::Regular), "#000000");
            }
        });
    }

    fn name(&self, out: &mut String, stock: &Stock, left: bool, origin: Origin) {
        let middle = stock.top + stock.height / 2.0 - stock.name.lines() as f64 * LEADING / 2.0;
        for (row, text_of) in stock.name.name.iter().chain(&stock.name.detail).enumerate() {
            let width = type_size::width(text_of, SIZE, Weight::Regular);
            let x = if left { self.span.0 - BAR - GAP - width } else { self.span.1 + BAR + GAP };
            let at = origin.point(Point::new(x, middle + row as f64 * LEADING + LEADING * 0.79));
            let colour = if row < stock.name.name.len() { palette::INK } else { palette::SOFT_INK };
            let line =
                TextLine { at, centred: false, text: text_of.clone(), size: SIZE, weight: Weight::Regular };
            text(out, &line, colour);
        }
    }

    fn ribbon(&self, out: &mut String, index: usize, origin: Origin, id: &str) {
        let ribbon = &self.flows.ribbons[index];
        let (from, to, width) = self.ends[index];
        let width = width.max(LEAST);
        let reach = (self.span.1 - self.span.0) / 2.0;
        let at = |x: f64, y: f64| {
            let place = origin.point(Point::new(x, y));
            format!("{} {}", num(place.x), num(place.y))
        };
        let (a, b) = self.span;
        let d = format!(
            "M{} C{} {} {} L{} C{} {} {} Z",
            at(a, from),
            at(a + reach, from),
            at(b - reach, to),
            at(b, to),
            at(b, to + width),
            at(b - reach, to + width),
            at(a + reach, from + width),
            at(a, from + width),
        );
        let (fill, ink, dashes) = (palette::ground(ribbon.fill), palette::INK, dash(ribbon.line, 0.9));
        push(
            out,
            format_args!(
                "<g id=\"{id}\" class=\"mark ribbon\">\n<title>{}</title>\n<path d=\"{d}\" fill=\"{fill}\" \
                 fill-opacity=\"0.75\" stroke=\"{ink}\" stroke-width=\"0.9\"{dashes}/>\n</g>\n",
                escape_xml(&ribbon.tooltip)
            ),
        );
    }
}

/// The name of a stock with its size on the last line, so that a long name never hides it.
fn name_and_size(stock: &Category) -> Named {
    let size = format!(" {}", stock.detail);
    let room = NAME - type_size::width(&size, SIZE, Weight::Regular);
    let mut name = type_size::wrap(&stock.label, room, 2, SIZE, Weight::Regular);
    if let Some(last) = name.last_mut().filter(|_| !stock.detail.is_empty()) {
        last.push_str(&size);
    }
    Named { name, detail: Vec::new() }
}

/// The height at a part of the way of a level Bézier curve from one height to another.
fn bezier(from: f64, to: f64, part: f64) -> f64 {
    let rest = 1.0 - part;
    from * (rest.powi(3) + 3.0 * rest.powi(2) * part) + to * (3.0 * rest * part.powi(2) + part.powi(3))
}

/// The height of one stock with the room that its name needs.
fn slot(name: &Named, height: f64) -> f64 {
    height.max(name.lines() as f64 * LEADING) + 2.5
}

fn room(side: &[Named], heights: &[f64]) -> f64 {
    side.iter().zip(heights).map(|(name, height)| slot(name, *height)).sum()
}

/// Stocks one under the other; what room is left goes between them.
fn stack(side: Vec<Named>, heights: &[f64], top: f64, room_height: f64) -> Vec<Stock> {
    let spare = (room_height - room(&side, heights)) / side.len().max(1) as f64;
    let mut y = top + spare / 2.0;
    let mut stocks = Vec::new();
    for (name, height) in side.into_iter().zip(heights) {
        let slot = slot(&name, *height);
        stocks.push(Stock { name, top: y + (slot - height) / 2.0, height: *height });
        y += slot + spare;
    }
    stocks
}

/// At each stock the ribbons stand in the order of their other ends, so that they cross least.
fn ends(flows: &Flows, left: &[Stock], right: &[Stock], scale: f64) -> Vec<(f64, f64, f64)> {
    let mut ends: Vec<(f64, f64, f64)> =
        flows.ribbons.iter().map(|ribbon| (0.0, 0.0, ribbon.amount * scale)).collect();
    let mut order: Vec<usize> = (0..flows.ribbons.len()).collect();
    order.arrange_by_key(|at| (flows.ribbons[*at].to, *at));
    let mut used = vec![0.0; left.len()];
    for at in &order {
        let from = flows.ribbons[*at].from;
        ends[*at].0 = left[from].top + used[from];
        used[from] += ends[*at].2;
    }
    order.arrange_by_key(|at| (flows.ribbons[*at].from, *at));
    let mut used = vec![0.0; right.len()];
    for at in &order {
        let to = flows.ribbons[*at].to;
        ends[*at].1 = right[to].top + used[to];
        used[to] += ends[*at].2;
    }
    ends
}
