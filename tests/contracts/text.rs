//! The text room: sentences, tokens, word forms, n-grams, and their places.

use std::cell::RefCell;

use stancewire::span::Span;
use stancewire::text::{
    Analysis, Analyzer, AnalyzerParams, Language, NgramRange, Places, Segmenter, TokenKind, tokens,
};

use super::settings_of;

pub fn segmenter(data: &[u8]) {
    let (settings, bytes) = settings_of(data);
    let text = String::from_utf8_lossy(bytes);
    let language = Language::ALL[usize::from(settings) % Language::ALL.len()];
    let segmenter = Segmenter::new(language);
    let spans = segmenter.segment(&text);
    check_sentences(&text, &spans);
    let mut again = vec![Span::new(0, 0)];
    segmenter.segment_into(&text, &mut again);
    assert_eq!(spans, again);
    check_tokens(&text);
}

pub fn analyzer(data: &[u8]) {
    thread_local! {
        static USED: RefCell<Analysis> = RefCell::new(Analysis::new());
    }
    let (settings, bytes) = settings_of(data);
    let (more, bytes) = settings_of(bytes);
    let text = String::from_utf8_lossy(bytes);
    let analyzer = Analyzer::new(params_of(settings, more)).unwrap();
    let fresh = analyzer.analyze(&text);
    check_analysis(&analyzer, &text, &fresh);
    USED.with_borrow_mut(|used| {
        analyzer.analyze_into(&text, used);
        assert_eq!(*used, fresh);
    });
}

fn params_of(settings: u8, more: u8) -> AnalyzerParams {
    let bit = |n: u8| settings & (1 << n) != 0;
    let language =
        if bit(7) { Language::ALL[usize::from(more) % Language::ALL.len()] } else { Language::English };
    let min = 1 + (settings & 3);
    let range = NgramRange::new(min, min + (more & 3)).unwrap();
    AnalyzerParams {
        language,
        stemming: bit(2),
        stop_words: bit(3) && language == Language::English,
        fold_numbers: bit(4),
        fold_names: bit(5) && language != Language::German,
        word_ngrams: range,
        char_ngrams: bit(6).then_some(range),
    }
}

/// Sentences are in order, disjoint and not empty, begin and end on characters that are no white space, and only white
/// space lies between them.
pub fn check_sentences(text: &str, spans: &[Span]) {
    let mut end = 0;
    for span in spans {
        assert!(
            text[end..span.start()].chars().all(char::is_whitespace),
            "lost {:?}",
            &text[end..span.start()]
        );
        let sentence = span.of(text);
        assert!(!sentence.is_empty());
        assert_eq!(sentence, sentence.trim());
        end = span.end();
    }
    assert!(text[end..].chars().all(char::is_whitespace), "lost {:?}", &text[end..]);
}

/// Tokens are in order, disjoint and not empty, and show what stands in the text; a word has a letter, a number a digit
/// and a mark a name; every letter and digit outside addresses is in a token.
pub fn check_tokens(text: &str) {
    let mut end = 0;
    let may_have_addresses =
        text.contains("://") || text.contains('@') || text.to_ascii_lowercase().contains("www.");
    for token in tokens(text) {
        assert!(token.span.start() >= end && !token.span.is_empty());
        assert_eq!(token.raw, token.span.of(text));
        assert!(!token.raw.contains(char::is_whitespace));
        match token.kind {
            TokenKind::Word => assert!(token.raw.starts_with(char::is_alphabetic), "{:?}", token.raw),
            TokenKind::Number => assert!(token.raw.contains(char::is_numeric), "{:?}", token.raw),
            TokenKind::Mark => {
                assert!(token.mark().is_some_and(|m| ". ? ! , ; : \" “ ” — ( ) …".contains(m)));
            }
        }
        assert_eq!(token.mark().is_some(), token.kind == TokenKind::Mark);
        if !may_have_addresses {
            assert!(!text[end..token.span.start()].contains(char::is_alphanumeric));
        }
        end = token.span.end();
    }
    assert!(may_have_addresses || !text[end..].contains(char::is_alphanumeric));
}

/// The analysis has the tokens of the text; words and terms are not empty and hold no white space; `forms` agrees with
/// it; every word n-gram is made of as many terms as the settings allow.
pub fn check_analysis(analyzer: &Analyzer, text: &str, analysis: &Analysis) {
    let mut places = Places::of(text);
    let mut count = 0;
    for (token, analyzed) in tokens(text).zip(analysis.tokens()) {
        let forms = analyzer.forms(token.raw, token.kind, places.next(&token));
        assert_eq!((token.span, token.kind), (analyzed.span, analyzed.kind));
        assert_eq!((forms.word.as_str(), forms.term.as_deref()), (analyzed.word, analyzed.term));
        for form in std::iter::once(analyzed.word).chain(analyzed.term) {
            assert!(!form.is_empty() && !form.contains(char::is_whitespace), "{form:?} of {:?}", token.raw);
        }
        count += 1;
    }
    assert_eq!((count, tokens(text).count()), (analysis.len(), analysis.len()));
    let range = analyzer.params().word_ngrams;
    analyzer.for_each_ngram(analysis, |ngram| {
        if !ngram.starts_with('#') {
            assert!((range.min()..=range.max()).contains(&ngram.split(' ').count()), "{ngram:?}");
        }
    });
}
