//! How numbers are written for people.

use crate::eval::{Estimate, Interval, Ratio};

/// What stands for an undefined value.
pub(super) const UNDEFINED: &str = "n/a";

/// `0.74`, or `n/a`.
pub(super) fn score(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| rounded(value, decimals))
}

/// `0.74 [0.70, 0.78]`; without the brackets if there is no interval.
pub(super) fn estimate(estimate: Estimate, decimals: usize) -> String {
    let value = score(estimate.value, decimals);
    match estimate.interval {
        Some(_) => format!("{value} {}", interval(estimate.interval, decimals)),
        None => value,
    }
}

/// `[0.70, 0.78]`; nothing if there is no interval.
pub(super) fn interval(interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| {
        format!("[{}, {}]", rounded(low, decimals), rounded(high, decimals))
    })
}

/// A share as `0.74`, or `n/a` for 0/0.
pub(super) fn share(ratio: Ratio) -> String {
    score(ratio.value(), 2)
}

/// A share as `74 %`, or `n/a` for 0/0.
pub(super) fn percent(ratio: Ratio) -> String {
    ratio.value().map_or_else(|| UNDEFINED.to_owned(), |value| format!("{:.0} %", 100.0 * value))
}

fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    // What rounds to zero has no sign.
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        _ => text,
    }
}

/// `+0.25`, `−0.38`, with a true minus.
pub(super) fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}

/// `1 row`, `2 rows`.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_undefined_is_said() {
        let interval = Some(Interval { low: -0.001, high: 0.805 });
        assert_eq!(estimate(Estimate { value: Some(0.738), interval }, 2), "0.74 [0.00, 0.81]");
        assert_eq!(estimate(Estimate { value: Some(-0.25), interval: None }, 3), "-0.250");
        assert_eq!(score(None, 2), "n/a");
        assert_eq!((share(Ratio::new(0, 0)), percent(Ratio::new(1, 3))), ("n/a".into(), "33 %".into()));
        assert_eq!((signed(0.251), signed(-0.376)), ("+0.25".into(), "−0.38".into()));
        assert_eq!((count(1, "row"), count(0, "row")), ("1 row".into(), "0 rows".into()));
    }
}
