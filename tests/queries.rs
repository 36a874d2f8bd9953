//! Every saved query has a whole answer on the flagship dataset.

use std::path::Path;

use linchpin::answer::AnswerStatus;
use linchpin::dataset::{load, render_all};
use linchpin::graph::Graph;
use linchpin::query::{Query, load_dir, load_embedded};
use linchpin::scope::ScopeSpec;

fn saved() -> Vec<Query> {
    let loaded = load_dir(Path::new("queries"));
    assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
    loaded.queries
}

#[test]
fn there_are_a_dozen_and_each_says_where_it_stands() {
    let queries = saved();
    assert!(queries.len() >= 12, "{}", queries.len());
    for query in &queries {
        assert!(query.order.is_some() && query.chapter.is_some(), "{}", query.path);
        assert_eq!(query.path, format!("queries/{}.ron", query.name));
        let text = query.to_ron();
        let again = load_embedded(&[("again.ron", &text)]);
        assert!(again.diagnostics.is_empty(), "{text}\n{}", render_all(&again.diagnostics, false));
        assert_eq!((&again.queries[0].ask, &again.queries[0].show), (&query.ask, &query.show));
        assert_eq!(again.queries[0].graph, query.graph);
    }
    let mut places: Vec<_> = queries.iter().map(|query| query.order).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), queries.len(), "two queries have one place");
    let mut by_place: Vec<_> = queries.iter().collect();
    by_place.sort_by_key(|query| query.order);
    let mut chapters: Vec<_> = by_place.iter().map(|query| query.chapter.clone()).collect();
    chapters.dedup();
    let runs = chapters.len();
    chapters.sort();
    chapters.dedup();
    assert_eq!(chapters.len(), runs, "a chapter is torn apart: {chapters:?}");
}

#[test]
fn every_query_has_a_whole_answer_on_the_flagship() {
    let folder = Path::new("graph/ai-infrastructure");
    if !folder.is_dir() {
        return;
    }
    let open = |folder: &Path| {
        let facts = load(folder).facts.expect("the dataset is sound");
        let hash = facts.content_hash();
        Graph::new(facts, hash)
    };
    let flagship = open(folder);
    for query in saved() {
        let other = query.graph.as_ref().map(|name| open(&Path::new("graph").join(name)));
        let graph = other.as_ref().unwrap_or(&flagship);
        let (answer, provenance) = match query.run(graph, &ScopeSpec::default()) {
            Ok(answered) => answered,
            Err(error) => panic!("{}: {error}", query.path),
        };
        assert_eq!(answer.status, AnswerStatus::Complete, "{}", query.path);
        assert!(!answer.findings.is_empty(), "{} finds nothing", query.path);
        assert!(answer.tables.iter().any(|table| !table.rows.is_empty()), "{} is empty", query.path);
        // numbers quoted in findings are those of the tables
        for finding in &answer.findings {
            for quote in &finding.quotes {
                let cell =
                    answer.table(&quote.table).and_then(|table| table.number(quote.row, &quote.column));
                assert_eq!(cell, Some(quote.value), "{}: {}", query.path, finding.text);
                assert!(finding.text.contains(&quote.shown), "{}: {}", query.path, finding.text);
            }
        }
        assert!(!answer.title.contains('$') || answer.title.contains("bn"), "{}", answer.title);
        assert_eq!(provenance.command, format!("linchpin run {}", query.name));
    }
}
