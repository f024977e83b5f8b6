//! What identifies a run of `label`, so that `--resume` goes on with its own work only.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use stancewire::batch::{InputStamp, Inputs, Job, Settings};
use stancewire::classifier::Threshold;
use stancewire::corpus::{Column, InputSummary, Source};
use stancewire::error::Result;
use stancewire::model::StanceModel;

use super::arguments::ReadingArgs;

/// What is read, or the name of an input that cannot be read a second time: standard input, a pipe, a device.
pub fn inputs(source: &Source) -> std::result::Result<Inputs, String> {
    let summaries = source.inputs();
    match summaries.iter().find(|input| input.bytes.is_none()) {
        Some(once) => Err(once.name.clone()),
        None => Ok(Inputs::new(summaries.into_iter().map(stamp))),
    }
}

fn stamp(input: InputSummary) -> InputStamp {
    let path = std::path::absolute(&input.name).unwrap_or_else(|_| Path::new(&input.name).to_path_buf());
    let modified = std::fs::metadata(&path).and_then(|there| there.modified()).ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    InputStamp {
        path: path.to_string_lossy().into_owned(),
        name: input.name,
        bytes: input.bytes.unwrap_or_default(),
        modified: since.and_then(|since| u64::try_from(since.as_nanos()).ok()),
    }
}

/// The job of labelling `inputs`. How bad rows are treated is not part of it: that matters only once there was one.
pub fn job(
    inputs: Inputs,
    reading: &ReadingArgs,
    text: &Column,
    settings: &Settings,
    model: &StanceModel,
) -> Result<Job> {
    let yes = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    let open = "left open";
    let given = |value: Option<String>| value.unwrap_or_else(|| open.to_owned());
    let delimiter = reading.delimiter.map(|delimiter| format!("{delimiter:?}"));
    let settings = [
        ("--delimiter", given(delimiter)),
        ("--encoding", given(reading.encoding.map(|encoding| encoding.to_string()))),
        ("--excel", yes(settings.spreadsheet_safe)),
        ("--explain", settings.evidence.to_string()),
        ("--format", settings.format.to_string()),
        ("--input-format", given(reading.input_format.map(|format| format.to_string()))),
        ("--keep-text", yes(settings.keep_text)),
        ("--no-split", yes(!settings.split)),
        ("--prior", listed(model, model.expected_shares().into_iter().map(Some))),
        ("--sheet", given(reading.sheet.clone())),
        ("--text-column", text.name.clone()),
        ("--threshold", listed(model, model.thresholds().per_label().iter().map(|t| t.map(Threshold::get)))),
    ];
    let settings: BTreeMap<String, String> =
        settings.into_iter().map(|(option, value)| (option.to_owned(), value)).collect();
    let program = format!("stancewire {}", env!("CARGO_PKG_VERSION"));
    Ok(Job { program, model: model.fingerprint()?, settings, inputs })
}

/// `threat=0.8, none=-`: every number in full.
fn listed(model: &StanceModel, numbers: impl Iterator<Item = Option<f64>>) -> String {
    let one = |(label, number): (&String, Option<f64>)| match number {
        Some(number) => format!("{label}={number}"),
        None => format!("{label}=-"),
    };
    model.labels().names().iter().zip(numbers).map(one).collect::<Vec<_>>().join(", ")
}
