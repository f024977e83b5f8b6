//! Shares of labels by groups: as text, CSV or JSON.

use serde::Serialize;

use super::csv::literal;
use super::format::{UNDEFINED, count};
use super::table::{Table, cut, wrapped};
use super::text::TEXT_WIDTH;
use crate::eval::{
    Correction, Estimate, GroupSummary, Interval, LabelShare, ResamplingUnit, Summary, SummaryNote,
};

/// The most characters in a cell of the text.
const CELL: usize = 32;

/// The summary for the terminal: corrected shares with intervals, a row per group, and the rows as they were labelled.
///
/// Shares are in percent. At most [`TEXT_WIDTH`](super::TEXT_WIDTH) characters a line; the labels continue below where
/// they do not fit.
#[must_use]
pub fn summary_text(summary: &Summary) -> String {
    let title = format!("Shares of the labels in {}", summary.data);
    let mut parts =
        vec![wrapped(&cut(&title, usize::MAX), TEXT_WIDTH, 2), wrapped(&method(summary), TEXT_WIDTH, 0)];
    let shares = table(summary, |label| percent(label.share));
    parts.push(format!("\n{}\n{}", heading(summary), shares.aligned(TEXT_WIDTH, CELL)));
    let raw = table(summary, |label| {
        format!("{} ({})", percent(Estimate { value: label.raw.value(), interval: None }), label.raw.num())
    });
    parts.push(format!("\nAs labelled: percent of the rows (rows)\n{}", raw.aligned(TEXT_WIDTH, CELL)));
    if !summary.notes.is_empty() {
        parts.push("\nNotes\n".to_owned());
    }
    let item = |note: &SummaryNote| wrapped(&cut(&format!("- {note}"), usize::MAX), TEXT_WIDTH, 2);
    parts.extend(summary.notes.iter().map(item));
    parts.concat()
}

/// `Percent, corrected` and what stands in brackets.
pub(super) fn heading(summary: &Summary) -> String {
    let corrected =
        if summary.correction == Correction::None { "" } else { ", corrected for the model's error" };
    format!("Percent of the rows{corrected} [{} % interval]", summary.intervals.level * 100.0)
}

/// How the numbers were made, in sentences.
pub(super) fn method(summary: &Summary) -> String {
    let from = summary.errors_from.as_deref().unwrap_or_default();
    let correction = match summary.correction {
        Correction::None => "not corrected for the error of whoever labelled them".to_owned(),
        Correction::Adjusted => format!("corrected by the adjusted count with the errors of {from}"),
        Correction::Em => {
            let prior = summary.prior.as_deref().unwrap_or(UNDEFINED);
            format!(
                "corrected by expectation and maximisation (EM) with the errors of {from}, from probabilities for the \
                 label shares \"{prior}\""
            )
        }
    };
    let unit = match summary.intervals.unit {
        ResamplingUnit::Document => "documents",
        ResamplingUnit::Row => "rows",
    };
    let errors = if summary.correction == Correction::None { "" } else { " and of the errors" };
    format!(
        "{}, {correction}. Intervals from {} resamples of {unit}{errors}.",
        count(summary.rows, "row"),
        summary.intervals.replicates
    )
}

/// A row per group and a column per label.
fn table(summary: &Summary, cell: impl Fn(&LabelShare) -> String) -> Table {
    let named: Vec<String> = summary.columns.iter().map(|column| column.key().replace('_', " ")).collect();
    let first = if named.is_empty() { "group".to_owned() } else { named.join(" · ") };
    let heads =
        [first, "rows".to_owned(), "docs".to_owned()].into_iter().chain(summary.labels.iter().cloned());
    let row = |group: &GroupSummary| {
        let rows = format!("{}{}", group.rows, if group.is_small { "*" } else { "" });
        let documents = group.documents.map_or_else(|| UNDEFINED.to_owned(), |n| n.to_string());
        [short(group), rows, documents].into_iter().chain(group.labels.iter().map(&cell)).collect()
    };
    Table { heads: heads.collect(), rows: summary.groups.iter().map(row).collect() }
}

/// What a group is called.
pub(super) fn name(group: &GroupSummary) -> String {
    if group.values.is_empty() { "all rows".to_owned() } else { group.values.join(" · ") }
}

/// The name in at most [`CELL`] characters: the longest value is cut, so that a period behind it can be read.
fn short(group: &GroupSummary) -> String {
    let over = name(group).chars().count().saturating_sub(CELL);
    let Some(longest) = (0..group.values.len()).max_by_key(|&at| group.values[at].chars().count()) else {
        return name(group);
    };
    let mut values = group.values.clone();
    if over > 0 {
        let kept = values[longest].chars().count().saturating_sub(over + 1);
        values[longest] = values[longest].chars().take(kept).chain(['…']).collect();
    }
    values.join(" · ")
}

/// `12.3 [8.1, 17.0]`, in percent.
pub(super) fn percent(estimate: Estimate) -> String {
    let Some(value) = estimate.value else { return UNDEFINED.to_owned() };
    match estimate.interval {
        Some(Interval { low, high }) => {
            format!("{:.1} [{:.1}, {:.1}]", 100.0 * value, 100.0 * low, 100.0 * high)
        }
        None => format!("{:.1}", 100.0 * value),
    }
}

/// The summary as one tidy table: a row for each label of each group.
///
/// | column | holds |
/// |---|---|
/// | the group columns, such as `source`, `date_month` | the group; a name that a later column has gets `_in` |
/// | `label` | the label |
/// | `rows`, `documents` | those of the group; `documents` is empty if unknown |
/// | `raw_count`, `raw_share` | the rows that were given the label, and their share |
/// | `share`, `low`, `high` | the corrected share and its interval, empty where there is none |
///
/// Numbers are exact. A name that a spreadsheet would take for a formula gets a `'` in front.
///
/// # Panics
/// Never: a table in memory can be written.
#[must_use]
pub fn summary_csv(summary: &Summary) -> String {
    const FIXED: [&str; 8] = ["label", "rows", "documents", "raw_count", "raw_share", "share", "low", "high"];
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let mut names: Vec<String> = Vec::new();
    for column in &summary.columns {
        let mut name = literal(&column.key());
        while FIXED.contains(&name.as_str()) || names.contains(&name) {
            name.push_str("_in");
        }
        names.push(name);
    }
    names.extend(FIXED.map(String::from));
    let mut write = |row: &[String]| table.write_record(row).expect("rows of one length, written to memory");
    write(&names);
    for (group, label) in
        summary.groups.iter().flat_map(|group| group.labels.iter().map(move |label| (group, label)))
    {
        let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut row: Vec<String> = group.values.iter().map(|value| literal(value)).collect();
        let Estimate { value, interval } = label.share;
        row.extend([
            literal(&label.label),
            group.rows.to_string(),
            group.documents.map(|documents| documents.to_string()).unwrap_or_default(),
            label.raw.num().to_string(),
            cell(label.raw.value()),
            cell(value),
            cell(interval.map(|interval| interval.low)),
            cell(interval.map(|interval| interval.high)),
        ]);
        write(&row);
    }
    let bytes = table.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("only text was written")
}

/// The summary as one JSON object, indented, with stable keys in a stable order.
///
/// | key | holds |
/// |---|---|
/// | `format`, `version` | `"stancewire-summary"` and 1; the version rises when a key changes its meaning or goes |
/// | `data`, `rows`, `labels` | what was summed up, the number of labelled rows, and the labels |
/// | `columns` | per group column: `name`, and `period` or `null` |
/// | `correction`, `errors_from` | `"em"`, `"adjusted"` or `"none"`, and where the errors were counted |
/// | `prior` | the label shares that the probabilities were made for, as `--prior` has them, or `null` if not used |
/// | `intervals` | `level`, `replicates`, `seed`, `unit` (`"document"` or `"row"`) |
/// | `groups` | per group: `values`, `rows`, `documents`, `is_small`, and `labels` |
/// | – `labels` | per label: `label`, `raw` (`value`, `num`, `den`), `share` (`value`, `interval` with `low` and `high`) |
/// | `notes` | per note: `message`, `code`, and what the code asks for |
///
/// # Panics
/// Never: numbers and texts can be written as JSON.
#[must_use]
pub fn summary_json(summary: &Summary) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: &'static str,
        version: u32,
        #[serde(flatten)]
        summary: &'a Summary,
    }
    let document = Document { format: "stancewire-summary", version: 1, summary };
    serde_json::to_string_pretty(&document).expect("plain data with text keys, written to memory") + "\n"
}
