//! What is to be fitted, and the checks before it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::features::CsrMatrix;
use crate::labels::LabelId;

/// How much the rows of each class count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// Every row counts 1.
    #[default]
    Uniform,
    /// A row of class `c` counts `s / (k · s_c)`, where `s_c` is the sum of the sample weights of class `c`, `s` that of
    /// all rows, and `k` the number of classes: all classes together count the same.
    Balanced,
    /// A row of class `c` counts the `c`-th of these.
    Explicit(Vec<f64>),
}

/// Rows, labels and weights: all that defines the objective.
#[derive(Debug, Clone)]
pub struct Problem<'a> {
    /// The data, n × d.
    pub x: &'a CsrMatrix,
    /// The n labels.
    pub y: &'a [LabelId],
    /// The number of classes `k`; every class has at least one row.
    pub n_classes: usize,
    /// The n weights of the rows, none negative; `None` is 1 for each.
    pub sample_weight: Option<&'a [f64]>,
    /// A factor per class, on top of the sample weights.
    pub class_weight: ClassWeights,
    /// The strength α > 0 of the penalty `α/2 ‖W‖²`; scikit-learn's `1/C`.
    pub alpha: f64,
}

/// When a solver stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SolverParams {
    /// At most this many iterations. Default 1000; the sparse solver takes about ten, linfa's about a hundred.
    pub max_iterations: usize,
    /// Converged means `‖∇f‖₂ ≤ gradient_tolerance · Σ wᵢ`. Default 1e-6.
    ///
    /// The objective is then at most `‖∇f‖² / 2α` above its minimum (as `f` is strongly convex in `W` with modulus α, the
    /// intercepts being at their best for that `W`).
    pub gradient_tolerance: f64,
}

impl Default for SolverParams {
    fn default() -> Self {
        Self { max_iterations: 1000, gradient_tolerance: 1e-6 }
    }
}

impl SolverParams {
    pub(super) fn check(&self) -> Result<()> {
        let tolerance = self.gradient_tolerance;
        if tolerance.is_finite() && tolerance > 0.0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Settings,
            format!("gradient_tolerance is {tolerance}; expected a number greater than 0"),
        )
        .advise("1e-6 is exact enough for labelling"))
    }
}

impl Problem<'_> {
    /// Checks everything that the solvers rely on, and gives the weight `wᵢ` of each row.
    pub(super) fn row_weights(&self) -> Result<Vec<f64>> {
        self.check_settings()?;
        self.check_data()?;
        let ones;
        let samples = if let Some(given) = self.sample_weight {
            given
        } else {
            ones = vec![1.0; self.y.len()];
            &ones
        };
        let totals = self.class_totals(samples)?;
        let factors = self.class_factors(&totals);
        Ok(self.y.iter().zip(samples).map(|(y, s)| s * factors[y.index()]).collect())
    }

    fn check_settings(&self) -> Result<()> {
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("alpha is {}; expected a number greater than 0", self.alpha),
            )
            .advise(
                "1 is the usual start; larger values give smoother, smaller values sharper classifiers",
            ));
        }
        let ClassWeights::Explicit(weights) = &self.class_weight else { return Ok(()) };
        if weights.len() != self.n_classes {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("{} class weights for {} classes", weights.len(), self.n_classes),
            )
            .advise("give one weight per label, in the order of the labels"));
        }
        match weights.iter().find(|w| !(w.is_finite() && **w > 0.0)) {
            None => Ok(()),
            Some(weight) => Err(Error::new(
                ErrorKind::Settings,
                format!("a class weight is {weight}; expected a number greater than 0"),
            )
            .advise("to leave a class out, leave out its rows")),
        }
    }

    fn check_data(&self) -> Result<()> {
        let n = self.x.n_rows();
        let training = |what: String| Err(Error::new(ErrorKind::Training, what));
        if self.y.len() != n {
            return training(format!("{} labels for {n} rows", self.y.len()));
        }
        if let Some(y) = self.y.iter().find(|y| y.index() >= self.n_classes) {
            return training(format!("label number {} of only {} classes", y.index(), self.n_classes));
        }
        if let Some(i) = self.x.rows().position(|r| r.values().iter().any(|v| !v.is_finite())) {
            return training(format!("row {i} of the features has a value that is not a finite number"));
        }
        let Some(weights) = self.sample_weight else { return Ok(()) };
        if weights.len() != n {
            return training(format!("{} sample weights for {n} rows", weights.len()));
        }
        match weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            None => Ok(()),
            Some(i) => training(format!("the weight of row {i} is {}; expected 0 or more", weights[i])),
        }
    }

    /// The sum of the sample weights of each class.
    fn class_totals(&self, samples: &[f64]) -> Result<Vec<f64>> {
        let mut totals = vec![0.0; self.n_classes];
        self.y.iter().zip(samples).for_each(|(y, s)| totals[y.index()] += s);
        let present = totals.iter().filter(|t| **t > 0.0).count();
        if present == self.n_classes && present >= 2 {
            return Ok(totals);
        }
        Err(Error::new(
            ErrorKind::Training,
            format!("only {present} of {} classes have rows to learn from", self.n_classes.max(2)),
        )
        .advise("every label needs rows in the training data, and in the training part of every fold"))
    }

    fn class_factors(&self, totals: &[f64]) -> Vec<f64> {
        match &self.class_weight {
            ClassWeights::Uniform => vec![1.0; totals.len()],
            ClassWeights::Explicit(weights) => weights.clone(),
            ClassWeights::Balanced => {
                let all: f64 = totals.iter().sum();
                totals.iter().map(|t| all / (totals.len() as f64 * t)).collect()
            }
        }
    }
}
