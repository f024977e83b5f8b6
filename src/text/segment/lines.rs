//! White space between words: what is a paragraph, what is a line of its own, what is only a wrapped line.

use super::super::Language;
use super::abbreviations::{Class, class, is_linking};
use super::stops::{Start, is_acronym, next_start, word_before};

/// The widest column at which text is wrapped by hand or by machine.
const WIDEST: usize = 132;
/// The narrowest.
const NARROWEST: usize = 40;
/// Broken lines needed to tell the width.
const ENOUGH_LINES: i32 = 3;

/// White space: where it ends, and how many line breaks are in it (a form feed or paragraph separator counts twice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    pub end: usize,
    pub breaks: usize,
}

/// The white space at `at`, which may be none.
pub(super) fn gap(text: &str, at: usize) -> Gap {
    let bytes = text.as_bytes();
    let mut gap = Gap { end: at, breaks: 0 };
    while let Some(&byte) = bytes.get(gap.end) {
        match byte {
            b' ' | b'\t' => gap.end += 1,
            b'\r' if bytes.get(gap.end + 1) == Some(&b'\n') => gap.end += 1,
            b'\n' | b'\r' | 0x0B => (gap.end, gap.breaks) = (gap.end + 1, gap.breaks + 1),
            0x0C => (gap.end, gap.breaks) = (gap.end + 1, gap.breaks + 2),
            0x80.. => match text[gap.end..].chars().next() {
                Some(c) if c.is_whitespace() => {
                    gap.end += c.len_utf8();
                    gap.breaks += match c {
                        '\u{2029}' => 2,
                        '\u{2028}' | '\u{85}' => 1,
                        _ => 0,
                    };
                }
                _ => return gap,
            },
            _ => return gap,
        }
    }
    gap
}

/// The column at which `text` is wrapped, if it is.
///
/// A line was broken at column `w` when it is not longer than `w`, but would be with the first word of the next line.
/// The width is the one at which most lines can have been broken; it counts when that is at least four in five of the
/// lines that stop in the middle of a sentence, and at least three.
pub(super) fn wrap_width(text: &str) -> Option<usize> {
    // changes[w]: by how much more lines can have been broken at w than at w − 1
    let mut changes = [0_i32; WIDEST + 2];
    let mut unfinished = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
        let line = text[start..end].trim_end();
        let next = &text[end + 1..];
        start = end + 1;
        if line.is_empty() || is_finished(line) || next.starts_with(['\n', '\r']) || next.is_empty() {
            continue;
        }
        unfinished += 1;
        if let Some(length) = length(line) {
            changes[length] += 1;
            changes[(length + 1 + first_word_length(next)).min(WIDEST + 1)] -= 1;
        }
    }
    let mut broken = 0;
    let (mut most, mut width) = (0, 0);
    for (w, change) in changes.iter().enumerate() {
        broken += change;
        if broken >= most && broken > 0 && w <= WIDEST {
            (most, width) = (broken, w);
        }
    }
    (width >= NARROWEST && most >= ENOUGH_LINES && most * 5 >= unfinished * 4).then_some(width)
}

/// Whether the sentence goes on over the single line break between `line` and `next`, as far as the layout tells.
pub(super) fn goes_on(line: &str, next: &str, width: Option<usize>, language: Language) -> bool {
    if is_list_item(next) {
        return false;
    }
    let finished = is_finished(line);
    let start = next_start(next, 0);
    if !finished && start.kind == Start::Punctuation {
        return true;
    }
    let fills = |w| length(line).is_some_and(|n| n <= w && n + 1 + first_word_length(next) > w);
    if width.is_some_and(fills) {
        return true;
    }
    if finished {
        return line.ends_with('.') && stays_open(word_before(line, line.len() - 1), start.kind, language);
    }
    start.kind == Start::Lower
        || line.ends_with([',', '-', '–', '—'])
        || is_linking(word_before(line, line.len()))
}

/// Whether a line that ends with `word` and a full stop goes on: after a title, and after any abbreviation when the
/// next line begins with a small letter.
fn stays_open(word: &str, next: Start, language: Language) -> bool {
    match class(word, language) {
        Some(Class::Title) => true,
        Some(_) => next == Start::Lower,
        None => next == Start::Lower && is_acronym(word),
    }
}

/// The length in characters, if it is at most [`WIDEST`].
fn length(line: &str) -> Option<usize> {
    if line.len() > WIDEST * 4 {
        return None;
    }
    let length = line.chars().count();
    (length <= WIDEST).then_some(length)
}

/// The length in characters of the first word, at most [`WIDEST`].
fn first_word_length(line: &str) -> usize {
    line.trim_start_matches([' ', '\t']).chars().take(WIDEST).take_while(|c| !c.is_whitespace()).count()
}

/// Whether the line ends with the end mark of a sentence, closing marks aside, or with a colon.
fn is_finished(line: &str) -> bool {
    let last = line.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    last.ends_with(['.', '?', '!', '…', ':', ';', '。', '！', '？', '؟', '।'])
}

/// Whether the line begins with a bullet or a number of its own: `- `, `• `, `1. `, `(2) `, `iv) `.
pub(super) fn is_list_item(line: &str) -> bool {
    let bytes = line.as_bytes();
    let spaced = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
    if line.starts_with(['-', '*']) {
        return spaced(1);
    }
    if line.starts_with(['•', '·', '▪', '●', '–']) {
        return line.chars().nth(1).is_none_or(char::is_whitespace);
    }
    let open = usize::from(bytes.first() == Some(&b'('));
    let digits = bytes[open..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let romans = bytes[open..].iter().take(5).take_while(|b| matches!(b, b'i' | b'v' | b'x')).count();
    let letters = usize::from(bytes.get(open).is_some_and(u8::is_ascii_alphabetic));
    [digits, romans, letters].into_iter().filter(|&n| (1..=4).contains(&n)).any(|n| {
        match bytes.get(open + n) {
            Some(b')') => spaced(open + n + 1),
            Some(b'.') => open == 0 && n == digits && n <= 3 && spaced(n + 1),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_are_counted_in_every_spelling() {
        for (text, end, breaks) in [
            ("", 0, 0),
            ("x", 0, 0),
            (" \t x", 3, 0),
            ("\n\nx", 2, 2),
            ("\r\n\r\nx", 4, 2),
            ("\r\rx", 2, 2),
            (" \u{A0}\u{2028} x", 7, 1),
            ("\u{2029}x", 3, 2),
            ("\u{C}x", 1, 2),
        ] {
            assert_eq!(gap(text, 0), Gap { end, breaks }, "{text:?}");
        }
    }

    #[test]
    fn list_items_are_known_by_their_sign() {
        for item in ["- x", "* x", "• x", "1. x", "12. x", "(2) x", "2) x", "(a) x", "iv) x", "(iii) x"] {
            assert!(is_list_item(item), "{item}");
        }
        for other in ["-- x", "-x", "2022. x", "2 March", "a. x", "(AP) x", "I x", "", "(", "x"] {
            assert!(!is_list_item(other), "{other}");
        }
    }

    #[test]
    fn the_width_is_found_where_lines_are_filled() {
        let wrapped = "The quick brown fox jumps over the lazy dog and then\n\
                       it runs away over the distant hills into the setting\n\
                       sun while everybody in the village looks on with some\n\
                       interest.\n";
        // The lines have 52, 52 and 53 characters; the words after them would have made 55, 56 and 63.
        assert_eq!(wrap_width(wrapped), Some(54));
        let headlines = "Army vows revenge after raid on the northern town\nTalks end\n\
                         Minister resigns over shells that never came to the front\nMarkets up again\n";
        assert_eq!(wrap_width(headlines), None);
        assert_eq!(wrap_width("one\ntwo\nthree\nfour"), None);
        assert_eq!(wrap_width(""), None);
    }
}
