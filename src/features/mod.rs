//! From terms to numbers: vocabularies, TF-IDF weights, sparse rows, and the lexicon of speech-act cues.
//!
//! The way of the data: the analyzer hands over terms; [`CountedDocs`] counts them document by document;
//! [`TfidfParams::fit`] learns a sorted [`Vocabulary`] and the inverse document frequencies; [`Tfidf`] turns the counts
//! of any document into a [`SparseRow`]. The cue block goes the same way: a [`CueMatcher`] finds the patterns of a
//! [`CueLexicon`] in a sentence, a [`CueCounter`] counts classes and pairs of classes, and a second [`Tfidf`] weighs
//! them. [`CsrMatrix::hstack`] puts the blocks side by side.
//!
//! Nothing here reads or writes files.

mod counts;
pub mod cue;
mod sparse;
mod tally;
mod tfidf;
mod vocabulary;

pub use counts::{CountedDocs, TermCounts};
pub use cue::{
    AtomId, CueClass, CueClassId, CueCounter, CueFeatureId, CueLexicon, CueMatcher, CueParams, CueScratch,
    CueStart, TokenAtoms, TokenAtomsView,
};
pub use sparse::{CsrMatrix, RowView, SparseRow};
pub use tally::Tally;
pub use tfidf::{Norm, Tfidf, TfidfParams};
pub use vocabulary::{TermId, Vocabulary};
