//! The parts of an evaluation that text and Markdown show alike.

use super::format::{count, estimate, percent, score, share};
use super::page::Page;
use super::table::Table;
use crate::eval::{
    AverageEstimates, Breakdown, ClassEstimates, CoveragePoint, Evaluation, IntervalMethod, NamedConfusion,
    RatioEstimate, ReliabilityBin, ResamplingUnit, StatusCounts,
};

/// The most values of a column that are shown.
const BREAKDOWN_ROWS: usize = 20;

/// A table with its heading and, if there is something to be said about it, a note below.
pub(super) struct Section {
    pub title: String,
    pub table: Table,
    pub note: Option<String>,
}

impl Section {
    fn new(title: impl Into<String>, table: Table) -> Self {
        Self { title: title.into(), table, note: None }
    }
}

/// Everything about an evaluation.
pub(super) fn page(evaluation: &Evaluation) -> Page<'_> {
    Page {
        title: title(evaluation),
        preamble: preamble(evaluation),
        sections: sections(evaluation),
        warnings: &evaluation.warnings,
    }
}

/// What was evaluated.
pub(super) fn title(evaluation: &Evaluation) -> String {
    format!("{} on {}", evaluation.model, evaluation.data)
}

/// How many rows and documents there are, and what the brackets mean.
pub(super) fn preamble(evaluation: &Evaluation) -> String {
    let rows = count(evaluation.rows, "row");
    let documents = evaluation.documents.map(|number| format!(" of {}", count(number, "document")));
    format!("{rows}{}.{}", documents.unwrap_or_default(), brackets(evaluation.intervals).unwrap_or_default())
}

/// What the brackets mean, with a space in front; nothing when there are none.
pub(super) fn brackets(intervals: Option<IntervalMethod>) -> Option<String> {
    intervals.filter(|method| method.units > 1).map(|method| {
        let drawn = match method.unit {
            ResamplingUnit::Document => "documents",
            ResamplingUnit::Row => "rows",
        };
        let level = (method.level * 1000.0).round() / 10.0;
        let resamples = count(method.replicates as u64, "resample");
        format!(" In brackets: {level} % intervals from {resamples} of {drawn}.")
    })
}

/// All tables, in the order in which they are read.
pub(super) fn sections(evaluation: &Evaluation) -> Vec<Section> {
    let mut sections = vec![labels(evaluation), Section::new("Overall", overall(evaluation))];
    sections.push(Section::new(
        "Confusion (gold rows, predicted columns)",
        confusion(&evaluation.confusion, "gold"),
    ));
    sections.extend(evaluation.status.map(|status| Section::new("Status", statuses(&status))));
    if let Some(probability) = &evaluation.probability {
        sections
            .push(Section::new("If only the most confident rows are kept", coverage(&probability.coverage)));
        sections.push(Section::new("Reliability of confidences", reliability(&probability.reliability)));
    }
    sections.extend(evaluation.breakdowns.iter().map(breakdown));
    sections
}

fn labels(evaluation: &Evaluation) -> Section {
    let mut table = Table::new(["label", "precision", "recall", "F1", "gold", "predicted"]);
    let cell = |ratio: RatioEstimate| estimate(ratio.into(), 2);
    for class in &evaluation.labels {
        let ClassEstimates { label, precision, recall, f1, support, predicted } = class;
        let [precision, recall, f1] = [*precision, *recall, *f1].map(cell);
        table.row([label.clone(), precision, recall, f1, support.to_string(), predicted.to_string()]);
    }
    let rows = evaluation.rows.to_string();
    for (name, average) in
        [("macro average", &evaluation.macro_average), ("weighted average", &evaluation.weighted_average)]
    {
        let AverageEstimates { precision, recall, f1 } = *average;
        let [precision, recall, f1] = [precision, recall, f1].map(|value| estimate(value, 2));
        table.row([name.to_owned(), precision, recall, f1, rows.clone(), rows.clone()]);
    }
    let undefined =
        |class: &ClassEstimates| class.precision.ratio.den() == 0 || class.recall.ratio.den() == 0;
    let note = "n/a is 0/0: never predicted (precision) or without gold rows (recall). Averages count it as 0, and \
                leave out labels that occur in neither.";
    let note = evaluation.labels.iter().any(undefined).then(|| note.to_owned());
    Section { note, ..Section::new("Labels", table) }
}

fn overall(evaluation: &Evaluation) -> Table {
    let mut table = Table::new(["score", "value"]);
    table.row(["accuracy".into(), estimate(evaluation.accuracy.into(), 2)]);
    table.row(["Cohen's kappa".into(), estimate(evaluation.kappa, 2)]);
    table.row(["Matthews correlation".into(), estimate(evaluation.mcc, 2)]);
    if let Some(probability) = &evaluation.probability {
        table.row(["log loss".into(), estimate(probability.log_loss, 3)]);
        table.row(["Brier score".into(), estimate(probability.brier, 3)]);
        let [width, mass] =
            [probability.calibration_error_equal_width, probability.calibration_error_equal_mass];
        table.row(["calibration error".into(), score(width, 3)]);
        table.row(["  by equal counts".into(), score(mass, 3)]);
    }
    table
}

/// Counts of two labels per row; `rows` heads the first column and says whose label it is.
pub(super) fn confusion(confusion: &NamedConfusion, rows: &str) -> Table {
    let heads = std::iter::once(rows).chain(confusion.labels.iter().map(String::as_str));
    let row = |(label, counts): (&String, &Vec<u64>)| {
        std::iter::once(label.clone()).chain(counts.iter().map(u64::to_string)).collect()
    };
    Table {
        heads: heads.map(str::to_owned).collect(),
        rows: confusion.labels.iter().zip(&confusion.counts).map(row).collect(),
    }
}

fn statuses(status: &StatusCounts) -> Table {
    let mut table = Table::new(["status", "rows", "right"]);
    for (name, right) in [("ok", status.ok), ("review", status.review), ("empty", status.empty)] {
        table.row([name.to_owned(), right.den().to_string(), share(right)]);
    }
    table
}

fn coverage(points: &[CoveragePoint]) -> Table {
    let mut table = Table::new(["kept", "rows", "confidence from", "right"]);
    for point in points {
        table.row([
            percent(point.coverage),
            point.coverage.num().to_string(),
            score(Some(point.threshold), 3),
            share(point.accuracy),
        ]);
    }
    table
}

fn reliability(bins: &[ReliabilityBin]) -> Table {
    let mut table = Table::new(["confidence", "rows", "mean", "right"]);
    for bin in bins.iter().filter(|bin| bin.accuracy.den() > 0) {
        table.row([
            format!("{:.2}–{:.2}", bin.low, bin.high),
            bin.accuracy.den().to_string(),
            score(bin.confidence, 2),
            share(bin.accuracy),
        ]);
    }
    table
}

fn breakdown(breakdown: &Breakdown) -> Section {
    let mut table = Table::new([&breakdown.column, "rows", "accuracy", "macro F1"]);
    for part in breakdown.parts.iter().take(BREAKDOWN_ROWS) {
        table.row([
            part.value.clone(),
            part.accuracy.den().to_string(),
            share(part.accuracy),
            score(part.macro_f1, 2),
        ]);
    }
    let more = breakdown.parts.len().saturating_sub(BREAKDOWN_ROWS) as u64;
    let note = (more > 0).then(|| format!("and {} with fewer rows", count(more, "value")));
    Section { note, ..Section::new(format!("By {}", breakdown.column), table) }
}
