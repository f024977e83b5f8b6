//! What a word's place in its sentence says about its capital letter.

use super::token::{Token, TokenKind};
use super::words::is_small_in_headings;

/// Where a word stands, as far as its capital letter is concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct WordPlace {
    /// The word is the first of its sentence, or the first after an opening quotation mark, `:`, `?` or `!`: it would
    /// be capitalised whatever it is.
    pub initial: bool,
    /// The sentence is all capitals or title case, so that capitals say nothing.
    pub heading: bool,
}

/// Tells the places of a sentence's tokens, which are handed to it one by one.
///
/// ```
/// use stancewire::text::{Places, tokens};
///
/// let sentence = "Yesterday Iran said: “No talks.”";
/// let mut places = Places::of(sentence);
/// let initial: Vec<&str> = tokens(sentence).filter(|t| places.next(t).initial).map(|t| t.raw).collect();
/// assert_eq!(initial, ["Yesterday", ":", "“", "No"]);
/// ```
#[derive(Debug, Clone)]
pub struct Places {
    heading: bool,
    initial: bool,
    quoted: bool,
}

impl Places {
    /// A reader for the tokens of `sentence`, to be given all of them in order.
    #[must_use]
    pub fn of(sentence: &str) -> Self {
        Self { heading: is_heading(sentence), initial: true, quoted: false }
    }

    /// The place of the next token. A number or a mark has the place that a word right after it would have.
    pub fn next(&mut self, token: &Token<'_>) -> WordPlace {
        match token.kind {
            TokenKind::Word => {
                let initial = std::mem::replace(&mut self.initial, false);
                return WordPlace { initial, heading: self.heading };
            }
            TokenKind::Number => {}
            TokenKind::Mark => self.pass_mark(token.raw),
        }
        WordPlace { initial: self.initial, heading: self.heading }
    }

    fn pass_mark(&mut self, raw: &str) {
        match raw {
            ":" | "?" | "!" | "“" | "«" | "„" => self.initial = true,
            "\"" => {
                self.quoted = !self.quoted;
                self.initial |= self.quoted;
            }
            _ => {}
        }
    }
}

/// Whether no word of `sentence` is in lower case but for the small words of headings and names like `al-Sadr`.
///
/// Ends at the first lower-case word, so ordinary sentences cost a look at two or three words.
fn is_heading(sentence: &str) -> bool {
    let mut words = sentence.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\'' || c == '’'));
    !words.any(|word| {
        let lower = word.starts_with(char::is_lowercase) && !word.contains(char::is_uppercase);
        lower && !is_small_in_headings(word)
    })
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn headings_are_told_from_sentences() {
        for (text, heading) in [
            ("Iran Vows Revenge After Strike on Embassy", true),
            ("THE FMLN WILL NOT LAY DOWN ITS ARMS.", true),
            ("Iran vows revenge", false),
            ("Putin met Zelensky", false),
            ("Protests Against al-Assad Grow in Syria", true),
            ("12,000", true),
            ("", true),
        ] {
            assert_eq!(is_heading(text), heading, "{text}");
        }
    }

    #[test]
    fn the_first_word_and_words_after_openers_are_initial() {
        for (text, expected) in [
            ("The President said", vec!["The"]),
            ("1. We, the Leaders", vec!["We"]),
            ("He said, \"Stop now,\" and left", vec!["He", "Stop"]),
            ("CARNEY: Will they? Yes", vec!["CARNEY", "Will", "Yes"]),
            ("Mr. Biden left", vec!["Mr"]),
        ] {
            let mut places = Places::of(text);
            let initial: Vec<&str> = tokens(text)
                .filter(|t| places.next(t).initial && t.kind == TokenKind::Word)
                .map(|t| t.raw)
                .collect();
            assert_eq!(initial, expected, "{text}");
        }
    }
}
