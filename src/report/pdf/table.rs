//! Tables in a column of text: widths from what stands in them, headings again on each page.

use super::super::tables::{Head, ShownCell, ShownTable};
use super::flow::{BAR, Flow, INK, Ink, RULE, SIDE, SOFT, Style, Words};
use super::letters::Face;

/// Size of the text.
const SIZE: f32 = 7.6;
/// Distance of base lines.
const LEADING: f32 = 9.8;
/// White between columns.
const GAP: f32 = 9.0;
/// White above and below a row.
const AIR: f32 = 2.2;
/// The width that a column of words asks for at most.
const WIDEST: f32 = 230.0;
/// The width that the longest word of a column is given at most.
const WORD: f32 = 84.0;
/// The width of the bar of a whole.
const WHOLE: f32 = 42.0;

/// Sets a table with its heading and notes.
pub fn table(flow: &mut Flow, table: &ShownTable, file: Option<&str>) {
    flow.need(60.0);
    flow.skip(8.0);
    flow.paragraph(&[Words::new(&*table.title, Face::Bold, INK)], Style::of(9.0));
    flow.skip(2.0);
    let mut dropped = Vec::new();
    if table.single {
        list(flow, table);
    } else if table.turned {
        turned(flow, table);
    } else {
        dropped = grid(flow, table);
    }
    let mut notes: Vec<String> = table.notes.clone();
    if table.rest > 0 {
        let rows = if table.rest == 1 { "row" } else { "rows" };
        notes.insert(0, format!("{} more {rows} are not printed.", table.rest));
    }
    if !dropped.is_empty() {
        notes.push(format!("No room here for {}.", dropped.join(", ").to_lowercase()));
    }
    notes.extend(file.map(|file| format!("In full: {file}.")));
    if !notes.is_empty() {
        flow.skip(2.0);
        flow.paragraph(&[Words::new(notes.join(" "), Face::Regular, SOFT)], Style::of(7.2));
    }
    flow.skip(6.0);
}

/// A table of one row as names and values.
fn list(flow: &mut Flow, table: &ShownTable) {
    let Some(row) = table.rows.first() else { return };
    let (name, value) = (150.0, 150.0);
    for (head, cell) in table.heads.iter().zip(row) {
        line(
            flow,
            &[
                Part { text: &head.text, face: Face::Regular, ink: SOFT, x: 0.0, width: name },
                Part { text: shown(cell), face: Face::Bold, ink: INK, x: name, width: value },
                Part {
                    text: &head.about,
                    face: Face::Regular,
                    ink: SOFT,
                    x: name + value,
                    width: flow.width() - name - value,
                },
            ],
        );
    }
}

/// A table of few rows and many columns: a line for each column, the rows side by side.
fn turned(flow: &mut Flow, table: &ShownTable) {
    let name = 110.0;
    let width = (flow.width() - name) / table.rows.len().max(1) as f32;
    for (at, head) in table.heads.iter().enumerate() {
        let (face, ink) = if at == 0 { (Face::Bold, INK) } else { (Face::Regular, SOFT) };
        let mut parts = vec![Part { text: &head.text, face, ink, x: 0.0, width: name }];
        for (place, cell) in table.rows.iter().filter_map(|row| row.get(at)).enumerate() {
            let face = if at == 0 { Face::Bold } else { Face::Regular };
            parts.push(Part { text: shown(cell), face, ink: INK, x: name + width * place as f32, width });
        }
        line(flow, &parts);
    }
}

fn shown(cell: &ShownCell) -> &str {
    if cell.text.is_empty() { "–" } else { &cell.text }
}

/// A text in a line of several beside each other.
struct Part<'t> {
    text: &'t str,
    face: Face,
    ink: Ink,
    x: f32,
    width: f32,
}

fn line(flow: &mut Flow, parts: &[Part<'_>]) {
    let wrapped: Vec<Vec<String>> =
        parts.iter().map(|part| flow.wrap(part.text, part.face, SIZE, part.width - GAP)).collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(1);
    flow.need(lines as f32 * LEADING + 2.0 * AIR);
    let top = flow.y + AIR;
    for (part, lines) in parts.iter().zip(&wrapped) {
        for (at, line) in lines.iter().enumerate() {
            flow.text(SIDE + part.x, base(top, at), line, part.face, SIZE, part.ink);
        }
    }
    flow.y = top + lines as f32 * LEADING + AIR;
    flow.rule(0.4, RULE);
}

fn base(top: f32, line: usize) -> f32 {
    top + line as f32 * LEADING + LEADING * 0.5 + SIZE * 0.36
}

/// A column as it is set.
struct Column {
    /// Which of the table.
    at: usize,
    x: f32,
    width: f32,
}

/// Sets rows and columns; gives the headings of columns for which there is no room.
fn grid(flow: &mut Flow, table: &ShownTable) -> Vec<String> {
    let (columns, dropped) = columns(flow, table);
    head(flow, table, &columns);
    for row in &table.rows {
        let cells: Vec<(&Column, &ShownCell, Vec<String>)> = columns
            .iter()
            .filter_map(|column| {
                let cell = row.get(column.at)?;
                let width = if cell.bar.is_some() { column.width.max(WHOLE) } else { column.width };
                Some((column, cell, flow.wrap(&cell.text, Face::Regular, SIZE, width)))
            })
            .collect();
        let lines = cells.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(1);
        let height = lines as f32 * LEADING + 2.0 * AIR;
        if lines < 20 && flow.need(height) {
            head(flow, table, &columns);
        }
        // a row that is longer than a page goes on line by line
        let mut first = 0;
        while first < lines {
            let fit = ((flow.room() - 2.0 * AIR) / LEADING).floor().max(1.0) as usize;
            let last = lines.min(first + fit);
            let top = flow.y + AIR;
            for (column, cell, lines) in &cells {
                if let Some(bar) = cell.bar.filter(|bar| *bar > 0 && first == 0) {
                    let width = WHOLE * bar as f32 / 100.0;
                    let left = SIDE + column.x + column.width - WHOLE;
                    flow.fill([left, top + 0.6, width, LEADING - 1.2], BAR);
                }
                for (at, line) in lines.iter().skip(first).take(last - first).enumerate() {
                    let mut x = SIDE + column.x;
                    if cell.number {
                        x += column.width - flow.letters.width(line, Face::Regular, SIZE);
                    }
                    flow.text(x, base(top, at), line, Face::Regular, SIZE, INK);
                }
            }
            flow.y = top + (last - first) as f32 * LEADING + AIR;
            first = last;
            if first < lines {
                flow.need(f32::MAX);
                head(flow, table, &columns);
            }
        }
        flow.rule(0.4, RULE);
    }
    dropped
}

fn head(flow: &mut Flow, table: &ShownTable, columns: &[Column]) {
    let heads: Vec<(&Column, &Head, Vec<String>)> = columns
        .iter()
        .filter_map(|column| {
            let head = table.heads.get(column.at)?;
            Some((column, head, flow.wrap(&head.text, Face::Bold, SIZE, column.width)))
        })
        .collect();
    let lines = heads.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(1);
    flow.need((lines + 2) as f32 * LEADING);
    let top = flow.y;
    for (column, head, own) in &heads {
        // headings stand on the rule
        for (at, line) in own.iter().enumerate() {
            let mut x = SIDE + column.x;
            if head.number {
                x += column.width - flow.letters.width(line, Face::Bold, SIZE);
            }
            flow.text(x, base(top, at + lines - own.len()), line, Face::Bold, SIZE, INK);
        }
    }
    flow.y = top + lines as f32 * LEADING + AIR;
    flow.rule(0.9, INK);
}

/// Widths between the longest word and the whole text, as the page allows; the last columns give way.
fn columns(flow: &mut Flow, table: &ShownTable) -> (Vec<Column>, Vec<String>) {
    let mut wants: Vec<(f32, f32)> = Vec::new();
    for (at, head) in table.heads.iter().enumerate() {
        let mut least = 0f32;
        let mut most = 0f32;
        for word in head.text.split(' ') {
            least = least.max(flow.letters.width(word, Face::Bold, SIZE));
        }
        most = most.max(least);
        for cell in table.rows.iter().filter_map(|row| row.get(at)) {
            let whole = flow.letters.width(&cell.text, Face::Regular, SIZE);
            most = most.max(whole);
            if head.number {
                least = least.max(whole.min(WORD));
                if cell.bar.is_some() {
                    least = least.max(WHOLE);
                }
            } else if head.short {
                least = least.max(whole);
            } else {
                for word in cell.text.split([' ', '-', '/']) {
                    least = least.max(flow.letters.width(word, Face::Regular, SIZE).min(WORD));
                }
            }
        }
        wants.push((least + 0.5, most.clamp(least, WIDEST.max(least)) + 0.5));
    }
    let width = flow.width();
    let room = |wants: &[(f32, f32)]| width - GAP * wants.len().saturating_sub(1) as f32;
    let mut kept = wants.len();
    let needs = |wants: &[(f32, f32)]| wants.iter().map(|(least, _)| least).sum::<f32>();
    while kept > 1 && wants.get(..kept).is_some_and(|own| needs(own) > room(own)) {
        kept -= 1;
    }
    wants.truncate(kept);
    let spare = (room(&wants) - needs(&wants)).max(0.0);
    let wish: f32 = wants.iter().map(|(least, most)| most - least).sum();
    let part = if wish > 0.0 { (spare / wish).min(1.0) } else { 0.0 };
    let mut x = 0.0;
    let mut columns = Vec::new();
    for (at, (least, most)) in wants.into_iter().enumerate() {
        let own = (least + (most - least) * part).min(width);
        columns.push(Column { at, x, width: own });
        x += own + GAP;
    }
    let dropped = table.heads.iter().skip(kept).map(|head| head.text.clone()).collect();
    (columns, dropped)
}
