//! What a run did, and how far it has come.

use crate::corpus::{Notice, SkippedRows};

/// How far a run has come, told after each block that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes read from disk so far, packed files as they are.
    pub bytes_read: u64,
    /// Bytes to read in all, when every input is a regular file.
    pub total_bytes: Option<u64>,
    /// Documents labelled.
    pub documents: u64,
    /// Rows written.
    pub rows: u64,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// Documents labelled: rows of tables, text files.
    pub documents: u64,
    /// Rows written, without the header.
    pub rows: u64,
    /// How many rows got each label, in the order of the label set.
    pub by_label: Vec<u64>,
    /// How many of them are marked for review.
    pub review: u64,
    /// How many rows have nothing that the model knows, or no text at all. The latter have no label.
    pub empty: u64,
    /// The rows of input that were left out.
    pub skipped: SkippedRows,
    /// What was decided on the way.
    pub notices: Vec<Notice>,
}

impl Summary {
    pub(super) fn new(labels: usize) -> Self {
        Self { by_label: vec![0; labels], ..Self::default() }
    }

    /// Adds what was done with the block after these.
    pub(super) fn append(&mut self, later: Summary) {
        self.documents += later.documents;
        self.rows += later.rows;
        self.review += later.review;
        self.empty += later.empty;
        for (mine, theirs) in self.by_label.iter_mut().zip(later.by_label) {
            *mine += theirs;
        }
        self.skipped.append(later.skipped);
        self.notices.extend(later.notices);
    }
}
