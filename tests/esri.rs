//! The cascade of firm failures against the results of the published software, on its own networks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use linchpin::analysis::{Ask, Observer, View, ron_options};
use linchpin::answer::Answer;
use linchpin::dataset;
use linchpin::graph::Graph;
use linchpin::model::{Figure, InputClass};
use linchpin::propagation::esri::{Class, Compatible, Firms, Index, Mode, Shock, Stop, System, run, run_all};
use linchpin::scope::Scope;

/// The published software's settings that its results were computed with.
struct Setting {
    name: &'static str,
    market: bool,
    eps: f64,
    stop: Stop,
    /// Class of every pair of sectors; `None` reads the file.
    class: Option<Class>,
    finals: bool,
}

const SETTINGS: [Setting; 7] = [
    plain("gl_sub_eps1e2", true, 1e-2),
    plain("gl_nosub_eps1e2", false, 1e-2),
    Setting { class: Some(Class::Adds), ..plain("linear_nosub_eps1e2", false, 1e-2) },
    Setting { class: Some(Class::Essential), ..plain("leontief_nosub_eps1e2", false, 1e-2) },
    Setting { stop: Stop::Loss, ..plain("gl_sub_conv2_eps1e3", true, 1e-3) },
    Setting { finals: true, ..plain("gl_sub_revcost_eps1e9", true, 1e-9) },
    plain("gl_sub_eps1e4", true, 1e-4),
];

const fn plain(name: &'static str, market: bool, eps: f64) -> Setting {
    Setting { name, market, eps, stop: Stop::Step, class: None, finals: false }
}

/// A network of the fixtures.
struct Network {
    folder: PathBuf,
    sector: Vec<u32>,
    weight2: Vec<f64>,
    revenue: Vec<f64>,
    costs: Vec<f64>,
    links: Vec<(u32, u32, f64)>,
    class: BTreeMap<(u32, u32), Class>,
    scenarios: BTreeMap<String, Shock>,
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is not a number"))
}

fn networks() -> Vec<Network> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/esri");
    ["tiny5", "sf20", "sf200_class0", "edge300"].iter().map(|name| read(home.join(name))).collect()
}

fn read(folder: PathBuf) -> Network {
    let nodes = rows(&folder.join("nodes.csv"));
    let mut names: Vec<&String> = nodes.iter().map(|row| &row[1]).collect();
    names.sort_unstable();
    names.dedup();
    let at = |name: &String| names.binary_search(&name).ok().map(|at| at as u32);
    let column = |at: usize| nodes.iter().map(|row| number(&row[at])).collect();
    let class = rows(&folder.join("essentiality.csv"));
    let class = class.iter().filter_map(|row| {
        let class = match row[2].as_str() {
            "0" => Class::None,
            "1" => Class::Adds,
            "2" => Class::Essential,
            other => panic!("class {other}"),
        };
        Some(((at(&row[0])?, at(&row[1])?), class))
    });
    let mut scenarios: BTreeMap<String, Shock> = BTreeMap::new();
    for row in rows(&folder.join("scenarios.csv")) {
        let firm = number(&row[1]) as u32;
        let shock = scenarios.entry(row[0].clone()).or_default();
        shock.downstream.push((firm, number(&row[2])));
        shock.upstream.push((firm, number(&row[3])));
    }
    let links = rows(&folder.join("edges.csv"));
    let links = links.iter().map(|row| (number(&row[0]) as u32, number(&row[1]) as u32, number(&row[2])));
    Network {
        sector: nodes.iter().map(|row| at(&row[1]).unwrap()).collect(),
        weight2: column(2),
        revenue: column(3),
        costs: column(4),
        links: links.collect(),
        class: class.collect(),
        scenarios,
        folder,
    }
}

impl Setting {
    fn mode(&self) -> Mode {
        Mode::Compatible(Compatible { eps: self.eps, stop: self.stop })
    }

    fn freeze(&self, network: &Network) -> System {
        let firms = Firms {
            links: &network.links,
            sector: &network.sector,
            market: self.market,
            revenue: self.finals.then_some(&network.revenue),
            costs: self.finals.then_some(&network.costs),
            weights: &[&network.weight2],
            ..Firms::default()
        };
        let class = |from, to| self.class.or_else(|| network.class.get(&(from, to)).copied());
        firms.freeze(class, self.mode()).unwrap()
    }
}

/// The largest difference between indices and the six columns that the published software writes.
fn difference(found: &[Index], row: &[String]) -> f64 {
    let found = found.iter().flat_map(|index| [index.both, index.downstream, index.upstream]);
    found.zip(row).map(|(found, expected)| (found - number(expected)).abs()).fold(0.0, f64::max)
}

#[test]
fn every_default_takes_the_published_steps_to_the_published_index() {
    for network in networks() {
        for setting in &SETTINGS {
            let system = setting.freeze(&network);
            let all = run_all(&system, setting.mode());
            let expected = rows(&network.folder.join(format!("esri__{}.csv", setting.name)));
            let place = format!("{} {}", network.folder.display(), setting.name);
            assert_eq!(all.len(), expected.len(), "{place}");
            for (found, row) in all.iter().zip(&expected) {
                assert!(found.settled, "{place}: firm {}", row[0]);
                assert_eq!(found.steps, number(&row[1]) as u32, "{place}: steps of firm {}", row[0]);
                assert_eq!(found.index.len(), 2);
                let off = difference(&found.index, &row[2..]);
                assert!(off <= 1e-12, "{place}: firm {} differs by {off:e}", row[0]);
            }
        }
    }
}

#[test]
fn every_scenario_ends_at_the_published_losses() {
    for network in networks() {
        for setting in &SETTINGS {
            let system = setting.freeze(&network);
            let place = format!("{} {}", network.folder.display(), setting.name);
            let levels = rows(&network.folder.join(format!("h__{}.csv", setting.name)));
            for row in rows(&network.folder.join(format!("scenario_esri__{}.csv", setting.name))) {
                let outcome = run(&system, &network.scenarios[&row[0]], setting.mode());
                assert_eq!(outcome.summary.steps, number(&row[1]) as u32, "{place} {}", row[0]);
                let off = difference(&outcome.summary.index, &row[2..]);
                assert!(off <= 1e-12, "{place} {} differs by {off:e}", row[0]);
                let mut firms = 0;
                for level in levels.iter().filter(|level| level[0] == row[0]) {
                    let firm = number(&level[1]) as usize;
                    let (down, up) = (1.0 - outcome.downstream[firm], 1.0 - outcome.upstream[firm]);
                    for (found, printed) in [down, up, down.min(up)].iter().zip(&level[2..]) {
                        let off = (found - number(printed)).abs();
                        assert!(off <= 1e-12, "{place} {}: firm {firm} differs by {off:e}", row[0]);
                    }
                    firms += 1;
                }
                assert_eq!(firms, network.sector.len(), "{place} {}", row[0]);
            }
        }
    }
}

/// The network as a folder of tables that a dataset names.
fn graph(network: &Network) -> Graph {
    let text = |name: &str| std::fs::read_to_string(network.folder.join(name)).unwrap();
    let ron = r#"(format: 1, name: "fixture", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv"),
        Essentiality(file: "essentiality.csv"), Shocks(file: "scenarios.csv")])"#;
    let names = ["nodes.csv", "edges.csv", "essentiality.csv", "scenarios.csv"];
    let texts: Vec<String> = names.iter().map(|name| text(name)).collect();
    let mut files = vec![("a.ron", ron)];
    files.extend(names.iter().zip(&texts).map(|(name, text)| (*name, text.as_str())));
    let loaded = dataset::load_embedded(&files);
    assert!(loaded.diagnostics.is_empty(), "{}", dataset::render_all(&loaded.diagnostics, false));
    let facts = loaded.facts.unwrap();
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn ask(graph: &Graph, question: &str) -> Answer {
    let ask: Ask = ron_options().from_str(question).unwrap();
    ask.run(&View { graph, scope: Scope::on(graph.default_as_of()) }).unwrap()
}

impl Setting {
    /// The options of a question that mean the same.
    fn options(&self) -> String {
        let mut text = format!("mode: Compatible, eps: {:?}", self.eps);
        for (given, option) in [
            (!self.market, "market: Nobody"),
            (self.stop == Stop::Loss, "stop: Loss"),
            (self.class == Some(Class::Adds), "essentiality: AllLinear"),
            (self.class == Some(Class::Essential), "essentiality: AllLeontief"),
            (self.finals, "finals: RevenueCosts"),
        ] {
            if given {
                text.push_str(", ");
                text.push_str(option);
            }
        }
        text
    }
}

/// The row of a firm in the first table.
fn row(answer: &Answer, key: &str) -> usize {
    answer.tables[0].rows.iter().position(|row| row[0].as_key() == Some(key)).unwrap()
}

#[test]
fn tables_keep_names_and_numbers() {
    let network = &networks()[0];
    let graph = graph(network);
    let columns = &graph.facts().columns;
    assert_eq!(columns.sectors[0], "001");
    let third = graph.find_entity("3").unwrap();
    assert_eq!(
        columns.sectors[columns.sector_of(third).unwrap() as usize],
        rows(&network.folder.join("nodes.csv"))[3][1]
    );
    assert_eq!(columns.figure(Figure::Revenue).unwrap()[third.index()], Some(network.revenue[3]));
    assert_eq!(columns.figure(Figure::Equity), None);
    assert_eq!(columns.class(0, 1), Some(InputClass::Essential));
    assert_eq!(columns.scenarios.len(), 4);
    assert!(columns.scenario("S2_partial_multi").is_some());
}

#[test]
fn questions_of_tables_give_the_published_numbers() {
    for network in networks() {
        let graph = graph(&network);
        for setting in &SETTINGS {
            let place = format!("{} {}", network.folder.display(), setting.name);
            let answer = ask(&graph, &format!("SystemicRisk({})", setting.options()));
            let names: Vec<&str> =
                answer.tables[0].columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(names, ["entity", "index", "index_downstream", "index_upstream", "steps"]);
            assert_eq!(answer.tables[0].rows.len(), network.sector.len());
            for expected in rows(&network.folder.join(format!("esri__{}.csv", setting.name))) {
                let at = row(&answer, &expected[0]);
                for (column, text) in
                    [("steps", 1), ("index", 2), ("index_downstream", 3), ("index_upstream", 4)]
                {
                    let off = (answer.tables[0].number(at, column).unwrap() - number(&expected[text])).abs();
                    assert!(off <= 1e-12, "{place}: {column} of {} differs by {off:e}", expected[0]);
                }
            }
            let levels = rows(&network.folder.join(format!("h__{}.csv", setting.name)));
            for scenario in network.scenarios.keys() {
                let question = format!("Shock(model: Esri, scenario: {scenario:?}, {})", setting.options());
                let answer = ask(&graph, &question);
                for expected in levels.iter().filter(|row| row[0] == *scenario) {
                    let at = row(&answer, &expected[1]);
                    for (column, text) in [("h_downstream", 2), ("h_upstream", 3), ("functionality", 4)] {
                        let off =
                            (answer.tables[0].number(at, column).unwrap() - number(&expected[text])).abs();
                        assert!(
                            off <= 1e-12,
                            "{place} {scenario}: {column} of {} differs by {off:e}",
                            expected[1]
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn an_observer_hears_of_every_failure() {
    #[derive(Default)]
    struct Count(AtomicUsize, AtomicUsize);
    impl Observer for Count {
        fn begin(&self, pieces: usize) {
            self.0.store(pieces, Ordering::Relaxed);
        }

        fn done(&self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
    let graph = graph(&networks()[1]);
    let view = View { graph: &graph, scope: Scope::on(graph.default_as_of()) };
    let (ask, count) = (ron_options().from_str::<Ask>("SystemicRisk()").unwrap(), Count::default());
    let answer = ask.run_observed(&view, &count).unwrap();
    assert_eq!((count.0.into_inner(), count.1.into_inner()), (20, 20));
    let json = |answer: &Answer| serde_json::to_string(&answer.tables).unwrap();
    assert_eq!(json(&answer), json(&ask.run(&view).unwrap()));
}

#[test]
fn what_a_cascade_cannot_use_is_said() {
    let graph = graph(&networks()[0]);
    let refused = |question: &str| {
        let ask: Ask = ron_options().from_str(question).unwrap();
        ask.run(&View { graph: &graph, scope: Scope::on(graph.default_as_of()) }).unwrap_err().to_string()
    };
    for (question, said) in [
        ("SystemicRisk(eps: -1)", "eps: -1: expected a tolerance above 0"),
        ("SystemicRisk(stop: Loss)", "expected mode compatible"),
        ("SystemicRisk(weight: \"weight3\")", "expected one of sales, weight2; did you mean weight2?"),
        ("Shock(model: Esri, scenario: \"S2_part\")", "S2_partial_multi"),
        (
            "Shock(scenario: \"S1_top_supplier_default\", market: Nobody)",
            "functional does not use market; esri does",
        ),
    ] {
        let found = refused(question);
        assert!(found.contains(said), "{question}: {found}");
    }
}
