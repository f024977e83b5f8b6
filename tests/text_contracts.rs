//! The contracts of the `text` room, checked by one function each on tables, fixtures and random text.

use std::path::Path;

use proptest::prelude::*;
use stancewire::span::Span;
use stancewire::text::{
    Analysis, Analyzer, AnalyzerParams, Language, NgramRange, Places, Segmenter, TokenKind, tokens,
};

/// Sentences are in order, disjoint and not empty, begin and end on characters that are no white space, and only white
/// space lies between them.
fn check_sentences(text: &str, spans: &[Span]) {
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
fn check_tokens(text: &str) {
    let mut end = 0;
    for token in tokens(text) {
        assert!(token.span.start() >= end && !token.span.is_empty());
        assert_eq!(token.raw, token.span.of(text));
        assert!(!token.raw.contains(char::is_whitespace));
        match token.kind {
            TokenKind::Word => assert!(token.raw.starts_with(char::is_alphabetic), "{:?}", token.raw),
            TokenKind::Number => assert!(token.raw.contains(char::is_numeric), "{:?}", token.raw),
            TokenKind::Mark => {
                assert!(token.mark().is_some_and(|m| ". ? ! , ; : \" “ ” — ( ) …".contains(m)))
            }
        }
        assert_eq!(token.mark().is_some(), token.kind == TokenKind::Mark);
        if !text.contains("://") && !text.contains('@') && !text.to_ascii_lowercase().contains("www.") {
            assert!(!text[end..token.span.start()].contains(char::is_alphanumeric));
        }
        end = token.span.end();
    }
}

/// The analysis has the tokens of the text; words and terms are not empty and hold no white space; `forms` agrees with
/// it; every word n-gram is made of as many terms as the settings allow.
fn check_analysis(analyzer: &Analyzer, text: &str, analysis: &Analysis) {
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
    assert_eq!(count, analysis.len());
    let range = analyzer.params().word_ngrams;
    analyzer.for_each_ngram(analysis, |ngram| {
        if !ngram.starts_with('#') {
            assert!((range.min()..=range.max()).contains(&ngram.split(' ').count()), "{ngram:?}");
        }
    });
}

fn check_all(text: &str) {
    for &language in Language::ALL {
        let segmenter = Segmenter::new(language);
        let spans = segmenter.segment(text);
        check_sentences(text, &spans);
        let mut again = vec![Span::new(0, 0)];
        segmenter.segment_into(text, &mut again);
        assert_eq!(spans, again);
    }
    check_tokens(text);
}

/// Text and its expected sentences, out of a line of the case file.
fn case(line: &str) -> (String, Vec<String>) {
    let marked = line.replace("\\n", "\n").replace("\\r", "\r");
    let sentences = marked.split('‖').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    (marked.replace('‖', ""), sentences)
}

fn cases() -> Vec<(String, Vec<String>)> {
    let group = |line: &str| line.starts_with('[') && line.ends_with(']');
    let lines = include_str!("segmentation_cases.txt").lines();
    lines.filter(|l| !l.is_empty() && !l.starts_with('#') && !group(l)).map(case).collect()
}

#[test]
fn every_case_of_the_file_is_segmented_as_marked() {
    let segmenter = Segmenter::new(Language::English);
    let cases = cases();
    let mut wrong = Vec::new();
    for (text, expected) in &cases {
        let found: Vec<&str> = segmenter.segment(text).iter().map(|span| span.of(text)).collect();
        if found != *expected {
            wrong.push(format!("{expected:?}\n  {found:?}"));
        }
    }
    assert!(cases.len() >= 60);
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
