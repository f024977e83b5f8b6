//! Labelled data, as a whole in memory: what a classifier is trained and judged on.

use rustc_hash::FxHashMap;

use super::Notice;
use super::block::Record;
use super::columns::{Header, Roles};
use super::documents::{OnBadRow, SkippedRows};
use super::duplicates::{join_groups, near_duplicate_groups};
use super::source::{InputSpec, Source};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::labels::{LabelId, LabelSet};

/// A text that a person labelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledExample {
    /// The cell of the id column; `FILE:LINE` when there is no such column or the cell is empty.
    pub id: String,
    /// The text.
    pub text: String,
    /// The label, without white space around it.
    pub label: String,
    /// The document it belongs to; none when there is no such column or the cell is empty.
    pub group: Option<String>,
    /// The file it comes from.
    pub file: String,
    /// The line on which its row begins, from 1.
    pub line: u64,
}

/// Labelled examples in the order of their rows.
///
/// ```
/// use stancewire::corpus::{Dataset, InputSpec, OnBadRow, Source};
///
/// let table = "text,label,doc_id,year\nStop the war.,ceasefire-call,a,1999\nIt rained.,none,a,1999\n";
/// let source = Source::from_reader("train.csv", table.as_bytes(), &InputSpec::default())?;
/// let dataset = Dataset::from_source(source, None, OnBadRow::Stop)?;
/// assert_eq!(dataset.labels().names(), ["ceasefire-call", "none"]);
/// assert_eq!(dataset.examples()[1].text, "It rained.");
/// assert_eq!(dataset.groups(), [0, 0]);
/// assert_eq!(dataset.column("year"), Some(vec!["1999", "1999"]));
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Dataset {
    labels: LabelSet,
    roles: Roles,
    header: Header,
    examples: Vec<LabelledExample>,
    gold: Vec<LabelId>,
    records: Vec<Record>,
    unlabelled: u64,
    skipped: SkippedRows,
    notices: Vec<Notice>,
}

impl Dataset {
    /// Reads all rows of `spec`. With `known` a label outside that set is a bad row; without, the labels are those of
    /// the rows.
    ///
    /// # Errors
    /// As for [`Source::open`] and [`Dataset::from_source`].
    pub fn read(spec: &InputSpec, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Self> {
        Self::from_source(Source::open(spec)?, known, on_bad)
    }

    /// As [`Dataset::read`], but rows with an empty label cell are left out and [counted](Dataset::unlabelled), so that a
    /// table can be read that is not yet filled in.
    ///
    /// # Errors
    /// As for [`Dataset::read`]; [`ErrorKind::Empty`] when no row has a label.
    pub fn read_filled(spec: &InputSpec, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Self> {
        Self::read_rows(Source::open(spec)?, known, on_bad, true)
    }

    /// The same for a source that is open.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when text or label column are missing; [`ErrorKind::Label`] for an unknown or empty label,
    /// or for fewer than two labels; [`ErrorKind::Empty`] for an empty text or when no row is left; whatever is wrong
    /// with a row.
    pub fn from_source(source: Source, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Self> {
        Self::read_rows(source, known, on_bad, false)
    }

    fn read_rows(
        mut source: Source,
        known: Option<&LabelSet>,
        on_bad: OnBadRow,
        only_filled: bool,
    ) -> Result<Self> {
        let roles = source.roles()?;
        let (examples, records) = (Vec::new(), Vec::new());
        let mut rows = Rows { roles: &roles, known, only_filled, unlabelled: 0, examples, records };
        let mut skipped = SkippedRows::default();
        while let Some(block) = source.next_block()? {
            let mut records = block.records();
            while let Some(record) = records.next_record() {
                if let Err(error) = record.and_then(|record| rows.push(record)) {
                    skipped.meet(error, on_bad)?;
                }
            }
        }
        let Rows { examples, records, unlabelled, .. } = rows;
        if examples.is_empty() {
            return Err(no_rows(&skipped, unlabelled));
        }
        let labels = match known {
            Some(known) => known.clone(),
            None => LabelSet::new(examples.iter().map(|example| example.label.as_str()))?,
        };
        let gold = examples.iter().map(|example| labels.require(&example.label)).collect::<Result<_>>()?;
        let mut notices = source.notices().to_vec();
        notices.extend(alike(labels.names()));
        let header = source.header().clone();
        Ok(Self { labels, roles, header, examples, gold, records, unlabelled, skipped, notices })
    }

    /// The label set.
    #[must_use]
    pub fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// The columns that were used.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The examples, in the order of their rows.
    #[must_use]
    pub fn examples(&self) -> &[LabelledExample] {
        &self.examples
    }

    /// The label of each example as an index of [`Dataset::labels`].
    #[must_use]
    pub fn gold(&self) -> &[LabelId] {
        &self.gold
    }

    /// The text of each example.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.examples.iter().map(|example| example.text.as_str()).collect()
    }

    /// How many examples there are; at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // never empty: reading asks for a row
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// How many examples each label has, in the order of the label set.
    #[must_use]
    pub fn support(&self) -> Vec<usize> {
        let mut support = vec![0; self.labels.len()];
        for label in &self.gold {
            support[label.index()] += 1;
        }
        support
    }

    /// The names of all columns.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The cells of the column called `name`, one per example: what a report can be broken down by.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Vec<&str>> {
        let index = self.header.index(name)?;
        Some(self.records.iter().map(|record| record.get(index)).collect())
    }

    /// The group of each example as a number, counted in order of appearance. An example without a group is alone in one.
    #[must_use]
    pub fn groups(&self) -> Vec<u32> {
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut next = 0;
        let mut new = || {
            next += 1;
            next - 1
        };
        self.examples
            .iter()
            .map(|example| match &example.group {
                Some(group) => *numbers.entry(group).or_insert_with(&mut new),
                None => new(),
            })
            .collect()
    }

    /// The groups for cross-validation: rows of one document together, and near-duplicates (Jaccard similarity of word
    /// 3-shingles of at least `similarity`) together, and whatever these two chain up.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when `similarity` is not above 0 and at most 1.
    pub fn fold_groups(&self, similarity: f64) -> Result<Vec<u32>> {
        Ok(join_groups(&self.groups(), &near_duplicate_groups(&self.texts(), similarity)?))
    }

    /// How many rows were left out because they have no label yet; 0 unless read by [`Dataset::read_filled`].
    #[must_use]
    pub fn unlabelled(&self) -> u64 {
        self.unlabelled
    }

    /// The rows that were left out.
    #[must_use]
    pub fn skipped(&self) -> &SkippedRows {
        &self.skipped
    }

    /// What was decided on the way.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

/// The rows read so far.
struct Rows<'a> {
    roles: &'a Roles,
    known: Option<&'a LabelSet>,
    /// Whether rows without a label are left out.
    only_filled: bool,
    unlabelled: u64,
    examples: Vec<LabelledExample>,
    records: Vec<Record>,
}

impl Rows<'_> {
    fn push(&mut self, record: &Record) -> Result<()> {
        if self.only_filled && record.get(self.roles.label.index).trim().is_empty() {
            self.unlabelled += 1;
            return Ok(());
        }
        let place = record.place();
        let text = record.get(self.roles.text.index);
        if text.trim().is_empty() {
            let error = Error::new(ErrorKind::Empty, "the text is empty; expected words");
            return Err(unusable(error, place, &self.roles.text.name));
        }
        let label = self.label(record).map_err(|error| unusable(error, place, &self.roles.label.name))?;
        let cell = |column: &Option<super::Column>| {
            let cell = record.get(column.as_ref()?.index).trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        self.examples.push(LabelledExample {
            id: cell(&self.roles.id).unwrap_or_else(|| record.place().to_string()),
            text: text.to_owned(),
            label,
            group: cell(&self.roles.group),
            file: record.place().file.unwrap_or_default(),
            line: record.line(),
        });
        self.records.push(record.clone());
        Ok(())
    }

    fn label(&self, record: &Record) -> Result<String> {
        let label = record.get(self.roles.label.index).trim();
        match self.known {
            _ if label.is_empty() => {
                let expected = self.known.map_or_else(
                    || "expected a name".to_owned(),
                    |known| format!("expected one of: {}", known.names().join(", ")),
                );
                Err(Error::new(ErrorKind::Label, format!("the label is empty; {expected}")))
            }
            Some(known) => known.require(label).map(|_| label.to_owned()),
            None => Ok(label.to_owned()),
        }
    }
}

fn unusable(error: Error, place: Place, column: &str) -> Error {
    error.at(place.column(column)).advise("correct the cell, or pass --skip-bad-rows to leave such rows out")
}

pub(super) fn no_rows(skipped: &SkippedRows, unlabelled: u64) -> Error {
    match skipped.first() {
        [] if unlabelled > 0 => Error::new(
            ErrorKind::Empty,
            format!("no row has a label yet ({unlabelled} without one); expected at least one"),
        )
        .advise("fill in the label column"),
        [] => Error::new(ErrorKind::Empty, "there are no rows below the header"),
        [first, ..] => {
            let what = format!("all {} rows are bad; the first: {}", skipped.count(), first.what());
            Error::new(ErrorKind::Empty, what).at(first.place().clone())
        }
    }
}

/// Labels that are the same but for upper and lower case.
pub(super) fn alike(names: &[String]) -> Vec<Notice> {
    let mut found = Vec::new();
    for (i, first) in names.iter().enumerate() {
        for second in &names[i + 1..] {
            if first.to_lowercase() == second.to_lowercase() {
                found.push(Notice::LabelsAlike { first: first.clone(), second: second.clone() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str, known: Option<&LabelSet>, on_bad: OnBadRow) -> Result<Dataset> {
        let bytes = std::io::Cursor::new(table.as_bytes().to_vec());
        let source = Source::from_reader("train.csv", bytes, &InputSpec::default())?;
        Dataset::from_source(source, known, on_bad)
    }

    fn error(table: &str, known: Option<&LabelSet>) -> Error {
        read(table, known, OnBadRow::Stop).unwrap_err()
    }

    #[test]
    fn examples_keep_id_group_and_line() {
        let table = "id,text,stance,article_id\n7,\"a\nb\", threat ,x\n,c,none,\n9,d,none,x\n";
        let data = read(table, None, OnBadRow::Stop).unwrap();
        let first = &data.examples()[0];
        assert_eq!((first.id.as_str(), first.label.as_str(), first.line), ("7", "threat", 2));
        assert_eq!(data.examples()[1].id, "train.csv:4");
        assert_eq!(data.groups(), [0, 1, 0]);
        assert_eq!(data.support(), [2, 1]);
        assert_eq!(data.roles().group.as_ref().unwrap().to_string(), "article_id (guessed)");
    }

    #[test]
    fn bad_cells_are_named_with_place_and_expectation() {
        let known = LabelSet::new(["none", "threat"]).unwrap();
        insta::assert_snapshot!(error("text,label\na,none\nb,treat\n", Some(&known)), @r#"
        train.csv:3 (column "label"): unknown label "treat"; expected one of: none, threat
          correct the cell, or pass --skip-bad-rows to leave such rows out
        "#);
        insta::assert_snapshot!(error("text,label\na, \n", Some(&known)), @r#"
        train.csv:2 (column "label"): the label is empty; expected one of: none, threat
          correct the cell, or pass --skip-bad-rows to leave such rows out
        "#);
        insta::assert_snapshot!(error("text,label\na,\n", None), @r#"
        train.csv:2 (column "label"): the label is empty; expected a name
          correct the cell, or pass --skip-bad-rows to leave such rows out
        "#);
        insta::assert_snapshot!(error("text,label\n \t,none\n", None), @r#"
        train.csv:2 (column "text"): the text is empty; expected words
          correct the cell, or pass --skip-bad-rows to leave such rows out
        "#);
        insta::assert_snapshot!(error("text,label\n", None), @"there are no rows below the header");
        insta::assert_snapshot!(error("text,name\nx,y\n", None), @r"
        train.csv: no column looks like the label; expected one called label, stance, class, gold; the columns are: text, name
          name it with --label-column
        ");
    }

    #[test]
    fn bad_rows_can_be_left_out_but_not_all_of_them() {
        let known = LabelSet::new(["none", "threat"]).unwrap();
        let data = read("text,label\na,none\nb,treat\n,none\nc\n", Some(&known), OnBadRow::Skip).unwrap();
        assert_eq!((data.len(), data.skipped().count()), (1, 3));
        let error = read("text,label\na,x\nb,y\n", Some(&known), OnBadRow::Skip).unwrap_err();
        insta::assert_snapshot!(error, @r#"train.csv:2 (column "label"): all 2 rows are bad; the first: unknown label "x"; expected one of: none, threat"#);
    }

    #[test]
    fn labels_that_differ_only_in_case_are_pointed_out() {
        let data = read("text,label\na,none\nb,None\n", None, OnBadRow::Stop).unwrap();
        insta::assert_snapshot!(data.notices()[0], @r#"the labels "None" and "none" differ only in upper and lower case; they count as two labels"#);
    }

    #[test]
    fn fold_groups_chain_documents_and_near_duplicates() {
        let text = "the minister urged both sides to show restraint";
        let table =
            format!("text,label,doc_id\n{text},x,a\nother words stand here,y,a\n{text}!,x,b\nlast,y,c\n");
        let data = read(&table, None, OnBadRow::Stop).unwrap();
        assert_eq!(data.fold_groups(0.8).unwrap(), [0, 0, 0, 1]);
    }
}
