//! Multinomial logistic regression on sparse rows, and what makes its probabilities usable: calibration, thresholds and
//! the correction for other class shares.
//!
//! One objective, two solvers. For rows `xᵢ` (n × d) with labels `yᵢ`, row weights `wᵢ`, feature weights `W` (d × k)
//! and intercepts `b` (k):
//!
//! ```text
//! f(W, b) = −Σᵢ wᵢ ln p(yᵢ | xᵢ) + α/2 ‖W‖²      p(· | x) = softmax(xᵀW + b)
//! ```
//!
//! Intercepts are not penalised. This is scikit-learn's `LogisticRegression` with `C = 1/α`. [`fit_sparse`] minimises it
//! on the sparse rows, [`fit_linfa`] hands a dense copy to the `linfa-logistic` crate. The results of both, and of all
//! that is summed in parallel here, have the same bytes on any number of threads.
//!
//! Nothing here reads or writes files.

mod calibration;
mod coefficients;
mod collapse;
mod curvature;
mod design;
mod linfa;
mod newton;
mod objective;
mod panel;
mod prior;
mod problem;
mod real;
mod report;
mod sparse;
#[cfg(test)]
mod tests;
mod thresholds;

pub use calibration::{Calibration, CalibrationMethod, CalibrationWarning};
pub use coefficients::{Coefficients, softmax};
pub use linfa::{LINFA_MAX_CELLS, fit_linfa, linfa_cells};
pub use prior::PriorShift;
pub use problem::{ClassWeights, Problem, SolverParams};
pub use report::{Fit, FitReport, FitWarning, Solver};
pub use sparse::fit_sparse;
pub use thresholds::{Scored, Threshold, ThresholdChoice, ThresholdParams, Thresholds};
