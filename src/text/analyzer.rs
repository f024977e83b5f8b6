//! From a sentence to word forms, terms and n-grams.

use super::Language;
use super::analysis::{Analysis, Entry, Gram, StemMemo, push_stem};
use super::normal::push_word;
use super::params::{AnalyzerParams, NgramRange};
use super::place::{Places, WordPlace};
use super::token::{Token, TokenKind, tokens};
use super::words::{is_never_name, is_stop_word};
use crate::error::{Error, ErrorKind, Result};

/// The term of every number when `fold_numbers` is on.
pub const NUMBER_TERM: &str = "<num>";

/// The term of every name when `fold_names` is on.
pub const NAME_TERM: &str = "<name>";

/// The first character of a character n-gram; no word has it.
const CHAR_GRAM_SIGN: char = '#';

/// Makes word forms, terms and n-grams out of sentences, always in the same way.
///
/// It holds nothing but its checked settings. Use [`analyze`](Self::analyze) for one sentence,
/// [`analyze_into`](Self::analyze_into) for many, and [`forms`](Self::forms) to build a memo of your own.
///
/// ```
/// use stancewire::text::{Analyzer, AnalyzerParams};
///
/// let analyzer = Analyzer::new(AnalyzerParams::default())?;
/// let analysis = analyzer.analyze("Iran vowed Tuesday to strike 12 bases; it won’t wait.");
/// let mut ngrams = Vec::new();
/// analyzer.for_each_ngram(&analysis, |ngram| ngrams.push(ngram.to_owned()));
/// assert_eq!(ngrams[..5], ["iran", "iran vow", "vow", "vow <name>", "<name>"]);
/// assert!(ngrams.contains(&"<num> base".to_owned()));
/// assert!(!ngrams.contains(&"base it".to_owned()), "n-grams stay inside a clause");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyzer {
    params: AnalyzerParams,
}

/// The forms of one token: what [`AnalyzedToken`](super::AnalyzedToken) has, owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Forms {
    /// What cue patterns match; the name of a mark.
    pub word: String,
    /// What n-grams are made of, if the token takes part in them.
    pub term: Option<String>,
}

/// Where a token's term comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    None,
    Word,
    Stem,
    Number,
    Name,
}

impl Analyzer {
    /// An analyzer with the settings `params`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when `stop_words` is on for a language other than English, or `fold_names` for German.
    pub fn new(params: AnalyzerParams) -> Result<Self> {
        let language = params.language;
        if params.stop_words && language != Language::English {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("no stop words for {language}; expected english"),
            )
            .advise(
                "set stop_words = false: TF-IDF already gives little weight to words that stand everywhere",
            ));
        }
        if params.fold_names && language == Language::German {
            return Err(Error::new(
                ErrorKind::Settings,
                "fold_names cannot tell names from nouns in german, which capitalises both",
            )
            .advise("set fold_names = false"));
        }
        Ok(Self { params })
    }

    /// The settings.
    #[must_use]
    pub fn params(&self) -> &AnalyzerParams {
        &self.params
    }

    /// The analysis of one sentence.
    #[must_use]
    pub fn analyze(&self, sentence: &str) -> Analysis {
        let mut analysis = Analysis::new();
        self.analyze_into(sentence, &mut analysis);
        analysis
    }

    /// The same into the buffers of `analysis`, whose former content is dropped.
    ///
    /// Allocates only where a buffer has to grow or a word is new to it. One `analysis` may serve several analyzers.
    pub fn analyze_into(&self, sentence: &str, analysis: &mut Analysis) {
        analysis.clear();
        let mut places = Places::of(sentence);
        let mut clause = 0;
        for token in tokens(sentence) {
            let place = places.next(&token);
            clause += usize::from(token.ends_clause());
            let word = analysis.words.len();
            push_surface(&token, self.params.language, &mut analysis.words);
            let word = word..analysis.words.len();
            let term = self.term_of(token.raw, token.kind, &analysis.words[word.clone()], place);
            let range = self.push_term(term, word.clone(), analysis);
            analysis.grams.extend(range.clone().map(|term| Gram { term, clause }));
            let folded = matches!(term, Term::Number | Term::Name);
            analysis.tokens.push(Entry { span: token.span, kind: token.kind, word, term: range, folded });
        }
    }

    /// The forms of a token that is written `raw` and stands at `place`: all that [`analyze`](Self::analyze) takes from
    /// the context is the place, so the answer may be kept and used again.
    ///
    /// A word's term is `<name>` when names are folded, the word begins with a capital, is neither
    /// [initial](WordPlace::initial) nor in a [heading](WordPlace::heading), and is no English function word. That
    /// takes in titles, weekdays, months, nationalities and acronyms: whatever has a capital of its own.
    ///
    /// ```
    /// use stancewire::text::{Analyzer, AnalyzerParams, TokenKind, WordPlace};
    ///
    /// let analyzer = Analyzer::new(AnalyzerParams::default())?;
    /// let forms = analyzer.forms("Retaliating", TokenKind::Word, WordPlace { initial: true, heading: false });
    /// assert_eq!((forms.word.as_str(), forms.term.as_deref()), ("retaliating", Some("retali")));
    /// # Ok::<(), stancewire::error::Error>(())
    /// ```
    #[must_use]
    pub fn forms(&self, raw: &str, kind: TokenKind, place: WordPlace) -> Forms {
        let token = Token { span: crate::span::Span::new(0, raw.len()), raw, kind };
        let mut word = String::with_capacity(raw.len());
        push_surface(&token, self.params.language, &mut word);
        let term = match self.term_of(raw, kind, &word, place) {
            Term::None => None,
            Term::Word => Some(word.clone()),
            Term::Number => Some(NUMBER_TERM.to_owned()),
            Term::Name => Some(NAME_TERM.to_owned()),
            Term::Stem => {
                let mut stem = String::new();
                push_stem(&word, self.params.language, &mut stem);
                Some(stem)
            }
        };
        Forms { word, term }
    }

    /// Calls `each` with every n-gram of `analysis`: first the word n-grams, by the term they begin with and then by
    /// length, then the character n-grams, if the settings ask for them.
    ///
    /// - Word n-grams are terms joined by one space. They pass over commas, quotation marks and left-out stop words,
    ///   and end at `. ? ! ; : — … ( )`.
    /// - Character n-grams are those of each word (not of folded numbers and names) with a space before and after it,
    ///   shorter words given whole, as scikit-learn's `char_wb` does. They carry the sign `#` in front, so that the
    ///   n-gram `to` of `stop` is not taken for the word `to`.
    pub fn for_each_ngram(&self, analysis: &Analysis, mut each: impl FnMut(&str)) {
        let Analysis { terms, grams, .. } = analysis;
        let range = self.params.word_ngrams;
        for (i, first) in grams.iter().enumerate() {
            let same_clause =
                grams[i..].iter().take(range.max()).take_while(|gram| gram.clause == first.clause);
            for last in same_clause.skip(range.min() - 1) {
                each(&terms[first.term.start..last.term.end]);
            }
        }
        if let Some(range) = self.params.char_ngrams {
            for_each_char_ngram(analysis, range, each);
        }
    }

    fn term_of(&self, raw: &str, kind: TokenKind, word: &str, place: WordPlace) -> Term {
        let params = &self.params;
        match kind {
            TokenKind::Mark => Term::None,
            TokenKind::Number if params.fold_numbers => Term::Number,
            TokenKind::Word if params.stop_words && is_stop_word(word) => Term::None,
            TokenKind::Word if params.fold_names && is_name(raw, word, place, params.language) => Term::Name,
            TokenKind::Word if params.stemming => Term::Stem,
            TokenKind::Number | TokenKind::Word => Term::Word,
        }
    }

    /// Appends the term to the arena of terms, a space before it unless it is the first.
    fn push_term(
        &self,
        term: Term,
        word: std::ops::Range<usize>,
        analysis: &mut Analysis,
    ) -> Option<std::ops::Range<usize>> {
        if term == Term::None {
            return None;
        }
        let Analysis { words, terms, memo, .. } = analysis;
        if !terms.is_empty() {
            terms.push(' ');
        }
        let start = terms.len();
        match term {
            Term::None => {}
            Term::Number => terms.push_str(NUMBER_TERM),
            Term::Name => terms.push_str(NAME_TERM),
            Term::Word => terms.push_str(&words[word]),
            Term::Stem => StemMemo::push_stem(memo, &words[word], self.params.language, terms),
        }
        Some(start..terms.len())
    }
}

fn for_each_char_ngram(analysis: &Analysis, range: NgramRange, mut each: impl FnMut(&str)) {
    let mut padded: Vec<char> = Vec::new();
    let mut gram = String::new();
    for entry in analysis.tokens.iter().filter(|entry| entry.kind != TokenKind::Mark && !entry.folded) {
        padded.clear();
        padded.push(' ');
        padded.extend(analysis.words[entry.word.clone()].chars());
        padded.push(' ');
        for length in range.min()..=range.max() {
            let length_here = length.min(padded.len());
            for window in padded.windows(length_here) {
                gram.clear();
                gram.push(CHAR_GRAM_SIGN);
                gram.extend(window);
                each(&gram);
            }
            if length >= padded.len() {
                break;
            }
        }
    }
}

fn push_surface(token: &Token<'_>, language: Language, out: &mut String) {
    match token.mark() {
        Some(name) => out.push_str(name),
        None => push_word(token.raw, language, out),
    }
}

fn is_name(raw: &str, word: &str, place: WordPlace, language: Language) -> bool {
    let says_nothing = place.initial || place.heading;
    let function_word = || language == Language::English && is_never_name(word);
    !says_nothing && raw.starts_with(char::is_uppercase) && !function_word()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyzer(change: impl FnOnce(&mut AnalyzerParams)) -> Analyzer {
        let mut params = AnalyzerParams::default();
        change(&mut params);
        Analyzer::new(params).unwrap()
    }

    fn terms(analyzer: &Analyzer, text: &str) -> Vec<String> {
        analyzer.analyze(text).tokens().filter_map(|t| t.term.map(str::to_owned)).collect()
    }

    fn ngrams(analyzer: &Analyzer, text: &str) -> Vec<String> {
        let mut out = Vec::new();
        analyzer.for_each_ngram(&analyzer.analyze(text), |ngram| out.push(ngram.to_owned()));
        out
    }

    #[test]
    fn words_are_surface_forms_and_terms_are_stems() {
        let analysis = analyzer(|_| ()).analyze("Iran’s Strikes — 3rd!");
        let tokens: Vec<_> = analysis.tokens().map(|t| (t.word, t.term)).collect();
        // A heading: nothing in it is in lower case, so `Strikes` is no name.
        assert_eq!(
            tokens,
            [
                ("iran's", Some("iran")),
                ("strikes", Some("strike")),
                ("—", None),
                ("3rd", Some("<num>")),
                ("!", None)
            ]
        );
    }

    #[test]
    fn names_fold_only_where_a_capital_says_something() {
        let folding = analyzer(|_| ());
        for (text, expected) in [
            ("Yesterday Putin warned NATO", "yesterday <name> warn <name>"),
            ("He and I, said Biden: We’ll win", "he and i said <name> we'll win"),
            ("IRAN VOWS REVENGE", "iran vow reveng"),
            ("Vance said, “Strikes will stop,”", "vanc said strike will stop"),
            ("the Will of the people", "the will of the peopl"),
            ("the al-Sadr bloc", "the al-sadr bloc"),
        ] {
            assert_eq!(terms(&folding, text).join(" "), expected, "{text}");
        }
        let plain = analyzer(|p| p.fold_names = false);
        assert_eq!(terms(&plain, "Yesterday Putin warned"), ["yesterday", "putin", "warn"]);
    }

    #[test]
    fn stop_words_and_numbers_follow_the_settings() {
        let text = "They will not stop the 12 strikes";
        assert_eq!(terms(&analyzer(|p| p.stop_words = true), text).join(" "), "will not stop <num> strike");
        assert_eq!(terms(&analyzer(|p| p.fold_numbers = false), text)[5], "12");
        assert_eq!(terms(&analyzer(|p| p.stemming = false), text)[6], "strikes");
    }

    #[test]
    fn ngrams_pass_commas_and_quotes_and_end_with_the_clause() {
        let bigrams = analyzer(|p| p.word_ngrams = NgramRange::new(2, 2).unwrap());
        assert_eq!(
            ngrams(&bigrams, "stop, now; or “we hit” back"),
            ["stop now", "or we", "we hit", "hit back"]
        );
        assert_eq!(ngrams(&bigrams, "stop (now) - or else"), ["or els"]);
        let trigrams = analyzer(|p| p.word_ngrams = NgramRange::new(1, 3).unwrap());
        assert_eq!(ngrams(&trigrams, "a b c"), ["a", "a b", "a b c", "b", "b c", "c"]);
    }

    #[test]
    fn ngrams_close_over_left_out_stop_words() {
        let analyzer = analyzer(|p| {
            p.stop_words = true;
            p.word_ngrams = NgramRange::new(2, 2).unwrap();
        });
        assert_eq!(ngrams(&analyzer, "end of the war"), ["end war"]);
    }

    /// `CountVectorizer(analyzer="char_wb", ngram_range=(3, 4))` on "stop it" gives these n-grams without the sign.
    #[test]
    fn character_ngrams_are_those_of_char_wb() {
        let chars = analyzer(|p| {
            p.word_ngrams = NgramRange::new(8, 8).unwrap();
            p.char_ngrams = Some(NgramRange::new(3, 4).unwrap());
        });
        let expected = ["# st", "#sto", "#top", "#op ", "# sto", "#stop", "#top ", "# it", "#it ", "# it "];
        assert_eq!(ngrams(&chars, "stop it"), expected);
        assert_eq!(ngrams(&chars, "I"), ["# i "]);
    }

    #[test]
    fn forms_equal_the_analysis() {
        let analyzer = analyzer(|p| p.stop_words = true);
        let text = "On Jan. 3 the U.N. Council’s 15 members said: “Strikes must stop — now!”";
        let mut places = Places::of(text);
        let forms: Vec<Forms> = tokens(text)
            .map(|token| {
                let place = places.next(&token);
                analyzer.forms(token.raw, token.kind, place)
            })
            .collect();
        let analysis = analyzer.analyze(text);
        assert_eq!(forms.len(), analysis.len());
        for (forms, token) in forms.iter().zip(analysis.tokens()) {
            assert_eq!((forms.word.as_str(), forms.term.as_deref()), (token.word, token.term));
        }
    }

    #[test]
    fn settings_that_a_language_cannot_have_are_refused() {
        let stop =
            AnalyzerParams { language: Language::French, stop_words: true, ..AnalyzerParams::default() };
        insta::assert_snapshot!(Analyzer::new(stop).unwrap_err(), @r"
no stop words for french; expected english
  set stop_words = false: TF-IDF already gives little weight to words that stand everywhere
");
        let names = AnalyzerParams { language: Language::German, ..AnalyzerParams::default() };
        insta::assert_snapshot!(Analyzer::new(names).unwrap_err(), @r"
fold_names cannot tell names from nouns in german, which capitalises both
  set fold_names = false
");
    }

    #[test]
    fn one_buffer_serves_several_analyzers() {
        let english = analyzer(|_| ());
        let french = analyzer(|p| p.language = Language::French);
        let mut shared = Analysis::new();
        for text in ["menaces", "strikes", "menaces"] {
            for analyzer in [&english, &french] {
                analyzer.analyze_into(text, &mut shared);
                assert_eq!(shared, analyzer.analyze(text));
            }
        }
    }
}
