//! Where results go and in which form.

use std::io::Write;

use clap::Args;
use stancewire::corpus::Output;
use stancewire::error::Result;
use stancewire::eval::Evaluation;
use stancewire::report;

/// The form of a report.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct FormSwitches {
    /// Report as JSON, with everything [default: as text, unless the name of the file ends in .json, .csv or .md]
    #[arg(long, group = "form")]
    json: bool,
    /// Report as one table with a row per number
    #[arg(long, group = "form")]
    csv: bool,
    /// Report as Markdown
    #[arg(long, group = "form")]
    markdown: bool,
}

/// How a result of one kind is rendered in each form.
pub struct Renderers<T> {
    pub text: fn(&T) -> String,
    pub markdown: fn(&T) -> String,
    pub csv: fn(&T) -> String,
    pub json: fn(&T) -> String,
}

impl FormSwitches {
    /// Renders `result` in the form that was asked for, or that the name of the file `path` says, and writes it there.
    pub fn write<T>(&self, result: &T, renderers: &Renderers<T>, path: &str) -> Result<()> {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let chosen = [(self.json, "json"), (self.csv, "csv"), (self.markdown, "md")];
        let chosen = chosen.into_iter().find_map(|(is_chosen, form)| is_chosen.then_some(form));
        let render = match chosen.or(ending.as_deref()) {
            Some("json") => renderers.json,
            Some("csv") => renderers.csv,
            Some("md") => renderers.markdown,
            _ => renderers.text,
        };
        write(path, render(result).as_bytes())
    }
}

/// The form of a report and where it goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    #[command(flatten)]
    form: FormSwitches,
    /// Write the report to this file [default: standard output]
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: String,
}

impl ReportArgs {
    /// Renders and writes `evaluation`.
    pub fn write(&self, evaluation: &Evaluation) -> Result<()> {
        let renderers = Renderers {
            text: report::text,
            markdown: report::markdown,
            csv: report::csv,
            json: report::json,
        };
        self.form.write(evaluation, &renderers, &self.output)
    }
}

/// Writes `bytes` to the file at `path`, whole or not at all; `-` is standard output.
pub fn write(path: &str, bytes: &[u8]) -> Result<()> {
    let mut output = Output::create(path)?;
    let written = output.write_all(bytes);
    written.map_err(|error| output.error(error))?;
    output.finish()
}

/// Writes `text` to standard output.
pub fn print(text: &str) -> Result<()> {
    write("-", text.as_bytes())
}
