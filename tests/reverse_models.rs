//! Every model asked backwards against the same model asked forwards, for all sets of outages; and outages in time.

mod common;
mod oracle;

use std::collections::BTreeSet;
use std::path::Path;

use common::{ask, graph, needs_dataset, number, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::answer::{Answer, AnswerStatus, Cell};
use linchpin::dataset::load;
use linchpin::graph::Graph;
use proptest::prelude::*;

fn fixture(name: &str) -> Graph {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name));
    let facts = loaded.facts.expect("the fixture is sound");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn sets(answer: &Answer) -> BTreeSet<BTreeSet<String>> {
    let members = |row: &Vec<Cell>| match &row[1] {
        Cell::Items(items) => items.iter().map(|(key, _)| key.clone()).collect(),
        _ => BTreeSet::new(),
    };
    answer.table("sets").unwrap().rows.iter().map(members).collect()
}

/// Loss of the target by the forward model where these fail altogether; 0 where the answer has no row for it.
fn forward(graph: &Graph, model: &str, target: &str, failing: &[&str]) -> f64 {
    let (option, mark) = if model == "Leontief" { ("demand", "=-100%") } else { ("fail", "") };
    let given: Vec<String> = failing.iter().map(|key| format!("\"{key}{mark}\"")).collect();
    let question = format!("Shock(model: {model}, {option}: [{}])", given.join(", "));
    let Ok(answer) = ron_options().from_str::<Ask>(&question).unwrap().run(&view(graph)) else { return 0.0 };
    let of = |column: &str| number(&answer, target, column);
    let loss = match model {
        "DebtRank" => of("stress"),
        "Leontief" | "Ghosh" | "Inoperability" => of("relative_loss"),
        "Esri" => of("functionality").map(|left| 1.0 - left),
        "LinearThreshold" => of("round").map(|_| 1.0),
        "IndependentCascade" => of("probability"),
        _ => of("loss"),
    };
    loss.unwrap_or(0.0).clamp(0.0, 1.0)
}

/// Least sets by trying all of up to `largest` of these.
fn by_trying(
    graph: &Graph,
    model: &str,
    target: &str,
    all: &[String],
    asked: f64,
    largest: usize,
) -> BTreeSet<BTreeSet<String>> {
    let reaches = |set: &[usize]| {
        let failing: Vec<&str> = set.iter().map(|at| all[*at].as_str()).collect();
        // larger sets are not asked for
        (1..=largest).contains(&failing.len()) && forward(graph, model, target, &failing) >= asked - 1e-9
    };
    let found = oracle::structure::smallest_sets(all.len(), largest, &reaches);
    found.into_iter().map(|set| set.into_iter().map(|at| all[at].clone()).collect()).collect()
}

fn others(graph: &Graph, target: &str) -> Vec<String> {
    let keys = graph.entity_ids().map(|id| graph.entity(id).key.clone());
    keys.filter(|key| key != target).collect()
}

/// Asks backwards and compares with all subsets; returns how many sets there are.
fn agrees(graph: &Graph, model: &str, target: &str, asked: f64, largest: usize) -> usize {
    let question = format!(
        "Reverse(target: \"{target}\", loss: {asked:?}, model: {model}, max_set: {largest}, runs: 1000000, most: 100000)"
    );
    let answer = ask(graph, &question);
    assert_eq!(answer.status, AnswerStatus::Complete, "{question}");
    let expected = by_trying(graph, model, target, &others(graph, target), asked, largest);
    assert_eq!(sets(&answer), expected, "{question}");
    for row in &answer.table("sets").unwrap().rows {
        let Cell::Items(items) = &row[1] else { panic!() };
        let members: Vec<&str> = items.iter().map(|(key, _)| key.as_str()).collect();
        let loss = forward(graph, model, target, &members);
        assert!((row[2].as_number().unwrap() - loss).abs() < 1e-9, "{question}: {members:?} {loss}");
    }
    expected.len()
}

#[test]
fn banks_of_other_software_asked_backwards() {
    let graph = fixture("debtrank");
    let found: usize =
        ["b01", "b07", "b15"].iter().map(|bank| agrees(&graph, "DebtRank", bank, 0.5, 3)).sum();
    assert!(found > 10, "{found}");
}

#[test]
fn sectors_of_other_software_asked_backwards() {
    let graph = fixture("io");
    let mut found = 0;
    for (model, asked, largest) in [("Leontief", 0.1, 1), ("Ghosh", 0.2, 2), ("Inoperability", 0.05, 1)] {
        found += agrees(&graph, model, "s01", asked, largest);
    }
    assert!(found > 5, "{found}");
}

#[test]
fn a_linear_model_has_its_least_outage_by_size() {
    let graph = fixture("io");
    let answer = ask(&graph, r#"Reverse(target: "s01", loss: 0.05, model: Leontief, by: Size, max_set: 2)"#);
    let table = answer.table("sets").unwrap();
    let (who, share) = (table.cell(0, "partial_entity").unwrap(), table.number(0, "partial_outage").unwrap());
    let question =
        format!("Shock(model: Leontief, demand: [\"{}=-{}%\"])", who.as_key().unwrap(), share * 100.0);
    let loss = number(&ask(&graph, &question), "s01", "relative_loss").unwrap();
    assert!((loss - 0.05).abs() < 1e-7, "{loss}");
    assert!(answer.caveats.iter().all(|caveat| caveat.code != "upper-bound"));
    assert!(answer.findings.iter().any(|finding| finding.text.contains("of its final demand")));
}

prop_compose! {
    /// Two needs of each of up to nine entities, with random suppliers.
    fn needs()(n in 3usize..9, seed in proptest::collection::vec(0.0f64..1.0, 200)) -> Vec<Vec<Vec<(usize, f64)>>> {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        (0..n).map(|i| (0..2).map(|_| {
            let raw: Vec<(usize, f64)> =
                (0..n).filter(|j| *j != i).map(|j| (j, next())).filter(|(_, v)| *v > 0.7).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            raw.into_iter().map(|(j, v)| (j, v / total)).collect()
        }).collect()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_model_of_needs_agrees_with_all_subsets(needs in needs(), asked in 0.05f64..0.95) {
        prop_assume!(needs[0].iter().any(|row| !row.is_empty()));
        let graph = graph(&needs_dataset(&needs, &[None, Some(0.6)]));
        for model in ["Functional", "Esri", "LinearThreshold"] {
            agrees(&graph, model, "e0", asked, 3);
        }
    }

    #[test]
    fn probable_failures_agree_where_they_are_exact(needs in needs(), asked in 0.05f64..0.95) {
        prop_assume!(needs[0].iter().any(|row| !row.is_empty()));
        prop_assume!(needs.iter().flatten().map(Vec::len).sum::<usize>() < 12);
        let graph = graph(&needs_dataset(&needs, &[None, Some(0.6)]));
        agrees(&graph, "IndependentCascade", "e0", asked, 3);
    }
}

/// A mine, two smelters with stocks, works, and a lab.
const CHAIN: &str = r#"(
    format: 1, as_of: "2026-08-01",
    kinds: { "firm": (), "lab": () },
    products: { "ore": (inventory: Days(30)), "metal": (), "chips": () },
    entities: {
        "mine": (kind: "firm"),
        "smelter": (kind: "firm", needs: { "ore": Essential }),
        "other": (kind: "firm", needs: { "ore": Essential }),
        "works": (kind: "firm", needs: { "metal": Essential }),
        "the-lab": (kind: "lab", needs: { "chips": Essential }),
    },
    relations: {
        "a": Supplies(from: "mine", to: "smelter", product: "ore", share_of_need: Share(1.0), share_of_output: Share(0.5), assumed: "t"),
        "b": Supplies(from: "mine", to: "other", product: "ore", share_of_need: Share(1.0), share_of_output: Share(0.5), assumed: "t"),
        "c": Supplies(from: "smelter", to: "works", product: "metal", share_of_need: Share(0.5), share_of_output: Share(1.0), assumed: "t"),
        "d": Supplies(from: "other", to: "works", product: "metal", share_of_need: Share(0.5), share_of_output: Share(1.0), assumed: "t"),
        "e": Supplies(from: "works", to: "the-lab", product: "chips", share_of_need: Share(1.0), share_of_output: Share(1.0), assumed: "t"),
    },
)"#;

#[test]
fn outages_in_time_are_searched_by_a_heuristic_that_says_so() {
    let graph = graph(CHAIN);
    // 30 days of ore, 8 of metal, 6 of chips
    let rules = r#"stock_days: 8, stock: ["chips=6"], horizon: 120"#;
    let answer = ask(
        &graph,
        &format!("Reverse(target: \"the-lab\", loss: 0.4, max_set: 2, over: (days: 20, {rules}))"),
    );
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "heuristic"));
    assert!(answer.caveats.iter().all(|caveat| caveat.code != "no-stocks"));
    assert_eq!(answer.table("summary").unwrap().number(0, "at_least"), None);
    let found = sets(&answer);
    assert!(!found.is_empty());
    // forwards every set costs so much on its worst day, and without any member it does not
    let worst = |set: &BTreeSet<String>| {
        let fail: Vec<String> = set.iter().map(|key| format!("\"{key}\"")).collect();
        if fail.is_empty() {
            return 0.0;
        }
        let question = format!("Disruption(fail: [{}], days: 20, {rules})", fail.join(", "));
        1.0 - number(&ask(&graph, &question), "the-lab", "trough").unwrap_or(1.0)
    };
    for set in &found {
        assert!(worst(set) >= 0.4 - 1e-9, "{set:?}: {}", worst(set));
        for member in set {
            let part: BTreeSet<String> = set.iter().filter(|own| *own != member).cloned().collect();
            assert!(worst(&part) < 0.4 - 1e-9, "{part:?}");
        }
    }
    // thirty days of ore carry the lab through twenty days without the mine
    assert!(!found.contains(&BTreeSet::from(["mine".to_string()])));
    assert!(found.contains(&BTreeSet::from(["works".to_string()])));
}

#[test]
fn more_stock_is_ranked_beside_other_sourcing() {
    let graph = graph(CHAIN);
    let rules = r#"stock_days: 8, stock: ["chips=6"], horizon: 120"#;
    let answer =
        ask(&graph, &format!("Harden(target: \"the-lab\", add_stock: 10, over: (days: 20, {rules}))"));
    let table = answer.table("changes").unwrap();
    let row = |customer: &str, product: &str| {
        (0..table.rows.len()).find(|row| {
            table.cell(*row, "customer").and_then(Cell::as_key) == Some(customer)
                && table.cell(*row, "product").and_then(Cell::as_key) == Some(product)
                && table.cell(*row, "change") == Some(&Cell::text("more stock"))
        })
    };
    let lab = row("the-lab", "chips").expect("the stock of the lab helps");
    // what it spares is what the forward model says, with ten more days of chips
    let lost = |chips: u32| {
        ["mine", "smelter", "other", "works"]
            .map(|who| {
                let question = format!(
                    "Disruption(fail: [\"{who}\"], days: 20, stock_days: 8, stock: [\"chips={chips}\"], horizon: 120)"
                );
                number(&ask(&graph, &question), "the-lab", "lost").unwrap_or(0.0)
            })
            .iter()
            .sum::<f64>()
    };
    let (today, then) = (lost(6), lost(16));
    assert!((answer.table("summary").unwrap().number(0, "sum").unwrap() - today).abs() < 1e-9);
    assert!((table.number(lab, "spared").unwrap() - (today - then)).abs() < 1e-9);
    assert!(
        answer.findings[0].text.starts_with("The single change that helps the-lab most"),
        "{}",
        answer.findings[0].text
    );
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "heuristic"));
    assert_eq!(answer.status, AnswerStatus::Complete);
    // cut short it says so
    let cut = ask(
        &graph,
        "Harden(target: \"the-lab\", add_stock: 10, runs: 1, over: (days: 20, stock_days: 3, horizon: 120))",
    );
    let AnswerStatus::Truncated { reason } = &cut.status else { panic!("{:?}", cut.status) };
    assert!(reason.starts_with("the search ended at 1 runs: 0 of "), "{reason}");
    let said = &cut.findings[0].text;
    assert_eq!(said, "None of 0 single changes that were tried helps the-lab.");
    let spared: Vec<f64> = (0..table.rows.len()).map(|row| table.number(row, "spared").unwrap()).collect();
    assert!(spared.windows(2).all(|pair| pair[0] >= pair[1] - 1e-6));
}
