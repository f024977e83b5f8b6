//! Rows that are unlike the others: by length, by vocabulary.

use rustc_hash::FxHashMap;

use crate::text::{TokenKind, tokens};

/// A robust z-score above this is an outlier (Iglewicz and Hoaglin 1993).
const MOST_Z: f64 = 3.5;

/// Medians of fewer rows tell nothing.
const LEAST_ROWS: usize = 20;

/// From this share of unknown words on, and this number of them, a row is an outlier.
const UNKNOWN_SHARE: f64 = 0.5;
const LEAST_UNKNOWN: usize = 3;

/// A row that is far longer or shorter than the others of its label.
pub(super) struct Length {
    pub row: usize,
    pub words: usize,
    pub median: f64,
    pub z: f64,
}

/// A row most of whose words occur nowhere else.
pub(super) struct Unknown {
    pub row: usize,
    pub alone: Vec<String>,
    pub words: usize,
}

impl Unknown {
    pub fn share(&self) -> f64 {
        self.alone.len() as f64 / self.words as f64
    }
}

/// The words of `text` in lower case.
pub(super) fn words_of(text: &str) -> Vec<String> {
    tokens(text).filter(|t| t.kind == TokenKind::Word).map(|t| t.raw.to_lowercase()).collect()
}

/// Outliers of length, the worst first. The z-score is 0.6745 · (x − median) / MAD of x = ln(1 + words), per label, where
/// MAD is the median of the absolute deviations; without spread (MAD 0) nothing is an outlier.
pub(super) fn lengths(words: &[Vec<String>], label_of_row: &[usize], n_labels: usize) -> Vec<Length> {
    let mut found = Vec::new();
    for label in 0..n_labels {
        let rows: Vec<usize> = (0..words.len()).filter(|&row| label_of_row[row] == label).collect();
        if rows.len() < LEAST_ROWS {
            continue;
        }
        let x: Vec<f64> = rows.iter().map(|&row| (words[row].len() as f64).ln_1p()).collect();
        let middle = median(x.clone());
        let mad = median(x.iter().map(|x| (x - middle).abs()).collect());
        if mad == 0.0 {
            continue;
        }
        let outlier = |(&row, x): (&usize, &f64)| {
            let z = 0.6745 * (x - middle) / mad;
            (z.abs() > MOST_Z).then(|| Length { row, words: words[row].len(), median: middle.exp_m1(), z })
        };
        found.extend(rows.iter().zip(&x).filter_map(outlier));
    }
    found.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()).then(a.row.cmp(&b.row)));
    found
}

/// Outliers of vocabulary, the worst first: at least half of the words, and three of them, occur in no other document.
pub(super) fn unknown(words: &[Vec<String>], documents: &[u32]) -> Vec<Unknown> {
    // The document of each word, or none for a word of several.
    let mut home: FxHashMap<&str, Option<u32>> = FxHashMap::default();
    for (row, &document) in words.iter().zip(documents) {
        for word in row {
            let known = home.entry(word).or_insert(Some(document));
            *known = known.filter(|known| *known == document);
        }
    }
    let mut found: Vec<Unknown> = Vec::new();
    for (row, list) in words.iter().enumerate() {
        let alone: Vec<String> = list.iter().filter(|word| home[word.as_str()].is_some()).cloned().collect();
        let outlier = Unknown { row, alone, words: list.len() };
        if outlier.alone.len() >= LEAST_UNKNOWN && outlier.share() >= UNKNOWN_SHARE {
            found.push(outlier);
        }
    }
    found.sort_by(|a, b| b.share().total_cmp(&a.share()).then(a.row.cmp(&b.row)));
    found
}

/// The middle of `values`, of which there is at least one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_far_from_the_median_of_its_label_is_found() {
        // Twenty rows of 3 to 6 words and one of 60. x = ln 4, ln 5, ln 6, ln 7 (five each) and ln 61; the median is the
        // 11th of 21, ln 6, and the MAD the 11th of the absolute deviations: |ln 6 − ln 5| = 0.1823. z = 0.6745 · 2.3191
        // / 0.1823 = 8.58.
        let mut words: Vec<Vec<String>> = (0..20).map(|i| vec!["w".to_owned(); 3 + i % 4]).collect();
        words.push(vec!["w".to_owned(); 60]);
        let found = lengths(&words, &[0; 21], 1);
        assert_eq!((found.len(), found[0].row, found[0].words), (1, 20, 60));
        assert!((found[0].z - 8.58).abs() < 0.01, "{}", found[0].z);
        assert!((found[0].median - 5.0).abs() < 1e-9);
        assert!(lengths(&words[2..], &[0; 19], 1).is_empty(), "too few rows");
        assert!(lengths(&vec![vec![]; 30], &[0; 30], 1).is_empty(), "no spread");
    }

    #[test]
    fn words_that_occur_in_no_other_document_are_unknown() {
        let words: Vec<Vec<String>> =
            ["the rain fell", "ut labore et the", "the rain fell on labore et", "x y the", "rain fell on"]
                .iter()
                .map(|text| words_of(text))
                .collect();
        // Row 1 and row 2 share a document, so that labore and et are unknown elsewhere.
        let found = unknown(&words, &[0, 1, 1, 2, 3]);
        assert_eq!(found.iter().map(|f| f.row).collect::<Vec<_>>(), [1]);
        assert_eq!(
            (found[0].alone.as_slice(), found[0].words),
            (&["ut".into(), "labore".into(), "et".into()][..], 4)
        );
    }
}
