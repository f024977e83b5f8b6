//! `stancewire compare`

use clap::Args;
use stancewire::corpus::{Dataset, Output};
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::eval::{Comparison, ComparisonInput, Outcome};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::StanceModel;
use stancewire::report::comparison;

use super::Ending;
use super::arguments::{LabelledArgs, ReadingArgs, ThreadArgs};
use super::evaluate::predicted;
use super::forms::{BootstrapArgs, FormArgs};
use super::model;
use super::predictions::Predictions;
use super::reporting::Renderers;
use super::rows::{data_name, read, tell_of};
use super::terminal::Voice;

/// Compare two models, or two columns of labels, on the same rows that people labelled
///
/// Differences come with intervals from resampling whole documents where there is a group column, else rows, and with
/// McNemar's exact test. Each text is taken as one sentence.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire compare gold.csv --model old.safetensors --model new.safetensors -o differences.csv
  stancewire compare gold.csv --model new.safetensors    against the built-in model
  stancewire compare gold.csv --predicted-column monday --predicted-column tuesday --json")]
pub struct CompareArgs {
    /// Tables with a text and a label column; several must have the same columns
    #[arg(required = true, value_name = "GOLD")]
    inputs: Vec<String>,
    /// A model file; A and B are the models, then the columns, in the order in which they are named [default: if only one
    /// model or column is named, A is the model that is part of the program]
    #[arg(long, short, value_name = "FILE")]
    model: Vec<String>,
    /// A column with predicted labels, in place of a model; may be repeated [default: none]
    #[arg(long, value_name = "NAME")]
    predicted_column: Vec<String>,
    /// Write the rows on which A and B differ to this CSV file [default: do not]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    bootstrap: BootstrapArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    labelled: LabelledArgs,
}

/// One of the two that are compared.
enum Side<'a> {
    Model { name: &'a str, model: Box<StanceModel> },
    Column(&'a str),
}

/// What one side says about each row.
struct Said {
    labels: Vec<String>,
    confidences: Vec<Option<f64>>,
}

pub fn run(arguments: &CompareArgs, voice: &Voice) -> Result<Ending> {
    arguments.threads.apply()?;
    let bootstrap = arguments.bootstrap.params()?;
    let sides = arguments.sides()?;
    let known = labels_of_models(&sides)?;
    let spec = arguments.reading.spec(&arguments.inputs, Some(&arguments.labelled));
    let dataset = read(&spec, known.as_ref(), arguments.reading.on_bad_row())?;
    tell_of(&dataset, voice);
    let place = || arguments.inputs.first().map_or_else(Place::default, Place::file);
    let said = sides.iter().map(|side| side.say(&dataset)).collect::<Result<Vec<_>>>();
    let said = said.map_err(|error| error.at(place()))?;
    let given = said.iter().flat_map(|said| said.labels.iter());
    let labels = LabelSet::new(dataset.labels().names().iter().chain(given).map(String::as_str))?;
    let outcomes = said.iter().map(|said| outcomes(&labels, &dataset, said)).collect::<Result<Vec<_>>>()?;
    let documents = dataset.groups();
    let found = Comparison::new(&ComparisonInput {
        a: &sides[0].name(),
        b: &sides[1].name(),
        data: &data_name(arguments.inputs.iter()),
        labels: &labels,
        a_outcomes: &outcomes[0],
        b_outcomes: &outcomes[1],
        documents: dataset.roles().group.as_ref().map(|_| documents.as_slice()),
        bootstrap,
    })?;
    if let Some(path) = &arguments.output {
        let rows = write_differences(path, &dataset, &said)?;
        voice.say(format_args!(
            "{path}: {rows} {} on which A and B differ",
            if rows == 1 { "row" } else { "rows" }
        ));
    }
    let renderers = Renderers {
        text: comparison::text,
        markdown: comparison::markdown,
        csv: comparison::csv,
        json: comparison::json,
    };
    arguments.form.write(&found, &renderers)?;
    Ok(Ending::Done)
}

impl CompareArgs {
    fn sides(&self) -> Result<Vec<Side<'_>>> {
        let named = self.model.len() + self.predicted_column.len();
        if named == 0 || named > 2 {
            let what = format!("{named} models and columns to compare; expected two");
            return Err(Error::new(ErrorKind::Settings, what).advise(
                "name two with --model FILE or --predicted-column NAME, or one to compare it with the built-in model",
            ));
        }
        let open = |path: Option<&str>| model::open(path).map(Box::new);
        let mut sides = Vec::with_capacity(2);
        if named == 1 {
            sides.push(Side::Model { name: "built-in model", model: open(None)? });
        }
        for path in &self.model {
            sides.push(Side::Model { name: path, model: open(Some(path))? });
        }
        sides.extend(self.predicted_column.iter().map(|name| Side::Column(name)));
        Ok(sides)
    }
}

/// The labels that gold rows may have: those of the models together; any, where there is no model.
fn labels_of_models(sides: &[Side<'_>]) -> Result<Option<LabelSet>> {
    let names = sides.iter().filter_map(|side| match side {
        Side::Model { model, .. } => Some(model.labels().names()),
        Side::Column(_) => None,
    });
    let names: Vec<&String> = names.flatten().collect();
    if names.is_empty() { Ok(None) } else { LabelSet::new(names).map(Some) }
}

impl Side<'_> {
    fn name(&self) -> String {
        match self {
            Self::Model { name, .. } => (*name).to_owned(),
            Self::Column(name) => format!("column {name}"),
        }
    }

    fn say(&self, dataset: &Dataset) -> Result<Said> {
        match self {
            Self::Column(name) => {
                let labels: Vec<String> = predicted(dataset, name)?.into_iter().map(str::to_owned).collect();
                Ok(Said { confidences: vec![None; labels.len()], labels })
            }
            Self::Model { model, .. } => {
                let found = Predictions::of_model(model, &dataset.texts(), dataset.gold())?;
                let label = |outcome: &Outcome| model.labels().name(outcome.predicted).to_owned();
                let confidence = |(outcome, row): (&Outcome, &[f64])| Some(row[outcome.predicted.index()]);
                Ok(Said {
                    labels: found.outcomes.iter().map(label).collect(),
                    confidences: found
                        .outcomes
                        .iter()
                        .zip(found.probabilities.rows())
                        .map(confidence)
                        .collect(),
                })
            }
        }
    }
}

fn outcomes(labels: &LabelSet, dataset: &Dataset, said: &Said) -> Result<Vec<Outcome>> {
    let outcome = |(gold, predicted): (&LabelId, &String)| {
        let gold = labels.require(dataset.labels().name(*gold))?;
        Ok(Outcome { gold, predicted: labels.require(predicted)? })
    };
    dataset.gold().iter().zip(&said.labels).map(outcome).collect()
}

/// Writes the rows on which the two differ: all columns of the input, then what gold and both sides say. Says how many they are.
fn write_differences(path: &str, dataset: &Dataset, said: &[Said]) -> Result<u64> {
    const ADDED: [&str; 6] = ["gold", "label_a", "label_b", "confidence_a", "confidence_b", "right"];
    let failed = |error: csv::Error| Error::io("cannot write the differences", error.into());
    let mut table = csv::Writer::from_writer(Output::create(path)?);
    let names = dataset.header().names();
    let mut heads: Vec<String> = Vec::new();
    for name in names {
        let mut name = name.clone();
        while ADDED.contains(&name.as_str()) || heads.contains(&name) {
            name.push_str("_in");
        }
        heads.push(name);
    }
    table.write_record(heads.iter().map(String::as_str).chain(ADDED)).map_err(failed)?;
    let columns: Vec<Vec<&str>> = names.iter().filter_map(|name| dataset.column(name)).collect();
    let mut written = 0;
    for (row, gold) in dataset.gold().iter().enumerate() {
        let [a, b] = [&said[0].labels[row], &said[1].labels[row]];
        if a == b {
            continue;
        }
        let gold = dataset.labels().name(*gold);
        let right = if a == gold {
            "a"
        } else if b == gold {
            "b"
        } else {
            "neither"
        };
        let confidence = |said: &Said| said.confidences[row].map(|p| p.to_string()).unwrap_or_default();
        let confidences = [confidence(&said[0]), confidence(&said[1])];
        let added = [gold, a, b, &confidences[0], &confidences[1], right];
        table.write_record(columns.iter().map(|column| column[row]).chain(added)).map_err(failed)?;
        written += 1;
    }
    let output = table.into_inner().map_err(|error| {
        Error::io("cannot write the differences", std::io::Error::other(error.to_string()))
    })?;
    output.finish()?;
    Ok(written)
}
