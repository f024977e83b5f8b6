//! Corrected shares against numpy and scipy: `tests/oracle/quantify.py`.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

use serde::Deserialize;
use stancewire::eval::{EmStop, ErrorRates, adjusted_shares, em_shares};
use stancewire::labels::LabelSet;

#[derive(Deserialize)]
struct Oracle {
    prior: Vec<f64>,
    rows: Vec<f64>,
    weights: Vec<f64>,
    em: Vec<f64>,
    confusion: Vec<Vec<u64>>,
    predicted: Vec<f64>,
    adjusted: Vec<f64>,
}

fn oracle() -> Oracle {
    serde_json::from_str(include_str!("oracle/quantify.json")).unwrap()
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < tolerance), "{found:?} for {expected:?}");
}

#[test]
fn expectation_and_maximisation_find_the_shares_that_numpy_finds() {
    let Oracle { prior, rows, weights, em, .. } = oracle();
    let stop = EmStop { tolerance: 1e-14, rounds: 200_000 };
    near(&em_shares(&rows, &weights, &prior, &[0.25; 4], stop), &em, 1e-9);
    near(&em_shares(&rows, &weights, &prior, &[0.25; 4], EmStop::default()), &em, 1e-6);
}

#[test]
fn the_adjusted_count_is_that_of_a_linear_solver() {
    let Oracle { confusion, predicted, adjusted, .. } = oracle();
    let rates = ErrorRates::new(&LabelSet::new(["a", "b", "c", "d"]).unwrap(), &confusion).unwrap();
    near(&adjusted_shares(&rates.rates(), &predicted).unwrap(), &adjusted, 1e-12);
}
