//! A table as text for a terminal of a certain width.

use super::{Style, Table};
#[cfg(feature = "cli")]
use super::{Unit, render::wrapped};

/// A table for a terminal: long cells wrapped between words, the last rows counted, columns for which there is no
/// room named.
#[cfg(feature = "cli")]
pub fn table_to_text(table: &Table, style: Style) -> String {
    use comfy_table::presets::NOTHING;
    use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Width};
    let width = style.width.min(usize::from(u16::MAX)) as u16;
    let mut grid = comfy_table::Table::new();
    grid.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
    grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    let mut lines = vec![table.columns.iter().map(|column| column.heading.clone()).collect::<Vec<_>>()];
    lines.extend((0..table.rows.len()).take(style.rows).map(|row| {
        let cells = table.shown_row(row, "\n").into_iter().zip(&table.columns);
        cells.map(|(text, column)| whole(&text, column.unit)).collect()
    }));
    if style.bars {
        add_bars(&mut lines, table, style.width);
    }
    let kept = columns_with_room(&lines, style.width);
    for line in &mut lines {
        *line = kept.iter().filter_map(|at| line.get_mut(*at).map(std::mem::take)).collect();
    }
    let columns: Vec<&super::Column> = kept.iter().filter_map(|at| table.columns.get(*at)).collect();
    for (at, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&columns).map(|(text, column)| {
            let align = if column.unit == Unit::Text { CellAlignment::Left } else { CellAlignment::Right };
            comfy_table::Cell::new(text).set_alignment(align)
        });
        if at == 0 {
            grid.set_header(cells)
        } else {
            grid.add_row(cells)
        };
    }
    for (column, least) in grid.column_iter_mut().zip(least_widths(&lines, style.width)) {
        // The junction of the rule is the other blank of the gap.
        column.set_padding((0, 1));
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least.saturating_sub(1) as u16)));
    }
    let mut out = String::new();
    for line in grid.to_string().lines() {
        out.push_str(line.replace(WELD, " ").trim_end());
        out.push('\n');
    }
    push_rest(&mut out, table, style);
    if style.bars {
        out.extend(super::spark::sparks(table, style.width));
    }
    let left_out = (0..table.columns.len()).filter(|at| !kept.contains(at));
    let left_out: Vec<&str> = left_out.filter_map(|at| Some(table.columns.get(at)?.name.as_str())).collect();
    if !left_out.is_empty() {
        let text = format!("no room for {} (--format csv shows them)", left_out.join(", "));
        out.push_str(wrapped(&text, style.width).replacen("- ", "… ", 1).as_str());
    }
    out
}

/// A blank at which no line is broken.
#[cfg(feature = "cli")]
const WELD: char = '\u{a0}';

/// A short number with its unit, held together.
#[cfg(feature = "cli")]
fn whole(text: &str, unit: Unit) -> String {
    if unit != Unit::Text && text.chars().count() <= 8 {
        text.replace(' ', "\u{a0}")
    } else {
        text.to_string()
    }
}

/// Columns that a bar of a whole takes.
#[cfg(feature = "cli")]
const WHOLE: usize = 10;

/// Puts bars before the first column of shares that tells rows apart, where every column keeps its room.
#[cfg(feature = "cli")]
fn add_bars(lines: &mut [Vec<String>], table: &Table, width: usize) {
    let share = |at: usize, row: &super::Row| row.get(at).and_then(super::Cell::as_number);
    let tells = |at: &usize| {
        let mut shares = table.rows.iter().filter_map(|row| share(*at, row));
        let first = shares.next();
        first.is_some_and(|first| shares.any(|other| other != first))
    };
    let of_shares = (0..table.columns.len()).filter(|at| table.columns[*at].unit == Unit::Share);
    let Some(at) = of_shares.into_iter().find(tells) else { return };
    let longest = |at: usize| {
        lines.iter().filter_map(|line| line.get(at)).map(|text| text.chars().count()).max().unwrap_or(0) + GAP
    };
    if (0..table.columns.len()).map(longest).sum::<usize>() + WHOLE + 1 > width {
        return;
    }
    for (line, row) in lines.iter_mut().skip(1).zip(&table.rows) {
        if let (Some(text), Some(value)) = (line.get_mut(at), share(at, row)) {
            let bar = bar(value);
            let blank = WHOLE - bar.chars().count();
            *text = format!("{bar}{}\u{a0}{text:\u{a0}>7}", "\u{a0}".repeat(blank));
        }
    }
}

/// A share as a bar of eighths of a character.
#[cfg(feature = "cli")]
fn bar(share: f64) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (WHOLE * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1)));
    bar
}

/// Blanks between two columns.
#[cfg(feature = "cli")]
const GAP: usize = 2;

/// The least width of a column with long words, so that a word is not cut into syllables.
#[cfg(feature = "cli")]
const LEGIBLE: usize = 12;

/// The least width of a column of sentences.
#[cfg(feature = "cli")]
const PROSE: usize = 24;

/// The columns that fit side by side and stay legible, in their order: empty ones give way first, then the
/// last ones.
#[cfg(feature = "cli")]
fn columns_with_room(lines: &[Vec<String>], width: usize) -> Vec<usize> {
    let columns = lines.first().map_or(0, Vec::len);
    let cells = |at: usize| lines.iter().filter_map(move |line| line.get(at));
    let need = |at: usize| {
        let words = cells(at).flat_map(|text| text.split([' ', '\n'])).map(|word| word.chars().count());
        let longest = words.max().unwrap_or(0).min(LEGIBLE);
        let is_prose = cells(at).any(|text| text.chars().count() > 3 * PROSE);
        GAP + if is_prose { longest.max(PROSE) } else { longest }
    };
    let all: Vec<usize> = (0..columns).collect();
    if all.iter().map(|at| need(*at)).sum::<usize>() <= width {
        return all;
    }
    let mut room = width;
    let says_something = |at: &usize| cells(*at).skip(1).any(|text| !text.is_empty());
    let mut kept = Vec::new();
    for at in all.into_iter().filter(says_something) {
        let need = need(at);
        if kept.is_empty() || need <= room {
            room = room.saturating_sub(need);
            kept.push(at);
        }
    }
    kept
}

/// The width that each column needs so that no word is cut, gap included; less for the widest where that is
/// more than there is.
#[cfg(feature = "cli")]
fn least_widths(lines: &[Vec<String>], width: usize) -> Vec<usize> {
    let columns = lines.first().map_or(0, Vec::len);
    let longest = |at: usize| {
        let words = lines.iter().filter_map(|line| line.get(at)).flat_map(|text| text.split([' ', '\n']));
        words.map(|word| word.chars().count()).max().unwrap_or(0) + GAP
    };
    let mut least: Vec<usize> = (0..columns).map(longest).collect();
    let mut cap = least.iter().copied().max().unwrap_or(0).min(width);
    while cap > GAP + 3 && least.iter().map(|need| need.min(&cap)).sum::<usize>() > width {
        cap -= 1;
    }
    least.iter_mut().for_each(|need| *need = (*need).min(cap));
    least
}

/// A table as plain text, its last rows counted.
#[cfg(not(feature = "cli"))]
pub fn table_to_text(table: &Table, style: Style) -> String {
    let line = |cells: Vec<String>| cells.join("  ") + "\n";
    let mut out = line(table.columns.iter().map(|column| column.heading.clone()).collect());
    for row in (0..table.rows.len()).take(style.rows) {
        out.push_str(&line(table.shown_row(row, " ")));
    }
    push_rest(&mut out, table, style);
    out
}

fn push_rest(out: &mut String, table: &Table, style: Style) {
    if table.rows.len() > style.rows {
        let rest = table.rows.len() - style.rows;
        out.push_str(&format!(
            "… and {rest} more rows (--rows {} or --format csv shows them)\n",
            table.rows.len()
        ));
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::super::{Cell, Column};
    use super::*;

    #[test]
    fn columns_without_room_are_named_and_no_line_is_too_long() {
        let columns = (0..20).map(|at| Column::new(&format!("column_{at}"), Unit::Number, "A number"));
        let mut table = Table::new("wide", "Wide", columns.collect());
        table.rows.push(
            (0..20).map(|at| if at == 1 { Cell::Empty } else { Cell::Number(1e9 + f64::from(at)) }).collect(),
        );
        for width in [40, 80, 110] {
            let text = table_to_text(&table, Style { width, rows: 10, ..Style::default() });
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            let (shown, named) = text.split_once("no room for").expect("something is left out");
            assert!(named.contains("column_19") && !named.contains("column_0,"), "{text}");
            assert!(!shown.contains("Column 1\n"), "{text}");
        }
    }

    #[test]
    fn shares_have_bars_where_there_is_room() {
        let columns = vec![Column::new("a", Unit::Text, "A text"), Column::new("s", Unit::Share, "A share")];
        let mut table = Table::new("small", "Small", columns);
        for (name, share) in [("one", 1.0), ("half", 0.5), ("none", 0.0)] {
            table.rows.push(vec![Cell::text(name), Cell::Number(share)]);
        }
        let style = Style { bars: true, ..Style::default() };
        let text = table_to_text(&table, style);
        assert!(text.contains("one   ██████████ 100.0 %\n"), "{text}");
        assert!(text.contains("half  █████       50.0 %\n"), "{text}");
        assert!(!table_to_text(&table, Style { width: 20, ..style }).contains('█'));
        assert!(!table_to_text(&table, Style::default()).contains('█'));
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let mut table = Table::new("t", "T", vec![Column::new("a", Unit::Text, "A text")]);
        table.rows.push(vec![Cell::text("a\u{1b}[2J\u{7}b\u{202e}")]);
        let text = table_to_text(&table, Style::default());
        assert!(text.chars().all(|c| c == '\n' || !super::super::unprintable(c)), "{text:?}");
    }

    #[test]
    fn a_table_with_room_is_shown_whole() {
        let columns = vec![Column::new("a", Unit::Text, "A text"), Column::new("b", Unit::Text, "A text")];
        let mut table = Table::new("small", "Small", columns);
        table.rows.push(vec![Cell::text("one"), Cell::Empty]);
        assert!(!table_to_text(&table, Style::default()).contains("no room"));
    }
}
