//! From text to terms: sentences, tokens, word forms and n-grams.
//!
//! ```text
//! article ─▶ Segmenter ─▶ sentence ─▶ tokens ─▶ Analyzer ─▶ word   (what cue patterns match)
//!            spans                    borrowed             ─▶ term   (what n-grams are made of)
//! ```
//!
//! One [`Analyzer`] serves training and labelling alike, and travels in the model as its [`AnalyzerParams`]. Nothing
//! here reads files, and the same text always gives the same answer.
//!
//! ```
//! use stancewire::text::{Analysis, Analyzer, AnalyzerParams, Language, Segmenter};
//!
//! let article = "Gen. Amani spoke at 3 p.m. Monday. “We will respond,” he said.";
//! let sentences = Segmenter::new(Language::English).segment(article);
//! assert_eq!(sentences.len(), 2);
//!
//! let analyzer = Analyzer::new(AnalyzerParams::default())?;
//! let analysis = analyzer.analyze(sentences[1].of(article));
//! let terms: Vec<&str> = analysis.tokens().filter_map(|t| t.term).collect();
//! assert_eq!(terms, ["we", "will", "respond", "he", "said"]);
//! # Ok::<(), stancewire::error::Error>(())
//! ```

mod analysis;
mod analyzer;
mod chars;
mod language;
mod normal;
mod params;
mod place;
mod segment;
mod token;
mod words;

pub use analysis::{Analysis, AnalyzedToken};
pub use analyzer::{Analyzer, Forms, NAME_TERM, NUMBER_TERM};
pub use language::Language;
pub use params::{AnalyzerParams, NgramRange};
pub use place::{Places, WordPlace};
pub use segment::Segmenter;
pub use token::{Token, TokenKind, Tokens, tokens};
