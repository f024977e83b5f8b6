//! The comparison of two models as text, Markdown, CSV or JSON.

use serde::Serialize;

use super::csv::literal;
use super::format::{count, interval, score};
use super::page::Page;
use super::sections::{Section, brackets, confusion};
use super::table::Table;
use crate::eval::{ComparedScore, Comparison};

/// The comparison as aligned tables of at most [`TEXT_WIDTH`](super::TEXT_WIDTH) characters a line.
#[must_use]
pub fn text(comparison: &Comparison) -> String {
    page(comparison).text()
}

/// The comparison in Markdown, under a heading of level 2.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    page(comparison).markdown()
}

/// The comparison as one JSON object with `format` `"stancewire-comparison"` and `version` 1; the other keys are the fields
/// of [`Comparison`]. Each of `scores` has `metric`, `label`, `support`, `a`, `b`, `difference` (b − a), `interval` and
/// `p_value`; undefined values are `null`. Numbers are exact.
///
/// # Panics
/// Never: plain data with text keys can be written to memory.
#[must_use]
pub fn json(comparison: &Comparison) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: &'static str,
        version: u32,
        #[serde(flatten)]
        comparison: &'a Comparison,
    }
    let document = Document { format: "stancewire-comparison", version: 1, comparison };
    serde_json::to_string_pretty(&document).expect("plain data with text keys, written to memory") + "\n"
}

/// The comparison as CSV with the columns `metric,label,a,b,difference,low,high,p,n`: one row per score, then `mcnemar` with
/// the rows that only `a` and only `b` got right. Numbers are exact, empty where undefined.
///
/// # Panics
/// Never: records of nine cells can be written to memory.
#[must_use]
pub fn csv(comparison: &Comparison) -> String {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut write = |record: [String; 9]| table.write_record(record).expect("nine cells, written to memory");
    write(["metric", "label", "a", "b", "difference", "low", "high", "p", "n"].map(str::to_owned));
    for ComparedScore { metric, label, support, paired } in &comparison.scores {
        let [low, high] = [paired.interval.map(|i| i.low), paired.interval.map(|i| i.high)].map(cell);
        let [a, b, difference] = [paired.a, paired.b, paired.difference].map(cell);
        let label = literal(label.as_deref().unwrap_or_default());
        write([
            (*metric).to_owned(),
            label,
            a,
            b,
            difference,
            low,
            high,
            cell(paired.p_value),
            support.to_string(),
        ]);
    }
    let test = comparison.mcnemar;
    let none = String::new;
    let (a, b, p) = (test.only_a.to_string(), test.only_b.to_string(), test.p_value.to_string());
    write(["mcnemar".to_owned(), none(), a, b, none(), none(), none(), p, comparison.rows.to_string()]);
    let bytes = table.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("only text was written")
}

fn page(comparison: &Comparison) -> Page<'_> {
    let documents = comparison.documents.map(|n| format!(" of {}", count(n, "document"))).unwrap_or_default();
    let brackets = brackets(Some(comparison.intervals)).unwrap_or_default();
    let rows = count(comparison.rows, "row");
    let between = Section {
        title: "Labels of A (rows) and B (columns)".to_owned(),
        table: confusion(&comparison.table, "A / B"),
        note: None,
    };
    Page {
        title: format!("A: {}; B: {}; on {}", comparison.a, comparison.b, comparison.data),
        preamble: format!("{rows}{documents}.{brackets}"),
        sections: vec![scores(comparison), rows_section(comparison), between],
        warnings: &comparison.warnings,
    }
}

fn scores(comparison: &Comparison) -> Section {
    let mut table = Table::new(["score", "gold", "A", "B", "B - A", "interval", "p"]);
    for ComparedScore { metric, label, support, paired } in &comparison.scores {
        let name = match (*metric, label) {
            ("macro_f1", _) => "macro F1".to_owned(),
            ("kappa", _) => "Cohen's kappa".to_owned(),
            ("mcc", _) => "Matthews correlation".to_owned(),
            ("f1", Some(label)) => format!("F1 {label}"),
            (other, _) => other.to_owned(),
        };
        let [a, b, difference] = [paired.a, paired.b, paired.difference].map(|value| score(value, 3));
        let ends = interval(paired.interval, 3);
        table.row([name, support.to_string(), a, b, difference, ends, p_value(paired.p_value)]);
    }
    let note = "Above zero B is better. An interval without zero is a difference that other texts of this kind would most \
                likely show too; of many scores one may do so by chance.";
    let constant =
        |score: &ComparedScore| score.paired.difference.is_some() && score.paired.interval.is_none();
    let note = if comparison.scores.iter().any(constant) {
        format!(
            "{note} A difference without one is the same in all resamples, or in too few of them to tell."
        )
    } else {
        note.to_owned()
    };
    Section { title: "Scores".to_owned(), table, note: Some(note) }
}

fn rows_section(comparison: &Comparison) -> Section {
    let mut table = Table::new(["who is right", "rows"]);
    let rows = comparison.outcomes;
    for (name, n) in [
        ("both", rows.both_right),
        ("only A", rows.only_a),
        ("only B", rows.only_b),
        ("neither, same label", rows.same_wrong),
        ("neither, two labels", rows.other_wrong),
    ] {
        table.row([name.to_owned(), n.to_string()]);
    }
    let test = comparison.mcnemar;
    if rows.only_a + rows.only_b + rows.other_wrong == 0 {
        let note = Some("A and B give every row the same label: there is nothing to test.".to_owned());
        return Section { title: "Rows".to_owned(), table, note };
    }
    let note = format!(
        "McNemar's test, exact (binomial), on the {} that only one has right: p = {}. It takes rows as independent; the \
         intervals above do not.",
        count(test.only_a + test.only_b, "row"),
        p_value(Some(test.p_value)).replace("p = <", "p < "),
    );
    Section { title: "Rows".to_owned(), table, note: Some(note.replace("p = <", "p < ")) }
}

/// `0.012`, `<0.001`, or `n/a`.
fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        p => score(p, 3),
    }
}
