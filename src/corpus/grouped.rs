//! Rows that have a label already, one after the other, with the group that each belongs to.

use rustc_hash::FxHashMap;

use super::block::Record;
use super::columns::{Column, Header, Role};
use super::date::{DateReader, Period};
use super::documents::{OnBadRow, SkippedRows};
use super::source::{InputSpec, Source};
use crate::error::{Error, ErrorKind, Place, Result};

/// What a group is called whose date cannot be read.
pub const NO_DATE: &str = "(no date)";

/// What a group is called whose cell is empty.
pub const EMPTY: &str = "(empty)";

/// A column by which rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupColumn {
    /// The column.
    pub column: Column,
    /// Its dates are put together by this period; without one, equal cells are.
    pub period: Option<Period>,
}

impl GroupColumn {
    /// Finds `choice` in `header`: the name of a column, or a name and a period, `date:month`.
    fn find(choice: &str, header: &Header) -> Result<Self> {
        let whole = header.require(choice);
        match (whole, choice.rsplit_once(':')) {
            (Ok(column), _) => Ok(Self { column, period: None }),
            (Err(_), Some((name, period))) if header.index(name).is_some() => {
                let period = period
                    .parse()
                    .map_err(|error: Error| error.advise(format!("as in --by {name}:month")))?;
                Ok(Self { column: header.require(name)?, period: Some(period) })
            }
            (Err(_), Some((name, period))) if period.parse::<Period>().is_ok() => {
                header.require(name).map(|column| Self { column, period: None })
            }
            (Err(error), _) => Err(error),
        }
    }
}

/// How the rows of a [`GroupedRows`] are to be read.
#[derive(Debug, Clone, Default)]
pub struct GroupedSpec {
    /// The inputs and the names of the label and group columns.
    pub input: InputSpec,
    /// The columns that make the groups: `source`, or `date:month`.
    pub by: Vec<String>,
    /// How dates are read.
    pub dates: DateReader,
}

/// A row with its group.
#[derive(Debug)]
pub struct GroupedRow<'r> {
    /// What the group columns say of it.
    pub group: &'r [String],
    /// Its label, without white space around it.
    pub label: &'r str,
    /// The number of its document, counted from 0 in the order of appearance; of the row, where no documents are known.
    pub document: u64,
    /// The probabilities, in the order in which their columns were named. They sum to 1.
    pub probabilities: &'r [f64],
}

/// A date column in which some cells could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undated {
    /// The column.
    pub column: String,
    /// The period that was asked for.
    pub period: Period,
    /// How many cells.
    pub rows: u64,
    /// The first one.
    pub first: Place,
    /// What stands in it.
    pub cell: String,
}

/// Labelled rows of any number of tables, read once and not kept.
///
/// Documents are told apart by the group column; where there is none but the rows are numbered within their documents
/// (`sentence_no`), by the id column. Memory holds a block of rows and the names of the documents.
pub struct GroupedRows {
    source: Source,
    label: Column,
    document: Option<Column>,
    by: Vec<GroupColumn>,
    probabilities: Vec<Column>,
    dates: DateReader,
    documents: FxHashMap<String, u64>,
    next_document: u64,
    unlabelled: u64,
    undated: Vec<Undated>,
}

impl GroupedRows {
    /// Opens the inputs and finds the columns.
    ///
    /// # Errors
    /// As for [`Source::open`]; [`ErrorKind::Column`] when the label column or a group column is missing;
    /// [`ErrorKind::Settings`] for an unknown period, or a group column that is named twice.
    pub fn open(spec: &GroupedSpec) -> Result<Self> {
        Self::new(Source::open(&spec.input)?, spec)
    }

    /// The same for a source that is open.
    ///
    /// # Errors
    /// As for [`GroupedRows::open`].
    pub fn new(source: Source, spec: &GroupedSpec) -> Result<Self> {
        let (header, columns) = (source.header(), &spec.input.columns);
        let found = || -> Result<_> {
            let label = header.find(Role::Label, columns)?.ok_or_else(|| no_label(header))?;
            let by = group_columns(&spec.by, header)?;
            let id = || header.index("sentence_no").map_or(Ok(None), |_| header.find(Role::Id, columns));
            let document = match header.find(Role::Group, columns)? {
                Some(group) => Some(group),
                None => id()?,
            };
            Ok((label, by, document))
        };
        let (label, by, document) = found().map_err(|error| error.at(source.first_place()))?;
        Ok(Self {
            label,
            document,
            by,
            probabilities: Vec::new(),
            dates: spec.dates.clone(),
            documents: FxHashMap::default(),
            next_document: 0,
            unlabelled: 0,
            undated: Vec::new(),
            source,
        })
    }

    /// The input.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The label column.
    #[must_use]
    pub fn label_column(&self) -> &Column {
        &self.label
    }

    /// The column that tells documents apart, if there is one.
    #[must_use]
    pub fn document_column(&self) -> Option<&Column> {
        self.document.as_ref()
    }

    /// The columns that make the groups.
    #[must_use]
    pub fn by(&self) -> &[GroupColumn] {
        &self.by
    }

    /// Reads the probabilities too, from the columns called `names`.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when one is missing.
    pub fn read_probabilities(&mut self, names: &[String]) -> Result<()> {
        let columns = names.iter().map(|name| self.source.header().require(name)).collect::<Result<_>>();
        self.probabilities = columns.map_err(|error| error.at(self.source.first_place()))?;
        Ok(())
    }

    /// How many rows had no label. They were left out; `label` writes such a row for a document without a sentence.
    #[must_use]
    pub fn unlabelled(&self) -> u64 {
        self.unlabelled
    }

    /// The date columns in which cells could not be read. Their rows are in the group [`NO_DATE`].
    #[must_use]
    pub fn undated(&self) -> &[Undated] {
        &self.undated
    }

    /// Calls `each` with every labelled row in order, and gives back the rows that were left out because they cannot be
    /// used.
    ///
    /// # Errors
    /// Whatever is wrong with a row or what `each` finds wrong, unless bad rows are left out; a fault of the reading.
    pub fn for_each(
        &mut self,
        on_bad: OnBadRow,
        mut each: impl FnMut(GroupedRow<'_>) -> Result<()>,
    ) -> Result<SkippedRows> {
        let mut skipped = SkippedRows::default();
        let mut group = vec![String::new(); self.by.len()];
        let mut probabilities = Vec::with_capacity(self.probabilities.len());
        while let Some(block) = self.source.next_block()? {
            let mut records = block.records();
            while let Some(record) = records.next_record() {
                let done =
                    record.and_then(|record| self.row(record, &mut group, &mut probabilities, &mut each));
                if let Err(error) = done {
                    skipped.meet(error, on_bad)?;
                }
            }
        }
        Ok(skipped)
    }

    fn row(
        &mut self,
        record: &Record,
        group: &mut [String],
        probabilities: &mut Vec<f64>,
        each: &mut impl FnMut(GroupedRow<'_>) -> Result<()>,
    ) -> Result<()> {
        let label = record.get(self.label.index).trim();
        if label.is_empty() {
            self.unlabelled += 1;
            return Ok(());
        }
        read_probabilities(&self.probabilities, record, probabilities)?;
        for (name, by) in group.iter_mut().zip(&self.by) {
            let cell = record.get(by.column.index).trim();
            let value = match by.period {
                Some(period) => self.dates.period(cell, period),
                None => Some(if cell.is_empty() { EMPTY } else { cell }.to_owned()),
            };
            *name = value.unwrap_or_else(|| NO_DATE.to_owned());
        }
        let row = GroupedRow { group, label, document: self.next_number(record), probabilities };
        each(row).map_err(|error| error.at(record.place().column(&*self.label.name)))?;
        self.note_dates(record, group);
        Ok(())
    }

    fn next_number(&mut self, record: &Record) -> u64 {
        let name = self.document.as_ref().map_or("", |column| record.get(column.index).trim());
        if let Some(&number) = self.documents.get(name) {
            return number;
        }
        let number = self.next_document;
        self.next_document += 1;
        if !name.is_empty() {
            self.documents.insert(name.to_owned(), number);
        }
        number
    }

    fn note_dates(&mut self, record: &Record, group: &[String]) {
        for (by, name) in self.by.iter().zip(group) {
            let Some(period) = by.period.filter(|_| name == NO_DATE) else { continue };
            let known = |known: &&mut Undated| known.column == by.column.name && known.period == period;
            if let Some(known) = self.undated.iter_mut().find(known) {
                known.rows += 1;
                continue;
            }
            self.undated.push(Undated {
                column: by.column.name.clone(),
                period,
                rows: 1,
                first: record.place(),
                cell: record.get(by.column.index).to_owned(),
            });
        }
    }
}

fn no_label(header: &Header) -> Error {
    match header.names() {
        [id, text] if id == "doc_id" && text == "text" => Error::new(
            ErrorKind::Column,
            "these are texts without labels; expected a table with a label column",
        )
        .advise("label them first: stancewire label INPUT -o labelled.csv"),
        _ => header.nothing_for(Role::Label),
    }
}

fn group_columns(by: &[String], header: &Header) -> Result<Vec<GroupColumn>> {
    let mut columns: Vec<GroupColumn> = Vec::with_capacity(by.len());
    for choice in by {
        let column = GroupColumn::find(choice, header)?;
        if columns.contains(&column) {
            return Err(Error::new(ErrorKind::Settings, format!("--by names \"{choice}\" twice")));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// How far the probabilities of a row may be from summing to 1: they are rounded when they are written.
const ROUNDING: f64 = 0.05;

/// Reads the cells of `columns` and makes them sum to 1.
fn read_probabilities(columns: &[Column], record: &Record, into: &mut Vec<f64>) -> Result<()> {
    into.clear();
    for column in columns {
        let cell = record.get(column.index).trim();
        let number = cell.parse().ok().filter(|number| (0.0..=1.0).contains(number));
        into.push(number.ok_or_else(|| {
            let what = format!("the probability is \"{cell}\"; expected a number from 0 to 1");
            bad_probability(&what).at(record.place().column(&*column.name))
        })?);
    }
    let sum: f64 = into.iter().sum();
    if !columns.is_empty() && (sum - 1.0).abs() > ROUNDING {
        let what = format!("the probabilities of the row sum to {sum:.3}; expected 1");
        return Err(bad_probability(&what).at(record.place()));
    }
    for p in into.iter_mut() {
        *p /= sum;
    }
    Ok(())
}

fn bad_probability(what: &str) -> Error {
    Error::new(ErrorKind::Table, what)
        .advise("correct the row, pass --skip-bad-rows, or do without probabilities: --correct adjusted")
}
