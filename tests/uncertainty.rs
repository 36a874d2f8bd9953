//! How sure numbers are: drawn ranges against the distributions they are drawn from, swings and Sobol indices against closed forms.

mod common;

use common::close;
use linchpin::analysis::{Ask, Unobserved, ron_options};
use linchpin::answer::{Answer, Cell, to_csv, to_json};
use linchpin::graph::Graph;
use linchpin::graph::draw::Draws;
use linchpin::graph::uncertain::Slot;
use linchpin::model::Estimate;
use linchpin::query::load_embedded;
use linchpin::scope::ScopeSpec;
use linchpin::uncertainty::Uncertainty;

/// A network of five entities with uncertain shares.
fn uncertain() -> Graph {
    common::graph(
        r#"(format: 1, name: "test", kinds: { "k": () }, products: { "p": (), "q": () },
        entities: {
            "s": (kind: "k"), "t": (kind: "k"), "u": (kind: "k", needs: { "p": Essential }),
            "v": (kind: "k", needs: { "p": Essential }), "w": (kind: "k", needs: { "q": Essential }),
        },
        relations: {
            "su": Supplies(from: "s", to: "u", product: "p", share_of_need: Between(Share(0.2), Share(0.6)), assumed: "t"),
            "sv": Supplies(from: "s", to: "v", product: "p", share_of_need: About(Share(0.5)), assumed: "t"),
            "tv": Supplies(from: "t", to: "v", product: "p", share_of_need: Between(Share(0.3), Share(0.6)), assumed: "t"),
            "sw": Supplies(from: "s", to: "w", product: "q", share_of_need: Share(0.7), assumed: "t"),
        })"#,
    )
}

/// Two suppliers of one entity with independent shares, whose failure costs the sum of both.
fn linear() -> Graph {
    common::graph(
        r#"(format: 1, name: "test", kinds: { "k": () }, products: { "p": () },
        sources: { "filing": (title: "A filing", publisher: "The registry", url: "https://example.com", date: "2025-07-01", reliability: Primary) },
        as_of: "2026-07-01",
        entities: { "s": (kind: "k"), "t": (kind: "k"), "r": (kind: "k"), "u": (kind: "k", needs: { "p": Essential }) },
        relations: {
            "su": Supplies(from: "s", to: "u", product: "p", share_of_need: Between(Share(0.1), Share(0.3)), sources: ["filing"]),
            "tu": Supplies(from: "t", to: "u", product: "p", share_of_need: Between(Share(0.1), Share(0.5)), sources: ["filing"]),
            "ru": Supplies(from: "r", to: "u", product: "p", share_of_need: Share(0.1), sources: ["filing"]),
        })"#,
    )
}

fn how(text: &str) -> Uncertainty {
    ron_options().from_str(text).expect("the options are well-formed")
}

fn ask(graph: &Graph, question: &str, options: &str) -> Answer {
    let ask: Ask = ron_options().from_str(question).expect("the question is well-formed");
    ask.run_how_sure(&common::view(graph), &how(options), &Unobserved).expect("the question has an answer")
}

const STOP: &str = r#"Shock(fail: ["s"])"#;

#[test]
fn draws_follow_what_the_sources_allow() {
    let options = r#"(draws: 4000, look_at: ["u:loss>0.5", "v:loss", "w:loss"])"#;
    let answer = ask(&uncertain(), STOP, options);
    let table = answer.table("draws").expect("there");
    let cell = |row: usize, column: &str| table.number(row, column).expect("a number");
    // uniform between 0.2 and 0.6
    assert!((cell(0, "mean") - 0.4).abs() < 5.0 * cell(0, "standard_error"));
    assert!((cell(0, "sd") - 0.4 / 12f64.sqrt()).abs() < 0.003);
    assert!((cell(0, "q05") - 0.22).abs() < 0.01 && (cell(0, "q95") - 0.58).abs() < 0.01);
    assert!((cell(0, "expected_shortfall") - 0.59).abs() < 0.005);
    assert!((cell(0, "p_beyond") - 0.25).abs() < 5.0 * cell(0, "p_standard_error"));
    assert_eq!(cell(0, "present"), 1.0);
    // drawn together with `tv` so that both fit: less than half on average
    assert!(cell(1, "mean") < 0.5 && cell(1, "q05") >= 0.45);
    // nothing to draw
    assert!(close(cell(2, "q05"), 0.7, 1e-12) && close(cell(2, "q95"), 0.7, 1e-12));
    let told = answer.caveats.iter().find(|c| c.code == "draws").expect("there");
    assert!(told.text.contains("a range is uniform") && told.text.contains("drawn again"), "{}", told.text);
}

#[test]
fn every_number_has_its_range_in_every_form() {
    let answer = ask(&uncertain(), STOP, "(draws: 200)");
    let main = &answer.tables[0];
    let row = main.rows.iter().position(|row| row[0].as_key() == Some("u")).expect("there");
    let column = main.column("loss").expect("there");
    let range = main.range_of(row, column).expect("it ranges");
    assert!(range.q05 > 0.2 && range.q95 < 0.6 && range.q05 < range.q50 && range.q50 < range.q95);
    assert_eq!(range.draws, 200);
    let certain = main.rows.iter().position(|row| row[0].as_key() == Some("w")).expect("there");
    assert_eq!(main.range_of(certain, column), None);
    let csv = to_csv(&answer, None).expect("written");
    assert!(
        csv.lines()
            .next()
            .is_some_and(|head| head.contains("loss,loss_mean,loss_sd,loss_q05,loss_q50,loss_q95"))
    );
    let ask: Ask = ron_options().from_str(STOP).expect("well-formed");
    let graph = uncertain();
    let mut provenance = common::view(&graph).provenance(&ask, String::new(), 0);
    provenance.uncertainty = linchpin::query::how_sure(&how("(draws: 200)"));
    let json = to_json(&answer, &provenance).expect("written");
    assert!(json.contains("\"uncertainty\": \"(draws:200)\"") && json.contains("\"q95\""), "{json}");
}

#[test]
fn draws_do_not_depend_on_threads() {
    let run = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let options = format!("(draws: 300, what_moves: true, sobol: 16, seed: {seed})");
        let answer = pool.install(|| ask(&uncertain(), STOP, &options));
        serde_json::to_string(&answer).expect("written")
    };
    assert_eq!(run(1, 3), run(3, 3));
    assert_ne!(run(1, 3), run(1, 4));
}

#[test]
fn drawn_shares_fit_into_their_wholes() {
    let graph = uncertain();
    let draws = Draws::new(&graph, &common::view(&graph).scope);
    assert_eq!(draws.uncertain().len(), 3);
    let share = |graph: &Graph, key: &str| {
        let relation = graph.relation(graph.find_relation(key).expect("there"));
        relation.detail.measures().next().and_then(|measure| measure.point()).expect("a share")
    };
    let mut rejected = 0;
    for index in 0..200 {
        let drawn = draws.draw(1, index);
        rejected += drawn.rejected;
        let share = |key| share(&drawn.graph, key);
        assert!(share("sv") + share("tv") <= 1.0 + 1e-9);
        assert!((0.45..=0.55).contains(&share("sv")) && (0.2..=0.6).contains(&share("su")));
    }
    assert!(rejected > 0, "0.5 and up to 0.6 do not always fit");
    assert_eq!(Estimate::ABOUT, 0.1);
    // a fact that is settled makes the others of its whole give way
    let tv = draws.uncertain().iter().position(|own| graph.record_of(own.slot) == "tv").expect("there");
    let (settled, squeezed) = draws.with(&[(tv, 0.6)]);
    assert_eq!(squeezed, 1);
    assert!(close(share(&settled, "tv"), 0.6, 1e-12) && close(share(&settled, "sv"), 0.4, 1e-12));
}

#[test]
fn terms_elasticities_and_intensities_are_drawn_too() {
    let graph = common::graph(
        r#"(format: 1, name: "test", kinds: { "k": () }, products: { "p": (), "q": () },
        entities: { "a": (kind: "k"), "b": (kind: "k") },
        intensities: { "i": (product: "p", input: "q", amount: Between(Mw(1.0), Mw(2.0)), assumed: "t") },
        relations: {
            "ab": Commits(from: "a", to: "b", product: "p", spend: Usd(1e9), term: Between(Years(2), Years(4)), status: Signed, assumed: "t"),
            "f": Influences(from: "a", to: "b", sign: Plus, elasticity: About(Number(0.5)), assumed: "t"),
        })"#,
    );
    let found = graph.uncertain();
    let fields: Vec<&str> = found.iter().map(|own| own.field).collect();
    assert_eq!(fields, ["term", "elasticity", "amount"]);
    assert!(matches!(found[0].slot, Slot::Term(_)));
    let settled = graph.settled(&[(found[0].slot, 3.0), (found[1].slot, 0.45), (found[2].slot, 1.5)]);
    assert!(settled.uncertain().is_empty());
}

#[test]
fn what_moves_a_sum_are_the_ends_of_its_parts() {
    let answer = ask(&linear(), r#"Shock(fail: ["s", "t"])"#, r#"(what_moves: true, look_at: ["u:loss"])"#);
    let table = answer.table("what-moves").expect("there");
    let word = |row: usize, column: &str| {
        table.cell(row, column).and_then(Cell::as_key).unwrap_or_default().to_string()
    };
    assert_eq!((word(0, "record").as_str(), word(1, "record").as_str()), ("tu", "su"));
    assert_eq!(table.rows.len(), 2, "what is certain moves nothing");
    let number = |row: usize, column: &str| table.number(row, column).expect("a number");
    // 0.2 + 0.3 as they count; the ends of one with the other in the middle
    assert!(close(number(0, "least"), 0.3, 1e-12) && close(number(0, "most"), 0.7, 1e-12));
    assert!(close(number(0, "swing"), 0.4, 1e-12) && close(number(1, "swing"), 0.2, 1e-12));
    assert_eq!((word(0, "at").as_str(), word(0, "and_at").as_str()), ("10.0 %", "50.0 %"));
    assert_eq!(word(0, "source"), "The registry, 2025-07-01");
    // from the end of that day: a day short of a year
    assert_eq!(number(0, "age"), 11.0);
}

#[test]
fn sobol_indices_of_a_sum_have_their_closed_form() {
    let answer = ask(&linear(), r#"Shock(fail: ["s", "t"])"#, r#"(sobol: 2000, look_at: ["u:loss"])"#);
    let table = answer.table("sobol").expect("there");
    // widths 0.4 and 0.2: 4 and 1 parts of 5, nothing together
    for (row, (record, expected)) in [("tu", 0.8), ("su", 0.2)].into_iter().enumerate() {
        assert_eq!(table.cell(row, "record").and_then(Cell::as_key), Some(record));
        for index in ["first_order", "total"] {
            let (found, error) = (table.number(row, index), table.number(row, &format!("{index}_error")));
            let (found, error) = (found.expect("a number"), error.expect("a number"));
            assert!(
                (found - expected).abs() < 5.0 * error && error < 0.05,
                "{record} {index}: {found} ± {error}"
            );
        }
    }
}

#[test]
fn a_query_that_says_how_sure_reads_back_and_repeats() {
    let text = r#"(
        title: "T", question: "Q", uncertainty: (draws: 20, what_moves: true, look_at: ["u:loss>50%"], seed: 3),
        ask: Shock(fail: ["s"]),
    )"#;
    let loaded = load_embedded(&[("q.ron", text)]);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let query = &loaded.queries[0];
    let again = load_embedded(&[("q.ron", &query.to_ron())]);
    assert_eq!(again.queries[0].uncertainty, query.uncertainty);
    let (answer, provenance) = query.run(&uncertain(), &ScopeSpec::default()).expect("an answer");
    let told = provenance.uncertainty.expect("told");
    let repeated = ask(&uncertain(), &provenance.query, &told);
    let tables = |answer: &Answer| serde_json::to_string(&answer.tables).expect("written");
    assert_eq!(tables(&answer), tables(&repeated));
    for bad in ["(draws: 1)", "(sobol: 2)", r#"(look_at: ["loss"])"#, r#"(draws: 9, look_at: ["a b"])"#] {
        let text = format!("(title: \"T\", question: \"Q\", uncertainty: {bad}, ask: Shock(fail: [\"s\"]))");
        assert_eq!(load_embedded(&[("q.ron", &text)]).diagnostics.len(), 1, "{bad}");
    }
}

#[test]
fn what_is_not_there_to_look_at_is_an_error() {
    let ask: Ask = ron_options().from_str(STOP).expect("well-formed");
    let graph = uncertain();
    let run = |text| ask.run_how_sure(&common::view(&graph), &how(text), &Unobserved);
    let error = run(r#"(draws: 9, look_at: ["x:loss"])"#).expect_err("no such row").to_string();
    assert!(error.contains("\"x\"") && error.contains("functionality"), "{error}");
}

#[test]
fn facts_are_ranked_by_what_settling_them_does() {
    let question = r#"ResearchNext(questions: [
        (ask: Shock(fail: ["s"]), title: "one"), (ask: Shock(fail: ["s", "t"]), title: "both"),
    ])"#;
    let answer = common::ask(&linear(), question);
    let table = answer.table("facts").expect("there");
    let word = |row: usize, column: &str| table.cell(row, column).and_then(Cell::as_key).unwrap_or_default();
    assert_eq!((word(0, "record"), word(1, "record"), table.rows.len()), ("su", "tu", 2));
    let number = |row: usize, column: &str| table.number(row, column).expect("a number");
    // a loss of 0.2 moves by 0.2, one of 0.5 by 0.2 and by 0.4
    assert!(close(number(0, "merit"), (1.0 + 0.4) / 2.0, 1e-9) && close(number(1, "merit"), 0.8 / 2.0, 1e-9));
    assert_eq!((number(0, "questions"), number(1, "questions")), (2.0, 1.0));
    assert_eq!((word(0, "most_in"), word(1, "most_in")), ("one", "both"));
}
