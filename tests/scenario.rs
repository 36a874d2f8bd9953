//! Scenarios: as they are written, what they hit, and which model carries what.

mod common;

use common::{ask, number, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::graph::Graph;
use linchpin::scenario::{Effect, Hits, Place, Recovery, Scenario, Size, Target};

/// Two makers of `chip` in two countries, and two labs that need it; a holding owns one maker.
fn graph() -> Graph {
    common::graph(
        r#"(format: 1, name: "test", kinds: { "maker": (), "lab": () },
        products: { "chip": (needed_by: {"lab": Essential}), "gas": () },
        entities: {
            "east": (kind: "maker", seat: "TW", production: ["TW", "JP"]),
            "west": (kind: "maker", seat: "US", production: ["US"]),
            "office": (kind: "maker", seat: "US"),
            "holding": (kind: "maker"),
            "both": (kind: "maker", group: true, members: ["east", "west"]),
            "a": (kind: "lab", seat: "US"), "b": (kind: "lab", seat: "TW"),
        },
        relations: {
            "east-a": Supplies(from: "east", to: "a", product: "chip", share_of_need: Share(0.8), assumed: "test"),
            "west-a": Supplies(from: "west", to: "a", product: "chip", share_of_need: Share(0.2), assumed: "test"),
            "east-b": Supplies(from: "east", to: "b", product: "chip", share_of_need: Share(1.0), assumed: "test"),
            "holding-west": Owns(from: "holding", to: "west", share: Share(0.6), control: Controlling, assumed: "test"),
        })"#,
    )
}

fn scenario(shocks: &str) -> Scenario {
    ron_options().from_str(&format!("(title: \"t\", shocks: [{shocks}])")).expect("well-formed")
}

fn hits(graph: &Graph, shocks: &str) -> Hits {
    Hits::resolve(graph, &view(graph).scope, Some(&scenario(shocks)), &[]).expect("makes sense")
}

fn refused(graph: &Graph, shocks: &str) -> String {
    let resolved = Hits::resolve(graph, &view(graph).scope, Some(&scenario(shocks)), &[]);
    resolved.expect_err("makes no sense").to_string()
}

#[test]
fn a_scenario_reads_and_writes_back() {
    let text = r#"(title: "t", note: "why", shocks: [
        (on: Entity("east"), what: CapacityLoss(0.5), start: 10, days: 182, recovery: Linear(days: 90)),
        (on: Country(code: "TW", product: "chip"), what: SupplyCut(1)),
        (on: Kind("lab"), what: DemandChange(Relative(-0.1)), days: 3),
        (on: Link(from: "east", product: "chip"), what: SupplyCut(0.2)),
    ])"#;
    let read: Scenario = ron_options().from_str(text).expect("well-formed");
    assert_eq!(read.shocks[0].on, Target::Entity("east".into()));
    assert_eq!(read.shocks[0].recovery, Recovery::Linear { days: 90.0 });
    assert_eq!(read.shocks[1].what, Effect::SupplyCut(1.0));
    let written = ron_options().to_string(&read).expect("can be written");
    assert_eq!(ron_options().from_str::<Scenario>(&written).expect("reads back"), read);
    let question = format!("Shock(scenario: {text}, replace: true)");
    let ask: Ask = ron_options().from_str(&question).expect("inline");
    let again: Ask = ron_options().from_str(&ask.to_ron()).expect("what is printed reads back");
    assert_eq!(ask, again);
    let named: Ask = ron_options().from_str(r#"Shock(scenario: "some-name")"#).expect("named");
    assert_eq!(named.to_ron(), r#"Shock(scenario:"some-name")"#);
}

#[test]
fn sets_resolve_to_their_members() {
    let graph = graph();
    let who = |shocks: &str| -> Vec<(String, Size)> {
        let hits = hits(&graph, shocks);
        hits.entities.iter().map(|h| (graph.entity(h.entity).key.clone(), h.size)).collect()
    };
    let lost = |key: &str, share: f64| (key.to_string(), Size::Lost(share));
    let found = who(r#"(on: Owner("holding"), what: CapacityLoss(0.5))"#);
    assert_eq!(found, [lost("holding", 0.5), lost("west", 0.5)]);
    let found = who(r#"(on: Group("both"), what: Failure)"#);
    assert_eq!(found, [lost("both", 1.0), lost("east", 1.0), lost("west", 1.0)]);
    assert_eq!(who(r#"(on: Kind("lab"), what: Failure)"#), [lost("a", 1.0), lost("b", 1.0)]);
    // half of the production stands in Taiwan
    assert_eq!(who(r#"(on: Country(code: "TW"), what: CapacityLoss(0.4))"#), [lost("east", 0.2)]);
    let notes = hits(&graph, r#"(on: Country(code: "US"), what: CapacityLoss(0.4))"#).notes;
    assert!(
        notes.iter().any(|(code, text)| *code == "placeless-entities" && text.starts_with("2 ")),
        "{notes:?}"
    );
}

#[test]
fn an_export_ban_spares_customers_at_home() {
    let graph = graph();
    let hits = hits(&graph, r#"(on: Country(code: "TW", product: "chip"), what: SupplyCut(1))"#);
    assert_eq!(hits.kinds(), [(linchpin::scenario::EffectKind::SupplyCut, Place::Link)]);
    let find = |key: &str| graph.find_entity(key).expect("known");
    let chip = graph.find_product("chip").expect("known");
    let gas = graph.find_product("gas").expect("known");
    let ban = &hits.links[0];
    assert_eq!(ban.part(Some(find("east")), find("a"), chip), 0.5);
    assert_eq!(ban.part(Some(find("east")), find("b"), chip), 0.0);
    assert_eq!(ban.part(Some(find("west")), find("a"), chip), 0.0);
    assert_eq!(ban.part(Some(find("east")), find("a"), gas), 0.0);
    assert_eq!(ban.part(None, find("a"), chip), 0.0);
}

#[test]
fn what_makes_no_sense_is_said_with_the_nearest_keys() {
    let graph = graph();
    let error =
        refused(&graph, r#"(on: Entity("east"), what: Failure), (on: Entity("wets"), what: Failure)"#);
    assert!(
        error.starts_with("shock 2 of the scenario: there is no entity \"wets\"; did you mean west"),
        "{error}"
    );
    let error = refused(&graph, r#"(on: Kind("labs"), what: Failure)"#);
    assert!(error.contains("did you mean lab?"), "{error}");
    for (shocks, expected) in [
        (r#"(on: Entity("east"), what: CapacityLoss(1.5))"#, "a share between 0 and 1"),
        (r#"(on: Group("east"), what: Failure)"#, "no group"),
        (r#"(on: Country(code: "tw"), what: Failure)"#, "two-letter code"),
        (r#"(on: Country(code: "KR"), what: Failure)"#, "expected one of JP, TW, US"),
        (r#"(on: Link(), what: SupplyCut(1))"#, "expected from, to or product"),
        (r#"(on: Link(from: "east"), what: EquityLoss(1))"#, "expected SupplyCut"),
        (r#"(on: Entity("east"), what: Failure, start: -1)"#, "expected a day from 0 on"),
        (r#"(on: Entity("east"), what: Failure, days: 0)"#, "expected more than 0"),
        (r#"(on: Entity("east"), what: Failure, recovery: Linear(days: 9))"#, "without days"),
        (r#"(on: Entity("east"), what: DemandChange(Relative(-1.1)))"#, "-1 or more"),
        ("", "has no shocks"),
    ] {
        let error = refused(&graph, shocks);
        assert!(error.contains(expected), "{shocks}: {error}");
    }
}

#[test]
fn a_scenario_is_the_same_as_single_failures() {
    let graph = graph();
    let inline =
        r#"Shock(scenario: (title: "t", shocks: [(on: Entity("east"), what: CapacityLoss(0.5), days: 9)]))"#;
    let (story, single) = (ask(&graph, inline), ask(&graph, r#"Shock(fail: ["east=0.5"])"#));
    assert_eq!(story.tables[0].rows, single.tables[0].rows);
    assert_eq!(number(&story, "a", "loss"), Some(0.4));
    assert_eq!(story.title, "t");
    let codes: Vec<&str> = story.caveats.iter().map(|c| c.code.as_str()).collect();
    assert!(codes.contains(&"no-time"), "{codes:?}");
    assert!(!single.caveats.iter().any(|c| c.code == "no-time"));
}

#[test]
fn what_a_model_cannot_carry_is_refused() {
    let graph = graph();
    let text = r#"Shock(scenario: (title: "t", shocks: [(on: Entity("east"), what: EquityLoss(0.5))]))"#;
    let ask: Ask = ron_options().from_str(text).expect("well-formed");
    let error = ask.run(&view(&graph)).expect_err("no equity in it").to_string();
    assert!(error.starts_with("model: functional cannot carry EquityLoss on an entity: "), "{error}");
    let ask: Ask = ron_options().from_str(r#"Shock(scenario: "nowhere")"#).expect("well-formed");
    let error = ask.run(&view(&graph)).expect_err("no such scenario").to_string();
    assert!(error.contains("there is no scenario \"nowhere\""), "{error}");
}

#[test]
fn cut_deliveries_cost_their_share() {
    let graph = graph();
    let story = |shocks: &str, more: &str| {
        ask(&graph, &format!("Shock(scenario: (title: \"t\", shocks: [{shocks}]){more})"))
    };
    // 0.8 of a's chips come from `east`
    let one = story(r#"(on: Link(from: "east", to: "a", product: "chip"), what: SupplyCut(0.5))"#, "");
    assert_eq!((number(&one, "a", "loss"), number(&one, "b", "loss")), (Some(0.4), None));
    assert_eq!(number(&one, "east", "loss"), None);
    let record = story(r#"(on: Relation("east-a"), what: SupplyCut(0.5))"#, "");
    assert_eq!(record.tables[0].rows, one.tables[0].rows);
    // half of `east` is made in Taiwan; b sits there
    let ban = story(r#"(on: Country(code: "TW"), what: SupplyCut(1))"#, "");
    assert_eq!((number(&ban, "a", "loss"), number(&ban, "b", "loss")), (Some(0.4), None));
    let product = story(r#"(on: Product("chip"), what: SupplyCut(0.2))"#, "");
    assert!(close(number(&product, "a", "loss").expect("hit"), 0.2));
    assert!(close(number(&product, "b", "loss").expect("hit"), 0.2));
    // two cuts of one delivery: 0.5 and then 0.5 of the rest
    let twice =
        r#"(on: Relation("east-b"), what: SupplyCut(0.5)), (on: Link(to: "b"), what: SupplyCut(0.5))"#;
    assert!(close(number(&story(twice, ""), "b", "loss").expect("hit"), 0.75));
    let all = story(r#"(on: Product("chip"), what: SupplyCut(0.2))"#, ", pessimistic: true");
    assert!(close(number(&all, "a", "loss").expect("hit"), 0.2));
}

fn close(a: f64, b: f64) -> bool {
    common::close(a, b, 1e-12)
}

#[test]
fn a_cut_that_meets_nothing_is_an_error() {
    let graph = graph();
    for (shock, expected) in [
        (r#"(on: Product("gas"), what: SupplyCut(0.5))"#, "no supply in this scope is hit"),
        (r#"(on: Relation("holding-west"), what: SupplyCut(0.5))"#, "no share of anybody's needs rests on"),
    ] {
        let ask: Ask = ron_options()
            .from_str(&format!("Shock(scenario: (title: \"t\", shocks: [{shock}]))"))
            .expect("well-formed");
        let error = ask.run(&view(&graph)).expect_err("meets nothing").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_cut_on_an_entity_stops_what_it_delivers_and_not_itself() {
    use linchpin::analysis::{Shock, Struck};
    use linchpin::network::Network;
    use linchpin::scenario::{EffectKind, EntityHit};
    let graph = graph();
    let view = view(&graph);
    let network = Network::build(&graph, &view.scope);
    let entity = graph.find_entity("east").expect("known");
    let hit = EntityHit { shock: 0, entity, kind: EffectKind::SupplyCut, size: Size::Lost(0.5) };
    let struck =
        Struck::new(&view, &network, &Hits { entities: vec![hit], ..Hits::default() }).expect("lands");
    assert!(struck.losses.is_empty());
    let cut: f64 = struck.cuts.expect("deliveries are cut").links.iter().sum();
    // half of what goes to a and to b
    assert!(close(cut, 1.0));
    assert_eq!(
        Shock::default().model.support(EffectKind::SupplyCut, Place::Entity),
        linchpin::analysis::Support::Native
    );
}
