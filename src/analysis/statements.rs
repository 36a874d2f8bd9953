//! What the records of a scope state, size by size, so that statements of the same thing can be held against each other.

use crate::answer::{Cell, Unit, format_unit};
use crate::graph::Graph;
use crate::model::{
    Attribute, AttributeId, AttributeSubject, Claim, Detail, Dimension, Evidence, Intensity, Interval,
    Measure, PartialDate, Relation, RelationId,
};
use crate::network::Origin;

use super::View;

/// One size that one record states.
#[derive(Clone, Debug)]
pub(super) struct Statement<'g> {
    /// The record.
    pub origin: Origin,
    /// The name of the size in the record.
    pub field: &'static str,
    /// The size.
    pub measure: &'g Measure,
    /// What the record rests on.
    pub evidence: &'g Evidence,
    /// What is stated of whom, without the period: equal in statements of the same thing.
    pub about: Vec<String>,
    /// The period or day that it refers to, where the record has one.
    pub period: Option<PartialDate>,
    /// What it is about, in words.
    pub words: String,
}

/// All statements that count in the scope: relations, then attributes, then intensities, each in the order of their keys.
pub(super) fn collect<'g>(view: &View<'g>) -> Vec<Statement<'g>> {
    let (graph, scope) = (view.graph, &view.scope);
    let mut all = Vec::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        if scope.counts(relation) {
            of_relation(graph, id, relation, &mut all);
        }
    }
    for (at, attribute) in graph.facts().attributes.iter().enumerate() {
        let begun = attribute.period.is_none_or(|period| period.first() <= scope.as_of);
        if begun && attribute.evidence.confidence <= scope.min_confidence {
            all.extend(of_attribute(graph, AttributeId(at as u32), attribute));
        }
    }
    for (at, intensity) in graph.facts().intensities.iter().enumerate() {
        if intensity.evidence.confidence <= scope.min_confidence {
            all.push(of_intensity(graph, at as u32, intensity));
        }
    }
    all
}

fn of_relation<'g>(graph: &'g Graph, id: RelationId, relation: &'g Relation, all: &mut Vec<Statement<'g>>) {
    let to = relation.to.map(|to| graph.entity(to));
    let product = relation.product().map(|product| graph.product(product));
    let (mut more, mut period) = (Vec::new(), None);
    match &relation.detail {
        Detail::Sells { variant, region, period: own, metric, .. } => {
            period = *own;
            more.extend(variant.clone());
            more.extend(region.clone());
            more.push(format!("{metric:?}").to_lowercase());
        }
        Detail::Supplies { variant, .. } => more.extend(variant.clone()),
        _ => {}
    }
    let kind = format!("{:?}", relation.relation_type());
    let end = to.map_or_else(String::new, |to| format!(" → {}", to.name));
    let what = product.map_or_else(String::new, |product| format!(", {}", product.name));
    let rest: String = more.iter().map(|word| format!(", {word}")).collect();
    let verb = kind.to_lowercase();
    let words = format!("{}{end}: {verb}{what}{rest}", graph.entity(relation.from).name);
    let mut about = vec![kind, graph.entity(relation.from).key.clone()];
    about.push(to.map(|to| to.key.clone()).unwrap_or_default());
    about.push(product.map(|product| product.key.clone()).unwrap_or_default());
    about.extend(more);
    // two deals of one pair are two deals, and say nothing of each other
    if !matches!(relation.detail, Detail::Sells { .. } | Detail::Owns { .. }) {
        about.push(relation.key.clone());
    }
    for (field, measure) in relation.detail.named_measures() {
        let mut about = about.clone();
        about.push(field.to_string());
        let (words, evidence) = (words.clone(), &relation.evidence);
        all.push(Statement { origin: Origin::Relation(id), field, measure, evidence, about, period, words });
    }
}

fn of_attribute<'g>(graph: &'g Graph, id: AttributeId, attribute: &'g Attribute) -> Option<Statement<'g>> {
    let measure = attribute.value.as_ref()?;
    let (of, name) = match attribute.of {
        AttributeSubject::Entity(id) => (&graph.entity(id).key, &graph.entity(id).name),
        AttributeSubject::Product(id) => (&graph.product(id).key, &graph.product(id).name),
    };
    let kind = format!("{:?}", attribute.kind);
    let product = attribute.product.map(|product| graph.product(product));
    let mut about = vec![kind, of.clone()];
    about.push(product.map(|product| product.key.clone()).unwrap_or_default());
    about.push(attribute.variant.clone().unwrap_or_default());
    about.push(attribute.country.clone().unwrap_or_default());
    about.push(attribute.per_years.map(|years| years.to_string()).unwrap_or_default());
    let mut words = format!("{name}: {}", kind_words(attribute));
    let parts =
        [product.map(|product| &product.name), attribute.variant.as_ref(), attribute.country.as_ref()];
    parts.into_iter().flatten().for_each(|part| words.push_str(&format!(", {part}")));
    Some(Statement {
        origin: Origin::Attribute(id),
        field: "value",
        measure,
        evidence: &attribute.evidence,
        about,
        period: attribute.period,
        words,
    })
}

fn of_intensity<'g>(graph: &'g Graph, at: u32, intensity: &'g Intensity) -> Statement<'g> {
    let (product, input) = (graph.product(intensity.product), graph.product(intensity.input));
    let variant = intensity.variant.clone().unwrap_or_default();
    let per = intensity.per.clone().unwrap_or_default();
    let space = if variant.is_empty() { "" } else { " " };
    let unit = format!("{:?}", intensity.amount.dimension);
    Statement {
        origin: Origin::Intensity(at),
        field: "amount",
        measure: &intensity.amount,
        evidence: &intensity.evidence,
        words: format!("{}{space}{variant}: {} for one", product.name, input.name),
        about: vec!["Intensity".to_string(), product.key.clone(), variant, input.key.clone(), per, unit],
        period: None,
    }
}

fn kind_words(attribute: &Attribute) -> String {
    let name = match &attribute.kind {
        crate::model::AttributeKind::Other(name) => name.replace('-', " "),
        kind => format!("{kind:?}"),
    };
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

impl<'g> Statement<'g> {
    /// The claims that state a size.
    pub(super) fn known(&self) -> impl Iterator<Item = &'g Claim> + use<'g> {
        self.measure.claims.iter().filter(|claim| claim.estimate.point().is_some())
    }

    /// What turns its sizes into those of [`unit_words`]: dollars for money, as they stand for all others.
    pub(super) fn factor(&self, view: &View<'_>) -> Option<f64> {
        match self.measure.dimension {
            Dimension::Money(_) => view.graph.usd_factor(self.measure, view.scope.as_of),
            _ => Some(1.0),
        }
    }
}

/// The unit of a dimension in words; money is in dollars.
pub(super) fn unit_words(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Money(_) => "USD".to_string(),
        other => other.to_string(),
    }
}

/// The range of a claim times a factor, as two cells.
pub(super) fn range_cells(range: Interval, factor: f64) -> [Cell; 2] {
    [Cell::Number(range.low * factor), Cell::number(range.high.map(|high| high * factor))]
}

/// A size with its unit, as sentences print it.
pub(super) fn size_words(value: f64, dimension: &Dimension) -> String {
    let number = |unit| format_unit(value, unit);
    match dimension {
        Dimension::Money(_) => number(Unit::Usd),
        Dimension::Share => number(Unit::Share),
        Dimension::Power => number(Unit::Megawatt),
        other => format!("{} {other}", number(Unit::Quantity)),
    }
}
