//! An audit as text, CSV or JSON.

use serde::Serialize;

use super::TEXT_WIDTH;
use super::csv::literal;
use super::format::{count, score};
use super::table::{Table, cut, wrapped};
use crate::curation::{Audit, Finding, FindingKind};

/// The most characters in a cell.
const CELL: usize = 30;

/// The counts of the labels, and of each kind the first `top` findings, in lines of at most [`TEXT_WIDTH`] characters.
#[must_use]
pub fn audit_text(audit: &Audit, top: usize) -> String {
    let documents = audit.documents.map_or_else(String::new, |n| format!(" of {}", count(n, "document")));
    let title = format!("Audit of {}: {}{documents}", audit.data, count(audit.rows, "row"));
    let mut out = wrapped(&cut(&title, usize::MAX), TEXT_WIDTH, 2);
    out.extend(["\nLabels\n".to_owned(), labels(audit).aligned(TEXT_WIDTH, CELL)]);
    let mut nothing = Vec::new();
    for kind in FindingKind::ALL {
        let findings: Vec<&Finding> = audit.of_kind(kind).collect();
        if findings.is_empty() {
            nothing.push(kind.as_str());
            continue;
        }
        out.extend([format!("\n{}: {}, {}\n", kind.as_str(), findings.len(), kind.meaning())]);
        out.extend(findings.iter().take(top).map(|finding| entry(finding)));
        if findings.len() > top {
            out.extend([format!("      … and {} more\n", findings.len() - top)]);
        }
    }
    if !nothing.is_empty() {
        out.extend([format!(
            "\n{}",
            wrapped(&format!("Nothing found: {}", nothing.join(", ")), TEXT_WIDTH, 2)
        )]);
    }
    out
}

fn labels(audit: &Audit) -> Table {
    let mut table = Table::new(["label", "rows", "suspects", "wrong, estimated"]);
    for label in &audit.labels {
        table.row([
            label.label.clone(),
            label.rows.to_string(),
            label.suspects.map_or_else(|| "n/a".to_owned(), |n| n.to_string()),
            score(label.estimated_errors, 1),
        ]);
    }
    table
}

/// Rank, place and reason, and below them the text.
fn entry(finding: &Finding) -> String {
    const INDENT: usize = 6;
    let place = match finding.line {
        Some(line) => format!("{}:{line}", finding.file),
        None => format!("label {}", finding.label),
    };
    let mut suggestion = String::new();
    if finding.kind == FindingKind::Contradiction && !finding.suggested.is_empty() {
        suggestion = format!("; most copies say {}", finding.suggested);
    }
    let own = match finding.kind {
        FindingKind::Contradiction => format!("labelled {}; ", finding.label),
        _ => String::new(),
    };
    let line = cut(&format!("{place}  {own}{}{suggestion}", finding.reason), usize::MAX);
    let mut out = format!("{:>4}  {}", finding.rank, wrapped(&line, TEXT_WIDTH - INDENT, INDENT));
    if !finding.text.is_empty() {
        out.extend([format!("{}{}\n", " ".repeat(INDENT), cut(&finding.text, TEXT_WIDTH - INDENT))]);
    }
    out
}

/// All findings as CSV, one row each: `kind,rank,file,line,id,doc_id,label,suggested,score,reason,text`.
///
/// A cell that a spreadsheet would take for a formula gets a `'` in front. Scores have four decimals; what is unknown is
/// empty.
#[must_use]
pub fn audit_csv(audit: &Audit) -> String {
    table_of(&audit.findings)
}

fn table_of(findings: &[Finding]) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let header =
        ["kind", "rank", "file", "line", "id", "doc_id", "label", "suggested", "score", "reason", "text"];
    table.write_record(header).expect("a write to memory");
    for finding in findings {
        let cells = [
            finding.kind.as_str().to_owned(),
            finding.rank.to_string(),
            literal(&finding.file),
            finding.line.map_or_else(String::new, |line| line.to_string()),
            literal(&finding.id),
            literal(&finding.document),
            literal(&finding.label),
            literal(&finding.suggested),
            finding.score.map_or_else(String::new, |score| format!("{score:.4}")),
            literal(&finding.reason),
            literal(&finding.text),
        ];
        table.write_record(cells).expect("a write to memory");
    }
    let bytes = table.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("only text was written")
}

/// The audit as one JSON object, indented: `format` (`"stancewire-audit"`), `version` (1), `data`, `rows`, `documents`,
/// `labels` (`label`, `rows`, `suspects`, `estimated_errors`) and `findings`, each with the fields of a [`Finding`]. What
/// is unknown is `null`.
#[must_use]
pub fn audit_json(audit: &Audit) -> String {
    Document { format: "stancewire-audit", version: 1, audit }.pretty()
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    audit: &'a Audit,
}

impl Document<'_> {
    fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data with text keys, written to memory") + "\n"
    }
}
