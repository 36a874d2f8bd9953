//! Numbers, sizes, terms and texts as a dataset's file writes them, so that they read back to the same bits.

use crate::model::{Claim, Confidence, Dimension, Estimate, Evidence, Facts, Measure, Need, SourceId, Term};

use super::{Field, field};

/// A number in its shortest form: `0.35`, `5e9`.
pub fn number(value: f64) -> String {
    let plain = value.to_string();
    let short = format!("{value:e}");
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) || plain.len() <= short.len() {
        plain
    } else {
        short
    }
}

/// A text in quotes.
pub fn text(words: &str) -> String {
    ron::to_string(words).unwrap_or_default()
}

/// Texts in a list.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", words.into_iter().map(text).collect::<Vec<_>>().join(", "))
}

/// A value in the base unit of its dimension.
fn size(dimension: &Dimension, value: f64) -> String {
    let n = number(value);
    match dimension {
        Dimension::Money(currency) => match currency.code() {
            "USD" => format!("Usd({n})"),
            "EUR" => format!("Eur({n})"),
            "GBP" => format!("Gbp({n})"),
            "JPY" => format!("Jpy({n})"),
            "KRW" => format!("Krw({n})"),
            "TWD" => format!("Twd({n})"),
            "CNY" => format!("Cny({n})"),
            code => format!("Money({n}, {})", text(code)),
        },
        Dimension::Power => format!("Mw({n})"),
        Dimension::Energy => format!("Mwh({n})"),
        Dimension::Count(name) => match name.as_str() {
            "chips" => format!("Chips({n})"),
            "wafers" => format!("Wafers({n})"),
            "units" => format!("Units({n})"),
            name => format!("Count({n}, {})", text(name)),
        },
        Dimension::Share => format!("Share({n})"),
        Dimension::Time => format!("Days({n})"),
        Dimension::Number => format!("Number({n})"),
    }
}

fn estimate(dimension: &Dimension, estimate: Estimate) -> String {
    let size = |value| size(dimension, value);
    match estimate {
        Estimate::Exact(value) => size(value),
        Estimate::AtLeast(value) => format!("AtLeast({})", size(value)),
        Estimate::UpTo(value) => format!("UpTo({})", size(value)),
        Estimate::Between(low, high) => format!("Between({}, {})", size(low), size(high)),
        Estimate::About(value) => format!("About({})", size(value)),
        Estimate::Unknown => "Unknown".to_string(),
    }
}

/// A size with all its claims.
pub fn measure(facts: &Facts, measure: &Measure) -> String {
    match measure.claims.as_slice() {
        [Claim { estimate: only, evidence: None, as_of: None }] => estimate(&measure.dimension, *only),
        claims => {
            let claims = claims.iter().map(|claim| {
                let mut fields = vec![field("value", estimate(&measure.dimension, claim.estimate))];
                if let Some(own) = &claim.evidence {
                    evidence(facts, own, &mut fields);
                    // without a word of its own the claim would take the record's evidence
                    let silent = own.sources.is_empty() && own.assumed.is_none();
                    if silent && fields.len() == 1 {
                        fields.push(field("confidence", format!("{:?}", own.confidence)));
                    }
                }
                fields.extend(claim.as_of.map(|day| field("as_of", text(&day.to_string()))));
                format!("({})", joined(&fields))
            });
            format!("Claims([{}])", claims.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The fields that say what a record rests on; those that say what their absence says are left out.
pub fn evidence(facts: &Facts, evidence: &Evidence, fields: &mut Vec<Field>) {
    let key = |id: &SourceId| facts.sources.get(id.index()).map_or("", |source| source.key.as_str());
    if !evidence.sources.is_empty() {
        fields.push(field("sources", list(evidence.sources.iter().map(key))));
    }
    fields.extend(evidence.assumed.as_deref().map(|why| field("assumed", text(why))));
    if evidence.basis != Evidence::usual_basis(&evidence.sources) {
        fields.push(field("basis", format!("{:?}", evidence.basis)));
    }
    if evidence.confidence != Confidence::Medium {
        fields.push(field("confidence", format!("{:?}", evidence.confidence)));
    }
    fields.extend(evidence.note.as_deref().map(|note| field("note", text(note))));
}

/// How long a promise runs.
pub fn term(term: Term) -> String {
    match term {
        Term::Years(years) => format!("Years({})", number(years)),
        Term::Between(low, high) => format!("Between(Years({}), Years({}))", number(low), number(high)),
        Term::Open => "Open".to_string(),
        Term::Unknown => "Unknown".to_string(),
    }
}

/// How something is needed.
pub fn need(need: Need) -> String {
    match need {
        Need::Important(weight) => format!("Important({})", number(weight)),
        plain => format!("{plain:?}"),
    }
}

/// Needs by key.
pub fn needs<'a>(needs: impl Iterator<Item = (&'a str, Need)>) -> String {
    let all: Vec<String> = needs.map(|(key, own)| format!("{}: {}", text(key), need(own))).collect();
    format!("{{ {} }}", all.join(", "))
}

/// Fields in one line.
pub fn joined(fields: &[Field]) -> String {
    fields.iter().map(|own| format!("{}: {}", own.name, own.ron)).collect::<Vec<_>>().join(", ")
}
