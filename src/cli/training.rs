//! What `train` and `crossval` share: their arguments, their rows, and the report of a cross-validation.

use std::path::Path;

use clap::{Args, ValueEnum};
use rustc_hash::FxHashMap;
use stancewire::classifier::ClassWeights;
use stancewire::corpus::{Dataset, LabelledExample, join_groups, near_duplicate_groups};
use stancewire::error::{Error, Place, Result};
use stancewire::eval::{Evaluation, EvaluationInput, RowStatus};
use stancewire::features::CueLexicon;
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{
    FeatureParams, OutOfFoldResult, SolverChoice, StanceModel, TrainingData, TrainingParams, TrainingWarning,
};
use stancewire::text::{Language, NgramRange};

use super::arguments::{LabelledArgs, ReadingArgs, ThreadArgs, ngram_range};
use super::predictions::Predictions;
use super::terminal::Voice;

/// Rows at least this alike (Jaccard similarity of word 3-shingles) stay in one fold.
const NEAR_DUPLICATE: f64 = 0.8;

/// Rows and settings of a training.
#[derive(Debug, Args)]
pub struct TrainingArgs {
    /// Tables with a text and a label column; several must have the same columns
    #[arg(required = true, value_name = "CSV")]
    inputs: Vec<String>,
    /// Further rows from a table with other columns, which are found in the same way; its labels must be those of the
    /// first tables; may be repeated [default: none]
    #[arg(long, value_name = "CSV")]
    add: Vec<String>,
    #[command(flatten)]
    pub threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    labelled: LabelledArgs,
    #[command(flatten)]
    features: FeatureArgs,
    #[command(flatten)]
    classifier: ClassifierArgs,
}

/// What the features are made of.
#[derive(Debug, Args)]
#[command(next_help_heading = "Features")]
struct FeatureArgs {
    /// The cue lexicon: a TOML file, or none [default: that of the built-in model if the labels are the same, else none]
    #[arg(long, value_name = "FILE")]
    cues: Option<String>,
    /// How much the cues count beside the words
    #[arg(long, value_name = "W", default_value_t = FeatureParams::default().cue_weight)]
    cue_weight: f64,
    /// The lengths of word n-grams
    #[arg(long, value_name = "MIN-MAX", value_parser = ngram_range, default_value_t = FeatureParams::default().analyzer.word_ngrams)]
    ngrams: NgramRange,
    /// The lengths of character n-grams within words, such as 3-5 [default: none]
    #[arg(long, value_name = "MIN-MAX", value_parser = ngram_range)]
    char_ngrams: Option<NgramRange>,
    /// Leave out words and cues that occur in fewer rows
    #[arg(long, value_name = "N", default_value_t = FeatureParams::default().words.min_df)]
    min_df: u32,
    /// The language of the texts, which decides on stems and sentence ends; german does without name folding
    #[arg(long, value_name = "NAME", default_value_t)]
    language: Language,
}

/// How the classifier is fitted and judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Classifier")]
struct ClassifierArgs {
    /// The strength of the penalty on weights (scikit-learn's 1/C); more of it makes a simpler model
    #[arg(long, value_name = "A", default_value_t = TrainingParams::default().alpha)]
    alpha: f64,
    /// Whether rows count the same (uniform) or labels do (balanced)
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Weights::Uniform)]
    class_weights: Weights,
    /// Which solver makes the final fit: auto takes linfa while the matrix is small and class weights are uniform
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Solver::Auto)]
    solver: Solver,
    /// The number of folds of the cross-validation
    #[arg(long, value_name = "K", default_value_t = TrainingParams::default().folds)]
    folds: usize,
    /// The seed of the division into folds
    #[arg(long, value_name = "S", default_value_t = TrainingParams::default().seed)]
    seed: u64,
    /// The share of right labels that the threshold of each label is to reach
    #[arg(long, value_name = "P", default_value_t = TrainingParams::default().thresholds.target_precision)]
    target_precision: f64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Weights {
    Uniform,
    Balanced,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Solver {
    Auto,
    Linfa,
    Sparse,
}

impl TrainingArgs {
    /// The settings of the features.
    pub fn features(&self) -> FeatureParams {
        let FeatureArgs { cue_weight, ngrams, char_ngrams, min_df, language, .. } = self.features;
        let mut params = FeatureParams { cue_weight, ..FeatureParams::default() };
        params.words.min_df = min_df;
        params.cue_tfidf.min_df = min_df;
        params.analyzer.word_ngrams = ngrams;
        params.analyzer.char_ngrams = char_ngrams;
        params.analyzer.language = language;
        params.analyzer.fold_names = language != Language::German;
        params
    }

    /// The settings of the training.
    pub fn params(&self) -> TrainingParams {
        let ClassifierArgs { alpha, class_weights, solver, folds, seed, target_precision } = self.classifier;
        let mut params = TrainingParams { alpha, folds, seed, ..TrainingParams::default() };
        params.thresholds.target_precision = target_precision;
        params.class_weights = match class_weights {
            Weights::Uniform => ClassWeights::Uniform,
            Weights::Balanced => ClassWeights::Balanced,
        };
        params.solver = match solver {
            Solver::Auto => SolverChoice::Auto,
            Solver::Linfa => SolverChoice::Linfa,
            Solver::Sparse => SolverChoice::Sparse,
        };
        params
    }

    /// The cue lexicon, and a word about where it is from.
    pub fn lexicon(&self, labels: &LabelSet, voice: &Voice) -> Result<Option<CueLexicon>> {
        match self.features.cues.as_deref() {
            Some("none") => Ok(None),
            Some(path) => read_lexicon(path).map(Some),
            None => {
                let built_in = StanceModel::embedded().ok().filter(|model| model.labels() == labels);
                let lexicon = built_in.and_then(|model| model.lexicon().cloned());
                match &lexicon {
                    Some(lexicon) => voice.say(format_args!(
                        "cues: the lexicon of the built-in model ({} classes), as the labels are the same",
                        lexicon.classes().len()
                    )),
                    None => {
                        voice
                            .say("cues: none, as the labels are not those of the built-in model; see --cues");
                    }
                }
                Ok(lexicon)
            }
        }
    }

    /// Reads all rows, and says what was decided on the way.
    pub fn read(&self, voice: &Voice) -> Result<Rows> {
        let on_bad = self.reading.on_bad_row();
        let spec = |inputs: &[String]| self.reading.spec(inputs, Some(&self.labelled));
        let mut datasets = vec![Dataset::read(&spec(&self.inputs), None, on_bad)?];
        for path in &self.add {
            let known = datasets[0].labels().clone();
            datasets.push(Dataset::read(&spec(std::slice::from_ref(path)), Some(&known), on_bad)?);
        }
        for dataset in &datasets {
            tell_of(dataset, voice);
        }
        let rows = Rows::new(datasets, data_name(self.inputs.iter().chain(&self.add)))?;
        rows.tell_groups(voice);
        Ok(rows)
    }
}

fn read_lexicon(path: &str) -> Result<CueLexicon> {
    let place = || Place::file(path);
    let toml = std::fs::read_to_string(path)
        .map_err(|error| Error::io("cannot read the cue lexicon", error).at(place()))?;
    CueLexicon::parse(&toml).map_err(|error| error.at(place()))
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
    let mut columns = vec![format!("text {}", roles.text), format!("label {}", roles.label)];
    columns.extend(roles.id.iter().map(|id| format!("id {id}")));
    columns.extend(roles.group.iter().map(|group| format!("group {group}")));
    voice.say(format_args!("columns: {}", columns.join(", ")));
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
    fn new(datasets: Vec<Dataset>, name: String) -> Result<Self> {
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

    fn tell_groups(&self, voice: &Voice) {
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

    /// Finds out whether the first tables have the columns called `names`.
    pub fn check_columns(&self, names: &[String]) -> Result<()> {
        self.columns(names).map(drop)
    }

    /// The cells of the columns called `names`; a further table that lacks one has empty cells.
    fn columns(&self, names: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        let column = |name: &String| {
            self.datasets[0].header().require(name)?;
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

    /// Writes the out-of-fold predictions.
    pub fn write_predictions(&self, found: &OutOfFoldResult, path: &str) -> Result<()> {
        let (outcomes, probabilities) = (found.outcomes.clone(), found.probabilities.clone());
        let predictions = Predictions { outcomes, probabilities, status: statuses(found) };
        predictions.write(path, &self.examples(), self.labels())
    }
}

fn of_folds(warning: &TrainingWarning) -> Option<stancewire::eval::Warning> {
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
