//! Text from anywhere, made fit to be shown on a page.

use std::fmt;

/// Text in which nothing acts on the page around it: what cannot be seen, or turns the writing direction, is made
/// visible.
///
/// Line breaks and tabs become spaces, other control characters their pictures (`␀`, `␛`), and what has no picture its
/// number (`⟨U+202E⟩`). It is still plain text: whatever writes it into HTML or SVG escapes it.
///
/// ```
/// use stancewire::report::Shown;
/// assert_eq!(Shown::from("a\0b\n\u{202e}c<d>").to_string(), "a␀b ⟨U+202E⟩c<d>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown(String);

impl Shown {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to be seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first characters of the text and `…`, if it has more than `max`.
    #[must_use]
    pub fn cut(&self, max: usize) -> Self {
        if self.0.chars().count() <= max {
            return self.clone();
        }
        Self(self.0.chars().take(max.saturating_sub(1)).chain(['…']).collect())
    }

    /// The text with the five characters escaped that mean something in HTML and in SVG.
    #[must_use]
    pub fn escaped(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
        out
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\t' | '\n' | '\r' => out.push(' '),
                // The pictures of control characters stand in their order from U+2400.
                '\0'..=' ' => out.push(picture(c)),
                '\u{7f}' => out.push('\u{2421}'),
                c if is_unseen(c) => out.extend(format!("⟨U+{:04X}⟩", u32::from(c)).chars()),
                c => out.push(c),
            }
        }
        Self(out)
    }
}

fn picture(c: char) -> char {
    if c == ' ' { c } else { char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER) }
}

/// Control characters beyond ASCII, characters that turn the writing direction, line separators and non-characters.
fn is_unseen(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || code & 0xfffe == 0xfffe
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Shown {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        let cases = [
            ("plain, “quoted” Ünïcode 你好 שלום", "plain, “quoted” Ünïcode 你好 שלום"),
            ("a\r\n\tb", "a   b"),
            ("\0\u{1b}[31m\u{7f}", "␀␛[31m␡"),
            ("\u{85}\u{202e}\u{2066}\u{2029}", "⟨U+0085⟩⟨U+202E⟩⟨U+2066⟩⟨U+2029⟩"),
            ("\u{ffff}\u{1fffe}\u{fdd0}", "⟨U+FFFF⟩⟨U+1FFFE⟩⟨U+FDD0⟩"),
        ];
        for (text, expected) in cases {
            assert_eq!(Shown::from(text).as_str(), expected);
        }
    }

    #[test]
    fn what_means_something_to_html_is_escaped() {
        let shown = Shown::from("<a href='x' title=\"&amp;\">");
        assert_eq!(shown.escaped(), "&lt;a href=&#39;x&#39; title=&quot;&amp;amp;&quot;&gt;");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(Shown::from("äöüß").cut(3).as_str(), "äö…");
        assert_eq!(Shown::from("äöü").cut(3).as_str(), "äöü");
    }
}
