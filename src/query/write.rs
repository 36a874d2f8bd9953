//! A query as the text of a file.

use ron::ser::PrettyConfig;
use serde::Serialize;

use super::Query;
use super::substitute::escape;
use crate::analysis::ron_options;
use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;

impl Query {
    /// The query as a file that reads back to the same question. Parameters are written out as their values.
    pub fn to_ron(&self) -> String {
        let mut out = String::from("(\n");
        let mut field = |name: &str, value: String| {
            let value = value.trim().replace('\n', "\n    ");
            out.push_str(&format!("    {name}: {value},\n"));
        };
        field("title", text(&self.title));
        field("question", text(&self.question));
        if let Some(chapter) = &self.chapter {
            field("chapter", text(chapter));
        }
        if let Some(order) = self.order {
            field("order", order.to_string());
        }
        if let Some(graph) = &self.graph {
            field("graph", text(graph));
        }
        if self.scope != ScopeSpec::default() {
            field("scope", ron(&self.scope));
        }
        if self.uncertainty != Uncertainty::default() {
            field("uncertainty", ron(&self.uncertainty));
        }
        field("ask", ron(&self.ask));
        field("show", ron(&self.show));
        out.push_str(")\n");
        out
    }
}

fn text(words: &str) -> String {
    ron::to_string(&escape(words)).unwrap_or_default()
}

/// A value in lines of up to a record each, with every `$` that would be a parameter doubled.
fn ron(value: &impl Serialize) -> String {
    let config = PrettyConfig::new().compact_arrays(true).compact_structs(true).new_line("\n");
    let text = ron_options().to_string_pretty(value, config).unwrap_or_default();
    escape(&text)
}
