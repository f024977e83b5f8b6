//! Sentence segmentation.

mod abbreviations;
mod lines;
mod scan;
mod stops;

use super::Language;
use crate::span::Span;
use scan::Scan;

/// Splits texts of one language into sentences.
///
/// TODO
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segmenter {
    language: Language,
}

impl Segmenter {
    /// A segmenter with the rules of `language`.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self { language }
    }

    /// The sentences of `text`.
    #[must_use]
    pub fn segment(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        self.segment_into(text, &mut spans);
        spans
    }

    /// The same into `spans`, whose former content is dropped.
    pub fn segment_into(&self, text: &str, spans: &mut Vec<Span>) {
        spans.clear();
        Scan::new(text, self.language, spans).run();
    }
}
