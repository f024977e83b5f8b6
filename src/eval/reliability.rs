//! Does a confidence of 0.8 mean right in 8 of 10 cases?

use serde::Serialize;

use super::Ratio;

/// The usual number of bins of a reliability diagram (Guo et al. 2017).
pub const DEFAULT_BINS: usize = 15;

/// The rows of one range of confidence, and how often they were right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// The range's lower end; for equal-mass bins the least confidence in it.
    pub low: f64,
    /// The range's upper end; for equal-mass bins the greatest confidence in it.
    pub high: f64,
    /// The mean confidence of its rows; `None` without rows.
    pub confidence: Option<f64>,
    /// How many of its rows were right. The denominator is the number of rows.
    pub accuracy: Ratio,
}

/// Rows put into `bins` ranges of equal width: `[0, 1/B], (1/B, 2/B], …`. All bins are returned, also empty ones.
///
/// `confidence[i]` is the probability of the label that row i was given, `correct[i]` whether that is the gold one.
///
/// # Panics
/// When the slices differ in length or `bins` is 0.
#[must_use]
pub fn equal_width_bins(confidence: &[f64], correct: &[bool], bins: usize) -> Vec<ReliabilityBin> {
    assert!(bins > 0, "a reliability diagram without bins");
    let edge = |number: usize| number as f64 / bins as f64;
    let uppers: Vec<f64> = (1..bins).map(edge).collect();
    let mut members = vec![Members::default(); bins];
    for row in pairs(confidence, correct) {
        members[uppers.partition_point(|&upper| upper < row.0)].add(row);
    }
    members.into_iter().enumerate().map(|(i, rows)| rows.bin(edge(i), edge(i + 1))).collect()
}

/// Rows put into at most `bins` ranges of about N/B rows each, by rising confidence. Rows of equal confidence stay
/// together, so there can be fewer bins; the order of the rows does not matter.
///
/// # Panics
/// As [`equal_width_bins`].
#[must_use]
pub fn equal_mass_bins(confidence: &[f64], correct: &[bool], bins: usize) -> Vec<ReliabilityBin> {
    assert!(bins > 0, "a reliability diagram without bins");
    let mut rows: Vec<(f64, bool)> = pairs(confidence, correct).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut found = Vec::new();
    let mut start = 0;
    for number in 1..=bins {
        let mut end = (number * rows.len() / bins).max(start);
        while 0 < end && end < rows.len() && rows[end].0 <= rows[end - 1].0 {
            end += 1;
        }
        if start < end {
            let mut members = Members::default();
            rows[start..end].iter().for_each(|&row| members.add(row));
            found.push(members.bin(rows[start].0, rows[end - 1].0));
        }
        start = end;
    }
    found
}

/// Expected calibration error: the mean over rows of `|accuracy − mean confidence|` of the row's bin, in 0..=1
/// (Naeini et al. 2015). `None` without rows.
///
/// With [`equal_width_bins`] this is the ECE that most papers report; with [`equal_mass_bins`] it is less noisy where
/// nearly all rows are in the top bin. Both are above 0 by chance even for a perfectly calibrated model, the more so
/// the fewer rows there are.
#[must_use]
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> Option<f64> {
    let rows: u64 = bins.iter().map(|bin| bin.accuracy.den()).sum();
    let gap = |bin: &ReliabilityBin| {
        let gap = bin.accuracy.or_zero() - bin.confidence.unwrap_or(0.0);
        bin.accuracy.den() as f64 * gap.abs()
    };
    (rows > 0).then(|| bins.iter().map(gap).sum::<f64>() / rows as f64)
}

fn pairs<'a>(confidence: &'a [f64], correct: &'a [bool]) -> impl Iterator<Item = (f64, bool)> + 'a {
    assert_eq!(confidence.len(), correct.len(), "confidences and outcomes");
    confidence.iter().copied().zip(correct.iter().copied())
}

#[derive(Debug, Clone, Copy, Default)]
struct Members {
    rows: u64,
    correct: u64,
    confidence: f64,
}

impl Members {
    fn add(&mut self, (confidence, correct): (f64, bool)) {
        self.rows += 1;
        self.correct += u64::from(correct);
        self.confidence += confidence;
    }

    fn bin(self, low: f64, high: f64) -> ReliabilityBin {
        let confidence = (self.rows > 0).then(|| self.confidence / self.rows as f64);
        ReliabilityBin { low, high, confidence, accuracy: Ratio::new(self.correct, self.rows) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_a_worked_example() {
        // Two bins. Low: 0.4 right, 0.5 wrong: accuracy 1/2, mean confidence 0.45, gap 0.05, 2 rows.
        // High: 0.7 wrong, 0.9 right, 0.95 wrong: accuracy 1/3, mean 0.85, gap 0.51666…, 3 rows.
        // ECE = (2·0.05 + 3·(0.85 − 1/3)) / 5 = (0.1 + 1.55) / 5 = 0.33.
        let bins = equal_width_bins(&[0.4, 0.9, 0.5, 0.7, 0.95], &[true, true, false, false, false], 2);
        assert_eq!((bins[0].accuracy, bins[1].accuracy), (Ratio::new(1, 2), Ratio::new(1, 3)));
        assert!((expected_calibration_error(&bins).unwrap() - 0.33).abs() < 1e-12);
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below_and_zero_to_the_first() {
        let rows = |confidence| {
            let bins = equal_width_bins(&[confidence], &[true], 15);
            bins.iter().position(|bin| bin.accuracy.den() == 1).unwrap()
        };
        for (confidence, bin) in [(0.0, 0), (1.0 / 15.0, 0), (0.2, 2), (0.2 + 1e-12, 3), (1.0, 14)] {
            assert_eq!(rows(confidence), bin, "confidence {confidence}");
        }
    }

    #[test]
    fn equal_mass_bins_hold_equally_many_rows_and_keep_ties_together() {
        let sizes = |confidence: &[f64], bins| {
            let found = equal_mass_bins(confidence, &vec![true; confidence.len()], bins);
            found.iter().map(|bin| bin.accuracy.den()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 3), [2, 2, 3]);
        assert_eq!(sizes(&[0.1, 0.9, 0.9, 0.9, 0.9, 0.95], 3), [5, 1]);
        assert_eq!(sizes(&[0.5, 0.6], 5), [1, 1]);
        assert!(sizes(&[], 5).is_empty());
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let forwards = equal_mass_bins(&[0.5, 0.5, 0.7, 0.9], &[true, false, true, true], 2);
        let backwards = equal_mass_bins(&[0.9, 0.7, 0.5, 0.5], &[true, true, false, true], 2);
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn without_rows_there_is_no_error_to_expect() {
        assert_eq!(expected_calibration_error(&equal_width_bins(&[], &[], 15)), None);
    }
}
