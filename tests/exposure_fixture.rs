//! Exposure on the cost basis against what numpy computed for a network of 60 entities with cycles.

mod common;

use common::{close, number};
use linchpin::answer::{Answer, Cell};
use linchpin::dataset;
use linchpin::graph::Graph;

const DATASET: &str = r#"(format: 1, name: "fixture", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv", weight: ShareOfCost)])"#;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/structure/{name}", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
}

fn fixture() -> Graph {
    let (nodes, edges) = (file("nodes.csv"), file("edges.csv"));
    load(&[("dataset.ron", DATASET), ("nodes.csv", &nodes), ("edges.csv", &edges)])
}

fn load(files: &[(&str, &str)]) -> Graph {
    let loaded = dataset::load_embedded(files);
    let facts = loaded.facts.unwrap_or_else(|| panic!("{}", dataset::render_all(&loaded.diagnostics, false)));
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
}

/// Relative, as the fixture's tolerance is.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-10 * a.abs().max(b.abs())
}

fn named(answer: &Answer, table: &str, key: &str, column: &str) -> Option<f64> {
    let table = answer.table(table)?;
    let row = table.rows.iter().position(|row| row[0].as_key() == Some(key))?;
    table.number(row, column)
}

#[test]
fn exposure_agrees_with_numpy() {
    let graph = fixture();
    let expected = rows(&file("exposure.csv"));
    let mut focal: Vec<&str> = expected.iter().map(|row| row[0].as_str()).collect();
    focal.dedup();
    let (mut compared, mut largest) = (0, 0.0f64);
    for of in focal {
        let answer = common::ask(&graph, &format!("Exposure(of: {of:?})"));
        let mine: Vec<_> = expected.iter().filter(|row| row[0] == of).collect();
        assert_eq!(answer.tables[0].rows.len(), mine.len(), "{of}");
        for row in mine {
            for (column, text) in ["face_value", "look_through", "reach_share"].iter().zip(&row[2..]) {
                let value = number(&answer, &row[1], column).unwrap();
                let wanted: f64 = text.parse().unwrap();
                assert!(near(value, wanted), "{of} {} {column}: {value} and {wanted}", row[1]);
                largest = largest.max((value - wanted).abs() / wanted.abs().max(1e-300));
                compared += 1;
            }
            // no needs are stated: nothing is said about function
            assert_eq!(common::cell(&answer, &row[1], "stop_loss"), Some(Cell::Empty));
        }
        assert!(answer.caveats.iter().any(|caveat| caveat.code == "no-needs"));
        assert!(answer.caveats.iter().any(|caveat| caveat.code == "unsourced-table"));
    }
    assert_eq!(compared, 3 * expected.len());
    println!("largest relative difference {largest:e}");
}

#[test]
fn tiers_agree_with_numpy() {
    let answer = common::ask(&fixture(), r#"Exposure(of: "n036")"#);
    let table = answer.table("tiers").unwrap();
    for (at, row) in rows(&file("tier_hhi.csv")).iter().enumerate() {
        assert_eq!(table.number(at, "tier"), row[0].parse().ok());
        for (column, text) in [("spend_share", &row[1]), ("hhi", &row[2])] {
            assert!(
                near(table.number(at, column).unwrap(), text.parse().unwrap()),
                "tier {} {column}",
                row[0]
            );
        }
    }
}

#[test]
fn criticality_is_the_sum_of_reach_shares_over_one_column() {
    let graph = fixture();
    for row in rows(&file("criticality.csv")).iter().step_by(7) {
        let answer = common::ask(&graph, &format!("Exposure(to: {:?})", row[0]));
        let table = &answer.tables[0];
        let sum: f64 = (0..table.rows.len()).filter_map(|at| table.number(at, "reach_share")).sum();
        assert!(near(sum, row[1].parse().unwrap()), "{}", row[0]);
    }
}

/// Up the chain of owners until one owns itself.
fn ultimate<'a>(nodes: &'a [Vec<String>], id: &'a str) -> &'a str {
    let owner = nodes.iter().find(|row| row[0] == id).map_or(id, |row| row[3].as_str());
    if owner == id { id } else { ultimate(nodes, owner) }
}

#[test]
fn a_set_is_reached_as_much_as_its_members_in_turn() {
    let graph = fixture();
    let answer = common::ask(&graph, r#"Exposure(of: "n036")"#);
    let nodes = rows(&file("nodes.csv"));
    let entities = answer.table("exposure").unwrap();
    for (table, column) in [("countries", 2), ("owners", 3)] {
        let sets = answer.table(table).unwrap();
        assert!(!sets.rows.is_empty());
        for at in 0..sets.rows.len() {
            let key = sets.rows[at][0].as_key().unwrap();
            let belongs = |row: &Vec<String>| match table {
                "countries" => row[column] == key,
                _ => ultimate(&nodes, &row[0]) == key,
            };
            let members: Vec<&str> = nodes
                .iter()
                .filter(|row| belongs(row) && row[0] != "n036")
                .map(|row| row[0].as_str())
                .collect();
            let values = |column: &str| -> Vec<f64> {
                let of = |row: &usize| members.contains(&entities.rows[*row][0].as_key().unwrap());
                (0..entities.rows.len()).filter(of).filter_map(|row| entities.number(row, column)).collect()
            };
            let reach = sets.number(at, "reach_share").unwrap();
            let each = values("reach_share");
            // between the largest member and the sum of all
            assert!(reach >= each.iter().fold(0.0, |a: f64, b| a.max(*b)) - 1e-12, "{table} {key}");
            assert!(reach <= each.iter().sum::<f64>() + 1e-12 && reach <= 1.0, "{table} {key}");
            for column in ["face_value", "look_through"] {
                let sum: f64 = values(column).iter().sum();
                assert!(close(sets.number(at, column).unwrap(), sum, 1e-12), "{table} {key} {column}");
            }
            if each.len() == 1 {
                assert!(close(reach, each[0], 1e-12), "{table} {key}");
            }
        }
    }
}

/// The worked network of `vectors.json` as two tables.
fn worked() -> Graph {
    let edges = "supplier,buyer,weight\nCloudA,Lab,0.6\nCloudB,Lab,0.4\nChipX,CloudA,0.7\nPower,CloudA,0.2\n\
                 ChipX,CloudB,0.3\nChipY,CloudB,0.4\nPower,CloudB,0.2\nFoundry,ChipX,0.8\nFoundry,ChipY,0.7\n\
                 Litho,Foundry,0.3\nPower,Foundry,0.1\n";
    let text = r#"(format: 1, name: "worked", tables: [Supplies(file: "edges.csv", weight: ShareOfCost)])"#;
    load(&[("dataset.ron", text), ("edges.csv", edges)])
}

#[test]
fn overlap_agrees_with_other_software() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let wanted = |name: &str| vectors[name].as_f64().unwrap();
    let answer = common::ask(&worked(), r#"Exposure(of: "Lab")"#);
    let overlap = answer.table("overlap").unwrap();
    assert!(near(overlap.number(0, "diamond_ratio").unwrap(), wanted("diamond_ratio")));
    assert!(near(answer.table("pairs").unwrap().number(0, "cosine").unwrap(), wanted("cosine_common_A_B")));
    let shared = answer.table("shared").unwrap();
    for (key, count) in vectors["commonality"].as_object().unwrap() {
        let row = shared.rows.iter().position(|row| row[1].as_key() == Some(key)).unwrap();
        assert_eq!(shared.number(row, "commonality"), count.as_f64(), "{key}");
    }
    let tiers = answer.table("tiers").unwrap();
    assert!(near(tiers.number(0, "hhi").unwrap(), wanted("tier1_hhi")));
    assert!(near(tiers.number(1, "hhi").unwrap(), wanted("tier2_hhi")));
    // one foundry: all that gets to tier 3 by way of chips, plus the power of nobody else
    assert!(tiers.number(2, "hhi").unwrap() > 9_999.9);
    assert!(answer.findings.iter().any(|finding| finding.text.contains("tier 3")), "{:?}", answer.findings);
    assert_eq!(named(&answer, "exposure", "Foundry", "tier"), Some(3.0));
}

#[test]
fn a_needless_graph_has_no_dual_sourcing() {
    let graph = worked();
    let ask = linchpin::analysis::ron_options().from_str(r#"DualSource(entity: "Lab")"#);
    let ask: linchpin::analysis::Ask = ask.unwrap();
    let error = ask.run(&common::view(&graph)).unwrap_err();
    assert!(error.to_string().contains("does not say"), "{error}");
}
