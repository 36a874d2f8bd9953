//! Nodes and edges for other programs: CSV tables with the column names that Gephi reads, and GraphML.

use std::collections::BTreeSet;

use crate::model::{Facts, Relation};

use super::sizes::number;

/// A dataset as plain nodes and edges, and what that loses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlainGraph {
    nodes: Rows,
    edges: Rows,
    /// What the tables cannot say, one sentence each.
    pub lost: Vec<String>,
}

/// A table: typed columns, and cells that may be empty.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    /// Names, and whether the cells are numbers.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    /// Without the columns that no row fills; the first `kept` stay.
    fn compact(self, kept: usize) -> Self {
        let filled =
            |at: usize| at < kept || self.rows.iter().any(|row| row.get(at).is_some_and(|c| !c.is_empty()));
        let used: Vec<usize> = (0..self.columns.len()).filter(|at| filled(*at)).collect();
        let pick = |row: &Vec<String>| used.iter().filter_map(|at| row.get(*at).cloned()).collect();
        Self {
            columns: used.iter().filter_map(|at| self.columns.get(*at).cloned()).collect(),
            rows: self.rows.iter().map(pick).collect(),
        }
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut written = writer.write_record(self.columns.iter().map(|(name, _)| name));
        for row in &self.rows {
            written = written.and_then(|()| writer.write_record(row));
        }
        // writing to memory does not fail
        let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

impl PlainGraph {
    /// The entities and the relations between two of them. Rows of bulk tables are edges of their own.
    pub fn new(facts: &Facts) -> Self {
        let lone = facts.relations.iter().filter(|relation| relation.to.is_none()).count();
        let disputed = |relation: &&Relation| relation.detail.measures().any(|size| size.claims.len() > 1);
        let disputed = facts.relations.iter().filter(disputed).count();
        let mut lost = Vec::new();
        let mut lose = |count: usize, words: &str| {
            if count > 0 {
                lost.push(format!("{count} {words}"));
            }
        };
        lose(lone, "relations without another end (sales to a market, rules on a product) are no edges");
        lose(facts.attributes.len(), "attributes are left out");
        lose(facts.intensities.len(), "intensities are left out");
        lose(disputed, "relations with several claims keep the number printed and the range of all");
        let changes = facts.relations.iter().filter(|relation| relation.history.len() > 1).count();
        lose(changes, "relations whose status changed keep the latest");
        lose(facts.sources.len(), "sources are named by their keys only");
        lose(facts.sectors.len(), "accounts of sectors are left out");
        Self { nodes: nodes(facts), edges: edges(facts), lost }
    }

    /// The nodes as CSV.
    pub fn nodes_csv(&self) -> String {
        self.nodes.csv()
    }

    /// The edges as CSV.
    pub fn edges_csv(&self) -> String {
        self.edges.csv()
    }

    /// Both as GraphML.
    pub fn graphml(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
        );
        for (of, rows, skip) in [("node", &self.nodes, 1), ("edge", &self.edges, 3)] {
            for (at, (name, is_number)) in rows.columns.iter().enumerate().skip(skip) {
                let sort = if *is_number { "double" } else { "string" };
                out.push_str(&format!(
                    "  <key id=\"{of}-{at}\" for=\"{of}\" attr.name=\"{}\" attr.type=\"{sort}\"/>\n",
                    xml(name)
                ));
            }
        }
        out.push_str("  <graph edgedefault=\"directed\">\n");
        for row in &self.nodes.rows {
            out.push_str(&format!("    <node id=\"{}\">\n", xml(cell(row, 0))));
            data(&mut out, "node", row, 1);
            out.push_str("    </node>\n");
        }
        for row in &self.edges.rows {
            let (from, to, id) = (xml(cell(row, 0)), xml(cell(row, 1)), xml(cell(row, 2)));
            out.push_str(&format!("    <edge id=\"{id}\" source=\"{from}\" target=\"{to}\">\n"));
            data(&mut out, "edge", row, 3);
            out.push_str("    </edge>\n");
        }
        out.push_str("  </graph>\n</graphml>\n");
        out
    }
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", String::as_str)
}

fn data(out: &mut String, of: &str, row: &[String], skip: usize) {
    for (at, value) in row.iter().enumerate().skip(skip).filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("      <data key=\"{of}-{at}\">{}</data>\n", xml(value)));
    }
}

/// A text inside an XML document; letters that XML cannot hold become a replacement sign.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(letter))),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

fn nodes(facts: &Facts) -> Rows {
    let columns = ["Id", "Label", "kind", "seat", "production", "group", "note"];
    let columns = columns.iter().map(|name| (name.to_string(), false)).collect();
    let kind = |at: usize| facts.kinds.get(at).map(|kind| kind.key.clone()).unwrap_or_default();
    let rows = facts.entities.iter().map(|own| {
        vec![
            own.key.clone(),
            own.name.clone(),
            kind(own.kind),
            own.seat.clone().unwrap_or_default(),
            own.production.join(";"),
            own.group.to_string(),
            own.note.clone().unwrap_or_default(),
        ]
    });
    Rows { columns, rows: rows.collect() }.compact(3)
}

fn edges(facts: &Facts) -> Rows {
    let names: BTreeSet<&'static str> =
        facts.relations.iter().flat_map(|own| own.detail.named_measures()).map(|(name, _)| name).collect();
    let fixed = ["Source", "Target", "Id", "Type", "Label", "product", "status", "since", "until", "deal"];
    let mut columns: Vec<(String, bool)> = fixed.iter().map(|name| (name.to_string(), false)).collect();
    for name in &names {
        columns.push((name.to_string(), true));
        columns.push((format!("{name}_low"), true));
        columns.push((format!("{name}_high"), true));
        columns.push((format!("{name}_unit"), false));
    }
    columns.extend(["basis", "confidence", "sources", "assumed"].map(|name| (name.to_string(), false)));
    let entity = |id: crate::model::EntityId| {
        facts.entities.get(id.index()).map(|entity| entity.key.clone()).unwrap_or_default()
    };
    let mut rows = Vec::new();
    for own in &facts.relations {
        let Some(to) = own.to else { continue };
        let product = own.product().and_then(|id| facts.products.get(id.index()));
        let status = own.history.last().map(|change| format!("{:?}", change.status)).unwrap_or_default();
        let day = |day: Option<crate::model::PartialDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let mut row = vec![
            entity(own.from),
            entity(to),
            own.key.clone(),
            "Directed".to_string(),
            super::relation::type_name(own.relation_type()).to_string(),
            product.map(|product| product.key.clone()).unwrap_or_default(),
            status,
            day(own.since),
            day(own.until),
            own.deal.clone().unwrap_or_default(),
        ];
        let sizes = own.detail.named_measures();
        for name in &names {
            match sizes.iter().find(|(own, _)| own == name) {
                None => row.extend([const { String::new() }; 4]),
                Some((_, size)) => {
                    let range = size.interval();
                    let known = size.point().is_some();
                    row.push(size.point().map(number).unwrap_or_default());
                    row.push(if known { number(range.low) } else { String::new() });
                    row.push(range.high.map(number).unwrap_or_default());
                    row.push(size.dimension.to_string());
                }
            }
        }
        let source = |id: &crate::model::SourceId| facts.sources.get(id.index()).map(|own| own.key.clone());
        row.push(format!("{:?}", own.evidence.basis));
        row.push(format!("{:?}", own.evidence.confidence));
        row.push(own.evidence.sources.iter().filter_map(source).collect::<Vec<_>>().join(";"));
        row.push(own.evidence.assumed.clone().unwrap_or_default());
        rows.push(row);
    }
    let links = facts.links.iter().enumerate();
    if !facts.links.is_empty() {
        columns.push(("weight".to_string(), true));
        rows.iter_mut().for_each(|row| row.push(String::new()));
    }
    for (at, link) in links {
        let mut row = vec![String::new(); columns.len()];
        let last = row.len() - 1;
        let kind = format!("{:?}", link.kind);
        for (at, value) in [
            (0, entity(link.from)),
            (1, entity(link.to)),
            (2, format!("row-{}", at + 1)),
            (3, "Directed".to_string()),
            (4, kind),
            (last, number(link.weight)),
        ] {
            if let Some(slot) = row.get_mut(at) {
                *slot = value;
            }
        }
        rows.push(row);
    }
    Rows { columns, rows }.compact(5)
}
