//! Small multiples of disruptions, from outside: their numbers against the table of days, and the room on odd input.

mod common;
mod diagram_checks;

use common::{ask, graph, number, view};
use diagram_checks::{clashes, texts};
use linchpin::analysis::ron_options;
use linchpin::answer::{Answer, Cell};
use linchpin::diagram::chart::{
    Axis, Chart, Curve, Estimate, Event, Glyph, Page, Panel, Panels, Plot, Problem, Scale, Unit, problems,
    render,
};
use linchpin::diagram::view::{Draw, ViewError};
use linchpin::diagram::{Engine, Format};
use linchpin::graph::Graph;
use proptest::prelude::*;

/// Mine → works → lab, and a second lab that hangs on nobody; works keep ten days of ore, labs five of chips.
const CHAIN: &str = r#"(
    format: 1, name: "chain",
    kinds: { "firm": (), "lab": () },
    products: { "ore": (inventory: Days(10)), "chips": (inventory: Days(5)) },
    entities: {
        "mine": (name: "Mine", kind: "firm"), "works": (name: "Works", kind: "firm", needs: { "ore": Essential }),
        "lab": (name: "Lab", kind: "lab", needs: { "chips": Essential }), "free": (name: "Free Lab", kind: "lab"),
    },
    relations: {
        "a": Supplies(from: "mine", to: "works", product: "ore", share_of_need: Share(1.0), share_of_output: Share(1.0), assumed: "test"),
        "b": Supplies(from: "works", to: "lab", product: "chips", share_of_need: Share(1.0), share_of_output: Share(1.0), assumed: "test"),
    },
)"#;

fn draw(graph: &Graph, question: &str) -> Result<Chart, ViewError> {
    let draw: Draw = ron_options().from_str(question).expect("the view is well-formed");
    draw.figure(&view(graph)).map(|figure| figure.into_chart().expect("a chart"))
}

fn panels(chart: &Chart) -> &Panels {
    match &chart.plot {
        Plot::Panels(panels) => panels,
        _ => panic!("expected panels"),
    }
}

/// The values of a column day by day, as the table of days has them.
fn daily(answer: &Answer, key: &str, column: &str) -> Vec<(f64, Option<f64>)> {
    let table = answer.table("days").expect("days");
    let of = |row: &usize| table.cell(*row, "entity").and_then(Cell::as_key) == Some(key);
    let rows = (0..table.rows.len()).filter(of);
    rows.map(|row| (table.number(row, "day").expect("a day"), table.number(row, column))).collect()
}

/// The values of a line whose points are days.
fn plain(curve: &Curve) -> Vec<(f64, Option<f64>)> {
    assert!(curve.points.iter().all(|(_, y)| y.is_none_or(|y| !y.is_wide())));
    curve.points.iter().map(|(x, y)| (*x, y.map(|y| y.at))).collect()
}

#[test]
fn panels_hold_the_days_of_the_disruption() {
    let graph = graph(CHAIN);
    let question = r#"Disruption(fail: ["mine"], days: 20, horizon: 60, every: 1)"#;
    // the view takes every day, whatever the question says
    let sparse = question.replace("every: 1", "every: 7");
    let chart = draw(&graph, &format!("DisruptionPanels(ask: {sparse})")).expect("a chart");
    let answer = ask(&graph, question);
    let own = panels(&chart);
    assert_eq!((own.columns, own.y.len(), own.panels.len()), (3, 3, 9));
    let rows = &answer.table("disruption").expect("who is hit").rows;
    for (row, three) in rows.iter().zip(own.panels.chunks(3)) {
        let Some(Cell::Item { key, name }) = row.first() else { panic!("an entity") };
        assert_eq!((&three[0].title, three[1].title.as_str()), (name, ""));
        for (panel, column) in three.iter().zip(["functionality", "least_stock", "unmet"]) {
            assert_eq!(panel.curves.len(), 1);
            assert_eq!(plain(&panel.curves[0]), daily(&answer, key, column), "{key}.{column}");
        }
        // who makes nothing before it is hit has no mark; all others have the marks of the table
        let events: Vec<(f64, Glyph)> =
            three[0].curves[0].events.iter().map(|event| (event.x, event.glyph)).collect();
        let marks = [("first_hit", Glyph::Triangle), ("trough_day", Glyph::Disc), ("back", Glyph::Diamond)];
        let expected: Vec<(f64, Glyph)> = marks
            .iter()
            .filter_map(|(column, glyph)| Some((number(&answer, key, column)?, *glyph)))
            .collect();
        assert_eq!(events, expected, "{key}");
        let trough = plain(&three[0].curves[0]).into_iter().filter_map(|(_, y)| y).fold(1.0, f64::min);
        assert_eq!(Some(trough), number(&answer, key, "trough"), "{key}");
    }
}

/// A run of more than sixty days is drawn as means over some days, with the least and the most of each.
#[test]
fn long_runs_are_drawn_as_means() {
    let graph = graph(CHAIN);
    let chart = draw(&graph, r#"DisruptionPanels(ask: Disruption(fail: ["mine"], days: 20, horizon: 130))"#)
        .expect("a chart");
    let answer = ask(&graph, r#"Disruption(fail: ["mine"], days: 20, horizon: 130, every: 1)"#);
    let works = panels(&chart).panels.iter().find(|panel| panel.title == "Works").expect("the works");
    let days = daily(&answer, "works", "functionality");
    assert_eq!(works.curves[0].points.len(), 33);
    for ((at, mean), days) in works.curves[0].points.iter().zip(days.chunks(4)) {
        let mean = mean.expect("a value");
        let values: Vec<f64> = days.iter().filter_map(|(_, y)| *y).collect();
        let count = values.len() as f64;
        assert!((at - days.iter().map(|(x, _)| x).sum::<f64>() / count).abs() < 1e-9);
        assert!((mean.at - values.iter().sum::<f64>() / count).abs() < 1e-9);
        assert_eq!(mean.low, values.iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(mean.high, values.iter().copied().fold(0.0, f64::max));
    }
    assert!(chart.caption.iter().any(|line| line.starts_with("Lines are means over 4 days")));
}

#[test]
fn each_variant_has_a_line_and_who_is_not_hit_stays_at_one() {
    let graph = graph(CHAIN);
    let stop = |days: u32| {
        format!(
            r#"(title: "{days} days", scenario: (title: "stop", shocks: [(on: Entity("mine"), what: CapacityLoss(1), days: {days})]))"#
        )
    };
    let variants = format!("[{}, {}]", stop(5), stop(20));
    let question =
        format!("DisruptionPanels(ask: Compare(ask: Disruption(horizon: 60), variants: {variants}))");
    let chart = draw(&graph, &question).expect("a chart");
    let own = panels(&chart);
    assert_eq!((own.columns, own.y.len(), own.panels.len()), (2, 1, 3));
    assert!(own.panels.iter().all(|panel| panel.curves.len() == 2));
    let lab = own.panels.iter().find(|panel| panel.title == "Lab").expect("the lab");
    // ten days of ore carry five days without the mine
    assert_eq!(plain(&lab.curves[0]), [(0.0, Some(1.0)), (59.0, Some(1.0))]);
    assert_eq!((lab.curves[0].says.as_str(), lab.curves[0].events.len()), ("A: not hit", 0));
    let longer = ask(&graph, r#"Disruption(fail: ["mine"], days: 20, horizon: 60, every: 1)"#);
    assert_eq!(plain(&lab.curves[1]), daily(&longer, "lab", "functionality"));
    assert!(lab.curves[1].says.starts_with("B: hit day 15"), "{}", lab.curves[1].says);
    let legend: Vec<&str> = chart.legend.iter().map(|key| key.text.as_str()).collect();
    assert_eq!(legend[..2], ["A: 5 days", "B: 20 days"]);
    // the same with the variants beside a question that has an answer itself: a line more
    let question = format!(
        r#"DisruptionPanels(ask: Disruption(fail: ["mine=0.5"], days: 9, horizon: 60), with: {variants}, kinds: ["lab"], show: [Unmet, Stock])"#
    );
    let chart = draw(&graph, &question).expect("a chart");
    assert_eq!(panels(&chart).panels.len(), 2);
    assert!(panels(&chart).panels.iter().all(|panel| panel.curves.len() == 3));
    assert!(chart.legend.iter().any(|key| key.text == "A: As it is"));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let graph = graph(CHAIN);
    let cases = [
        (r#"DisruptionPanels(ask: Tiers())"#, "expected a disruption"),
        (r#"DisruptionPanels(ask: Compare(ask: Tiers()))"#, "expected a disruption"),
        (r#"DisruptionPanels(query: "nobody")"#, "there is no query"),
        (
            r#"DisruptionPanels(ask: Disruption(fail: ["mine"]), kinds: ["labs"])"#,
            "expected one of firm, lab",
        ),
        (
            r#"DisruptionPanels(ask: Disruption(fail: ["free"]), kinds: ["firm"])"#,
            "nobody of these kinds is hit",
        ),
        (r#"DisruptionPanels(ask: Disruption(fail: ["mine"]), top: 0)"#, "expected 1 to 12"),
        (r#"DisruptionPanels(ask: Disruption(fail: ["mines"]))"#, "mine"),
    ];
    for (question, expected) in cases {
        let error = draw(&graph, question).map(|_| ()).expect_err(question).to_string();
        assert!(error.contains(expected), "{question}: {error}");
    }
}

fn board(columns: usize, axes: usize, values: Vec<Vec<Option<f64>>>) -> Chart {
    let axis = || Axis::new("Output", Scale::Quantity { unit: Unit::Share, low: 0.0, high: 1.0 });
    let panel = |(at, ys): (usize, Vec<Option<f64>>)| {
        let wide = |y: f64| Estimate { at: y, low: y / 2.0, high: (1.0 + y) / 2.0 };
        let points: Vec<(f64, Option<Estimate>)> =
            ys.iter().enumerate().map(|(day, y)| (day as f64, y.map(wide))).collect();
        let events = points.iter().take(3).filter_map(|(x, y)| {
            Some(Event { x: *x, y: (*y)?.at, glyph: Glyph::Disc, tooltip: "<event>".to_string() })
        });
        let curve = |style: u8| Curve {
            name: format!("line & {style}"),
            says: format!("{style}: hit day 24, least 12 % on 60, back 93 and then a good deal more"),
            points: points.clone(),
            style,
            filled: style == 0,
            events: events.clone().collect(),
        };
        Panel {
            title: format!("Entity {at} of a company with a very long name"),
            curves: vec![curve(0), curve(5)],
        }
    };
    Chart {
        title: "Panels".to_string(),
        caption: Vec::new(),
        alt: "Panels of something that is long enough".to_string(),
        legend: Vec::new(),
        page: Page::Upright,
        plot: Plot::Panels(Panels {
            columns,
            x: Axis::new("Days", Scale::Quantity { unit: Unit::Number, low: 0.0, high: 40.0 }),
            y: (0..axes).map(|_| axis()).collect(),
            panels: values.into_iter().enumerate().map(panel).collect(),
        }),
    }
}

#[test]
fn panels_that_contradict_themselves_are_refused() {
    assert_eq!(problems(&board(2, 1, vec![vec![Some(0.5)]])), []);
    assert!(matches!(problems(&board(3, 2, vec![vec![Some(0.5)]]))[..], [Problem::Position { .. }]));
    assert!(matches!(
        problems(&board(1, 1, vec![vec![None, Some(-1.5)]]))[0],
        Problem::Value { index: 0, .. }
    ));
    assert!(matches!(problems(&board(1, 1, vec![vec![Some(f64::NAN)]]))[0], Problem::Value { index: 0, .. }));
    assert!(matches!(problems(&board(1, 1, vec![Vec::new(); 201]))[0], Problem::TooMany { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// No text covers another or is out of the canvas, whatever is drawn.
    #[test]
    fn any_panels_are_drawn(
        columns in 1_usize..4,
        own in any::<bool>(),
        values in prop::collection::vec(prop::collection::vec(prop::option::of(0.0_f64..=1.0), 0..40), 0..9),
    ) {
        let chart = board(columns, if own { columns } else { 1 }, values);
        prop_assert_eq!(problems(&chart), []);
        let drawn = render(&chart, Format::Svg, Engine::Embedded).expect("a chart without problems");
        let svg = String::from_utf8(drawn.bytes).expect("UTF-8");
        prop_assert_eq!(clashes(&svg), Vec::<String>::new());
        prop_assert!(!svg.contains("NaN") && texts(&svg).len() > 1);
    }
}
