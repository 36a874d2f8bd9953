//! Tables as people read them: ranges in one column, what says nothing left out, exact numbers behind.

use serde::Serialize;

use crate::answer::{Cell, Column, Range, Row, Table, Unit, format_unit};

/// A table of the document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownTable {
    /// A heading.
    pub title: String,
    /// The columns.
    pub heads: Vec<Head>,
    /// The rows that are printed.
    pub rows: Vec<Vec<ShownCell>>,
    /// How many rows are left out.
    pub rest: usize,
    /// What the columns that were left out would say.
    pub notes: Vec<String>,
    /// Whether the only row is printed as a list of names and values.
    pub single: bool,
    /// Whether the few rows stand side by side, a line for each column: what is too wide for a page otherwise.
    pub turned: bool,
    /// How many columns an upright page has room for; the others are on the screen and in the CSV file.
    pub fit: usize,
    /// The CSV file that has all of it.
    pub csv: String,
    /// For each printed row, where the page says what it rests on.
    pub rests: Vec<usize>,
}

/// A column of the document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Head {
    /// Heading.
    pub text: String,
    /// What the column says.
    pub about: String,
    /// Whether it holds numbers.
    pub number: bool,
    /// Whether all that it holds is short enough to stay on one line.
    pub short: bool,
}

/// A cell of the document.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ShownCell {
    /// What is printed.
    pub text: String,
    /// The exact number, or the key.
    pub exact: String,
    /// What the column is sorted by.
    pub sort: String,
    /// Length of a bar, 0 to 100, for a share.
    pub bar: Option<u32>,
    /// Whether it stands in a column of numbers.
    pub number: bool,
    /// Whether it stays on one line.
    pub short: bool,
    /// The range over draws, where it was drawn and moves.
    pub drawn: String,
}

/// Columns that are printed as one.
enum Group {
    One(usize),
    Range(usize, usize),
}

/// Prepares a table; `top` rows are printed.
pub fn shown(table: &Table, top: usize, csv: String) -> ShownTable {
    let mut notes = Vec::new();
    let mut groups = Vec::new();
    let mut empty = Vec::new();
    for group in grouped(&table.columns) {
        let cells = |at: usize| table.rows.iter().map(move |row| cell(row, at));
        let is_empty = |at: usize| cells(at).all(|cell| *cell == Cell::Empty);
        match group {
            Group::One(at) if !table.rows.is_empty() && is_empty(at) => empty.push(heading(table, &group)),
            Group::Range(low, high) if !table.rows.is_empty() && is_empty(low) && is_empty(high) => {
                empty.push(heading(table, &group));
            }
            Group::One(at) => match same(table, at) {
                Some(text) if at > 0 || words_follow(table) => {
                    notes.push(format!("{}: {text} in every row.", heading(table, &group)))
                }
                _ => groups.push(group),
            },
            // a range that adds nothing to the number before it
            Group::Range(low, high) if at_point(table, low, high) => {}
            Group::Range(..) => groups.push(group),
        }
    }
    if !empty.is_empty() {
        notes.push(format!("Without a value here: {}.", empty.join(", ").to_lowercase()));
    }
    let mut heads: Vec<Head> = groups.iter().map(|group| head(table, group)).collect();
    let line = |(at, row): (usize, &Row)| {
        let cell = |group| ShownCell { drawn: drawn(table, at, group), ..shown_cell(table, row, group) };
        groups.iter().map(cell).collect()
    };
    let mut rows: Vec<Vec<ShownCell>> = table.rows.iter().enumerate().take(top).map(line).collect();
    if rows.iter().flatten().any(|cell| !cell.drawn.is_empty()) {
        notes.push("In brackets: nine draws in ten.".to_string());
    }
    for (at, head) in heads.iter_mut().enumerate() {
        let length = |row: &Vec<ShownCell>| row.get(at).map_or(0, |cell| cell.text.chars().count());
        head.short = rows.iter().all(|row| length(row) <= LONGEST_LINE);
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(at)) {
            cell.short = head.short;
        }
    }
    let fit = fit(&heads, &rows);
    ShownTable {
        title: table.title.clone(),
        single: table.rows.len() == 1 && groups.len() > 4,
        turned: fit < heads.len()
            && (2..=SIDE_BY_SIDE).contains(&table.rows.len())
            && rows.len() == table.rows.len(),
        fit,
        heads,
        rows,
        rest: table.rows.len().saturating_sub(top),
        notes,
        csv,
        rests: Vec::new(),
    }
}

/// How many of the first columns an upright A4 page has room for, in the small print of wide tables.
/// An estimate, as the page is set by a browser: half an em and a little more for each letter.
fn fit(heads: &[Head], rows: &[Vec<ShownCell>]) -> usize {
    const PAGE: f64 = 505.0;
    const LETTER: f64 = 3.9;
    const GAP: f64 = 5.4;
    const LONGEST_WORD: usize = 14;
    let longest =
        |text: &str| text.split([' ', '-', '/']).map(|word| word.chars().count()).max().unwrap_or(0);
    let width = |at: usize, head: &Head| {
        let own = rows.iter().filter_map(|row| row.get(at)).map(|cell| match head.number || head.short {
            true => cell.text.chars().count().max(if cell.bar.is_some() { 8 } else { 0 }),
            false => longest(&cell.text).min(LONGEST_WORD),
        });
        own.max().unwrap_or(0).max(longest(&head.text).min(LONGEST_WORD)) as f64 * LETTER + GAP
    };
    let mut used = 0.0;
    let room = |(at, head): &(usize, &Head)| {
        used += width(*at, head);
        used <= PAGE
    };
    heads.iter().enumerate().take_while(room).count().max(1)
}

/// So many rows stand side by side at most.
const SIDE_BY_SIDE: usize = 4;

/// The middle nine tenths of the draws of a cell, or of both ends of a range.
fn drawn(table: &Table, row: usize, group: &Group) -> String {
    let unit = |at: usize| table.columns.get(at).map_or(Unit::Text, |column| column.unit);
    match group {
        Group::One(at) => table.range_of(row, *at).map(|own| own.shown(unit(*at))).unwrap_or_default(),
        Group::Range(low, high) => match (table.range_of(row, *low), table.range_of(row, *high)) {
            (Some(low_end), Some(high_end)) => Range { q95: high_end.q95, ..*low_end }.shown(unit(*low)),
            (Some(own), None) | (None, Some(own)) => own.shown(unit(*low)),
            (None, None) => String::new(),
        },
    }
}

/// Cells up to this many characters are not broken.
const LONGEST_LINE: usize = 18;

/// Whether the second column holds words that tell the rows apart, so that the first may be left out.
fn words_follow(table: &Table) -> bool {
    table.columns.get(1).is_some_and(|column| column.unit == Unit::Text) && same(table, 1).is_none()
}

/// Whether both ends of a range are, in every row, the number in the column before.
fn at_point(table: &Table, low: usize, high: usize) -> bool {
    let stem = |at: usize| table.columns.get(at).map(|column| column.name.trim_end_matches("_low"));
    let Some(before) = low.checked_sub(1).filter(|before| stem(*before) == stem(low)) else { return false };
    table.rows.iter().all(|row| cell(row, before) == cell(row, low) && cell(row, low) == cell(row, high))
}

fn cell(row: &Row, at: usize) -> &Cell {
    row.get(at).unwrap_or(&Cell::Empty)
}

/// A column of words that says the same in every one of several rows.
fn same(table: &Table, at: usize) -> Option<String> {
    let text = |row: &Row| match cell(row, at) {
        Cell::Text(text) => Some(text.clone()),
        Cell::Item { name, .. } => Some(name.clone()),
        Cell::Flag(flag) => Some(if *flag { "yes" } else { "no" }.to_string()),
        _ => None,
    };
    let (first, others) = table.rows.split_first()?;
    let first = text(first)?;
    let all = !others.is_empty() && others.iter().all(|row| text(row).as_ref() == Some(&first));
    all.then_some(first)
}

/// `x_low` and `x_high` side by side are one column.
fn grouped(columns: &[Column]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(column) = columns.get(at) {
        let next = columns.get(at + 1).filter(|next| {
            let stem = column.name.strip_suffix("_low");
            stem.is_some() && stem == next.name.strip_suffix("_high") && next.unit == column.unit
        });
        if next.is_some() {
            groups.push(Group::Range(at, at + 1));
            at += 2;
        } else {
            groups.push(Group::One(at));
            at += 1;
        }
    }
    groups
}

fn heading(table: &Table, group: &Group) -> String {
    let of = |at: usize| table.columns.get(at).map(|column| column.heading.as_str()).unwrap_or_default();
    match group {
        Group::One(at) => of(*at).to_string(),
        Group::Range(low, _) => {
            let own = of(*low).trim_end_matches(" low");
            let taken = table.columns.iter().any(|column| column.heading == own);
            if taken { format!("{own}, range") } else { own.to_string() }
        }
    }
}

fn head(table: &Table, group: &Group) -> Head {
    let about = |at: usize| table.columns.get(at).map(|c| c.description.clone()).unwrap_or_default();
    let unit = |at: usize| table.columns.get(at).map_or(Unit::Text, |column| column.unit);
    match group {
        Group::One(at) => Head {
            text: heading(table, group),
            about: about(*at),
            number: unit(*at) != Unit::Text,
            short: false,
        },
        Group::Range(low, high) => Head {
            text: heading(table, group),
            about: format!("From: {}. To: {}.", about(*low), about(*high)),
            number: true,
            short: false,
        },
    }
}

fn shown_cell(table: &Table, row: &Row, group: &Group) -> ShownCell {
    let unit = |at: usize| table.columns.get(at).map_or(Unit::Text, |column| column.unit);
    match group {
        Group::Range(low, high) => range(cell(row, *low), cell(row, *high), unit(*low)),
        Group::One(at) => one(cell(row, *at), unit(*at)),
    }
}

fn one(cell: &Cell, unit: Unit) -> ShownCell {
    let words =
        |text: &str| ShownCell { text: text.to_string(), sort: text.to_lowercase(), ..ShownCell::default() };
    match cell {
        Cell::Empty => ShownCell { number: unit != Unit::Text, ..ShownCell::default() },
        Cell::Text(text) => words(text),
        Cell::Number(value) => ShownCell {
            text: format_unit(*value, unit),
            exact: format!("{value}"),
            sort: format!("{value}"),
            bar: (unit == Unit::Share).then(|| (value.clamp(0.0, 1.0) * 100.0).round() as u32),
            number: true,
            short: false,
            drawn: String::new(),
        },
        Cell::Item { key, name } => ShownCell { exact: key.clone(), ..words(name) },
        Cell::Items(items) => {
            let names: Vec<&str> = items.iter().map(|(_, name)| name.as_str()).collect();
            let keys: Vec<&str> = items.iter().map(|(key, _)| key.as_str()).collect();
            ShownCell { exact: keys.join(", "), ..words(&names.join(", ")) }
        }
        Cell::Flag(flag) => words(if *flag { "yes" } else { "no" }),
    }
}

/// Two ends as one: a number where they agree, "or more" where the upper end is open.
fn range(low: &Cell, high: &Cell, unit: Unit) -> ShownCell {
    let (text, exact, sort) = match (low.as_number(), high.as_number()) {
        (None, None) => return ShownCell { number: true, ..ShownCell::default() },
        (Some(low), None) => (format!("{} or more", format_unit(low, unit)), format!("{low} or more"), low),
        (None, Some(high)) => (format!("up to {}", format_unit(high, unit)), format!("up to {high}"), high),
        (Some(low), Some(high)) => {
            let (from, to) = (format_unit(low, unit), format_unit(high, unit));
            let exact = if low == high { format!("{low}") } else { format!("{low} to {high}") };
            let text = if from == to { from } else { format!("{}\u{2013}{to}", without_unit(&from, &to)) };
            (text, exact, low)
        }
    };
    ShownCell {
        text,
        exact,
        sort: format!("{sort}"),
        bar: None,
        number: true,
        short: false,
        drawn: String::new(),
    }
}

/// The lower end without the unit that the upper end repeats.
fn without_unit<'a>(from: &'a str, to: &str) -> &'a str {
    let unit = |text: &str| text.find(' ').and_then(|at| text.get(at..).map(str::to_string));
    match (unit(from), unit(to)) {
        (Some(own), Some(other)) if own == other => from.strip_suffix(own.as_str()).unwrap_or(from),
        _ => from.strip_suffix('x').filter(|_| to.ends_with('x')).unwrap_or(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = vec![
            Column::new("who", Unit::Text, "Who"),
            Column::new("by", Unit::Text, "By"),
            Column::new("annual_low", Unit::UsdPerYear, "Least"),
            Column::new("annual_high", Unit::UsdPerYear, "Most"),
            Column::new("share", Unit::Share, "Share"),
            Column::new("hidden", Unit::Ratio, "Hidden"),
        ];
        let mut table = Table::new("t", "T", columns);
        for (name, low, high) in [("b", 1e9, Some(2.5e9)), ("a", 3e9, None)] {
            table.rows.push(vec![
                Cell::text(name),
                Cell::text("entity"),
                Cell::Number(low),
                Cell::number(high),
                Cell::Number(0.25),
                Cell::Empty,
            ]);
        }
        table
    }

    #[test]
    fn ranges_are_one_column_and_what_says_nothing_is_a_note() {
        let shown = shown(&table(), 1, "csv/t.csv".into());
        let heads: Vec<_> = shown.heads.iter().map(|head| head.text.as_str()).collect();
        assert_eq!(heads, ["Who", "Annual", "Share"]);
        assert_eq!(shown.rows.len(), 1);
        assert_eq!(shown.rest, 1);
        let cell = &shown.rows[0][1];
        assert_eq!(
            (cell.text.as_str(), cell.exact.as_str()),
            ("$1bn–$2.5bn a year", "1000000000 to 2500000000")
        );
        assert_eq!(shown.rows[0][2].bar, Some(25));
        assert_eq!(shown.notes, ["By: entity in every row.", "Without a value here: hidden."]);
    }

    #[test]
    fn what_is_too_wide_for_a_page_is_turned_or_cut_on_paper() {
        let columns = (0..30).map(|at| Column::new(&format!("column_{at}"), Unit::Ratio, "A number"));
        let mut wide = Table::new("t", "T", columns.collect());
        for row in 0..3 {
            wide.rows.push((0..30).map(|at| Cell::Number(f64::from(row * 100 + at) + 1000.0)).collect());
        }
        let few = shown(&wide, 10, String::new());
        assert!(few.turned && few.fit < 30, "{}", few.fit);
        // rows that are left out cannot stand beside the others, nor can many
        assert!(!shown(&wide, 2, String::new()).turned);
        wide.rows.extend(wide.rows.clone());
        let many = shown(&wide, 10, String::new());
        assert!(!many.turned && many.fit < 30);
        let narrow = shown(&table(), 1, String::new());
        assert!(!narrow.turned);
        assert_eq!(narrow.fit, narrow.heads.len());
    }

    #[test]
    fn open_ends_say_so() {
        let cell = range(&Cell::Number(20.0), &Cell::Empty, Unit::Ratio);
        assert_eq!((cell.text.as_str(), cell.exact.as_str()), ("20x or more", "20 or more"));
        let cell = range(&Cell::Number(2.0), &Cell::Number(4.0), Unit::Ratio);
        assert_eq!(cell.text, "2–4x");
        assert_eq!(range(&Cell::Number(0.4), &Cell::Number(0.5), Unit::Share).text, "40.0–50.0 %");
    }
}
