//! What a spreadsheet would calculate.

/// Whether a spreadsheet might calculate `text` instead of showing it. Numbers are shown as they are.
///
/// What counts is the first character that is not overlooked. `LibreOffice` 7.4 leaves NULs out, so that `\0=1+1` is 2 there; importers
/// strip white space, converters leave out what cannot be seen, and Excel in East Asian settings takes wide signs for narrow ones. A
/// tab or a carriage return in front counts by itself: some programs begin a new cell there. Quotation marks are part of the text for
/// all of them.
pub(super) fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r']) {
        return true;
    }
    let shown = text.trim_start_matches(is_overlooked);
    let begins = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    shown.starts_with(begins) && !text.trim_matches(' ').parse::<f64>().is_ok_and(f64::is_finite)
}

/// White space, control characters, and what has no width.
fn is_overlooked(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_calculated_is_found_behind_what_is_overlooked() {
        let signs =
            ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1+1", "＋1+1", "－1+1", "＠a", "- he said", "-inf"];
        let before = [
            "", " ", "\n", "\0", "\0\0", "\u{b}", "\u{1b}", "\u{85}", "\u{a0}", "\u{3000}", "\u{ad}",
            "\u{200b}",
        ];
        let further = ["\u{200e}", "\u{202e}", "\u{2060}", "\u{2066}", "\u{feff}", " \0\u{feff}\r\n"];
        for sign in signs {
            for before in before.iter().chain(&further) {
                assert!(is_formula(&format!("{before}{sign}")), "{before:?} before {sign:?}");
            }
        }
        for text in ["\ta", "\ra", "\t", "\t-5", "\r\n"] {
            assert!(is_formula(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_as_it_is_stays_as_it_is() {
        for text in [
            "", " ", "\n", "a", "x=1", " a =1", "-5.2", "+5", "-1e3", " -5 ", "\"=1+1", "'=1+1", "– no",
            "1-2", "\0a",
        ] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}
