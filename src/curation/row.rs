//! Rows, as an audit wants them.

use crate::corpus::{ColumnChoice, Dataset, OnBadRow, Role, SkippedRows, Source};
use crate::error::Result;

/// A row with all that an audit looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it is called.
    pub id: String,
    /// The document it belongs to, if that is known.
    pub document: Option<String>,
    /// Its text.
    pub text: String,
    /// Its label; none for an unlabelled row of another table.
    pub label: Option<String>,
    /// The part of a division that it lies in, such as `train`: rows with the same word lie together.
    pub part: String,
}

impl AuditRow {
    /// The rows of `dataset`, all of them in `part`.
    #[must_use]
    pub fn of_dataset(dataset: &Dataset, part: &str) -> Vec<Self> {
        let row = |example: &crate::corpus::LabelledExample| Self {
            file: example.file.clone(),
            line: example.line,
            id: example.id.clone(),
            document: example.group.clone(),
            text: example.text.clone(),
            label: Some(example.label.clone()),
            part: part.to_owned(),
        };
        dataset.examples().iter().map(row).collect()
    }

    /// The rows of `source` that have a text, all of them in `part`; labels, ids and documents where there are such
    /// columns. Bad rows are left out and counted.
    ///
    /// # Errors
    /// When there is no text column, or the source cannot be read any further.
    pub fn of_source(
        mut source: Source,
        columns: &ColumnChoice,
        part: &str,
    ) -> Result<(Vec<Self>, SkippedRows)> {
        let text = source.text_column()?.index;
        let find = |role| source.header().find(role, columns).ok().flatten().map(|column| column.index);
        let [label, id, document] = [Role::Label, Role::Id, Role::Group].map(find);
        let (mut rows, mut skipped) = (Vec::new(), SkippedRows::default());
        while let Some(block) = source.next_block()? {
            let mut records = block.records();
            while let Some(record) = records.next_record() {
                let record = match record {
                    Ok(record) => record,
                    Err(error) => {
                        skipped.meet(error, OnBadRow::Skip)?;
                        continue;
                    }
                };
                let cell = |column: Option<usize>| {
                    let cell = column.map(|column| record.get(column).trim());
                    cell.filter(|cell| !cell.is_empty()).map(String::from)
                };
                let place = record.place();
                rows.push(Self {
                    id: cell(id).unwrap_or_else(|| place.to_string()),
                    file: place.file.unwrap_or_default(),
                    line: record.line(),
                    document: cell(document),
                    text: record.get(text).to_owned(),
                    label: cell(label),
                    part: part.to_owned(),
                });
            }
        }
        Ok((rows, skipped))
    }
}
