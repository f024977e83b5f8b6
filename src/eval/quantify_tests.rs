//! Corrected shares on simulated rows of known shares.

use super::*;
use crate::labels::LabelSet;

/// The shares of the labels where the classifier was trained, and in the texts to be summed up.
const TRAINED: [f64; 3] = [0.6, 0.3, 0.1];
const TRUTH: [f64; 3] = [0.2, 0.3, 0.5];

/// How far apart the labels lie; the classifier is right in about two thirds of the rows.
const DISTANCE: f64 = 1.5;

/// A row of label `gold`: the label that a classifier gives it that knows all but the shares, and its probabilities.
fn row(random: &mut Random, gold: usize) -> (usize, [f64; 3]) {
    let signal: [f64; 3] =
        std::array::from_fn(|label| random.normal() + if label == gold { DISTANCE } else { 0.0 });
    let odds: [f64; 3] = std::array::from_fn(|label| TRAINED[label] * (DISTANCE * signal[label]).exp());
    let sum: f64 = odds.iter().sum();
    let label = (0..3).max_by(|&a, &b| odds[a].total_cmp(&odds[b])).unwrap();
    (label, odds.map(|odds| odds / sum))
}

fn draw(random: &mut Random, shares: &[f64; 3]) -> usize {
    let at = random.unit();
    if at < shares[0] { 0 } else { 1 + usize::from(at >= shares[0] + shares[1]) }
}

/// The errors on `rows` rows of training shares.
fn errors(random: &mut Random, rows: usize) -> ErrorRates {
    let mut confusion = vec![vec![0; 3]; 3];
    for _ in 0..rows {
        let gold = draw(random, &TRAINED);
        confusion[gold][row(random, gold).0] += 1;
    }
    ErrorRates::new(&LabelSet::new(["a", "b", "c"]).unwrap(), &confusion).unwrap()
}

/// Rows with the true shares, eight in a document.
fn tally(random: &mut Random, rows: u64) -> Tally {
    let mut tally = Tally::new(3, true);
    for number in 0..rows {
        let gold = draw(random, &TRUTH);
        let (label, probabilities) = row(random, gold);
        tally.add(u8::try_from(label).unwrap(), &probabilities, number / 8);
    }
    tally
}

fn few(replicates: usize) -> BootstrapParams {
    BootstrapParams { replicates, level: 0.95, seed: 5 }
}

/// Mean absolute error, and the share of intervals that hold the truth, over 100 groups of 240 rows.
fn measured(quantifier: impl Fn(&ErrorRates) -> Quantifier) -> (f64, f64) {
    let (mut error, mut inside) = (0.0, 0.0);
    for stream in 0..100 {
        let mut random = Random::new(11, stream);
        let rates = errors(&mut random, 800);
        let estimates = quantifier(&rates).shares(&mut tally(&mut random, 240));
        for (estimate, truth) in estimates.iter().zip(TRUTH) {
            error += (estimate.value.unwrap() - truth).abs() / 300.0;
            let interval = estimate.interval.unwrap();
            inside += f64::from(u8::from(interval.low <= truth && truth <= interval.high)) / 300.0;
        }
    }
    (error, inside)
}

#[test]
fn corrected_shares_are_nearer_to_the_truth_and_their_intervals_hold_it() {
    let (raw, raw_inside) = measured(|_| Quantifier::counting(3, few(200)).unwrap());
    let (adjusted, adjusted_inside) = measured(|rates| Quantifier::adjusted(rates, few(200)).unwrap());
    let (em, em_inside) = measured(|rates| Quantifier::em(&TRAINED, rates, None, few(200)).unwrap());
    println!(
        "error {raw:.4} {adjusted:.4} {em:.4}, inside {raw_inside:.3} {adjusted_inside:.3} {em_inside:.3}"
    );
    assert!(adjusted < 0.6 * raw && em < 0.6 * raw, "raw {raw}, adjusted {adjusted}, em {em}");
    // 95 % of 300, of which three at a time go together: 100 independent ones have a standard error of 2 %.
    for inside in [adjusted_inside, em_inside] {
        assert!((0.89..=0.995).contains(&inside), "{inside}");
    }
    assert!(raw_inside < 0.5, "what is not corrected for is not in the interval either: {raw_inside}");
}

#[test]
fn cells_change_the_shares_by_less_than_a_thousandth() {
    let mut random = Random::new(12, 0);
    let rates = errors(&mut random, 2000);
    let (mut tally, mut rows) = (Tally::new(3, false), Vec::new());
    for number in 0..4000 {
        let gold = draw(&mut random, &TRUTH);
        let (label, probabilities) = row(&mut random, gold);
        tally.add(u8::try_from(label).unwrap(), &probabilities, number);
        rows.extend(probabilities);
    }
    let exact = em_shares(&rows, &vec![1.0; 4000], &TRAINED, &[1.0 / 3.0; 3], EmStop::default());
    let binned = Quantifier::em(&TRAINED, &rates, None, few(1)).unwrap().shares(&mut tally);
    for (exact, binned) in exact.iter().zip(&binned) {
        assert!((exact - binned.value.unwrap()).abs() < 1e-3, "{exact} {binned:?}");
    }
}

#[test]
fn errors_of_another_kind_are_put_right_by_rows_of_ones_own() {
    // Here half of the rows that would be called c are called a, and the probabilities are exchanged with the label.
    let mut random = Random::new(13, 0);
    let model = errors(&mut random, 5000);
    let mut confused = |gold: usize| {
        let (label, mut probabilities) = row(&mut random, gold);
        if label == 2 && random.below(2) == 0 {
            probabilities.swap(0, 2);
            return (0, probabilities);
        }
        (label, probabilities)
    };
    let mut confusion = vec![vec![0; 3]; 3];
    (0..3000).for_each(|number| confusion[number % 3][confused(number % 3).0] += 1);
    let mut tally = Tally::new(3, false);
    for number in 0..3000 {
        let gold = [0, 0, 1, 1, 1, 2, 2, 2, 2, 2][number % 10];
        let (label, probabilities) = confused(gold);
        tally.add(u8::try_from(label).unwrap(), &probabilities, number as u64);
    }
    let own = ErrorRates::new(&LabelSet::new(["a", "b", "c"]).unwrap(), &confusion).unwrap();
    let error = |own| {
        let shares = Quantifier::em(&TRAINED, &model, own, few(1)).unwrap().shares(&mut tally.clone());
        shares.iter().zip(TRUTH).map(|(share, truth)| (share.value.unwrap() - truth).abs()).sum::<f64>() / 3.0
    };
    let (with, without) = (error(Some(&own)), error(None));
    assert!(with < 0.5 * without, "with own errors {with}, without {without}");
}

#[test]
fn the_answer_does_not_hang_on_threads_but_on_the_seed() {
    let shares = |threads, seed| {
        let mut random = Random::new(14, 0);
        let (rates, mut tally) = (errors(&mut random, 300), tally(&mut random, 100));
        let bootstrap = BootstrapParams { seed, ..few(50) };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Quantifier::em(&TRAINED, &rates, None, bootstrap).unwrap().shares(&mut tally))
    };
    assert_eq!(shares(1, 1), shares(8, 1));
    assert_ne!(shares(1, 1), shares(1, 2));
}

#[test]
fn few_documents_have_no_interval_and_a_label_that_nobody_gave_has_one() {
    let quantifier = Quantifier::counting(2, few(100)).unwrap();
    let mut one = Tally::new(0, true);
    (0..50).for_each(|_| one.add(0, &[], 7));
    assert_eq!(quantifier.shares(&mut one)[0], Estimate { value: Some(1.0), interval: None });
    let mut four = Tally::new(0, true);
    (0..48_u8).for_each(|row| four.add(row % 2, &[], u64::from(row) / 12));
    assert!(quantifier.shares(&mut four).iter().all(|share| share.interval.is_none()));
    let mut ten = Tally::new(0, true);
    (0..50).for_each(|row| ten.add(0, &[], row / 5));
    // None in ten documents: at most 1 − 0.025^(1/10) of them have it.
    let none = quantifier.shares(&mut ten)[1].interval.unwrap();
    assert!(none.low == 0.0 && (none.high - 0.3085).abs() < 1e-4, "{none:?}");
}
