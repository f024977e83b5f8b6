//! Whether a full stop, question mark, exclamation mark or ellipsis ends its sentence.

use super::super::Language;
use super::abbreviations::{
    Class, class, follows_hour, has_dotted_ordinals, is_lettered, is_reporting_verb, is_starter,
    is_strong_starter,
};
use super::lines::is_list_item;

/// The bytes looked at before a stop; longer words are no abbreviations. Also bounds every look ahead, so that no text
/// costs more than a constant per character.
const WINDOW: usize = 96;

/// What the text goes on with after white space and opening marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// A capital letter, or a name such as `al-Amin`.
    Upper,
    /// A small letter.
    Lower,
    /// A digit, perhaps with a currency sign.
    Digit,
    /// A letter of a script without case, a symbol, nothing at all.
    Caseless,
    /// A mark that cannot begin a sentence.
    Punctuation,
}

/// The start of what follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    pub kind: Start,
    /// Where its first letter, digit or mark stands.
    pub at: usize,
}

/// A mark that may end a sentence, in its surroundings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop<'t> {
    pub text: &'t str,
    pub language: Language,
    /// Where the sentence begins.
    pub sentence: usize,
    /// The run of stops itself.
    pub start: usize,
    pub end: usize,
    /// The end of the closing marks after it.
    pub closed: usize,
    /// Where the text goes on after white space.
    pub next: usize,
}

impl Stop<'_> {
    /// Whether the sentence ends here, white space being next.
    pub fn ends_sentence(&self) -> bool {
        let next = next_start(self.text, self.next);
        match next.kind {
            Start::Lower if self.precedes_item() => {}
            Start::Lower | Start::Punctuation => return false,
            Start::Upper | Start::Digit | Start::Caseless => {}
        }
        let run = &self.text[self.start..self.end];
        if run.contains(['?', '!']) {
            !self.is_bracketed() && !self.is_attributed(next)
        } else if run == "." {
            self.full_stop_ends(next)
        } else if run.starts_with(['.', '…']) {
            !self.is_omission() || is_starter(word_at(self.text, next.at))
        } else {
            true
        }
    }

    /// Whether the sentence ends here although the next sentence follows without white space: `over.The army`.
    pub fn ends_glued_sentence(&self) -> bool {
        let rest = window_after(self.text, self.closed);
        let mut chars = rest.chars();
        if !chars.next().is_some_and(char::is_uppercase) {
            return false;
        }
        if self.closed > self.end {
            return self.text[self.end..self.closed].ends_with(['"', '”', ')', ']']) && !self.in_address();
        }
        let before = self.word();
        let word = word_at(self.text, self.closed);
        let mut after = self.text[self.closed + word.len()..].chars();
        let file = matches!((after.next(), after.next()), (Some('.' | '/' | '@' | ':' | '='), Some(c)) if !c.is_whitespace());
        chars.next().is_some_and(char::is_lowercase)
            && before.len() > 1
            && before.chars().all(char::is_lowercase)
            && !matches!(word, "Com" | "Org" | "Net" | "Js")
            && !file
            && !self.in_address()
    }

    /// Whether the stop stands in a web or e-mail address or in a path.
    fn in_address(&self) -> bool {
        let before = window_before(self.text, self.start);
        let token = before.rsplit(char::is_whitespace).next().unwrap_or(before);
        token.contains(['@', '/', '\\']) || token.starts_with("www.")
    }

    /// `(ii) `, `(b) ` is next.
    fn precedes_item(&self) -> bool {
        let rest = &self.text[self.next..];
        rest.starts_with('(') && is_list_item(rest)
    }

    /// `(?)`, `[!]`: a remark on a word.
    fn is_bracketed(&self) -> bool {
        self.text[..self.start].ends_with(['(', '['])
    }

    /// `“Will they stop?” President Hale asked`: the attribution belongs to the question.
    fn is_attributed(&self, next: Next) -> bool {
        let quoted = self.text[self.end..self.closed].contains(['"', '”', '’', '»', '\'']);
        if !quoted || next.kind != Start::Upper || next.at != self.next {
            return false;
        }
        let mut words = paragraph_after(self.text, next.at).split_whitespace().take(6);
        words.next();
        words.find(|word| !word.starts_with(char::is_uppercase)).is_some_and(is_reporting_verb)
    }

    /// ` ... ` with a space before it stands for words left out.
    fn is_omission(&self) -> bool {
        let dots = self.text[self.start..self.end].bytes().filter(|&b| b == b'.').count();
        dots < 4 && self.text[..self.start].ends_with(char::is_whitespace)
    }

    /// The word that the stop stands after.
    fn word(&self) -> &str {
        let sentence = &self.text[self.sentence..self.start];
        word_before(sentence, sentence.len())
    }

    fn full_stop_ends(&self, next: Next) -> bool {
        let word = self.word();
        let follower = word_at(self.text, next.at);
        if self.is_item_number(word) {
            return false;
        }
        match class(word, self.language) {
            Some(Class::Title | Class::Never) => false,
            Some(Class::Number) => {
                next.kind != Start::Digit && (word.eq_ignore_ascii_case("no") || !self.precedes_item())
            }
            Some(Class::Hour) => !follows_hour(follower) && !self.names_a_time(next.at, follower),
            Some(Class::Maybe | Class::MaybeCapital) => self.may_start(follower),
            None => self.plain_word_ends(word, follower, next),
        }
    }

    /// The cases of a word that is in no list.
    fn plain_word_ends(&self, word: &str, follower: &str, next: Next) -> bool {
        let mut chars = word.chars();
        match (chars.next(), chars.next()) {
            (Some('I'), None) => next.kind == Start::Digit || self.may_start(follower),
            (Some(c), None) if c.is_uppercase() => {
                self.language == Language::English
                    && (is_strong_starter(follower) || self.is_lettered_thing(word))
            }
            (Some(c), None) if c.is_lowercase() => next.kind != Start::Digit && self.may_start(follower),
            _ if is_acronym(word) => self.may_start(follower),
            _ if has_dotted_ordinals(self.language) => !is_small_number(word),
            _ => true,
        }
    }

    /// `Annex A`, `Plan B`: the letter is no initial.
    fn is_lettered_thing(&self, letter: &str) -> bool {
        let before = self.text[self.sentence..self.start - letter.len()].trim_end();
        is_lettered(word_before(before, before.len()))
    }

    fn may_start(&self, follower: &str) -> bool {
        self.language == Language::English && is_starter(follower)
    }

    /// `6 p.m. Moscow time`.
    fn names_a_time(&self, at: usize, follower: &str) -> bool {
        let second = paragraph_after(self.text, at + follower.len()).trim_start();
        second.starts_with("time") || second.starts_with("TIME")
    }

    /// `1.`, `III.`, `b.` at the start of the sentence, or a small number after a colon: the number of what follows.
    fn is_item_number(&self, word: &str) -> bool {
        let start = self.start - word.len();
        let before = &self.text[self.sentence..start];
        let numbered = is_small_number(word)
            || (word.len() < 6
                && word.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                && word.contains('.'));
        let lettered = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
        let roman = (1..=5).contains(&word.len()) && word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
            || (1..=5).contains(&word.len()) && word.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'));
        let first = before.len() < 8 && before.chars().all(|c| !c.is_alphanumeric());
        (first && (numbered || lettered || roman))
            || (numbered && before.ends_with([' ']) && { before.trim_end().ends_with([':', ';']) })
    }
}

/// Looks past opening marks at `at` and tells what stands there.
pub(super) fn next_start(text: &str, at: usize) -> Next {
    let mut at = at;
    for c in window_after(text, at).chars().take(8) {
        match c {
            '“' | '‘' | '"' | '\'' | '(' | '[' | '«' | '„' | '¿' | '¡' | '—' | '–' | '-' | '•' | '*'
            | '.' | '…' | ' ' => {
                at += c.len_utf8();
            }
            c => return Next { kind: kind_of(c, &text[at..]), at },
        }
    }
    Next { kind: Start::Caseless, at }
}

fn kind_of(c: char, rest: &str) -> Start {
    match c {
        c if c.is_uppercase() => Start::Upper,
        c if c.is_lowercase() && is_small_start_of_name(rest) => Start::Upper,
        c if c.is_lowercase() => Start::Lower,
        c if c.is_numeric() => Start::Digit,
        '$' | '£' | '€' | '¥' => Start::Digit,
        ',' | ';' | ':' | ')' | ']' | '}' | '/' | '%' | '&' | '”' | '»' | '?' | '!' | '=' | '|' => {
            Start::Punctuation
        }
        _ => Start::Caseless,
    }
}

/// `al-Amin`, `d’Estaing`, `iPhone`.
fn is_small_start_of_name(rest: &str) -> bool {
    let small = rest.chars().take(5).take_while(|c| c.is_lowercase()).count();
    let mut after = rest.chars().skip(small);
    match after.next() {
        Some('-' | '’' | '\'') => (1..=4).contains(&small) && after.next().is_some_and(char::is_uppercase),
        Some(c) => small == 1 && c.is_uppercase(),
        None => false,
    }
}

/// The letters, digits, inner dots and apostrophes that end at `end`; empty when they are very many.
pub(super) fn word_before(text: &str, end: usize) -> &str {
    let in_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'\'');
    let bytes = text.as_bytes();
    let limit = end.saturating_sub(WINDOW);
    let mut start = end;
    while start > limit && in_word(bytes[start - 1]) {
        start -= 1;
    }
    if start > limit && bytes[start - 1] >= 0x80 {
        let before = window_before(text, end);
        let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’'));
        start = end - (before.len() - word.len());
    }
    if start == limit && limit > 0 {
        return "";
    }
    text[start..end].trim_start_matches(['.', '\'', '’'])
}

/// The letters and inner apostrophes from `at` on; empty when a full stop follows them at once, as after an initial.
fn word_at(text: &str, at: usize) -> &str {
    let rest = window_after(text, at);
    let end = rest.find(|c: char| !(c.is_alphabetic() || c == '\'' || c == '’')).unwrap_or(rest.len());
    if end == 1 && rest[end..].starts_with('.') { "" } else { &rest[..end] }
}

/// Up to [`WINDOW`] bytes after `at`.
fn window_after(text: &str, at: usize) -> &str {
    let end = text.floor_char_boundary(at + WINDOW);
    &text[at..end]
}

/// Up to [`WINDOW`] bytes after `at`, not beyond the next blank line.
fn paragraph_after(text: &str, at: usize) -> &str {
    let window = window_after(text, at);
    let end = window.find("\n\n").or_else(|| window.find("\n\r")).unwrap_or(window.len());
    &window[..end]
}

/// Up to [`WINDOW`] bytes before `at`.
fn window_before(text: &str, at: usize) -> &str {
    let start = text.ceil_char_boundary(at.saturating_sub(WINDOW));
    &text[start..at]
}

/// `U.S`, `z.B`, `G.O.C`: letters in ones and twos with dots between them.
pub(super) fn is_acronym(word: &str) -> bool {
    word.contains('.')
        && word
            .split('.')
            .all(|part| (1..=2).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic))
}

fn is_small_number(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit())
}
