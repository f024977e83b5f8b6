use super::*;

/// One row per string, one annotator per character: a digit is a label, a point none.
fn rated(
    n_labels: usize,
    rows: &[&str],
    documents: Option<&[u32]>,
    bootstrap: Option<BootstrapParams>,
) -> Result<Agreement> {
    let rating = |c: char| c.to_digit(10).map(|digit| digit as usize);
    let ratings: Vec<Vec<Rating>> = rows.iter().map(|row| row.chars().map(rating).collect()).collect();
    let names = |n: usize| (0..n).map(|number| number.to_string()).collect::<Vec<_>>();
    let annotators = names(rows.first().map_or(2, |row| row.len()));
    Agreement::new(&AgreementInput {
        data: "example",
        annotators: &annotators,
        labels: &names(n_labels),
        ratings: &ratings,
        documents,
        bootstrap,
    })
}

fn plain(n_labels: usize, rows: &[&str]) -> Agreement {
    rated(n_labels, rows, None, None).unwrap()
}

fn same(found: Coefficient, expected: f64) {
    let value = found.value.unwrap();
    assert!((value - expected).abs() < 1e-12, "{value}, not {expected}");
}

#[test]
fn two_annotators_by_hand() {
    // Five rows, one of them without a second label: 00 00 01 11 leave N = 4, p_o = 3/4, margins 3:1 and 2:2.
    let found = plain(2, &["00", "00", "01", "11", "1."]);
    assert_eq!(found.agreement.ratio, Ratio::new(3, 4));
    // p_e = (3·2 + 1·2) / 16 = 1/2; κ = (3/4 − 1/2) / (1/2).
    same(found.pairs[0].kappa, 0.5);
    same(found.mean_kappa, 0.5);
    // Scott's π: shares 5/8 and 3/8, p_e = 34/64, π = (48 − 34) / (64 − 34).
    same(found.fleiss_kappa, 14.0 / 30.0);
    // α: n = 8, one row apart: 1 − 7·(8 − 6) / (64 − 34).
    same(found.alpha, 1.0 - 14.0 / 30.0);
    // Label 0: given 3 and 2 times, 2 of each together; label 1: 1 and 2 times, once together.
    let specific: Vec<Ratio> = found.labels.iter().map(|label| label.specific.ratio).collect();
    assert_eq!(specific, [Ratio::new(4, 5), Ratio::new(2, 3)]);
    // With two labels each against the rest is the same question as both together.
    for label in &found.labels {
        same(label.kappa, 0.5);
        same(label.alpha, 1.0 - 14.0 / 30.0);
    }
    assert_eq!((found.rows, found.shared_rows, found.complete_rows, found.disagreed_rows), (5, 4, 4, 1));
    let second = &found.annotators[1];
    assert_eq!((second.labelled, second.missing, second.given.as_slice()), (4, 1, &[2, 2][..]));
    assert_eq!(found.pairs[0].table.counts, [[2, 1], [0, 1]]);
}

#[test]
fn perfect_agreement_is_one_and_systematic_disagreement_below_zero() {
    let found = plain(3, &["000", "111", "222", "000"]);
    for coefficient in [found.mean_kappa, found.fleiss_kappa, found.alpha] {
        same(coefficient, 1.0);
    }
    // Never the same, margins 1/2 each: κ = (0 − 1/2) / (1/2).
    let found = plain(2, &["01", "10", "01", "10"]);
    same(found.mean_kappa, -1.0);
    same(found.fleiss_kappa, -1.0);
    // n = 8, every row apart: 1 − 7·8 / (64 − 32).
    same(found.alpha, -0.75);
}

#[test]
fn a_row_with_one_label_counts_nowhere() {
    let with = plain(3, &["00", "01", "22", "2.", ".1", ".."]);
    let without = plain(3, &["00", "01", "22"]);
    assert_eq!(with.alpha, without.alpha);
    assert_eq!((with.pairs[0].kappa, with.agreement), (without.pairs[0].kappa, without.agreement));
    assert_eq!((with.rows, with.shared_rows), (6, 3));
}

#[test]
fn what_is_undefined_says_why() {
    let found = plain(1, &["00", "00"]);
    for coefficient in [found.mean_kappa, found.fleiss_kappa, found.alpha, found.labels[0].alpha] {
        assert_eq!((coefficient.value, coefficient.undefined), (None, Some(Undefined::OneLabel)));
    }
    let found = plain(2, &["0.", ".1"]);
    assert_eq!(found.alpha.undefined, Some(Undefined::NoSharedRows));
    assert_eq!(found.mean_kappa.undefined, Some(Undefined::NoSharedRows));
    assert_eq!(found.agreement.ratio.value(), None);
    let found = plain(2, &["01.", ".10", "1.1"]);
    assert_eq!(found.fleiss_kappa.undefined, Some(Undefined::NoCompleteRows));
    assert!(found.alpha.value.is_some());
    let found = plain(3, &["00", "01", ".2"]);
    assert_eq!(found.labels[2].alpha.undefined, Some(Undefined::LabelNotGiven));
    assert_eq!((found.labels[2].kappa.undefined, found.labels[2].given), (Some(Undefined::LabelNotGiven), 1));
}

#[test]
fn the_mean_leaves_out_pairs_without_common_rows() {
    let found = plain(2, &["00.", "01.", "11.", "10.", "00."]);
    assert_eq!(found.pairs[1].kappa.undefined, Some(Undefined::NoSharedRows));
    assert_eq!(found.mean_kappa.value, found.pairs[0].kappa.value);
}

#[test]
fn intervals_belong_to_their_scores() {
    // Documents that are all alike: each resample repeats the data, so intervals of shares shrink to the share, and
    // those of coefficients that do not hang on the size of the sample are left out.
    let block = ["000", "011", "112", "222", "20.", "110"];
    let rows: Vec<&str> = (0..8).flat_map(|_| block).collect();
    let documents: Vec<u32> = (0..48).map(|row| row / 6).collect();
    let params = BootstrapParams { replicates: 40, ..BootstrapParams::default() };
    let found = rated(3, &rows, Some(&documents), Some(params)).unwrap();
    let shares = found.pairs.iter().map(|pair| pair.agreement).chain(found.labels.iter().map(|l| l.specific));
    for share in shares.chain([found.agreement, found.unanimous]) {
        let (value, interval) = (share.ratio.value().unwrap(), share.interval.unwrap());
        assert!((value - interval.low).abs() < 1e-12 && (value - interval.high).abs() < 1e-12, "{share:?}");
    }
    assert_eq!(found.documents, Some(8));
    assert!(found.warnings.is_empty());
}

#[test]
fn intervals_hold_the_score_and_depend_on_the_seed_only() {
    let rows: Vec<String> = (0..60)
        .map(|i| {
            format!(
                "{}{}{}",
                i % 3,
                if i % 5 == 0 { (i + 1) % 3 } else { i % 3 },
                if i % 7 == 0 { 0 } else { i % 3 }
            )
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let with = |seed| {
        let params = BootstrapParams { seed, replicates: 300, ..BootstrapParams::default() };
        rated(3, &rows, None, Some(params)).unwrap()
    };
    let found = with(1);
    for coefficient in [found.mean_kappa, found.fleiss_kappa, found.alpha, found.labels[1].alpha] {
        let (value, interval) = (coefficient.value.unwrap(), coefficient.interval.unwrap());
        assert!(interval.low < value && value < interval.high, "{coefficient:?}");
    }
    assert_eq!(found, with(1));
    assert_ne!(found.alpha.interval, with(2).alpha.interval);
    assert_eq!(found.warnings, [Warning::DocumentsUnknown]);
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(found, one_thread.install(|| with(1)));
}

#[test]
fn perfect_agreement_claims_no_certainty() {
    let found = rated(2, &["00", "11", "00", "11"], None, Some(BootstrapParams::default())).unwrap();
    assert_eq!((found.alpha.value, found.alpha.interval), (Some(1.0), None));
    // 0.025^(1/4) = 0.3976.
    assert!((found.agreement.interval.unwrap().low - 0.397_635_364).abs() < 1e-8);
}

#[test]
fn bad_input_is_refused() {
    insta::assert_snapshot!(rated(2, &[], None, None).unwrap_err(), @"there is no labelled row to compare annotators on");
    insta::assert_snapshot!(rated(2, &["0", "1"], None, None).unwrap_err(), @"1 annotator; expected at least two to compare");
    insta::assert_snapshot!(rated(2, &["00", "0"], None, None).unwrap_err(), @"row 2 has 1 labels; expected 2, one per annotator");
    insta::assert_snapshot!(rated(2, &["02"], None, None).unwrap_err(), @"label number 2 among 2 labels");
    insta::assert_snapshot!(rated(2, &["01"], Some(&[1, 2]), None).unwrap_err(), @"2 document numbers for 1 rows; expected one each");
}
