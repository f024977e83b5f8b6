//! One document after the other, and what to do about bad rows.

use std::collections::VecDeque;

use super::block::Record;
use super::columns::Column;
use super::source::Source;
use crate::error::{Error, Place, Result};

/// What to do about a row that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBadRow {
    /// End with its error.
    #[default]
    Stop,
    /// Leave it out, count it, and keep the first errors.
    Skip,
}

/// The rows that were left out.
#[derive(Debug, Default)]
pub struct SkippedRows {
    count: u64,
    first: Vec<Error>,
}

impl SkippedRows {
    /// How many errors are kept.
    pub const KEPT: usize = 100;

    /// How many rows were left out.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What was wrong with the first [`SkippedRows::KEPT`] of them.
    #[must_use]
    pub fn first(&self) -> &[Error] {
        &self.first
    }

    /// `count` rows, and what was wrong with the first of them.
    #[must_use]
    pub fn of(count: u64, mut first: Vec<Error>) -> Self {
        first.truncate(Self::KEPT);
        Self { count, first }
    }

    /// Counts one more.
    pub fn add(&mut self, error: Error) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(error);
        }
    }

    /// Counts those of `later`, which come after these.
    pub fn append(&mut self, later: SkippedRows) {
        self.count += later.count;
        let room = Self::KEPT - self.first.len();
        self.first.extend(later.first.into_iter().take(room));
    }

    /// Counts `error`, or gives it back as the end of the run.
    ///
    /// # Errors
    /// `error`, for [`OnBadRow::Stop`].
    pub fn meet(&mut self, error: Error, on_bad: OnBadRow) -> Result<()> {
        match on_bad {
            OnBadRow::Stop => Err(error),
            OnBadRow::Skip => {
                self.add(error);
                Ok(())
            }
        }
    }
}

/// A row with its text.
#[derive(Debug, Clone)]
pub struct Document {
    record: Record,
    text: usize,
}

impl Document {
    /// The article or sentence.
    #[must_use]
    pub fn text(&self) -> &str {
        self.record.get(self.text)
    }

    /// All fields of the row.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Where the row stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.record.place()
    }
}

/// The documents of a [`Source`] in order. It holds those of one block.
pub struct Documents {
    source: Source,
    text: usize,
    on_bad: OnBadRow,
    ready: VecDeque<Document>,
    /// Nothing comes after the documents that are ready, but perhaps an error.
    at_end: bool,
    error: Option<Error>,
    skipped: SkippedRows,
}

impl Source {
    /// Reads document after document, with the text in the column `text`.
    #[must_use]
    pub fn documents(self, text: &Column, on_bad: OnBadRow) -> Documents {
        Documents {
            source: self,
            text: text.index,
            on_bad,
            ready: VecDeque::new(),
            at_end: false,
            error: None,
            skipped: SkippedRows::default(),
        }
    }
}

impl Documents {
    /// The rows that were left out so far.
    #[must_use]
    pub fn skipped(&self) -> &SkippedRows {
        &self.skipped
    }

    fn read_block(&mut self) -> Result<bool> {
        let Some(block) = self.source.next_block()? else { return Ok(false) };
        let mut records = block.records();
        while let Some(record) = records.next_record() {
            match record {
                Ok(record) => self.ready.push_back(Document { record: record.clone(), text: self.text }),
                Err(error) => self.skipped.meet(error, self.on_bad)?,
            }
        }
        Ok(true)
    }
}

impl Iterator for Documents {
    type Item = Result<Document>;

    /// The next document, or the error that ends the reading.
    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.at_end {
            let read = self.read_block();
            self.at_end = !matches!(read, Ok(true));
            self.error = read.err();
        }
        self.ready.pop_front().map(Ok).or_else(|| self.error.take().map(Err))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::InputSpec;

    const TABLE: &str = "id,text\n1,one\n2\n3,three\n4,four,4\n";

    fn documents(on_bad: OnBadRow) -> Documents {
        let source = Source::from_reader("t.csv", TABLE.as_bytes(), &InputSpec::default()).unwrap();
        let text = source.text_column().unwrap();
        source.documents(&text, on_bad)
    }

    #[test]
    fn a_bad_row_ends_the_reading_after_what_came_before_it() {
        let mut documents = documents(OnBadRow::Stop);
        assert_eq!(documents.next().unwrap().unwrap().text(), "one");
        assert_eq!(documents.next().unwrap().unwrap_err().place().line, Some(3));
        assert!(documents.next().is_none());
    }

    #[test]
    fn bad_rows_are_left_out_and_counted_on_request() {
        let mut documents = documents(OnBadRow::Skip);
        let texts: Vec<_> = documents.by_ref().map(|d| d.unwrap().text().to_owned()).collect();
        assert_eq!(texts, ["one", "three"]);
        let lines: Vec<_> = documents.skipped().first().iter().map(|e| e.place().line.unwrap()).collect();
        assert_eq!((documents.skipped().count(), lines), (2, vec![3, 5]));
    }

    #[test]
    fn only_the_first_hundred_errors_are_kept() {
        let mut skipped = SkippedRows::default();
        for _ in 0..3 {
            let mut later = SkippedRows::default();
            (0..60).for_each(|_| later.add(Error::new(crate::error::ErrorKind::Table, "x")));
            skipped.append(later);
        }
        assert_eq!((skipped.count(), skipped.first().len()), (180, SkippedRows::KEPT));
    }
}
