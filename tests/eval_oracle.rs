//! The metrics against scikit-learn, statsmodels and numpy: `tests/oracle/eval.json`, made by the script beside it.

#![allow(clippy::unwrap_used)] // a failure to read the oracle is a failure of the test

use serde::Deserialize;
use stancewire::eval::{
    Average, Confusion, DEFAULT_BINS, McNemar, Outcome, PrecisionRecallPoint, Probabilities,
    average_precision, brier_score, equal_width_bins, expected_calibration_error, log_loss, mcnemar,
    precision_recall_curve,
};
use stancewire::labels::{LabelId, LabelSet};

#[derive(Deserialize)]
struct Oracle {
    cases: Vec<Case>,
    mcnemar: Vec<Test>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    n_labels: usize,
    gold: String,
    predicted: String,
    thousandths: Vec<Vec<f64>>,
    confusion: Vec<Vec<u64>>,
    classes: Vec<[f64; 3]>,
    support: Vec<u64>,
    #[serde(rename = "macro")]
    macro_average: [f64; 3],
    weighted: [f64; 3],
    accuracy: f64,
    kappa: Option<f64>,
    mcc: f64,
    log_loss: f64,
    brier: f64,
    calibration_error: f64,
    curves: Vec<Option<Curve>>,
}

#[derive(Deserialize)]
struct Curve {
    average_precision: f64,
    head: Vec<[f64; 3]>,
    length: usize,
}

#[derive(Deserialize)]
struct Test {
    only_a: usize,
    only_b: usize,
    p: f64,
}

fn oracle() -> Oracle {
    serde_json::from_str(include_str!("oracle/eval.json")).unwrap()
}

impl Case {
    fn labels(&self) -> LabelSet {
        LabelSet::new((0..self.n_labels).map(|label| label.to_string())).unwrap()
    }

    fn ids(&self, digits: &str) -> Vec<LabelId> {
        digits.chars().map(|digit| self.labels().require(&digit.to_string()).unwrap()).collect()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let rows = self.ids(&self.gold).into_iter().zip(self.ids(&self.predicted));
        rows.map(|(gold, predicted)| Outcome { gold, predicted }).collect()
    }

    fn table(&self) -> Confusion {
        Confusion::from_outcomes(&self.labels(), self.outcomes())
    }

    fn probabilities(&self) -> Probabilities {
        let rows: Vec<Vec<f64>> =
            self.thousandths.iter().map(|row| row.iter().map(|t| t / 1000.0).collect()).collect();
        Probabilities::from_rows(self.n_labels, &rows).unwrap()
    }

    fn same(&self, what: &str, actual: f64, expected: f64) {
        let scale = expected.abs().max(1.0);
        assert!((actual - expected).abs() < 1e-12 * scale, "{}: {what} {actual}, not {expected}", self.name);
    }
}

#[test]
fn confusion_has_the_orientation_of_scikit_learn() {
    for case in oracle().cases {
        let rows: Vec<Vec<u64>> = (0..case.n_labels).map(|gold| case.table().row(gold).to_vec()).collect();
        assert_eq!(rows, case.confusion, "{}", case.name);
    }
}

#[test]
fn class_metrics_equal_classification_report() {
    for case in oracle().cases {
        for (label, expected) in case.labels().ids().zip(&case.classes) {
            let class = case.table().class(label);
            let actual = [class.precision, class.recall, class.f1].map(stancewire::eval::Ratio::or_zero);
            for (actual, expected) in actual.into_iter().zip(expected) {
                case.same("class metric", actual, *expected);
            }
            assert_eq!(class.support, case.support[label.index()], "{}", case.name);
        }
    }
}

#[test]
fn averages_equal_classification_report() {
    for case in oracle().cases {
        let same = |what, average: Option<Average>, expected: [f64; 3]| {
            let Average { precision, recall, f1 } = average.unwrap();
            for (actual, expected) in [precision, recall, f1].into_iter().zip(expected) {
                case.same(what, actual, expected);
            }
        };
        same("macro average", case.table().macro_average(), case.macro_average);
        same("weighted average", case.table().weighted_average(), case.weighted);
        same("micro average", case.table().micro_average(), [case.accuracy; 3]);
    }
}

#[test]
fn kappa_and_mcc_equal_scikit_learn() {
    for case in oracle().cases {
        case.same("kappa", case.table().kappa().unwrap(), case.kappa.unwrap());
        case.same("mcc", case.table().mcc().unwrap(), case.mcc);
    }
}

#[test]
fn scores_of_probabilities_equal_scikit_learn() {
    for case in oracle().cases {
        let (gold, table) = (case.ids(&case.gold), case.probabilities());
        case.same("log loss", log_loss(&gold, &table).unwrap(), case.log_loss);
        case.same("Brier score", brier_score(&gold, &table).unwrap(), case.brier);
    }
}

#[test]
fn calibration_error_equals_an_independent_computation() {
    for case in oracle().cases {
        let (outcomes, table) = (case.outcomes(), case.probabilities());
        let confidence: Vec<f64> =
            outcomes.iter().zip(table.rows()).map(|(outcome, row)| row[outcome.predicted.index()]).collect();
        let correct: Vec<bool> = outcomes.iter().map(|outcome| outcome.is_correct()).collect();
        let bins = equal_width_bins(&confidence, &correct, DEFAULT_BINS);
        case.same("calibration error", expected_calibration_error(&bins).unwrap(), case.calibration_error);
    }
}

#[test]
fn precision_recall_curves_equal_scikit_learn() {
    for case in oracle().cases {
        let (gold, table) = (case.ids(&case.gold), case.probabilities());
        for (label, expected) in case.labels().ids().zip(&case.curves) {
            let curve = precision_recall_curve(&gold, &table, label);
            let Some(expected) = expected else {
                assert_eq!(average_precision(&curve), None);
                continue;
            };
            case.same("average precision", average_precision(&curve).unwrap(), expected.average_precision);
            assert_eq!(curve.len(), expected.length, "{}", case.name);
            for (PrecisionRecallPoint { threshold, precision, recall }, point) in
                curve.iter().zip(&expected.head)
            {
                case.same("threshold", *threshold, point[0]);
                case.same("precision", precision.value().unwrap(), point[1]);
                case.same("recall", recall.value().unwrap(), point[2]);
            }
        }
    }
}

#[test]
fn mcnemar_equals_statsmodels() {
    let labels = LabelSet::new(["no", "yes"]).unwrap();
    let (wrong, right) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
    let outcomes = |yes: bool, rows: usize| {
        vec![Outcome { gold: right, predicted: if yes { right } else { wrong } }; rows]
    };
    for Test { only_a, only_b, p } in oracle().mcnemar {
        let a = [outcomes(true, only_a), outcomes(false, only_b), outcomes(true, 7)].concat();
        let b = [outcomes(false, only_a), outcomes(true, only_b), outcomes(true, 7)].concat();
        let McNemar { p_value, .. } = mcnemar(&a, &b).unwrap();
        assert!((p_value - p).abs() < 1e-10, "{only_a} against {only_b}: {p_value}, not {p}");
    }
}
