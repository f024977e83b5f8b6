//! Reports beside which there is a file of rows: their form, and how their intervals are made.

use clap::Args;
use stancewire::error::Result;
use stancewire::eval::BootstrapParams;

use super::reporting::write;

/// The form of a report and where it goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct FormArgs {
    /// Report as JSON, with everything [default: as text, unless the name after --report ends in .json, .csv or .md]
    #[arg(long, group = "form")]
    pub json: bool,
    /// Report as one table with a row per number
    #[arg(long, group = "form")]
    pub csv: bool,
    /// Report as Markdown
    #[arg(long, group = "form")]
    pub markdown: bool,
    /// Write the report to this file [default: standard output]
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub report: String,
}

/// What a result can be rendered as.
pub struct Renderers<T> {
    pub text: fn(&T) -> String,
    pub markdown: fn(&T) -> String,
    pub csv: fn(&T) -> String,
    pub json: fn(&T) -> String,
}

impl FormArgs {
    /// Renders and writes `result`.
    pub fn write<T>(&self, result: &T, renderers: &Renderers<T>) -> Result<()> {
        let ending = self.report.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let chosen = [(self.json, "json"), (self.csv, "csv"), (self.markdown, "md")];
        let chosen = chosen.into_iter().find_map(|(is_chosen, form)| is_chosen.then_some(form));
        let render = match chosen.or(ending.as_deref()) {
            Some("json") => renderers.json,
            Some("csv") => renderers.csv,
            Some("md") => renderers.markdown,
            _ => renderers.text,
        };
        write(&self.report, render(result).as_bytes())
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
