//! An evaluation as one tidy table.

use crate::eval::{Estimate, Evaluation, Interval, Ratio, RatioEstimate};

/// The evaluation as CSV with the columns `metric,label,value,low,high,n`: one row per number.
///
/// `low` and `high` are the ends of the interval, `n` is the number of rows that the value rests on. Empty cells are
/// unknown or undefined (0/0). Numbers are exact.
///
/// | metric | label | n |
/// |---|---|---|
/// | `precision` | the label | rows called so |
/// | `recall`, `f1`, `average_precision` | the label | gold rows |
/// | `predicted:<label>`: how many rows of one gold label were called `<label>` | the gold label | its gold rows |
/// | `macro_…` and `weighted_…` `precision`, `recall`, `f1` | – | all rows |
/// | `accuracy`, `kappa`, `mcc`, `log_loss`, `brier`, `calibration_error_equal_width`, `calibration_error_equal_mass` | – | all rows |
/// | `accuracy_status`: share of right labels | `ok`, `review`, `empty` | rows with that status |
/// | `accuracy_from`: share of right labels | the least confidence | rows with at least that |
/// | `accuracy:<column>`, `macro_f1:<column>` | a value of the column | rows with that value |
///
/// A label or value that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, tab or CR) gets a
/// `'` in front.
#[must_use]
pub fn csv(evaluation: &Evaluation) -> String {
    let mut rows = Rows(::csv::Writer::from_writer(Vec::new()));
    rows.write(["metric", "label", "value", "low", "high", "n"]);
    labels(&mut rows, evaluation);
    overall(&mut rows, evaluation);
    if let Some(status) = &evaluation.status {
        for (name, right) in [("ok", status.ok), ("review", status.review), ("empty", status.empty)] {
            rows.share("accuracy_status", name, right);
        }
    }
    for point in evaluation.probability.iter().flat_map(|p| &p.coverage) {
        rows.share("accuracy_from", &point.threshold.to_string(), point.accuracy);
    }
    for breakdown in &evaluation.breakdowns {
        for part in &breakdown.parts {
            rows.share(&format!("accuracy:{}", breakdown.column), &part.value, part.accuracy);
            let macro_f1 = Estimate { value: part.macro_f1, interval: None };
            rows.add(&format!("macro_f1:{}", breakdown.column), &part.value, macro_f1, part.accuracy.den());
        }
    }
    rows.finish()
}

fn labels(rows: &mut Rows, evaluation: &Evaluation) {
    for (number, class) in evaluation.labels.iter().enumerate() {
        let label = &class.label;
        rows.ratio("precision", label, class.precision, class.predicted);
        rows.ratio("recall", label, class.recall, class.support);
        rows.ratio("f1", label, class.f1, class.support);
        if let Some(probability) = &evaluation.probability {
            let value = probability.precision_recall[number].average_precision;
            rows.add("average_precision", label, Estimate { value, interval: None }, class.support);
        }
        for (predicted, &count) in
            evaluation.confusion.labels.iter().zip(&evaluation.confusion.counts[number])
        {
            let value = Estimate { value: Some(count as f64), interval: None };
            rows.add(&format!("predicted:{predicted}"), label, value, class.support);
        }
    }
}

fn overall(rows: &mut Rows, evaluation: &Evaluation) {
    let n = evaluation.rows;
    for (name, average) in [("macro", &evaluation.macro_average), ("weighted", &evaluation.weighted_average)]
    {
        rows.add(&format!("{name}_precision"), "", average.precision, n);
        rows.add(&format!("{name}_recall"), "", average.recall, n);
        rows.add(&format!("{name}_f1"), "", average.f1, n);
    }
    rows.ratio("accuracy", "", evaluation.accuracy, n);
    rows.add("kappa", "", evaluation.kappa, n);
    rows.add("mcc", "", evaluation.mcc, n);
    if let Some(probability) = &evaluation.probability {
        rows.add("log_loss", "", probability.log_loss, n);
        rows.add("brier", "", probability.brier, n);
        let plain = |value| Estimate { value, interval: None };
        rows.add("calibration_error_equal_width", "", plain(probability.calibration_error_equal_width), n);
        rows.add("calibration_error_equal_mass", "", plain(probability.calibration_error_equal_mass), n);
    }
}

/// The table as it grows. It is written to memory, which cannot fail.
struct Rows(::csv::Writer<Vec<u8>>);

impl Rows {
    fn write(&mut self, record: [&str; 6]) {
        self.0.write_record(record).expect("records of six cells, written to memory");
    }

    fn add(&mut self, metric: &str, label: &str, estimate: Estimate, n: u64) {
        let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let Estimate { value, interval } = estimate;
        let low = cell(interval.map(|Interval { low, .. }| low));
        let high = cell(interval.map(|Interval { high, .. }| high));
        self.write([&literal(metric), &literal(label), &cell(value), &low, &high, &n.to_string()]);
    }

    fn ratio(&mut self, metric: &str, label: &str, ratio: RatioEstimate, n: u64) {
        self.add(metric, label, ratio.into(), n);
    }

    fn share(&mut self, metric: &str, label: &str, share: Ratio) {
        self.add(metric, label, Estimate { value: share.value(), interval: None }, share.den());
    }

    fn finish(self) -> String {
        let bytes = self.0.into_inner().expect("memory can be flushed");
        String::from_utf8(bytes).expect("only text was written")
    }
}

/// `text` so that no spreadsheet takes it for a formula.
pub(super) fn literal(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn everything_with_a_single_value_is_in_the_table() {
        insta::assert_snapshot!(csv(&sample::full()));
    }

    #[test]
    fn a_label_is_no_formula() {
        let cases =
            [("=1+1", "'=1+1"), ("-x", "'-x"), ("@a", "'@a"), ("\ta", "'\ta"), ("a=1", "a=1"), ("", "")];
        for (text, expected) in cases {
            assert_eq!(literal(text), expected);
        }
    }
}
