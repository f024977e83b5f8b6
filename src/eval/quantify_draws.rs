//! How sure are the error rates? Draws from the distribution of `P(predicted | gold)` given the rows it was counted on.

use super::quantify::normalised;
use super::random::Random;

impl Random {
    /// A number strictly between 0 and 1.
    pub(super) fn unit(&mut self) -> f64 {
        // 53 bits fit a float exactly.
        (self.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution (Box and Muller, in Marsaglia's polar form).
    pub(super) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// A number of the gamma distribution with this shape and scale 1 (Marsaglia and Tsang 2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.unit().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// Shares that sum to 1, of the Dirichlet distribution with these parameters.
    pub(super) fn dirichlet(&mut self, parameters: &[f64]) -> Vec<f64> {
        normalised(parameters.iter().map(|&shape| self.gamma(shape).max(f64::MIN_POSITIVE)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_numbers_have_mean_and_variance_of_their_shape() {
        for shape in [0.25, 1.0, 7.5, 400.0] {
            let mut random = Random::new(3, 0);
            let draws: Vec<f64> = (0..40_000).map(|_| random.gamma(shape)).collect();
            let mean = draws.iter().sum::<f64>() / 40_000.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0;
            // Five standard errors of the mean; the variance is rougher.
            assert!((mean - shape).abs() < 5.0 * (shape / 40_000.0).sqrt(), "{shape}: mean {mean}");
            assert!((variance / shape - 1.0).abs() < 0.1, "{shape}: variance {variance}");
        }
    }

    #[test]
    fn dirichlet_shares_scatter_about_their_means() {
        let mut random = Random::new(4, 0);
        let draws: Vec<Vec<f64>> = (0..20_000).map(|_| random.dirichlet(&[18.0, 1.5, 0.5])).collect();
        assert!(draws.iter().all(|draw| (draw.iter().sum::<f64>() - 1.0).abs() < 1e-12));
        // The first part is Beta(18, 2): mean 0.9, variance 18 · 2 / (20² · 21).
        let mean = draws.iter().map(|draw| draw[0]).sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|draw| (draw[0] - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(
            (mean - 0.9).abs() < 0.003 && (variance * 8400.0 / 36.0 - 1.0).abs() < 0.05,
            "{mean} {variance}"
        );
    }
}
