//! TF-IDF and logistic regression against the numbers of scikit-learn, which stand in `tests/oracle` beside the scripts
//! that made them.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use serde::Deserialize;
use stancewire::classifier::{
    ClassWeights, Coefficients, Fit, LINFA_MAX_CELLS, Problem, SolverParams, fit_linfa, fit_sparse,
    linfa_cells, softmax,
};
use stancewire::features::{CountedDocs, CsrMatrix, Norm, SparseRow, TermCounts, TfidfParams};
use stancewire::labels::{LabelId, LabelSet};

#[derive(Deserialize)]
struct TfidfOracle {
    fit: Vec<String>,
    new: Vec<String>,
    cases: Vec<TfidfCase>,
}

#[derive(Deserialize)]
struct TfidfCase {
    smooth_idf: bool,
    sublinear_tf: bool,
    min_df: u32,
    norm: Norm,
    terms: Vec<String>,
    idf: Vec<f64>,
    rows: Vec<OracleRow>,
}

#[derive(Deserialize)]
struct OracleRow {
    columns: Vec<u32>,
    values: Vec<f64>,
}

fn counted(texts: &[String]) -> Vec<TermCounts> {
    texts.iter().map(|t| TermCounts::from_terms(t.split(' '))).collect()
}

fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance, "{what}, place {i}: {a} against {b}");
    }
}

#[test]
fn tfidf_is_that_of_scikit_learn_to_1e_12() {
    let oracle: TfidfOracle = serde_json::from_str(include_str!("oracle/tfidf.json")).unwrap();
    let fitted = counted(&oracle.fit);
    let docs: CountedDocs = fitted.iter().collect();
    assert_eq!(oracle.cases.len(), 16);
    for case in &oracle.cases {
        let params = TfidfParams {
            min_df: case.min_df,
            max_features: None,
            sublinear_tf: case.sublinear_tf,
            smooth_idf: case.smooth_idf,
            norm: case.norm,
        };
        let what = format!("{params:?}");
        let tfidf = params.fit(&docs).unwrap();
        assert!(tfidf.vocabulary().terms().eq(case.terms.iter().map(String::as_str)), "{what}");
        assert_close(tfidf.idf(), &case.idf, 1e-12, &what);
        let all = fitted.iter().cloned().chain(counted(&oracle.new));
        for (doc, theirs) in all.zip(&case.rows) {
            let row = tfidf.transform(&doc);
            assert_eq!(row.indices(), theirs.columns, "{what}");
            assert_close(row.values(), &theirs.values, 1e-12, &what);
        }
    }
}

#[derive(Deserialize)]
struct LogisticOracle {
    n_columns: usize,
    n_classes: usize,
    rows: Vec<Vec<(u32, f64)>>,
    y: Vec<usize>,
    sample_weight: Vec<f64>,
    cases: Vec<LogisticCase>,
}

#[derive(Deserialize)]
struct LogisticCase {
    name: String,
    class_weight: ClassWeights,
    use_samples: bool,
    alpha: f64,
    objective: f64,
    weights: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

struct Data {
    oracle: LogisticOracle,
    x: CsrMatrix,
    y: Vec<LabelId>,
}

impl Data {
    fn read() -> Self {
        let oracle: LogisticOracle = serde_json::from_str(include_str!("oracle/logistic.json")).unwrap();
        let labels = LabelSet::new((0..oracle.n_classes).map(|c| format!("class {c}"))).unwrap();
        let mut x = CsrMatrix::new(oracle.n_columns);
        for entries in &oracle.rows {
            let mut row = SparseRow::new();
            for &(j, v) in entries {
                row.push(j, v);
            }
            x.push_row(row.view());
        }
        let y = oracle.y.iter().map(|&c| labels.id_at(c).unwrap()).collect();
        Self { oracle, x, y }
    }

    fn problem(&self, case: &LogisticCase) -> Problem<'_> {
        Problem {
            x: &self.x,
            y: &self.y,
            n_classes: self.oracle.n_classes,
            sample_weight: case.use_samples.then_some(&self.oracle.sample_weight),
            class_weight: case.class_weight.clone(),
            alpha: case.alpha,
        }
    }

    fn probabilities(&self, coefficients: &Coefficients, row: usize) -> Vec<f64> {
        let mut scores = vec![0.0; self.oracle.n_classes];
        coefficients.decision_into(self.x.row(row), &mut scores);
        softmax(&mut scores);
        scores
    }

    /// Compares a fit with scikit-learn's optimum.
    fn compare(&self, fit: &Fit, case: &LogisticCase, tolerance: f64) {
        let what = format!("{}, alpha {}", case.name, case.alpha);
        assert!(fit.report.converged && fit.warnings.is_empty(), "{what}: {:?}", fit.report);
        let difference = (fit.report.objective - case.objective) / case.objective;
        assert!(difference.abs() < 1e-12, "{what}: objective off by {difference:e}");
        assert_close(fit.coefficients.weights(), &case.weights.concat(), tolerance, &what);
        assert_close(fit.coefficients.intercepts(), &case.intercepts, tolerance, &what);
        for (i, theirs) in case.probabilities.iter().enumerate() {
            assert_close(&self.probabilities(&fit.coefficients, i), theirs, tolerance, &what);
        }
    }
}

fn exact() -> SolverParams {
    SolverParams { gradient_tolerance: 1e-10, ..SolverParams::default() }
}

#[test]
fn the_sparse_solver_finds_the_optimum_of_scikit_learn() {
    let data = Data::read();
    assert_eq!(data.oracle.cases.len(), 8);
    for case in &data.oracle.cases {
        let fit = fit_sparse(&data.problem(case), &exact(), None).unwrap();
        data.compare(&fit, case, 1e-7);
    }
}

#[test]
fn the_linfa_solver_finds_the_same_optimum() {
    let data = Data::read();
    assert_eq!(linfa_cells(&data.x), 48 * 12, "16 columns less the empty one and three that repeat others");
    for case in data.oracle.cases.iter().filter(|c| c.name == "uniform") {
        let params = SolverParams { gradient_tolerance: 1e-8, ..SolverParams::default() };
        data.compare(&fit_linfa(&data.problem(case), &params).unwrap(), case, 1e-5);
    }
}

#[test]
fn a_warm_start_changes_the_time_and_not_the_result() {
    let data = Data::read();
    let at = |name: &str, alpha: f64| {
        let is_it = |c: &&LogisticCase| c.name == name && (c.alpha - alpha).abs() < 1e-9;
        data.oracle.cases.iter().find(is_it).unwrap()
    };
    let smooth = fit_sparse(&data.problem(at("uniform", 1.0)), &exact(), None).unwrap();
    let sharp = at("uniform", 0.05);
    let warm = fit_sparse(&data.problem(sharp), &exact(), Some(&smooth.coefficients)).unwrap();
    data.compare(&warm, sharp, 1e-7);
    let again = fit_sparse(&data.problem(sharp), &exact(), Some(&warm.coefficients)).unwrap();
    assert!(again.report.iterations <= Some(1), "{:?}", again.report);
}

#[test]
fn linfa_tells_when_it_did_not_converge() {
    let data = Data::read();
    let params = SolverParams { max_iterations: 2, ..SolverParams::default() };
    let problem = data.problem(&data.oracle.cases[0]);
    for fit in [fit_linfa(&problem, &params).unwrap(), fit_sparse(&problem, &params, None).unwrap()] {
        assert!(!fit.report.converged);
        assert_eq!(fit.warnings.len(), 1);
        assert!(fit.warnings[0].to_string().contains("did not converge within 2 iterations"));
    }
}

#[test]
fn linfa_refuses_weights_and_too_many_cells() {
    let data = Data::read();
    let weighted = data.problem(data.oracle.cases.iter().find(|c| c.use_samples).unwrap());
    assert_eq!(
        fit_linfa(&weighted, &exact()).unwrap_err().to_string(),
        "the linfa solver does not know class or sample weights\n  use the sparse solver, or leave the weights out"
    );
    // Every row has its own column in common with the next one, so that no two columns are alike.
    let n = 12_000;
    assert!(n * n > LINFA_MAX_CELLS);
    let mut x = CsrMatrix::new(n);
    for i in 0..u32::try_from(n).unwrap() {
        let mut row = SparseRow::new();
        row.push(i.saturating_sub(1), 1.0);
        if i > 0 {
            row.push(i, 1.0);
        }
        x.push_row(row.view());
    }
    let y: Vec<LabelId> = (0..n).map(|i| data.y[i % data.y.len()]).collect();
    let problem = Problem { x: &x, y: &y, ..data.problem(&data.oracle.cases[0]) };
    assert_eq!(
        fit_linfa(&problem, &exact()).unwrap_err().to_string(),
        "12000 rows × 12000 features are 144000000 numbers; the linfa solver takes at most 134217728\n  use the sparse solver"
    );
}
