//! What single bytes and characters are to the segmenter.

/// What a byte can be for a segmenter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Byte {
    Plain,
    Stop,
    LineBreak,
    Quote,
    Open,
    Close,
    BeyondAscii,
}

/// What each byte is. Most are plain, and are passed over in one tight loop.
pub(super) const BYTES: [Byte; 256] = {
    let mut table = [Byte::Plain; 256];
    let mut i = 0;
    while i < 256 {
        #[allow(clippy::cast_possible_truncation)] // i < 256
        let byte = i as u8;
        table[i] = match byte {
            b'.' | b'?' | b'!' => Byte::Stop,
            b'\n' | b'\r' | 0x0B | 0x0C => Byte::LineBreak,
            b'"' => Byte::Quote,
            b'(' | b'[' => Byte::Open,
            b')' | b']' => Byte::Close,
            0x80.. => Byte::BeyondAscii,
            _ => Byte::Plain,
        };
        i += 1;
    }
    table
};

/// Whether the character can end a sentence.
pub(super) fn is_stop(c: char) -> bool {
    matches!(
        c,
        '.' | '?'
            | '!'
            | '…'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
            | '。'
            | '｡'
            | '！'
            | '？'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '։'
    )
}

/// The width of a note number such as `[12]`, 0 when there is none.
pub(super) fn note_number(bytes: &[u8]) -> usize {
    let digits = bytes[1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    if (1..=3).contains(&digits) && bytes.get(digits + 1) == Some(&b']') { digits + 2 } else { 0 }
}
