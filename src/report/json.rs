//! An evaluation for programs.

use serde::Serialize;

use crate::eval::Evaluation;

/// The evaluation as one JSON object, indented, with stable keys in a stable order.
///
/// A *score* is `{"value", "interval"}`, where `interval` is `{"low", "high"}` or `null`; a *share* has `num` and `den`
/// (its two counts) too. Undefined values (0/0) are `null`. Numbers are exact.
///
/// | key | holds |
/// |---|---|
/// | `format`, `version` | `"stancewire-evaluation"` and 1; the version rises when a key changes its meaning or goes |
/// | `model`, `data` | the names of what was evaluated |
/// | `rows`, `documents` | how many there are; `documents` is `null` if unknown |
/// | `intervals` | `null`, or `level`, `replicates`, `seed`, `unit` (`"document"` or `"row"`) and `units` (how many) |
/// | `accuracy` | a share |
/// | `macro_average`, `weighted_average` | `precision`, `recall`, `f1`: scores |
/// | `kappa`, `mcc` | scores |
/// | `labels` | per label, in order: `label`, the shares `precision`, `recall`, `f1`, and the counts `support`, `predicted` |
/// | `confusion` | `labels`, and `counts`: one list per gold label, one number per predicted label |
/// | `probability` | `null`, or the next six rows |
/// | – `log_loss`, `brier` | scores |
/// | – `calibration_error_equal_width`, `calibration_error_equal_mass` | numbers |
/// | – `reliability` | per bin: `low`, `high`, mean `confidence`, and `accuracy` (a share without interval) |
/// | – `coverage` | per point: `threshold`, and `coverage` and `accuracy` (shares without interval) |
/// | – `precision_recall` | per label: `label`, `average_precision`, and `points` |
/// | – – `points` | `threshold`, and `precision` and `recall` (shares without interval) |
/// | `status` | `null`, or `ok`, `review`, `empty`: the share of right labels among rows of that status |
/// | `breakdowns` | per column: `column`, and `parts` with `value`, `accuracy` (a share without interval), `macro_f1` |
/// | `warnings` | per warning: `code`, `message`, `advice`, and what the code asks for: `label`, `support` … |
#[must_use]
pub fn json(evaluation: &Evaluation) -> String {
    Document { format: "stancewire-evaluation", version: 1, evaluation }.pretty()
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

impl Document<'_> {
    fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data with text keys, written to memory") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_object_is_complete() {
        insta::assert_snapshot!(json(&sample::full()));
    }

    #[test]
    fn every_key_is_documented() {
        let documented: String =
            include_str!("json.rs").lines().filter(|line| line.starts_with("///")).collect();
        let mut pending = vec![serde_json::from_str::<serde_json::Value>(&json(&sample::full())).unwrap()];
        while let Some(value) = pending.pop() {
            if let Some(object) = value.as_object().filter(|object| !object.contains_key("code")) {
                for key in object.keys() {
                    assert!(
                        documented.contains(&format!("`{key}`"))
                            || documented.contains(&format!("\"{key}\"")),
                        "{key} is not documented"
                    );
                }
                pending.extend(object.values().cloned());
            }
            pending.extend(value.as_array().into_iter().flatten().cloned());
        }
    }
}
