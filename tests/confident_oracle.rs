//! Confident learning against cleanlab: `tests/oracle/confident.json`, made by the script beside it.

#![allow(clippy::unwrap_used)] // a failure to read the oracle is a failure of the test

use serde::Deserialize;
use stancewire::eval::{ConfidentLearning, Probabilities};
use stancewire::labels::{LabelId, LabelSet};

#[derive(Deserialize)]
struct Oracle {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    n_labels: usize,
    given: String,
    thousandths: Vec<Vec<f64>>,
    thresholds: Vec<f64>,
    joint: Vec<Vec<u64>>,
    calibrated: Vec<Vec<f64>>,
    suspects: Vec<usize>,
}

impl Case {
    fn learn(&self) -> (Vec<LabelId>, ConfidentLearning) {
        let labels = LabelSet::new((0..self.n_labels).map(|label| label.to_string())).unwrap();
        let given: Vec<LabelId> =
            self.given.chars().map(|digit| labels.require(&digit.to_string()).unwrap()).collect();
        let values = self.thousandths.iter().flatten().map(|value| value / 1000.0).collect();
        let probabilities = Probabilities::new(self.n_labels, values).unwrap();
        let found = ConfidentLearning::new(&given, &probabilities, &labels).unwrap();
        (given, found)
    }
}

fn cases() -> Vec<Case> {
    let oracle: Oracle = serde_json::from_str(include_str!("oracle/confident.json")).unwrap();
    assert_eq!(oracle.cases.len(), 3);
    oracle.cases
}

#[test]
fn thresholds_and_suspects_in_their_order_are_those_of_cleanlab() {
    for case in cases() {
        let (_, found) = case.learn();
        for (ours, theirs) in found.thresholds.iter().zip(&case.thresholds) {
            assert!((ours.unwrap() - theirs).abs() < 1e-12, "{}", case.name);
        }
        let suspects: Vec<usize> = found.suspects.iter().map(|suspect| suspect.row).collect();
        assert_eq!(suspects, case.suspects, "{}", case.name);
    }
}

#[test]
fn the_confident_joint_is_that_of_cleanlab() {
    for case in cases() {
        let (given, found) = case.learn();
        // cleanlab never lets a diagonal count be below 1.
        let at_least_one = |(row, counts): (usize, &Vec<u64>)| {
            let mut counts = counts.clone();
            counts[row] = counts[row].max(1);
            counts
        };
        let joint: Vec<Vec<u64>> = found.joint.iter().enumerate().map(at_least_one).collect();
        assert_eq!(joint, case.joint, "{}", case.name);
        let support: Vec<u64> = (0..case.n_labels)
            .map(|label| given.iter().filter(|given| given.index() == label).count() as u64)
            .collect();
        // cleanlab rounds to whole rows and mends the sums.
        for (ours, theirs) in found.calibrated_joint(&support).iter().zip(&case.calibrated) {
            assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= 1.0), "{}: {ours:?}", case.name);
        }
    }
}
