//! Reports beside which there is a file of rows: their form, and how their intervals are made.

use clap::Args;
use stancewire::error::Result;
use stancewire::eval::BootstrapParams;

use super::reporting::{FormSwitches, Renderers};

/// The form of a report and where it goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct FormArgs {
    #[command(flatten)]
    form: FormSwitches,
    /// Write the report to this file [default: standard output]
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub report: String,
}

impl FormArgs {
    /// Renders and writes `result`.
    pub fn write<T>(&self, result: &T, renderers: &Renderers<T>) -> Result<()> {
        self.form.write(result, renderers, &self.report)
    }
}

/// How intervals are made.
#[derive(Debug, Args)]
#[command(next_help_heading = "Intervals")]
pub struct BootstrapArgs {
    /// How many resamples the intervals are made of [default: 2000]
    #[arg(long, value_name = "N", default_value_t = BootstrapParams::default().replicates, hide_default_value = true)]
    pub samples: usize,
    /// The share of resamples inside an interval [default: 0.95]
    #[arg(long, value_name = "P", default_value_t = BootstrapParams::default().level, hide_default_value = true)]
    pub confidence: f64,
    /// The seed of the resamples; the same seed gives the same intervals [default: 0]
    #[arg(long, value_name = "N", default_value_t = BootstrapParams::default().seed, hide_default_value = true)]
    pub seed: u64,
}

impl BootstrapArgs {
    /// The settings, checked.
    pub fn params(&self) -> Result<BootstrapParams> {
        let params = BootstrapParams { replicates: self.samples, level: self.confidence, seed: self.seed };
        params.check()?;
        Ok(params)
    }
}
