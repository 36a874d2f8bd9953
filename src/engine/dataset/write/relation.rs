//! Relations as a file writes them.

use crate::model::{
    Detail, Instrument, Measure, Metric, PartialDate, ProductId, Relation, RelationId, RelationType, Status,
    StatusChange, Term,
};

use super::sizes::{evidence, measure, term, text};
use super::{Field, Writer, field};

/// The name of a type in a file.
pub fn type_name(kind: RelationType) -> &'static str {
    match kind {
        RelationType::Supplies => "Supplies",
        RelationType::Commits => "Commits",
        RelationType::Invests => "Invests",
        RelationType::Finances => "Finances",
        RelationType::Owns => "Owns",
        RelationType::Sells => "Sells",
        RelationType::Hosts => "Hosts",
        RelationType::Designs => "Designs",
        RelationType::Licenses => "Licenses",
        RelationType::Regulates => "Regulates",
        RelationType::Influences => "Influences",
    }
}

/// The fields of one relation, as they are added.
struct Fields<'w, 'f> {
    writer: &'w Writer<'f>,
    all: Vec<Field>,
}

impl Fields<'_, '_> {
    fn size(&mut self, name: &'static str, size: &Option<Measure>) {
        self.all.extend(size.as_ref().map(|size| field(name, measure(self.writer.facts, size))));
    }

    fn words(&mut self, name: &'static str, words: &Option<String>) {
        self.all.extend(words.as_deref().map(|words| field(name, text(words))));
    }

    fn day(&mut self, name: &'static str, day: Option<PartialDate>) {
        self.all.extend(day.map(|day| field(name, text(&day.to_string()))));
    }

    fn product(&mut self, name: &'static str, id: Option<ProductId>) {
        self.all.extend(id.map(|id| field(name, self.writer.product(id))));
    }

    fn word(&mut self, name: &'static str, word: Option<impl std::fmt::Debug>) {
        self.all.extend(word.map(|word| field(name, format!("{word:?}"))));
    }

    fn term(&mut self, name: &'static str, own: Term, absent: Term) {
        if own != absent {
            self.all.push(field(name, term(own)));
        }
    }
}

impl Writer<'_> {
    pub(super) fn relation_fields(&self, id: RelationId, own: &Relation) -> Vec<Field> {
        let mut fields = Fields { writer: self, all: vec![field("from", self.entity(own.from))] };
        fields.all.extend(own.to.map(|to| field("to", self.entity(to))));
        match self.stated.get(&id) {
            Some(stated) => {
                let mut detail = own.detail.clone();
                if let Some(share) = detail.share_of_whole_mut() {
                    *share = Some((*stated).clone());
                }
                fields.detail(&detail);
            }
            None => fields.detail(&own.detail),
        }
        fields.history(own);
        fields.day("since", own.since);
        fields.day("until", own.until);
        let total = own.part_of.and_then(|total| self.facts.relations.get(total.index()));
        fields.all.extend(total.map(|total| field("part_of", text(&total.key))));
        fields.words("deal", &own.deal);
        let mut all = fields.all;
        evidence(self.facts, &own.evidence, &mut all);
        all
    }
}

impl Fields<'_, '_> {
    fn history(&mut self, own: &Relation) {
        match own.history.as_slice() {
            [StatusChange { status, on: None }] => {
                let deal = matches!(
                    own.relation_type(),
                    RelationType::Commits
                        | RelationType::Invests
                        | RelationType::Finances
                        | RelationType::Hosts
                );
                if deal || *status != Status::Delivered {
                    self.all.push(field("status", format!("{status:?}")));
                }
            }
            changes => {
                let changes = changes.iter().map(|change| match change.on {
                    Some(on) => format!("(status: {:?}, on: {})", change.status, text(&on.to_string())),
                    None => format!("(status: {:?})", change.status),
                });
                let changes: Vec<String> = changes.collect();
                self.all.push(field("history", format!("[{}]", changes.join(", "))));
            }
        }
    }

    fn detail(&mut self, detail: &Detail) {
        match detail {
            Detail::Supplies {
                product,
                variant,
                amount,
                over,
                quantity,
                share_of_need,
                share_of_revenue,
                share_of_output,
                exclusivity,
            } => {
                self.product("product", Some(*product));
                self.words("variant", variant);
                self.size("amount", amount);
                self.term("over", *over, Term::Years(1.0));
                self.size("quantity", quantity);
                self.size("share_of_need", share_of_need);
                self.size("share_of_revenue", share_of_revenue);
                self.size("share_of_output", share_of_output);
                self.word("exclusivity", *exclusivity);
            }
            Detail::Commits {
                product,
                spend,
                capacity,
                quantity,
                starts,
                term,
                take_or_pay,
                exclusivity,
            } => {
                self.product("product", Some(*product));
                self.size("spend", spend);
                self.size("capacity", capacity);
                self.size("quantity", quantity);
                self.day("starts", *starts);
                self.term("term", *term, Term::Unknown);
                self.size("take_or_pay", take_or_pay);
                self.word("exclusivity", *exclusivity);
            }
            Detail::Invests { amount, stake, instrument, contingent } => {
                self.size("amount", amount);
                self.size("stake", stake);
                self.word("instrument", Some(*instrument).filter(|own| *own != Instrument::Other));
                self.words("contingent", contingent);
            }
            Detail::Finances { amount, kind, term } => {
                self.size("amount", amount);
                self.word("kind", Some(*kind));
                self.term("term", *term, Term::Unknown);
            }
            Detail::Owns { share, control } => {
                self.size("share", share);
                self.word("control", Some(*control));
            }
            Detail::Sells { market, variant, region, period, metric, share, amount } => {
                self.product("market", Some(*market));
                self.words("variant", variant);
                self.words("region", region);
                self.day("period", *period);
                self.word("metric", Some(*metric).filter(|own| *own != Metric::Unspecified));
                self.size("share", share);
                self.size("amount", amount);
            }
            Detail::Hosts { product, power, chips, term } => {
                self.product("product", *product);
                self.size("power", power);
                self.size("chips", chips);
                self.term("term", *term, Term::Unknown);
            }
            Detail::Designs { product, exclusivity } | Detail::Licenses { product, exclusivity } => {
                self.product("product", *product);
                self.word("exclusivity", *exclusivity);
            }
            Detail::Regulates { product, measure, effect } => {
                self.product("product", *product);
                self.all.push(field("measure", text(measure)));
                self.words("effect", effect);
            }
            Detail::Influences { sign, elasticity, delay } => {
                self.word("sign", Some(*sign));
                self.size("elasticity", elasticity);
                self.size("delay", delay);
            }
        }
    }
}
