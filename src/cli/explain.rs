//! `stancewire explain`

use std::fmt::Write;
use std::io::BufRead;

use clap::Args;
use serde::Serialize;
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::labels::LabelId;
use stancewire::model::{Contribution, Explanation, StanceModel, readable};
use stancewire::text::Segmenter;

use super::model::ModelArgs;
use super::terminal::Voice;
use super::{Ending, reporting};

/// Show why a sentence gets its label: what each word, phrase and cue adds to the score
///
/// The score of a label is its intercept plus the contributions of all features. Calibration turns the scores of all
/// labels into probabilities. Cues are the classes of the lexicon; A→B is a cue of class A shortly before one of B.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire explain \"The minister called for an immediate ceasefire.\"
  stancewire explain --all-labels --top 5 \"We will strike back if they cross the border.\"
  stancewire explain - --json < sentences.txt")]
pub struct ExplainArgs {
    /// Sentences, each in quotes, or - for standard input with one sentence per line
    #[arg(required = true, value_name = "TEXT")]
    texts: Vec<String>,
    /// How many features are shown, the strongest first; the others are summed in one line
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Show the scores of all labels [default: that of the most probable one]
    #[arg(long)]
    all_labels: bool,
    /// Print one JSON object per sentence, with all features and labels [default: tables]
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(arguments: &ExplainArgs, voice: &Voice) -> Result<Ending> {
    let model = arguments.model.open()?;
    let segmenter = Segmenter::new(model.feature_params().analyzer.language);
    let mut shown = String::new();
    for text in arguments.texts()? {
        let sentences = segmenter.segment(&text).len();
        if sentences > 1 {
            voice.say(format_args!(
                "note: this is taken as one sentence, though it looks like {sentences}; label would split it: {text}"
            ));
        }
        let found = model.explain(&text);
        if arguments.json {
            shown.push_str(&json(model, &text, &found)?);
        } else {
            let gap = if shown.is_empty() { "" } else { "\n" };
            let _ = write!(shown, "{gap}{}", Tables { model, text: &text, found: &found }.render(arguments));
        }
    }
    reporting::print(&shown).map(|()| Ending::Done)
}

impl ExplainArgs {
    /// The sentences, with the lines of standard input in the place of `-`.
    fn texts(&self) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for text in &self.texts {
            if text == "-" {
                texts.extend(lines()?);
            } else {
                texts.push(text.clone());
            }
        }
        if texts.iter().any(|text| !text.trim().is_empty()) {
            return Ok(texts);
        }
        Err(Error::new(ErrorKind::Empty, "there is no sentence to explain")
            .advise("give one in quotes, or - to read standard input"))
    }
}

/// The lines of standard input that are not blank.
fn lines() -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
        let line = line.map_err(|error| {
            Error::io("cannot read", error)
                .at(Place::file("<stdin>").line(number))
                .advise("explain reads UTF-8; turn the file into it first")
        })?;
        if !line.trim().is_empty() {
            texts.push(line);
        }
    }
    Ok(texts)
}

/// One sentence and all about it.
struct Tables<'a> {
    model: &'a StanceModel,
    text: &'a str,
    found: &'a Explanation,
}

impl Tables<'_> {
    fn render(&self, arguments: &ExplainArgs) -> String {
        let Self { model, text, found } = self;
        let labels = model.labels();
        let mut lines = format!(
            "{}\n{}  {:.4}  ({})\n",
            text.trim(),
            labels.name(found.label),
            found.probabilities[found.label.index()],
            found.status.as_str()
        );
        let shares =
            labels.ids().map(|id| format!("{} {:.4}", labels.name(id), found.probabilities[id.index()]));
        let _ = writeln!(lines, "probabilities: {}", shares.collect::<Vec<_>>().join(", "));
        let mut order: Vec<LabelId> = labels.ids().collect();
        order.sort_by(|a, b| {
            found.probabilities[b.index()].total_cmp(&found.probabilities[a.index()]).then(a.cmp(b))
        });
        let count = if arguments.all_labels { order.len() } else { 1 };
        for &label in order.iter().take(count) {
            self.table(label, arguments.top, &mut lines);
        }
        lines
    }

    /// What the score of `label` is made of.
    fn table(&self, label: LabelId, top: usize, lines: &mut String) {
        let Self { model, found, .. } = self;
        let of = |feature: &Contribution| feature.per_label[label.index()];
        let mut features: Vec<&Contribution> = found.contributions.iter().collect();
        features.sort_by(|a, b| of(b).abs().total_cmp(&of(a).abs()).then_with(|| a.term.cmp(&b.term)));
        let (shown, others) = features.split_at(top.min(features.len()));
        let mut rows = vec![("intercept".to_owned(), found.intercepts[label.index()])];
        rows.extend(shown.iter().map(|feature| (name(feature), of(feature))));
        if !others.is_empty() {
            let sum = others.iter().map(|feature| of(feature)).sum();
            rows.push((format!("{} others", others.len()), sum));
        }
        rows.push(("sum = score".to_owned(), found.scores[label.index()]));
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let _ = writeln!(lines, "\nscore of {}", model.labels().name(label));
        for (name, value) in rows {
            let _ = writeln!(lines, "  {name:width$}  {value:>+8.4}");
        }
    }
}

/// A feature's name for a person to read.
fn name(feature: &Contribution) -> String {
    let kind = if feature.is_cue { "cue  " } else { "word " };
    format!("{kind}{}", readable(&feature.term))
}

/// A sentence for programs. Lists with one number per label are in the order of `labels`.
#[derive(Serialize)]
struct Json<'a> {
    text: &'a str,
    label: &'a str,
    confidence: f64,
    status: &'a str,
    labels: &'a [String],
    probabilities: &'a [f64],
    scores: &'a [f64],
    intercepts: &'a [f64],
    contributions: Vec<JsonFeature<'a>>,
}

#[derive(Serialize)]
struct JsonFeature<'a> {
    term: &'a str,
    kind: &'a str,
    value: f64,
    contributions: &'a [f64],
}

impl<'a> JsonFeature<'a> {
    fn new(Contribution { term, is_cue, value, per_label }: &'a Contribution) -> Self {
        let kind = if *is_cue { "cue" } else { "word" };
        Self { term, kind, value: *value, contributions: per_label }
    }
}

fn json(model: &StanceModel, text: &str, found: &Explanation) -> Result<String> {
    let json = Json {
        text,
        label: model.labels().name(found.label),
        confidence: found.probabilities[found.label.index()],
        status: found.status.as_str(),
        labels: model.labels().names(),
        probabilities: &found.probabilities,
        scores: &found.scores,
        intercepts: &found.intercepts,
        contributions: found.contributions.iter().map(JsonFeature::new).collect(),
    };
    let line = serde_json::to_string(&json);
    line.map(|line| line + "\n").map_err(|error| Error::io("cannot write JSON", error.into()))
}
