//! Datasets that load, what comes out, and inputs that a folder on disk may hold.

use std::fs;
use std::path::PathBuf;

use linchpin::dataset::{Code, Loaded, load, load_embedded, render_all};
use linchpin::model::{Facts, LinkKind};
use proptest::prelude::*;

/// A folder for one test, emptied first.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dataset").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("writable");
    folder
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The facts of a dataset without a problem.
fn facts(loaded: Loaded) -> Facts {
    assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
    loaded.facts.expect("no problem")
}

#[test]
fn toy_graphs_load_without_a_problem() {
    for folder in fs::read_dir("graph/toy").expect("toy graphs are there") {
        facts(load(&folder.expect("readable").path()));
    }
    facts(load("graph/toy/merger/toy.ron".as_ref()));
}

#[test]
fn tables_become_links_entities_and_owners() {
    let facts = facts(load_embedded(&[
        (
            "a.ron",
            "(format: 1, tables: [Entities(file: \"n.csv\"), Supplies(file: \"e.csv\", weight: ShareOfCost), \
                   Sells(file: \"m.csv\"), Flows(file: \"f.csv\")])",
        ),
        ("n.csv", "id,sector,country,owner\nB,steel,US,A\nA,steel,US,A\nC,coal,Mars,holding\n"),
        ("e.csv", "supplier,customer,weight\nB,A,0.25\nC,A,0.5\n"),
        ("m.csv", "market,vendor,share\nore,C,0.5\n"),
        ("f.csv", "from,to,value\noutside,A,5\nA,D,2.5\n"),
    ]));
    let keys: Vec<&str> = facts.entities.iter().map(|entity| entity.key.as_str()).collect();
    assert_eq!(keys, ["A", "B", "C", "D", "holding", "outside"]);
    let kinds: Vec<&str> = facts.entities.iter().map(|e| facts.kinds[e.kind].key.as_str()).collect();
    assert_eq!(kinds, ["steel", "steel", "coal", "entity", "owner", "outside"]);
    let relations: Vec<&str> = facts.relations.iter().map(|relation| relation.key.as_str()).collect();
    assert_eq!(relations, ["owns:A:B", "owns:holding:C", "sells:ore:C"]);
    assert!(facts.relations.iter().all(|relation| relation.evidence.is_unsourced()));
    let links: Vec<_> =
        facts.links.iter().map(|l| (l.kind, keys[l.from.index()], keys[l.to.index()], l.weight)).collect();
    assert_eq!(
        links,
        [
            (LinkKind::CostShare, "B", "A", 0.25),
            (LinkKind::CostShare, "C", "A", 0.5),
            (LinkKind::Flow, "outside", "A", 5.0),
            (LinkKind::Flow, "A", "D", 2.5),
        ]
    );
    assert_eq!(facts.meta.tables.len(), 4);
}

#[test]
fn a_table_of_links_alone_makes_its_entities() {
    let facts = facts(load_embedded(&[
        ("a.ron", "(format: 1, tables: [Supplies(file: \"e.csv\")])"),
        ("e.csv", "\u{feff}supplier,customer,weight\n0,243,13.6\n243,0,1\n"),
    ]));
    assert_eq!(facts.entities.len(), 2);
    assert_eq!(facts.links.len(), 2);
}

#[test]
fn shares_slightly_above_one_are_scaled_and_said() {
    let text = fs::read_to_string("graph/invalid/shares-rescaled/case.ron").expect("there");
    let loaded = load_embedded(&[("a.ron", &text)]);
    let facts = loaded.facts.expect("a warning does not stop a load");
    assert_eq!(facts.renormalised.len(), 1);
    let sum: f64 = facts
        .relations
        .iter()
        .filter_map(|relation| match &relation.detail {
            linchpin::model::Detail::Sells { share, .. } => share.as_ref().and_then(|share| share.point()),
            _ => None,
        })
        .sum();
    assert!((sum - 1.0).abs() < 1e-12);
}

#[test]
fn ranges_that_may_add_up_to_one_are_not_refused() {
    let text = "(format: 1, kinds: { \"k\": () }, products: { \"p\": () },
        entities: { \"a\": (kind: \"k\"), \"b\": (kind: \"k\") }, relations: {
        \"x\": Sells(from: \"a\", market: \"p\", share: Between(Percent(50), Percent(70)), assumed: \"t\"),
        \"y\": Sells(from: \"b\", market: \"p\", share: Between(Percent(40), Percent(60)), assumed: \"t\") })";
    assert_eq!(codes(&load_embedded(&[("a.ron", text)])), [Code::SharesRescaled]);
}

#[test]
fn stakes_that_follow_each_other_are_not_added() {
    let text = "(format: 1, kinds: { \"k\": () }, entities: { \"a\": (kind: \"k\"), \"b\": (kind: \"k\"), \"c\": (kind: \"k\") },
        relations: {
        \"x\": Owns(from: \"a\", to: \"c\", share: Percent(80), until: \"2025\", assumed: \"t\"),
        \"y\": Owns(from: \"b\", to: \"c\", share: Percent(80), since: \"2025\", assumed: \"t\") })";
    facts(load_embedded(&[("a.ron", text)]));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    facts(load_embedded(&[("a.ron", "\u{feff}(format: 1)")]));
}

#[test]
fn deep_nesting_is_an_error_and_not_an_overflow() {
    for open in ["(", "[", "{", "Some(", "/*"] {
        let text = format!("(format: 1, entities: {{ \"a\": {} }})", open.repeat(100_000));
        let loaded = load_embedded(&[("a.ron", &text), ("b.ron", &open.repeat(100_000))]);
        assert!(loaded.facts.is_none());
        assert!(render_all(&loaded.diagnostics, true).len() < 100_000);
    }
}

#[test]
fn folders_without_a_dataset_say_so() {
    let folder = scratch("none");
    assert_eq!(codes(&load(&folder)), [Code::NoFiles]);
    assert_eq!(codes(&load(&folder.join("absent"))), [Code::Unreadable]);
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let folder = scratch("huge");
    let file = fs::File::create(folder.join("a.ron")).expect("writable");
    file.set_len(300 << 20).expect("sparse");
    assert_eq!(codes(&load(&folder)), [Code::TooLarge]);
    fs::remove_file(folder.join("a.ron")).expect("removable");
}

#[test]
fn a_flood_of_problems_is_cut_and_counted() {
    let mut text = String::from("(format: 1, entities: {\n");
    for at in 0..1500 {
        text.push_str(&format!("\"e-{at}\": (kind: \"none\"),\n"));
    }
    text.push_str("})");
    let loaded = load_embedded(&[("a.ron", &text)]);
    assert_eq!(loaded.diagnostics.len(), 1001);
    assert_eq!(loaded.diagnostics.last().map(|d| d.code), Some(Code::Suppressed));
}

#[cfg(unix)]
#[test]
fn links_between_folders_do_not_lead_in_circles() {
    let folder = scratch("links");
    fs::create_dir_all(folder.join("deep")).expect("writable");
    fs::write(folder.join("deep/a.ron"), "(format: 1, name: \"once\")").expect("writable");
    std::os::unix::fs::symlink(&folder, folder.join("deep/up")).expect("linkable");
    std::os::unix::fs::symlink("nowhere", folder.join("gone")).expect("linkable");
    assert_eq!(facts(load(&folder)).meta.name, "once");
    std::os::unix::fs::symlink("nowhere", folder.join("gone.ron")).expect("linkable");
    assert_eq!(codes(&load(&folder)), [Code::Unreadable]);
    fs::remove_file(folder.join("gone.ron")).expect("removable");
    fs::create_dir(folder.join("dir.ron")).expect("writable");
    assert_eq!(facts(load(&folder)).meta.name, "once");
}

/// The records of the two-sided toy deal, one text each: section and record.
fn records() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sources", r#""s": (title: "T", publisher: "P", reliability: Primary)"#),
        ("kinds", r#""lab": (name: "AI-lab", tier: 9)"#),
        ("kinds", r#""cloud": ()"#),
        ("products", r#""compute": (needed_by: { "cloud": Optional, "lab": Essential })"#),
        ("products", r#""power": (unit: "MW")"#),
        ("entities", r#""lab-a": (kind: "lab", seat: "US")"#),
        ("entities", r#""cloud-a": (kind: "cloud", needs: { "power": Essential, "compute": NotNeeded })"#),
        ("rates", r#""eur": (currency: "EUR", usd: 1.1, on: "2025", sources: ["s"])"#),
        (
            "relations",
            r#""z": Commits(from: "lab-a", to: "cloud-a", product: "compute", spend: Eur(5e9), status: Signed, sources: ["s"])"#,
        ),
        (
            "relations",
            r#""b": Invests(from: "cloud-a", to: "lab-a", amount: UpTo(Usd(1e9)), status: Intent, sources: ["s"])"#,
        ),
        (
            "relations",
            r#""b-1": Invests(from: "cloud-a", to: "lab-a", amount: Usd(1e8), status: Signed, part_of: "b", sources: ["s"])"#,
        ),
        (
            "attributes",
            r#""r": (of: "lab-a", what: Revenue, value: Usd(1e9), period: "2025", per: Year, sources: ["s"])"#,
        ),
        ("intensities", r#""i": (product: "compute", input: "power", amount: Mw(1), assumed: "t")"#),
    ]
}

/// Writes records as files: record i goes to file `split[i]`; `blank` stands between all parts.
fn written(order: &[usize], split: &[usize], blank: &str) -> Vec<(String, String)> {
    let records = records();
    let mut files = Vec::new();
    for file in 0..4 {
        let mut text = format!("({blank}format{blank}: 1,");
        let mut sections: Vec<&str> = Vec::new();
        for at in order {
            let (section, _) = records[*at];
            if split[*at] == file && !sections.contains(&section) {
                sections.push(section);
            }
        }
        for section in sections {
            text.push_str(&format!("{blank}{section}:{blank}{{"));
            for at in order.iter().filter(|at| split[**at] == file && records[**at].0 == section) {
                text.push_str(&format!("{blank}{}{blank},", records[*at].1.replace(' ', blank)));
            }
            text.push_str("},");
        }
        text.push(')');
        files.push((format!("{file}.ron"), text));
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Neither the split into files nor order, comments and blanks change the content.
    #[test]
    fn the_hash_is_of_the_content(
        order in Just((0..13).collect::<Vec<usize>>()).prop_shuffle(),
        split in prop::collection::vec(0usize..4, 13),
        blank in prop::sample::select(vec![" ", "\n", " // a comment\n", "/* a /* nested */ comment */", "\r\n\t"]),
    ) {
        let plain = written(&(0..13).collect::<Vec<_>>(), &[0; 13], " ");
        let other = written(&order, &split, blank);
        let load = |files: &[(String, String)]| {
            let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
            facts(load_embedded(&files))
        };
        let (plain, other) = (load(&plain), load(&other));
        prop_assert_eq!(plain.content_hash(), other.content_hash());
    }
}

#[test]
fn the_hash_sees_every_change_of_content() {
    let text = fs::read_to_string("graph/toy/two-sided-deal/toy.ron").expect("there");
    let hash = |text: &str| facts(load_embedded(&[("a.ron", text)])).content_hash();
    let first = hash(&text);
    for (old, new) in [
        ("100e9", "101e9"),
        ("AtLeast", "About"),
        ("\"2026-04-20\", deal", "\"2026-04-21\", deal"),
        ("Primary", "Tertiary"),
        ("Five for", "Six for"),
    ] {
        assert!(text.contains(old));
        assert_ne!(first, hash(&text.replace(old, new)), "{old} → {new}");
    }
}
