//! The agreement of annotators against published examples and against krippendorff, statsmodels and scikit-learn:
//! `tests/oracle/agreement.json`, made by the script beside it.

#![allow(clippy::unwrap_used)] // a failure to read the oracle is a failure of the test

use serde::Deserialize;
use stancewire::eval::{Agreement, AgreementInput, Rating};

/// One row per string, one annotator per character: a digit is a label, a point none.
fn agreement<S: AsRef<str>>(n_labels: usize, rows: &[S]) -> Agreement {
    let names = |n: usize| (0..n).map(|number| number.to_string()).collect::<Vec<_>>();
    let rating = |c: char| c.to_digit(10).map(|digit| digit as usize);
    let ratings: Vec<Vec<Rating>> =
        rows.iter().map(|row| row.as_ref().chars().map(rating).collect()).collect();
    let input = AgreementInput {
        data: "published",
        annotators: &names(ratings[0].len()),
        labels: &names(n_labels),
        ratings: &ratings,
        documents: None,
        bootstrap: None,
    };
    Agreement::new(&input).unwrap()
}

#[test]
fn alpha_of_krippendorffs_example_with_missing_data() {
    // Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units.
    let observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."];
    let rows: Vec<String> =
        (0..12).map(|unit| observers.iter().map(|line| line.as_bytes()[unit] as char).collect()).collect();
    let found = agreement(6, &rows);
    assert!((found.alpha.value.unwrap() - 0.743).abs() < 5e-4, "{:?}", found.alpha);
}

#[test]
fn kappa_of_fleiss_with_thirty_patients_and_six_psychiatrists() {
    // Fleiss (1971), Measuring nominal scale agreement among many raters: kappa = 0.430.
    let patients = [
        "444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444", "555555",
        "144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112", "224444", "133555",
        "555555", "244444", "224555", "114444", "144445", "222224", "111155", "224444", "133333", "555555",
    ];
    let found = agreement(6, &patients);
    assert!((found.fleiss_kappa.value.unwrap() - 0.430).abs() < 5e-4, "{:?}", found.fleiss_kappa);
}

#[test]
fn kappa_of_ten_subjects_and_fourteen_raters() {
    // The worked example of the Wikipedia article on Fleiss' kappa: 0.210.
    let counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ];
    let labels =
        |row: &[usize; 5]| (0..5).map(|label| label.to_string().repeat(row[label])).collect::<String>();
    let rows: Vec<String> = counts.iter().map(labels).collect();
    let found = agreement(5, &rows);
    assert!((found.fleiss_kappa.value.unwrap() - 0.210).abs() < 5e-4, "{:?}", found.fleiss_kappa);
}

#[test]
fn kappa_of_fifty_grant_proposals() {
    // Twice yes 20, twice no 15, yes and no 5, no and yes 10: Cohen's kappa is 0.4.
    let rows = [vec!["11"; 20], vec!["00"; 15], vec!["10"; 5], vec!["01"; 10]].concat();
    let found = agreement(2, &rows);
    assert!((found.pairs[0].kappa.value.unwrap() - 0.4).abs() < 1e-12);
    assert_eq!(found.pairs[0].table.counts, [[15, 10], [5, 20]]);
}

#[derive(Deserialize)]
struct Case {
    name: String,
    n_labels: usize,
    rows: Vec<String>,
    agreement: f64,
    kappas: Vec<f64>,
    fleiss: f64,
    alpha: f64,
    label_kappa: Vec<f64>,
    label_alpha: Vec<f64>,
    specific: Vec<f64>,
}

#[test]
fn random_data_with_missing_labels_equal_the_python_packages() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("oracle/agreement.json")).unwrap();
    for case in cases {
        let found = agreement(case.n_labels, &case.rows);
        let same = |what: &str, actual: Option<f64>, expected: f64| {
            let actual = actual.unwrap();
            assert!((actual - expected).abs() < 1e-12, "{}: {what} {actual}, not {expected}", case.name);
        };
        same("agreement", found.agreement.ratio.value(), case.agreement);
        same("Fleiss' kappa", found.fleiss_kappa.value, case.fleiss);
        same("alpha", found.alpha.value, case.alpha);
        assert_eq!(found.pairs.len(), case.kappas.len());
        for (pair, kappa) in found.pairs.iter().zip(&case.kappas) {
            same("Cohen's kappa", pair.kappa.value, *kappa);
        }
        same(
            "mean kappa",
            found.mean_kappa.value,
            case.kappas.iter().sum::<f64>() / case.kappas.len() as f64,
        );
        for (number, label) in found.labels.iter().enumerate() {
            same("kappa of a label", label.kappa.value, case.label_kappa[number]);
            same("alpha of a label", label.alpha.value, case.label_alpha[number]);
            same("specific agreement", label.specific.ratio.value(), case.specific[number]);
        }
    }
}
