//! What an audit finds.

use serde::Serialize;

/// What is the matter with a row, a document or a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// The cross-validated model is confident of another label.
    LabelError,
    /// Another label is more probable, but the model is not confident of it.
    LabelDoubt,
    /// The same or nearly the same text has another label elsewhere.
    Contradiction,
    /// The same words stand in an earlier row, with the same label.
    Duplicate,
    /// Nearly the same words stand in an earlier row, with the same label.
    NearDuplicate,
    /// A document has rows on both sides of a division.
    DocumentLeak,
    /// The same or nearly the same text stands on the other side of a division.
    TextLeak,
    /// A label with few rows.
    RareLabel,
    /// Far longer or shorter than other rows of its label.
    Length,
    /// Most of its words occur nowhere else.
    Vocabulary,
    /// A row without text.
    EmptyText,
    /// A row that cannot be read or has no label.
    BadRow,
}

impl FindingKind {
    /// All kinds in the order of a report.
    pub const ALL: [Self; 12] = [
        Self::LabelError,
        Self::LabelDoubt,
        Self::Contradiction,
        Self::Duplicate,
        Self::NearDuplicate,
        Self::DocumentLeak,
        Self::TextLeak,
        Self::RareLabel,
        Self::Length,
        Self::Vocabulary,
        Self::EmptyText,
        Self::BadRow,
    ];

    /// The word in the column `kind`: `label-error` …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LabelError => "label-error",
            Self::LabelDoubt => "label-doubt",
            Self::Contradiction => "contradiction",
            Self::Duplicate => "duplicate",
            Self::NearDuplicate => "near-duplicate",
            Self::DocumentLeak => "document-leak",
            Self::TextLeak => "text-leak",
            Self::RareLabel => "rare-label",
            Self::Length => "length",
            Self::Vocabulary => "vocabulary",
            Self::EmptyText => "empty-text",
            Self::BadRow => "bad-row",
        }
    }

    /// What it means, in one line for a report.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::LabelError => "a model that has not seen the row is confident of another label",
            Self::LabelDoubt => "another label is more probable, but not confidently",
            Self::Contradiction => "the same or nearly the same text with different labels",
            Self::Duplicate => "the same words as an earlier row, with the same label",
            Self::NearDuplicate => "nearly the same words as an earlier row, with the same label",
            Self::DocumentLeak => "documents with rows on both sides of the division",
            Self::TextLeak => "the same or nearly the same text on the other side of the division",
            Self::RareLabel => "labels with too few rows to learn or judge",
            Self::Length => "far longer or shorter than other rows of the label",
            Self::Vocabulary => "most of the words occur nowhere else",
            Self::EmptyText => "rows without text",
            Self::BadRow => "rows that cannot be used",
        }
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What is the matter.
    pub kind: FindingKind,
    /// Its place among the findings of its kind, from 1: the worst first.
    pub rank: u64,
    /// The file of the row; empty where the finding is about no row.
    pub file: String,
    /// The line on which the row begins, from 1.
    pub line: Option<u64>,
    /// What the row is called.
    pub id: String,
    /// Its document; empty if unknown.
    pub document: String,
    /// Its label.
    pub label: String,
    /// The label that it should perhaps have; empty where none suggests itself.
    pub suggested: String,
    /// How bad it is, by kind: 1 − p(label) for label errors and doubts, the similarity for texts, the number of rows for
    /// documents and labels, the absolute robust z-score for lengths, the share of unknown words for vocabulary.
    pub score: Option<f64>,
    /// The same in words.
    pub reason: String,
    /// The text of the row.
    pub text: String,
}
