//! What a solver hands back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::coefficients::Coefficients;

/// Which solver fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// [`super::fit_sparse`].
    Sparse,
    /// [`super::fit_linfa`].
    Linfa,
}

impl fmt::Display for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sparse => "sparse",
            Self::Linfa => "linfa",
        })
    }
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitReport {
    /// Which solver it was.
    pub solver: Solver,
    /// Its iterations: Newton steps, or `None` where the solver does not tell (linfa).
    pub iterations: Option<usize>,
    /// `‖∇f‖₂` at the result.
    pub gradient_norm: f64,
    /// `f` at the result.
    pub objective: f64,
    /// Whether the gradient is as small as was asked for.
    pub converged: bool,
}

/// Something about a fit that its user should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FitWarning {
    /// The solver stopped before the gradient was as small as was asked for.
    NotConverged {
        /// Which solver it was.
        solver: Solver,
        /// The most iterations it was allowed.
        max_iterations: usize,
        /// `‖∇f‖₂` where it stopped.
        gradient_norm: f64,
        /// The norm that was asked for.
        target: f64,
    },
}

impl FitWarning {
    /// What the user can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotConverged { solver: Solver::Linfa, .. } => {
                "use the sparse solver, raise max_iterations, or raise alpha"
            }
            Self::NotConverged { .. } => "raise max_iterations, or raise alpha",
        }
    }
}

impl fmt::Display for FitWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConverged { solver, max_iterations, gradient_norm, target } => write!(
                f,
                "the {solver} solver did not converge within {max_iterations} iterations: \
                 gradient norm {gradient_norm:.2e}, expected at most {target:.2e}"
            ),
        }
    }
}

/// A fitted classifier, how the fit went, and what to beware of.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub coefficients: Coefficients,
    /// How it went.
    pub report: FitReport,
    /// What to beware of; empty when all went well.
    pub warnings: Vec<FitWarning>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_says_how_far_it_came_and_what_to_do() {
        let warning = FitWarning::NotConverged {
            solver: Solver::Linfa,
            max_iterations: 3,
            gradient_norm: 12.345,
            target: 0.001,
        };
        assert_eq!(
            warning.to_string(),
            "the linfa solver did not converge within 3 iterations: gradient norm 1.23e1, expected at most 1.00e-3"
        );
        assert_eq!(warning.advice(), "use the sparse solver, raise max_iterations, or raise alpha");
    }
}
