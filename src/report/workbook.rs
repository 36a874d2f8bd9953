//! A report as a workbook for spreadsheets: an index, one sheet for each table with exact numbers, and what they rest
//! on.

use std::collections::BTreeSet;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError,
};

use super::document::Document;
use super::section::Section;
use crate::answer::{Cell, Table, Unit, printable};

/// The most characters that a cell holds.
const LONGEST: usize = 32_767;
/// The most characters of the name of a sheet.
const NAME: usize = 31;
/// The row of the headings of a table, from 0.
const HEAD: u32 = 3;
/// The widest column, in characters.
const WIDEST: usize = 60;

/// The looks of cells.
struct Looks {
    title: Format,
    head: Format,
    soft: Format,
    wrap: Format,
}

/// The file. The same content gives the same bytes: the file says that it was made on the day that the data is from,
/// never when it was written.
///
/// # Errors
/// More rows than a sheet holds, and what else the writer of workbooks says.
pub fn workbook(document: &Document<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made =
        ExcelDateTime::parse_from_str(&document.as_of()).or_else(|_| ExcelDateTime::from_ymd(2000, 1, 1))?;
    book.set_properties(
        &DocProperties::new()
            .set_title(text(document.title))
            .set_comment(format!("{} {}", document.data, document.hash))
            .set_creation_datetime(&made),
    );
    let looks = Looks {
        title: Format::new().set_bold().set_font_size(14),
        head: Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Thin),
        soft: Format::new().set_font_color(0x5A_6470),
        wrap: Format::new().set_text_wrap(),
    };
    let mut taken: BTreeSet<String> =
        ["contents", "columns", "evidence", "sources", "to mind"].into_iter().map(str::to_string).collect();
    let mut named: Vec<(&Section, &Table, String)> = Vec::new();
    for section in document.sections {
        for (at, table) in section.answer.tables.iter().enumerate() {
            if !table.rows.is_empty() {
                let wanted = format!("{}.{} {}", section.number, at + 1, table.name);
                named.push((section, table, sheet_name(&wanted, &mut taken)));
            }
        }
    }
    contents(book.add_worksheet(), document, &named, &looks)?;
    for (section, table, name) in &named {
        write_table(book.add_worksheet(), section, table, name, &looks)?;
    }
    let columns = named.iter().flat_map(|(_, table, name)| {
        table.columns.iter().map(move |column| {
            let unit = serde_json::to_value(column.unit).ok();
            let unit = unit.as_ref().and_then(|unit| unit.as_str()).unwrap_or_default().to_string();
            vec![name.clone(), column.heading.clone(), column.name.clone(), unit, column.description.clone()]
        })
    });
    let heads = ["Sheet", "Heading", "Column", "Unit", "What it says"];
    list(book.add_worksheet(), "Columns", "What stands in the columns", &heads, columns, &looks)?;
    let caveats = document.sections.iter().flat_map(|section| {
        let own = section.state.iter().chain(section.answer.caveats.iter().map(|caveat| &caveat.text));
        own.map(move |caveat| vec![section.number.to_string(), section.title.clone(), caveat.clone()])
    });
    list(
        book.add_worksheet(),
        "To mind",
        "What to know before using a number",
        &["No", "Question", "To mind"],
        caveats,
        &looks,
    )?;
    let records = document.sections.iter().flat_map(|section| {
        section.records.iter().map(move |record| {
            let sources: Vec<String> = record.sources.iter().map(ToString::to_string).collect();
            vec![
                section.number.to_string(),
                record.key.clone(),
                record.says.clone(),
                record.basis.clone(),
                record.assumed.clone().unwrap_or_default(),
                sources.join(", "),
                record.place.clone(),
            ]
        })
    });
    let heads = ["No", "Record", "What it says", "Basis", "Assumed because", "Sources", "Place"];
    list(book.add_worksheet(), "Evidence", "The records that each answer rests on", &heads, records, &looks)?;
    let sources = document.sources.iter().map(|source| {
        vec![
            source.number.to_string(),
            source.title.clone(),
            source.publisher.clone(),
            source.date.clone().unwrap_or_default(),
            source.reliability.clone(),
            source.url.clone(),
            source.key.clone(),
        ]
    });
    let heads = ["No", "Title", "Publisher", "Date", "Reliability", "Address", "Key"];
    list(book.add_worksheet(), "Sources", "Sources", &heads, sources, &looks)?;
    book.save_to_buffer()
}

/// The first sheet: what the report is, and where its tables are.
fn contents(
    sheet: &mut Worksheet,
    document: &Document<'_>,
    named: &[(&Section, &Table, String)],
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name("Contents")?;
    sheet.write_string_with_format(0, 0, text(document.title), &looks.title)?;
    let mut row = 1;
    for (name, value) in document.facts() {
        sheet.write_string_with_format(row, 0, name, &looks.soft)?;
        sheet.write_string(row, 1, text(&value))?;
        row += 1;
    }
    sheet.write_string_with_format(row, 0, "Made by", &looks.soft)?;
    sheet.write_string(row, 1, text(document.command))?;
    row += 2;
    for (at, head) in ["No", "Question", "Table", "Rows", "First finding", "Command"].iter().enumerate() {
        sheet.write_string_with_format(row, at as u16, *head, &looks.head)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    let first = row;
    let mut last = None;
    for (section, table, name) in named {
        row += 1;
        sheet.write_number(row, 0, section.number as f64)?;
        sheet.write_string_with_format(row, 1, text(&section.title), &looks.wrap)?;
        let place = format!("internal:'{name}'!A1");
        sheet.write_url(row, 2, Url::new(place).set_text(text(&table.title)))?;
        sheet.write_number(row, 3, table.rows.len() as f64)?;
        // once for each question, beside the first of its tables
        if last != Some(section.number) {
            let finding = section.findings.first().map_or("", |finding| &finding.text);
            sheet.write_string_with_format(row, 4, text(finding), &looks.wrap)?;
            sheet.write_string_with_format(row, 5, text(&section.command), &looks.wrap)?;
            // not every program makes room for text of several lines by itself
            let lines = [(finding, FINDING), (section.command.as_str(), COMMAND)]
                .map(|(words, width)| (words.chars().count() as f64 * 1.15 / width).ceil());
            sheet.set_row_height(row, LINE * lines.into_iter().fold(1.0, f64::max))?;
            last = Some(section.number);
        }
    }
    let widths = [16.0, 44.0, 44.0, 7.0, FINDING, COMMAND];
    for (at, width) in widths.into_iter().enumerate() {
        sheet.set_column_width(at as u16, width)?;
    }
    on_paper(sheet, first, widths.iter().sum())
}

/// Width of the columns of findings and of commands, in letters.
const FINDING: f64 = 80.0;
const COMMAND: f64 = 60.0;
/// Height of a line, points.
const LINE: f64 = 15.0;

/// Prints as wide as a page, or as so many that it can be read, with the headings again on each.
fn on_paper(sheet: &mut Worksheet, head: u32, width: f64) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    /// Letters across a page in small print.
    const READABLE: f64 = 220.0;
    let pages = (width / READABLE).ceil().clamp(1.0, 100.0) as u16;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(pages, 0);
    sheet.set_footer("&L&A&R&P / &N");
    sheet.set_repeat_rows(head, head)?;
    Ok(())
}

/// A table: exact numbers in the unit's format, things by name and in a column of their own by key.
fn write_table(
    sheet: &mut Worksheet,
    section: &Section,
    table: &Table,
    name: &str,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.write_string_with_format(0, 0, text(&table.title), &looks.title)?;
    sheet.write_string_with_format(1, 0, text(&section.question), &looks.soft)?;
    sheet.write_url(2, 0, Url::new("internal:'Contents'!A1").set_text("Contents"))?;
    sheet.write_string_with_format(2, 1, text(&section.command), &looks.soft)?;
    let mut at: u16 = 0;
    let mut total = 0.0;
    for (own, column) in table.columns.iter().enumerate() {
        let cells = || table.rows.iter().filter_map(|row| row.get(own));
        let keyed = cells().any(|cell| matches!(cell, Cell::Item { .. } | Cell::Items(_)));
        sheet.write_string_with_format(HEAD, at, text(&column.heading), &looks.head)?;
        let format = number_format(column.unit);
        let mut widest = column.heading.chars().count().min(18);
        for (row, cell) in (HEAD + 1..).zip(cells()) {
            let words = match cell {
                Cell::Empty => continue,
                Cell::Number(value) => {
                    sheet.write_number_with_format(row, at, *value, &format)?;
                    widest = widest.max(12).max(printed(*value, column.unit));
                    continue;
                }
                Cell::Flag(flag) => {
                    sheet.write_boolean(row, at, *flag)?;
                    continue;
                }
                Cell::Text(words) => words.clone(),
                Cell::Item { name, .. } => name.clone(),
                Cell::Items(items) => names(items.iter().map(|(_, name)| name)),
            };
            widest = widest.max(words.chars().count());
            sheet.write_string(row, at, text(&words))?;
        }
        sheet.set_column_width(at, (widest.min(WIDEST) + 2) as f64)?;
        total += (widest.min(WIDEST) + 2) as f64;
        at += 1;
        if keyed {
            sheet.write_string_with_format(
                HEAD,
                at,
                format!("{} (key)", text(&column.heading)),
                &looks.head,
            )?;
            for (row, cell) in (HEAD + 1..).zip(cells()) {
                let key = match cell {
                    Cell::Item { key, .. } => key.clone(),
                    Cell::Items(items) => names(items.iter().map(|(key, _)| key)),
                    _ => continue,
                };
                sheet.write_string(row, at, text(&key))?;
            }
            sheet.set_column_width(at, KEY)?;
            total += KEY;
            at += 1;
        }
    }
    sheet.set_freeze_panes(HEAD + 1, 1)?;
    let last = HEAD + table.rows.len() as u32;
    sheet.autofilter(HEAD, 0, last, at.saturating_sub(1))?;
    on_paper(sheet, HEAD, total)
}

/// Width of a column of keys, in letters.
const KEY: f64 = 18.0;

/// How many characters a number of dollars takes; other units are short.
fn printed(value: f64, unit: Unit) -> usize {
    if !matches!(unit, Unit::Usd | Unit::UsdPerYear | Unit::Quantity | Unit::Count) {
        return 0;
    }
    let digits = format!("{:.0}", value.abs()).len();
    // a sign of currency, one of minus, and a comma for every three digits
    digits + digits / 3 + 2
}

fn names<'a>(list: impl Iterator<Item = &'a String>) -> String {
    list.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// A sheet of words. Whole numbers are numbers.
fn list(
    sheet: &mut Worksheet,
    name: &str,
    title: &str,
    heads: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.write_string_with_format(0, 0, title, &looks.title)?;
    for (at, head) in heads.iter().enumerate() {
        sheet.write_string_with_format(HEAD, at as u16, *head, &looks.head)?;
    }
    let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count()).collect();
    let mut last = HEAD;
    for (row, cells) in (HEAD + 1..).zip(rows) {
        last = row;
        for (at, cell) in cells.iter().enumerate() {
            if let Some(width) = widths.get_mut(at) {
                *width = (*width).max(cell.chars().count());
            }
            match cell.parse::<u32>() {
                Ok(number) if heads.get(at) == Some(&"No") => sheet.write_number(row, at as u16, number)?,
                _ => sheet.write_string(row, at as u16, text(cell))?,
            };
        }
    }
    let widths: Vec<f64> = widths.into_iter().map(|width| (width.min(WIDEST) + 2) as f64).collect();
    for (at, width) in widths.iter().enumerate() {
        sheet.set_column_width(at as u16, *width)?;
    }
    sheet.set_freeze_panes(HEAD + 1, 0)?;
    sheet.autofilter(HEAD, 0, last, heads.len().saturating_sub(1) as u16)?;
    on_paper(sheet, HEAD, widths.iter().sum())
}

/// How numbers of a unit are shown; what the cell holds stays exact.
fn number_format(unit: Unit) -> Format {
    Format::new().set_num_format(match unit {
        Unit::Share => "0.0%",
        Unit::Usd | Unit::UsdPerYear => "$#,##0",
        Unit::Hhi | Unit::Count | Unit::Quantity => "#,##0",
        Unit::Ratio => "0.00\"x\"",
        Unit::Megawatt => "#,##0.0",
        Unit::Years | Unit::Months | Unit::Days => "0.0",
        Unit::Number | Unit::Text => "General",
    })
}

/// Text that a cell can hold: too long a one is cut and marked.
fn text(words: &str) -> String {
    let words = printable(words);
    if words.encode_utf16().count() <= LONGEST {
        return words.into_owned();
    }
    // two units a character at most
    words.chars().take(LONGEST / 2 - 1).chain(['…']).collect()
}

/// A name that a sheet may have: short, without the characters that references use, unlike every other whatever the
/// case.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = wanted
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) || c.is_control() || !c.is_ascii() { '-' } else { c })
        .take(NAME)
        .collect();
    let plain = plain.trim().to_string();
    let mut own = plain.clone();
    let mut number = 2;
    while !taken.insert(own.to_lowercase()) {
        let tail = format!("~{number}");
        own = plain.chars().take(NAME - tail.len()).collect::<String>() + &tail;
        number += 1;
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_and_each_once() {
        let mut taken = BTreeSet::new();
        let long = "12.3 a-very-long-name-of-a-table-that-goes-on";
        let names: Vec<String> = [long, long, "a/b*c'"].map(|name| sheet_name(name, &mut taken)).to_vec();
        assert!(names.iter().all(|name| name.chars().count() <= NAME), "{names:?}");
        assert_ne!(names[0], names[1]);
        assert_eq!(names[2], "a-b-c-");
        assert_ne!(sheet_name("A-B-C-", &mut taken), "A-B-C-");
    }

    #[test]
    fn text_that_is_too_long_is_cut() {
        assert_eq!(text("=1+1"), "=1+1");
        assert!(text(&"😀".repeat(40_000)).encode_utf16().count() <= LONGEST);
    }
}
