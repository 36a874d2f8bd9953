//! `linchpin show`: all that a dataset knows about one thing, with sources.

mod entity;
mod page;
mod product;
mod record;
mod relation;
mod sketch;
mod source;

use crate::analysis::View;
use crate::graph::nearest;
use crate::model::{EntityId, ProductId, RelationId, SourceId};

use super::exit::{Exit, Stop};
use super::print::listing;
use super::session::Session;

use page::Page;

/// Show all that is known about one thing.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin show anthropic
  linchpin show hbm
  linchpin show tsmc --format json

Ties of every status are shown; those that do not count in the scope say so.")]
pub struct Show {
    /// Key of an entity, a product, a relation or a source
    #[arg(value_name = "KEY")]
    key: String,
}

/// What a key stands for.
#[derive(Clone, Copy)]
enum Subject {
    Entity(EntityId),
    Product(ProductId),
    Relation(RelationId),
    Source(SourceId),
}

impl Show {
    /// Shows it.
    ///
    /// # Errors
    /// As the dataset and the output say; a key that nothing has.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        let opened = session.open()?;
        let view = session.view(&opened.graph)?;
        let subjects = subjects(&view, &self.key);
        if subjects.is_empty() {
            return Err(self.unknown(&view));
        }
        let mut page = Page::default();
        for subject in subjects {
            match subject {
                Subject::Entity(id) => entity::show(&view, id, &mut page),
                Subject::Product(id) => product::show(&view, id, &mut page),
                Subject::Relation(id) => relation::show(&view, id, &mut page),
                Subject::Source(id) => source::show(&view, id, &mut page),
            }
        }
        listing(session, Some(&opened.home), page.into_listing(&view, session.list_style()))
    }

    /// An error that names what is similar, by key or by name.
    fn unknown(&self, view: &View<'_>) -> Stop {
        let facts = view.graph.facts();
        let named = || {
            let entities = facts.entities.iter().map(|e| (e.key.as_str(), e.name.as_str()));
            let products = facts.products.iter().map(|p| (p.key.as_str(), p.name.as_str()));
            entities.chain(products)
        };
        let others = facts
            .relations
            .iter()
            .map(|r| r.key.as_str())
            .chain(facts.sources.iter().map(|s| s.key.as_str()));
        let same_name = named().filter(|(_, name)| name.eq_ignore_ascii_case(&self.key)).map(|(key, _)| key);
        let mut near: Vec<String> = same_name.map(String::from).collect();
        for key in nearest(&self.key.to_lowercase(), named().map(|(key, _)| key).chain(others)) {
            if !near.contains(&key) {
                near.push(key);
            }
        }
        let hint = if near.is_empty() {
            "`linchpin list entities` lists what there is".to_string()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        Stop::usage(format!("no entity, product, relation or source has the key {:?}; {hint}", self.key))
    }
}

/// All that has the key, one of each sort at most.
fn subjects(view: &View<'_>, key: &str) -> Vec<Subject> {
    let graph = view.graph;
    let source = graph.facts().sources.iter().position(|source| source.key == key);
    let found = [
        graph.find_entity(key).ok().map(Subject::Entity),
        graph.find_product(key).ok().map(Subject::Product),
        graph.find_relation(key).ok().map(Subject::Relation),
        source.map(|at| Subject::Source(SourceId::new(at))),
    ];
    found.into_iter().flatten().collect()
}
