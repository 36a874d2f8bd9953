//! What a run comes to, firm by firm and as a whole.

use super::run::Day;

/// Loss below which a firm is not hit.
pub const HIT: f64 = 1e-6;
/// Loss below which a firm counts as back to normal.
const BACK: f64 = 0.01;
/// Output below which a firm, or the whole, counts as gone.
const GONE: f64 = 1e-3;
/// A change of output from one day to the next that counts as a swing.
const SWING: f64 = 0.5;
/// Days at the end over which output has to rise for it not to be gone.
const WATCH: usize = 14;

/// How a run ended, for a firm or for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Never hit.
    Untouched,
    /// Back within a hundredth of normal.
    Recovered,
    /// Not back, and not gone: it takes longer, or a shock still holds.
    Persisting,
    /// Below a thousandth of normal and not rising, though no shock holds any more.
    Collapsed,
}

/// A firm's way through a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// First day of a loss.
    pub first_hit: Option<usize>,
    /// Least output, relative to normal.
    pub trough: f64,
    /// Day of the least output.
    pub trough_day: usize,
    /// First day after which it stayed within a hundredth of normal; `None` where it was never hit or is not back.
    pub back: Option<usize>,
    /// Output lost, in days of normal output, 0 or more.
    pub lost: f64,
    /// Output above normal, in days of normal output, 0 or more.
    pub regained: f64,
    /// Demand that was not served on the day it was asked, in days of normal output.
    pub unmet: f64,
    /// The input that limited it on the day of its least output.
    pub binding: Option<u32>,
    /// Days on which output moved by more than half of normal against the day before.
    pub swings: usize,
    /// How it ended.
    pub ending: Ending,
    last: f64,
    before: f64,
    short: Option<usize>,
}

/// Collects the courses of all firms; one call of [`Summary::see`] a day, O(firms) each.
#[derive(Clone, Debug)]
pub struct Summary {
    courses: Vec<Course>,
    size: Vec<f64>,
    /// Output of the whole by day, relative to normal, weighted by size.
    pub total: Vec<f64>,
    days: usize,
    seen: usize,
    shocked: bool,
}

impl Summary {
    /// For firms of the given sizes over `days` days.
    pub fn new(size: Vec<f64>, days: usize) -> Self {
        let course = Course {
            first_hit: None,
            trough: 1.0,
            trough_day: 0,
            back: None,
            lost: 0.0,
            regained: 0.0,
            unmet: 0.0,
            binding: None,
            swings: 0,
            ending: Ending::Untouched,
            last: 1.0,
            before: 1.0,
            short: None,
        };
        Self {
            courses: vec![course; size.len()],
            size,
            total: Vec::with_capacity(days),
            days,
            seen: 0,
            shocked: false,
        }
    }

    /// Takes in a day.
    pub fn see(&mut self, day: &Day<'_>) {
        self.shocked = day.shocked;
        self.seen = day.number + 1;
        let (mut sum, mut all) = (0.0, 0.0);
        for (firm, course) in self.courses.iter_mut().enumerate() {
            let output = day.output[firm];
            sum += self.size[firm] * output;
            all += self.size[firm];
            if output < 1.0 - HIT && course.first_hit.is_none() {
                course.first_hit = Some(day.number);
            }
            if output < course.trough {
                (course.trough, course.trough_day) = (output, day.number);
                course.binding = day.binding[firm];
            }
            if output < 1.0 - BACK {
                course.short = Some(day.number);
            }
            course.lost += (1.0 - output).max(0.0);
            course.regained += (output - 1.0).max(0.0);
            course.unmet += (day.demand[firm] - output).max(0.0);
            if (output - course.last).abs() > SWING {
                course.swings += 1;
            }
            course.last = output;
            if day.number + WATCH < self.days {
                course.before = output;
            }
        }
        self.total.push(if all > 0.0 { sum / all } else { 1.0 });
    }

    /// The courses of all firms, and how the whole ended.
    pub fn finish(mut self) -> (Vec<Course>, Ending, Vec<f64>) {
        let (seen, shocked) = (self.seen, self.shocked);
        for course in &mut self.courses {
            course.back = match (course.first_hit, course.short) {
                (Some(hit), None) => Some(hit),
                (Some(_), Some(short)) if short + 1 < seen => Some(short + 1),
                _ => None,
            };
            course.ending = if course.first_hit.is_none() {
                Ending::Untouched
            } else if course.back.is_some() {
                Ending::Recovered
            } else if is_gone(course.last, course.before, shocked) {
                Ending::Collapsed
            } else {
                Ending::Persisting
            };
        }
        let last = self.total.last().copied().unwrap_or(1.0);
        let before = self.total.iter().rev().nth(WATCH).copied().unwrap_or(1.0);
        let least = self.total.iter().copied().fold(1.0, f64::min);
        let ending = if is_gone(last, before, shocked) {
            Ending::Collapsed
        } else if self.courses.iter().all(|c| matches!(c.ending, Ending::Untouched | Ending::Recovered)) {
            if least < 1.0 - HIT || self.courses.iter().any(|c| c.first_hit.is_some()) {
                Ending::Recovered
            } else {
                Ending::Untouched
            }
        } else {
            Ending::Persisting
        };
        (self.courses, ending, self.total)
    }
}

/// Whether output is gone for good, as far as the run shows.
fn is_gone(last: f64, before: f64, shocked: bool) -> bool {
    !shocked && last < GONE && last <= before * (1.0 + 1e-9)
}
