//! Routes in words, with the tails that they share written once.

use super::super::View;
use super::super::supply_graph::SupplyGraph;
use super::trace::Traced;
use crate::answer::{Unit, format_unit};
use crate::model::EntityId;

/// Routes of one basis in words.
pub(super) struct Folded {
    /// Number of routes before the first of these.
    pub offset: usize,
    /// In the order of the routes.
    pub routes: Vec<Shown>,
    pub tails: Vec<Tail>,
}

/// A route in words.
pub(super) struct Shown {
    pub path: String,
    pub tail: Option<String>,
}

/// The last steps that several routes share.
pub(super) struct Tail {
    pub name: String,
    pub path: String,
    pub share: f64,
    pub routes: usize,
}

/// Folds the tails: of each route the longest run of last steps that another listed route ends with too.
pub(super) fn fold(view: &View<'_>, supply: &SupplyGraph<'_>, traced: &Traced, offset: usize) -> Folded {
    let routes: Vec<&[usize]> = traced.routes.iter().map(|route| route.edges.as_slice()).collect();
    let mut folded = Folded { offset, routes: Vec::new(), tails: Vec::new() };
    let mut known: Vec<&[usize]> = Vec::new();
    for (at, route) in routes.iter().enumerate() {
        let others = routes.iter().enumerate().filter(|(other, _)| *other != at);
        // the first step of a route is its own
        let most = route.len().saturating_sub(1);
        let length = others.map(|(_, other)| shared(route, other)).max().unwrap_or(0).min(most);
        let (head, tail) = route.split_at(route.len() - length);
        if tail.is_empty() {
            folded.routes.push(Shown { path: path(view, supply, head), tail: None });
            continue;
        }
        let number = known.iter().position(|known| *known == tail).unwrap_or_else(|| {
            known.push(tail);
            let ends = |route: &&&[usize]| route.len() > tail.len() && shared(route, tail) == tail.len();
            folded.tails.push(Tail {
                name: format!("{}-tail-{}", traced.basis.name(), known.len()),
                path: path(view, supply, tail),
                share: tail.iter().map(|id| supply.carries(*id)).product(),
                routes: routes.iter().filter(ends).count(),
            });
            known.len() - 1
        });
        let name = folded.tails.get(number).map(|tail| tail.name.clone());
        let path = format!("{} ← …", path(view, supply, head));
        folded.routes.push(Shown { path, tail: name });
    }
    folded
}

/// Length of the common tail.
fn shared(a: &[usize], b: &[usize]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Steps in words: `Anthropic ← Cloud compute 60.0 % ← Amazon Web Services`.
pub(super) fn path(view: &View<'_>, supply: &SupplyGraph<'_>, edges: &[usize]) -> String {
    let mut text = String::new();
    for id in edges {
        let Some(edge) = supply.graph.edges().get(*id) else { continue };
        if text.is_empty() {
            text.push_str(&view.graph.entity(EntityId::new(edge.to)).name);
        }
        text.push_str(" ← ");
        if let Some(product) = supply.product(*id) {
            text.push_str(&view.graph.product(product).name);
            text.push(' ');
        }
        text.push_str(&format_unit(supply.carries(*id), Unit::Share));
        text.push_str(" ← ");
        text.push_str(&view.graph.entity(EntityId::new(edge.from)).name);
    }
    text
}

/// Who stands on a route, in words without numbers: `Anthropic, Amazon Web Services, Nvidia, TSMC`.
pub(super) fn chain(view: &View<'_>, supply: &SupplyGraph<'_>, edges: &[usize]) -> String {
    let tied: Vec<_> = edges.iter().filter_map(|id| supply.graph.edges().get(*id)).collect();
    let first = tied.first().map(|edge| edge.to);
    let nodes = first.into_iter().chain(tied.iter().map(|edge| edge.from));
    nodes.map(|node| view.graph.entity(EntityId::new(node)).name.as_str()).collect::<Vec<_>>().join(", ")
}
