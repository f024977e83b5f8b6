//! The result of an analysis: reusable buffers, read through borrowed views.

use std::fmt;
use std::ops::Range;

use rust_stemmers::Stemmer;
use rustc_hash::FxHashMap;

use super::Language;
use super::token::TokenKind;
use crate::span::Span;

/// A token with the forms that the rest of the pipeline works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnalyzedToken<'a> {
    /// The bytes of the token in the analyzed text.
    pub span: Span,
    /// What the token is.
    pub kind: TokenKind,
    /// The surface form that cue patterns match: NFKC, lower case, straight apostrophes, plain hyphens; for a mark its
    /// name (see [`Token::mark`](super::Token::mark)). Never empty, never with white space in it.
    pub word: &'a str,
    /// What n-grams are made of: the stem (or the word, without stemming), [`<num>`](super::NUMBER_TERM) or
    /// [`<name>`](super::NAME_TERM). Marks and left-out stop words have none.
    pub term: Option<&'a str>,
}

/// The analyzed tokens of one sentence.
///
/// Made by [`Analyzer::analyze`](super::Analyzer::analyze). Handed to `analyze_into` again and again, it keeps its
/// buffers and remembers the stems of words it has met, so that a sentence of known words allocates nothing.
#[derive(Clone, Default)]
pub struct Analysis {
    /// The surface forms, one after the other.
    pub(super) words: String,
    /// The terms, a space between each two, so that an n-gram is a slice.
    pub(super) terms: String,
    pub(super) tokens: Vec<Entry>,
    pub(super) grams: Vec<Gram>,
    pub(super) memo: StemMemo,
}

/// One token, by its places in the buffers of its [`Analysis`].
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub span: Span,
    pub kind: TokenKind,
    pub word: Range<usize>,
    pub term: Option<Range<usize>>,
    /// Whether the term is `<num>` or `<name>`.
    pub folded: bool,
}

/// One term, by its place in `terms` and the number of the clause it stands in.
#[derive(Debug, Clone)]
pub(super) struct Gram {
    pub term: Range<usize>,
    pub clause: usize,
}

impl Analysis {
    /// An empty analysis, to be filled by `analyze_into`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tokens there are, marks included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the text had no tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// All tokens in the order of the text.
    #[must_use]
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = AnalyzedToken<'_>> + DoubleEndedIterator + Clone {
        self.tokens.iter().map(|entry| self.view(entry))
    }

    /// The token at position `index`, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<AnalyzedToken<'_>> {
        self.tokens.get(index).map(|entry| self.view(entry))
    }

    /// Forgets the tokens and keeps the buffers.
    pub fn clear(&mut self) {
        self.words.clear();
        self.terms.clear();
        self.tokens.clear();
        self.grams.clear();
    }

    fn view<'a>(&'a self, entry: &Entry) -> AnalyzedToken<'a> {
        AnalyzedToken {
            span: entry.span,
            kind: entry.kind,
            word: &self.words[entry.word.clone()],
            term: entry.term.clone().map(|range| &self.terms[range]),
        }
    }
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tokens()).finish()
    }
}

impl PartialEq for Analysis {
    /// Equal when the tokens are; what the buffers remember does not count.
    fn eq(&self, other: &Self) -> bool {
        self.tokens().eq(other.tokens())
    }
}

/// The stems of the words met so far. A stemmer call costs ten times a look-up.
#[derive(Clone, Default)]
pub(super) struct StemMemo {
    language: Language,
    stems: FxHashMap<Box<str>, Box<str>>,
}

impl StemMemo {
    /// Words kept before the memo is emptied, which bounds its memory to a few megabytes.
    const CAPACITY: usize = 1 << 16;

    /// Appends the stem of `word` to `out`.
    pub fn push_stem(&mut self, word: &str, language: Language, out: &mut String) {
        if self.language != language || self.stems.len() >= Self::CAPACITY {
            self.stems.clear();
            self.language = language;
        }
        if let Some(stem) = self.stems.get(word) {
            out.push_str(stem);
            return;
        }
        let start = out.len();
        push_stem(word, language, out);
        self.stems.insert(word.into(), out[start..].into());
    }
}

/// Appends the stem of `word` to `out`; the word itself if nothing would be left of it.
pub(super) fn push_stem(word: &str, language: Language, out: &mut String) {
    let stem = Stemmer::create(language.algorithm()).stem(word);
    out.push_str(if stem.is_empty() { word } else { &stem });
}
