//! `stancewire summarize`

use clap::{Args, ValueEnum};
use stancewire::batch::probability_columns;
use stancewire::corpus::{ColumnChoice, DateReader, GroupedRows, GroupedSpec, InputSpec, OnBadRow, Source};
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::eval::{
    BootstrapParams, Confusion, Correction, ErrorRates, FEWEST_DOCUMENTS, GroupSummary, Groups, Outcome,
    Quantifier, SMALL_GROUP, Summary, SummaryColumn, SummaryIntervals, SummaryNote,
};
use stancewire::labels::LabelSet;
use stancewire::model::StanceModel;
use stancewire::report;

use super::arguments::{LabelNumber, ReadingArgs, ThreadArgs};
use super::model::{Prior, open};
use super::reporting::write;
use super::rows::data_name;
use super::terminal::Voice;
use super::{Ending, overwrite};

/// Sum up labelled rows: the share of each label by source, by month, by any columns
///
/// Counted labels are biased: a classifier gives a rare label to rows of the common ones. The shares are corrected for
/// that, and their intervals tell of few documents and of errors that were counted on few rows. The correction takes for
/// granted that the model errs on these texts as in its cross-validation; --errors takes its errors on texts of yours.
#[derive(Debug, Args)]
#[command(mut_arg("text_column", |argument| argument.hide(true)))] // labels are read, not texts
#[command(after_help = "\
Examples:
  stancewire summarize labelled.csv --by source
  stancewire summarize labelled.csv --by source,date:month -o shares.csv --html shares.html
  stancewire evaluate checked.csv --predictions errors.csv
  stancewire summarize labelled.csv --by date:week --errors errors.csv --min-rows 50")]
pub struct SummarizeArgs {
    /// Tables with a label in each row, as label writes them; several must have the same columns
    #[arg(required = true, value_name = "LABELLED")]
    inputs: Vec<String>,
    /// Group by these columns; COLUMN:day, week, month, quarter or year puts dates together (weeks are those of ISO
    /// 8601); may be repeated [default: all rows are one group]
    #[arg(long, value_name = "COLUMN[:PERIOD],…", value_delimiter = ',')]
    by: Vec<String>,
    /// How dates are written, such as DD.MM.YYYY or %d.%m.%Y [default: YYYY-MM-DD or YYYY/MM/DD, both also with a time
    /// behind, or YYYYMMDD]
    #[arg(long, value_name = "FORM")]
    date_format: Option<String>,
    /// Put all groups of fewer rows into a single one, "(pooled)" in every column [default: none; groups of fewer than
    /// 30 are marked]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    min_rows: u64,
    #[command(flatten)]
    correction: CorrectionArgs,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    columns: LabelColumns,
}

/// How shares are corrected.
#[derive(Debug, Args)]
#[command(next_help_heading = "Correction")]
struct CorrectionArgs {
    /// How the shares are corrected: em (from the probabilities), adjusted (from the labels alone) or none [default: em
    /// where there are probabilities, else adjusted]
    #[arg(long, value_name = "METHOD")]
    correct: Option<Method>,
    /// The model file that gave the labels [default: the model that is part of the program]
    #[arg(long, short, value_name = "FILE")]
    model: Option<String>,
    /// The --prior that label was given, if it was: natural, training, balanced or LABEL=SHARE,… [default: as in label:
    /// natural where the model knows them, else training]
    #[arg(long, value_name = "SHARES")]
    prior: Option<Prior>,
    /// Take the errors from this table with the columns gold and predicted, as evaluate --predictions writes it; best rows
    /// of the texts at hand, some hundred of them [default: the model's cross-validation]
    #[arg(long, value_name = "FILE")]
    errors: Option<String>,
    /// How many resamples the intervals come from [default: 1000]
    #[arg(long, value_name = "N", default_value_t = 1000, hide_default_value = true)]
    resamples: usize,
    /// The share of resamples inside the intervals [default: 0.95]
    #[arg(long, value_name = "P", default_value_t = 0.95, hide_default_value = true)]
    level: f64,
    /// The seed of the resamples [default: 1]
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    seed: u64,
}

/// What is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct FormArgs {
    /// As JSON, with everything [default: as text, unless the name after -o ends in .json or .csv]
    #[arg(long, group = "form")]
    json: bool,
    /// As one tidy table: a row for each label of each group
    #[arg(long, group = "form")]
    csv: bool,
    /// Write the shares to this file [default: standard output]
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: String,
    /// Write a page with charts to this file too [default: do not]
    #[arg(long, value_name = "FILE")]
    html: Option<String>,
}

/// The columns of labelled rows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
struct LabelColumns {
    /// The column with the label [default: label, stance, class or gold]
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// The column that tells documents apart [default: doc_id, document, article_id or group; without one, id where rows
    /// have a sentence_no; else each row counts as a document]
    #[arg(long, value_name = "NAME")]
    group_column: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    Adjusted,
    Em,
    None,
}

pub fn run(arguments: &SummarizeArgs, voice: &Voice) -> Result<Ending> {
    arguments.threads.apply()?;
    arguments.check()?;
    let mut rows = GroupedRows::open(&arguments.spec()?)?;
    voice.notices(rows.source().notices());
    let plan = Plan::new(arguments, &mut rows, voice)?;
    let mut groups = plan.groups(rows.document_column().is_some());
    tell_columns(&rows, voice);
    let bar = voice.bar(rows.source().progress().total_bytes());
    let skipped = rows.for_each(arguments.reading.on_bad_row(), |row| {
        let added = groups.add(row.group, row.label, row.probabilities, row.document);
        added.map_err(|error| error.advise(UNKNOWN_LABEL))
    })?;
    drop(bar);
    let summary = plan.summary(arguments, &rows, groups)?;
    if let Some(path) = &arguments.form.html {
        write(path, report::summary_page(&summary, &periods(&rows, &summary)).as_bytes())?;
    }
    arguments.form.write(&summary)?;
    voice.skipped(&skipped);
    Ok(Ending::Done)
}

const UNKNOWN_LABEL: &str =
    "name the model that gave the labels with --model, or count them as they are with --correct none";

impl SummarizeArgs {
    fn check(&self) -> Result<()> {
        if self.reading.text_column.is_some() {
            return Err(contradiction("--text-column is of no use here: labels are summed up, not texts")
                .advise("name the column of the labels with --label-column"));
        }
        let (output, html) = (&self.form.output, self.form.html.as_ref());
        if html == Some(output) {
            return Err(contradiction("-o and --html name the same file").advise("choose two names"));
        }
        let read = || self.inputs.iter().chain(&self.correction.errors).chain(&self.correction.model);
        std::iter::once(output).chain(html).try_for_each(|path| overwrite::refuse(path, read()))
    }

    fn spec(&self) -> Result<GroupedSpec> {
        let mut input = self.reading.spec(&self.inputs, None);
        input.columns.label.clone_from(&self.columns.label_column);
        input.columns.group.clone_from(&self.columns.group_column);
        let dates = self.date_format.as_deref().map(DateReader::with_format).transpose()?;
        Ok(GroupedSpec { input, by: self.by.clone(), dates: dates.unwrap_or_default() })
    }
}

impl CorrectionArgs {
    /// The shares of the labels that the probabilities were made for: those that label expects.
    fn prior(&self, model: &StanceModel) -> Prior {
        let known = model.card().natural_shares.as_ref().map(|_| Prior::Natural);
        self.prior.clone().or(known).unwrap_or(Prior::Training)
    }

    fn bootstrap(&self) -> BootstrapParams {
        BootstrapParams { replicates: self.resamples, level: self.level, seed: self.seed }
    }

    /// What the errors are called.
    fn errors_from(&self, own: Option<&ErrorRates>) -> String {
        let rows = |rates: &ErrorRates| rates.counts().iter().flatten().sum::<u64>();
        match (&self.errors, own, &self.model) {
            (Some(path), Some(own), _) => format!("{} rows of {}", rows(own), data_name([path].into_iter())),
            (_, _, Some(model)) => format!("the cross-validation of {}", data_name([model].into_iter())),
            _ => "the built-in model's cross-validation".to_owned(),
        }
    }
}

/// What is to be done with the rows, settled before the first one is read.
struct Plan {
    correction: Correction,
    /// Unless nothing is corrected.
    model: Option<StanceModel>,
    own: Option<ErrorRates>,
}

impl Plan {
    fn new(arguments: &SummarizeArgs, rows: &mut GroupedRows, voice: &Voice) -> Result<Self> {
        let chosen = &arguments.correction;
        chosen.bootstrap().check()?;
        if chosen.correct == Some(Method::None) {
            let given = [("errors", &chosen.errors), ("model", &chosen.model)];
            return match given.into_iter().find(|(_, value)| value.is_some()) {
                Some((name, _)) => Err(contradiction(&format!("--{name} is of no use with --correct none"))),
                None => Ok(Self { correction: Correction::None, model: None, own: None }),
            };
        }
        let model = open(chosen.model.as_deref())?;
        let correction = correction(chosen, rows, &model, voice)?;
        if correction == Correction::Adjusted && !matches!(chosen.prior, None | Some(Prior::Training)) {
            return Err(contradiction(
                "--prior shifts probabilities, and --correct adjusted goes by the labels alone",
            )
            .advise("correct with em, or label the texts with --prior training and say so here too"));
        }
        let path = chosen.errors.as_deref();
        let own = path.map(|path| own_errors(path, model.labels(), &arguments.reading)).transpose()?;
        Ok(Self { correction, model: Some(model), own })
    }

    fn groups(&self, documents_known: bool) -> Groups {
        match &self.model {
            None => Groups::of_any_labels(documents_known),
            Some(model) => {
                Groups::of_labels(model.labels(), self.correction == Correction::Em, documents_known)
            }
        }
    }

    fn quantifier(&self, chosen: &CorrectionArgs, n_labels: usize) -> Result<Quantifier> {
        let bootstrap = chosen.bootstrap();
        let Some(model) = &self.model else { return Quantifier::counting(n_labels, bootstrap) };
        let (labels, card) = (model.labels(), model.card());
        let counted = ErrorRates::new(labels, &card.cross_validation.confusion)?;
        let own = self.own.as_ref();
        if self.correction == Correction::Adjusted {
            return Quantifier::adjusted(own.unwrap_or(&counted), bootstrap);
        }
        Quantifier::em(&chosen.prior(model).shares(model)?, &counted, own, bootstrap)
    }

    /// What the model's own errors are not: those of labels given under other label shares than in its cross-validation.
    fn shifted(&self, chosen: &CorrectionArgs) -> Option<SummaryNote> {
        let is_shifted = !matches!(chosen.prior(self.model.as_ref()?), Prior::Training);
        // EM without own errors goes by the probabilities; the adjusted count with own errors goes by these alone.
        let are_used = (self.correction == Correction::Em) == self.own.is_some();
        (is_shifted && are_used).then_some(SummaryNote::ShiftedErrors)
    }

    /// The label shares that the probabilities were made for, in words.
    fn prior(&self, chosen: &CorrectionArgs) -> Option<String> {
        let model = self.model.as_ref().filter(|_| self.correction == Correction::Em)?;
        Some(match chosen.prior(model) {
            Prior::Natural => "natural".to_owned(),
            Prior::Training => "training".to_owned(),
            Prior::Balanced => "balanced".to_owned(),
            Prior::Shares(given) => {
                let share = |given: LabelNumber| format!("{}={}", given.label, given.number);
                given.into_iter().map(share).collect::<Vec<_>>().join(",")
            }
        })
    }

    fn summary(&self, arguments: &SummarizeArgs, rows: &GroupedRows, mut groups: Groups) -> Result<Summary> {
        let data = data_name(arguments.inputs.iter());
        let documents_known = rows.document_column().is_some();
        let pooled = groups.pool(arguments.min_rows);
        let quantifier = self.quantifier(&arguments.correction, groups.n_labels())?;
        let groups = groups.summarize(&quantifier);
        let Some(first) = groups.first() else {
            return Err(Error::new(
                ErrorKind::Empty,
                format!("{data} has no labelled rows; expected at least one"),
            )
            .advise("is the label column the right one? name it with --label-column"));
        };
        let column = |by: &stancewire::corpus::GroupColumn| SummaryColumn {
            name: by.column.name.clone(),
            period: by.period.map(|period| period.to_string()),
        };
        let foreign_errors = self.correction != Correction::None && self.own.is_none();
        let mut notes = notes(rows, &groups, pooled, foreign_errors);
        notes.extend(self.shifted(&arguments.correction));
        let errors_from = (self.correction != Correction::None)
            .then(|| arguments.correction.errors_from(self.own.as_ref()));
        Ok(Summary {
            data,
            columns: rows.by().iter().map(column).collect(),
            labels: first.labels.iter().map(|label| label.label.clone()).collect(),
            rows: groups.iter().map(|group| group.rows).sum(),
            correction: self.correction,
            errors_from,
            prior: self.prior(&arguments.correction),
            intervals: SummaryIntervals::new(quantifier.bootstrap(), documents_known),
            notes,
            groups,
        })
    }
}

fn contradiction(what: &str) -> Error {
    Error::new(ErrorKind::Settings, what)
}

/// The chosen correction; without a choice, the better one that the columns allow. Prepares the reading of probabilities.
fn correction(
    chosen: &CorrectionArgs,
    rows: &mut GroupedRows,
    model: &StanceModel,
    voice: &Voice,
) -> Result<Correction> {
    let names = probability_columns(model.labels());
    let missing = names.iter().find(|name| rows.source().header().index(name).is_none());
    match (chosen.correct, missing) {
        (Some(Method::Adjusted), _) => Ok(Correction::Adjusted),
        (None, Some(missing)) => {
            voice.say(format_args!(
                "note: there is no column \"{missing}\", so shares are corrected by the adjusted count, from the labels \
                 alone"
            ));
            Ok(Correction::Adjusted)
        }
        _ => {
            let read = rows.read_probabilities(&names);
            read.map_err(|error| error.advise("correct from the labels alone, with --correct adjusted"))?;
            Ok(Correction::Em)
        }
    }
}

/// The errors that the table at `path` tells of.
fn own_errors(path: &str, labels: &LabelSet, reading: &ReadingArgs) -> Result<ErrorRates> {
    let columns = ColumnChoice { label: Some("gold".to_owned()), ..ColumnChoice::default() };
    let input = InputSpec { columns, ..reading.spec(&[path.to_owned()], None) };
    let spec = GroupedSpec { input, by: vec!["predicted".to_owned()], dates: DateReader::default() };
    let mut rows = GroupedRows::new(Source::open(&spec.input)?, &spec)
        .map_err(|error| error.advise("such a table is written by stancewire evaluate --predictions"))?;
    let mut confusion = Confusion::empty(labels.len());
    rows.for_each(OnBadRow::Stop, |row| {
        let outcome = Outcome { gold: labels.require(row.label)?, predicted: labels.require(&row.group[0])? };
        confusion.record(outcome, 1);
        Ok(())
    })?;
    let counts: Vec<_> = (0..labels.len()).map(|gold| confusion.row(gold).to_vec()).collect();
    ErrorRates::new(labels, &counts).map_err(|error| error.at(stancewire::error::Place::file(path)))
}

/// All periods from the first to the last one of the column that a chart runs along, those without rows too.
fn periods(rows: &GroupedRows, summary: &Summary) -> Vec<String> {
    let Some(column) = rows.by().iter().rposition(|by| by.period.is_some()) else { return Vec::new() };
    let Some(period) = rows.by()[column].period else { return Vec::new() };
    let names = || {
        summary.groups.iter().map(|group| &group.values[column]).filter(|name| period.after(name).is_some())
    };
    let (Some(first), Some(last)) = (names().min(), names().max()) else { return Vec::new() };
    let all =
        std::iter::successors(Some(first.clone()), |name| period.after(name).filter(|next| next <= last));
    let all: Vec<String> = all.take(MOST_PERIODS + 1).collect();
    if all.len() <= MOST_PERIODS {
        return all;
    }
    // Days over centuries: the gaps are left out.
    let mut there: Vec<String> = names().cloned().collect();
    there.sort_unstable();
    there.dedup();
    there
}

/// How many periods a chart shows at most with those that have no rows.
const MOST_PERIODS: usize = 2000;

/// Says which columns are used.
fn tell_columns(rows: &GroupedRows, voice: &Voice) {
    let documents = rows.document_column().map(|column| format!(", documents = {column}"));
    voice.say(format_args!("columns: label = {}{}", rows.label_column(), documents.unwrap_or_default()));
}

fn notes(
    rows: &GroupedRows,
    groups: &[GroupSummary],
    pooled: Option<SummaryNote>,
    foreign_errors: bool,
) -> Vec<SummaryNote> {
    let mut notes: Vec<SummaryNote> = Vec::new();
    for undated in rows.undated() {
        notes.push(SummaryNote::Undated {
            column: format!("{}:{}", undated.column, undated.period),
            rows: undated.rows,
            first: undated.first.to_string(),
            cell: undated.cell.clone(),
        });
    }
    if rows.unlabelled() > 0 {
        notes.push(SummaryNote::Unlabelled { rows: rows.unlabelled() });
    }
    notes.extend(pooled);
    let count = |is: fn(&&GroupSummary) -> bool| groups.iter().filter(is).count() as u64;
    let (small, few) = (
        count(|group| group.rows < SMALL_GROUP),
        count(|group| group.documents.is_some_and(|n| n < FEWEST_DOCUMENTS)),
    );
    if small > 0 {
        notes.push(SummaryNote::SmallGroups { groups: small });
    }
    if few > 0 {
        notes.push(SummaryNote::FewDocuments { groups: few });
    }
    if rows.document_column().is_none() {
        notes.push(SummaryNote::NoDocuments);
    }
    if foreign_errors {
        notes.push(SummaryNote::ForeignErrors);
    }
    notes
}

impl FormArgs {
    fn write(&self, summary: &Summary) -> Result<()> {
        let ending = self.output.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let chosen = [(self.json, "json"), (self.csv, "csv")];
        let chosen = chosen.into_iter().find_map(|(is_chosen, form)| is_chosen.then_some(form));
        let text = match chosen.or(ending.as_deref()) {
            Some("json") => report::summary_json(summary),
            Some("csv") => report::summary_csv(summary),
            _ => report::summary_text(summary),
        };
        write(&self.output, text.as_bytes())
    }
}
