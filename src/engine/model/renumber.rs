//! New positions for the records of a dataset: after some are taken away, joined, or others come between.

use super::{
    AttributeSubject, Detail, EntityId, Evidence, Facts, Measure, ProductId, Relation, RelationId,
    SectorAccount, SourceId,
};

/// The new position of each record by its old one; nothing where it is taken away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Renumber {
    /// Of kinds; they are never taken away.
    pub kinds: Vec<usize>,
    /// Of products; they are never taken away.
    pub products: Vec<ProductId>,
    /// Of sources; they are never taken away.
    pub sources: Vec<SourceId>,
    /// Of entities.
    pub entities: Vec<Option<EntityId>>,
    /// Of relations.
    pub relations: Vec<Option<RelationId>>,
}

impl Renumber {
    /// Everything stays where it is.
    pub fn identity(facts: &Facts) -> Self {
        Self {
            kinds: (0..facts.kinds.len()).collect(),
            products: (0..facts.products.len()).map(ProductId::new).collect(),
            sources: (0..facts.sources.len()).map(SourceId::new).collect(),
            entities: (0..facts.entities.len()).map(|at| Some(EntityId::new(at))).collect(),
            relations: (0..facts.relations.len()).map(|at| Some(RelationId::new(at))).collect(),
        }
    }

    fn kind(&self, at: usize) -> usize {
        self.kinds.get(at).copied().unwrap_or(at)
    }

    fn product(&self, id: ProductId) -> ProductId {
        self.products.get(id.index()).copied().unwrap_or(id)
    }

    fn entity(&self, id: EntityId) -> Option<EntityId> {
        self.entities.get(id.index()).copied().flatten()
    }

    fn relation(&self, id: RelationId) -> Option<RelationId> {
        self.relations.get(id.index()).copied().flatten()
    }

    fn evidence(&self, evidence: &mut Evidence) {
        for source in &mut evidence.sources {
            *source = self.sources.get(source.index()).copied().unwrap_or(*source);
        }
    }

    fn measure(&self, measure: &mut Measure) {
        for evidence in measure.claims.iter_mut().filter_map(|claim| claim.evidence.as_mut()) {
            self.evidence(evidence);
        }
    }

    /// A relation whose ends both stay.
    fn relation_record(&self, mut relation: Relation) -> Option<Relation> {
        relation.from = self.entity(relation.from)?;
        if let Some(to) = relation.to {
            relation.to = Some(self.entity(to)?);
        }
        relation.part_of = relation.part_of.and_then(|id| self.relation(id));
        self.evidence(&mut relation.evidence);
        relation.detail.measures_mut().into_iter().for_each(|measure| self.measure(measure));
        match &mut relation.detail {
            Detail::Supplies { product, .. }
            | Detail::Commits { product, .. }
            | Detail::Sells { market: product, .. } => *product = self.product(*product),
            Detail::Hosts { product, .. }
            | Detail::Designs { product, .. }
            | Detail::Licenses { product, .. }
            | Detail::Regulates { product, .. } => *product = product.map(|id| self.product(id)),
            Detail::Invests { .. }
            | Detail::Finances { .. }
            | Detail::Owns { .. }
            | Detail::Influences { .. } => {}
        }
        Some(relation)
    }
}

impl Facts {
    /// The same facts with other positions. Records that are taken away, and those that refer to a lost entity, are
    /// left out; the lists keep their order, so whoever renumbers sorts them by key.
    pub fn renumbered(self, new: &Renumber) -> Self {
        // named one by one, so that a new list cannot be forgotten
        let Self {
            meta,
            kinds,
            products,
            sources,
            entities,
            relations,
            attributes,
            intensities,
            rates,
            links,
            renormalised,
            sectors,
            columns,
        } = self;
        let kept = |list: &[Option<EntityId>], at: usize| list.get(at).is_some_and(Option::is_some);
        let mut facts = Self { meta, kinds, products, sources, rates, ..Self::default() };
        for product in &mut facts.products {
            product.market = product.market.map(|id| new.product(id));
            let needed = std::mem::take(&mut product.needed_by);
            product.needed_by = needed.into_iter().map(|(kind, need)| (new.kind(kind), need)).collect();
            product.lead_time.iter_mut().chain(product.inventory.iter_mut()).for_each(|m| new.measure(m));
        }
        for (_, mut entity) in entities.into_iter().enumerate().filter(|(at, _)| kept(&new.entities, *at)) {
            entity.kind = new.kind(entity.kind);
            entity.members = entity.members.iter().filter_map(|id| new.entity(*id)).collect();
            let needs = std::mem::take(&mut entity.needs);
            entity.needs = needs.into_iter().map(|(id, need)| (new.product(id), need)).collect();
            facts.entities.push(entity);
        }
        for (at, relation) in relations.into_iter().enumerate() {
            if new.relation(RelationId::new(at)).is_some() {
                facts.relations.extend(new.relation_record(relation));
            }
        }
        for mut attribute in attributes {
            attribute.of = match attribute.of {
                AttributeSubject::Entity(id) => match new.entity(id) {
                    Some(id) => AttributeSubject::Entity(id),
                    None => continue,
                },
                AttributeSubject::Product(id) => AttributeSubject::Product(new.product(id)),
            };
            attribute.product = attribute.product.map(|id| new.product(id));
            new.evidence(&mut attribute.evidence);
            attribute.value.iter_mut().for_each(|measure| new.measure(measure));
            facts.attributes.push(attribute);
        }
        for mut intensity in intensities {
            (intensity.product, intensity.input) =
                (new.product(intensity.product), new.product(intensity.input));
            new.evidence(&mut intensity.evidence);
            new.measure(&mut intensity.amount);
            facts.intensities.push(intensity);
        }
        facts.rates.iter_mut().for_each(|rate| new.evidence(&mut rate.evidence));
        for mut link in links {
            if let (Some(from), Some(to)) = (new.entity(link.from), new.entity(link.to)) {
                (link.from, link.to) = (from, to);
                facts.links.push(link);
            }
        }
        for mut shares in renormalised {
            let stated = std::mem::take(&mut shares.stated).into_iter();
            let kept: Vec<bool> = shares.relations.iter().map(|id| new.relation(*id).is_some()).collect();
            shares.stated = stated.zip(kept).filter(|(_, kept)| *kept).map(|(stated, _)| stated).collect();
            shares.stated.iter_mut().for_each(|measure| new.measure(measure));
            shares.relations = shares.relations.iter().filter_map(|id| new.relation(*id)).collect();
            facts.renormalised.push(shares);
        }
        for account in sectors {
            facts
                .sectors
                .extend(new.entity(account.entity).map(|entity| SectorAccount { entity, ..account }));
        }
        facts.sectors.sort_by_key(|account| account.entity);
        facts.columns = columns.renumbered(|id| new.entity(id));
        facts.columns.fit(facts.entities.len());
        facts
    }
}
