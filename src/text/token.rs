//! Words, numbers and marks of a sentence, borrowed from it.

use unicode_normalization::char::is_combining_mark;

use super::chars::{Class, IN_RUN, class, en_dash, joiner, mark_name};
use crate::span::Span;

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Letters, with digits, inner apostrophes and inner hyphens: `ceasefire`, `Iran’s`, `de-escalate`, `F-16`, `U.S.`.
    Word,
    /// Begins with a digit or a currency sign: `1,200.5`, `3rd`, `25%`, `$5bn`, `10:30`, `1948-49`.
    Number,
    /// A punctuation mark that shapes the clause: `? ! , ; : . " “ ” — ( ) …`.
    Mark,
}

/// A token: where it stands, as it is written, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token<'t> {
    /// The bytes of the token in the text.
    pub span: Span,
    /// The token as it is written.
    pub raw: &'t str,
    /// What the token is.
    pub kind: TokenKind,
}

impl Token<'_> {
    /// The name of a mark in cue patterns, the same for all its spellings; nothing for words and numbers.
    ///
    /// | written | is |
    /// |---|---|
    /// | `--` `–` `—` `―` and a hyphen between spaces | `—` |
    /// | `..` `...` `…` | `…` |
    /// | `“` `„` `«` and `”` `»` | `“` and `”` |
    /// | `[` `{` and `]` `}` | `(` and `)` |
    /// | `？` `؟` `！` `，` `、` `،` `；` `؛` `：` `。` `।` | `? ! , ; : .` |
    #[must_use]
    pub fn mark(&self) -> Option<&'static str> {
        if self.kind != TokenKind::Mark {
            return None;
        }
        Some(match self.raw.chars().next()? {
            '.' if self.raw.len() > 1 => "…",
            c => mark_name(c)?,
        })
    }

    /// Whether the token ends a clause: every mark but commas and quotation marks. No n-gram reaches across one.
    #[must_use]
    pub fn ends_clause(&self) -> bool {
        self.mark().is_some_and(|mark| !matches!(mark, "," | "\"" | "“" | "”"))
    }
}

/// The tokens of `text`, in order; nothing is allocated.
///
/// - Words keep their inner apostrophes (`'`, `’`) and hyphens; letters with dots between them are one word with its
///   last dot (`U.S.`, `a.m.`).
/// - Numbers keep inner separators, an ordinal or unit suffix, `%` and a currency sign before them. A sign is not kept.
/// - A full stop or colon inside a word-like string (`un.org`) is no mark.
/// - Web addresses and the last part of e-mail addresses are skipped, like all other characters.
///
/// ```
/// use stancewire::text::{TokenKind, tokens};
///
/// let words: Vec<&str> = tokens("The U.S.-led force (1,200 men) won’t leave.").map(|t| t.raw).collect();
/// assert_eq!(words, ["The", "U.S.-led", "force", "(", "1,200", "men", ")", "won’t", "leave", "."]);
/// assert_eq!(tokens("3rd").next().map(|t| t.kind), Some(TokenKind::Number));
/// ```
#[must_use]
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// The iterator that [`tokens`] returns.
#[derive(Debug, Clone)]
pub struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            if self.text.as_bytes().get(self.at) == Some(&b' ') {
                self.at += 1;
            }
            let start = self.at;
            if let Some(end) = self.end_of_plain_word(start) {
                self.at = end;
                return Some(self.token(start, TokenKind::Word));
            }
            let kind = match class(self.text, start)? {
                (Class::Other, width) => {
                    self.at += width;
                    continue;
                }
                (Class::Letter, _) => {
                    self.at = self.end_of_word(start);
                    if self.skip_address(start) {
                        continue;
                    }
                    TokenKind::Word
                }
                (Class::Digit, _) => {
                    self.at = self.end_of_number(start);
                    TokenKind::Number
                }
                (Class::Currency, width) => {
                    self.at += width;
                    if !matches!(class(self.text, self.at), Some((Class::Digit, _))) {
                        continue;
                    }
                    self.at = self.end_of_number(self.at);
                    TokenKind::Number
                }
                (Class::Mark, width) => {
                    self.at += width;
                    if !self.take_mark(start) {
                        continue;
                    }
                    TokenKind::Mark
                }
            };
            return Some(self.token(start, kind));
        }
    }
}

impl<'t> Tokens<'t> {
    fn token(&self, start: usize, kind: TokenKind) -> Token<'t> {
        Token { span: Span::new(start, self.at), raw: &self.text[start..self.at], kind }
    }

    /// The end of the ASCII letters from `start` on, if a space follows them: most tokens are such.
    #[inline]
    fn end_of_plain_word(&self, start: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().position(|b| !b.is_ascii_alphabetic())?;
        (length > 0 && rest[length] == b' ').then_some(start + length)
    }

    /// The end of the word that begins at `start`, joiners included when a letter or digit follows them.
    fn end_of_word(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = match bytes.get(start + 1) {
            Some(b'.') => self.dotted(start),
            _ => None,
        }
        .unwrap_or_else(|| self.end_of_run(start));
        loop {
            if bytes.get(at).is_none_or(|&b| b == b' ') {
                return at;
            }
            let joined = at + joiner(bytes, at);
            if joined == at || !matches!(class(self.text, joined), Some((Class::Letter | Class::Digit, _))) {
                return at;
            }
            at = self.end_of_run(joined);
        }
    }

    /// The end of the letters, digits and combining marks from `at` on.
    fn end_of_run(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            while bytes.get(at).is_some_and(|&b| IN_RUN[usize::from(b)]) {
                at += 1;
            }
            match bytes.get(at) {
                Some(b) if !b.is_ascii() => match self.text[at..].chars().next() {
                    Some(c) if c.is_alphanumeric() || is_combining_mark(c) => at += c.len_utf8(),
                    _ => return at,
                },
                _ => return at,
            }
        }
    }

    /// The end of single letters with dots between them: `U.S.`, `a.m.`, `U.S` before something that is no letter.
    fn dotted(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        let dot = |at: usize| bytes.get(at) == Some(&b'.');
        let mut at = start;
        while letter(at) && dot(at + 1) {
            at += 2;
        }
        let last_letter =
            letter(at) && !bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
        match at - start {
            0 => None,
            2 => last_letter.then_some(at + 1),
            _ => Some(at + usize::from(last_letter)),
        }
    }

    /// Moves past the rest of a web or e-mail address whose first word is `start..self.at`, if it is one.
    fn skip_address(&mut self, start: usize) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let address = match rest {
            [b':', b'/', b'/', ..] => true,
            [b'@', b, ..] => b.is_ascii_alphanumeric(),
            [b'.', b, ..] => {
                b.is_ascii_alphanumeric() && self.text[start..self.at].eq_ignore_ascii_case("www")
            }
            _ => false,
        };
        if address {
            let left = &self.text[self.at..];
            self.at += left.find(char::is_whitespace).unwrap_or(left.len());
        }
        address
    }

    /// The end of the number whose first digit is at `start`.
    fn end_of_number(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.end_of_digits(start);
        loop {
            let joined = match bytes.get(at) {
                Some(b'.' | b',' | b':' | b'/' | b'\'') => at + 1,
                _ => at + joiner(bytes, at).max(en_dash(bytes, at)),
            };
            if joined == at || !matches!(class(self.text, joined), Some((Class::Digit, _))) {
                break;
            }
            at = self.end_of_digits(joined);
        }
        if bytes.get(at) == Some(&b'%') { at + 1 } else { self.end_of_run(at) }
    }

    fn end_of_digits(&self, mut at: usize) -> usize {
        while let Some((Class::Digit, width)) = class(self.text, at) {
            at += width;
        }
        at
    }

    /// Whether the mark of one character that ends at `self.at` is to be given; takes in the rest of a run of it.
    fn take_mark(&mut self, start: usize) -> bool {
        let bytes = self.text.as_bytes();
        let run = |mut at: usize| {
            while bytes.get(at) == Some(&bytes[start]) {
                at += 1;
            }
            at
        };
        match bytes[start] {
            b'.' => {
                self.at = run(start);
                self.at > start + 1 || !self.inside_word()
            }
            b':' => !self.inside_word(),
            b'-' => {
                self.at = run(start);
                self.at > start + 1 || (self.at_space(start, true) && self.at_space(self.at, false))
            }
            _ => true,
        }
    }

    fn inside_word(&self) -> bool {
        matches!(class(self.text, self.at), Some((Class::Letter | Class::Digit, _)))
    }

    /// Whether there is white space, or the edge of the text, before or after the byte position `at`.
    fn at_space(&self, at: usize, before: bool) -> bool {
        let next = if before { self.text[..at].chars().next_back() } else { self.text[at..].chars().next() };
        next.is_none_or(char::is_whitespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Vec<&str> {
        tokens(text).map(|t| t.raw).collect()
    }

    #[test]
    fn words_keep_inner_apostrophes_hyphens_and_acronym_dots() {
        for (text, expected) in [
            ("Iran’s leaders' won't rock 'n' roll", vec!["Iran’s", "leaders", "won't", "rock", "n", "roll"]),
            ("a cease-fire -- de‑escalation", vec!["a", "cease-fire", "--", "de‑escalation"]),
            (
                "U.S. and U.S.-led, U.S.A, G.O.C.",
                vec!["U.S.", "and", "U.S.-led", ",", "U.S.A", ",", "G.O.C."],
            ),
            ("Plan B. Then U.S", vec!["Plan", "B", ".", "Then", "U.S"]),
            ("F-16s over Côte d’Ivoire", vec!["F-16s", "over", "Côte", "d’Ivoire"]),
            ("cafe\u{301} non\u{AD}sense", vec!["cafe\u{301}", "non\u{AD}sense"]),
            ("Путин заявил", vec!["Путин", "заявил"]),
        ] {
            assert_eq!(raw(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_keep_separators_suffixes_and_currency() {
        for number in [
            "1,200.5", "3rd", "25%", "$5bn", "€3", "10:30", "4/24/12", "1948-49", "10–12", "155mm", "1990s",
            "½", "٣٤",
        ] {
            let found: Vec<_> = tokens(number).map(|t| (t.raw, t.kind)).collect();
            assert_eq!(found, [(number, TokenKind::Number)]);
        }
        assert_eq!(raw("a 20-year-old, 5. $ -3"), ["a", "20", "year-old", ",", "5", ".", "3"]);
    }

    #[test]
    fn marks_have_one_name_for_all_spellings() {
        let names = |text| tokens(text).filter_map(|t| t.mark()).collect::<Vec<_>>();
        assert_eq!(
            names("? ! , ; : . \" “ ” — ( ) …"),
            ["?", "!", ",", ";", ":", ".", "\"", "“", "”", "—", "(", ")", "…"]
        );
        assert_eq!(
            names("-- – - [x] {y} ... .. «z» ？"),
            ["—", "—", "—", "(", ")", "(", ")", "…", "…", "“", "”", "?"]
        );
        assert_eq!(names("a-b un.org 10:30 x_y * # ‘q’"), Vec::<&str>::new());
    }

    #[test]
    fn addresses_are_skipped() {
        assert_eq!(raw("see https://un.org/a?b=1, www.state.gov or press@un.org now"), ["see", "or", "now"]);
        assert_eq!(raw("@potus #peace"), ["potus", "peace"]);
    }
}
