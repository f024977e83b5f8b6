//! One pattern: its elements, its spelling, and what can be wrong with it.

use std::fmt;

use rustc_hash::FxHashSet;
use unicode_normalization::is_nfkc;

use super::lexicon::CueClassId;

/// The words that may stand between the neighbours of a gap written `..`.
const DEFAULT_GAP: u8 = 3;
/// The longest gap that may be written.
const MAX_GAP: u8 = 20;
/// The most elements of a pattern.
const MAX_ELEMENTS: usize = 32;

/// A sequence of elements that must stand one after the other in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub(super) at_start: bool,
    pub(super) elements: Vec<Element>,
    /// The canonical spelling.
    text: String,
}

/// One element of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// One word or mark, spelled in one of these ways; at least one.
    OneOf(Vec<Alternative>),
    /// Exactly one word, whichever.
    AnyWord,
    /// Between none and this many words.
    Gap(u8),
    /// A match of the class.
    Class(CueClassId),
}

/// One spelling that an element admits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alternative {
    /// The word, the beginning of the word, or the mark.
    pub text: String,
    /// Whether words that merely begin with `text` are meant as well.
    pub is_prefix: bool,
}

/// What is wrong with a pattern, and what its author can do.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) what: String,
    pub(super) advice: String,
}

type Parsed<T> = Result<T, Mistake>;

fn mistake<T>(what: impl Into<String>, advice: impl Into<String>) -> Parsed<T> {
    Err(Mistake { what: what.into(), advice: advice.into() })
}

/// How a class that a pattern names is found: its id, or the mistake of naming it.
pub(super) type FindClass<'a> = &'a dyn Fn(&str) -> Parsed<CueClassId>;

impl Pattern {
    /// Reads a pattern; `find_class` knows the classes that may be named in it.
    pub(super) fn parse(source: &str, find_class: FindClass<'_>) -> Parsed<Self> {
        let trimmed = source.trim();
        let (at_start, rest) = match trimmed.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        if words.is_empty() {
            return mistake("the pattern is empty", "write the words to look for, or delete the pattern");
        }
        if words.len() > MAX_ELEMENTS {
            return mistake(
                format!("{} elements; expected at most {MAX_ELEMENTS}", words.len()),
                "split the pattern, or use gaps (..)",
            );
        }
        let elements = words.iter().map(|w| Element::parse(w, find_class)).collect::<Parsed<Vec<_>>>()?;
        check_sequence(&elements)?;
        let text = format!("{}{}", if at_start { "^" } else { "" }, words.join(" "));
        Ok(Self { at_start, elements, text })
    }

    /// The elements in order.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Whether the pattern only matches at the first word of a sentence.
    #[must_use]
    pub fn at_start(&self) -> bool {
        self.at_start
    }

    /// The spelling, with single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_sequence(elements: &[Element]) -> Parsed<()> {
    let is_gap = |e: Option<&Element>| matches!(e, Some(Element::Gap(_)));
    if is_gap(elements.first()) || is_gap(elements.last()) {
        return mistake(
            "a gap stands at the edge of the pattern",
            "a gap (..) needs a word on both sides; delete it here",
        );
    }
    if elements.windows(2).any(|w| is_gap(w.first()) && is_gap(w.last())) {
        return mistake("two gaps stand side by side", "write one longer gap, such as ..6");
    }
    if !elements.iter().any(|e| matches!(e, Element::OneOf(_) | Element::Class(_))) {
        return mistake("the pattern matches every word", "add a word that must be there");
    }
    Ok(())
}

impl Element {
    fn parse(text: &str, find_class: FindClass<'_>) -> Parsed<Self> {
        if text == "*" {
            return Ok(Self::AnyWord);
        }
        if let Some(length) = text.strip_prefix("..").filter(|_| text != "...") {
            return parse_gap(text, length).map(Self::Gap);
        }
        if text.contains(['{', '}']) {
            return parse_class(text, find_class).map(Self::Class);
        }
        let alternatives = text.split('|').map(|a| parse_alternative(text, a)).collect::<Parsed<Vec<_>>>()?;
        let mut known: FxHashSet<&Alternative> = FxHashSet::default();
        if let Some(alternative) = alternatives.iter().find(|alternative| !known.insert(alternative)) {
            return mistake(
                format!("the alternative \"{}\" stands twice in \"{text}\"", alternative.text),
                "delete one of them",
            );
        }
        Ok(Self::OneOf(alternatives))
    }
}

fn parse_gap(text: &str, length: &str) -> Parsed<u8> {
    if length.is_empty() {
        return Ok(DEFAULT_GAP);
    }
    match length.parse::<u8>() {
        Ok(n) if (1..=MAX_GAP).contains(&n) => Ok(n),
        _ => mistake(
            format!("\"{text}\" is not a gap"),
            format!("write .. for up to {DEFAULT_GAP} words between, or ..N with N from 1 to {MAX_GAP}"),
        ),
    }
}

fn parse_class(text: &str, find_class: FindClass<'_>) -> Parsed<CueClassId> {
    let name = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    match name.filter(|n| !n.is_empty() && !n.contains(['{', '}'])) {
        Some(name) => find_class(name),
        None => mistake(
            format!("\"{text}\" is not a class in braces"),
            "write {CLASS} as an element of its own, with spaces around it",
        ),
    }
}

fn parse_alternative(element: &str, text: &str) -> Parsed<Alternative> {
    if text.is_empty() {
        return mistake(
            format!("an alternative of \"{element}\" is empty"),
            "write a word on both sides of each |, without spaces",
        );
    }
    if is_mark(text) {
        return match canonical_mark(text) {
            Some(mark) => Ok(Alternative { text: mark.to_string(), is_prefix: false }),
            None => parse_wordless(text),
        };
    }
    let (word, is_prefix) = match text.strip_suffix('*') {
        Some(prefix) => (prefix, true),
        None => (text, false),
    };
    check_word(word)?;
    Ok(Alternative { text: word.to_owned(), is_prefix })
}

fn parse_wordless<T>(text: &str) -> Parsed<T> {
    if text.contains('*') {
        return mistake(
            format!("\"{text}\" has a star in the wrong place"),
            "a star ends the beginning of a word (attack*), or stands alone for any one word",
        );
    }
    mistake(
        format!("\"{text}\" is neither a word nor a mark that is looked at"),
        "the marks are ? ! , ; : . \" — ( ) …, each as an element of its own",
    )
}

fn check_word(word: &str) -> Parsed<()> {
    // Nearly all words of a lexicon, and then nothing below applies.
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    if word.contains('*') {
        return parse_wordless(word);
    }
    if word.contains('^') {
        return mistake(
            format!("\"{word}\" has a ^ that is not at the beginning of the pattern"),
            "put ^ before the first element, or delete it",
        );
    }
    if word.contains(['’', '‘']) {
        return mistake(format!("\"{word}\" has a curly apostrophe"), "write the straight one (')");
    }
    let lower = word.to_lowercase();
    if lower != word {
        return mistake(format!("\"{word}\" has capital letters"), format!("write \"{lower}\""));
    }
    if !is_nfkc(word) {
        return mistake(
            format!("\"{word}\" has characters that no text has after normalisation"),
            "write plain letters, without ligatures and full-width forms (Unicode form NFKC)",
        );
    }
    match word.chars().find(|&c| !(c.is_alphanumeric() || "'-.,%$&/_".contains(c) || is_combining(c))) {
        Some(c) if is_mark(&c.to_string()) => mistake(
            format!("\"{word}\" has a \"{c}\" inside"),
            "put spaces around marks: each is an element of its own",
        ),
        _ if word.ends_with([',']) => mistake(
            format!("\"{word}\" has a \",\" at its end"),
            "put spaces around marks: each is an element of its own",
        ),
        _ => Ok(()),
    }
}

/// Whether `c` is no letter of its own but part of one, as the vowel signs of many scripts are.
fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Whether a token is a mark: it has neither letter nor digit.
pub(super) fn is_mark(token: &str) -> bool {
    !token.chars().any(char::is_alphanumeric)
}

/// The one form under which a mark is compared: dashes are one mark, double quotes are one mark.
pub(super) fn canonical_mark(token: &str) -> Option<char> {
    if token == "..." {
        return Some('…');
    }
    let mut chars = token.chars();
    match (chars.next()?, chars.next()) {
        ('"' | '“' | '”' | '„' | '«' | '»', None) => Some('"'),
        ('—' | '–' | '-', None) => Some('—'),
        (c, None) if "?!,;:.()…".contains(c) => Some(c),
        _ => None,
    }
}
