//! The labels of several annotators for the same rows.

use rustc_hash::FxHashMap;

use super::block::Record;
use super::columns::{Column, Role};
use super::dataset::alike;
use super::documents::{OnBadRow, SkippedRows};
use super::source::InputSpec;
use super::whole_table::{WholeTable, key_columns};
use super::{Notice, Output};
use crate::error::{Error, ErrorKind, Place, Result};

/// The most different labels there may be: more of them are no labels, but the wrong column.
const MOST_LABELS: usize = 255;

/// Rows that several annotators labelled, joined.
///
/// Either each annotator has a table, and rows with the same id belong together ([`Annotations::of_files`]), or one table has
/// a column per annotator ([`Annotations::of_columns`]). An empty label is a missing one.
#[derive(Debug)]
pub struct Annotations {
    tables: Vec<WholeTable>,
    annotators: Vec<Annotator>,
    names: Vec<String>,
    key: Vec<String>,
    rows: Vec<Row>,
    labels: Vec<String>,
    ratings: Vec<Vec<Option<usize>>>,
    notices: Vec<Notice>,
    other_texts: Vec<String>,
}

/// Where an annotator's labels stand.
#[derive(Debug)]
struct Annotator {
    table: usize,
    label: Column,
}

/// What belongs together: for each table the number of its record, if it has the row.
#[derive(Debug)]
struct Row {
    name: String,
    records: Vec<Option<usize>>,
}

impl Annotations {
    /// Joins the tables of `inputs`, each with the name of its annotator, by the columns `id`; see the module
    /// documentation for what happens when none is named.
    ///
    /// Rows keep the order of the first table; rows that only later tables have follow. Without id columns the tables must
    /// have the same texts in the same order.
    ///
    /// # Errors
    /// As [`Source::open`](super::Source::open); [`ErrorKind::Column`] when there is no label column, or when an id is
    /// missing or stands twice; [`ErrorKind::Settings`] when tables cannot be joined; [`ErrorKind::Label`] for no label at all
    /// or far too many; [`ErrorKind::Empty`] for a table without rows.
    pub fn of_files(inputs: &[(String, InputSpec)], id: &[String], on_bad: OnBadRow) -> Result<Self> {
        if inputs.len() < 2 {
            return Err(Error::new(
                ErrorKind::Settings,
                "one table; expected those of at least two annotators",
            )
            .advise("name the tables of all, or the columns of one table with --columns a,b"));
        }
        let tables = inputs
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
        let key = key_columns(&tables, id)?;
        let rows = if key.is_empty() { in_order(&tables)? } else { by_key(&tables, &key)? };
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
        let table = WholeTable::read(spec, on_bad)?;
        let annotator = |name: &String| Ok(Annotator { table: 0, label: table.require(name)? });
        let annotators = columns.iter().map(annotator).collect::<Result<Vec<_>>>()?;
        let rows = match id {
            [] => (0..table.records.len()).map(|n| row_at(std::slice::from_ref(&table), n)).collect(),
            id => by_key(std::slice::from_ref(&table), id)?,
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
    fn label(&self, row: &Row, annotator: &Annotator) -> &str {
        self.cell(row, annotator.table, annotator.label.index).map_or("", str::trim)
    }

    fn cell(&self, row: &Row, table: usize, column: usize) -> Option<&str> {
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

    /// Writes the rows with two different labels or more to the CSV file at `path`, and says how many they are.
    ///
    /// The columns are those of the input, then one per annotator with the label, `distinct_labels`, and an empty `label` to
    /// be filled in. A column that several tables have with different cells (such as notes) is there once per table. Input
    /// columns whose names are needed get `_in` at their end.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_disagreements(&self, path: &str) -> Result<u64> {
        let failed = |error: csv::Error| Error::io("cannot write the rows to adjudicate", error.into());
        let mut table = csv::Writer::from_writer(Output::create(path)?);
        let columns = self.kept_columns();
        let (names, added) = (columns.iter().map(|(name, _)| name), self.added_columns());
        table.write_record(names.chain(&added)).map_err(failed)?;
        let mut written = 0;
        for (row, ratings) in self.rows.iter().zip(&self.ratings) {
            let mut distinct: Vec<usize> = ratings.iter().copied().flatten().collect();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() < 2 {
                continue;
            }
            let kept = columns.iter().map(|(_, sources)| self.first_cell(row, sources));
            let given = self.annotators.iter().map(|annotator| self.label(row, annotator));
            let number = distinct.len().to_string();
            table.write_record(kept.chain(given).chain([number.as_str(), ""])).map_err(failed)?;
            written += 1;
        }
        let output = table.into_inner().map_err(|error| {
            Error::io("cannot write the rows to adjudicate", std::io::Error::other(error.to_string()))
        })?;
        output.finish()?;
        Ok(written)
    }

    fn added_columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in &self.names {
            let mut name = name.clone();
            while names.contains(&name) || ["distinct_labels", "label"].contains(&name.as_str()) {
                name.push_str("_given");
            }
            names.push(name);
        }
        names.extend(["distinct_labels", "label"].map(String::from));
        names
    }

    /// The input columns of the output: names, and where their cells stand.
    fn kept_columns(&self) -> Vec<(String, Vec<(usize, usize)>)> {
        let mut kept: Vec<(String, Vec<(usize, usize)>)> = Vec::new();
        for (number, table) in self.tables.iter().enumerate() {
            for (index, name) in table.header.names().iter().enumerate() {
                let source = (number, index);
                if self.annotators.iter().any(|a| (a.table, a.label.index) == source) {
                    continue;
                }
                match kept.iter_mut().find(|(known, _)| known == name) {
                    None => kept.push((name.clone(), vec![source])),
                    Some((_, sources)) if self.same_cells(sources, source) => sources.push(source),
                    Some(_) => kept.push((format!("{name} ({})", self.names[number]), vec![source])),
                }
            }
        }
        let mut taken = self.added_columns();
        for (name, _) in &mut kept {
            while taken.contains(name) {
                name.push_str("_in");
            }
            taken.push(name.clone());
        }
        kept
    }

    /// Whether the cells of a column are those of another table wherever both tables have the row.
    fn same_cells(&self, sources: &[(usize, usize)], other: (usize, usize)) -> bool {
        self.rows.iter().all(|row| {
            let cell = |&(table, column): &(usize, usize)| self.cell(row, table, column);
            match (sources.iter().find_map(cell), cell(&other)) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        })
    }

    fn first_cell(&self, row: &Row, sources: &[(usize, usize)]) -> &str {
        sources.iter().find_map(|&(table, column)| self.cell(row, table, column)).unwrap_or_default()
    }
}

fn row_at(tables: &[WholeTable], number: usize) -> Row {
    let place = tables[0].records[number].place().to_string();
    Row { name: place, records: vec![Some(number); tables.len()] }
}

/// Rows with the same key together.
fn by_key(tables: &[WholeTable], key: &[String]) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for (number, table) in tables.iter().enumerate() {
        for (record, name) in table.keys(key)?.into_iter().enumerate() {
            let row = *known.entry(name).or_insert_with_key(|name| {
                rows.push(Row { name: name.clone(), records: vec![None; tables.len()] });
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
