//! What `train` and `crossval` share: their arguments, and what these mean.

use clap::{Args, ValueEnum};
use stancewire::classifier::ClassWeights;
use stancewire::corpus::{InputSpec, OnBadRow};
use stancewire::error::{Error, Place, Result};
use stancewire::features::CueLexicon;
use stancewire::labels::LabelSet;
use stancewire::model::{FeatureParams, SearchSpace, SolverChoice, StanceModel, TrainingParams};
use stancewire::text::{Language, NgramRange};

use super::arguments::{LabelledArgs, ReadingArgs, ThreadArgs, ngram_range};
use super::rows::{Rows, data_name, read, read_filled, tell_of};
use super::terminal::Voice;

/// Rows and settings of a training.
#[derive(Debug, Args)]
pub struct TrainingArgs {
    /// Tables with a text and a label column; several must have the same columns
    #[arg(required = true, value_name = "CSV")]
    inputs: Vec<String>,
    /// Further rows from a table with other columns, which are found in the same way; its labels must be those of the
    /// first tables, and rows without a label are left out, so that a partly filled table of suggest will do; may be
    /// repeated [default: none]
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

    /// What `--search` chooses from: steps of a factor of two around the strength of the penalty, the usual n-gram ranges
    /// and frequencies, and more or less weight for the cues.
    pub fn space(&self) -> Result<SearchSpace> {
        let (alpha, weight) = (self.classifier.alpha, self.features.cue_weight);
        Ok(SearchSpace {
            alpha: [0.25, 0.5, 1.0, 2.0].map(|factor| factor * alpha).to_vec(),
            cue_weight: [0.7, 1.0, 1.4].map(|factor| factor * weight).to_vec(),
            min_df: vec![2, 3, 5],
            ngrams: vec![NgramRange::new(1, 1)?, NgramRange::new(1, 2)?],
        })
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
        self.read_with(self.reading.on_bad_row(), voice)
    }

    /// The same with the rows that cannot be used left out, whatever the arguments say.
    pub fn read_usable(&self, voice: &Voice) -> Result<Rows> {
        self.read_with(OnBadRow::Skip, voice)
    }

    /// How the tables are read, applied to another one.
    pub fn spec_of(&self, path: &str) -> InputSpec {
        self.reading.spec(&[path.to_owned()], Some(&self.labelled))
    }

    /// All tables that are read.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.inputs.iter().chain(&self.add)
    }

    fn read_with(&self, on_bad: OnBadRow, voice: &Voice) -> Result<Rows> {
        let spec = |inputs: &[String]| self.reading.spec(inputs, Some(&self.labelled));
        let mut datasets = vec![read(&spec(&self.inputs), None, on_bad)?];
        for path in &self.add {
            let known = datasets[0].labels().clone();
            datasets.push(read_filled(&spec(std::slice::from_ref(path)), Some(&known), on_bad)?);
        }
        for dataset in &datasets {
            tell_of(dataset, voice);
        }
        let rows = Rows::new(datasets, data_name(self.inputs.iter().chain(&self.add)))?;
        rows.tell_groups(voice);
        rows.tell_copies(voice)?;
        Ok(rows)
    }
}

fn read_lexicon(path: &str) -> Result<CueLexicon> {
    let place = || Place::file(path);
    let toml = std::fs::read_to_string(path)
        .map_err(|error| Error::io("cannot read the cue lexicon", error).at(place()))?;
    CueLexicon::parse(&toml).map_err(|error| error.at(place()))
}
