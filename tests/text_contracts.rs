//! The contracts of the `text` room, checked by one function each on tables, fixtures and random text.

use std::path::Path;

use proptest::prelude::*;
use stancewire::span::Span;
use stancewire::text::{Analysis, Analyzer, AnalyzerParams, Language, NgramRange, Segmenter, tokens};

mod contracts;

use contracts::text::{check_analysis, check_sentences, check_tokens};

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

/// One character of every kind that the Unicode break tests combine, and a few that the rules here tell apart.
const KINDS: &[&str] = &[
    "a", "A", "1", ".", "?", "…", ",", ":", " ", "\n", "\r", "\u{2029}", "\u{85}", "\"", "“", "”", "'", "(",
    ")", "-", "—", "[", "\u{300}", "\u{AD}", "\u{200D}", "\u{FEFF}", "。", "あ", "٣", "ß", "İ", "ǅ", "😀",
    "$", "%", "@",
];

#[test]
fn the_contracts_hold_for_all_strings_of_three_characters() {
    let segmenter = Segmenter::new(Language::English);
    let analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let mut analysis = Analysis::new();
    for a in KINDS {
        for b in KINDS {
            for c in KINDS {
                let text = format!("{a}{b}{c}");
                check_sentences(&text, &segmenter.segment(&text));
                check_tokens(&text);
                analyzer.analyze_into(&text, &mut analysis);
                check_analysis(&analyzer, &text, &analysis);
            }
        }
    }
}

#[test]
fn the_contracts_hold_for_all_cases_cut_anywhere() {
    let segmenter = Segmenter::new(Language::English);
    for (text, _) in cases() {
        for (at, _) in text.char_indices() {
            check_sentences(&text[at..], &segmenter.segment(&text[at..]));
            check_sentences(&text[..at], &segmenter.segment(&text[..at]));
            check_tokens(&text[at..]);
        }
    }
}

/// Texts of which a rule that looks too far ahead or back would make quadratic work. Each takes a fraction of a second;
/// a quadratic rule would take hours at this size.
#[test]
fn no_text_costs_more_than_its_length() {
    const SIZE: usize = 1_000_000;
    let units = [
        "word and ",
        "word ",
        "x",
        "U.S. ",
        "He left the town. ",
        ".",
        ". ",
        "“a. B” c ",
        "(",
        "\"A. \"",
        "word and\n",
        ". \n\n  ",
        ".)”\"",
        "a.Bc",
        "/a.Bc",
        ": 1. ",
        "“Go. Go” ",
        ".[1]",
        "?” A ",
        "A. ",
        "é. ",
        "\n",
        "-- ",
        "'a",
    ];
    let segmenter = Segmenter::new(Language::English);
    for (prefix, unit) in
        units.iter().map(|unit| ("", unit)).chain([("-", &"“a. B” c "), ("\n", &"“a. B” c ")])
    {
        let text = prefix.repeat(SIZE) + &unit.repeat(SIZE / unit.len());
        let start = std::time::Instant::now();
        check_sentences(&text, &segmenter.segment(&text));
        let count = tokens(&text).count();
        assert!(start.elapsed().as_secs() < 20, "{unit:?}: {:?} for {count} tokens", start.elapsed());
    }
}

#[test]
fn a_long_text_without_a_full_stop_is_one_sentence() {
    let text = "the guns went on and the talks went on and ".repeat(7_000);
    let segmenter = Segmenter::new(Language::English);
    assert_eq!(segmenter.segment(&text), [Span::new(0, text.trim_end().len())]);
}

/// Runs of what news text is made of, in any order.
fn news_like() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "The army",
        "will",
        "strike",
        "Gen.",
        "U.S.",
        "3 p.m.",
        "No. 5",
        "e.g.",
        "J.",
        "1.",
        "(ii)",
        "he said",
        "Iran’s",
        "cease-fire",
        "over.The end.",
        "“",
        "”",
        "\"",
        "(",
        ")",
        "[3]",
        ".",
        "!",
        "?",
        "...",
        "…",
        ",",
        ":",
        "--",
        "—",
        "\n",
        "\n\n",
        "\r\n",
        "https://un.org/a",
        "a@b.org",
        "WAR",
        "- ",
        "é",
        "战。",
        "3.5%",
        "don't",
        "\u{A0}",
        "'",
    ]);
    let glue = prop::sample::select(vec!["", " ", " ", " "]);
    prop::collection::vec((parts, glue), 0..60)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(part, glue)| [part, glue]).collect())
}

fn params() -> impl Strategy<Value = AnalyzerParams> {
    let language = prop::sample::select(Language::ALL);
    (language, any::<[bool; 5]>(), 1..4_u8, 0..3_u8).prop_map(|(language, [a, b, c, d, chars], min, more)| {
        let range = NgramRange::new(min, min + more).expect("lengths of 1 to 5");
        AnalyzerParams {
            language,
            stemming: a,
            stop_words: b && language == Language::English,
            fold_numbers: c,
            fold_names: d && language != Language::German,
            word_ngrams: range,
            char_ngrams: chars.then_some(range),
        }
    })
}

proptest! {
    #[test]
    fn the_contracts_hold_for_random_text(text in "\\PC{0,80}|(?s:.){0,80}", params in params()) {
        check_all(&text);
        let analyzer = Analyzer::new(params).unwrap();
        check_analysis(&analyzer, &text, &analyzer.analyze(&text));
    }

    #[test]
    fn the_contracts_hold_for_news_like_text(text in news_like(), params in params()) {
        check_all(&text);
        let analyzer = Analyzer::new(params).unwrap();
        check_analysis(&analyzer, &text, &analyzer.analyze(&text));
    }

    #[test]
    fn a_used_analysis_equals_a_fresh_one(texts in prop::collection::vec(news_like(), 1..5), params in params()) {
        let analyzer = Analyzer::new(params).unwrap();
        let mut used = Analysis::new();
        for text in &texts {
            analyzer.analyze_into(text, &mut used);
            prop_assert_eq!(&used, &analyzer.analyze(text));
        }
    }

    /// A paragraph is segmented by itself, so texts can be cut at blank lines.
    #[test]
    fn paragraphs_do_not_influence_each_other(first in news_like(), second in news_like()) {
        let one_line = |text: String| text.replace(['\n', '\r'], " ");
        let (first, second) = (one_line(first), one_line(second));
        let segmenter = Segmenter::new(Language::English);
        let shift = first.len() + 2;
        let mut expected = segmenter.segment(&first);
        let moved = |s: Span| Span::new(s.start() + shift, s.end() + shift);
        expected.extend(segmenter.segment(&second).into_iter().map(moved));
        prop_assert_eq!(segmenter.segment(&format!("{first}\n\n{second}")), expected);
    }
}

/// Whole documents by other hands, which are not part of the repository. Skipped where they are missing.
#[test]
fn the_contracts_hold_for_real_articles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/real/articles");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: no real articles in {}", folder.display());
        return;
    };
    let analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let segmenter = Segmenter::new(Language::English);
    let mut sentences = 0;
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let spans = segmenter.segment(&text);
        check_sentences(&text, &spans);
        check_tokens(&text);
        for span in &spans {
            check_analysis(&analyzer, span.of(&text), &analyzer.analyze(span.of(&text)));
            assert!(span.len() < 2_000, "a sentence of {} bytes: {}", span.len(), span.of(&text));
        }
        sentences += spans.len();
    }
    println!("{sentences} sentences");
}
