//! The settings of an analyzer: plain data that travels in the model file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Language;
use crate::error::{Error, ErrorKind, Result};

/// How an [`Analyzer`](super::Analyzer) makes terms out of a sentence.
///
/// Plain data: it is written into the model and read back from there, and an unknown key is an error. Keys that are
/// left out have their default.
///
/// ```
/// use stancewire::text::{AnalyzerParams, Language};
///
/// let params: AnalyzerParams = toml::from_str("language = \"french\"\nfold_names = false")?;
/// assert_eq!(params, AnalyzerParams { language: Language::French, fold_names: false, ..AnalyzerParams::default() });
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools)] // independent switches, each named in the settings file
pub struct AnalyzerParams {
    /// The language of the texts. Default: English.
    pub language: Language,
    /// Reduce words to their Snowball stem (`strikes`, `striking` → `strike`). Default: yes.
    pub stemming: bool,
    /// Leave out words that carry no stance (`the`, `of`, `was`, …). English only; negations, modals and conditions
    /// (`not`, `will`, `if`, …) are never left out. Default: no.
    pub stop_words: bool,
    /// Make one term, `<num>`, of all numbers. Default: yes.
    pub fold_numbers: bool,
    /// Make one term, `<name>`, of all words that look like names: see [`Analyzer::forms`](super::Analyzer::forms).
    /// Not for German, which capitalises every noun. Default: yes.
    pub fold_names: bool,
    /// The lengths of word n-grams. Default: 1 to 2.
    pub word_ngrams: NgramRange,
    /// The lengths of character n-grams within words, if any are wanted. Default: none.
    pub char_ngrams: Option<NgramRange>,
}

impl Default for AnalyzerParams {
    fn default() -> Self {
        Self {
            language: Language::English,
            stemming: true,
            stop_words: false,
            fold_numbers: true,
            fold_names: true,
            word_ngrams: NgramRange { min: 1, max: 2 },
            char_ngrams: None,
        }
    }
}

/// The shortest and the longest n-gram that are made, `1 <= min <= max <= 8`. In files: `[1, 2]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u8, u8)", into = "(u8, u8)")]
pub struct NgramRange {
    min: u8,
    max: u8,
}

impl NgramRange {
    /// The longest n-gram that can be asked for.
    pub const LIMIT: u8 = 8;

    /// The lengths `min` to `max`, both included.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] unless `1 <= min <= max <= 8`.
    pub fn new(min: u8, max: u8) -> Result<Self> {
        if 1 <= min && min <= max && max <= Self::LIMIT {
            return Ok(Self { min, max });
        }
        Err(Error::new(
            ErrorKind::Settings,
            format!(
                "n-gram lengths {min} to {max}; expected the shorter first, both between 1 and {}",
                Self::LIMIT
            ),
        ))
    }

    /// The shortest length.
    #[must_use]
    pub fn min(self) -> usize {
        usize::from(self.min)
    }

    /// The longest length.
    #[must_use]
    pub fn max(self) -> usize {
        usize::from(self.max)
    }
}

impl fmt::Display for NgramRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.min, self.max)
    }
}

impl TryFrom<(u8, u8)> for NgramRange {
    type Error = Error;

    fn try_from((min, max): (u8, u8)) -> Result<Self> {
        Self::new(min, max)
    }
}

impl From<NgramRange> for (u8, u8) {
    fn from(range: NgramRange) -> Self {
        (range.min, range.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_what_they_wrote() {
        let params = AnalyzerParams {
            char_ngrams: Some(NgramRange::new(3, 5).unwrap()),
            stop_words: true,
            ..AnalyzerParams::default()
        };
        let json = serde_json::to_string(&params).unwrap();
        assert_eq!(serde_json::from_str::<AnalyzerParams>(&json).unwrap(), params);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let error = serde_json::from_str::<AnalyzerParams>(r#"{"stemmer": true}"#).unwrap_err();
        assert!(error.to_string().starts_with("unknown field `stemmer`"), "{error}");
    }

    #[test]
    fn lengths_outside_their_range_are_refused() {
        for (min, max) in [(0, 1), (2, 1), (1, 9), (0, 0)] {
            assert_eq!(NgramRange::new(min, max).unwrap_err().kind(), ErrorKind::Settings);
        }
        insta::assert_snapshot!(NgramRange::new(2, 1).unwrap_err(), @"n-gram lengths 2 to 1; expected the shorter first, both between 1 and 8");
        let error = serde_json::from_str::<NgramRange>("[3, 2]").unwrap_err();
        assert!(error.to_string().contains("expected the shorter first"), "{error}");
    }
}
