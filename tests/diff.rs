//! Differences: the records between two datasets, and parts of a change that add up to it.

mod common;

use std::path::Path;

use linchpin::analysis::{Analysis, AnalysisError, Ask, Diff, Held, State, View, ron_options};
use linchpin::answer::{Answer, Cell, Table};
use linchpin::dataset::{self, Section, patched, written_records};
use linchpin::difference::{Between, By, How, Part, changes, grouped};
use linchpin::graph::Graph;
use linchpin::model::Facts;
use linchpin::query;
use linchpin::what_if::Told;
use proptest::prelude::*;

fn graph_of(facts: Facts) -> Graph {
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn flagship() -> Graph {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure");
    graph_of(dataset::load(&path).facts.expect("a sound dataset"))
}

/// A small dataset: which of some records are there, and how large what they say is.
fn written(entities: &[bool], relations: &[(bool, u8, u8, u32)]) -> String {
    let mut text = String::from(
        "(format: 1, name: \"t\", kinds: {\"k\": ()}, products: {\"p\": (needed_by: {\"k\": Essential})}, \
         sources: {\"s\": (title: \"S\", publisher: \"P\", reliability: Primary)}, entities: {",
    );
    // two that are always there, so that something can be tied
    for name in ["x", "y"] {
        text.push_str(&format!("\"{name}\": (kind: \"k\"),"));
    }
    for (at, _) in entities.iter().enumerate().filter(|(_, there)| **there) {
        text.push_str(&format!("\"e{at}\": (kind: \"k\"),"));
    }
    text.push_str("}, relations: {");
    let name = |at: u8| {
        let at = usize::from(at) % (entities.len() + 2);
        match at {
            0 => "x".to_string(),
            1 => "y".to_string(),
            at if entities[at - 2] => format!("e{}", at - 2),
            _ => "x".to_string(),
        }
    };
    for (at, (there, from, to, size)) in relations.iter().enumerate() {
        let (from, to) = (name(*from), name(*to));
        if *there && from != to {
            text.push_str(&format!(
                "\"r{at}\": Supplies(from: \"{from}\", to: \"{to}\", product: \"p\", amount: Usd({}), sources: [\"s\"]),",
                size + 1
            ));
        }
    }
    text.push_str("}, attributes: {");
    for (at, _) in entities.iter().enumerate().filter(|(_, there)| **there) {
        text.push_str(&format!(
            "\"a{at}\": (of: \"e{at}\", what: Revenue, value: Usd({}), per: Year, sources: [\"s\"]),",
            at + 1
        ));
    }
    text.push_str("})");
    text
}

fn facts(text: &str) -> Facts {
    common::graph(text).facts().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The old dataset with all changes is the new one, with none it is itself; and each in between is a sound dataset.
    #[test]
    fn changes_lead_from_the_old_to_the_new(
        a in prop::collection::vec(any::<bool>(), 4),
        b in prop::collection::vec(any::<bool>(), 4),
        r in prop::collection::vec((any::<bool>(), 0u8..6, 0u8..6, 0u32..3), 8),
        s in prop::collection::vec((any::<bool>(), 0u8..6, 0u8..6, 0u32..3), 8),
        some in any::<u64>(),
    ) {
        let (old, new) = (facts(&written(&a, &r)), facts(&written(&b, &s)));
        let between = Between::new(&old, &new);
        prop_assert_eq!(between.facts(|_| false).0.content_hash(), old.content_hash());
        prop_assert_eq!(between.facts(|_| true).0.content_hash(), new.content_hash());
        let differing = changes(&old, &new);
        prop_assert_eq!(differing.is_empty(), old.content_hash() == new.content_hash());
        // what differs is what has to be taken
        let names = |part: Part<'_>| match part {
            Part::Record(section, key) => differing.iter().any(|own| own.section == section && own.key == key),
            _ => true,
        };
        prop_assert_eq!(between.facts(names).0.content_hash(), new.content_hash());
        let mixed = |part: Part<'_>| match part {
            Part::Record(_, key) => {
                let place = (key.len() as u64 + u64::from(key.as_bytes()[key.len() - 1])) % 64;
                (some >> place) & 1 == 1
            }
            _ => false,
        };
        let (mixed, _) = between.facts(mixed);
        let text = dataset::to_ron(&mixed).expect("records only");
        let loaded = dataset::load_embedded(&[("mixed.ron", &text)]);
        prop_assert!(loaded.facts.is_some(), "{}", dataset::render_all(&loaded.diagnostics, false));
        prop_assert_eq!(loaded.facts.expect("just looked").content_hash(), mixed.content_hash());
        // every change but those of sources is in one group
        for by in [By::Pair, By::Product, By::Section, By::Record] {
            let groups = grouped(&differing, by);
            let mut all: Vec<usize> = groups.iter().flat_map(|own| own.changes.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..differing.len()).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_flagship_and_its_what_ifs_lead_to_each_other() {
    let graph = flagship();
    let library = query::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).stories;
    for saved in &library.what_ifs {
        let other =
            patched(&graph, &[Told::Inline(Box::new(saved.told.clone()), None)]).expect("it can be made");
        let between = Between::new(graph.facts(), other.facts());
        assert_eq!(between.facts(|_| false).0.content_hash(), graph.hash(), "{}", saved.name);
        assert_eq!(between.facts(|_| true).0.content_hash(), other.hash(), "{}", saved.name);
        let back = Between::new(other.facts(), graph.facts());
        assert_eq!(back.facts(|_| true).0.content_hash(), graph.hash(), "{}", saved.name);
        assert!(!changes(graph.facts(), other.facts()).is_empty());
    }
    assert!(changes(graph.facts(), graph.facts()).is_empty());
}

#[test]
fn fields_are_told_one_by_one() {
    let text = |spend: &str, status: &str| {
        format!(
            "(format: 1, name: \"t\", kinds: {{\"k\": ()}}, products: {{\"p\": ()}}, \
             entities: {{\"a\": (kind: \"k\"), \"b\": (kind: \"k\")}}, relations: {{ \
             \"r\": Commits(from: \"a\", to: \"b\", product: \"p\", spend: {spend}, status: {status}, assumed: \"x\")}})"
        )
    };
    let (old, new) = (facts(&text("Usd(1e9)", "Announced")), facts(&text("AtLeast(Usd(2e9))", "Signed")));
    let all = changes(&old, &new);
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].section, all[0].how), (Section::Relations, How::Changed));
    let told: Vec<_> =
        all[0].fields.iter().map(|own| (own.field, own.old.as_deref(), own.new.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("spend", Some("Usd(1e9)"), Some("AtLeast(Usd(2e9))")),
            ("status", Some("Announced"), Some("Signed"))
        ]
    );
    assert_eq!(written_records(&old).len(), written_records(&new).len());
}

/// The sum of the parts of each number, beside its change.
fn sums(answer: &Answer, at: usize) -> Vec<(f64, f64)> {
    let (numbers, causes) = (
        answer.table(&format!("numbers-{at}")).expect("numbers"),
        answer.table(&format!("causes-{at}")).expect("causes"),
    );
    let leading = numbers.columns.len() - 3;
    let mut sums = Vec::new();
    for row in 0..numbers.rows.len() {
        let name: Vec<String> = numbers.rows[row]
            .iter()
            .take(leading)
            .map(|cell| match cell {
                Cell::Item { name, .. } => name.clone(),
                cell => cell.as_key().unwrap_or_default().to_string(),
            })
            .filter(|word| !word.is_empty())
            .collect();
        let name = Cell::text(name.join(" / "));
        let parts = (0..causes.rows.len()).filter(|at| causes.cell(*at, "number") == Some(&name));
        let sum = parts.map(|at| causes.number(at, "part").expect("a part")).sum();
        sums.push((sum, numbers.number(row, "change").expect("a change")));
    }
    assert!(!sums.is_empty());
    sums
}

fn ask(graph: &Graph, question: &str) -> Result<Answer, AnalysisError> {
    let mut ask: Ask = ron_options().from_str(question).expect("the question is well-formed");
    let library = query::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).stories;
    library.fill_ask(&mut ask);
    ask.run(&common::view(graph))
}

fn number(table: &Table, column: &str) -> f64 {
    table.number(0, column).expect("a number")
}

/// Four vendors of one market: the Herfindahl index by hand, and the Shapley value of two changes of shares.
#[test]
fn parts_are_those_of_a_calculation_by_hand() {
    // shares of need: HHI over suppliers of one customer is not additive in them, so that the orders matter
    let text = |a: f64, b: f64| {
        format!(
            "(format: 1, name: \"t\", as_of: \"2026\", kinds: {{\"k\": ()}}, products: {{\"p\": ()}}, \
             entities: {{\"a\": (kind: \"k\"), \"b\": (kind: \"k\"), \"c\": (kind: \"k\")}}, relations: {{ \
             \"ra\": Sells(from: \"a\", market: \"p\", share: Share({a:?}), period: \"2025\", assumed: \"x\"), \
             \"rb\": Sells(from: \"b\", market: \"p\", share: Share({b:?}), period: \"2025\", assumed: \"x\"), \
             \"rc\": Sells(from: \"c\", market: \"p\", share: Share(0.2), period: \"2025\", assumed: \"x\")}})"
        )
    };
    let (old, new) = (common::graph(&text(0.3, 0.2)), common::graph(&text(0.5, 0.3)));
    let state = State { held: Some(Held::new(old)), dataset: Some("old".to_string()), ..State::default() };
    let asked =
        ron_options().from_str("[(ask: Concentration(market: \"p\"), column: \"hhi_low\")]").expect("asked");
    let diff = Diff { old: Told::Inline(Box::new(state), None), on: asked, ..Diff::default() };
    let answer = diff.run(&common::view(&new)).expect("an answer");
    let numbers = answer.table("numbers-1").expect("numbers");
    // the low end counts the known vendors alone; in units of 10,000
    let scale = number(numbers, "before") / (0.09 + 0.04 + 0.04);
    assert!(common::close(number(numbers, "after"), scale * (0.25 + 0.09 + 0.04), 1e-9), "{numbers:?}");
    let causes = answer.table("causes-1").expect("causes");
    let part = |name: &str| {
        let row = (0..causes.rows.len()).find(|row| {
            causes.cell(*row, "cause").and_then(Cell::as_key).is_some_and(|cause| cause.starts_with(name))
        });
        causes.number(row.expect("the cause"), "part").expect("a part")
    };
    // the index is a sum over vendors: each change has its own effect in any order
    assert!(common::close(part("a"), scale * (0.25 - 0.09), 1e-9));
    assert!(common::close(part("b"), scale * (0.09 - 0.04), 1e-9));
    for (sum, change) in sums(&answer, 1) {
        assert!(common::close(sum, change, 1e-10), "{sum} {change}");
    }
}

#[test]
fn parts_between_two_days_add_up_to_the_change() {
    let graph = flagship();
    let question = "Diff(old: \"2025-06-30\", new: \"2026-07-01\", groups: 3, top: 3, on: [\
         (ask: LockIn(customer: \"anthropic\")), (ask: LockIn(customer: \"openai\"), column: \"committed_low\")])";
    let question = match ask(&graph, question) {
        Ok(answer) => answer,
        Err(error) => panic!("{error}"),
    };
    let mut looked = 0;
    for at in [1, 2] {
        if question.table(&format!("causes-{at}")).is_some() {
            for (sum, change) in sums(&question, at) {
                assert!(common::close(sum, change, 1e-10), "{at}: {sum} {change}");
                looked += 1;
            }
        }
    }
    assert!(looked > 0);
}

#[test]
fn drawn_parts_add_up_too_and_carry_errors() {
    let needs = |shift: f64| {
        let rows: Vec<Vec<Vec<(usize, f64)>>> = (0..16)
            .map(|i| {
                if i == 0 {
                    vec![vec![]]
                } else {
                    vec![vec![(i - 1, 0.5 + shift), ((i + 5) % i.max(1), 0.2)]]
                }
            })
            .map(|mut products: Vec<Vec<(usize, f64)>>| {
                for suppliers in &mut products {
                    suppliers.dedup_by_key(|own| own.0);
                }
                products
            })
            .collect();
        common::graph(&common::needs_dataset(&rows, &[None]))
    };
    let (old, new) = (needs(0.0), needs(0.25));
    let state = State { held: Some(Held::new(old)), dataset: Some("old".to_string()), ..State::default() };
    let asked =
        ron_options().from_str("[(ask: Exposure(to: \"e0\"), column: \"stop_loss\")]").expect("asked");
    let diff =
        Diff { old: Told::Inline(Box::new(state), None), on: asked, groups: 20, top: 2, ..Diff::default() };
    let answer = diff.run(&common::view(&new)).expect("an answer");
    let causes = answer.table("causes-1").expect("causes");
    assert!(causes.column("error").is_some(), "more than twelve groups are drawn");
    for (sum, change) in sums(&answer, 1) {
        assert!(common::close(sum, change, 1e-10), "{sum} {change}");
    }
}

#[test]
fn sides_that_make_no_sense_are_refused() {
    let graph = common::graph(&common::needs_dataset(&[vec![vec![]], vec![vec![(0, 0.5)]]], &[None]));
    let view: View<'_> = common::view(&graph);
    let run = |question: &str| -> String {
        let ask: Ask = ron_options().from_str(question).expect("well-formed");
        ask.run(&view).expect_err("it makes no sense").to_string()
    };
    assert!(run("Diff(old: \"nobody\", new: \"base\")").contains("there is no \"nobody\""));
    assert!(run("Diff(old: \"base\", new: (dataset: \"elsewhere\"))").contains("has not been read"));
    assert!(run("Diff(old: \"base\", new: \"base\", on: [(query: \"x\")])").contains("there is no query"));
    assert!(run("Diff(old: \"base\", new: \"base\", top: 0)").contains("top"));
    let same = ask(&graph, "Diff(old: \"base\", new: \"base\", on: [(ask: Exposure(to: \"e0\"))])")
        .expect("an answer");
    assert!(same.findings.iter().any(|own| own.text.contains("No fact differs")), "{:?}", same.findings);
}
