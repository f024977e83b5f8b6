//! Text on a terminal.
//!
//! A text from anywhere may hold control characters, by which a terminal can be made to show something else than what is
//! there, or worse; and characters that turn the writing direction, by which a line can be made to read as another one. On a
//! terminal both are therefore shown escaped (`\u{1b}`, `\u{202e}`). Files and pipes get what is there.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Whether a terminal would do something at `c` instead of showing it: control characters, and the embeddings, overrides and
/// isolates of writing direction. Line ends and tabs are wanted; so are the marks of Arabic and Hebrew text, which turn nothing
/// but themselves.
fn is_control(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

/// `text` with control characters and changes of writing direction escaped, apart from line ends and tabs.
///
/// ```
/// use stancewire::corpus::visible;
/// assert_eq!(visible("plain\n"), "plain\n");
/// assert_eq!(visible("\u{1b}[31mred\r"), "\\u{1b}[31mred\\r");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_control(c) {
            // Writing into a string cannot fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A writer to a terminal that shows what [`visible`] escapes, and bytes that are not UTF-8 as `\xFF`.
#[derive(Debug)]
pub struct Visible<W: Write> {
    terminal: W,
    /// The beginning of a character whose end has not been written yet.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    /// Writes to `terminal`.
    pub fn new(terminal: W) -> Self {
        Self { terminal, begun: Vec::new() }
    }

    fn show(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            match std::str::from_utf8(bytes) {
                Ok(text) => return self.terminal.write_all(visible(text).as_bytes()),
                Err(error) => {
                    let (good, rest) = bytes.split_at(error.valid_up_to());
                    self.terminal.write_all(visible(&String::from_utf8_lossy(good)).as_bytes())?;
                    let Some(bad) = error.error_len() else {
                        self.begun = rest.to_vec();
                        return Ok(());
                    };
                    for byte in &rest[..bad] {
                        write!(self.terminal, "\\x{byte:02X}")?;
                    }
                    bytes = &rest[bad..];
                }
            }
        }
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() {
            self.show(bytes)?;
        } else {
            let mut joined = std::mem::take(&mut self.begun);
            joined.extend_from_slice(bytes);
            self.show(&joined)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.terminal.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_text_is_left_alone() {
        let cases = [
            ("plain – “text” 停火\t1\n", "plain – “text” 停火\t1\n"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\rb\u{8}\u{7f}", "a\\rb\\u{8}\\u{7f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            (
                "fact\u{202e}kcatta\u{202c} \u{2066}x\u{2069}",
                "fact\\u{202e}kcatta\\u{202c} \\u{2066}x\\u{2069}",
            ),
            ("\u{200f}הפסקת אש\u{200e} وقف", "\u{200f}הפסקת אש\u{200e} وقف"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn a_character_may_be_written_in_pieces() {
        let text = "né\u{9b}停\u{1b}".as_bytes();
        let mut shown = Visible::new(Vec::new());
        for byte in text {
            shown.write_all(&[*byte]).unwrap();
        }
        assert_eq!(String::from_utf8(shown.terminal).unwrap(), "né\\u{9b}停\\u{1b}");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_numbers() {
        let mut shown = Visible::new(Vec::new());
        shown.write_all(b"a\xFFb").unwrap();
        assert_eq!(String::from_utf8(shown.terminal).unwrap(), "a\\xFFb");
    }
}
