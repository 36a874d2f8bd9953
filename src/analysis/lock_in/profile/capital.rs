//! What was promised for what was put in: sums of deals, by status.

use super::Reading;
use super::field::Field;
use crate::analysis::totals::Totals;
use crate::answer::Unit;
use crate::model::Interval;

impl Reading<'_, '_> {
    pub fn capital(&self) -> [Field; 5] {
        let both = || self.commitments().into_iter().chain(self.investments());
        let no_investment = || {
            let missing = self.totals.invested.is_none();
            missing.then(|| "investment by the provider's group".to_string())
        };
        let derived = self.derived(None, |totals, _| totals.committed);
        let committed =
            Field::derived("committed", Unit::Usd, derived, "all that the customer has promised to spend")
                .unknown(self.unpriced())
                .rests_on(self.commitments());
        let derived = self.derived(None, |totals, _| totals.invested);
        let invested = Field::derived(
            "invested",
            Unit::Usd,
            derived,
            "all that the provider's group has put into the customer",
        )
        .unknown(no_investment())
        .rests_on(self.investments());
        let derived = self.derived(None, |totals, _| totals.leverage());
        let basis = match self.totals.invested {
            Some(_) => "committed over cumulative investment by the provider's group",
            None => "no investment is known, so there is no ratio",
        };
        let leverage = Field::derived("commitment leverage", Unit::Ratio, derived, basis)
            .above(1.0)
            .unknown(no_investment())
            .rests_on(both());
        let derived = self.derived(None, |totals, _| recycling(totals));
        let basis = "smaller of investment and commitment over investment: what can flow back to the investor's group";
        let recycling = Field::derived("recycling share", Unit::Share, derived, basis)
            .above(0.5)
            .unknown(no_investment())
            .rests_on(both());
        let derived = self.derived(None, |totals, _| net_position(totals));
        let net = Field::derived(
            "net position",
            Unit::Usd,
            derived,
            "commitments less investments, at rates of the day",
        )
        .unknown(no_investment().map(|what| format!("{what} (taken as none)")))
        .rests_on(both());
        [committed, invested, leverage, recycling, net]
    }
}

fn recycling(totals: &Totals) -> Option<Interval> {
    let (invested, committed) = (totals.invested?, totals.committed?);
    (invested.low > 0.0).then(|| {
        let least = invested.high.map_or(0.0, |high| (committed.low / high).min(1.0));
        let most = committed.high.map_or(1.0, |most| (most / invested.low).min(1.0));
        Interval { low: least, high: Some(most) }
    })
}

fn net_position(totals: &Totals) -> Option<Interval> {
    let committed = totals.committed?;
    let invested = totals.invested.unwrap_or(Interval::exact(0.0));
    // an investment without upper end leaves the difference without a lower one
    let low = committed.low - invested.high?;
    Some(Interval { low, high: committed.high.map(|high| high - invested.low) })
}
