//! What leaving costs and how long it takes, with the law of the day.

use super::Reading;
use super::field::Field;
use crate::answer::Unit;
use crate::model::{Date, Detail, Interval};
use crate::network::Origin;

/// Members of the European Union.
const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// What Regulation (EU) 2023/2854, Articles 25 and 29, says about switching a cloud, from a day on.
struct Rule {
    from: Date,
    /// Whether the provider may charge for switching, egress of the data included.
    charges: &'static str,
    /// Whether they are banned.
    banned: bool,
    /// Longest notice and ordinary transition, in months.
    months: Option<f64>,
}

/// Oldest first. Notice is at most two months, the transition thirty days (up to seven months where that is not feasible).
const RULES: [Rule; 3] = [
    Rule {
        from: Date::constant(2024, 1, 11),
        charges: "switching charges are limited to cost in the EU until 12 January 2027, then banned",
        banned: false,
        months: None,
    },
    Rule {
        from: Date::constant(2025, 9, 12),
        charges: "switching charges are limited to cost in the EU until 12 January 2027, then banned",
        banned: false,
        months: Some(9.0),
    },
    Rule {
        from: Date::constant(2027, 1, 12),
        charges: "switching charges, egress included, are banned in the EU since 12 January 2027",
        banned: true,
        months: Some(9.0),
    },
];

impl Reading<'_, '_> {
    /// The rule that covers the customer on the day.
    fn rule(&self) -> Option<&'static Rule> {
        let seat = self.view.graph.entity(self.pair.customer).seat.as_deref()?;
        let covered = EU_MEMBERS.contains(&seat);
        RULES.iter().rev().find(|rule| covered && rule.from <= self.view.scope.as_of)
    }

    fn law(&self) -> &'static str {
        match (self.rule(), self.view.graph.entity(self.pair.customer).seat.as_deref()) {
            (Some(rule), _) => rule.charges,
            (None, Some(seat)) if EU_MEMBERS.contains(&seat) => "no rule on switching holds yet on the day",
            (None, Some(_)) => {
                "the EU's ban on switching charges from 12 January 2027 does not cover this customer's seat"
            }
            (None, None) => "the customer's seat is unknown, and so is the law on switching charges",
        }
    }

    pub fn exit_cost(&self) -> Field {
        let (graph, day) = (self.view.graph, self.view.scope.as_of);
        let annual = self.totals.annual.filter(|annual| annual.low > 0.0);
        let mut termination: Option<Interval> = None;
        let mut records = Vec::new();
        for id in self.counted(&self.pair.commits) {
            let Detail::Commits { take_or_pay: Some(share), spend: Some(spend), .. } =
                &graph.relation(id).detail
            else {
                continue;
            };
            if let (Some(size), Some(annual)) = (graph.usd(spend, day), annual) {
                let share = share.interval();
                // a shorter term makes the months of spend fewer, so least goes with most a year
                let months = |size: f64, share: f64, annual: f64| size * share / (annual / 12.0);
                let low = annual.high.map_or(0.0, |most| months(size.low, share.low, most));
                let high = size.high.map(|size| months(size, share.high.unwrap_or(1.0), annual.low));
                let range = Interval { low, high };
                termination = Some(termination.map_or(range, |sum| sum.plus(range)));
                records.push(Origin::Relation(id));
            }
        }
        let banned = self.rule().is_some_and(|rule| rule.banned);
        let parts = [
            ("termination", termination.is_some()),
            ("egress", banned),
            ("re-engineering", false),
            ("dual running", false),
        ];
        let missing = parts.iter().filter(|(_, known)| !known).map(|(part, _)| part.to_string());
        let basis = match termination {
            Some(_) => {
                format!("take-or-pay over a month's commitment, the least that leaving costs; {}", self.law())
            }
            None => self.law().to_string(),
        };
        // what is missing adds to it, so that only the lower end is known
        let range = termination.map(|range| Interval { high: None, ..range });
        Field::new("exit cost", Unit::Months, range, basis)
            .above(self.params.exit_threshold)
            .unknown(missing)
            .rests_on(records)
    }

    pub fn exit_time(&self) -> Field {
        let capped = self.rule().and_then(|rule| rule.months);
        let basis = match capped {
            Some(months) => format!(
                "notice and transition take at most {months} months by Regulation (EU) 2023/2854, Article 25"
            ),
            None => "notice, transition and the ramp of an alternative".to_string(),
        };
        let all = ["notice", "transition", "ramp of an alternative"];
        let missing = all.iter().filter(|part| capped.is_none() || part.starts_with("ramp"));
        let range = capped.map(|_| Interval::UNKNOWN);
        Field::new("exit time", Unit::Months, range, basis)
            .above(self.params.exit_threshold)
            .unknown(missing.map(|part| part.to_string()))
    }
}
