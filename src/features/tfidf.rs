//! TF-IDF: learnt once by fitting, never recomputed.

use serde::{Deserialize, Serialize};

use super::counts::{CountedDocs, TermCounts};
use super::sparse::{CsrMatrix, SparseRow};
use super::vocabulary::{TermId, Vocabulary};
use crate::error::{Error, ErrorKind, Result};

/// How a weighted row is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// To Euclidean length 1; a row without known terms stays empty.
    #[default]
    L2,
    /// Not at all.
    None,
}

/// The settings of a TF-IDF block before it is fitted.
///
/// The weight of term `t` in a document is `tf(t) · idf(t)`, and then the row is scaled by [`TfidfParams::norm`]:
/// - `tf = count`, or `1 + ln count` with [`TfidfParams::sublinear_tf`];
/// - `idf = ln((1 + n) / (1 + df)) + 1` with [`TfidfParams::smooth_idf`], else `ln(n / df) + 1`, for `n` fitted
///   documents of which `df` have the term.
///
/// These are the formulas of scikit-learn's `TfidfTransformer`, and the numbers agree to 1e-12.
///
/// ```
/// use stancewire::features::{CountedDocs, TermCounts, TfidfParams};
/// let docs: Vec<TermCounts> =
///     ["stop the war", "the talks"].iter().map(|d| TermCounts::from_terms(d.split(' '))).collect();
/// let tfidf = TfidfParams::default().fit(&docs.iter().collect::<CountedDocs>())?;
/// let row = tfidf.transform(&docs[1]);
/// // "talks" is rarer than "the": 1 + ln(3/2) against 1, before the row is scaled to length 1.
/// assert!((row.values()[0] / row.values()[1] - (1.0 + 1.5f64.ln())).abs() < 1e-12);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TfidfParams {
    /// Terms of fewer documents are left out. Default 1: all are kept.
    pub min_df: u32,
    /// At most this many terms are kept, those of most documents first, ties in byte order. Default: no limit.
    pub max_features: Option<usize>,
    /// Take `1 + ln count` in place of the count. Default off.
    pub sublinear_tf: bool,
    /// Count one more document that has every term, so that no term is infinitely rare. Default on.
    pub smooth_idf: bool,
    /// The scaling of rows. Default [`Norm::L2`].
    pub norm: Norm,
}

impl Default for TfidfParams {
    fn default() -> Self {
        Self { min_df: 1, max_features: None, sublinear_tf: false, smooth_idf: true, norm: Norm::L2 }
    }
}

impl TfidfParams {
    /// Learns vocabulary and idf from all of `docs`.
    ///
    /// # Errors
    /// See [`TfidfParams::fit_rows`].
    pub fn fit(&self, docs: &CountedDocs) -> Result<Tfidf> {
        self.fit_rows(docs, &(0..docs.len()).collect::<Vec<_>>())
    }

    /// Learns vocabulary and idf from the documents whose numbers are `rows`, as if there were no others.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] without documents or when no term is left; [`ErrorKind::Settings`] for `max_features` 0.
    ///
    /// # Panics
    /// When `rows` names a document that does not exist.
    pub fn fit_rows(&self, docs: &CountedDocs, rows: &[usize]) -> Result<Tfidf> {
        if self.max_features == Some(0) {
            return Err(Error::new(ErrorKind::Settings, "max_features is 0; expected at least 1")
                .advise("leave it out to keep all terms"));
        }
        if rows.is_empty() {
            return Err(Error::new(ErrorKind::Empty, "no documents to learn a vocabulary from"));
        }
        let df = document_frequencies(docs, rows);
        let kept = self.select(docs, &df);
        if kept.is_empty() {
            return Err(Error::new(
                ErrorKind::Empty,
                format!("no term occurs in at least {} of {} documents", self.min_df.max(1), rows.len()),
            )
            .advise("lower min_df, or give more documents"));
        }
        let n = rows.len() as f64;
        let idf = kept.iter().map(|&t| self.idf(n, f64::from(df[t as usize]))).collect();
        let vocabulary = Vocabulary::from_sorted(kept.iter().map(|&t| docs.term(t)))?;
        Ok(Tfidf { params: self.clone(), vocabulary, idf })
    }

    /// The provisional numbers of the kept terms, sorted by term.
    fn select(&self, docs: &CountedDocs, df: &[u32]) -> Vec<u32> {
        let min_df = self.min_df.max(1);
        // `df` has one element per term, and terms are numbered in u32.
        #[allow(clippy::cast_possible_truncation)]
        let mut kept: Vec<u32> = (0..df.len() as u32).filter(|&t| df[t as usize] >= min_df).collect();
        if let Some(most) = self.max_features.filter(|&most| most < kept.len()) {
            kept.sort_unstable_by(|&a, &b| {
                df[b as usize].cmp(&df[a as usize]).then_with(|| docs.term(a).cmp(docs.term(b)))
            });
            kept.truncate(most);
        }
        kept.sort_unstable_by(|&a, &b| docs.term(a).cmp(docs.term(b)));
        kept
    }

    fn idf(&self, n: f64, df: f64) -> f64 {
        let one = if self.smooth_idf { 1.0 } else { 0.0 };
        ((one + n) / (one + df)).ln() + 1.0
    }
}

/// In how many of `rows` each term occurs.
fn document_frequencies(docs: &CountedDocs, rows: &[usize]) -> Vec<u32> {
    let mut df = vec![0; docs.n_terms()];
    for &i in rows {
        docs.doc(i).iter().for_each(|&(t, _)| df[t as usize] += 1);
    }
    df
}

/// A fitted TF-IDF block: a vocabulary and the idf of each of its terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Tfidf {
    params: TfidfParams,
    vocabulary: Vocabulary,
    idf: Vec<f64>,
}

impl Tfidf {
    /// A block from its stored parts, as a model file has them.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when there is not one idf per term, or when one is not finite.
    pub fn from_parts(params: TfidfParams, vocabulary: Vocabulary, idf: Vec<f64>) -> Result<Self> {
        if vocabulary.len() != idf.len() {
            return Err(Error::new(
                ErrorKind::Model,
                format!("{} terms but {} idf values", vocabulary.len(), idf.len()),
            ));
        }
        if let Some(at) = idf.iter().position(|v| !v.is_finite()) {
            return Err(Error::new(ErrorKind::Model, format!("the idf of term {at} is {}", idf[at])));
        }
        Ok(Self { params, vocabulary, idf })
    }

    /// The settings it was fitted with.
    #[must_use]
    pub fn params(&self) -> &TfidfParams {
        &self.params
    }

    /// The terms, in the order of the columns.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The inverse document frequencies, in the order of the columns.
    #[must_use]
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// The number of columns.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.idf.len()
    }

    /// The weighted row of one document. Unknown terms are left out; without known terms the row is empty.
    #[must_use]
    pub fn transform(&self, doc: &TermCounts) -> SparseRow {
        let mut row = SparseRow::new();
        self.transform_into(doc, &mut row);
        row
    }

    /// The same into the caller's buffer, whose entries are replaced.
    pub fn transform_into(&self, doc: &TermCounts, row: &mut SparseRow) {
        row.clear();
        for (term, count) in doc.iter() {
            // Terms and vocabulary are both in byte order, so the columns ascend.
            if let Some(id) = self.vocabulary.id(term) {
                row.push(id.column(), f64::from(count));
            }
        }
        self.weigh(row);
    }

    /// Turns a row of counts (columns are term ids) into weights, in place.
    ///
    /// For callers that look terms up themselves; [`Tfidf::transform`] is counting, then this.
    ///
    /// # Panics
    /// When the row has a column beyond the vocabulary.
    pub fn weigh(&self, row: &mut SparseRow) {
        for (&j, value) in row.indices.iter().zip(&mut row.values) {
            *value = self.weight(j, *value);
        }
        let norm = self.norm(row.values.iter().map(|v| v * v).sum());
        row.values.iter_mut().for_each(|v| *v /= norm);
    }

    /// `tf · idf` of a term that a document has `count` times, before the row is scaled.
    #[inline]
    pub(crate) fn weight(&self, column: u32, count: f64) -> f64 {
        // Most counts are 1, and the logarithm is dear.
        let raw = count.to_bits() == 1.0_f64.to_bits() || !self.params.sublinear_tf;
        let tf = if raw { count } else { 1.0 + count.ln() };
        tf * self.idf[column as usize]
    }

    /// What the weights of a row are divided by whose squares have the sum `squares`.
    pub(crate) fn norm(&self, squares: f64) -> f64 {
        if self.params.norm == Norm::L2 && squares > 0.0 { squares.sqrt() } else { 1.0 }
    }

    /// The weighted rows of all of `docs`.
    #[must_use]
    pub fn transform_docs(&self, docs: &CountedDocs) -> CsrMatrix {
        self.transform_rows(docs, &(0..docs.len()).collect::<Vec<_>>())
    }

    /// The weighted rows of the documents whose numbers are `rows`, in that order.
    ///
    /// # Panics
    /// When `rows` names a document that does not exist.
    #[must_use]
    pub fn transform_rows(&self, docs: &CountedDocs, rows: &[usize]) -> CsrMatrix {
        // `n_terms` is numbered in u32.
        #[allow(clippy::cast_possible_truncation)]
        let columns: Vec<Option<TermId>> =
            (0..docs.n_terms() as u32).map(|t| self.vocabulary.id(docs.term(t))).collect();
        let mut matrix = CsrMatrix::new(self.n_features());
        let (mut row, mut entries) = (SparseRow::new(), Vec::new());
        for &i in rows {
            entries.clear();
            entries.extend(
                docs.doc(i).iter().filter_map(|&(t, n)| columns[t as usize].map(|id| (id.column(), n))),
            );
            entries.sort_unstable();
            row.clear();
            for &(j, n) in &entries {
                row.push(j, f64::from(n));
            }
            self.weigh(&mut row);
            matrix.push_row(row.view());
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs(texts: &[&str]) -> CountedDocs {
        let counted: Vec<_> = texts.iter().map(|t| TermCounts::from_terms(t.split_whitespace())).collect();
        counted.iter().collect()
    }

    fn terms(tfidf: &Tfidf) -> Vec<&str> {
        tfidf.vocabulary().terms().collect()
    }

    #[test]
    fn idf_is_learnt_from_the_fitted_documents_only() {
        let docs = docs(&["a b", "a", "a c", "c c c"]);
        let tfidf = TfidfParams::default().fit_rows(&docs, &[0, 1, 2]).unwrap();
        assert_eq!(terms(&tfidf), ["a", "b", "c"]);
        // n = 3; df: a 3, b 1, c 1.
        assert_eq!(tfidf.idf(), [1.0, 1.0 + 2.0f64.ln(), 1.0 + 2.0f64.ln()]);
        // A later document changes nothing, and its own neighbours do not matter.
        let alone = tfidf.transform(&TermCounts::from_terms(["c", "c", "c", "zebra"]));
        assert_eq!((alone.indices(), alone.values()), (&[2][..], &[1.0][..]));
    }

    #[test]
    fn a_bulk_transform_is_the_single_one_row_by_row() {
        let texts = ["zeta alpha beta beta", "", "beta zeta", "unseen alpha"];
        let docs = docs(&texts);
        let params = TfidfParams { sublinear_tf: true, ..TfidfParams::default() };
        let tfidf = params.fit_rows(&docs, &[0, 2]).unwrap();
        let matrix = tfidf.transform_rows(&docs, &[3, 0, 1]);
        for (row, text) in matrix.rows().zip([texts[3], texts[0], texts[1]]) {
            let single = tfidf.transform(&TermCounts::from_terms(text.split_whitespace()));
            assert_eq!(row, single.view());
        }
    }

    #[test]
    fn the_order_of_documents_does_not_matter() {
        let forward = TfidfParams::default().fit(&docs(&["b a", "c"])).unwrap();
        let backward = TfidfParams::default().fit(&docs(&["c", "a b"])).unwrap();
        assert_eq!(forward, backward);
    }

    #[test]
    fn rare_terms_go_and_the_most_common_stay() {
        let docs = docs(&["a b c d", "a b c", "a c", "e"]);
        let min_df = TfidfParams { min_df: 2, ..TfidfParams::default() };
        assert_eq!(terms(&min_df.fit(&docs).unwrap()), ["a", "b", "c"]);
        let most = TfidfParams { max_features: Some(2), ..TfidfParams::default() };
        assert_eq!(terms(&most.fit(&docs).unwrap()), ["a", "c"]);
        let ties = TfidfParams { max_features: Some(4), ..TfidfParams::default() };
        assert_eq!(terms(&ties.fit(&docs).unwrap()), ["a", "b", "c", "d"]);
    }

    #[test]
    fn nothing_to_learn_from_is_an_error_with_advice() {
        let some = docs(&["a", "b"]);
        let min_df = TfidfParams { min_df: 2, ..TfidfParams::default() };
        let none = TfidfParams { max_features: Some(0), ..TfidfParams::default() };
        for (error, text) in [
            (
                min_df.fit(&some).unwrap_err(),
                "no term occurs in at least 2 of 2 documents\n  lower min_df, or give more documents",
            ),
            (min_df.fit(&docs(&[])).unwrap_err(), "no documents to learn a vocabulary from"),
            (
                none.fit(&some).unwrap_err(),
                "max_features is 0; expected at least 1\n  leave it out to keep all terms",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn stored_parts_are_checked() {
        let vocabulary = Vocabulary::from_sorted(["a", "b"]).unwrap();
        for (idf, text) in
            [(vec![1.0], "2 terms but 1 idf values"), (vec![1.0, f64::NAN], "the idf of term 1 is NaN")]
        {
            let error = Tfidf::from_parts(TfidfParams::default(), vocabulary.clone(), idf).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }
}
