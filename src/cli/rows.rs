//! Labelled rows of several tables, and the report of a cross-validation on them.

use std::path::Path;

use rustc_hash::FxHashMap;
use stancewire::corpus::{Dataset, InputSpec, LabelledExample, OnBadRow, join_groups, near_duplicate_groups};
use stancewire::error::{Error, Place, Result};
use stancewire::eval::{Evaluation, EvaluationInput, RowStatus, Warning};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{OutOfFoldResult, StanceModel, TrainingData, TrainingWarning};

use super::html::{HtmlPage, known_columns};
use super::predictions::Predictions;
use super::terminal::Voice;

/// Rows at least this alike (Jaccard similarity of word 3-shingles) stay in one fold.
pub const NEAR_DUPLICATE: f64 = 0.8;

/// Reads the rows of `spec`; see [`Dataset::read`]. What is wrong with all of them together is told with their names.
pub fn read(spec: &InputSpec, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Dataset> {
    Dataset::read(spec, known, on_bad).map_err(|error| placed(error, spec))
}

/// The same for a table that may not be filled in yet; see [`Dataset::read_filled`].
pub fn read_filled(spec: &InputSpec, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Dataset> {
    Dataset::read_filled(spec, known, on_bad).map_err(|error| placed(error, spec))
}

fn placed(error: Error, spec: &InputSpec) -> Error {
    match error.place().line {
        None => error.at(Place::file(data_name(spec.inputs.iter()))),
        Some(_) => error,
    }
}

/// The file names without their folders.
pub fn data_name<'a>(paths: impl Iterator<Item = &'a String>) -> String {
    let name = |path: &'a String| match path.as_str() {
        "-" => "<stdin>".into(),
        path => Path::new(path).file_name().map_or(path.into(), std::ffi::OsStr::to_string_lossy),
    };
    paths.map(name).collect::<Vec<_>>().join(" + ")
}

/// What was decided when `dataset` was read.
pub fn tell_of(dataset: &Dataset, voice: &Voice) {
    voice.notices(dataset.notices());
    let roles = dataset.roles();
    let mut columns = vec![format!("text = {}", roles.text), format!("label = {}", roles.label)];
    columns.extend(roles.id.iter().map(|id| format!("id = {id}")));
    columns.extend(roles.group.iter().map(|group| format!("group = {group}")));
    voice.say(format_args!("columns: {}", columns.join(", ")));
    if dataset.unlabelled() > 0 {
        let noun = if dataset.unlabelled() == 1 { "row" } else { "rows" };
        voice.say(format_args!("note: {} {noun} without a label left out", dataset.unlabelled()));
    }
    voice.skipped(dataset.skipped());
}

/// The rows of all tables.
pub struct Rows {
    datasets: Vec<Dataset>,
    name: String,
    gold: Vec<LabelId>,
    documents: Vec<u32>,
    documents_known: bool,
    fold_groups: Vec<u32>,
}

impl Rows {
    pub fn new(datasets: Vec<Dataset>, name: String) -> Result<Self> {
        let examples = || datasets.iter().flat_map(Dataset::examples);
        let gold = datasets.iter().flat_map(|dataset| dataset.gold().iter().copied()).collect();
        let documents = documents_of(examples());
        let texts: Vec<&str> = examples().map(|example| example.text.as_str()).collect();
        let fold_groups = join_groups(&documents, &near_duplicate_groups(&texts, NEAR_DUPLICATE)?);
        let documents_known = datasets.iter().any(|dataset| dataset.roles().group.is_some());
        Ok(Self { datasets, name, gold, documents, documents_known, fold_groups })
    }

    pub fn labels(&self) -> &LabelSet {
        self.datasets[0].labels()
    }

    /// The tables, the first ones as one.
    pub fn datasets(&self) -> &[Dataset] {
        &self.datasets
    }

    /// What the tables are called together.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn examples(&self) -> Vec<&LabelledExample> {
        self.datasets.iter().flat_map(Dataset::examples).collect()
    }

    /// The rows as training wants them.
    pub fn data(&self) -> TrainingData<'_> {
        TrainingData {
            name: &self.name,
            texts: self.examples().into_iter().map(|example| example.text.as_str()).collect(),
            gold: &self.gold,
            labels: self.labels(),
            groups: self.fold_groups.clone(),
            documents: self.documents_known.then(|| distinct(&self.documents)),
        }
    }

    /// Says which rows stay together in the folds.
    pub fn tell_groups(&self, voice: &Voice) {
        let (rows, documents) = (self.gold.len(), distinct(&self.documents));
        let together = if self.documents_known {
            format!("the rows of each of {documents} documents stay together")
        } else {
            "there is no group column, so each row counts as a document of its own".to_owned()
        };
        let joined = documents - distinct(&self.fold_groups);
        voice.say(format_args!(
            "folds: {rows} rows; {together}; near-duplicates stay together too ({joined} joined)"
        ));
    }

    /// Says which of the further rows have the same words as a row before them.
    pub fn tell_copies(&self, voice: &Voice) -> Result<()> {
        let examples = self.examples();
        let texts: Vec<&str> = examples.iter().map(|example| example.text.as_str()).collect();
        let mut first_of: FxHashMap<u32, usize> = FxHashMap::default();
        let (mut copies, mut contradictions) = (Vec::new(), 0);
        for (row, group) in near_duplicate_groups(&texts, 1.0)?.into_iter().enumerate() {
            let first = *first_of.entry(group).or_insert(row);
            if first < row && row >= self.datasets[0].len() {
                copies.push((row, first));
                contradictions += usize::from(examples[row].label != examples[first].label);
            }
        }
        let Some(&(row, first)) = copies.first() else { return Ok(()) };
        let place = |row: usize| format!("{}:{}", examples[row].file, examples[row].line);
        voice.warn(format_args!(
            "{} of the further rows have the same words as a row before them, {contradictions} with another label \
             (the first: {} and {})\n  all are kept; stancewire audit lists them",
            copies.len(),
            place(row),
            place(first)
        ));
        Ok(())
    }

    /// Finds out whether the first tables have the columns called `names`.
    pub fn check_columns(&self, names: &[String]) -> Result<()> {
        self.columns(names).map(drop)
    }

    /// The cells of the columns called `names`; a further table that lacks one has empty cells.
    pub fn columns(&self, names: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        let column = |name: &String| {
            let known = self.datasets[0].header().require(name);
            known.map_err(|error| error.at(Place::file(&self.name)))?;
            let cells = |dataset: &Dataset| match dataset.column(name) {
                Some(cells) => cells.into_iter().map(String::from).collect(),
                None => vec![String::new(); dataset.len()],
            };
            Ok((name.clone(), self.datasets.iter().flat_map(cells).collect()))
        };
        names.iter().map(column).collect()
    }

    /// The report of a cross-validation, broken down by the columns `by`.
    pub fn evaluate(&self, found: &OutOfFoldResult, by: &[String]) -> Result<Evaluation> {
        let data = format!("cross-validation, {} folds, of {}", found.summary.folds, self.name);
        let status = statuses(found);
        let columns = self.columns(by)?;
        let mut input = EvaluationInput::new("trained here", &data, self.labels(), &found.outcomes);
        input.documents = self.documents_known.then_some(&self.documents);
        input.probabilities = Some(&found.probabilities);
        input.status = Some(&status);
        input.columns = &columns;
        input.warnings = found.warnings.iter().filter_map(of_folds).collect();
        Evaluation::new(input)
    }

    /// The page of a cross-validation; `model` is the one that was then trained on all rows, if there is one.
    pub fn html(
        &self,
        found: &OutOfFoldResult,
        evaluation: &Evaluation,
        by: &[String],
        model: Option<&StanceModel>,
    ) -> String {
        let column = |name: &str| {
            self.datasets[0].header().index(name)?;
            self.columns(&[name.to_owned()]).ok()?.pop().map(|(_, cells)| cells)
        };
        let page = HtmlPage {
            kind: "Cross-validation: each row labelled by a model that has not seen its document",
            evaluation,
            labels: self.labels(),
            model,
            examples: self.examples(),
            outcomes: &found.outcomes,
            probabilities: Some(&found.probabilities),
            columns: known_columns(by, column),
            sha256: self.data().sha256(),
            about_terms: "The labels are out-of-fold; the terms below each are those of the final model, which has seen \
                          the row: + for the given label against the gold label, − for the gold label.",
        };
        page.html()
    }

    /// Writes the out-of-fold predictions.
    pub fn write_predictions(&self, found: &OutOfFoldResult, path: &str) -> Result<()> {
        let (outcomes, probabilities) = (found.outcomes.clone(), found.probabilities.clone());
        let predictions = Predictions { outcomes, probabilities, status: statuses(found) };
        predictions.write(path, &self.examples(), self.labels())
    }
}

fn of_folds(warning: &TrainingWarning) -> Option<Warning> {
    match warning {
        TrainingWarning::Folds(warning) => Some(warning.clone()),
        _ => None,
    }
}

/// Says the warnings that no report shows.
pub fn tell_warnings(warnings: &[TrainingWarning], voice: &Voice) {
    for warning in warnings.iter().filter(|warning| of_folds(warning).is_none()) {
        voice.warn(format_args!("{warning}\n  {}", warning.advice()));
    }
}

fn statuses(found: &OutOfFoldResult) -> Vec<RowStatus> {
    let status = |&accepted: &bool| if accepted { RowStatus::Ok } else { RowStatus::Review };
    found.accepted.iter().map(status).collect()
}

/// The number of each example's document; the same name in two tables is the same document.
fn documents_of<'a>(examples: impl Iterator<Item = &'a LabelledExample>) -> Vec<u32> {
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    let mut next = 0;
    let mut new = || {
        next += 1;
        next - 1
    };
    let mut number = |example: &'a LabelledExample| match &example.group {
        Some(group) => *numbers.entry(group).or_insert_with(&mut new),
        None => new(),
    };
    examples.map(&mut number).collect()
}

fn distinct(numbers: &[u32]) -> usize {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}
