//! A size with the range that its sources allow.

use crate::model::Measure;

/// A number between two others; nothing bounds it from above where there is no `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub low: f64,
    pub point: f64,
    pub high: Option<f64>,
}

impl Range {
    pub const ZERO: Self = Self { low: 0.0, point: 0.0, high: Some(0.0) };

    pub fn exact(value: f64) -> Self {
        Self { low: value, point: value, high: Some(value) }
    }

    /// The number and the range that a measure states, in its base unit; `None` where nobody knows.
    pub fn of(measure: &Measure) -> Option<Self> {
        let range = measure.interval();
        Some(Self { low: range.low, point: measure.point()?, high: range.high })
    }

    pub fn scaled(self, factor: f64) -> Self {
        Self { low: self.low * factor, point: self.point * factor, high: self.high.map(|high| high * factor) }
    }

    /// The same with no more than a whole at its upper end: a share.
    pub fn share(self) -> Self {
        Self { high: Some(self.high.unwrap_or(1.0).min(1.0)), ..self }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            point: self.point + other.point,
            high: self.high.zip(other.high).map(|(a, b)| a + b),
        }
    }

    pub fn times(self, other: Self) -> Self {
        Self {
            low: self.low * other.low,
            point: self.point * other.point,
            high: self.high.zip(other.high).map(|(a, b)| a * b),
        }
    }

    /// How many of `other` go into it; `None` where `other` is nothing.
    pub fn over(self, other: Self) -> Option<Self> {
        (other.point > 0.0).then(|| Self {
            low: other.high.filter(|high| *high > 0.0).map_or(0.0, |high| self.low / high),
            point: self.point / other.point,
            high: self.high.filter(|_| other.low > 0.0).map(|high| high / other.low),
        })
    }

    /// The range of both, with the number of the first.
    pub fn hull(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            point: self.point,
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_widen_as_they_must() {
        let money = Range { low: 10.0, point: 20.0, high: None };
        let price = Range { low: 2.0, point: 4.0, high: Some(5.0) };
        assert_eq!(money.over(price), Some(Range { low: 2.0, point: 5.0, high: None }));
        assert_eq!(price.over(price), Some(Range { low: 0.4, point: 1.0, high: Some(2.5) }));
        assert_eq!(
            price.over(Range { low: 0.0, point: 1.0, high: None }),
            Some(Range { low: 0.0, point: 4.0, high: None })
        );
        assert_eq!(price.over(Range::ZERO), None);
        assert_eq!(price.hull(Range::exact(7.0)), Range { low: 2.0, point: 4.0, high: Some(7.0) });
        assert_eq!(money.share().high, Some(1.0));
    }
}
