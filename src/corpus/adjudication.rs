//! The rows on which annotators differ, as a table to be filled in.

use super::annotations::{Annotations, Row};
use super::output::Output;
use crate::error::{Error, Result};

impl Annotations {
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

#[cfg(test)]
mod tests {
    use super::super::{Annotations, InputSpec, OnBadRow};

    #[test]
    fn columns_that_differ_stand_once_per_table_and_needed_names_are_made_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("a"), "id,text,note,distinct_labels,label\n1,rain,sure,x,no\n2,war,,x,yes\n")
            .unwrap();
        std::fs::write(path("b"), "id,text,note,label\n2,war,hm,no\n1,rain,sure,no\n").unwrap();
        let input = |name: &str, file: &str| {
            let format = Some("csv".parse().unwrap());
            (name.to_owned(), InputSpec { inputs: vec![path(file)], format, ..InputSpec::default() })
        };
        let inputs = [input("label", "a"), input("ben", "b")];
        let joined = Annotations::of_files(&inputs, &[], OnBadRow::Stop).unwrap();
        assert_eq!(joined.write_disagreements(&path("out")).unwrap(), 1);
        assert_eq!(
            std::fs::read_to_string(path("out")).unwrap(),
            "id,text,note,distinct_labels_in,note (ben),label_given,ben,distinct_labels,label\n\
             2,war,,x,hm,yes,no,2,\n"
        );
    }
}
