//! A question through time: each day's numbers are those of the question asked as of that day.

mod common;

use std::path::Path;

use linchpin::analysis::{Ask, View, ron_options};
use linchpin::answer::Cell;
use linchpin::dataset;
use linchpin::graph::Graph;
use linchpin::scope::Scope;

fn flagship() -> Graph {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure");
    let facts = dataset::load(&path).facts.expect("a sound dataset");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn parse(question: &str) -> Ask {
    ron_options().from_str(question).expect("the question is well-formed")
}

#[test]
fn every_day_has_the_numbers_of_that_day() {
    let graph = flagship();
    for question in [
        "LockIn(customer: \"anthropic\", provider: \"amazon\")",
        "Concentration(market: \"cloud-infrastructure\")",
        "Exposure(to: \"tsmc\", kinds: [\"lab\"])",
    ] {
        let series = parse(&format!("Series(over: \"2025..2026 by quarter\", ask: {question})"));
        let answer = series.run(&common::view(&graph)).expect("an answer");
        let all = answer.table("all-numbers").expect("all numbers");
        let mut compared = 0;
        for day in ["2025-01-01", "2025-10-01", "2026-04-01", "2026-07-01"] {
            let view = View { graph: &graph, scope: Scope::on(day.parse().expect("a day")) };
            let Ok(then) = parse(question).run(&view) else { continue };
            let rows: Vec<&[Cell]> =
                all.rows.iter().filter(|row| row[0] == Cell::text(day)).map(|row| &row[1..]).collect();
            let plain = &then.tables[0];
            assert_eq!(rows.len(), plain.rows.len(), "{question} {day}");
            for (mine, own) in rows.iter().zip(&plain.rows) {
                for (at, column) in all.columns.iter().skip(1).enumerate() {
                    let place = plain.column(&column.name);
                    assert_eq!(
                        Some(&mine[at]),
                        place.map(|place| &own[place]),
                        "{question} {day} {}",
                        column.name
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared > 10, "{question}: {compared}");
    }
}

#[test]
fn days_side_by_side_and_their_change() {
    let graph = common::graph(
        "(format: 1, name: \"t\", as_of: \"2026-07-01\", kinds: {\"k\": ()}, products: {\"p\": ()}, \
         entities: {\"a\": (kind: \"k\"), \"b\": (kind: \"k\")}, relations: { \
         \"r1\": Sells(from: \"a\", market: \"p\", share: Share(0.5), period: \"2024\", since: \"2024\", until: \"2025\", assumed: \"x\"), \
         \"r2\": Sells(from: \"b\", market: \"p\", share: Share(0.5), period: \"2024\", since: \"2024\", assumed: \"x\"), \
         \"r3\": Sells(from: \"a\", market: \"p\", share: Share(1.0), period: \"2026\", since: \"2026\", assumed: \"x\")})",
    );
    let series = parse("Series(over: \"2024..2026\", ask: Concentration(market: \"p\"), column: \"cr1\")");
    let answer = series.run(&common::view(&graph)).expect("an answer");
    let table = &answer.tables[0];
    let on = |day: &str| table.number(0, &format!("on_{day}"));
    assert_eq!(on("2024_07_01"), Some(0.5), "{table:?}");
    assert_eq!(on("2026_07_01"), Some(1.0), "{table:?}");
    assert_eq!(table.number(0, "change"), Some(0.5));
    let text = &answer.findings[0].text;
    assert!(text.contains("from 50.0 %") || text.contains("goes from 50.0 %"), "{text}");
}

#[test]
fn a_question_that_makes_no_sense_is_refused_once() {
    let graph = flagship();
    let series = parse("Series(over: \"2025..2026\", ask: Concentration(market: \"nothing\"))");
    let error = series.run(&common::view(&graph)).expect_err("an unknown market").to_string();
    assert!(error.contains("nothing"), "{error}");
    let nested = parse("Series(over: \"2025..2026\", ask: Series(over: \"2025..2026\", ask: Tiers()))");
    assert!(nested.run(&common::view(&graph)).is_err());
}

#[test]
fn a_chart_has_the_numbers_of_the_table() {
    let graph = flagship();
    let text = "ThroughTime(over: \"2023..2026\", ask: Concentration(market: \"cloud-infrastructure\"), column: \"cr1\")";
    let draw: linchpin::diagram::view::Draw = ron_options().from_str(text).expect("well-formed");
    let drawing = draw.draw(&common::view(&graph)).expect("a chart");
    let linchpin::diagram::Figure::Chart(chart) = &drawing.figure else { panic!("a chart") };
    let linchpin::diagram::chart::Plot::Axes(axes) = &chart.plot else { panic!("axes") };
    let series = parse(
        "Series(over: \"2023..2026\", ask: Concentration(market: \"cloud-infrastructure\"), column: \"cr1\")",
    );
    let answer = series.run(&common::view(&graph)).expect("an answer");
    let table = &answer.tables[0];
    let days: Vec<&str> =
        table.columns.iter().map(|c| c.name.as_str()).filter(|name| name.starts_with("on_")).collect();
    let linchpin::diagram::chart::Mark::Series(line) = &axes.marks[0] else { panic!("a line") };
    let drawn: Vec<Option<f64>> = line.points.iter().map(|(_, y)| y.map(|y| y.at)).collect();
    let row = (0..table.rows.len())
        .find(|row| days.iter().zip(&drawn).all(|(day, y)| table.number(*row, day) == *y));
    assert!(row.is_some(), "{drawn:?} {table:?}");
}

#[test]
fn a_fact_counts_from_its_first_day_until_the_day_before_its_end() {
    let graph = common::graph(
        "(format: 1, name: \"t\", as_of: \"2026-07-01\", kinds: {\"k\": ()}, products: {\"p\": ()}, \
         entities: {\"a\": (kind: \"k\"), \"b\": (kind: \"k\")}, relations: { \
         \"i\": Invests(from: \"b\", to: \"a\", amount: Usd(1e9), status: Signed, since: \"2025-03-01\", until: \"2026-03-01\", assumed: \"x\"), \
         \"j\": Invests(from: \"b\", to: \"a\", amount: Usd(2e9), status: Signed, since: \"2026-03-01\", assumed: \"x\")})",
    );
    let on = |day: &str| {
        let view = View { graph: &graph, scope: Scope::on(day.parse().expect("a day")) };
        parse("Deals()").run(&view).ok().and_then(|answer| answer.tables[0].number(0, "invested_low"))
    };
    let days = ["2025-02-28", "2025-03-01", "2026-02-28", "2026-03-01"];
    // on the day on which one ends and the other begins only the other counts: never both, never none
    assert_eq!(days.map(on), [None, Some(1e9), Some(1e9), Some(2e9)]);
}
