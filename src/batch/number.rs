//! Numbers as text, without the machinery of `format!`.

/// Appends `value` in decimal.
pub(super) fn write_integer(value: u64, into: &mut Vec<u8>) {
    into.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a probability with four decimals, rounded to the nearest; what lies outside 0 to 1 is moved to its edge.
pub(super) fn write_probability(value: f64, into: &mut Vec<u8>) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 10000
    let scaled = (value.clamp(0.0, 1.0) * 10_000.0).round() as u64;
    write_fixed::<4>(scaled, into);
}

/// Appends a contribution with its sign and two decimals: `+0.42`, `-1.05`; what rounds to zero is `+0.00`.
pub(super) fn write_contribution(value: f64, into: &mut Vec<u8>) {
    #[allow(clippy::cast_possible_truncation)] // saturates; contributions are small numbers
    let scaled = (value * 100.0).round() as i64;
    into.push(if scaled < 0 { b'-' } else { b'+' });
    write_fixed::<2>(scaled.unsigned_abs(), into);
}

/// Appends `scaled / 10^DECIMALS` with that many decimals.
fn write_fixed<const DECIMALS: u32>(scaled: u64, into: &mut Vec<u8>) {
    let one = 10_u64.pow(DECIMALS);
    write_integer(scaled / one, into);
    into.push(b'.');
    let mut rest = scaled % one;
    let mut place = one / 10;
    while place > 0 {
        #[allow(clippy::cast_possible_truncation)] // one digit
        into.push(b'0' + (rest / place) as u8);
        rest %= place;
        place /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn probabilities_have_four_decimals() {
        let cases = [
            (0.0, "0.0000"),
            (1.0, "1.0000"),
            (0.123_449, "0.1234"),
            (0.123_45, "0.1235"),
            (0.000_06, "0.0001"),
            (0.999_96, "1.0000"),
            (0.05, "0.0500"),
            (-1e-17, "0.0000"),
            (1.000_000_1, "1.0000"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(|into| write_probability(value, into)), expected);
        }
    }

    #[test]
    fn all_values_with_four_decimals_are_written_as_they_are() {
        for i in 0..=10_000_u32 {
            let value = f64::from(i) / 10_000.0;
            assert_eq!(text(|into| write_probability(value, into)), format!("{value:.4}"));
        }
    }

    #[test]
    fn contributions_have_a_sign() {
        let cases = [(0.42, "+0.42"), (-1.046, "-1.05"), (-0.001, "+0.00"), (12.0, "+12.00")];
        for (value, expected) in cases {
            assert_eq!(text(|into| write_contribution(value, into)), expected);
        }
    }
}
