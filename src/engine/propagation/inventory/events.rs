//! What happens from outside, and when.

/// Something that happens to a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What it hits.
    pub hit: Hit,
    /// How hard: share lost, 0 to 1; for final demand the relative change, -1 or more.
    pub size: f64,
    /// First day on which it holds, 0 or later.
    pub start: f64,
    /// Days at full strength; `None` for good.
    pub days: Option<f64>,
    /// How it fades after that.
    pub fade: Fade,
}

/// What an event hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// What a firm can make.
    Capacity(usize),
    /// What arrives over a link.
    Link(usize),
    /// What final demand takes of a firm's output.
    Demand(usize),
}

/// How an event fades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fade {
    /// At once.
    Step,
    /// In a straight line over so many days.
    Linear(f64),
    /// By half in so many days, and again.
    Exponential(f64),
    /// Slowly, fast, slowly: half of it after half of so many days, 99 % after all.
    Logistic(f64),
}

/// Part of an event below which it is over.
const OVER: f64 = 1e-6;

impl Event {
    /// What is left of its full strength on a day, 0 to 1. On the first day after its full strength a fading event still
    /// holds in full.
    pub fn strength(&self, day: usize) -> f64 {
        let at = day as f64;
        if at < self.start {
            return 0.0;
        }
        let past = match self.days {
            Some(days) => at - self.start - days,
            None => return 1.0,
        };
        if past < 0.0 {
            return 1.0;
        }
        match self.fade {
            Fade::Step => 0.0,
            Fade::Linear(days) => (1.0 - past / days).max(0.0),
            Fade::Exponential(half_life) => 0.5_f64.powf(past / half_life),
            Fade::Logistic(days) => {
                let steep = 2.0 * 99.0_f64.ln() / days;
                1.0 / (1.0 + (steep * (past - 0.5 * days)).exp())
            }
        }
    }

    /// Whether it is over, but for a millionth of it, on a day and ever after.
    pub fn is_over(&self, day: usize) -> bool {
        let Some(days) = self.days else { return false };
        day as f64 >= self.start + days && self.strength(day) < OVER
    }
}
