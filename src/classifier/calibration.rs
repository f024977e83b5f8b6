//! From scores to probabilities that can be taken at their word.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::coefficients::softmax;
use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelId;

/// What calibration may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationMethod {
    /// Nothing: the softmax of the scores.
    None,
    /// One temperature for all classes.
    Temperature,
    /// A temperature, and a bias per class.
    #[default]
    TemperatureAndBias,
}

/// Calibrated probabilities: `softmax(s / T + b)` of the scores `s`.
///
/// The temperature `T` makes probabilities flatter (above 1) or sharper (Guo et al., ICML 2017); the biases `b` correct
/// classes that are predicted too often or too rarely. Fitted on scores of rows that the classifier has not been trained
/// on, by minimising `−Σ ln p(yᵢ) + ½ (1/T − 1)² + ½ ‖b‖²`: the penalty is worth about one row, and keeps few rows from
/// saying too much. The biases sum to 0.
///
/// ```
/// use stancewire::classifier::Calibration;
/// let calibration = Calibration::from_parts(2.0, vec![0.0, 0.0])?;
/// let mut p = [2.0 * 3f64.ln(), 0.0];
/// calibration.apply(&mut p);
/// assert!((p[0] - 0.75).abs() < 1e-15);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Calibration {
    temperature: f64,
    bias: Vec<f64>,
}

/// What a file holds before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    temperature: f64,
    bias: Vec<f64>,
}

impl TryFrom<Stored> for Calibration {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        Self::from_parts(stored.temperature, stored.bias)
    }
}

/// Something about a calibration that its user should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CalibrationWarning {
    /// The scores say next to nothing about the labels, or the opposite: the temperature stands at its upper limit.
    Uninformative,
}

impl CalibrationWarning {
    /// What the user can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        "check that the labels belong to their texts, and add labelled rows"
    }
}

impl fmt::Display for CalibrationWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the out-of-fold scores say next to nothing about the labels; the confidences are of no use",
        )
    }
}

/// The greatest temperature.
const MAX_TEMPERATURE: f64 = 50.0;
/// The steps of the fit; it takes about six.
const MAX_STEPS: usize = 100;

impl Calibration {
    /// The softmax as it is, for `n_classes` classes.
    #[must_use]
    pub fn identity(n_classes: usize) -> Self {
        Self { temperature: 1.0, bias: vec![0.0; n_classes] }
    }

    /// From its stored parts.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when the temperature is not greater than 0, or a number is not finite.
    pub fn from_parts(temperature: f64, bias: Vec<f64>) -> Result<Self> {
        if temperature.is_finite() && temperature > 0.0 && bias.iter().all(|b| b.is_finite()) {
            return Ok(Self { temperature, bias });
        }
        Err(Error::new(
            ErrorKind::Model,
            format!(
                "the calibration has temperature {temperature} and biases {bias:?}; expected finite numbers, the temperature above 0"
            ),
        ))
    }

    /// Fits on out-of-fold scores: `scores[i * k + c]` is that of row `i` for class `c`, and `gold[i]` its true label.
    ///
    /// # Errors
    /// [`ErrorKind::Training`] without rows, when there are not `k` scores per row, when a label is beyond the classes,
    /// or when a score is not finite.
    pub fn fit(
        method: CalibrationMethod,
        scores: &[f64],
        gold: &[LabelId],
        n_classes: usize,
    ) -> Result<(Self, Vec<CalibrationWarning>)> {
        check(scores, gold, n_classes)?;
        let identity = Self::identity(n_classes);
        let free_bias = method == CalibrationMethod::TemperatureAndBias;
        if method == CalibrationMethod::None {
            return Ok((identity, Vec::new()));
        }
        let rows = Rows { scores, gold, n_classes };
        let fitted = rows.minimise(1.0, Free { scale: true, bias: free_bias });
        let limit = 1.0 / MAX_TEMPERATURE;
        if fitted[0] > limit {
            return Ok((Self::from_scale(&fitted), Vec::new()));
        }
        let held = rows.minimise(limit, Free { scale: false, bias: free_bias });
        Ok((Self::from_scale(&held), vec![CalibrationWarning::Uninformative]))
    }

    fn from_scale(parameters: &[f64]) -> Self {
        let mean = parameters[1..].iter().sum::<f64>() / (parameters.len() - 1) as f64;
        let bias = parameters[1..].iter().map(|b| b - mean).collect();
        Self { temperature: 1.0 / parameters[0], bias }
    }

    /// `T`.
    #[must_use]
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// `b`, one per class.
    #[must_use]
    pub fn bias(&self) -> &[f64] {
        &self.bias
    }

    /// Turns the scores of one row into probabilities, in place.
    ///
    /// # Panics
    /// When there is not one score per class.
    pub fn apply(&self, scores: &mut [f64]) {
        assert_eq!(scores.len(), self.bias.len(), "one score per class");
        scores.iter_mut().zip(&self.bias).for_each(|(s, b)| *s = *s / self.temperature + b);
        softmax(scores);
    }
}

fn check(scores: &[f64], gold: &[LabelId], n_classes: usize) -> Result<()> {
    let training = |what: String| Err(Error::new(ErrorKind::Training, what));
    if gold.is_empty() {
        return training("there are no out-of-fold scores to calibrate on".to_owned());
    }
    if scores.len() != gold.len() * n_classes {
        return training(format!("{} scores for {} rows × {n_classes} classes", scores.len(), gold.len()));
    }
    if let Some(label) = gold.iter().find(|g| g.index() >= n_classes) {
        return training(format!("label number {} of only {n_classes} classes", label.index()));
    }
    match scores.iter().position(|s| !s.is_finite()) {
        None => Ok(()),
        Some(i) => training(format!("a score of row {} is not a finite number", i / n_classes)),
    }
}

/// Which parameters may move.
#[derive(Clone, Copy)]
struct Free {
    scale: bool,
    bias: bool,
}

/// The rows to calibrate on. The parameters are the scale `1/T`, then the biases.
struct Rows<'a> {
    scores: &'a [f64],
    gold: &'a [LabelId],
    n_classes: usize,
}

/// Value, gradient and second derivative (row by row) of the objective.
struct Local {
    value: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

impl Rows<'_> {
    /// Newton's method with halved steps: the objective is strictly convex and has few parameters.
    fn minimise(&self, scale: f64, free: Free) -> Vec<f64> {
        let mut parameters = vec![0.0; self.n_classes + 1];
        parameters[0] = scale;
        for _ in 0..MAX_STEPS {
            let local = self.local(&parameters, free);
            let step = solve(local.hessian, &local.gradient);
            let slope: f64 = step.iter().zip(&local.gradient).map(|(s, g)| s * g).sum();
            if slope <= 1e-12 * (1.0 + local.value) {
                break;
            }
            let moved =
                |t: f64| -> Vec<f64> { parameters.iter().zip(&step).map(|(p, s)| p - t * s).collect() };
            let better =
                (0..40).map(|h| moved(0.5f64.powi(h))).find(|p| self.local(p, free).value <= local.value);
            let Some(better) = better else { break };
            parameters = better;
        }
        parameters
    }

    fn local(&self, parameters: &[f64], free: Free) -> Local {
        let (k, m) = (self.n_classes, self.n_classes + 1);
        let mut out = Local { value: 0.0, gradient: vec![0.0; m], hessian: vec![0.0; m * m] };
        let mut p = vec![0.0; k];
        for (scores, gold) in self.scores.chunks_exact(k).zip(self.gold) {
            p.iter_mut()
                .zip(scores.iter().zip(&parameters[1..]))
                .for_each(|(p, (s, b))| *p = parameters[0] * s + b);
            softmax(&mut p);
            out.add_row(scores, &p, gold.index());
        }
        out.penalise(parameters);
        out.hold(free);
        out
    }
}

impl Local {
    fn add_row(&mut self, scores: &[f64], p: &[f64], gold: usize) {
        let m = p.len() + 1;
        self.value -= p[gold].max(f64::MIN_POSITIVE).ln();
        let mean: f64 = p.iter().zip(scores).map(|(p, s)| p * s).sum();
        self.gradient[0] += mean - scores[gold];
        self.gradient[gold + 1] -= 1.0;
        for (c, (pc, s)) in p.iter().zip(scores).enumerate() {
            self.gradient[c + 1] += pc;
            self.hessian[0] += pc * (s - mean) * (s - mean);
            self.hessian[c + 1] += pc * (s - mean);
            self.hessian[(c + 1) * m] += pc * (s - mean);
            self.hessian[(c + 1) * m + c + 1] += pc;
            for (d, pd) in p.iter().enumerate() {
                self.hessian[(c + 1) * m + d + 1] -= pc * pd;
            }
        }
    }

    fn penalise(&mut self, parameters: &[f64]) {
        let m = parameters.len();
        for (i, parameter) in parameters.iter().enumerate() {
            let away = if i == 0 { parameter - 1.0 } else { *parameter };
            self.value += 0.5 * away * away;
            self.gradient[i] += away;
            self.hessian[i * m + i] += 1.0;
        }
    }

    /// Takes the parameters that may not move out of the system.
    fn hold(&mut self, free: Free) {
        let m = self.gradient.len();
        for i in (0..m).filter(|&i| if i == 0 { !free.scale } else { !free.bias }) {
            self.gradient[i] = 0.0;
            for j in 0..m {
                self.hessian[i * m + j] = 0.0;
                self.hessian[j * m + i] = 0.0;
            }
            self.hessian[i * m + i] = 1.0;
        }
    }
}

/// Solves `A x = b` for a symmetric positive definite `A` (row by row) by Cholesky's factorisation.
fn solve(mut a: Vec<f64>, b: &[f64]) -> Vec<f64> {
    let m = b.len();
    for j in 0..m {
        for i in j..m {
            let sum: f64 = (0..j).map(|l| a[i * m + l] * a[j * m + l]).sum();
            let rest = a[i * m + j] - sum;
            // The penalty adds 1 to every pivot, so that none is near 0.
            a[i * m + j] = if i == j { rest.sqrt() } else { rest / a[j * m + j] };
        }
    }
    let mut x = b.to_vec();
    for i in 0..m {
        let sum: f64 = (0..i).map(|l| a[i * m + l] * x[l]).sum();
        x[i] = (x[i] - sum) / a[i * m + i];
    }
    for i in (0..m).rev() {
        let sum: f64 = (i + 1..m).map(|l| a[l * m + i] * x[l]).sum();
        x[i] = (x[i] - sum) / a[i * m + i];
    }
    x
}
