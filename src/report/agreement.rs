//! The agreement of annotators as text, Markdown, CSV or JSON.

use serde::Serialize;

use super::csv::literal;
use super::format::{UNDEFINED, count, estimate};
use super::page::Page;
use super::sections::{Section, brackets, confusion};
use super::table::Table;
use crate::eval::{Agreement, AnnotatorCounts, Coefficient, Estimate, RatioEstimate};

/// The agreement as aligned tables of at most [`TEXT_WIDTH`](super::TEXT_WIDTH) characters a line.
#[must_use]
pub fn text(agreement: &Agreement) -> String {
    page(agreement).text()
}

/// The agreement in Markdown, under a heading of level 2.
#[must_use]
pub fn markdown(agreement: &Agreement) -> String {
    page(agreement).markdown()
}

/// The agreement as one JSON object with `format` `"stancewire-agreement"` and `version` 1; the other keys are the fields of
/// [`Agreement`]. A share has `value`, `num`, `den`, `interval`; a coefficient `value`, `interval`, and `undefined`, the
/// reason where `value` is `null`. Numbers are exact.
///
/// # Panics
/// Never: plain data with text keys can be written to memory.
#[must_use]
pub fn json(agreement: &Agreement) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: &'static str,
        version: u32,
        #[serde(flatten)]
        agreement: &'a Agreement,
    }
    let document = Document { format: "stancewire-agreement", version: 1, agreement };
    serde_json::to_string_pretty(&document).expect("plain data with text keys, written to memory") + "\n"
}

/// The agreement as CSV with the columns `metric,a,b,label,value,low,high,n`: one row per number, numbers exact, empty where
/// undefined. `a` and `b` are the annotators of a pair; `n` is how many rows (of a label: how many labels) it rests on.
///
/// # Panics
/// Never: records of eight cells can be written to memory.
#[must_use]
pub fn csv(agreement: &Agreement) -> String {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let mut write = |names: [&str; 4], value: Estimate, n: u64| {
        let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let ends = [value.interval.map(|i| i.low), value.interval.map(|i| i.high)].map(cell);
        let [low, high] = ends;
        let names = names.map(literal);
        let numbers = [cell(value.value), low, high, n.to_string()];
        table.write_record(names.iter().chain(&numbers)).expect("eight cells, written to memory");
    };
    let plain = |value: u64| Estimate { value: Some(value as f64), interval: None };
    let Agreement { shared_rows, complete_rows, .. } = *agreement;
    write(["agreement", "", "", ""], agreement.agreement.into(), agreement.agreement.ratio.den());
    write(["unanimous", "", "", ""], agreement.unanimous.into(), complete_rows);
    write(["mean_kappa", "", "", ""], number(agreement.mean_kappa), shared_rows);
    write(["fleiss_kappa", "", "", ""], number(agreement.fleiss_kappa), complete_rows);
    write(["alpha", "", "", ""], number(agreement.alpha), shared_rows);
    for label in &agreement.labels {
        write(["specific_agreement", "", "", &label.label], label.specific.into(), label.given);
        write(["kappa", "", "", &label.label], number(label.kappa), label.given);
        write(["alpha", "", "", &label.label], number(label.alpha), label.given);
    }
    for pair in &agreement.pairs {
        let rows = pair.agreement.ratio.den();
        write(["agreement", &pair.a, &pair.b, ""], pair.agreement.into(), rows);
        write(["kappa", &pair.a, &pair.b, ""], number(pair.kappa), rows);
        for (given, counts) in pair.table.labels.iter().zip(&pair.table.counts) {
            for (other, &n) in pair.table.labels.iter().zip(counts) {
                write([&format!("given:{other}"), &pair.a, &pair.b, given], plain(n), rows);
            }
        }
    }
    let bytes = table.into_inner().expect("memory can be flushed");
    let body = String::from_utf8(bytes).expect("only text was written");
    format!("metric,a,b,label,value,low,high,n\n{body}")
}

fn number(from: Coefficient) -> Estimate {
    Estimate { value: from.value, interval: from.interval }
}

fn page(agreement: &Agreement) -> Page<'_> {
    let names: Vec<&str> = agreement.annotators.iter().map(|annotator| annotator.name.as_str()).collect();
    let documents = agreement.documents.map(|n| format!(" of {}", count(n, "document"))).unwrap_or_default();
    let brackets = brackets(agreement.intervals).unwrap_or_default();
    let preamble = format!(
        "{}{documents}; {} with two labels or more, {} with a label of everyone; the labels differ on {}.{brackets}",
        count(agreement.rows, "row"),
        agreement.shared_rows,
        agreement.complete_rows,
        agreement.disagreed_rows,
    );
    let mut sections = vec![overall(agreement), labels(agreement), annotators(agreement)];
    if agreement.pairs.len() > 1 {
        sections.push(pairs(agreement));
    }
    for pair in &agreement.pairs {
        let title = format!("Labels of {} (rows) and {} (columns)", pair.a, pair.b);
        let corner = format!("{} / {}", pair.a, pair.b);
        sections.push(Section { title, table: confusion(&pair.table, &corner), note: None });
    }
    Page {
        title: format!("Agreement of {} on {}", names.join(", "), agreement.data),
        preamble,
        sections,
        warnings: &agreement.warnings,
    }
}

/// `0.74 [0.70, 0.78]`, or `n/a`.
fn share(ratio: RatioEstimate) -> String {
    estimate(ratio.into(), 2)
}

fn coefficient(coefficient: Coefficient) -> String {
    estimate(number(coefficient), 2)
}

/// Why the coefficients that are `n/a` are, each reason once.
fn reasons<'c>(coefficients: impl Iterator<Item = (String, &'c Coefficient)>) -> Option<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (name, coefficient) in coefficients {
        let Some(reason) = coefficient.undefined.map(|reason| reason.to_string()) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let sentence = |(reason, names): &(String, Vec<String>)| {
        let verb = if names.len() == 1 { "is" } else { "are" };
        format!("{} {verb} {UNDEFINED}: {reason}.", names.join(", "))
    };
    let sentences: Vec<String> = reasons.iter().map(sentence).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn overall(agreement: &Agreement) -> Section {
    let mut table = Table::new(["score", "value"]);
    let two = agreement.annotators.len() == 2;
    let kappa = if two { "Cohen's kappa" } else { "Cohen's kappa, mean" };
    table.row(["same label".into(), share(agreement.agreement)]);
    if !two {
        table.row(["all the same label".into(), share(agreement.unanimous)]);
    }
    table.row([kappa.into(), coefficient(agreement.mean_kappa)]);
    table.row(["Fleiss' kappa".into(), coefficient(agreement.fleiss_kappa)]);
    table.row(["Krippendorff's alpha".into(), coefficient(agreement.alpha)]);
    let named = [
        (kappa, &agreement.mean_kappa),
        ("Fleiss' kappa", &agreement.fleiss_kappa),
        ("Krippendorff's alpha", &agreement.alpha),
    ];
    let note = reasons(named.into_iter().map(|(name, value)| (name.to_owned(), value))).unwrap_or_else(|| {
        "1 is perfect, 0 is chance. Krippendorff (2004) asks for an alpha of 0.80, and of 0.667 for tentative \
         conclusions."
            .to_owned()
    });
    Section { title: "Overall".to_owned(), table, note: Some(note) }
}

fn labels(agreement: &Agreement) -> Section {
    let mut table = Table::new(["label", "given", "specific agreement", "kappa", "alpha"]);
    for label in &agreement.labels {
        table.row([
            label.label.clone(),
            label.given.to_string(),
            share(label.specific),
            coefficient(label.kappa),
            coefficient(label.alpha),
        ]);
    }
    let undefined =
        reasons(agreement.labels.iter().map(|label| (format!("\"{}\"", label.label), &label.alpha)));
    let note = "Kappa and alpha: the label against all others. Specific agreement: when one of a pair gave the label, how \
                often the other did.";
    let note = undefined.map_or_else(|| note.to_owned(), |reasons| format!("{note} {reasons}"));
    Section { title: "Labels".to_owned(), table, note: Some(note) }
}

fn annotators(agreement: &Agreement) -> Section {
    let names = agreement.labels.iter().map(|label| label.label.as_str());
    let heads = ["annotator", "labelled", "missing"].into_iter().chain(names).map(str::to_owned).collect();
    let row = |annotator: &AnnotatorCounts| {
        let counts =
            [annotator.labelled, annotator.missing].into_iter().chain(annotator.given.iter().copied());
        std::iter::once(annotator.name.clone()).chain(counts.map(|n| n.to_string())).collect()
    };
    let rows = agreement.annotators.iter().map(row).collect();
    Section { title: "Annotators".to_owned(), table: Table { heads, rows }, note: None }
}

fn pairs(agreement: &Agreement) -> Section {
    let mut table = Table::new(["pair", "rows", "same label", "Cohen's kappa"]);
    for pair in &agreement.pairs {
        let rows = pair.agreement.ratio.den().to_string();
        table.row([format!("{}, {}", pair.a, pair.b), rows, share(pair.agreement), coefficient(pair.kappa)]);
    }
    let note = reasons(agreement.pairs.iter().map(|pair| (format!("{}, {}", pair.a, pair.b), &pair.kappa)));
    Section { title: "Pairs".to_owned(), table, note }
}
