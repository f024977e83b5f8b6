//! The labels of several annotators for the same rows.

use rustc_hash::FxHashMap;

use super::Notice;
use super::block::Record;
use super::columns::{Column, Role};
use super::dataset::alike;
use super::documents::{OnBadRow, SkippedRows};
use super::source::InputSpec;
use super::whole_table::{WholeTable, key_columns};
use crate::error::{Error, ErrorKind, Place, Result};

/// The most different labels there may be: more of them are no labels, but the wrong column.
const MOST_LABELS: usize = 255;

/// Rows that several annotators labelled, joined.
///
/// Either each annotator has a table, and rows with the same id belong together ([`Annotations::of_files`]), or one table has
/// a column per annotator ([`Annotations::of_columns`]). An empty label is a missing one.
#[derive(Debug)]
pub struct Annotations {
    pub(super) tables: Vec<WholeTable>,
    pub(super) annotators: Vec<Annotator>,
    pub(super) names: Vec<String>,
    key: Vec<String>,
    pub(super) rows: Vec<Row>,
    labels: Vec<String>,
    pub(super) ratings: Vec<Vec<Option<usize>>>,
    notices: Vec<Notice>,
    other_texts: Vec<String>,
}

/// Where an annotator's labels stand.
#[derive(Debug)]
pub(super) struct Annotator {
    pub table: usize,
    pub label: Column,
}

/// What belongs together: for each table the number of its record, if it has the row.
#[derive(Debug)]
pub(super) struct Row {
    name: String,
    records: Vec<Option<usize>>,
}

impl Annotations {
    /// Joins the tables of `inputs`, each with the name of its annotator, by the columns `id`.
    ///
    /// When none is named, these are the first of: an id column, it with `sentence_no`, a document column with
    /// `sentence_no`, that all tables have and that tells all rows apart. Rows keep the order of the first table; rows that only later tables have follow. Without id columns the tables must
    /// have the same texts in the same order.
    ///
    /// # Errors
    /// As [`Source::open`](super::Source::open); [`ErrorKind::Column`] when there is no label column, or when an id is
    /// missing or stands twice, unless bad rows are to be skipped (then the first row with an id counts); [`ErrorKind::Settings`] when tables cannot be joined; [`ErrorKind::Label`] for no label at all
    /// or far too many; [`ErrorKind::Empty`] for a table without rows.
    pub fn of_files(inputs: &[(String, InputSpec)], id: &[String], on_bad: OnBadRow) -> Result<Self> {
        if inputs.len() < 2 {
            return Err(Error::new(
                ErrorKind::Settings,
                "one table; expected those of at least two annotators",
            )
            .advise("name the tables of all, or the columns of one table with --columns a,b"));
        }
        let mut tables = inputs
            .iter()
            .map(|(_, spec)| WholeTable::read(spec, on_bad))
            .collect::<Result<Vec<WholeTable>>>()?;
        let mut annotators = Vec::with_capacity(tables.len());
        for (number, (table, (_, spec))) in tables.iter().zip(inputs).enumerate() {
            let label = match table.header.find(Role::Label, &spec.columns) {
                Ok(Some(label)) => Ok(label),
                Ok(None) => Err(table.header.nothing_for(Role::Label)),
                Err(error) => Err(error),
            };
            let label = label.map_err(|error| error.at(Place::file(&table.name)))?;
            annotators.push(Annotator { table: number, label });
        }
        let key = key_columns(&tables, id);
        let rows = if key.is_empty() { in_order(&tables)? } else { by_key(&mut tables, &key, on_bad)? };
        let names = inputs.iter().map(|(name, _)| name.clone()).collect();
        Self::new(tables, annotators, names, key, rows)
    }

    /// The labels in the `columns` of one table, one per annotator.
    ///
    /// # Errors
    /// As [`Annotations::of_files`]; [`ErrorKind::Settings`] for fewer than two columns, or one that is named twice.
    pub fn of_columns(spec: &InputSpec, columns: &[String], id: &[String], on_bad: OnBadRow) -> Result<Self> {
        if columns.len() < 2 {
            return Err(Error::new(
                ErrorKind::Settings,
                "one column; expected those of at least two annotators",
            )
            .advise("name them all: --columns a,b,c"));
        }
        if let Some(name) = (1..columns.len())
            .map(|i| &columns[i])
            .find(|name| columns.iter().filter(|other| other == name).count() > 1)
        {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("the column \"{name}\" is named twice; expected different ones"),
            ));
        }
        let mut table = WholeTable::read(spec, on_bad)?;
        let annotator = |name: &String| Ok(Annotator { table: 0, label: table.require(name)? });
        let annotators = columns.iter().map(annotator).collect::<Result<Vec<_>>>()?;
        let rows = match id {
            [] => (0..table.records.len()).map(|n| row_at(std::slice::from_ref(&table), n)).collect(),
            id => by_key(std::slice::from_mut(&mut table), id, on_bad)?,
        };
        Self::new(vec![table], annotators, columns.to_vec(), id.to_vec(), rows)
    }

    fn new(
        tables: Vec<WholeTable>,
        annotators: Vec<Annotator>,
        names: Vec<String>,
        key: Vec<String>,
        rows: Vec<Row>,
    ) -> Result<Self> {
        let notices = tables.iter().flat_map(|table| table.notices.iter().cloned()).collect();
        let (labels, ratings) = (Vec::new(), Vec::new());
        let other_texts = other_texts(&tables, &rows);
        let mut all = Self { tables, annotators, names, key, rows, labels, ratings, notices, other_texts };
        all.rate()?;
        all.notices.extend(alike(&all.labels));
        Ok(all)
    }

    /// Settles labels and ratings.
    fn rate(&mut self) -> Result<()> {
        let given: Vec<Vec<&str>> = self
            .rows
            .iter()
            .map(|row| self.annotators.iter().map(|a| self.label(row, a)).collect())
            .collect();
        let mut labels: Vec<&str> =
            given.iter().flatten().copied().filter(|label| !label.is_empty()).collect();
        labels.sort_unstable();
        labels.dedup();
        match labels.len() {
            0 => {
                return Err(Error::new(ErrorKind::Label, "no row has a label")
                    .at(self.place())
                    .advise("is this the label column? name the right one with --label-column"));
            }
            n if n > MOST_LABELS => {
                let what = format!("{n} different labels; expected at most {MOST_LABELS}");
                return Err(Error::new(ErrorKind::Label, what)
                    .at(self.place())
                    .advise("is this the label column? name the right one with --label-column"));
            }
            _ => {}
        }
        let rating = |label: &&str| labels.binary_search(label).ok();
        let ratings = given.iter().map(|row| row.iter().map(rating).collect()).collect();
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        (self.ratings, self.labels) = (ratings, labels);
        Ok(())
    }

    fn place(&self) -> Place {
        Place::file(self.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(" + "))
    }

    /// The label that an annotator gave a row; empty when there is none.
    pub(super) fn label(&self, row: &Row, annotator: &Annotator) -> &str {
        self.cell(row, annotator.table, annotator.label.index).map_or("", str::trim)
    }

    pub(super) fn cell(&self, row: &Row, table: usize, column: usize) -> Option<&str> {
        row.records[table].map(|record| self.tables[table].records[record].get(column))
    }

    /// What each annotator is called.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The labels that occur, sorted by name.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// One list per row: the label of each annotator as a position in [`Annotations::labels`].
    #[must_use]
    pub fn ratings(&self) -> &[Vec<Option<usize>>] {
        &self.ratings
    }

    /// The columns by which rows were joined; none when they were joined in their order.
    #[must_use]
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The label column of each annotator.
    #[must_use]
    pub fn label_columns(&self) -> Vec<&Column> {
        self.annotators.iter().map(|annotator| &annotator.label).collect()
    }

    /// The ids of the rows that the table of annotator number `annotator` does not have.
    #[must_use]
    pub fn absent(&self, annotator: usize) -> Vec<&str> {
        let table = self.annotators[annotator].table;
        self.rows.iter().filter(|row| row.records[table].is_none()).map(|row| row.name.as_str()).collect()
    }

    /// The ids of the rows that have different texts in different tables.
    #[must_use]
    pub fn other_texts(&self) -> &[String] {
        &self.other_texts
    }

    /// The document of each row as a number, where any table has a group column. A row without one is alone.
    #[must_use]
    pub fn documents(&self) -> Option<Vec<u32>> {
        self.tables.iter().find(|table| table.group.is_some())?;
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut next = 0;
        let mut new = || {
            next += 1;
            next - 1
        };
        let group = |row: &Row| {
            let cell =
                |(number, table): (usize, &WholeTable)| self.cell(row, number, table.group.as_ref()?.index);
            self.tables.iter().enumerate().filter_map(cell).map(str::trim).find(|group| !group.is_empty())
        };
        let mut documents = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            documents.push(match group(row) {
                Some(group) => *numbers.entry(group).or_insert_with(&mut new),
                None => new(),
            });
        }
        Some(documents)
    }

    /// What was decided on the way.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The rows that were left out of each table.
    pub fn skipped(&self) -> impl Iterator<Item = &SkippedRows> {
        self.tables.iter().map(|table| &table.skipped)
    }
}

fn row_at(tables: &[WholeTable], number: usize) -> Row {
    let place = tables[0].records[number].place().to_string();
    Row { name: place, records: vec![Some(number); tables.len()] }
}

/// Rows with the same key together.
fn by_key(tables: &mut [WholeTable], key: &[String], on_bad: OnBadRow) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    let n_tables = tables.len();
    for (number, table) in tables.iter_mut().enumerate() {
        for (record, name) in table.keyed(key, on_bad)?.into_iter().enumerate() {
            let row = *known.entry(name).or_insert_with_key(|name| {
                rows.push(Row { name: name.clone(), records: vec![None; n_tables] });
                rows.len() - 1
            });
            rows[row].records[number] = Some(record);
        }
    }
    let joined = rows.iter().any(|row| row.records.iter().flatten().count() > 1);
    if tables.len() > 1 && !joined {
        let what =
            format!("no row of {} is in any other table, to judge by \"{}\"", tables[0].name, key.join(", "));
        return Err(Error::new(ErrorKind::Settings, what).advise(
            "are these labels of the same rows? name the columns that tell rows apart with --id-column",
        ));
    }
    Ok(rows)
}

/// Rows in their order, if the texts are the same.
fn in_order(tables: &[WholeTable]) -> Result<Vec<Row>> {
    const ADVICE: &str = "give all tables an id column, or name it with --id-column";
    let first = &tables[0];
    let text = |table: &WholeTable| match &table.text {
        Some(text) => Ok(text.index),
        None => Err(table.header.nothing_for(Role::Text).at(Place::file(&table.name)).advise(ADVICE)),
    };
    for table in &tables[1..] {
        if table.records.len() != first.records.len() {
            let (found, expected) = (table.records.len(), first.records.len());
            let what = format!(
                "{found} rows, but {} has {expected}; without ids expected the same rows",
                first.name
            );
            return Err(Error::new(ErrorKind::Settings, what).at(Place::file(&table.name)).advise(ADVICE));
        }
        let (here, there) = (text(table)?, text(first)?);
        let differ = |(a, b): &(&Record, &Record)| a.get(here).trim() != b.get(there).trim();
        if let Some((a, b)) = table.records.iter().zip(&first.records).find(differ) {
            let what =
                format!("the text is another one than at {}; without ids expected the same rows", b.place());
            return Err(Error::new(ErrorKind::Settings, what).at(a.place()).advise(ADVICE));
        }
    }
    Ok((0..first.records.len()).map(|number| row_at(tables, number)).collect())
}

fn other_texts(tables: &[WholeTable], rows: &[Row]) -> Vec<String> {
    let differs = |row: &&Row| {
        let mut texts = tables.iter().zip(&row.records).filter_map(|(table, record)| text_of(table, *record));
        texts.next().is_some_and(|first| texts.any(|text| text != first))
    };
    rows.iter().filter(differs).map(|row| row.name.clone()).collect()
}

/// The text of a table's record, if the table has both.
fn text_of(table: &WholeTable, record: Option<usize>) -> Option<&str> {
    Some(table.records[record?].get(table.text.as_ref()?.index).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins files with these contents, whose annotators are called 0, 1 and so on.
    fn joined(contents: &[&str], id: &[&str], on_bad: OnBadRow) -> Result<Annotations> {
        let folder = tempfile::tempdir().unwrap();
        let input = |(number, content): (usize, &&str)| {
            let path = folder.path().join(format!("{number}.csv"));
            std::fs::write(&path, content).unwrap();
            let inputs = vec![path.to_str().unwrap().to_owned()];
            (number.to_string(), InputSpec { inputs, ..InputSpec::default() })
        };
        let inputs: Vec<_> = contents.iter().enumerate().map(input).collect();
        let id: Vec<String> = id.iter().map(|&name| name.to_owned()).collect();
        Annotations::of_files(&inputs, &id, on_bad)
    }

    fn rows(annotations: &Annotations) -> Vec<(&str, Vec<Option<&str>>)> {
        let label = |rating: &Option<usize>| rating.map(|label| annotations.labels()[label].as_str());
        let names = annotations.rows.iter().map(|row| row.name.as_str());
        names.zip(annotations.ratings().iter().map(|row| row.iter().map(label).collect())).collect()
    }

    #[test]
    fn rows_of_later_tables_follow_and_what_is_absent_or_empty_is_missing() {
        let found =
            joined(&["id,label\n2,b\n1,a\n", "id,label\n3,c\n1,\n2,b\n"], &[], OnBadRow::Stop).unwrap();
        assert_eq!(
            rows(&found),
            [("2", vec![Some("b"), Some("b")]), ("1", vec![Some("a"), None]), ("3", vec![None, Some("c")])]
        );
        assert_eq!((found.absent(0), found.absent(1)), (vec!["3"], vec![]));
        assert_eq!(found.key(), ["id"]);
    }

    #[test]
    fn an_id_that_stands_twice_ends_the_reading_or_is_left_out_with_its_place() {
        let tables = ["id,label\n1,a\n2,a\n1,b\n,b\n", "id,label\n1,a\n2,b\n"];
        let error = joined(&tables, &[], OnBadRow::Stop).unwrap_err();
        assert_eq!(error.place().line, Some(4), "{error}");
        let found = joined(&tables, &[], OnBadRow::Skip).unwrap();
        assert_eq!(
            rows(&found),
            [("1", vec![Some("a"), Some("a")]), ("2", vec![Some("a"), Some("b")])],
            "the first row with an id counts"
        );
        let skipped: Vec<_> =
            found.skipped().flat_map(SkippedRows::first).map(|error| error.place().line).collect();
        assert_eq!(skipped, [Some(4), Some(5)]);
    }

    #[test]
    fn a_table_whose_ids_are_all_empty_has_no_rows() {
        let tables = ["id,label\n1,a\n", "id,label\n,a\n,b\n"];
        let error = joined(&tables, &["id"], OnBadRow::Skip).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Empty, "{error}");
    }

    #[test]
    fn documents_are_numbered_by_any_table_and_a_row_without_one_is_alone() {
        let tables =
            ["id,doc_id,label\n1,x,a\n2,,a\n3,x,a\n", "id,doc_id,label\n1,,a\n2,,b\n3,x,a\n4,y,a\n5,x,a\n"];
        let found = joined(&tables, &[], OnBadRow::Stop).unwrap();
        assert_eq!(found.documents(), Some(vec![0, 1, 0, 2, 0]));
        let without = joined(&["id,label\n1,a\n", "id,label\n1,a\n"], &[], OnBadRow::Stop).unwrap();
        assert_eq!(without.documents(), None);
    }

    #[test]
    fn texts_are_compared_without_the_space_around_them() {
        let tables = ["id,text,label\n1,rain,a\n2,snow,a\n", "id,text,label\n1, rain ,a\n2,ice,a\n"];
        assert_eq!(joined(&tables, &[], OnBadRow::Stop).unwrap().other_texts(), ["2"]);
    }
}
