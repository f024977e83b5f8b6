//! The solvers' checks, and that threads and presolving change nothing.

use super::curvature::Curvature;
use super::design::{Compressed, Design};
use super::objective::Objective;
use super::panel::{Panel, map};
use super::real::Real;
use super::*;
use crate::features::{CsrMatrix, SparseRow};
use crate::labels::{LabelId, LabelSet};

/// Small whole numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn labels(n_classes: usize) -> LabelSet {
    LabelSet::new((0..n_classes).map(|c| format!("{c:03}"))).unwrap()
}

/// `n` rows whose class decides a part of their features; later features are rarer.
fn data(n: usize, d: u64, n_classes: u64) -> (CsrMatrix, Vec<LabelId>) {
    let labels = labels(usize::try_from(n_classes).unwrap());
    let mut numbers = Numbers(7);
    let mut x = CsrMatrix::new(usize::try_from(d).unwrap());
    let mut y = Vec::new();
    for _ in 0..n {
        let class = numbers.next(n_classes);
        let mut columns: Vec<u64> = (0..6).map(|_| (numbers.next(d) * numbers.next(d)) / d).collect();
        columns.push((class * 3 + numbers.next(4)) % d);
        columns.sort_unstable();
        columns.dedup();
        let mut row = SparseRow::new();
        for &j in &columns {
            row.push(u32::try_from(j).unwrap(), 0.25 + numbers.next(4) as f64 / 4.0);
        }
        x.push_row(row.view());
        y.push(labels.id_at(usize::try_from(class).unwrap()).unwrap());
    }
    (x, y)
}

fn problem<'a>(x: &'a CsrMatrix, y: &'a [LabelId], n_classes: usize) -> Problem<'a> {
    Problem { x, y, n_classes, sample_weight: None, class_weight: ClassWeights::Uniform, alpha: 0.5 }
}

#[test]
fn results_have_the_same_bytes_on_any_number_of_threads() {
    let (x, y) = data(3000, 5000, 4);
    let fit = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fit = pool.install(|| fit_sparse(&problem(&x, &y, 4), &SolverParams::default(), None)).unwrap();
        let bits: Vec<u64> = fit.coefficients.weights().iter().map(|w| w.to_bits()).collect();
        (bits, fit.report.objective.to_bits(), fit.report.iterations)
    };
    let one = fit(1);
    assert_eq!(one, fit(2));
    assert_eq!(one, fit(8));
}

#[test]
fn any_number_of_classes_converges() {
    for k in [2, 3, 5, 9] {
        let (x, y) = data(400, 60, k as u64);
        let fit = fit_sparse(&problem(&x, &y, k), &SolverParams::default(), None).unwrap();
        assert!(fit.report.converged, "{k}: {:?}", fit.report);
        // At the optimum the weights of each feature sum to 0, and so do the intercepts.
        for feature in 0..60 {
            assert!(fit.coefficients.weights_of(feature).iter().sum::<f64>().abs() < 1e-2, "{k}");
        }
        assert!(fit.coefficients.intercepts().iter().sum::<f64>().abs() < 1e-12, "{k}");
    }
}

#[test]
fn a_small_penalty_on_separable_rows_still_converges() {
    let (x, y) = data(60, 200, 3);
    let hard = Problem { alpha: 1e-6, ..problem(&x, &y, 3) };
    let fit = fit_sparse(&hard, &SolverParams::default(), None).unwrap();
    assert!(fit.report.converged, "{:?}", fit.report);
}

#[test]
fn weights_beyond_single_precision_are_fitted_in_double_precision() {
    // Both the weights and the penalty are scaled, so the optimum is that of the plain problem.
    let (x, y) = data(400, 60, 3);
    let plain = fit_sparse(&problem(&x, &y, 3), &SolverParams::default(), None).unwrap().coefficients;
    for scale in [1e60, 1e-60] {
        let weights = vec![scale; y.len()];
        let scaled = Problem { sample_weight: Some(&weights), alpha: 0.5 * scale, ..problem(&x, &y, 3) };
        let fit = fit_sparse(&scaled, &SolverParams::default(), None).unwrap();
        assert!(fit.report.converged, "{scale}: {:?}", fit.report);
        for (a, b) in fit.coefficients.weights().iter().zip(plain.weights()) {
            assert!((a - b).abs() < 1e-3, "{scale}: {a} against {b}");
        }
    }
}

#[test]
fn a_tolerance_below_single_precision_is_reached() {
    let (x, y) = data(400, 60, 3);
    let strict = SolverParams { gradient_tolerance: 1e-13, ..SolverParams::default() };
    let fit = fit_sparse(&problem(&x, &y, 3), &strict, None).unwrap();
    assert!(fit.report.converged, "{:?}", fit.report);
}

#[test]
fn gradient_and_curvature_are_those_of_the_objective() {
    let (x, y) = data(50, 12, 3);
    let design = Design::new(Compressed::from_rows(&x), Compressed::from_columns(&x));
    let weights: Vec<f64> = (0..50).map(|i| 0.5 + f64::from(i % 3)).collect();
    let objective = Objective { design: &design, y: &y, weights: &weights, n_classes: 3, alpha: 0.7 };
    let mut w = design.parameters(3);
    let mut along = design.parameters(3);
    let mut numbers = Numbers(3);
    for row in 0..13 {
        for class in 0..3 {
            w.row_mut(row)[class] = numbers.next(100) as f64 / 50.0 - 1.0;
            along.row_mut(row)[class] = numbers.next(100) as f64 / 50.0 - 1.0;
        }
    }
    let moved = |t: f64| {
        let mut there = w.clone();
        super::panel::axpy(t, along.flat(), there.flat_mut());
        objective.at(there)
    };
    let (here, h) = (objective.at(w.clone()), 1e-5);
    let (before, after) = (moved(-h), moved(h));
    let slope = super::panel::dot(here.gradient.flat(), along.flat());
    assert!((slope - (after.value - before.value) / (2.0 * h)).abs() < 1e-6 * slope.abs().max(1.0));
    let mut out = w.clone();
    let mut curvature = Curvature::<f64>::new(&objective);
    curvature.move_to(&here);
    let bend = curvature.times(&along, &mut out);
    assert!((bend - super::panel::dot(out.flat(), along.flat())).abs() < 1e-9 * bend);
    for (i, h_along) in out.flat().iter().enumerate() {
        let difference = (after.gradient.flat()[i] - before.gradient.flat()[i]) / (2.0 * h);
        assert!((h_along - difference).abs() < 1e-6, "{i}: {h_along} against {difference}");
    }
    let mut diagonal = w.clone();
    curvature.diagonal(&mut diagonal);
    let mut unit = design.parameters(3);
    unit.row_mut(4)[1] = 1.0;
    let own = curvature.times(&unit, &mut out);
    assert!((own - diagonal.row(4)[1]).abs() < 1e-12);
    // In single precision the same but for rounding.
    let mut curvature = Curvature::<f32>::new(&objective);
    curvature.move_to(&here);
    let (mut single, mut unit32) = (Panel::like(&w), Panel::like(&w));
    map(unit.flat(), unit32.flat_mut(), f32::of);
    assert!((curvature.times(&unit32, &mut single) - own).abs() < 1e-5);
    for (single, double) in single.flat().iter().zip(out.flat()) {
        assert!((single.wide() - double).abs() < 1e-5, "{single} against {double}");
    }
    let mut diagonal32 = Panel::like(&w);
    curvature.diagonal(&mut diagonal32);
    for (single, double) in diagonal32.flat().iter().zip(diagonal.flat()) {
        assert!((single.wide() - double).abs() < 1e-5, "{single} against {double}");
    }
}

#[test]
fn balanced_weights_are_rows_over_classes_times_support() {
    let labels = labels(2);
    let (common, rare) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
    let mut x = CsrMatrix::new(1);
    (0..4).for_each(|_| x.push_row(SparseRow::new().view()));
    let y = [common, common, common, rare];
    let balanced = Problem { class_weight: ClassWeights::Balanced, ..problem(&x, &y, 2) };
    // 4 rows, 2 classes: 4 / (2·3) and 4 / (2·1).
    assert_eq!(balanced.row_weights().unwrap(), [4.0 / 6.0, 4.0 / 6.0, 4.0 / 6.0, 2.0]);
    let explicit = Problem { class_weight: ClassWeights::Explicit(vec![2.0, 5.0]), ..problem(&x, &y, 2) };
    assert_eq!(explicit.row_weights().unwrap(), [2.0, 2.0, 2.0, 5.0]);
    // Without features the optimum has the classes' shares as probabilities.
    let fit = fit_sparse(&problem(&x, &y, 2), &SolverParams::default(), None).unwrap();
    let mut p = fit.coefficients.intercepts().to_vec();
    softmax(&mut p);
    assert!((p[0] - 0.75).abs() < 1e-6, "{p:?}");
}

#[test]
fn problems_that_cannot_be_fitted_say_why() {
    let labels = labels(3);
    let y: Vec<LabelId> = [0, 1, 1].map(|c| labels.id_at(c).unwrap()).to_vec();
    let matrix = |value: f64| {
        let mut x = CsrMatrix::new(1);
        for _ in 0..3 {
            let mut row = SparseRow::new();
            row.push(0, value);
            x.push_row(row.view());
        }
        x
    };
    let (x, nan) = (matrix(1.0), matrix(f64::NAN));
    let good = problem(&x, &y, 2);
    let weights = |w: &[f64]| ClassWeights::Explicit(w.to_vec());
    let mut all = Vec::new();
    for bad in [
        Problem { alpha: 0.0, ..good.clone() },
        Problem { alpha: f64::NAN, ..good.clone() },
        Problem { class_weight: weights(&[1.0]), ..good.clone() },
        Problem { class_weight: weights(&[1.0, 0.0]), ..good.clone() },
        Problem { y: &y[..2], ..good.clone() },
        Problem { n_classes: 1, ..good.clone() },
        Problem { n_classes: 3, ..good.clone() },
        Problem { x: &nan, ..good.clone() },
        Problem { sample_weight: Some(&[1.0]), ..good.clone() },
        Problem { sample_weight: Some(&[1.0, -1.0, 1.0]), ..good.clone() },
        Problem { sample_weight: Some(&[0.0, 1.0, 1.0]), ..good.clone() },
    ] {
        let error = fit_sparse(&bad, &SolverParams::default(), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            fit_sparse(&bad, &SolverParams::default(), None).unwrap_err().to_string()
        );
        all.push(error.to_string());
    }
    let zero = SolverParams { gradient_tolerance: 0.0, ..SolverParams::default() };
    all.push(fit_sparse(&good, &zero, None).unwrap_err().to_string());
    let warm = Coefficients::zeros(2, 2);
    all.push(fit_sparse(&good, &SolverParams::default(), Some(&warm)).unwrap_err().to_string());
    insta::assert_snapshot!(all.join("\n\n"));
}

/// Scores of `rows` rows of two classes whose log-odds are too large by `factor` and shifted by `shift`.
fn scored(rows: usize, factor: f64, shift: f64) -> (Vec<f64>, Vec<LabelId>) {
    let labels = labels(2);
    let mut numbers = Numbers(11);
    let (mut scores, mut gold) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let odds = numbers.next(6001) as f64 / 1000.0 - 3.0;
        let p = 1.0 / (1.0 + (-odds).exp());
        let is_first = (numbers.next(1_000_000) as f64) < p * 1e6;
        scores.extend([factor * (odds - shift), 0.0]);
        gold.push(labels.id_at(usize::from(!is_first)).unwrap());
    }
    (scores, gold)
}

#[test]
fn calibration_finds_the_temperature_and_the_bias_that_were_put_in() {
    let (scores, gold) = scored(20_000, 3.0, 0.8);
    let method = CalibrationMethod::TemperatureAndBias;
    let (calibration, warnings) = Calibration::fit(method, &scores, &gold, 2).unwrap();
    assert!(warnings.is_empty());
    assert!((calibration.temperature() - 3.0).abs() < 0.15, "{calibration:?}");
    let difference = calibration.bias()[0] - calibration.bias()[1];
    assert!((difference - 0.8).abs() < 0.08, "{calibration:?}");
    let (temperature, _) = Calibration::fit(CalibrationMethod::Temperature, &scores, &gold, 2).unwrap();
    assert_eq!(temperature.bias(), [0.0, 0.0]);
    let (identity, _) = Calibration::fit(CalibrationMethod::None, &scores, &gold, 2).unwrap();
    assert_eq!(identity, Calibration::identity(2));
}

#[test]
fn calibration_by_few_or_contrary_rows_stays_sober() {
    let labels = labels(2);
    let (a, b) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
    // All right: the temperature may fall, but not to nothing.
    let (sure, _) =
        Calibration::fit(CalibrationMethod::Temperature, &[1.0, 0.0, 0.0, 1.0], &[a, b], 2).unwrap();
    assert!(sure.temperature() > 0.5, "{sure:?}");
    // All wrong.
    let scores: Vec<f64> = (0..50).flat_map(|_| [5.0, 0.0]).collect();
    let (held, warnings) = Calibration::fit(CalibrationMethod::Temperature, &scores, &[b; 50], 2).unwrap();
    assert_eq!(warnings, [CalibrationWarning::Uninformative]);
    assert!((held.temperature() - 50.0).abs() < 1e-9, "{held:?}");
}

#[test]
fn calibration_refuses_what_does_not_fit() {
    let labels = labels(3);
    let id = |c| labels.id_at(c).unwrap();
    for (scores, gold, text) in [
        (vec![], vec![], "there are no out-of-fold scores to calibrate on"),
        (vec![1.0], vec![id(0)], "1 scores for 1 rows × 2 classes"),
        (vec![1.0, 0.0], vec![id(2)], "label number 2 of only 2 classes"),
        (vec![1.0, f64::NAN], vec![id(0)], "a score of row 0 is not a finite number"),
    ] {
        let error = Calibration::fit(CalibrationMethod::default(), &scores, &gold, 2).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    let stored = r#"{"temperature":-1.0,"bias":[0.0]}"#;
    assert!(serde_json::from_str::<Calibration>(stored).unwrap_err().to_string().starts_with(
        "the calibration has temperature -1 and biases [0.0]; expected finite numbers, the temperature above 0"
    ));
}

#[test]
fn thresholds_keep_as_much_as_the_target_allows() {
    let labels = labels(2);
    let (a, b) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
    let of = |rows: &[(bool, f64)]| -> Vec<Scored> {
        rows.iter()
            .map(|&(right, confidence)| Scored { gold: if right { a } else { b }, predicted: a, confidence })
            .collect()
    };
    let rows = of(&[(true, 0.9), (false, 0.8), (true, 0.7), (true, 0.6), (false, 0.5), (false, 0.5)]);
    for (target, min_count, expected) in [
        // 3 of 4 at 0.6
        (0.75, 1, Some((0.6, 4, 3))),
        // 1 of 1 at 0.9
        (1.0, 1, Some((0.9, 1, 1))),
        (1.0, 2, None),
        // 3 of 6: the two at 0.5 come together, so 3 of 5 is no choice
        (0.5, 1, Some((0.5, 6, 3))),
        (0.6, 5, None),
        (0.0, 7, None),
    ] {
        let params = ThresholdParams { target_precision: target, min_count };
        let (thresholds, choices) = Thresholds::choose(&params, &rows, &labels).unwrap();
        let choice = &choices[0];
        let got = choice.threshold.map(|t| (t.get(), choice.kept, choice.correct));
        assert_eq!((got, choice.predicted), (expected, 6), "{target} {min_count}");
        assert_eq!(thresholds.per_label(), [choice.threshold, None]);
    }
}

#[test]
fn thresholds_outside_their_range_are_refused() {
    let labels = labels(2);
    let choose = |target_precision, min_count| {
        let params = ThresholdParams { target_precision, min_count };
        Thresholds::choose(&params, &[], &labels).unwrap_err().to_string()
    };
    assert_eq!(choose(1.5, 1), "the target precision is 1.5; expected a number from 0 to 1");
    assert_eq!(choose(0.5, 0), "the minimum count is 0; expected at least 1");
    assert_eq!(
        Threshold::new(f64::NAN).unwrap_err().to_string(),
        "a threshold is NaN; expected a number from 0 to 1"
    );
}
