//! What single characters are to the tokenizer.

/// What a character can begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Other,
    Letter,
    Digit,
    Currency,
    Mark,
}

/// The class of every ASCII character.
const ASCII: [Class; 128] = {
    let mut table = [Class::Other; 128];
    let mut i = 0_u8;
    while i < 128 {
        table[i as usize] = match i {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'$' => Class::Currency,
            b'?' | b'!' | b',' | b';' | b':' | b'.' | b'"' | b'(' | b')' | b'[' | b']' | b'{' | b'}'
            | b'-' => Class::Mark,
            _ => Class::Other,
        };
        i += 1;
    }
    table
};

/// Whether a byte is an ASCII letter or digit.
pub(super) const IN_RUN: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0_u8;
    while i < 128 {
        table[i as usize] = i.is_ascii_alphanumeric();
        i += 1;
    }
    table
};

/// The class and the width of the character at `at`; nothing at the end of the text.
#[inline]
pub(super) fn class(text: &str, at: usize) -> Option<(Class, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return Some((ASCII[usize::from(byte)], 1));
    }
    let c = text[at..].chars().next()?;
    Some((class_beyond_ascii(c), c.len_utf8()))
}

fn class_beyond_ascii(c: char) -> Class {
    match c {
        '£' | '€' | '¥' | '₪' | '₽' | '₴' | '₹' | '₺' => Class::Currency,
        c if c.is_alphabetic() => Class::Letter,
        c if c.is_numeric() => Class::Digit,
        c if mark_name(c).is_some() => Class::Mark,
        _ => Class::Other,
    }
}

pub(super) fn mark_name(c: char) -> Option<&'static str> {
    Some(match c {
        '?' | '？' | '؟' => "?",
        '!' | '！' => "!",
        ',' | '，' | '、' | '،' => ",",
        ';' | '；' | '؛' => ";",
        ':' | '：' => ":",
        '.' | '。' | '।' => ".",
        '"' => "\"",
        '“' | '„' | '«' => "“",
        '”' | '»' => "”",
        '-' | '–' | '—' | '―' => "—",
        '(' | '[' | '{' => "(",
        ')' | ']' | '}' => ")",
        '…' => "…",
        _ => return None,
    })
}

/// The width of the apostrophe or hyphen at `at`, 0 when there is none.
pub(super) fn joiner(bytes: &[u8], at: usize) -> usize {
    match &bytes[at..] {
        [b'\'' | b'-', ..] => 1,
        // ‐ and ‑ (U+2010, U+2011), ‘ and ’ (U+2018, U+2019)
        [0xE2, 0x80, 0x90 | 0x91 | 0x98 | 0x99, ..] => 3,
        // soft hyphen (U+00AD), modifier apostrophe (U+02BC)
        [0xC2, 0xAD, ..] | [0xCA, 0xBC, ..] => 2,
        _ => 0,
    }
}

/// The width of the en dash at `at` (`10–12`), 0 when there is none.
pub(super) fn en_dash(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with("–".as_bytes()) { 3 } else { 0 }
}
