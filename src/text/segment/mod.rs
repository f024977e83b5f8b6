//! Sentence segmentation by rules, in one pass.
//!
//! The walk (`scan`) passes over plain bytes and stops at marks, quotation marks, brackets and line breaks. At a mark,
//! `stops` decides by the word before it (`abbreviations`) and by what comes next; at a line break, `lines` decides by
//! the layout. Every look ahead or back is bounded, so the time is linear in the length of the text, whatever it holds.
//!
//! # Why not a crate
//!
//! `sentencex` 0.1.33 was measured first (speed: CPU time of one core of a busy machine, over several runs):
//!
//! | | these rules | `sentencex` |
//! |---|---|---|
//! | cases of `tests/segmentation_cases.txt` | 127 of 127 | 103 of 127 |
//! | 438 composed texts of all registers, 8,430 sentences: precision / recall of sentence ends | 0.992 / 0.999 | 0.961 / 0.995 |
//! | 15,817 single sentences by other hands, cut in two or more | 0.8 %, most of them rightly | – |
//! | speed on 40 real documents | 280 to 500 MB/s | 75 to 120 MB/s |
//!
//! The first row is the weakest evidence: the rules were written with the cases in view. On the second they had 0.991 and
//! 0.998 before mistakes that showed there (`Gaza's. Washington`, `Annex C. Aid`) were mended. The crate cuts at `p.m. Monday`,
//! numbered paragraphs, `vol. 2` and attributed questions, joins headlines to the line that follows, and keeps every
//! quotation whole. Its speed is about that of labelling, so segmentation would have doubled the time of a run.

mod abbreviations;
mod chars;
mod lines;
mod scan;
mod stops;

use super::Language;
use crate::span::Span;
use scan::Scan;

/// Splits texts of one language into sentences.
///
/// # Contract
///
/// The spans are in order, disjoint and not empty; each begins and ends on a character that is no white space, and only
/// white space lies between them (none at all between `over.The`, which is split too). Text without a letter or digit is
/// kept with its neighbour, or is a sentence of its own when it is a paragraph (`* * *`).
///
/// # What is a sentence
///
/// - **Full stops** after titles (`Gen.`), initials, `e.g.`, hours before a day or zone (`3 p.m. Monday`) and numbers'
///   abbreviations (`No. 5`) end nothing. After names' and places' abbreviations and acronyms (`Inc.`, `U.S.`, `Jan.`) the
///   sentence ends only before a word that begins sentences (`He`, `The`). A small letter never begins a sentence,
///   but for `al-Amin` and the like.
/// - **Quotations**: sentences inside are split when the closing mark ends a sentence (`“We won. | They lost.”`). When the
///   sentence goes on after it, quotation and attribution are one sentence, as `“We won. They lost,” he said.` is, unless
///   the quotation is longer than 400 bytes. `“Will they?” President Hale asked` is one sentence. Brackets follow the
///   same rule.
/// - **Paragraphs**: a blank line always ends a sentence. A single line break does so unless the text goes on: the text
///   is wrapped at a width and the line is full, the next line begins with a small letter, or the line ends with a
///   comma, a dash, a title or a word like `of`. So headlines, bylines and list items are sentences of their own.
/// - **Numbers and bullets** stay with what they count: `2. We agreed.`, `(ii) It says why.`, `Q. Will you?`.
/// - **Ellipses** end a sentence before a capital, but not where words are left out (`The Parties ... Agree`).
/// - **Datelines** stay with their sentence: `KIEV, Ukraine (AP) -- The army said …`.
///
/// Text of all capitals follows the same rules. English has all of them; other languages share a short list of
/// abbreviations, acronyms never end a sentence there, and German, Danish, Norwegian, Finnish, Hungarian and Turkish
/// ordinals (`3. Oktober`) do not either. The Greek question mark `;` is not known.
///
/// # Cost
///
/// Linear in the length of the text, without allocation but for the list of spans.
///
/// ```
/// use stancewire::text::{Language, Segmenter};
///
/// let text = "Talks end\n\nGen. Voss met U.S. envoys at 3 p.m. Monday. “We will respond. Soon,” he said.";
/// let spans = Segmenter::new(Language::English).segment(text);
/// let sentences: Vec<&str> = spans.iter().map(|span| span.of(text)).collect();
/// assert_eq!(
///     sentences,
///     ["Talks end", "Gen. Voss met U.S. envoys at 3 p.m. Monday.", "“We will respond. Soon,” he said."]
/// );
/// ```
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

    /// The sentences of `text`; none for a text of white space.
    #[must_use]
    pub fn segment(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        self.segment_into(text, &mut spans);
        spans
    }

    /// The same into `spans`, whose former content is dropped. For many texts, with one buffer for all.
    pub fn segment_into(&self, text: &str, spans: &mut Vec<Span>) {
        spans.clear();
        Scan::new(text, self.language, spans).run();
    }
}
