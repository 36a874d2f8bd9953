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
        let (range, split) = self.of_totals(|totals| totals.committed);
        let committed =
            Field::new("committed", Unit::Usd, range, "all that the customer has promised to spend")
                .split(split)
                .unknown(self.unpriced())
                .rests_on(self.commitments());
        let (range, split) = self.of_totals(|totals| totals.invested);
        let invested = Field::new(
            "invested",
            Unit::Usd,
            range,
            "all that the provider's group has put into the customer",
        )
        .split(split)
        .unknown(no_investment())
        .rests_on(self.investments());
        let (range, split) = self.of_totals(Totals::leverage);
        let basis = match self.totals.invested {
            Some(_) => "committed over cumulative investment by the provider's group",
            None => "no investment is known, so there is no ratio",
        };
        let leverage = Field::new("commitment leverage", Unit::Ratio, range, basis)
            .above(1.0)
            .split(split)
            .unknown(no_investment())
            .rests_on(both());
        let (range, split) = self.of_totals(recycling);
        let basis = "smaller of investment and commitment over investment: what can flow back to the investor's group";
        let recycling = Field::new("recycling share", Unit::Share, range, basis)
            .above(0.5)
            .split(split)
            .unknown(no_investment())
            .rests_on(both());
        let (range, split) = self.of_totals(net_position);
        let net =
            Field::new("net position", Unit::Usd, range, "commitments less investments, at rates of the day")
                .split(split)
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
