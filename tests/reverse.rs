//! Stress tests asked backwards and single changes, against trying everything with a slow plain cascade.

mod common;
mod oracle;

use std::collections::BTreeSet;

use common::{ask, close, graph, needs_dataset, view};
use linchpin::analysis::{AnalysisError, Ask, ron_options};
use linchpin::answer::{Answer, AnswerStatus, Cell};
use linchpin::graph::Graph;
use proptest::prelude::*;

type Needs = Vec<Vec<Vec<(usize, f64)>>>;

/// A lab on two clouds, two chips and one foundry.
const LAB: &str = r#"(format: 1, name: "lab", kinds: { "lab": (), "cloud": (), "chip": (), "fab": () },
    products: { "compute": (), "accelerator": (), "wafer": () },
    entities: {
        "the-lab": (kind: "lab", needs: { "compute": Essential }),
        "a": (kind: "cloud", needs: { "accelerator": Essential }),
        "b": (kind: "cloud", needs: { "accelerator": Essential }),
        "x": (kind: "chip", needs: { "wafer": Essential }),
        "y": (kind: "chip", needs: { "wafer": Essential }),
        "f": (kind: "fab"),
    },
    relations: {
        "r1": Supplies(from: "a", to: "the-lab", product: "compute", share_of_need: Share(0.6), assumed: "t"),
        "r2": Supplies(from: "b", to: "the-lab", product: "compute", share_of_need: Share(0.4), assumed: "t"),
        "r3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Share(0.7), assumed: "t"),
        "r4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Share(0.3), assumed: "t"),
        "r5": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Share(1.0), assumed: "t"),
        "r6": Supplies(from: "f", to: "x", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
        "r7": Supplies(from: "f", to: "y", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
    })"#;

fn sets(answer: &Answer) -> Vec<BTreeSet<String>> {
    let members = |row: &Vec<Cell>| match &row[1] {
        Cell::Items(items) => items.iter().map(|(key, _)| key.clone()).collect(),
        _ => BTreeSet::new(),
    };
    answer.tables[0].rows.iter().map(members).collect()
}

fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|member| member.to_string()).collect()
}

fn fails(graph: &Graph, question: &str) -> AnalysisError {
    let ask: Ask = ron_options().from_str(question).unwrap();
    ask.run(&view(graph)).unwrap_err()
}

#[test]
fn the_least_sets_of_the_worked_example() {
    let graph = graph(LAB);
    // alone: f 1, x 0.82, a 0.6, b 0.4, y 0.18
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.5, distance: true)"#);
    assert_eq!(sets(&answer), [set(&["f"]), set(&["x"]), set(&["a"]), set(&["b", "y"])]);
    assert_eq!(answer.status, AnswerStatus::Complete);
    // b stops: 0.4; y stops: 0.3 of a, 0.18
    assert!(close(answer.tables[0].number(3, "loss").unwrap(), 0.58, 1e-12));
    let distance = answer.table("distance").unwrap();
    let of = |who: &str| {
        let row = distance.rows.iter().position(|row| row[0].as_key() == Some(who)).unwrap();
        distance.number(row, "least_outage")
    };
    for (who, share) in
        [("all at once", 0.5), ("every cloud", 0.5), ("f", 0.5), ("x", 0.5 / 0.82), ("a", 0.5 / 0.6)]
    {
        assert!(close(of(who).unwrap(), share, 1e-8), "{who}: {:?}", of(who));
    }
    assert_eq!((of("b"), of("y")), (None, None));
    let clouds = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.7, among: ["cloud"])"#);
    assert_eq!(sets(&clouds), [set(&["a", "b"])]);
    // of the kind of clouds, a loses 0.3 and b nothing without y
    let kind = ask(&graph, r#"Reverse(target: "cloud", loss: 0.15)"#);
    assert_eq!(sets(&kind), [set(&["f"]), set(&["x"]), set(&["y"])]);
    assert!(close(kind.tables[0].number(2, "loss").unwrap(), 0.15, 1e-12));
    assert!(kind.caveats.iter().any(|caveat| caveat.code == "target-members"));
}

#[test]
fn the_least_outage_has_one_member_in_part() {
    let graph = graph(LAB);
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.5, by: Size)"#);
    let table = &answer.tables[0];
    assert_eq!(table.cell(0, "partial_entity").and_then(Cell::as_key), Some("f"));
    assert!(close(table.number(0, "total_outage").unwrap(), 0.5, 1e-8));
    // among clouds no one suffices for 0.7: a altogether, b by a quarter
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.7, by: Size, among: ["cloud"])"#);
    let table = &answer.tables[0];
    assert_eq!(table.cell(0, "partial_entity").and_then(Cell::as_key), Some("b"));
    assert!(close(table.number(0, "partial_outage").unwrap(), 0.25, 1e-8));
    assert!(close(table.number(0, "total_outage").unwrap(), 1.25, 1e-8));
    assert!(close(table.number(0, "even_outage").unwrap(), 0.7, 1e-8));
}

#[test]
fn likelihood_needs_what_the_dataset_states() {
    let error = fails(&graph(LAB), r#"Reverse(target: "the-lab", loss: 0.5, by: Likelihood)"#).to_string();
    assert!(error.contains("outage-probability"), "{error}");
    let stated = r#"attributes: {
        "p1": (of: "f", what: Other("outage-probability"), value: Percent(1.0), assumed: "t"),
        "p2": (of: "b", what: Other("outage-probability"), value: Percent(20.0), assumed: "t"),
        "p3": (of: "y", what: Other("outage-probability"), value: Percent(10.0), assumed: "t"),
    }, relations: {"#;
    let graph = graph(&LAB.replace("relations: {", stated));
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.5, by: Likelihood)"#);
    // 0.2 times 0.1 is likelier than 0.01; a and x state nothing and so do not fail
    assert_eq!(sets(&answer), [set(&["b", "y"]), set(&["f"])]);
    assert!(close(answer.tables[0].number(0, "probability").unwrap(), 0.02, 1e-12));
}

#[test]
fn what_cannot_be_reached_is_said() {
    let graph = graph(&LAB.replace("share_of_need: Share(0.4)", "share_of_need: Share(0.1)"));
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.9)"#);
    assert!(sets(&answer).is_empty());
    assert!(answer.findings[0].text.contains("Not even"), "{}", answer.findings[0].text);
    // within one member nothing, but two suffice: the gap is said
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.65, max_set: 1, among: ["cloud"])"#);
    let summary = answer.table("summary").unwrap();
    assert_eq!((summary.number(0, "at_least"), summary.number(0, "at_most")), (Some(2.0), Some(2.0)));
    let answer = ask(&graph, r#"Reverse(target: "the-lab", loss: 0.5, runs: 2)"#);
    assert!(matches!(answer.status, AnswerStatus::Truncated { .. }));
    for (question, says) in [
        (r#"Reverse(target: "the-labs")"#, "the-lab"),
        (r#"Reverse(target: "the-lab", loss: 0.0)"#, "above 0"),
        (r#"Reverse(target: "the-lab", max_set: 0)"#, "1 or more"),
        (r#"Reverse(target: "the-lab", among: ["clouds"])"#, "cloud"),
        (r#"Reverse(target: "f")"#, "nobody"),
        (r#"Harden(target: "the-lab", move: 1.5)"#, "at most 1"),
    ] {
        let error = fails(&graph, question).to_string();
        assert!(error.contains(says), "{question}: {error}");
    }
}

#[test]
fn the_best_change_of_the_worked_example() {
    // all hangs on one foundry, and what one chip loses less the other loses more
    let one = ask(&graph(LAB), r#"Harden(target: "the-lab", loss: 0.5, move: 0.2)"#);
    assert!(one.table("changes").unwrap().rows.is_empty());
    assert!(one.findings[0].text.contains("None of"), "{}", one.findings[0].text);
    // with a foundry of its own for y: x is nearest, at 0.5 / 0.82
    let two = LAB
        .replace(r#""f": (kind: "fab"),"#, r#""f": (kind: "fab"), "g": (kind: "fab"),"#)
        .replace(r#"Supplies(from: "f", to: "y""#, r#"Supplies(from: "g", to: "y""#);
    let answer = ask(&graph(&two), r#"Harden(target: "the-lab", loss: 0.5, move: 0.2, by: Distance)"#);
    let table = answer.table("changes").unwrap();
    let key = |at: usize| table.rows[0][at].as_key().unwrap().to_string();
    assert_eq!([key(0), key(1), key(2), key(3), key(4)], ["a", "accelerator", "redirect", "x", "y"]);
    // x alone then costs 0.6 * 0.5 + 0.4
    assert!(close(table.number(0, "distance").unwrap(), 0.5 / 0.7, 1e-8));
    assert!(close(table.number(0, "distance_rises").unwrap(), 0.5 / 0.7 - 0.5 / 0.82, 1e-8));
    // the next: b takes a fifth from y, a second source
    let row = table.rows.iter().position(|row| row[2].as_key() == Some("second source")).unwrap();
    assert!(close(table.number(row, "distance").unwrap(), 0.5 / 0.74, 1e-8));
}

prop_compose! {
    /// Products of random suppliers; `later` only those with a higher number, so that nobody supplies in a circle.
    fn needs(later: bool)(n in 3usize..13, seed in proptest::collection::vec(0.0f64..1.0, 12 * 2 * 14)) -> Needs {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        (0..n).map(|i| (0..2).map(|_| {
            let may = |j: &usize| *j != i && (!later || *j > i);
            let raw: Vec<(usize, f64)> =
                (0..n).filter(may).map(|j| (j, next())).filter(|(_, v)| *v > 0.7).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            let known = if next() > 0.3 { 1.0 } else { 0.75 };
            raw.into_iter().map(|(j, v)| (j, v / total * known)).collect()
        }).collect()).collect()
    }
}

fn loss(needs: &Needs, weights: &[Option<f64>], outages: &[(usize, f64)]) -> f64 {
    let mut shock = vec![0.0; needs.len()];
    for (at, share) in outages {
        shock[*at] = *share;
    }
    1.0 - oracle::functional(needs, weights, &shock)[0]
}

/// Whether there is anyone upstream of entity 0.
fn hangs(needs: &Needs) -> bool {
    needs[0].iter().any(|row| !row.is_empty())
}

const WEIGHTS: [Option<f64>; 2] = [None, Some(0.6)];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn least_sets_agree_with_all_subsets(needs in needs(false), asked in 0.05f64..0.95, most in prop_oneof![Just(3_usize), Just(11)]) {
        prop_assume!(hangs(&needs));
        let graph = graph(&needs_dataset(&needs, &WEIGHTS));
        let answer = ask(&graph, &format!("Reverse(target: \"e0\", loss: {asked:?}, max_set: {most})"));
        let reaches = |set: &[usize]| {
            let outages: Vec<(usize, f64)> = set.iter().map(|at| (at + 1, 1.0)).collect();
            loss(&needs, &WEIGHTS, &outages) >= asked - 1e-9
        };
        let theirs: BTreeSet<BTreeSet<String>> = oracle::structure::smallest_sets(needs.len() - 1, most, &reaches)
            .into_iter()
            .map(|set| set.into_iter().map(|at| format!("e{}", at + 1)).collect())
            .collect();
        prop_assert_eq!(answer.status.clone(), AnswerStatus::Complete);
        let ours = sets(&answer);
        prop_assert_eq!(ours.iter().cloned().collect::<BTreeSet<_>>(), theirs);
        prop_assert!(ours.windows(2).all(|pair| pair[0].len() <= pair[1].len()));
    }

    #[test]
    fn no_smaller_outage_costs_as_much(
        needs in needs(false), asked in 0.05f64..0.9, tries in proptest::collection::vec(proptest::collection::vec(0.0f64..1.0, 12), 60)
    ) {
        prop_assume!(hangs(&needs));
        let graph = graph(&needs_dataset(&needs, &WEIGHTS));
        let answer = ask(&graph, &format!("Reverse(target: \"e0\", loss: {asked:?}, by: Size, max_set: 12)"));
        let table = &answer.tables[0];
        let n = needs.len();
        if table.rows.is_empty() {
            let all: Vec<(usize, f64)> = (1..n).map(|at| (at, 1.0)).collect();
            prop_assert!(loss(&needs, &WEIGHTS, &all) < asked);
            return Ok(());
        }
        let total = table.number(0, "total_outage").unwrap();
        // what is given reaches the loss
        let partial = table.cell(0, "partial_entity").unwrap().as_key().unwrap().to_string();
        let Cell::Items(members) = &table.rows[0][1] else { panic!() };
        let share = |key: &str| if key == partial { table.number(0, "partial_outage").unwrap() } else { 1.0 };
        let given: Vec<(usize, f64)> = members.iter().map(|(key, _)| (key[1..].parse().unwrap(), share(key))).collect();
        prop_assert!(close(loss(&needs, &WEIGHTS, &given), asked, 1e-6) || loss(&needs, &WEIGHTS, &given) >= asked);
        prop_assert!(close(given.iter().map(|(_, share)| share).sum(), total, 1e-9));
        // no outage of a little less in sum does
        for weights in tries {
            // sharper draws put more on a few
            for power in [1, 6, 24] {
                let raw: Vec<f64> = (1..n).map(|at| weights[at - 1].powi(power)).collect();
                let sum: f64 = raw.iter().sum();
                let outage: Vec<(usize, f64)> =
                    raw.iter().enumerate().map(|(at, v)| (at + 1, (v / sum * total * 0.999).min(1.0))).collect();
                let reached = loss(&needs, &WEIGHTS, &outage);
                prop_assert!(reached < asked + 1e-9, "{reached} by {outage:?}");
            }
        }
    }

    #[test]
    fn the_best_change_is_that_of_all(needs in needs(true), sum in any::<bool>()) {
        prop_assume!(hangs(&needs));
        let graph = graph(&needs_dataset(&needs, &WEIGHTS));
        let by = if sum { "Sum" } else { "Distance" };
        let answer = ask(&graph, &format!("Harden(target: \"e0\", loss: 0.3, move: 0.2, by: {by}, top: 1)"));
        let n = needs.len();
        let upstream: BTreeSet<usize> = {
            let mut seen = BTreeSet::from([0]);
            let mut open = vec![0];
            while let Some(at) = open.pop() {
                for (j, _) in needs[at].iter().flatten() {
                    if seen.insert(*j) { open.push(*j); }
                }
            }
            seen
        };
        let outages: Vec<usize> = upstream.iter().copied().filter(|at| *at != 0).collect();
        let measure = |needs: &Needs| if sum {
            -outages.iter().map(|at| loss(needs, &WEIGHTS, &[(*at, 1.0)])).sum::<f64>()
        } else {
            outages.iter().map(|at| {
                if loss(needs, &WEIGHTS, &[(*at, 1.0)]) < 0.3 - 1e-9 { return 1.0; }
                let (mut low, mut high) = (0.0, 1.0);
                for _ in 0..40 {
                    let middle = 0.5 * (low + high);
                    if loss(needs, &WEIGHTS, &[(*at, middle)]) >= 0.3 - 1e-9 { high = middle } else { low = middle }
                }
                high
            }).fold(1.0, f64::min)
        };
        let some_known = |at: usize| needs[at].iter().any(|row| !row.is_empty());
        let before = measure(&needs);
        let mut best: f64 = 0.0;
        for i in upstream.iter().copied() {
            for p in 0..2 {
                let vendors: BTreeSet<usize> = needs.iter().flat_map(|rows| &rows[p]).map(|(j, _)| *j).collect();
                for at in 0..needs[i][p].len() {
                    for to in vendors.iter().copied().filter(|to| *to != i) {
                        let (from, share) = needs[i][p][at];
                        if from == to || (some_known(from) && !some_known(to)) { continue; }
                        let mut changed = needs.clone();
                        changed[i][p][at].1 -= share.min(0.2);
                        changed[i][p].push((to, share.min(0.2)));
                        best = best.max(measure(&changed) - before);
                    }
                }
            }
        }
        let column = if sum { "sum_falls" } else { "distance_rises" };
        let ours = answer.table("changes").unwrap().number(0, column).unwrap_or(0.0);
        prop_assert!(ours <= best + 1e-7, "{ours} {best}");
        prop_assert!(close(ours, best, 1e-6), "{ours} {best}, {n} entities");
    }
}
