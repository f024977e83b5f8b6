//! One labelled table as a whole in memory, whose labels may be missing.

use rustc_hash::FxHashMap;

use super::Notice;
use super::block::Record;
use super::columns::{Column, Header, Role};
use super::dataset::no_rows;
use super::documents::{OnBadRow, SkippedRows};
use super::source::{InputSpec, Source};
use crate::error::{Error, ErrorKind, Place, Result};

/// All rows of one input.
#[derive(Debug)]
pub(super) struct WholeTable {
    pub name: String,
    pub header: Header,
    pub records: Vec<Record>,
    pub text: Option<Column>,
    pub group: Option<Column>,
    pub notices: Vec<Notice>,
    pub skipped: SkippedRows,
}

impl WholeTable {
    pub fn read(spec: &InputSpec, on_bad: OnBadRow) -> Result<Self> {
        let name = spec.inputs.join(" + ");
        let mut source = Source::open(spec)?;
        let header = source.header().clone();
        let role =
            |role| header.find(role, &spec.columns).map_err(|error| error.at(Place::file(name.clone())));
        let (text, group) = (role(Role::Text)?, role(Role::Group)?);
        let (mut records, mut skipped) = (Vec::new(), SkippedRows::default());
        while let Some(block) = source.next_block()? {
            let mut rows = block.records();
            while let Some(record) = rows.next_record() {
                match record {
                    Ok(record) => records.push(record.clone()),
                    Err(error) => skipped.meet(error, on_bad)?,
                }
            }
        }
        if records.is_empty() {
            return Err(no_rows(&skipped, 0).at(Place::file(name)));
        }
        let notices = source.notices().to_vec();
        Ok(Self { name, header, records, text, group, notices, skipped })
    }

    /// The column called `name`.
    pub fn require(&self, name: &str) -> Result<Column> {
        self.header.require(name).map_err(|error| error.at(Place::file(&self.name)))
    }

    /// Settles the key of each row: its cells in `columns`. Each must be there and stand once; a row without a key, or with
    /// that of an earlier one, is a bad row.
    pub fn keyed(&mut self, columns: &[String], on_bad: OnBadRow) -> Result<Vec<String>> {
        let columns = self.require_all(columns)?;
        let mut known = FxHashMap::default();
        let (mut keys, mut kept) = (Vec::new(), Vec::new());
        for record in std::mem::take(&mut self.records) {
            match new_key(&record, &columns, &mut known) {
                Ok(key) => {
                    keys.push(key);
                    kept.push(record);
                }
                Err(error) => self.skipped.meet(error, on_bad)?,
            }
        }
        if kept.is_empty() {
            return Err(no_rows(&self.skipped, 0).at(Place::file(&self.name)));
        }
        self.records = kept;
        Ok(keys)
    }

    /// Whether each row has a key of its own in `columns`.
    fn tells_apart(&self, columns: &[String]) -> bool {
        let mut known = FxHashMap::default();
        self.require_all(columns).is_ok_and(|columns| {
            self.records.iter().all(|record| new_key(record, &columns, &mut known).is_ok())
        })
    }

    fn require_all(&self, columns: &[String]) -> Result<Vec<Column>> {
        columns.iter().map(|name| self.require(name)).collect()
    }
}

/// The key of `record` in `columns`, if none of the `known`, which are at the lines of their first records, is the same.
fn new_key(record: &Record, columns: &[Column], known: &mut FxHashMap<String, u64>) -> Result<String> {
    let key = key_of(record, columns)?;
    if let Some(&line) = known.get(&key) {
        Err(twice(&key, line).at(record.place().column(names(columns))))
    } else {
        known.insert(key.clone(), record.line());
        Ok(key)
    }
}

fn key_of(record: &Record, columns: &[Column]) -> Result<String> {
    let mut key = String::new();
    for column in columns {
        let cell = record.get(column.index).trim();
        if cell.is_empty() {
            return Err(Error::new(
                ErrorKind::Column,
                "the id is empty; expected what tells the row from all others",
            )
            .at(record.place().column(&column.name))
            .advise("fill the cell, or name another column with --id-column"));
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(cell);
    }
    Ok(key)
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn twice(key: &str, line: u64) -> Error {
    let what = format!("the id \"{key}\" stands on line {line} already; expected each id once in a file");
    Error::new(ErrorKind::Column, what).advise(
        "remove one of the rows, or name the columns that tell rows apart: --id-column doc_id,sentence_no",
    )
}

/// The columns by which the rows of `tables` are joined: the chosen ones, or the first of id, id and sentence number,
/// document and sentence number that all tables have and that tells all rows apart. Without any such column none: then
/// rows are joined in their order.
pub(super) fn key_columns(tables: &[WholeTable], chosen: &[String]) -> Vec<String> {
    if !chosen.is_empty() {
        return chosen.to_vec();
    }
    let mut found = None;
    for candidate in candidates(&tables[0].header) {
        let has = |table: &WholeTable| candidate.iter().all(|name| table.header.index(name).is_some());
        if !tables.iter().all(has) {
            continue;
        }
        if tables.iter().all(|table| table.tells_apart(&candidate)) {
            return candidate;
        }
        found.get_or_insert(candidate);
    }
    found.unwrap_or_default()
}

fn candidates(header: &Header) -> Vec<Vec<String>> {
    let usual = |role: Role| {
        let is = |name: &&String| role.usual_names().iter().any(|usual| name.eq_ignore_ascii_case(usual));
        header.names().iter().filter(is).cloned().collect::<Vec<String>>()
    };
    let (ids, groups) = (usual(Role::Id), usual(Role::Group));
    let numbered = |name: &String| vec![name.clone(), "sentence_no".to_owned()];
    let alone = ids.iter().map(|id| vec![id.clone()]);
    alone.chain(ids.iter().chain(&groups).map(numbered)).collect()
}
