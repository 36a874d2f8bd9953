//! Small graphs for tests, written as datasets and read by the reader that everything goes through.
#![allow(dead_code)]

use linchpin::analysis::{Ask, View};
use linchpin::answer::{Answer, Cell};
use linchpin::dataset;
use linchpin::graph::Graph;
use linchpin::scope::Scope;

/// Reads a dataset from one text; panics with its diagnostics where it is not valid.
pub fn graph(text: &str) -> Graph {
    let loaded = dataset::load_embedded(&[("test.ron", text)]);
    let Some(facts) = loaded.facts else { panic!("{}", dataset::render_all(&loaded.diagnostics, false)) };
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

/// The default scope of a graph.
pub fn view(graph: &Graph) -> View<'_> {
    View { graph, scope: Scope::on(graph.default_as_of()) }
}

/// Asks a question that is written as in a saved query.
pub fn ask(graph: &Graph, question: &str) -> Answer {
    let ask: Ask = linchpin::analysis::ron_options().from_str(question).expect("the question is well-formed");
    ask.run(&view(graph)).expect("the question has an answer")
}

/// The number in the row of `key` (first column) and a named column of the first table.
pub fn number(answer: &Answer, key: &str, column: &str) -> Option<f64> {
    let table = &answer.tables[0];
    let row = table.rows.iter().position(|row| row[0].as_key() == Some(key))?;
    table.number(row, column)
}

/// The cell in the row of `key` and a named column of the first table.
pub fn cell(answer: &Answer, key: &str, column: &str) -> Option<Cell> {
    let table = &answer.tables[0];
    let row = table.rows.iter().position(|row| row[0].as_key() == Some(key))?;
    table.cell(row, column).cloned()
}

/// Whether two numbers agree to a relative tolerance.
pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// `needs[i][p]` lists the suppliers of product `p` of entity `i` with their shares; all products are
/// essential or important as `weights[p]` says (`None`: essential). Entities are `e0`, `e1`, …
pub fn needs_dataset(needs: &[Vec<Vec<(usize, f64)>>], weights: &[Option<f64>]) -> String {
    let mut text = String::from("(format: 1, name: \"test\", kinds: { \"k\": () }, products: {");
    for (p, weight) in weights.iter().enumerate() {
        text.push_str(&format!("\"p{p}\": (),"));
        let _ = weight;
    }
    text.push_str("}, entities: {");
    for (i, products) in needs.iter().enumerate() {
        let wanted: Vec<String> = products
            .iter()
            .enumerate()
            .filter(|(_, suppliers)| !suppliers.is_empty())
            .map(|(p, _)| match weights[p] {
                None => format!("\"p{p}\": Essential"),
                Some(weight) => format!("\"p{p}\": Important({weight:?})"),
            })
            .collect();
        text.push_str(&format!("\"e{i}\": (kind: \"k\", needs: {{ {} }}),", wanted.join(", ")));
    }
    text.push_str("}, relations: {");
    for (i, products) in needs.iter().enumerate() {
        for (p, suppliers) in products.iter().enumerate() {
            for (j, share) in suppliers {
                text.push_str(&format!(
                    "\"s{i}-{p}-{j}\": Supplies(from: \"e{j}\", to: \"e{i}\", product: \"p{p}\", \
                     share_of_need: Share({share:?}), assumed: \"test\"),"
                ));
            }
        }
    }
    text.push_str("})");
    text
}
