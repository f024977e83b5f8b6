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

    /// The key of each row: its cells in `columns`. Each must be there and stand once.
    pub fn keys(&self, columns: &[String]) -> Result<Vec<String>> {
        let columns = columns.iter().map(|name| self.require(name)).collect::<Result<Vec<_>>>()?;
        let mut first: FxHashMap<String, u64> = FxHashMap::default();
        let mut keys = Vec::with_capacity(self.records.len());
        for record in &self.records {
            let key = key_of(record, &columns)?;
            if let Some(line) = first.insert(key.clone(), record.line()) {
                return Err(twice(&key, line).at(record.place().column(names(&columns))));
            }
            keys.push(key);
        }
        Ok(keys)
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

/// The columns by which the rows of `sheets` are joined: the chosen ones, or the first of id, id and sentence number,
/// document and sentence number that all sheets have and that tells all rows apart. Without any such column none: then
/// rows are joined in their order.
pub(super) fn key_columns(sheets: &[WholeTable], chosen: &[String]) -> Result<Vec<String>> {
    if !chosen.is_empty() {
        return Ok(chosen.to_vec());
    }
    let mut found = None;
    for candidate in candidates(&sheets[0].header) {
        let has = |sheet: &WholeTable| candidate.iter().all(|name| sheet.header.index(name).is_some());
        if !sheets.iter().all(has) {
            continue;
        }
        if sheets.iter().all(|sheet| sheet.keys(&candidate).is_ok()) {
            return Ok(candidate);
        }
        found.get_or_insert(candidate);
    }
    Ok(found.unwrap_or_default())
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
