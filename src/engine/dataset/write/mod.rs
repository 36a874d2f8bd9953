//! Facts → the files of a dataset, in one canonical form: sections in a fixed order, records by key, fields by
//! name, and nothing that its absence says as well. What is written reads back to the same content hash.

mod relation;
mod sizes;
mod tables;

use std::collections::HashMap;

use crate::model::{
    Attribute, AttributeKind, AttributeSubject, EntityId, Evidence, Facts, Kind, Measure, ProductId,
    RelationId,
};

pub use tables::PlainGraph;

use sizes::{evidence, joined, list, measure, needs, number, text};

/// Columns that a line of a written file may have before its record is broken into several.
const WIDTH: usize = 110;

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its value in RON.
    pub ron: String,
}

fn field(name: &'static str, ron: impl Into<String>) -> Field {
    Field { name, ron: ron.into() }
}

/// The sections that hold records, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Section {
    Kinds,
    Products,
    Sources,
    Rates,
    Entities,
    Relations,
    Attributes,
    Intensities,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 8] = [
        Self::Kinds,
        Self::Products,
        Self::Sources,
        Self::Rates,
        Self::Entities,
        Self::Relations,
        Self::Attributes,
        Self::Intensities,
    ];

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kinds => "kinds",
            Self::Products => "products",
            Self::Sources => "sources",
            Self::Rates => "rates",
            Self::Entities => "entities",
            Self::Relations => "relations",
            Self::Attributes => "attributes",
            Self::Intensities => "intensities",
        }
    }

    /// What one of its records is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Kinds => "kind",
            Self::Products => "product",
            Self::Sources => "source",
            Self::Rates => "rate",
            Self::Entities => "entity",
            Self::Relations => "relation",
            Self::Attributes => "attribute",
            Self::Intensities => "intensity",
        }
    }
}

/// One record as a file writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRecord {
    /// The section it stands in.
    pub section: Section,
    /// Its key.
    pub key: String,
    /// The type of a relation; nothing elsewhere.
    pub variant: Option<&'static str>,
    /// Its fields, in the order in which they are written.
    pub fields: Vec<Field>,
}

/// Why facts cannot be written as records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Bulk tables hold what no record can say.
    #[error(
        "the dataset draws on bulk tables ({}), which are no records: copy its folder instead, or write tables for other programs",
        .0.join(", ")
    )]
    Tables(Vec<String>),
}

/// Every record, section by section and by key.
///
/// Exchange rates have no key in the facts; they are numbered within their currency. Rows of bulk tables are no
/// records, and are left out.
pub fn written_records(facts: &Facts) -> Vec<WrittenRecord> {
    Writer::new(facts).records()
}

/// The whole dataset as one file.
///
/// # Errors
/// The dataset draws on bulk tables.
pub fn to_ron(facts: &Facts) -> Result<String, WriteError> {
    if !facts.meta.tables.is_empty() {
        return Err(WriteError::Tables(facts.meta.tables.iter().map(ToString::to_string).collect()));
    }
    let mut out = String::from("(\n    format: 1,\n");
    let meta = &facts.meta;
    if !meta.name.is_empty() {
        out.push_str(&format!("    name: {},\n", text(&meta.name)));
    }
    for (name, words) in [("title", &meta.title), ("description", &meta.description)] {
        out.extend(words.as_ref().map(|words| format!("    {name}: {},\n", text(words))));
    }
    out.extend(meta.as_of.map(|day| format!("    as_of: {},\n", text(&day.to_string()))));
    let records = written_records(facts);
    for section in Section::ALL {
        let own: Vec<&WrittenRecord> = records.iter().filter(|record| record.section == section).collect();
        if own.is_empty() {
            continue;
        }
        out.push_str(&format!("    {}: {{\n", section.name()));
        own.iter().for_each(|record| out.push_str(&record.lines()));
        out.push_str("    },\n");
    }
    out.push_str(")\n");
    Ok(out)
}

impl WrittenRecord {
    /// The value of a field in RON.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|own| own.name == name).map(|own| own.ron.as_str())
    }

    /// The record in a file: in one line where that is short, else a field a line.
    fn lines(&self) -> String {
        let head = format!("        {}: {}", text(&self.key), self.variant.unwrap_or_default());
        let line = format!("{head}({}),\n", joined(&self.fields));
        if line.len() <= WIDTH {
            return line;
        }
        let fields = self.fields.iter().map(|own| format!("            {}: {},\n", own.name, own.ron));
        format!("{head}(\n{}        ),\n", fields.collect::<String>())
    }
}

/// Writes the records of some facts.
struct Writer<'f> {
    facts: &'f Facts,
    /// Shares as stated, of those that a load scales down again.
    stated: HashMap<RelationId, &'f Measure>,
}

impl<'f> Writer<'f> {
    fn new(facts: &'f Facts) -> Self {
        let mut stated = HashMap::new();
        for shares in &facts.renormalised {
            if shares.is_scaled_from_stated(facts) {
                stated.extend(shares.relations.iter().copied().zip(&shares.stated));
            }
        }
        Self { facts, stated }
    }

    fn records(&self) -> Vec<WrittenRecord> {
        let facts = self.facts;
        let plain = |section, key: &str, fields| WrittenRecord {
            section,
            key: key.to_string(),
            variant: None,
            fields,
        };
        let mut records = Vec::new();
        records.extend(facts.kinds.iter().map(|own| plain(Section::Kinds, &own.key, kind(own))));
        records.extend(
            facts.products.iter().map(|own| plain(Section::Products, &own.key, self.product_fields(own))),
        );
        records.extend(
            facts.sources.iter().map(|own| plain(Section::Sources, &own.key, self::source_fields(own))),
        );
        for (at, rate) in facts.rates.iter().enumerate() {
            let code = rate.currency.code();
            let before = facts.rates.iter().take(at).filter(|other| other.currency == rate.currency).count();
            let key = format!("{}-{:03}", code.to_lowercase(), before + 1);
            let mut fields = vec![
                field("currency", text(code)),
                field("usd", number(rate.usd)),
                field("on", text(&rate.on.to_string())),
            ];
            evidence(facts, &rate.evidence, &mut fields);
            records.push(plain(Section::Rates, &key, fields));
        }
        records.extend(
            facts.entities.iter().map(|own| plain(Section::Entities, &own.key, self.entity_fields(own))),
        );
        records.extend(facts.relations.iter().enumerate().map(|(at, own)| WrittenRecord {
            section: Section::Relations,
            key: own.key.clone(),
            variant: Some(relation::type_name(own.relation_type())),
            fields: self.relation_fields(RelationId::new(at), own),
        }));
        records.extend(
            facts
                .attributes
                .iter()
                .map(|own| plain(Section::Attributes, &own.key, self.attribute_fields(own))),
        );
        records.extend(facts.intensities.iter().map(|own| {
            let mut fields = vec![field("product", self.product(own.product))];
            fields.extend(own.variant.as_deref().map(|variant| field("variant", text(variant))));
            fields.push(field("input", self.product(own.input)));
            fields.push(field("amount", measure(facts, &own.amount)));
            fields.extend(own.per.as_deref().map(|per| field("per", text(per))));
            evidence(facts, &own.evidence, &mut fields);
            plain(Section::Intensities, &own.key, fields)
        }));
        records
    }

    fn entity_key(&self, id: EntityId) -> &'f str {
        self.facts.entities.get(id.index()).map_or("", |entity| entity.key.as_str())
    }

    fn entity(&self, id: EntityId) -> String {
        text(self.entity_key(id))
    }

    fn product_key(&self, id: ProductId) -> &'f str {
        self.facts.products.get(id.index()).map_or("", |product| product.key.as_str())
    }

    fn product(&self, id: ProductId) -> String {
        text(self.product_key(id))
    }

    fn kind_key(&self, at: usize) -> &'f str {
        self.facts.kinds.get(at).map_or("", |kind| kind.key.as_str())
    }

    fn product_fields(&self, own: &crate::model::Product) -> Vec<Field> {
        let mut fields = vec![field("name", text(&own.name))];
        fields.extend(own.unit.as_deref().map(|unit| field("unit", text(unit))));
        fields.extend(own.tier.map(|tier| field("tier", number(tier))));
        fields.extend(own.market.map(|market| field("market", self.product(market))));
        fields.extend(own.lead_time.as_ref().map(|time| field("lead_time", measure(self.facts, time))));
        fields.extend(own.inventory.as_ref().map(|time| field("inventory", measure(self.facts, time))));
        if !own.needed_by.is_empty() {
            let by = own.needed_by.iter().map(|(kind, need)| (self.kind_key(*kind), *need));
            fields.push(field("needed_by", needs(by)));
        }
        fields.extend(own.note.as_deref().map(|note| field("note", text(note))));
        fields
    }

    fn entity_fields(&self, own: &crate::model::Entity) -> Vec<Field> {
        let mut fields = vec![field("name", text(&own.name)), field("kind", text(self.kind_key(own.kind)))];
        fields.extend(own.seat.as_deref().map(|seat| field("seat", text(seat))));
        if !own.production.is_empty() {
            fields.push(field("production", list(own.production.iter().map(String::as_str))));
        }
        if own.group {
            fields.push(field("group", "true"));
        }
        if !own.members.is_empty() {
            fields.push(field("members", list(own.members.iter().map(|id| self.entity_key(*id)))));
        }
        if !own.needs.is_empty() {
            let of = own.needs.iter().map(|(product, need)| (self.product_key(*product), *need));
            fields.push(field("needs", needs(of)));
        }
        fields.extend(own.note.as_deref().map(|note| field("note", text(note))));
        fields
    }

    fn attribute_fields(&self, own: &Attribute) -> Vec<Field> {
        let of = match own.of {
            AttributeSubject::Entity(id) => self.entity(id),
            AttributeSubject::Product(id) => self.product(id),
        };
        let what = match &own.kind {
            AttributeKind::Other(name) => format!("Other({})", text(name)),
            plain => format!("{plain:?}"),
        };
        let mut fields = vec![field("of", of), field("what", what)];
        fields.extend(own.value.as_ref().map(|value| field("value", measure(self.facts, value))));
        fields.extend(own.period.map(|period| field("period", text(&period.to_string()))));
        fields.extend(own.per_years.map(|years| field("per", period(years))));
        fields.extend(own.product.map(|product| field("product", self.product(product))));
        fields.extend(own.country.as_deref().map(|country| field("country", text(country))));
        fields.extend(own.variant.as_deref().map(|variant| field("variant", text(variant))));
        evidence(self.facts, &own.evidence, &mut fields);
        fields
    }
}

fn kind(own: &Kind) -> Vec<Field> {
    let mut fields = vec![field("name", text(&own.name))];
    fields.extend(own.tier.map(|tier| field("tier", number(tier))));
    fields
}

fn source_fields(own: &crate::model::Source) -> Vec<Field> {
    let mut fields = vec![field("title", text(&own.title)), field("publisher", text(&own.publisher))];
    if !own.url.is_empty() {
        fields.push(field("url", text(&own.url)));
    }
    fields.extend(own.date.map(|date| field("date", text(&date.to_string()))));
    fields.push(field("reliability", format!("{:?}", own.reliability)));
    fields
}

/// The word for the years that a flow covers; the reader makes no others.
fn period(years: f64) -> &'static str {
    match years {
        years if years >= 1.0 => "Year",
        years if years >= 0.5 => "Half",
        years if years >= 0.25 => "Quarter",
        _ => "Month",
    }
}

impl Evidence {
    /// How a value came about where its record does not say.
    pub(in crate::dataset) fn usual_basis(sources: &[crate::model::SourceId]) -> crate::model::Basis {
        if sources.is_empty() { crate::model::Basis::Assumed } else { crate::model::Basis::Reported }
    }
}
