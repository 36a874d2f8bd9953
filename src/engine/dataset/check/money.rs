//! Every currency but the dollar needs a dated exchange rate.

use crate::model::Facts;

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lower::MoneyUse;
use super::super::trail::Trail;
use super::Context;

pub fn check(context: &mut Context, money: &[MoneyUse], facts: &Facts) {
    let readable = context.records.rates.iter().all(|keyed| keyed.record.is_some());
    if context.session.incomplete || !readable {
        return;
    }
    for usage in money {
        let code = usage.currency.code();
        let earliest = facts
            .rates
            .iter()
            .filter(|rate| rate.currency == usage.currency)
            .map(|rate| rate.on)
            .min_by_key(|on| on.first());
        let span = || context.session.at(&Trail::record(usage.mark).field(usage.field));
        let problem = match (earliest, usage.on) {
            (None, _) => {
                let record = format!(
                    "add to `rates`: \"{}\": (currency: \"{code}\", usd: …, on: \"…\", sources: [\"…\"])",
                    code.to_lowercase()
                );
                Diagnostic::new(Code::NoRate, span(), format!("there is no exchange rate for {code}"))
                    .hint(record)
            }
            (Some(first), Some(on)) if first.first() > on => {
                let message = format!("the earliest exchange rate for {code} is of {first}, after {on}");
                Diagnostic::new(Code::LateRate, span(), message).hint("the earliest rate is used")
            }
            _ => continue,
        };
        context.session.push(problem);
    }
}
