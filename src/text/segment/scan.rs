//! The walk over a text that finds its sentences.

use super::super::Language;
use super::chars::{BYTES, Byte, is_stop, note_number};
use super::lines::{Gap, gap, goes_on, wrap_width};
use super::stops::Stop;
use crate::span::Span;

/// The longest quotation or bracket, in bytes, whose sentences are held together when it is part of a sentence.
const LONGEST_HELD: usize = 400;

/// An open quotation or bracket, and the state at its beginning, to which the walk goes back when it turns out that
/// the stops inside it have not ended the sentence around it.
#[derive(Debug, Clone, Copy)]
struct Enclosure {
    closer: char,
    at: usize,
    spans: usize,
    sentence: usize,
    wordless: usize,
}

/// The state of the walk.
pub(super) struct Scan<'t, 's> {
    text: &'t str,
    language: Language,
    spans: &'s mut Vec<Span>,
    /// The width at which the text is wrapped.
    width: Option<usize>,
    at: usize,
    /// Where the sentence begins that the walk is in.
    sentence: usize,
    /// Where the line begins that the walk is in.
    line: usize,
    /// No letter or digit stands between the start of the sentence and here.
    wordless: usize,
    enclosure: Option<Enclosure>,
}

impl<'t, 's> Scan<'t, 's> {
    pub fn new(text: &'t str, language: Language, spans: &'s mut Vec<Span>) -> Self {
        let start = gap(text, 0).end;
        let width = wrap_width(text);
        Self {
            text,
            language,
            spans,
            width,
            at: start,
            sentence: start,
            line: start,
            wordless: start,
            enclosure: None,
        }
    }

    /// Walks to the end of the text.
    pub fn run(mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match BYTES[usize::from(byte)] {
                Byte::Plain => {
                    let plain = |&&b: &&u8| BYTES[usize::from(b)] == Byte::Plain;
                    self.at += bytes[self.at..].iter().take_while(plain).count();
                }
                Byte::Stop => self.pass_stop(),
                Byte::LineBreak => self.pass_line_break(),
                Byte::Quote => self.pass_straight_quote(),
                Byte::Open => self.open(if byte == b'(' { ')' } else { ']' }, 1),
                Byte::Close => self.close(char::from(byte)),
                Byte::BeyondAscii => self.pass_beyond_ascii(),
            }
        }
        self.push(self.text.len());
    }

    fn pass_beyond_ascii(&mut self) {
        let Some(c) = self.char_at(self.at) else { return };
        match c {
            '“' if self.enclosure.is_some_and(|e| e.closer == '“') => self.close(c),
            '“' => self.open('”', c.len_utf8()),
            '„' => self.open('“', c.len_utf8()),
            '«' => self.open('»', c.len_utf8()),
            '”' | '»' => self.close(c),
            '\u{2028}' | '\u{2029}' | '\u{85}' => self.pass_line_break(),
            c if is_stop(c) => self.pass_stop(),
            c => self.at += c.len_utf8(),
        }
    }

    /// At a stop: ends the sentence, or moves past the run of stops.
    fn pass_stop(&mut self) {
        let end = self.end_of_stops();
        let closed = self.end_of_closers(end);
        let gap = gap(self.text, closed);
        if self.has_word() && gap.end < self.text.len() && self.sentence_ends(end, closed, gap) {
            self.settle_enclosure(end, closed, gap);
            self.end_sentence(closed, gap);
        } else {
            self.at = end;
        }
    }

    fn sentence_ends(&self, end: usize, closed: usize, gap: Gap) -> bool {
        let Self { text, language, sentence, at: start, .. } = *self;
        let stop = Stop { text, language, sentence, start, end, closed, next: gap.end };
        match gap.breaks {
            0 if gap.end == closed => {
                text[..end].ends_with(['。', '！', '？', '｡']) || stop.ends_glued_sentence()
            }
            0 => stop.ends_sentence(),
            1 if self.line_goes_on(closed, gap) => stop.ends_sentence(),
            _ => true,
        }
    }

    /// At a line break that no stop stands before.
    fn pass_line_break(&mut self) {
        let gap = gap(self.text, self.at);
        if gap.end == self.text.len() {
            self.at = gap.end;
        } else if gap.breaks == 1 && self.line_goes_on(self.at, gap) {
            self.at = gap.end;
            self.line = gap.end;
        } else {
            self.enclosure = None;
            self.end_sentence(self.at, gap);
        }
    }

    fn line_goes_on(&self, end: usize, gap: Gap) -> bool {
        let line = self.text[self.line.min(end)..end].trim_end();
        goes_on(line, &self.text[gap.end..], self.width, self.language)
    }

    /// A straight quotation mark opens after white space or an opening mark and closes after anything else.
    fn pass_straight_quote(&mut self) {
        let is_open = self.enclosure.is_some_and(|e| e.closer == '"');
        let opens = self.may_open() && self.char_at(self.at + 1).is_some_and(|c| !c.is_whitespace());
        match (is_open, opens) {
            (true, false) => self.close('"'),
            (true, true) => {
                self.enclosure = None;
                self.open('"', 1);
            }
            (false, _) => self.open('"', 1),
        }
    }

    /// Remembers an opening mark of `width` bytes, unless it stands in an enclosure already or opens nothing.
    fn open(&mut self, closer: char, width: usize) {
        let held = self.enclosure.is_some_and(|e| e.closer != closer && self.at - e.at <= LONGEST_HELD);
        if !held && self.may_open() {
            self.has_word(); // so that going back does not look for the first word again
            let Self { at, sentence, wordless, .. } = *self;
            self.enclosure = Some(Enclosure { closer, at, spans: self.spans.len(), sentence, wordless });
        }
        self.at += width;
    }

    fn may_open(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        before.is_none_or(|c| {
            c.is_whitespace() || matches!(c, '(' | '[' | '“' | '"' | '‘' | '\'' | '—' | '–' | '-' | ':')
        })
    }

    /// At a closing mark without a stop before it that ended the sentence: if the sentence goes on after it, the
    /// sentences in the enclosure are parts of it.
    fn close(&mut self, closer: char) {
        if let Some(enclosure) = self.enclosure.filter(|e| e.closer == closer) {
            self.enclosure = None;
            let split = self.spans.len() > enclosure.spans;
            if split && self.at - enclosure.at <= LONGEST_HELD && self.goes_on_after_closer() {
                self.spans.truncate(enclosure.spans);
                self.sentence = enclosure.sentence;
                self.wordless = enclosure.wordless;
            }
        }
        self.at += closer.len_utf8();
    }

    fn goes_on_after_closer(&self) -> bool {
        let closed = self.end_of_closers(self.at);
        if self.char_at(closed).is_some_and(is_stop) {
            return false;
        }
        let gap = gap(self.text, closed);
        gap.end < self.text.len() && (gap.breaks == 0 || (gap.breaks == 1 && self.line_goes_on(closed, gap)))
    }

    /// At the end of a sentence: forgets the enclosure if it is closed here or the paragraph ends.
    fn settle_enclosure(&mut self, end: usize, closed: usize, gap: Gap) {
        let closers = &self.text[end..closed];
        if gap.breaks > 1 || self.enclosure.is_some_and(|e| closers.contains(e.closer)) {
            self.enclosure = None;
        }
    }

    fn end_sentence(&mut self, end: usize, gap: Gap) {
        self.push(end);
        if gap.breaks > 0 {
            self.line = gap.end;
        }
        self.at = gap.end;
        self.sentence = gap.end;
        self.wordless = gap.end;
    }

    fn push(&mut self, end: usize) {
        let sentence = self.text[self.sentence..end].trim_end();
        if !sentence.is_empty() {
            self.spans.push(Span::new(self.sentence, self.sentence + sentence.len()));
        }
    }

    /// Whether the sentence has a letter or digit before the walk's place.
    fn has_word(&mut self) -> bool {
        while self.wordless < self.at {
            match self.char_at(self.wordless) {
                Some(c) if !c.is_alphanumeric() => self.wordless += c.len_utf8(),
                _ => return true,
            }
        }
        false
    }

    /// The end of the stops at the walk's place: `.`, `?!`, `...`, `. . .`.
    fn end_of_stops(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        loop {
            match self.char_at(at) {
                Some(c) if is_stop(c) => at += c.len_utf8(),
                Some(' ') if bytes.get(at + 1) == Some(&b'.') && bytes[at - 1] == b'.' => {
                    if bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric) {
                        return at;
                    }
                    at += 2;
                }
                _ => return at,
            }
        }
    }

    /// The end of the closing quotation marks, brackets and note numbers (`[3]`) at `at`.
    fn end_of_closers(&self, mut at: usize) -> usize {
        loop {
            match self.char_at(at) {
                Some(c @ ('"' | '\'')) => {
                    let inner = self.char_at(at + 1).is_some_and(char::is_alphanumeric);
                    if inner && self.enclosure.is_none_or(|e| e.closer != c) {
                        return at;
                    }
                    at += 1;
                }
                Some(c @ ('”' | '’' | '»' | ')' | ']' | '}' | '」' | '』' | '）')) => {
                    at += c.len_utf8();
                }
                Some('“') if self.enclosure.is_some_and(|e| e.closer == '“') => at += '“'.len_utf8(),
                Some('[') => match note_number(&self.text.as_bytes()[at..]) {
                    0 => return at,
                    width => at += width,
                },
                _ => return at,
            }
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.text.get(at..)?.chars().next(),
        }
    }
}
