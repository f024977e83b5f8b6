//! The documents of rows.

use rustc_hash::FxHashMap;

use super::AuditRow;

/// The number of documents; rows without one count as one each, and if no row has one the number is unknown.
pub(super) fn documents(rows: &[AuditRow]) -> Option<u64> {
    rows.iter().any(|row| row.document.is_some()).then(|| {
        let numbers = document_numbers(rows);
        u64::from(numbers.into_iter().max().map_or(0, |last| last + 1))
    })
}

/// A number for each row's document, in order of appearance.
pub(super) fn document_numbers<'a>(rows: &'a [AuditRow]) -> Vec<u32> {
    let mut known: FxHashMap<&str, u32> = FxHashMap::default();
    let mut next = 0;
    let mut new = || {
        next += 1;
        next - 1
    };
    let mut number = |row: &'a AuditRow| match &row.document {
        Some(document) => *known.entry(document).or_insert_with(&mut new),
        None => new(),
    };
    rows.iter().map(&mut number).collect()
}

/// A document by its first row, its name, and its number of rows in each part.
type InParts<'a> = (usize, &'a str, Vec<(&'a str, u64)>);

/// A document with rows in more than one part.
pub(super) struct DocumentLeak {
    /// Its first row.
    pub row: usize,
    /// How many rows it has in all parts.
    pub rows: u64,
    pub reason: String,
}

/// Documents of `rows` that have rows in more than one part, `others` included; those with most rows first.
pub(super) fn document_leaks(rows: &[AuditRow], others: &[AuditRow]) -> Vec<DocumentLeak> {
    // Of each document its place in `found`, and there its first row and its rows in each part.
    let mut place_of: FxHashMap<&str, usize> = FxHashMap::default();
    let mut found: Vec<InParts<'_>> = Vec::new();
    for (position, row) in rows.iter().chain(others).enumerate() {
        let Some(document) = row.document.as_deref() else { continue };
        let place = *place_of.entry(document).or_insert(found.len());
        if place == found.len() {
            found.push((position, document, Vec::new()));
        }
        let parts = &mut found[place].2;
        match parts.iter_mut().find(|(part, _)| *part == row.part) {
            Some((_, n)) => *n += 1,
            None => parts.push((&row.part, 1)),
        }
    }
    found.retain(|(first, _, parts)| parts.len() > 1 && *first < rows.len());
    let leak = |(row, document, parts): InParts<'_>| {
        let n: u64 = parts.iter().map(|(_, n)| n).sum();
        let counts: Vec<String> = parts.iter().map(|(part, n)| format!("{n} in {part}")).collect();
        let reason = format!("document {document} has {n} rows: {}", counts.join(", "));
        DocumentLeak { row, rows: n, reason }
    };
    let mut leaks: Vec<DocumentLeak> = found.into_iter().map(leak).collect();
    leaks.sort_by(|a, b| b.rows.cmp(&a.rows).then(a.row.cmp(&b.row)));
    leaks
}
