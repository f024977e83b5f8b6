//! A share of integer counts that remembers its denominator.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// `num / den`, two counts with `num <= den`; undefined when `den` is 0.
///
/// A precision of 1/1 and one of 500/500 are not the same news, and 0/0 is none at all. So a rate is kept as its two
/// counts, and [`Ratio::value`] is `None` for 0/0: printed `n/a`, empty in CSV, `null` in JSON.
///
/// Serialised as `{"value": 0.75, "num": 3, "den": 4}`.
///
/// ```
/// use stancewire::eval::Ratio;
/// assert_eq!(Ratio::new(3, 4).value(), Some(0.75));
/// assert_eq!(Ratio::new(0, 0).value(), None);
/// assert_eq!(Ratio::new(0, 0).or_zero(), 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ratio {
    num: u64,
    den: u64,
}

impl Ratio {
    /// The share `num` of `den`.
    ///
    /// # Panics
    /// When `num > den`: these are not a part and its whole.
    #[must_use]
    pub fn new(num: u64, den: u64) -> Self {
        assert!(num <= den, "a share of {num} in {den} is above one");
        Self { num, den }
    }

    /// The part that was counted.
    #[must_use]
    pub fn num(self) -> u64 {
        self.num
    }

    /// The whole that it was counted in.
    #[must_use]
    pub fn den(self) -> u64 {
        self.den
    }

    /// `num / den` in 0..=1, or `None` for 0/0.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.den > 0).then(|| self.num as f64 / self.den as f64)
    }

    /// `num / den` with 0/0 read as 0: what averages do (scikit-learn's `zero_division=0`).
    #[must_use]
    pub fn or_zero(self) -> f64 {
        self.value().unwrap_or(0.0)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Ratio", 3)?;
        fields.serialize_field("value", &self.value())?;
        fields.serialize_field("num", &self.num)?;
        fields.serialize_field("den", &self.den)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_out_of_nothing_is_undefined_and_serialises_as_null() {
        let none = Ratio::new(0, 0);
        assert_eq!(none.value(), None);
        assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"value":null,"num":0,"den":0}"#);
    }

    #[test]
    fn nothing_out_of_something_is_zero() {
        assert_eq!(Ratio::new(0, 3).value(), Some(0.0));
    }

    #[test]
    #[should_panic(expected = "a share of 3 in 2 is above one")]
    fn more_than_the_whole_is_refused() {
        let _ = Ratio::new(3, 2);
    }
}
