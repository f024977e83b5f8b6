//! One form for all spellings of a word: compatibility forms, apostrophes, hyphens, case.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Language;

/// Appends the normal form of the word or number `raw` to `out`; never appends nothing for a non-empty `raw`.
///
/// The form is NFKC, lower-cased, with straight apostrophes and plain hyphens, without soft hyphens. For ASCII that is
/// lower-casing, done byte by byte.
pub(super) fn push_word(raw: &str, language: Language, out: &mut String) {
    let start = out.len();
    if language == Language::Turkish || !push_ascii(raw, out) {
        out.truncate(start);
        push_unicode(raw, language, out);
    }
    if out.len() == start {
        out.push_str(raw); // a character that has no compatibility form worth keeping
    }
}

/// The fast path: ASCII and `’`. Returns false, with a part already written, when something else turns up.
fn push_ascii(raw: &str, out: &mut String) -> bool {
    let start = out.len();
    if raw.is_ascii() {
        out.push_str(raw);
    } else {
        for part in raw.split_inclusive('’') {
            let (word, apostrophe) = part.strip_suffix('’').map_or((part, ""), |word| (word, "'"));
            if !word.is_ascii() {
                return false;
            }
            out.push_str(word);
            out.push_str(apostrophe);
        }
    }
    out[start..].make_ascii_lowercase();
    true
}

fn push_unicode(raw: &str, language: Language, out: &mut String) {
    let turkish = language == Language::Turkish;
    let lower = raw.nfkc().map(move |c| match c {
        'I' if turkish => 'ı',
        'İ' if turkish => 'i',
        c => c,
    });
    out.extend(lower.flat_map(char::to_lowercase).nfkc().filter_map(plain));
}

/// The character as it stands in a word, if it may.
fn plain(c: char) -> Option<char> {
    match c {
        '‘' | '’' | 'ʼ' => Some('\''),
        '‐' | '‑' | '–' => Some('-'),
        '\'' | '-' | '.' | ',' | ':' | '/' | '%' | '$' | '£' | '€' | '¥' | '₪' | '₽' | '₴' | '₹' | '₺' => {
            Some(c)
        }
        c => (c.is_alphanumeric() || is_combining_mark(c)).then_some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(raw: &str) -> String {
        let mut out = String::new();
        push_word(raw, Language::English, &mut out);
        out
    }

    #[test]
    fn spellings_of_a_word_become_one() {
        for (raw, expected) in [
            ("Cease-Fire", "cease-fire"),
            ("cease‑fire", "cease-fire"),
            ("Iran’s", "iran's"),
            ("Côte", "côte"),
            ("Co\u{302}te", "côte"),
            ("d’État", "d'état"),
            ("ﬁre", "fire"),
            ("ＮＡＴＯ", "nato"),
            ("non\u{AD}sense", "nonsense"),
            ("10–12", "10-12"),
            ("ВОЙНА", "война"),
        ] {
            assert_eq!(normal(raw), expected, "{raw}");
        }
    }

    #[test]
    fn turkish_has_a_dotless_i() {
        let mut out = String::new();
        push_word("IRAK İran", Language::Turkish, &mut out);
        assert_eq!(out, "ırakiran");
    }
}
