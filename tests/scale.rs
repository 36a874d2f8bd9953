//! Plain bulk tables of amounts: every analysis that a large network goes through has an answer on them.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{ask, close, number};
use linchpin::graph::Graph;

/// A dataset of two tables in a folder of its own.
fn bulk(nodes: &str, edges: &str) -> Graph {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scale-{call}"));
    std::fs::create_dir_all(&folder).unwrap();
    let ron = r#"(format: 1, name: "t", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv"), Essentiality(file: "class.csv")])"#;
    let class = "supplier_sector,customer_sector,class\na,a,1\na,b,2\nb,a,1\nb,b,2\n";
    for (name, text) in [("t.ron", ron), ("nodes.csv", nodes), ("edges.csv", edges), ("class.csv", class)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let loaded = linchpin::dataset::load(&folder);
    let facts = loaded.facts.expect("the folder is valid");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

const NODES: &str = "id,sector\nx,a\ny,a\nz,b\nw,b\n";
const EDGES: &str = "supplier,customer,weight\nx,z,30\ny,z,10\nz,w,20\nw,x,5\nz,y,4\n";

#[test]
fn sectors_are_markets_where_no_survey_names_any() {
    let answer = ask(&bulk(NODES, EDGES), "Concentration(all: true)");
    // a: x sells 30 and y 10; b: z sells 24 and w 5
    let (a, b) = (0.75f64.powi(2) + 0.25f64.powi(2), (24.0f64 / 29.0).powi(2) + (5.0f64 / 29.0).powi(2));
    assert!(close(number(&answer, "a", "hhi_low").unwrap(), 1e4 * a, 1e-12));
    assert!(close(number(&answer, "b", "hhi_high").unwrap(), 1e4 * b, 1e-9));
    assert!(close(number(&answer, "b", "cr1").unwrap(), 24.0 / 29.0, 1e-12));
    assert_eq!(answer.tables[0].rows[0][0].as_key(), Some("b"), "the most concentrated comes first");
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "sectors-as-markets"));
}

#[test]
fn amounts_without_costs_answer_every_question() {
    let graph = bulk(NODES, EDGES);
    for question in [
        r#"Exposure(of: "w")"#,
        r#"Exposure(to: "x")"#,
        r#"Chokepoints(of: Some("w"))"#,
        "Chokepoints(all: true)",
        "Tiers()",
        "Circularity()",
        "SystemicRisk()",
        "Concentration(all: true)",
    ] {
        let answer = ask(&graph, question);
        assert!(answer.tables.iter().any(|table| !table.rows.is_empty()), "{question}");
        assert!(answer.tables.iter().all(linchpin::answer::Table::says_rests), "{question}");
    }
    // w sells 5 and buys 20: it keeps nothing; z sells 24 and buys 40; x sells 30 and buys 5; y sells 10 and buys 4
    let answer = ask(&graph, r#"Exposure(of: "w")"#);
    // W: w→z 1; z→x 3/4, z→y 1/4; x→w 1/6; y→z 4/10
    let z = 1.0 / (1.0 - 0.25 * 0.4 - 0.75 / 6.0);
    assert!(close(number(&answer, "z", "look_through").unwrap(), z, 1e-12));
    assert!(close(number(&answer, "z", "reach_share").unwrap(), 1.0, 1e-12));
    assert!(close(number(&answer, "x", "look_through").unwrap(), 0.75 * z, 1e-12));
}

#[test]
fn a_sample_of_failures_says_so_and_agrees_with_all() {
    let graph = bulk(NODES, EDGES);
    let all = ask(&graph, "SystemicRisk()");
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let answer = ask(&graph, &format!("SystemicRisk(sample: 2, seed: {seed})"));
        let sample = answer.caveats.iter().find(|caveat| caveat.code == "sample").expect("it says so");
        assert_eq!(sample.count, Some(2));
        assert!(answer.title.contains("a sample of 2 of 4"), "{}", answer.title);
        let table = answer.table("systemic-risk").unwrap();
        assert_eq!(table.rows.len(), 2);
        for row in 0..2 {
            let key = table.rows[row][0].as_key().unwrap();
            assert_eq!(table.number(row, "index"), number(&all, key, "index"));
            seen.insert(key.to_string());
        }
    }
    assert_eq!(seen.len(), 4, "seeds draw different ones");
    let more = ask(&graph, "SystemicRisk(sample: 9)");
    assert_eq!(more.tables[0].rows, all.tables[0].rows, "a sample of more than all is all");
}

/// Stops the work once so many pieces are done.
struct After(usize, AtomicUsize);

impl linchpin::observer::Observer for After {
    fn begin(&self, _: usize) {}

    fn done(&self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.1.load(Ordering::Relaxed) >= self.0
    }
}

#[test]
fn work_that_is_stopped_gives_what_is_there_and_says_so() {
    use linchpin::analysis::{Ask, ron_options};
    use linchpin::answer::AnswerStatus;
    let graph = bulk(NODES, EDGES);
    let view = common::view(&graph);
    let question: Ask = ron_options().from_str("SystemicRisk()").unwrap();
    assert!(question.can_stop());
    let all = question.run(&view).unwrap();
    let one = rayon_pool(1, || question.run_observed(&view, &After(1, AtomicUsize::new(0)))).unwrap();
    let AnswerStatus::Truncated { reason } = &one.status else { panic!("{:?}", one.status) };
    assert!(reason.contains("of 4 failures"), "{reason}");
    let rows = &one.tables[0].rows;
    assert!(!rows.is_empty() && rows.len() < 4);
    for row in rows {
        let key = row[0].as_key().unwrap();
        assert_eq!(number(&one, key, "index"), number(&all, key, "index"));
    }
    let none = question.run_observed(&view, &After(0, AtomicUsize::new(0)));
    assert!(none.is_err(), "nothing is no answer");
}

fn rayon_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
