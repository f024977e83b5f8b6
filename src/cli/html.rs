//! The report as a page, beside the report as text.

use std::io::Write;

use clap::Args;
use stancewire::corpus::{LabelledExample, Output};
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::eval::{
    Breakdown, Evaluation, LabelCurve, Outcome, Probabilities, score_histograms, surest_errors,
};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{Scorer, StanceModel, readable};
use stancewire::report::html::{EvaluationReport, Fact, Mistake, MistakeTerm};

/// Where the page goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct HtmlArgs {
    /// Write a report as one HTML file too: scores, plots, the most confident errors, the strongest terms, and scores by
    /// columns such as source, register and year. It needs no network, and the same rows give the same file
    /// [default: do not]
    #[arg(long, value_name = "FILE.html")]
    report: Option<String>,
}

/// A page that is still to be written, if one is wanted.
pub struct PageFile(Option<Output>);

impl HtmlArgs {
    /// Whether there is to be a page.
    pub fn is_wanted(&self) -> bool {
        self.report.is_some()
    }

    /// Begins the file before the work, so that a folder that cannot be written to is found first. `others` are the
    /// further outputs of the run.
    pub fn open(&self, others: &[Option<&str>]) -> Result<PageFile> {
        let Some(path) = self.report.as_deref() else { return Ok(PageFile(None)) };
        let refuse = |what: String| {
            Err(Error::new(ErrorKind::Settings, what).advise("name another file after --report"))
        };
        if path == "-" {
            return refuse("the page of --report cannot go to standard output; expected a file".to_owned());
        }
        if others.contains(&Some(path)) {
            return refuse(format!("--report would overwrite another output of this run: {path}"));
        }
        Output::create(path).map(Some).map(PageFile)
    }
}

impl PageFile {
    /// Writes the page.
    pub fn write(self, html: Option<&str>) -> Result<()> {
        let (Some(mut output), Some(html)) = (self.0, html) else { return Ok(()) };
        let written = output.write_all(html.as_bytes());
        written.map_err(|error| output.error(error))?;
        output.finish()
    }
}

/// Columns that a page breaks the scores down by where they are there.
const KNOWN: [&str; 9] =
    ["register", "source", "outlet", "sample", "conflict", "country", "language", "year", "borderline"];

/// Columns with dates, the first of which tells the years.
const DATES: [&str; 4] = ["date", "published", "published_at", "pub_date"];

/// A column with more values than this is no division of the data.
const MOST_VALUES: usize = 200;

/// The columns of [`KNOWN`] that are there, have between 2 and [`MOST_VALUES`] values and are not among `given`; and the year
/// of a date.
pub fn known_columns(
    given: &[String],
    column: impl Fn(&str) -> Option<Vec<String>>,
) -> Vec<(String, Vec<String>)> {
    let year = || {
        let dates = DATES.into_iter().find_map(&column)?;
        let year = |date: &String| {
            let year: String = date.trim().chars().take(4).collect();
            let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
            (is_year || date.trim().is_empty()).then_some(year)
        };
        dates.iter().map(year).collect::<Option<Vec<_>>>()
    };
    let cells = |name: &&str| match (column(name), *name) {
        (None, "year") => year(),
        (found, _) => found,
    };
    KNOWN
        .iter()
        .filter(|name| !given.iter().any(|given| given == *name))
        .filter_map(|name| Some(((*name).to_owned(), cells(name)?)))
        .filter(|(_, cells)| {
            let mut values: Vec<&String> = cells.iter().collect();
            values.sort_unstable();
            values.dedup();
            (2..=MOST_VALUES).contains(&values.len())
        })
        .collect()
}

/// How many errors a page shows, and how many terms for and against each.
const ERRORS: usize = 25;
const TERMS: usize = 4;

/// About how many points a curve has.
const STEPS: u64 = 100;

/// How many columns the histograms have.
const BINS: usize = 20;

/// Everything a page is made of.
pub struct HtmlPage<'a> {
    pub kind: &'a str,
    pub evaluation: &'a Evaluation,
    pub labels: &'a LabelSet,
    pub model: Option<&'a StanceModel>,
    pub examples: Vec<&'a LabelledExample>,
    pub outcomes: &'a [Outcome],
    pub probabilities: Option<&'a Probabilities>,
    pub columns: Vec<(String, Vec<String>)>,
    pub sha256: String,
    pub about_terms: &'a str,
}

impl HtmlPage<'_> {
    pub fn html(self) -> String {
        let gold: Vec<LabelId> = self.outcomes.iter().map(|outcome| outcome.gold).collect();
        let histograms = self.probabilities.map(|table| score_histograms(self.labels, &gold, table, BINS));
        let curves =
            self.probabilities.map(|table| LabelCurve::for_drawing(self.labels, &gold, table, STEPS));
        let breakdown = |(name, values): &(String, Vec<String>)| {
            Breakdown::new(name, values, self.outcomes, self.labels.len())
        };
        let report = EvaluationReport {
            kind: self.kind,
            evaluation: self.evaluation,
            model: self.model,
            facts: vec![Fact::new("SHA-256 of texts, labels and documents", &self.sha256)],
            breakdowns: self.columns.iter().map(breakdown).collect(),
            curves: curves.unwrap_or_default(),
            histograms: histograms.unwrap_or_default(),
            mistakes: self.mistakes(),
            about_terms: self.about_terms,
        };
        report.html()
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let mut scorer = self.model.map(StanceModel::scorer);
        let rows = surest_errors(self.outcomes, self.probabilities, ERRORS);
        rows.into_iter().map(|row| self.mistake(row, scorer.as_mut())).collect()
    }

    fn mistake(&self, row: usize, scorer: Option<&mut Scorer<'_>>) -> Mistake {
        let (example, outcome) = (self.examples[row], self.outcomes[row]);
        let Outcome { gold, predicted } = outcome;
        let of = |table: &Probabilities| (table.row(row)[predicted.index()], table.row(row)[gold.index()]);
        Mistake {
            id: example.id.clone(),
            document: example.group.clone(),
            text: example.text.clone(),
            gold: self.labels.name(gold).to_owned(),
            predicted: self.labels.name(predicted).to_owned(),
            probabilities: self.probabilities.map(of),
            terms: scorer.map_or_else(Vec::new, |scorer| terms(scorer, &example.text, outcome)),
        }
    }
}

/// The terms that spoke most for the predicted label and most for the gold label; ties by name.
fn terms(scorer: &mut Scorer<'_>, text: &str, outcome: Outcome) -> Vec<MistakeTerm> {
    let mut all: Vec<MistakeTerm> = scorer
        .contributions(text)
        .into_iter()
        .map(|found| MistakeTerm {
            term: readable(&found.term).into_owned(),
            is_cue: found.is_cue,
            difference: found.per_label[outcome.predicted.index()] - found.per_label[outcome.gold.index()],
        })
        .collect();
    all.sort_by(|a, b| b.difference.total_cmp(&a.difference).then_with(|| a.term.cmp(&b.term)));
    let against = all.iter().filter(|term| term.difference < 0.0).count();
    let mut shown: Vec<MistakeTerm> =
        all.iter().filter(|term| term.difference > 0.0).take(TERMS).cloned().collect();
    shown.extend(all[all.len() - against.min(TERMS)..].iter().cloned());
    shown
}
