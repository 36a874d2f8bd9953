//! Records in words, for evidence lists and `show`.

use super::Graph;
use crate::answer::{Unit, format_number, format_unit};
use crate::model::{
    Attribute, AttributeKind, AttributeSubject, Detail, Dimension, Estimate, Intensity, Measure, ProductId,
    Relation, Term,
};

impl Graph {
    /// A relation in one line, without its parties' evidence.
    pub fn describe_relation(&self, relation: &Relation) -> String {
        let from = &self.entity(relation.from).name;
        let to = relation.to.map_or("", |to| self.entity(to).name.as_str());
        let mut facts: Vec<String> = Vec::new();
        let mut say = |words: &str, measure: &Option<Measure>| {
            if let Some(measure) = measure {
                facts.push(format!("{}{words}", describe_measure(measure)));
            }
        };
        let head = match &relation.detail {
            Detail::Supplies {
                product,
                variant,
                amount,
                over,
                quantity,
                share_of_need,
                share_of_revenue,
                share_of_output,
                ..
            } => {
                say("", amount);
                say("", quantity);
                say(" of the customer's need", share_of_need);
                say(" of the supplier's revenue", share_of_revenue);
                say(" of the supplier's output", share_of_output);
                if amount.is_some() || quantity.is_some() {
                    facts.extend(describe_term("over", *over));
                }
                let variant = variant.as_deref().map(|v| format!(" ({v})")).unwrap_or_default();
                format!("{from} supplies {to} with {}{variant}", self.product_name(*product))
            }
            Detail::Commits { product, spend, capacity, quantity, term, take_or_pay, .. } => {
                say("", spend);
                say("", capacity);
                say("", quantity);
                say(" paid whether used or not", take_or_pay);
                facts.extend(describe_term("over", *term));
                format!("{from} commits to buy {} from {to}", self.product_name(*product))
            }
            Detail::Invests { amount, stake, contingent, .. } => {
                say("", amount);
                say(" stake", stake);
                facts.extend(contingent.as_ref().map(|what| format!("contingent on {what}")));
                format!("{from} invests in {to}")
            }
            Detail::Finances { amount, kind, term } => {
                say("", amount);
                facts.extend(describe_term("over", *term));
                format!("{from} finances {to} ({})", format!("{kind:?}").to_lowercase())
            }
            Detail::Owns { share, .. } => {
                say("", share);
                format!("{from} owns {to}")
            }
            Detail::Sells { market, variant, region, period, share, amount, .. } => {
                say(" of the market", share);
                say("", amount);
                facts.extend(region.clone());
                facts.extend(period.map(|period| period.to_string()));
                let variant = variant.as_deref().map(|v| format!(" ({v})")).unwrap_or_default();
                format!("{from} sells {}{variant}", self.product_name(*market))
            }
            Detail::Hosts { power, chips, term, .. } => {
                say("", power);
                say("", chips);
                facts.extend(describe_term("for", *term));
                format!("{from} hosts {to}")
            }
            Detail::Designs { product, .. } => {
                let what = product.map(|p| format!(" {}", self.product_name(p))).unwrap_or_default();
                format!("{from} designs{what} for {to}")
            }
            Detail::Licenses { product, .. } => {
                let what = product.map(|p| format!(" {}", self.product_name(p))).unwrap_or_default();
                format!("{from} licenses{what} to {to}")
            }
            Detail::Regulates { product, measure, effect } => {
                facts.extend(effect.clone());
                let what = product.map_or(to.to_string(), |p| self.product_name(p).to_string());
                format!("{from} regulates {what}: {measure}")
            }
            Detail::Influences { sign, elasticity, delay } => {
                say(" elasticity", elasticity);
                say(" delay", delay);
                let how = if *sign == crate::model::Sign::Plus { "raises" } else { "lowers" };
                format!("{from} {how} {to}")
            }
        };
        if facts.is_empty() { head } else { format!("{head}: {}", facts.join(", ")) }
    }

    /// An attribute in one line.
    pub fn describe_attribute(&self, attribute: &Attribute) -> String {
        let of = match attribute.of {
            AttributeSubject::Entity(id) => self.entity(id).name.as_str(),
            AttributeSubject::Product(id) => self.product_name(id),
        };
        let what = match &attribute.kind {
            AttributeKind::Other(name) => name.replace('-', " "),
            kind => split_words(&format!("{kind:?}")),
        };
        let mut text = format!("{of}: {what}");
        if let Some(product) = attribute.product {
            text.push_str(&format!(" of {}", self.product_name(product)));
        }
        for part in [&attribute.variant, &attribute.country].into_iter().flatten() {
            text.push_str(&format!(", {part}"));
        }
        if let Some(value) = &attribute.value {
            text.push_str(&format!(" {}", describe_measure(value)));
        }
        match attribute.per_years {
            Some(1.0) => text.push_str(" a year"),
            Some(0.25) => text.push_str(" a quarter"),
            Some(years) => text.push_str(&format!(" in {} months", format_number(years * 12.0))),
            None => {}
        }
        if let Some(period) = attribute.period {
            text.push_str(&format!(" ({period})"));
        }
        text
    }

    /// An intensity in one line.
    pub fn describe_intensity(&self, intensity: &Intensity) -> String {
        let variant = intensity.variant.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
        let per = intensity.per.as_deref().map(|per| format!(" ({per})")).unwrap_or_default();
        let (product, input) = (self.product_name(intensity.product), self.product_name(intensity.input));
        format!("{product}{variant}{per} takes {} of {input}", describe_measure(&intensity.amount))
    }

    fn product_name(&self, id: ProductId) -> &str {
        &self.product(id).name
    }
}

fn split_words(camel: &str) -> String {
    let mut out = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// A size in words, all its claims with "or" between them.
pub fn describe_measure(measure: &Measure) -> String {
    let show = |value: f64| describe_value(&measure.dimension, value);
    let mut said: Vec<String> = Vec::new();
    for claim in &measure.claims {
        let text = match claim.estimate {
            Estimate::Exact(v) => show(v),
            Estimate::AtLeast(v) => format!("at least {}", show(v)),
            Estimate::UpTo(v) => format!("up to {}", show(v)),
            Estimate::Between(a, b) => format!("{} to {}", show(a), show(b)),
            Estimate::About(v) => format!("about {}", show(v)),
            Estimate::Unknown => "an unknown amount".to_string(),
        };
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said.join(" or ")
}

/// A size in the unit of what is measured.
pub(super) fn describe_value(dimension: &Dimension, value: f64) -> String {
    match dimension {
        Dimension::Money(currency) if *currency == crate::model::Currency::USD => {
            format_unit(value, Unit::Usd)
        }
        Dimension::Money(currency) => {
            format!("{} {}", currency.code(), format_unit(value, Unit::Usd).replace('$', ""))
        }
        Dimension::Power => format_unit(value, Unit::Megawatt),
        Dimension::Share => format_unit(value, Unit::Share),
        Dimension::Time if value >= 365.0 => format!("{} years", format_number(value / 365.25)),
        Dimension::Time => format_unit(value, Unit::Days),
        Dimension::Count(name) => format!("{} {name}", format_number(value)),
        Dimension::Energy => format!("{} MWh", format_number(value)),
        Dimension::Number => format_number(value),
    }
}

/// A number of years.
pub(super) fn years(value: f64) -> String {
    format_unit(value, Unit::Years)
}

fn describe_term(word: &str, term: Term) -> Option<String> {
    match term {
        Term::Years(1.0) => Some(format!("{word} a year")),
        Term::Years(n) => Some(format!("{word} {}", years(n))),
        Term::Between(a, b) => Some(format!("{word} {} to {}", format_number(a), years(b))),
        Term::Open => Some("without an agreed end".to_string()),
        Term::Unknown => None,
    }
}
