//! Where results go and in which form.

use std::io::Write;

use clap::Args;
use stancewire::corpus::Output;
use stancewire::error::Result;
use stancewire::eval::Evaluation;
use stancewire::report;

/// The form of a report and where it goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// Report as JSON, with everything [default: as text, unless the name after -o ends in .json, .csv or .md]
    #[arg(long, group = "form")]
    pub json: bool,
    /// Report as one table with a row per number
    #[arg(long, group = "form")]
    pub csv: bool,
    /// Report as Markdown
    #[arg(long, group = "form")]
    pub markdown: bool,
    /// Write the report to this file [default: standard output]
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: String,
}

impl ReportArgs {
    /// Renders and writes `evaluation`.
    pub fn write(&self, evaluation: &Evaluation) -> Result<()> {
        write(&self.output, self.form()(evaluation).as_bytes())
    }

    fn form(&self) -> fn(&Evaluation) -> String {
        let ending = self.output.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let chosen = [(self.json, "json"), (self.csv, "csv"), (self.markdown, "md")];
        let chosen = chosen.into_iter().find_map(|(is_chosen, form)| is_chosen.then_some(form));
        match chosen.or(ending.as_deref()) {
            Some("json") => report::json,
            Some("csv") => report::csv,
            Some("md") => report::markdown,
            _ => report::text,
        }
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
