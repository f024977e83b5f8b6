//! `stancewire evaluate`

use clap::Args;
use stancewire::corpus::Dataset;
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::eval::{Evaluation, EvaluationInput, Outcome, Ratio, Warning};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{StanceModel, TrainingData};

use super::Ending;
use super::arguments::{LabelledArgs, ReadingArgs, ThreadArgs};
use super::html::{HtmlArgs, HtmlPage, known_columns};
use super::model::ModelArgs;
use super::predictions::Predictions;
use super::reporting::ReportArgs;
use super::rows::{NEAR_DUPLICATE, data_name, read, tell_of};
use super::terminal::Voice;

/// Report precision and recall on rows that people labelled: of a model, or of labels that stand in a column
///
/// Each text is taken as one sentence. Intervals come from resampling whole documents where there is a group column, else
/// rows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire evaluate gold.csv
  stancewire evaluate gold.csv --report report.html    a page with plots, errors and terms
  stancewire evaluate gold.csv --model my.safetensors --by source -o report.md
  stancewire evaluate gold.csv --min-macro-f1 0.6 --json > report.json    exits with 1 below 0.6
  stancewire evaluate checked.csv --label-column checked --predicted-column label")]
pub struct EvaluateArgs {
    /// Tables with a text and a label column; several must have the same columns
    #[arg(required = true, value_name = "GOLD")]
    inputs: Vec<String>,
    /// Judge the labels in this column [default: those of the model]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["model", "threshold", "min_precision", "prior", "predictions"])]
    predicted_column: Option<String>,
    /// Break the scores down by the values of this column; may be repeated [default: no breakdown]
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// End with exit code 1 when macro-F1 is below this [default: no gate]
    #[arg(long, value_name = "X")]
    min_macro_f1: Option<f64>,
    /// Write the prediction for each row to this CSV file [default: do not]
    #[arg(long, value_name = "FILE")]
    predictions: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    html: HtmlArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    labelled: LabelledArgs,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(arguments: &EvaluateArgs, voice: &Voice) -> Result<Ending> {
    arguments.threads.apply()?;
    let page =
        arguments.html.open(&[Some(arguments.report.output.as_str()), arguments.predictions.as_deref()])?;
    let (evaluation, html) = match &arguments.predicted_column {
        Some(name) => arguments.of_column(name, voice)?,
        None => arguments.of_model(voice)?,
    };
    arguments.report.write(&evaluation)?;
    page.write(html.as_deref())?;
    let macro_f1 = evaluation.macro_average.f1.value.unwrap_or(0.0);
    match arguments.min_macro_f1.filter(|&least| macro_f1 < least) {
        None => Ok(Ending::Done),
        Some(least) => {
            voice.say(format_args!("gate not met: macro-F1 is {macro_f1:.4}, below {least}"));
            Ok(Ending::GateNotMet)
        }
    }
}

impl EvaluateArgs {
    fn read(&self, known: Option<&LabelSet>, voice: &Voice) -> Result<Dataset> {
        let spec = self.reading.spec(&self.inputs, Some(&self.labelled));
        let dataset = read(&spec, known, self.reading.on_bad_row())?;
        tell_of(&dataset, voice);
        Ok(dataset)
    }

    /// The evaluation, and its page if one is wanted.
    fn of_model(&self, voice: &Voice) -> Result<(Evaluation, Option<String>)> {
        let model = self.model.open()?;
        let dataset = self.read(Some(model.labels()), voice)?;
        let columns = self.columns(&dataset)?;
        let data = data_name(self.inputs.iter());
        let training_data = data_of(&dataset, &data)?;
        let predictions = Predictions::of_model(model, &dataset.texts(), dataset.gold())?;
        if let Some(path) = &self.predictions {
            predictions.write(path, &dataset.examples().iter().collect::<Vec<_>>(), model.labels())?;
        }
        let mut input = EvaluationInput::new(self.model.name(), &data, model.labels(), &predictions.outcomes);
        let documents = dataset.groups();
        input.documents = dataset.roles().group.as_ref().map(|_| documents.as_slice());
        input.probabilities = Some(&predictions.probabilities);
        input.status = Some(&predictions.status);
        input.columns = &columns;
        input.warnings = warnings_of(model, &training_data);
        let evaluation = Evaluation::new(input)?;
        let page = self.html.is_wanted().then(|| {
            let page = HtmlPage {
                kind: "Evaluation",
                evaluation: &evaluation,
                labels: model.labels(),
                model: Some(model),
                examples: dataset.examples().iter().collect(),
                outcomes: &predictions.outcomes,
                probabilities: Some(&predictions.probabilities),
                columns: known_columns(&self.by, |name| column_of(&dataset, name)),
                sha256: training_data.sha256(),
                about_terms: "Below each stand the terms that spoke most for the given label against the gold label \
 (+) and most for the gold label (−).",
            };
            page.html()
        });
        Ok((evaluation, page))
    }

    fn of_column(&self, name: &str, voice: &Voice) -> Result<(Evaluation, Option<String>)> {
        let dataset = self.read(None, voice)?;
        let predicted = predicted(&dataset, name).map_err(|error| error.at(self.first_place()))?;
        let columns = self.columns(&dataset)?;
        let names = dataset.labels().names().iter().map(String::as_str);
        let labels = LabelSet::new(names.chain(predicted.iter().copied()))?;
        let outcome = |(gold, predicted): (&LabelId, &&str)| {
            let gold = labels.require(dataset.labels().name(*gold))?;
            Ok(Outcome { gold, predicted: labels.require(predicted)? })
        };
        let outcomes = dataset.gold().iter().zip(&predicted).map(outcome).collect::<Result<Vec<_>>>()?;
        let (model, data) = (format!("column {name}"), data_name(self.inputs.iter()));
        let mut input = EvaluationInput::new(&model, &data, &labels, &outcomes);
        let documents = dataset.groups();
        input.documents = dataset.roles().group.as_ref().map(|_| documents.as_slice());
        input.columns = &columns;
        let evaluation = Evaluation::new(input)?;
        let sha256 = data_of(&dataset, &data)?.sha256();
        let page = self.html.is_wanted().then(|| {
            let page = HtmlPage {
                kind: "Evaluation",
                evaluation: &evaluation,
                labels: &labels,
                model: None,
                examples: dataset.examples().iter().collect(),
                outcomes: &outcomes,
                probabilities: None,
                columns: known_columns(&self.by, |name| column_of(&dataset, name)),
                sha256,
                about_terms: "",
            };
            page.html()
        });
        Ok((evaluation, page))
    }

    fn columns(&self, dataset: &Dataset) -> Result<Vec<(String, Vec<String>)>> {
        let column = |name: &String| {
            dataset.header().require(name).map_err(|error| error.at(self.first_place()))?;
            let cells = dataset.column(name).unwrap_or_default();
            Ok((name.clone(), cells.into_iter().map(String::from).collect()))
        };
        self.by.iter().map(column).collect()
    }

    fn first_place(&self) -> Place {
        self.inputs.first().map_or_else(Place::default, Place::file)
    }
}

/// The rows as training would have them, so that they can be told from those of a model.
fn data_of<'d>(dataset: &'d Dataset, name: &'d str) -> Result<TrainingData<'d>> {
    Ok(TrainingData {
        name,
        texts: dataset.texts(),
        gold: dataset.gold(),
        labels: dataset.labels(),
        groups: dataset.fold_groups(NEAR_DUPLICATE)?,
        documents: None,
    })
}

/// What there is to be warned of when `model` is judged on `data`.
fn warnings_of(model: &StanceModel, data: &TrainingData<'_>) -> Vec<Warning> {
    let card = &model.card().data;
    let counted = |id: LabelId| data.gold.iter().filter(|gold| **gold == id).count();
    let gold: Vec<usize> = model.labels().ids().map(counted).collect();
    let mut scorer = model.scorer();
    let words = data.texts.iter().map(|text| scorer.known_words(text));
    let (known, all) = words.fold((0, 0), |sum, found| (sum.0 + found.num(), sum.1 + found.den()));
    let own =
        (card.rows == data.texts.len() && card.sha256 == data.sha256()).then_some(Warning::OwnTrainingRows);
    let shares = Warning::of_shares(model.labels().names(), &gold, &model.expected_shares());
    own.into_iter().chain(shares).chain(Warning::of_words(Ratio::new(known, all))).collect()
}

fn column_of(dataset: &Dataset, name: &str) -> Option<Vec<String>> {
    Some(dataset.column(name)?.into_iter().map(String::from).collect())
}

/// The cells of the column `name`, none of them empty.
pub(super) fn predicted<'d>(dataset: &'d Dataset, name: &str) -> Result<Vec<&'d str>> {
    dataset.header().require(name)?;
    let cells = dataset.column(name).unwrap_or_default();
    let checked = dataset.examples().iter().zip(cells).map(|(example, cell)| match cell.trim() {
        "" => Err(Error::new(ErrorKind::Label, "the predicted label is empty; expected a name")
            .at(Place::file(&example.file).line(example.line).column(name))
            .advise("leave the row out of the file, or fill the cell")),
        label => Ok(label),
    });
    checked.collect()
}
