//! Relations.

use crate::model::{
    Control, Detail, EntityId, Exclusivity, Instrument, Measure, Metric, Relation, Status, Term,
};

use super::super::codes::Code;
use super::super::read::{Keyed, Later};
use super::super::record::{CommonFields, MeasureRecord, RelationRecord, TermRecord};
use super::super::trail::Trail;
use super::Lowering;
use super::measure::{Limits, Sort};

const MONEY: Limits = Limits::positive(&[Sort::Money]);
const POWER: Limits = Limits::positive(&[Sort::Power]);
const SHARE: Limits = Limits::positive(&[Sort::Share]);
const COUNT: Limits = Limits::positive(&[Sort::Count]);
const QUANTITY: Limits = Limits::positive(Sort::QUANTITY);
const QUANTITY_OR_MONEY: Limits = Limits::positive(Sort::QUANTITY_OR_MONEY);
const FACTOR: Limits = Limits::positive(&[Sort::Number]);
const TIME: Limits = Limits::with_zero(&[Sort::Time]);

impl RelationRecord {
    /// The fields that every relation has.
    pub fn common(&self) -> CommonFields<'_> {
        match self {
            Self::Supplies(record) => record.common(),
            Self::Commits(record) => record.common(),
            Self::Invests(record) => record.common(),
            Self::Finances(record) => record.common(),
            Self::Owns(record) => record.common(),
            Self::Sells(record) => record.common(),
            Self::Hosts(record) => record.common(),
            Self::Designs(record) => record.common(),
            Self::Licenses(record) => record.common(),
            Self::Regulates(record) => record.common(),
            Self::Influences(record) => record.common(),
        }
    }

    /// The ends.
    fn ends(&self) -> (&str, Option<&str>) {
        match self {
            Self::Supplies(r) => (&r.from, Some(&r.to)),
            Self::Commits(r) => (&r.from, Some(&r.to)),
            Self::Invests(r) => (&r.from, Some(&r.to)),
            Self::Finances(r) => (&r.from, Some(&r.to)),
            Self::Owns(r) => (&r.from, Some(&r.to)),
            Self::Sells(r) => (&r.from, None),
            Self::Hosts(r) => (&r.from, Some(&r.to)),
            Self::Designs(r) => (&r.from, Some(&r.to)),
            Self::Licenses(r) => (&r.from, Some(&r.to)),
            Self::Regulates(r) => (&r.from, r.to.as_deref()),
            Self::Influences(r) => (&r.from, Some(&r.to)),
        }
    }

    /// The name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Supplies(_) => "Supplies",
            Self::Commits(_) => "Commits",
            Self::Invests(_) => "Invests",
            Self::Finances(_) => "Finances",
            Self::Owns(_) => "Owns",
            Self::Sells(_) => "Sells",
            Self::Hosts(_) => "Hosts",
            Self::Designs(_) => "Designs",
            Self::Licenses(_) => "Licenses",
            Self::Regulates(_) => "Regulates",
            Self::Influences(_) => "Influences",
        }
    }
}

/// One record that is being lowered, for short calls.
struct Fields<'l, 'a, 't> {
    lowering: &'l mut Lowering<'a>,
    trail: &'t Trail<'t>,
}

impl Fields<'_, '_, '_> {
    fn size(
        &mut self,
        field: &'static str,
        record: &Option<MeasureRecord>,
        limits: Limits,
    ) -> Option<Measure> {
        self.lowering.measure(self.trail, field, record.as_ref(), limits)
    }

    fn term(&mut self, field: &'static str, record: &Option<TermRecord>, absent: Term) -> Term {
        self.lowering.term_field(self.trail, field, record.as_ref(), absent).unwrap_or(Term::Unknown)
    }

    /// Reports a relation that says nothing of what it is about.
    fn something(&mut self, given: bool, expected: &str) {
        if !given {
            let message = "the record says nothing of what it is about";
            self.lowering.session.report(self.trail, Code::MissingMeasure, message).expected =
                Some(expected.to_string());
        }
    }
}

impl Lowering<'_> {
    pub(super) fn relation(&mut self, keyed: &Keyed<Later>, record: &RelationRecord) -> Option<Relation> {
        let trail = Trail::record(keyed.mark);
        let common = record.common();
        let (from, to) = record.ends();
        let from_id = self.entity_id(&trail.field("from"), from);
        let to_id = to.and_then(|to| self.entity_id(&trail.field("to"), to));
        if to == Some(from) {
            let message = format!("`{from}` cannot be both ends of a relation");
            self.session.report(&trail.field("to"), Code::SelfRelation, message);
        }
        let since = self.date_field(&trail, "since", common.since);
        let until = self.date_field(&trail, "until", common.until);
        if let (Some(since), Some(until)) = (since, until)
            && since.first() >= until.first()
        {
            let message = format!("the relation ends at {until} before it begins at {since}");
            self.session.report(&trail.field("until"), Code::DateOrder, message).hint =
                Some("`until` is the first day after: what ends with 2032 has `until: \"2033\"`".to_string());
        }
        let default = match record {
            RelationRecord::Commits(_)
            | RelationRecord::Invests(_)
            | RelationRecord::Finances(_)
            | RelationRecord::Hosts(_) => None,
            _ => Some(Status::Delivered),
        };
        let history = self.history(&trail, &common, default, record.type_name());
        let part_of = common.part_of.and_then(|key| self.relation_id(&trail.field("part_of"), key));
        let latest = history.iter().flatten().filter_map(|change| change.on).next_back();
        self.on = since.or(latest).map(|date| date.first());
        let detail = self.detail(&trail, record, to_id);
        let evidence = self.evidence(&trail, common.evidence);
        if to.is_some() && to_id.is_none() {
            return None;
        }
        Some(Relation {
            key: keyed.key.clone(),
            from: from_id?,
            to: to_id,
            detail: detail?,
            history: history?,
            since,
            until,
            part_of,
            deal: common.deal.map(str::to_string),
            evidence,
            place: self.session.place(keyed.mark),
        })
    }

    /// The measures of a relation.
    fn detail(&mut self, trail: &Trail, record: &RelationRecord, to: Option<EntityId>) -> Option<Detail> {
        let mut fields = Fields { lowering: self, trail };
        let year = Term::Years(1.0);
        let exclusivity = |given: &Option<Exclusivity>| *given;
        Some(match record {
            RelationRecord::Supplies(r) => {
                let amount = fields.size("amount", &r.amount, MONEY);
                let over = fields.term("over", &r.over, year);
                let quantity = fields.size("quantity", &r.quantity, QUANTITY);
                let share_of_need = fields.size("share_of_need", &r.share_of_need, SHARE);
                let share_of_revenue = fields.size("share_of_revenue", &r.share_of_revenue, SHARE);
                let share_of_output = fields.size("share_of_output", &r.share_of_output, SHARE);
                Detail::Supplies {
                    product: self.product_id(&trail.field("product"), &r.product)?,
                    variant: r.variant.clone(),
                    amount,
                    over,
                    quantity,
                    share_of_need,
                    share_of_revenue,
                    share_of_output,
                    exclusivity: exclusivity(&r.exclusivity),
                }
            }
            RelationRecord::Commits(r) => {
                let spend = fields.size("spend", &r.spend, MONEY);
                let capacity = fields.size("capacity", &r.capacity, POWER);
                let quantity = fields.size("quantity", &r.quantity, QUANTITY);
                let term = fields.term("term", &r.term, Term::Unknown);
                let starts = fields.lowering.date_field(trail, "starts", r.starts.as_deref());
                let take_or_pay = fields.size("take_or_pay", &r.take_or_pay, SHARE);
                Detail::Commits {
                    product: self.product_id(&trail.field("product"), &r.product)?,
                    spend,
                    capacity,
                    quantity,
                    starts,
                    term,
                    take_or_pay,
                    exclusivity: exclusivity(&r.exclusivity),
                }
            }
            RelationRecord::Invests(r) => Detail::Invests {
                amount: fields.size("amount", &r.amount, MONEY),
                stake: fields.size("stake", &r.stake, SHARE),
                instrument: r.instrument.unwrap_or(Instrument::Other),
                contingent: r.contingent.clone(),
            },
            RelationRecord::Finances(r) => Detail::Finances {
                amount: fields.size("amount", &r.amount, MONEY),
                kind: r.kind,
                term: fields.term("term", &r.term, Term::Unknown),
            },
            RelationRecord::Owns(r) => {
                let share = fields.size("share", &r.share, SHARE);
                let above_half = share.as_ref().and_then(Measure::point).is_some_and(|share| share > 0.5);
                let default = if above_half { Control::Controlling } else { Control::Minority };
                Detail::Owns { share, control: r.control.unwrap_or(default) }
            }
            RelationRecord::Sells(r) => {
                fields.something(r.share.is_some() || r.amount.is_some(), "`share` or `amount`");
                let share = fields.size("share", &r.share, SHARE);
                let amount = fields.size("amount", &r.amount, QUANTITY_OR_MONEY);
                Detail::Sells {
                    period: self.date_field(trail, "period", r.period.as_deref()),
                    market: self.product_id(&trail.field("market"), &r.market)?,
                    variant: r.variant.clone(),
                    region: r.region.clone(),
                    metric: r.metric.unwrap_or(Metric::Unspecified),
                    share,
                    amount,
                }
            }
            RelationRecord::Hosts(r) => Detail::Hosts {
                power: fields.size("power", &r.power, POWER),
                chips: fields.size("chips", &r.chips, COUNT),
                term: fields.term("term", &r.term, Term::Unknown),
                product: self.product_field(trail, "product", r.product.as_deref()),
            },
            RelationRecord::Designs(r) => Detail::Designs {
                product: self.product_field(trail, "product", r.product.as_deref()),
                exclusivity: exclusivity(&r.exclusivity),
            },
            RelationRecord::Licenses(r) => Detail::Licenses {
                product: self.product_field(trail, "product", r.product.as_deref()),
                exclusivity: exclusivity(&r.exclusivity),
            },
            RelationRecord::Regulates(r) => {
                let given = to.is_some() || r.to.is_some() || r.product.is_some();
                fields.something(given, "`to`, an entity, or `product`");
                Detail::Regulates {
                    product: self.product_field(trail, "product", r.product.as_deref()),
                    measure: r.measure.clone(),
                    effect: r.effect.clone(),
                }
            }
            RelationRecord::Influences(r) => Detail::Influences {
                sign: r.sign,
                elasticity: fields.size("elasticity", &r.elasticity, FACTOR),
                delay: fields.size("delay", &r.delay, TIME),
            },
        })
    }
}
