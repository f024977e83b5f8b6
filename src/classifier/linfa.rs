//! The solver of the `linfa-logistic` crate, on a dense copy of the rows.

use ::linfa::Dataset;
use ::linfa::prelude::Fit as _;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2};

use super::collapse::Collapse;
use super::design::Design;
use super::objective::Objective;
use super::panel::Panel;
use super::problem::{ClassWeights, Problem, SolverParams};
use super::report::{Fit, FitReport, FitWarning, Solver};
use super::sparse::log_shares;
use crate::error::{Error, ErrorKind, Result};
use crate::features::CsrMatrix;

/// The most cells, rows × distinguishable features, of the dense copy: 2²⁷, which is 1 GiB.
pub const LINFA_MAX_CELLS: usize = 1 << 27;

/// How many cells the dense copy of `x` would have: its rows times the features that the solver can tell apart.
///
/// Features that occur in one row only, or always together and equally, count as one: they get their weights in
/// proportion to each other, and both solvers put them together beforehand, which does not change the optimum.
#[must_use]
pub fn linfa_cells(x: &CsrMatrix) -> usize {
    cells(&Collapse::new(x).1)
}

fn cells(design: &Design) -> usize {
    design.n_rows().saturating_mul(design.n_cols())
}

/// Fits with `linfa_logistic::MultiLogisticRegression` (L-BFGS, dense rows, one thread).
///
/// linfa stops in silence when its iterations run out, so the gradient is measured again at its result:
/// [`FitReport::converged`] and the warning tell the truth. It starts from the logarithms of the class shares, which
/// also keeps its scores small; its log-sum-exp subtracts the maximum of all rows together, and a row far below the
/// maximum would lose its loss.
///
/// # Errors
/// Those of [`super::fit_sparse`]; and [`ErrorKind::Settings`] when weights are given, which linfa does not know, and when
/// the dense copy would have more than [`LINFA_MAX_CELLS`] cells.
pub fn fit_linfa(problem: &Problem<'_>, params: &SolverParams) -> Result<Fit> {
    params.check()?;
    if problem.sample_weight.is_some() || problem.class_weight != ClassWeights::Uniform {
        return Err(Error::new(
            ErrorKind::Settings,
            "the linfa solver does not know class or sample weights",
        )
        .advise("use the sparse solver, or leave the weights out"));
    }
    let weights = problem.row_weights()?;
    let (collapse, design) = Collapse::new(problem.x);
    check_cells(&design)?;
    let target = params.gradient_tolerance * weights.iter().sum::<f64>();
    let w = run(problem, &design, params, target)?;
    let objective = Objective {
        design: &design,
        y: problem.y,
        weights: &weights,
        n_classes: problem.n_classes,
        alpha: problem.alpha,
    };
    let point = objective.at(w);
    let gradient_norm = super::panel::dot(point.gradient.flat(), point.gradient.flat()).sqrt();
    let converged = gradient_norm <= target;
    let max_iterations = params.max_iterations;
    let warning = FitWarning::NotConverged { solver: Solver::Linfa, max_iterations, gradient_norm, target };
    Ok(Fit {
        coefficients: collapse.expand(&point.w, problem.n_classes),
        report: FitReport {
            solver: Solver::Linfa,
            iterations: None,
            gradient_norm,
            objective: point.value,
            converged,
        },
        warnings: if converged { Vec::new() } else { vec![warning] },
    })
}

fn check_cells(design: &Design) -> Result<()> {
    let cells = cells(design);
    if cells <= LINFA_MAX_CELLS {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Settings,
        format!(
            "{} rows × {} features are {cells} numbers; the linfa solver takes at most {LINFA_MAX_CELLS}",
            design.n_rows(),
            design.n_cols()
        ),
    )
    .advise("use the sparse solver"))
}

/// linfa's parameters: a row per reduced feature, the intercepts in the last.
fn run(problem: &Problem<'_>, design: &Design, params: &SolverParams, target: f64) -> Result<Panel> {
    let (d, k) = (design.n_cols(), problem.n_classes);
    let mut dense = Array2::<f64>::zeros((design.n_rows(), d));
    for (i, mut row) in dense.outer_iter_mut().enumerate() {
        let (index, values) = design.rows.row::<f64>(i);
        index.iter().zip(values).for_each(|(&j, &value)| row[j as usize] = value);
    }
    let classes: Array1<usize> = problem.y.iter().map(|y| y.index()).collect();
    let mut start = Array2::zeros((d + 1, k));
    let shares = log_shares(classes.iter().map(|&c| (c, &1.0)), k);
    start.row_mut(d).iter_mut().zip(&shares).for_each(|(s, v)| *s = *v);
    let fitted = MultiLogisticRegression::default()
        .alpha(problem.alpha)
        .max_iterations(params.max_iterations as u64)
        // A little stricter, so that its sum and ours cannot disagree about having converged.
        .gradient_tolerance(target * 0.99)
        .initial_params(start)
        .fit(&Dataset::new(dense, classes))
        .map_err(|e| {
            Error::new(ErrorKind::Training, format!("the linfa solver failed: {e}"))
                .advise("use the sparse solver")
        })?;
    let mut w = design.parameters(k);
    for (j, from) in fitted.params().outer_iter().enumerate() {
        w.row_mut(j).iter_mut().zip(from).for_each(|(o, v)| *o = *v);
    }
    w.row_mut(d).iter_mut().zip(fitted.intercept()).for_each(|(o, v)| *o = *v);
    Ok(w)
}
