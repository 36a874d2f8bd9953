//! Charts, from outside: each view on an economy small enough to check by hand, and the room itself on odd input.

mod common;

use std::path::Path;

use common::{ask, graph, number, view};
use linchpin::analysis::ron_options;
use linchpin::diagram::chart::{
    Axes, Axis, Bar, Category, Cell, Chart, Estimate, Flows, Glyph, Key, Mark, On, Page, Plot, Point,
    Problem, Reference, Ribbon, Scale, Segment, Series, Swatch, Unit, Zone, render,
};
use linchpin::diagram::view::{Draw, VIEWS, ViewError};
use linchpin::diagram::{DiagramError, Engine, Fill, Format, Line, Warning};
use linchpin::graph::Graph;
use proptest::prelude::*;

/// Two labs, two clouds, one foundry; big owns a cloud and a chip maker. Lab one takes 60 % from the cloud of big, 30 % from the other; it commits 40 to
/// big's cloud over four years and big earns 100 a year; the market of chips is 60 : 40 and fully known.
const ECONOMY: &str = r#"(
    format: 1, name: "economy", title: "An economy", as_of: "2026-07-01",
    kinds: {
        "foundry": (name: "Foundry", tier: 0), "chips": (name: "Chip maker", tier: 1), "cloud": (name: "Cloud", tier: 2),
        "lab": (name: "Lab", tier: 3), "holding": (name: "Holding"),
    },
    products: {
        "wafer": (name: "Wafer", tier: 0, needed_by: { "chips": Essential }),
        "chip": (name: "Chip", tier: 1, needed_by: { "cloud": Essential }),
        "cloud-compute": (name: "Compute", unit: "MW", tier: 2, needed_by: { "lab": Essential }),
    },
    entities: {
        "fab": (name: "Fab", kind: "foundry"), "one": (name: "Chips \"One\"", kind: "chips"), "two": (name: "Chips Two", kind: "chips"),
        "big": (name: "Big", kind: "holding"), "big-cloud": (name: "Big Cloud", kind: "cloud"), "other": (name: "Other Cloud", kind: "cloud"),
        "lab-a": (name: "Lab <A>", kind: "lab"), "lab-b": (name: "Lab B", kind: "lab"),
    },
    relations: {
        "s1": Sells(from: "one", market: "chip", period: "2026", metric: Revenue, share: Percent(60), assumed: "t"),
        "s2": Sells(from: "two", market: "chip", period: "2026", metric: Revenue, share: Percent(40), assumed: "t"),
        "s3": Sells(from: "fab", market: "wafer", period: "2026", metric: Revenue, share: Percent(70), assumed: "t"),
        "w1": Supplies(from: "fab", to: "one", product: "wafer", share_of_need: Percent(100), since: "2023-01-01", assumed: "t"),
        "w2": Supplies(from: "fab", to: "two", product: "wafer", share_of_need: Percent(50), since: "2023-01-01", assumed: "t"),
        "c1": Supplies(from: "one", to: "big-cloud", product: "chip", share_of_need: Percent(80), since: "2023-01-01", assumed: "t"),
        "c2": Supplies(from: "two", to: "other", product: "chip", share_of_need: Percent(100), since: "2023-01-01", assumed: "t"),
        "a1": Supplies(from: "big-cloud", to: "lab-a", product: "cloud-compute", share_of_need: Percent(90), since: "2023-01-01", until: "2026-01-01", assumed: "t"),
        "a2": Supplies(from: "big-cloud", to: "lab-a", product: "cloud-compute", share_of_need: Percent(60), since: "2026-01-01", assumed: "t"),
        "a3": Supplies(from: "other", to: "lab-a", product: "cloud-compute", share_of_need: Percent(30), since: "2026-01-01", assumed: "t"),
        "b1": Supplies(from: "other", to: "lab-b", product: "cloud-compute", share_of_need: Percent(100), since: "2023-01-01", assumed: "t"),
        "k1": Commits(from: "lab-a", to: "big-cloud", product: "cloud-compute", spend: Usd(40e9), term: Years(4), status: Signed, since: "2026-01-01", assumed: "t"),
        "k2": Commits(from: "lab-b", to: "other", product: "cloud-compute", spend: Usd(20e9), term: Years(2), status: Signed, since: "2026-01-01", assumed: "t"),
        "i1": Invests(from: "big", to: "lab-a", amount: Usd(8e9), status: Signed, since: "2026-01-01", assumed: "t"),
        "o1": Owns(from: "big", to: "big-cloud", share: Percent(100), control: Controlling, assumed: "t"),
        "o2": Owns(from: "big", to: "one", share: Percent(100), control: Controlling, assumed: "t"),
    },
    attributes: {
        "r1": (of: "big-cloud", what: Revenue, value: Usd(100e9), period: "2025", per: Year, assumed: "t"),
    },
)"#;

const DRAWN: [(&str, &str); 11] = [
    ("tornado", r#"Tornado(ask: Exposure(of: "lab-a"), number: "other:stop_loss")"#),
    ("dependence-plane", "DependencePlane()"),
    ("hhi-bars", "HhiBars()"),
    ("capital-inversion", "CapitalInversion()"),
    ("exposure-heat", "ExposureHeat()"),
    ("roof", "Roof()"),
    ("stack-series", r#"StackSeries(over: "2025..2026")"#),
    ("money-flow", "MoneyFlow()"),
    ("through-time", r#"ThroughTime(over: "2023..2026", ask: Exposure(to: "big-cloud", kinds: ["lab"]))"#),
    ("disruption-heat", r#"DisruptionHeat(fail: ["fab"], days: 40, stock_days: 10, horizon: 120)"#),
    (
        "disruption-panels",
        r#"DisruptionPanels(ask: Disruption(fail: ["fab"], days: 40, stock_days: 10, horizon: 120), top: 3)"#,
    ),
];

fn draw(question: &str) -> Draw {
    ron_options().from_str(question).expect("the view is well-formed")
}

fn chart(graph: &Graph, question: &str) -> Chart {
    draw(question).figure(&view(graph)).expect("a figure").into_chart().expect("a chart")
}

fn axes(chart: &Chart) -> &Axes {
    match &chart.plot {
        Plot::Axes(axes) => axes,
        _ => panic!("expected axes"),
    }
}

fn svg(chart: &Chart) -> String {
    let drawn = render(chart, Format::Svg, Engine::Embedded).expect("a chart without problems");
    String::from_utf8(drawn.bytes).expect("UTF-8")
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// The economy that a chart is drawn of: what moves a number needs a size that is open.
fn economy(name: &str) -> Graph {
    let open = ECONOMY.replace("Percent(30)", "Between(Percent(20), Percent(40))");
    graph(if name == "tornado" { &open } else { ECONOMY })
}

#[test]
fn a_tornado_spans_what_its_facts_allow() {
    let economy = economy("tornado");
    let chart = chart(&economy, r#"Tornado(ask: Exposure(of: "lab-a"), number: "other:stop_loss")"#);
    let bars: Vec<&Bar> = axes(&chart)
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Bar(bar) = mark { Some(bar) } else { None })
        .collect();
    // 30 % of the lab's compute comes from the other cloud, or 20 % to 40 %
    let [bar] = bars[..] else { panic!("{bars:?}") };
    let lengths: Vec<f64> = bar.segments.iter().map(|own| own.length).collect();
    assert!(near(bar.from, 0.2) && near(lengths[0], 0.1) && near(lengths[1], 0.1), "{bar:?}");
    assert!(near(axes(&chart).lines[0].at, 0.3));
    let ask = draw(r#"Tornado(ask: Exposure(of: "lab-a"), number: "big-cloud:stop_loss")"#);
    assert!(matches!(ask.draw(&view(&graph(ECONOMY))), Err(ViewError::NoData(_))), "nothing is open");
    assert!(draw(r#"Tornado(query: "nobody")"#).draw(&view(&economy)).is_err());
}

/// To accept a change, set `LINCHPIN_BLESS=1` and read the difference.
#[test]
fn svg_matches_the_golden_files() {
    for (name, question) in DRAWN {
        let graph = economy(name);
        let svg = svg(&chart(&graph, question));
        let key = svg
            .split_once("aria-labelledby=\"")
            .and_then(|(_, rest)| rest.split_once("-title"))
            .expect("a key")
            .0;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/view-{name}.svg"));
        // neither a new field of the format nor a new version changes a chart
        let svg = svg.replace(&format!("\"{key}-"), "\"key-").replace(&format!(" {key}-"), " key-");
        let svg = svg.replace(&graph.hash()[..12], "hash");
        let svg = svg.replace(&format!("linchpin {}", env!("CARGO_PKG_VERSION")), "linchpin version");
        if std::env::var_os("LINCHPIN_BLESS").is_some() {
            std::fs::write(&file, &svg).expect("the golden file");
        }
        assert_eq!(svg, std::fs::read_to_string(&file).expect("the golden file"), "{name}");
    }
}

#[test]
fn every_chart_says_what_it_shows_and_how_it_was_made() {
    for (name, question) in DRAWN {
        let graph = economy(name);
        let chart = chart(&graph, question);
        let caption = chart.caption.join("\n");
        let command = format!("linchpin diagram {name}");
        for part in ["2026-07-01", "economy", &graph.hash()[..12], env!("CARGO_PKG_VERSION"), &command] {
            assert!(caption.contains(part), "{name}: {part} is not in {caption}");
        }
        assert!(!chart.legend.is_empty() && !chart.title.is_empty() && chart.alt.len() > 30, "{name}");
        assert_eq!(svg(&chart), svg(&self::chart(&graph, question)), "{name}");
        let svg = svg(&chart);
        assert!(svg.contains("<desc") && svg.matches("<title").count() > 1, "{name}");
        let drawn = render(&chart, Format::Svg, Engine::Embedded).expect("a chart");
        assert_eq!(drawn.warnings, [], "{name}");
        let again = draw(&draw(question).to_ron());
        assert_eq!(again, draw(question), "{name}");
        assert!(VIEWS.iter().any(|card| card.name == name && card.shows.contains("no DOT")), "{name}");
    }
}

#[test]
fn a_pair_stands_where_its_shares_put_it() {
    let chart = chart(&graph(ECONOMY), "DependencePlane()");
    let points: Vec<&Point> = axes(&chart)
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Point(point) = mark { Some(point) } else { None })
        .collect();
    let of = |label: &str| *points.iter().find(|point| point.label.starts_with(label)).expect("a pair");
    // 60 % of the need, up to 70 % with the unknown tenth; 40 over four years is a tenth of what Big Cloud earns
    let a = of("Lab <A>");
    let (x, y) = (a.x.expect("a share"), a.y.expect("a share"));
    assert!(near(x.low, 0.6) && near(x.high, 0.7) && near(y.at, 0.1), "{x:?} {y:?}");
    assert!(a.tooltip.contains("hostage") && a.glyph == Glyph::Triangle);
    // nobody knows what Other Cloud earns
    let b = of("Lab B");
    assert!(b.y.is_none() && near(b.x.expect("a share").at, 1.0) && b.tooltip.contains("unknown"));
}

/// The thresholds of the plane are those of the analysis.
#[test]
fn the_plane_agrees_with_the_analysis() {
    let loaded = linchpin::dataset::load(Path::new("graph/ai-infrastructure"));
    let graph = Graph::new(loaded.facts.expect("the dataset is valid"), String::new());
    let answer = ask(&graph, "LockIn()");
    let plane = answer.table("plane").expect("the plane");
    let chart = chart(&graph, "DependencePlane()");
    let mut agreed = 0;
    for mark in &axes(&chart).marks {
        let Mark::Point(point) = mark else { continue };
        let row = (0..plane.rows.len()).find(|row| {
            let name = |column: &str| match plane.cell(*row, column) {
                Some(linchpin::answer::Cell::Item { name, .. }) => name.clone(),
                _ => String::new(),
            };
            point.tooltip.starts_with(&format!("{} → {}:", name("customer"), name("provider")))
        });
        let position =
            plane.cell(row.expect("a pair"), "position").and_then(|cell| cell.as_key()).expect("a position");
        assert!(point.tooltip.contains(&format!(": {position}\n")), "{} is {position}", point.tooltip);
        agreed += 1;
    }
    assert!(agreed > 20, "{agreed}");
}

/// No small print, no label left out.
#[test]
fn every_chart_of_the_flagship_can_be_read() {
    let loaded = linchpin::dataset::load(Path::new("graph/ai-infrastructure"));
    let graph = Graph::new(loaded.facts.expect("the dataset is valid"), String::new());
    let more = ["HhiBars(by: Owner)", "StackSeries(measure: Roofs)", "StackSeries(measure: Hhi, ties: true)"];
    for question in DRAWN.iter().map(|(_, question)| *question).chain(more) {
        // questions that name an entity name one of the flagship here
        let question = &question.replace("fab", "tsmc").replace("big-cloud", "tsmc");
        let question = &question.replace("lab-a", "anthropic").replace("\"other:", "\"tsmc:");
        let drawn = render(&chart(&graph, question), Format::Svg, Engine::Embedded).expect("a chart");
        assert_eq!(drawn.warnings, [], "{question}");
    }
}

#[test]
fn bars_end_at_the_lower_bound_and_whiskers_at_the_upper() {
    let chart = chart(&graph(ECONOMY), "HhiBars()");
    let bars: Vec<&Bar> = axes(&chart)
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Bar(bar) = mark { Some(bar) } else { None })
        .collect();
    // 70 % known: 4,900, and 5,800 if the rest is one firm; 60² + 40² = 5,200
    let of = |text: &str| bars.iter().find(|bar| bar.tooltip.starts_with(text)).expect("a market");
    let (wafer, chip) = (of("Wafer"), of("Chip"));
    assert!(
        near(chip.segments[0].length, 5200.0)
            && chip.whisker.is_none()
            && chip.text == "5,200; Chips \"One\" 60 %"
    );
    let (low, high) = wafer.whisker.expect("an interval");
    assert!((low - 4900.0).abs() < 1e-6 && (high - 5800.0).abs() < 1e-6, "{low} {high}");
    let at: Vec<f64> = axes(&chart).lines.iter().map(|line| line.at).collect();
    assert_eq!(at, [1000.0, 1800.0]);
    let eu = self::chart(&graph(ECONOMY), r#"HhiBars(preset: "eu-horizontal")"#);
    assert_eq!(axes(&eu).lines.iter().map(|line| line.at).collect::<Vec<_>>(), [1000.0, 2000.0]);
}

#[test]
fn cells_have_the_stop_losses_of_the_exposure() {
    let graph = graph(ECONOMY);
    let chart = chart(&graph, "ExposureHeat()");
    let Scale::Categories(rows) = &axes(&chart).y.scale else { panic!("expected names") };
    // the fab stops all of one and half of two: 0.6 * 0.8 + 0.3 * 0.5 of lab A, half of lab B
    assert_eq!(rows.first().map(|row| row.label.as_str()), Some("Other Cloud (cloud)"));
    let text = |row: &str, column: usize| {
        let at = rows.iter().position(|name| name.label.starts_with(row)).expect("a row");
        axes(&chart).marks.iter().find_map(|mark| match mark {
            Mark::Cell(cell) if (cell.row, cell.column) == (at, column) => {
                Some((cell.text.clone(), cell.bin))
            }
            _ => None,
        })
    };
    assert_eq!(text("Fab", 0), Some(("63 %".to_string(), Some(4))));
    assert_eq!(text("Fab", 1), Some(("50 %".to_string(), Some(4))));
    assert_eq!(text("Big Cloud", 1), Some(("0 %".to_string(), Some(0))));
    let answer = ask(&graph, r#"Exposure(to: "fab", kinds: ["lab"])"#);
    assert!(near(number(&answer, "lab-a", "stop_loss").expect("a loss"), 0.63));
}

#[test]
fn a_roof_is_the_whole_of_the_labs_compute() {
    let chart = chart(&graph(ECONOMY), "Roof()");
    for mark in &axes(&chart).marks {
        let Mark::Bar(bar) = mark else { panic!("expected bars") };
        assert!(near(bar.segments.iter().map(|segment| segment.length).sum::<f64>(), 1.0));
    }
    let Some(Mark::Bar(a)) = axes(&chart).marks.get(1) else { panic!("two bars") };
    let lengths: Vec<f64> = a.segments.iter().map(|segment| segment.length).collect();
    assert!(near(lengths[0], 0.6) && near(lengths[1], 0.3) && near(lengths[2], 0.1), "{lengths:?}");
    assert_eq!(a.segments[0].tooltip, "Lab <A>: 60 % from Big");
    assert!(a.segments[2].hatched && !a.segments[0].hatched);
}

#[test]
fn lines_stand_on_their_days() {
    let chart = chart(&graph(ECONOMY), r#"StackSeries(over: "2025..2026", measure: Roofs)"#);
    let Some(Mark::Series(roof)) = axes(&chart).marks.get(1) else { panic!("lines") };
    // 90 % and 100 % under one roof in 2025, 60 % and 100 % in 2026; 1 July is day 182 of 365
    let told: Vec<(f64, f64)> = roof.points.iter().map(|(x, y)| (*x, y.expect("a value").at)).collect();
    assert!(near(told[0].0, 2025.0 + 181.0 / 365.0) && near(told[0].1, 0.95), "{told:?}");
    assert!(near(told[1].1, 0.8), "{told:?}");
}

#[test]
fn flows_add_up_to_the_payments_that_count() {
    let graph = graph(ECONOMY);
    let chart = chart(&graph, "MoneyFlow()");
    let Plot::Flows(flows) = &chart.plot else { panic!("expected flows") };
    // 40 over four years, 20 over two, 8 spread over four
    let mut amounts: Vec<f64> = flows.ribbons.iter().map(|ribbon| (ribbon.amount / 1e9).round()).collect();
    amounts.sort_by(f64::total_cmp);
    assert_eq!(amounts, [2.0, 10.0, 10.0]);
    let answer = ask(&graph, "Circularity()");
    let all = answer.table("cases").and_then(|cases| cases.number(0, "money")).expect("the sum");
    let drawn: f64 = flows.ribbons.iter().map(|ribbon| ribbon.amount).sum();
    assert!((all - drawn).abs() < 1.0);
    let one = self::chart(&graph, r#"MoneyFlow(of: ["lab-b"])"#);
    let Plot::Flows(one) = &one.plot else { panic!("expected flows") };
    assert_eq!(one.ribbons.len(), 1);
}

#[test]
fn faults_are_named() {
    let graph = graph(ECONOMY);
    let error = |question: &str| draw(question).figure(&view(&graph)).expect_err("a fault");
    assert!(matches!(error("HhiBars(top: 0)"), ViewError::Invalid { parameter: "top", .. }));
    assert!(matches!(
        error(r#"HhiBars(preset: "asc280-10")"#),
        ViewError::Invalid { parameter: "preset", .. }
    ));
    assert!(matches!(error(r#"ExposureHeat(kind: "labs")"#), ViewError::Invalid { parameter: "kind", .. }));
    assert!(error(r#"ExposureHeat(kind: "labs")"#).to_string().contains("did you mean lab"));
    assert!(matches!(error(r#"ExposureHeat(suppliers: ["fab", "fab"])"#), ViewError::Invalid { .. }));
    assert!(matches!(error(r#"MoneyFlow(of: ["nobody"])"#), ViewError::UnknownKey(_)));
    assert!(matches!(error(r#"StackSeries(over: "2026")"#), ViewError::Invalid { parameter: "over", .. }));
    assert!(matches!(error(r#"DependencePlane(customer: "fab")"#), ViewError::NoData(_)));
    assert!(matches!(error(r#"Roof(compute: "computing")"#), ViewError::UnknownKey(_)));
}

#[test]
fn a_chart_has_no_dot_form_and_says_so() {
    let chart = sample();
    for (format, engine) in
        [(Format::Dot, Engine::Embedded), (Format::Svg, Engine::Dot), (Format::PNG, Engine::Dot)]
    {
        let error = render(&chart, format, engine).expect_err("no DOT");
        assert!(matches!(error, DiagramError::ChartForm(_)));
        assert!(error.to_string().contains("nodes and edges, not axes"), "{error}");
    }
}

/// One of every mark that stands on quantities.
fn sample() -> Chart {
    let share = || Scale::Quantity { unit: Unit::Share, low: 0.0, high: 1.0 };
    let point = |x: Option<Estimate>, y: Option<Estimate>, label: &str| {
        Mark::Point(Point {
            x,
            y,
            label: label.to_string(),
            rank: 1.0,
            glyph: Glyph::Disc,
            fill: Fill::Kind(1),
            tooltip: format!("about {label}"),
        })
    };
    let at = Estimate { at: 0.4, low: 0.2, high: 0.9 };
    let mut marks = vec![point(Some(at), Some(at), "a \"point\" & <more>")];
    marks.push(point(Some(at), None, "half known"));
    marks.push(point(None, Some(at), "the other half"));
    marks.push(Mark::Series(Series {
        name: "a line".to_string(),
        points: vec![(0.1, Some(at)), (0.2, None), (0.5, Some(at)), (0.9, Some(Estimate::exact(0.1)))],
        style: 7,
        line: Line::Dashed,
        tooltips: vec!["first".to_string()],
        whiskers: false,
    }));
    Chart {
        title: "A sample".to_string(),
        caption: vec!["As of today & later".to_string()],
        alt: "A sample with one of each mark".to_string(),
        legend: vec![
            Key::new(Swatch::Whisker, "interval"),
            Key::new(Swatch::Band, "band"),
            Key::new(Swatch::Note, "a note"),
        ],
        page: Page::Upright,
        plot: Plot::Axes(Axes {
            x: Axis { gutter: Some("not known".to_string()), ..Axis::new("across", share()) },
            y: Axis { gutter: Some("not known".to_string()), ..Axis::new("up", share()) },
            zones: vec![Zone {
                x: (None, Some(0.3)),
                y: (None, None),
                label: "Left".to_string(),
                detail: String::new(),
                shade: 9,
            }],
            lines: vec![Reference { on: On::X, at: 0.3, label: "30 %".to_string() }],
            marks,
        }),
    }
}

#[test]
fn text_is_escaped_and_every_mark_has_a_tooltip_and_an_id() {
    let text = svg(&sample());
    assert!(text.contains("<title>about a &quot;point&quot; &amp; &lt;more&gt;</title>"), "{text}");
    for index in 0..4 {
        assert_eq!(text.matches(&format!("-m{index}\" class=\"mark")).count(), 1, "mark {index}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf"));
    assert!(text.contains("not known"));
}

#[test]
fn contradictions_are_listed() {
    let problems = |change: &dyn Fn(&mut Axes)| {
        let mut chart = sample();
        if let Plot::Axes(axes) = &mut chart.plot {
            change(axes);
        }
        match render(&chart, Format::Svg, Engine::Embedded) {
            Err(DiagramError::InvalidChart(problems)) => problems,
            other => panic!("expected problems, not {other:?}"),
        }
    };
    let share = |high| Scale::Quantity { unit: Unit::Share, low: 0.0, high };
    assert_eq!(problems(&|axes| axes.y.gutter = None), [Problem::NoGutter(1)]);
    assert!(problems(&|axes| axes.x.scale = share(0.0)).contains(&Problem::EmptyAxis("horizontal")));
    assert!(problems(&|axes| axes.x.scale = share(f64::NAN)).contains(&Problem::EmptyAxis("horizontal")));
    assert!(matches!(problems(&|axes| axes.y.scale = share(0.5))[0], Problem::Value { index: 0, .. }));
    assert!(matches!(problems(&|axes| axes.lines[0].at = 2.0)[0], Problem::Value { index: 0, .. }));
    let cell = Cell { row: 0, column: 0, bin: Some(9), text: String::new(), tooltip: String::new() };
    let found = problems(&|axes| axes.marks = vec![Mark::Cell(cell.clone())]);
    assert!(found.contains(&Problem::HeatBin(9)) && matches!(found[0], Problem::WrongAxis { mark: 0, .. }));
    let empty = Chart {
        plot: Plot::Flows(Flows {
            from: String::new(),
            to: String::new(),
            left: Vec::new(),
            right: Vec::new(),
            ribbons: vec![Ribbon {
                from: 0,
                to: 1,
                amount: f64::NAN,
                fill: Fill::Neutral,
                line: Line::Solid,
                label: String::new(),
                tooltip: String::new(),
            }],
        }),
        ..sample()
    };
    assert!(
        matches!(render(&empty, Format::Svg, Engine::Embedded), Err(DiagramError::InvalidChart(found)) if found.len() == 3)
    );
}

#[test]
fn small_print_is_reported() {
    let names =
        |n: usize| (0..n).map(|at| Category { label: format!("row {at}"), detail: String::new() }).collect();
    let bars = |n: usize| {
        let mut chart = sample();
        let Plot::Axes(axes) = &mut chart.plot else { panic!("axes") };
        (axes.zones, axes.lines) = (Vec::new(), Vec::new());
        axes.y = Axis::new("", Scale::Categories(names(n)));
        axes.x.gutter = None;
        let segment = Segment {
            length: 0.5,
            fill: Fill::Neutral,
            hatched: true,
            labels: vec!["half".to_string()],
            tooltip: "t".to_string(),
        };
        let bar = |row| Bar {
            row,
            from: 0.0,
            segments: vec![segment.clone(); 2],
            whisker: Some((0.9, 1.0)),
            text: String::new(),
            tooltip: String::new(),
        };
        axes.marks = (0..n).map(bar).map(Mark::Bar).collect();
        render(&chart, Format::Svg, Engine::Embedded).expect("bars").warnings
    };
    assert_eq!(bars(20), []);
    assert!(matches!(bars(80).as_slice(), [Warning::SmallPrint { size }] if *size < 7.0));
}

#[cfg(feature = "render")]
#[test]
fn charts_become_images() {
    let png = render(&sample(), Format::PNG, Engine::Embedded).expect("an image").bytes;
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn a_deal_is_as_long_as_what_a_dollar_obtained() {
    let chart = chart(&graph(ECONOMY), "CapitalInversion()");
    let bars: Vec<&Bar> = axes(&chart)
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Bar(bar) = mark { Some(bar) } else { None })
        .collect();
    // lab A promised 40 for 8; lab B's cloud put nothing into it
    assert_eq!(bars.len(), 1);
    assert!(near(bars[0].segments[0].length, 5.0) && bars[0].whisker.is_none());
    assert!(bars[0].segments[0].hatched, "nothing says that both were agreed together");
    assert!(bars[0].text.starts_with("5x: $40bn for $8bn"), "{}", bars[0].text);
}

#[test]
fn the_heat_strip_has_the_cells_of_the_table_of_days() {
    let graph = graph(ECONOMY);
    let drawn = chart(&graph, r#"DisruptionHeat(fail: ["fab"], days: 40, stock_days: 10, horizon: 120)"#);
    let Plot::Axes(axes) = drawn.plot else { panic!("axes") };
    let (Scale::Categories(days), Scale::Categories(rows)) = (axes.x.scale, axes.y.scale) else {
        panic!("categories")
    };
    let answer =
        ask(&graph, r#"Disruption(fail: ["fab"], days: 40.0, stock_days: 10, horizon: 120, every: 1)"#);
    let table = answer.table("days").unwrap();
    assert_eq!((days.len(), axes.marks.len()), (14, 14 * rows.len()));
    for mark in &axes.marks {
        let Mark::Cell(cell) = mark else { panic!("cells") };
        let named = |row: &usize| match table.cell(*row, "entity") {
            Some(linchpin::answer::Cell::Item { name, .. }) => *name == rows[cell.row].label,
            _ => false,
        };
        // 120 days in 14 columns: nine days each, and the last three
        let first: f64 = days[cell.column].label.parse().unwrap();
        let inside = |row: &usize| {
            table.number(*row, "day").is_some_and(|day| (first..(first + 9.0).min(120.0)).contains(&day))
        };
        let lacks: Vec<f64> = (0..table.rows.len())
            .filter(|row| named(row) && inside(row))
            .map(|row| 1.0 - table.number(row, "functionality").unwrap())
            .collect();
        assert_eq!(lacks.len(), if cell.column == 13 { 3 } else { 9 });
        let lack = lacks.iter().sum::<f64>() / lacks.len() as f64;
        assert!(cell.text.is_empty() == (lack < 0.005), "{} {first}", rows[cell.row].label);
        if lack > 0.999 {
            assert_eq!(cell.bin, Some(4));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_cloud_of_points_can_be_drawn(
        points in prop::collection::vec((0f64..=1.0, 0f64..=1.0, 0f64..=1.0, prop::option::of(0f64..=1.0), ".{0,30}"), 0..40),
        title in ".{0,80}",
    ) {
        let mut chart = sample();
        chart.title = title;
        let Plot::Axes(axes) = &mut chart.plot else { return Ok(()) };
        axes.marks = points.iter().enumerate().map(|(at, (x, low, high, y, label))| Mark::Point(Point {
            x: Some(Estimate { at: *x, low: low.min(*x), high: high.max(*x) }),
            y: y.map(Estimate::exact),
            label: label.clone(),
            rank: at as f64,
            glyph: Glyph::ALL[at % 5],
            fill: Fill::Heat((at % 5) as u8),
            tooltip: label.clone(),
        })).collect();
        let drawn = svg(&chart);
        prop_assert_eq!(&drawn, &svg(&chart));
        prop_assert!(!drawn.contains("NaN"));
        prop_assert_eq!(drawn.matches("class=\"mark point\"").count(), points.len());
    }
}
