//! The models of input-output economics on a network of which several processes hold a part of the links each: the answers of the whole,
//! byte for byte. Processes are threads here.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use linchpin::analysis::{Ask, Failure, Model, Shift, Shock};

#[path = "common/parts.rs"]
mod parts;

use parts::{Folder, Numbers, asked_of_parts, same};

fn dataset(name: &str, files: &[(&str, &str)]) -> Folder {
    let folder = std::env::temp_dir().join(format!("linchpin-parts-io-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    files.iter().for_each(|(file, text)| fs::write(folder.join(file), text).unwrap());
    Folder(folder)
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/io")
}

fn shifts(all: &[&str]) -> Vec<Shift> {
    all.iter().map(|shift| shift.parse().unwrap()).collect()
}

fn demand(all: &[&str]) -> Ask {
    Ask::Shock(Shock { model: Model::Leontief, demand: shifts(all), ..Shock::default() })
}

fn primary(all: &[&str]) -> Ask {
    Ask::Shock(Shock { model: Model::Ghosh, primary: shifts(all), ..Shock::default() })
}

fn failing(model: Model, all: &[&str]) -> Ask {
    let fail = all.iter().map(|failure| failure.parse::<Failure>().unwrap()).collect();
    Ask::Shock(Shock { model, fail, ..Shock::default() })
}

#[test]
fn a_table_of_sectors() {
    let asks = [
        demand(&["s03=-10%"]),
        demand(&["s03=-10%", "s07=2.5"]),
        primary(&["s00=-5%"]),
        failing(Model::Ghosh, &["s05=0.3"]),
        failing(Model::Inoperability, &["s05=0.2", "s01=0.1"]),
    ];
    same(&fixture(), &asks);
}

#[test]
fn made_up_tables_some_of_whose_sectors_deliver_to_themselves() {
    for seed in 1..4 {
        let mut random = Numbers(seed);
        let (mut sectors, mut flows) =
            (String::from("sector,gross_output\n"), String::from("from,to,value\n"));
        for sector in 0..40 {
            writeln!(sectors, "s{sector},{}.5", 400 + random.below(400)).unwrap();
            for _ in 0..random.below(7) {
                writeln!(flows, "s{},s{sector},{}.3", random.below(40), random.below(60)).unwrap();
            }
        }
        let facts = r#"(format: 1, name: "made up", tables: [Sectors(file: "sectors.csv"), Flows(file: "flows.csv")])"#;
        let folder = dataset(
            &format!("table-{seed}"),
            &[("sectors.csv", &sectors), ("flows.csv", &flows), ("facts.ron", facts)],
        );
        let asks =
            [demand(&["s3=-20", "s11=7"]), primary(&["s4=-9"]), failing(Model::Inoperability, &["s7=0.4"])];
        same(&folder.0, &asks);
    }
}

/// Firms that supply each other for amounts, some of which state what they receive.
fn firms(name: &str, seed: u64, firms: usize, links: usize, most: usize) -> Folder {
    let mut random = Numbers(seed);
    let (mut nodes, mut edges) = (String::from("id,revenue\n"), String::from("supplier,buyer,weight\n"));
    for firm in 0..firms {
        let revenue = if random.below(3) > 0 { random.below(most).to_string() } else { String::new() };
        writeln!(nodes, "f{firm},{revenue}").unwrap();
    }
    for _ in 0..links {
        let (supplier, buyer) = (random.below(firms), random.below(firms));
        if supplier != buyer {
            writeln!(edges, "f{supplier},f{buyer},{}.{}", random.below(900), 1 + random.below(9)).unwrap();
        }
    }
    let facts =
        r#"(format: 1, name: "made up", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv")])"#;
    dataset(name, &[("nodes.csv", &nodes), ("edges.csv", &edges), ("facts.ron", facts)])
}

#[test]
fn payments_between_firms() {
    for (seed, count, links, most) in [(1, 60, 150, 9_000), (2, 60, 100, 3_000), (3, 30, 300, 20_000)] {
        let folder = firms(&format!("firms-{seed}"), seed, count, links, most);
        same(&folder.0, &[demand(&["f1=-30", "f4=-12.5"]), demand(&["f1=-30", "f2=11"])]);
        let asks = [primary(&["f3=-25"]), failing(Model::Inoperability, &["f5=0.5", "f9=0.1"])];
        same(&folder.0, &asks);
    }
}

/// A ring that keeps a small part of what it receives, so that sweeps creep.
#[test]
fn money_that_goes_round_many_times() {
    let (mut nodes, mut edges) = (String::from("id,revenue\n"), String::from("supplier,buyer,weight\n"));
    for firm in 0..12 {
        writeln!(nodes, "f{firm},{}", 1_000 + firm % 3).unwrap();
        writeln!(edges, "f{},f{firm},999.5", (firm + 1) % 12).unwrap();
    }
    let facts =
        r#"(format: 1, name: "ring", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv")])"#;
    let folder = dataset("ring", &[("nodes.csv", &nodes), ("edges.csv", &edges), ("facts.ron", facts)]);
    same(&folder.0, &[demand(&["f1=-30"]), demand(&["f1=-30", "f6=20"])]);
}

#[test]
fn what_is_recorded_with_sources() {
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure");
    same(&graph, &[demand(&["openai=-10%"]), failing(Model::Inoperability, &["openai=0.1"])]);
}

#[test]
fn days_are_not_followed_in_parts() {
    let days = Shock { model: Model::Inoperability, days: Some(30), ..Shock::default() };
    assert!(Ask::Shock(days).shares_links().unwrap_err().contains("--days"));
    let functional = failing(Model::Functional, &["s05"]).shares_links().unwrap_err();
    assert!(functional.contains("leontief"), "{functional}");
    let told = asked_of_parts(&fixture(), 2, &[demand(&["nobody=-1"])]);
    assert!(told.iter().all(|(_, answers)| answers[0].contains("nobody")));
}
