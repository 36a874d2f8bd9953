//! Five bins of loss, for maps and tables alike.

/// Upper ends of the bins of heat, and their names.
pub(super) const BINS: [(f64, &str); 5] = [
    (0.01, "below 1 %"),
    (0.1, "1 to 10 %"),
    (0.25, "10 to 25 %"),
    (0.5, "25 to 50 %"),
    (1.1, "50 % or more"),
];

/// The bin of a loss, of what is printed of it from 1 % on.
pub(super) fn bin(loss: f64) -> u8 {
    let printed = if loss < 0.01 { loss } else { (loss * 100.0).round() / 100.0 };
    BINS.iter().position(|(upper, _)| printed < upper - 1e-9).unwrap_or(4) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_their_lower_ends() {
        let losses = [0.0, 0.0099, 0.01, 0.1, 0.25, 0.5, 1.0];
        assert_eq!(losses.map(bin), [0, 0, 1, 2, 3, 4, 4]);
        assert_eq!(bin(0.5 - 1e-12), 4);
    }
}
