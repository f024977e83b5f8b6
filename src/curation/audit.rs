//! A labelled table under audit.

use serde::Serialize;

use super::alike::{Match, Side, matches};
use super::documents::{document_leaks, document_numbers, documents};
use super::outliers::{lengths, unknown, words_of};
use super::{AuditRow, Finding, FindingKind};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{ConfidentLearning, Probabilities, RARE_SUPPORT, Suspect};
use crate::labels::{LabelId, LabelSet};

/// What an [`Audit`] looks at.
#[derive(Debug, Clone)]
pub struct AuditInput<'a> {
    /// What the table is called.
    pub name: &'a str,
    /// The labels there are.
    pub labels: &'a LabelSet,
    /// The rows under audit, each with a label of `labels`.
    pub rows: &'a [AuditRow],
    /// The rows of other tables, which must have nothing in common with them.
    pub others: &'a [AuditRow],
    /// Out-of-fold probabilities of `rows`; without them no label errors are looked for.
    pub out_of_fold: Option<&'a Probabilities>,
    /// Rows that could not be used.
    pub unusable: &'a [&'a Error],
    /// From which Jaccard similarity of word 3-shingles on two texts are nearly the same.
    pub similarity: f64,
}

/// The count of a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// How many rows have it.
    pub rows: u64,
    /// How many of them are probably wrong ([`FindingKind::LabelError`]); none if that was not looked for.
    pub suspects: Option<u64>,
    /// The estimated number of rows that have it wrongly, off the diagonal of the calibrated confident joint.
    pub estimated_errors: Option<f64>,
}

/// What was found, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// What the table is called.
    pub data: String,
    /// How many usable rows there are.
    pub rows: u64,
    /// How many documents, if these are known.
    pub documents: Option<u64>,
    /// The labels in order.
    pub labels: Vec<LabelCount>,
    /// All findings, by kind and rank.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// Looks for everything.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when a row has no label of the set, when the probabilities do not fit the rows, or when the
    /// similarity is not above 0 and at most 1.
    pub fn new(input: &AuditInput<'_>) -> Result<Self> {
        let gold = gold(input)?;
        let confident =
            input.out_of_fold.map(|p| ConfidentLearning::new(&gold, p, input.labels)).transpose()?;
        let mut gathered = Gathered { input, findings: Vec::new() };
        if let Some((confident, p)) = confident.as_ref().zip(input.out_of_fold) {
            gathered.label_errors(confident, p);
        }
        gathered.alike(&gold)?;
        gathered.documents();
        gathered.rare_labels(&gold);
        gathered.outliers(&gold);
        gathered.unusable();
        Ok(Self {
            data: input.name.to_owned(),
            rows: input.rows.len() as u64,
            documents: documents(input.rows),
            labels: counts(input.labels, &gold, confident.as_ref()),
            findings: gathered.ranked(),
        })
    }

    /// The findings of one kind, in order of rank.
    pub fn of_kind(&self, kind: FindingKind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.kind == kind)
    }
}

fn gold(input: &AuditInput<'_>) -> Result<Vec<LabelId>> {
    let label = |row: &AuditRow| match &row.label {
        Some(label) => input.labels.require(label),
        None => Err(Error::new(ErrorKind::Settings, "a row under audit has no label")),
    };
    input.rows.iter().map(label).collect()
}

fn counts(labels: &LabelSet, gold: &[LabelId], found: Option<&ConfidentLearning>) -> Vec<LabelCount> {
    let rows = |label: LabelId| gold.iter().filter(|g| **g == label).count() as u64;
    let support: Vec<u64> = labels.ids().map(rows).collect();
    let joint = found.map(|found| found.calibrated_joint(&support));
    let count = |label: LabelId| LabelCount {
        label: labels.name(label).to_owned(),
        rows: support[label.index()],
        suspects: found.map(|found| found.suspects.iter().filter(|s| s.given == label).count() as u64),
        estimated_errors: joint.as_ref().map(|joint| {
            let row = joint[label.index()].iter().enumerate();
            row.filter(|(other, _)| *other != label.index()).map(|(_, n)| n).sum()
        }),
    };
    labels.ids().map(count).collect()
}

/// The findings so far.
struct Gathered<'a> {
    input: &'a AuditInput<'a>,
    findings: Vec<Finding>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, kind: FindingKind, row: usize, score: f64, suggested: &str, reason: String) {
        let AuditRow { file, line, id, document, text, label, .. } = self.input.rows[row].clone();
        self.findings.push(Finding {
            kind,
            rank: 0,
            file,
            line: Some(line),
            id,
            document: document.unwrap_or_default(),
            label: label.unwrap_or_default(),
            suggested: suggested.to_owned(),
            score: Some(score),
            reason,
            text,
        });
    }

    fn label_errors(&mut self, found: &ConfidentLearning, p: &Probabilities) {
        let labels = self.input.labels;
        let kinds = [(FindingKind::LabelError, &found.suspects), (FindingKind::LabelDoubt, &found.doubts)];
        for (kind, list) in kinds {
            for &Suspect { row, given, suggested, confidence, .. } in list {
                let (given_name, name) = (labels.name(given), labels.name(suggested));
                let own = p.row(row)[given.index()];
                let reason = format!(
                    "labelled {given_name}; out-of-fold {confidence:.2} {name}, {own:.2} {given_name}"
                );
                self.add(kind, row, 1.0 - own, name, reason);
            }
        }
    }

    fn row(&self, row: usize) -> &'a AuditRow {
        let n = self.input.rows.len();
        if row < n { &self.input.rows[row] } else { &self.input.others[row - n] }
    }

    fn alike(&mut self, gold: &[LabelId]) -> Result<()> {
        let input = self.input;
        let all: Vec<&AuditRow> = input.rows.iter().chain(input.others).collect();
        let texts: Vec<&str> = all.iter().map(|row| row.text.as_str()).collect();
        let mut parts: Vec<&str> = all.iter().map(|row| row.part.as_str()).collect();
        parts.sort_unstable();
        parts.dedup();
        let part = |row: &AuditRow| {
            u32::try_from(parts.partition_point(|p| *p < row.part.as_str())).unwrap_or(u32::MAX)
        };
        let label = |row: usize| gold.get(row).map(|label| label.index());
        let sides: Vec<Side> =
            all.iter().enumerate().map(|(row, r)| Side { label: label(row), part: part(r) }).collect();
        for found in matches(&texts, &sides, input.rows.len(), input.similarity)? {
            self.alike_rows(&found);
        }
        Ok(())
    }

    fn alike_rows(&mut self, found: &Match) {
        let other = self.row(found.other);
        let likeness = match found.similarity {
            s if s >= 1.0 => "the same words as".to_owned(),
            s => format!("{s:.2} alike to"),
        };
        let more = match (found.kind, &other.label) {
            (FindingKind::Contradiction, Some(label)) => format!(", which is labelled {label}"),
            (FindingKind::TextLeak, Some(label)) => format!(" in {}, labelled {label}", other.part),
            (FindingKind::TextLeak, None) => format!(" in {}", other.part),
            _ => String::new(),
        };
        let reason = format!("{likeness} {}:{}{more}", other.file, other.line);
        let majority = found.majority.and_then(|label| self.input.labels.id_at(label));
        let suggested = majority.map_or("", |label| self.input.labels.name(label));
        self.add(found.kind, found.row, found.similarity, suggested, reason);
    }

    /// Documents with rows in more than one part.
    fn documents(&mut self) {
        for leak in document_leaks(self.input.rows, self.input.others) {
            self.add(FindingKind::DocumentLeak, leak.row, leak.rows as f64, "", leak.reason);
            if let Some(finding) = self.findings.last_mut() {
                (finding.text, finding.label) = (String::new(), String::new());
            }
        }
    }

    fn rare_labels(&mut self, gold: &[LabelId]) {
        let labels = self.input.labels;
        let rows = |label: LabelId| gold.iter().filter(|g| **g == label).count() as u64;
        let mut rare: Vec<(u64, LabelId)> =
            labels.ids().map(|l| (rows(l), l)).filter(|(n, _)| *n < RARE_SUPPORT).collect();
        rare.sort_unstable();
        for (n, label) in rare {
            let name = labels.name(label);
            let noun = if n == 1 { "row" } else { "rows" };
            let spelling = self.spelling(name, n, &rows);
            let more =
                spelling.as_ref().map_or_else(String::new, |s| format!("; is it meant to be \"{s}\"?"));
            let reason = format!("{n} {noun}; fewer than {RARE_SUPPORT} teach and prove little{more}");
            self.findings.push(Finding {
                kind: FindingKind::RareLabel,
                rank: 0,
                file: String::new(),
                line: None,
                id: String::new(),
                document: String::new(),
                label: name.to_owned(),
                suggested: spelling.unwrap_or_default(),
                score: Some(n as f64),
                reason,
                text: String::new(),
            });
        }
    }

    /// A commoner label that is written almost like `name`.
    fn spelling(&self, name: &str, n: u64, rows: &impl Fn(LabelId) -> u64) -> Option<String> {
        const LEAST: f64 = 0.9;
        let labels = self.input.labels;
        let likeness =
            |l: LabelId| strsim::jaro_winkler(&labels.name(l).to_lowercase(), &name.to_lowercase());
        let alike = labels.ids().filter(|&l| labels.name(l) != name && rows(l) > n && likeness(l) >= LEAST);
        alike.max_by(|&a, &b| likeness(a).total_cmp(&likeness(b))).map(|l| labels.name(l).to_owned())
    }

    fn outliers(&mut self, gold: &[LabelId]) {
        let rows = self.input.rows;
        let words: Vec<Vec<String>> = rows.iter().map(|row| words_of(&row.text)).collect();
        let labels: Vec<usize> = gold.iter().map(|label| label.index()).collect();
        for found in lengths(&words, &labels, self.input.labels.len()) {
            let (label, n) = (rows[found.row].label.as_deref().unwrap_or_default(), found.words);
            let noun = if n == 1 { "word" } else { "words" };
            let reason = format!(
                "{n} {noun}; the median of the rows labelled {label} is {:.0} (robust z {:+.1})",
                found.median, found.z
            );
            self.add(FindingKind::Length, found.row, found.z.abs(), "", reason);
        }
        for found in unknown(&words, &document_numbers(rows)) {
            const SHOWN: usize = 5;
            let mut list = found.alone.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
            if found.alone.len() > SHOWN {
                list += " …";
            }
            let reason = format!("{} of {} words occur nowhere else: {list}", found.alone.len(), found.words);
            self.add(FindingKind::Vocabulary, found.row, found.share(), "", reason);
        }
    }

    fn unusable(&mut self) {
        for error in self.input.unusable {
            let place = error.place();
            let kind = match error.kind() {
                ErrorKind::Empty => FindingKind::EmptyText,
                _ => FindingKind::BadRow,
            };
            self.findings.push(Finding {
                kind,
                rank: 0,
                file: place.file.clone().unwrap_or_default(),
                line: place.line,
                id: String::new(),
                document: String::new(),
                label: String::new(),
                suggested: String::new(),
                score: None,
                reason: error.what().to_owned(),
                text: String::new(),
            });
        }
    }

    /// The findings by kind, numbered; those of a kind are in order already.
    fn ranked(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_key(|finding| finding.kind);
        let mut previous = None;
        let mut rank = 0;
        for finding in &mut findings {
            rank = if previous == Some(finding.kind) { rank + 1 } else { 1 };
            previous = Some(finding.kind);
            finding.rank = rank;
        }
        findings
    }
}
