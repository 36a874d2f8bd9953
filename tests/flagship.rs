//! The dataset that comes with the program: every collected fact is accounted for, every lab reaches its
//! materials, and the deals that started it give the numbers that they should.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use linchpin::analysis::{Analysis, LockIn, View};
use linchpin::dataset::{Loaded, Severity, load, render_all};
use linchpin::graph::Graph;
use linchpin::model::{Confidence, EntityId, Evidence, Facts};
use linchpin::network::{Network, Rung};
use linchpin::scope::Scope;

const FOLDER: &str = "graph/ai-infrastructure";

fn loaded() -> Loaded {
    load(Path::new(FOLDER))
}

fn graph() -> Graph {
    let loaded = loaded();
    let facts = loaded.facts.unwrap_or_else(|| panic!("{}", render_all(&loaded.diagnostics, false)));
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn scope(graph: &Graph) -> Scope {
    Scope::on(graph.default_as_of())
}

fn readme() -> String {
    std::fs::read_to_string(format!("{FOLDER}/README.md")).expect("the dataset has a README")
}

/// The rows of the README's tables, cells trimmed.
fn rows(readme: &str) -> impl Iterator<Item = Vec<&str>> {
    readme.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(str::trim).collect()
    })
}

fn evidence(facts: &Facts) -> impl Iterator<Item = &Evidence> {
    let relations = facts.relations.iter().map(|record| &record.evidence);
    let attributes = facts.attributes.iter().map(|record| &record.evidence);
    let intensities = facts.intensities.iter().map(|record| &record.evidence);
    relations.chain(attributes).chain(intensities)
}

#[test]
fn it_loads_without_an_error_and_with_one_known_warning() {
    let loaded = loaded();
    let told = render_all(&loaded.diagnostics, false);
    assert!(loaded.diagnostics.iter().all(|problem| problem.code.severity() != Severity::Error), "{told}");
    assert_eq!(loaded.diagnostics.len(), 1, "{told}");
    assert!(told.contains("`enriched-uranium`"), "{told}");
}

#[test]
fn every_collected_fact_is_accounted_for_once() {
    let graph = graph();
    let facts = graph.facts();
    let mut records: BTreeSet<&str> = BTreeSet::new();
    records.extend(facts.relations.iter().map(|record| record.key.as_str()));
    records.extend(facts.attributes.iter().map(|record| record.key.as_str()));
    records.extend(facts.intensities.iter().map(|record| record.key.as_str()));

    let wanted: BTreeSet<String> = (1..=478)
        .map(|n| format!("F{n:03}"))
        .chain((1..=57).map(|n| format!("A{n:03}")))
        .chain((1..=106).map(|n| format!("B{n:03}")))
        .collect();
    let readme = readme();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows(&readme) {
        let [id, carried] = row.as_slice() else { continue };
        if !wanted.contains(*id) {
            continue;
        }
        *seen.entry((*id).to_string()).or_default() += 1;
        if let Some(reason) = carried.strip_prefix("left out:") {
            assert!(reason.trim().len() > 10, "{id} is left out without a reason");
            continue;
        }
        let named: Vec<&str> = carried.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{id} names no record");
        for record in named {
            assert!(records.contains(record), "{id} names `{record}`, which the dataset does not have");
        }
    }
    for id in &wanted {
        assert_eq!(seen.get(id), Some(&1), "{id} has to stand in the README exactly once");
    }
}

#[test]
fn the_readme_counts_what_there_is() {
    let graph = graph();
    let facts = graph.facts();
    let network = Network::build(&graph, &scope(&graph));
    let rungs = network.rungs(|row| row.binds());
    let of = |rung: Rung| rungs[rung as usize];
    let assumed = |evidence: &&Evidence| evidence.assumed.is_some();
    let real: BTreeMap<&str, usize> = BTreeMap::from([
        ("entities", facts.entities.len()),
        ("relations", facts.relations.len()),
        ("attributes", facts.attributes.len()),
        ("intensities", facts.intensities.len()),
        ("sources", facts.sources.len()),
        ("records that rest on an assumption", evidence(facts).filter(assumed).count()),
        (
            "of these, without any source",
            evidence(facts).filter(assumed).filter(|evidence| evidence.sources.is_empty()).count(),
        ),
        (
            "records of low confidence",
            evidence(facts).filter(|evidence| evidence.confidence == Confidence::Low).count(),
        ),
        ("weights that bind", rungs.iter().sum()),
        ("of these, from a stated share", of(Rung::Stated)),
        ("of these, from amounts", of(Rung::Amounts) + of(Rung::KnownContracts)),
        ("of these, from market shares or an equal split", of(Rung::MarketShare) + of(Rung::EqualSplit)),
    ]);
    let readme = readme();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows(&readme) {
        if let [what, number] = row.as_slice()
            && let Ok(number) = number.parse()
        {
            told.insert(what, number);
        }
    }
    assert_eq!(told, real, "left: README.md, right: the dataset");
}

#[test]
fn ids_that_others_rely_on_are_there() {
    let graph = graph();
    let entities = "anthropic openai xai mistral meta google microsoft amazon aws azure google-cloud oracle coreweave nvidia amd \
                    broadcom tsmc samsung-foundry samsung-electronics intel-foundry asml sk-hynix micron ajinomoto";
    for key in entities.split_whitespace() {
        assert!(graph.find_entity(key).is_ok(), "no entity `{key}`");
    }
    let products = "cloud-infrastructure cloud-compute ai-accelerator foundry leading-edge-wafer hbm cowos-packaging euv-lithography \
                    electricity gas-turbine power-transformer";
    for key in products.split_whitespace() {
        assert!(graph.find_product(key).is_ok(), "no product `{key}`");
    }
}

#[test]
fn every_lab_reaches_its_materials() {
    let graph = graph();
    let network = Network::build(&graph, &scope(&graph));
    let products = "cloud-compute ai-accelerator ai-server network-switch hbm cowos-packaging leading-edge-wafer substrate abf-film \
                    eda-software euv-lithography euv-optics photoresist gallium electricity gas-turbine power-transformer";
    let kinds = "accelerator-maker memory-maker foundry lithography-maker precision-optics-maker substrate-maker materials-maker \
                 mining-country server-maker optics-maker site utility turbine-maker grid-equipment-maker";
    let labs: Vec<EntityId> = graph.entity_ids().filter(|id| graph.kind_of(*id) == "lab").collect();
    assert!(labs.len() >= 6);
    for lab in labs {
        let name = &graph.entity(lab).key;
        let tiers = network.tiers_upstream(lab);
        let reached: Vec<EntityId> = graph.entity_ids().filter(|id| tiers[id.index()].is_some()).collect();
        let met: BTreeSet<&str> = reached
            .iter()
            .flat_map(|id| network.needs(*id))
            .filter(|row| row.binds() && !network.suppliers(row).is_empty())
            .map(|row| graph.product(row.product).key.as_str())
            .collect();
        for product in products.split_whitespace() {
            assert!(met.contains(product), "{name} does not reach a supplier of `{product}`");
        }
        let kinds_met: BTreeSet<&str> = reached.iter().map(|id| graph.kind_of(*id)).collect();
        for kind in kinds.split_whitespace() {
            assert!(kinds_met.contains(kind), "{name} does not reach a {kind}");
        }
        // xAI fills its own sites; all others rent from a cloud
        let cloud = kinds_met.contains("cloud") || kinds_met.contains("neocloud");
        assert!(cloud || name == "xai", "{name} does not reach a cloud");
    }
}

#[test]
fn whoever_needs_something_has_a_supplier_for_it() {
    let graph = graph();
    let network = Network::build(&graph, &scope(&graph));
    for row in network.rows().iter().filter(|row| row.binds()) {
        let (entity, product) = (&graph.entity(row.entity).key, &graph.product(row.product).key);
        assert!(!network.suppliers(row).is_empty(), "{entity} has no supplier of {product}");
    }
}

#[test]
fn five_billion_for_a_hundred() {
    let graph = graph();
    let view = View { graph: &graph, scope: scope(&graph) };
    let question = LockIn {
        customer: Some("anthropic".to_string()),
        provider: Some("amazon".to_string()),
        ..LockIn::default()
    };
    let answer = question.run(&view).expect("the pair has commitments");
    let deals = answer.table("deals").expect("deals one by one");
    assert_eq!(deals.rows.len(), 1);
    assert_eq!(deals.number(0, "committed_low"), Some(100e9));
    assert_eq!(deals.number(0, "committed_high"), None, "more than $100bn has no upper end");
    assert_eq!(deals.number(0, "invested_high"), Some(5e9));
    assert_eq!(deals.number(0, "leverage_low"), Some(20.0));
    assert_eq!(deals.number(0, "announced_high"), Some(20e9));
    // eight billion before, five now; the first four are inside the eight, the later twenty are only announced
    let all = &answer.tables[0];
    assert_eq!((all.number(0, "invested_low"), all.number(0, "invested_high")), (Some(13e9), Some(13e9)));
}

/// What the graph says, other libraries can work on: here petgraph's components against our own.
#[test]
fn the_graph_goes_to_petgraph() {
    let graph = graph();
    let ties = graph.to_petgraph();
    assert_eq!(ties.node_count(), graph.facts().entities.len());
    let with_both_ends = graph.facts().relations.iter().filter(|relation| relation.to.is_some());
    assert_eq!(ties.edge_count(), with_both_ends.count());
    for edge in ties.edge_indices() {
        let relation = graph.relation(ties[edge]);
        let (from, to) = ties.edge_endpoints(edge).expect("both ends");
        assert_eq!((relation.from, relation.to), (ties[from], Some(ties[to])));
    }
}
