//! The languages that texts can be in.

use std::fmt;
use std::str::FromStr;

use rust_stemmers::Algorithm;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Every language, its name in settings and files, and its Snowball stemmer.
macro_rules! languages {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// A language that has a Snowball stemmer. English is the default, and the only one with a list of stop words
        /// and with the full set of segmentation rules (see [`Segmenter`](super::Segmenter)).
        ///
        /// In settings, model files and on the command line a language is its English name in lower case:
        ///
        /// ```
        /// use stancewire::text::Language;
        ///
        /// assert_eq!("french".parse::<Language>()?, Language::French);
        /// assert_eq!(Language::default().to_string(), "english");
        /// # Ok::<(), stancewire::error::Error>(())
        /// ```
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Language {
            $($(#[$doc])* $variant,)*
        }

        impl Language {
            /// All languages, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in settings and files: English, lower case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The stemmer of the language.
            pub(super) fn algorithm(self) -> Algorithm {
                match self {
                    $(Self::$variant => Algorithm::$variant,)*
                }
            }
        }
    };
}

languages! {
    /// `arabic`
    Arabic "arabic",
    /// `danish`
    Danish "danish",
    /// `dutch`
    Dutch "dutch",
    /// `english`, the default
    #[default]
    English "english",
    /// `finnish`
    Finnish "finnish",
    /// `french`
    French "french",
    /// `german`
    German "german",
    /// `greek`
    Greek "greek",
    /// `hungarian`
    Hungarian "hungarian",
    /// `italian`
    Italian "italian",
    /// `norwegian`
    Norwegian "norwegian",
    /// `portuguese`
    Portuguese "portuguese",
    /// `romanian`
    Romanian "romanian",
    /// `russian`
    Russian "russian",
    /// `spanish`
    Spanish "spanish",
    /// `swedish`
    Swedish "swedish",
    /// `tamil`
    Tamil "tamil",
    /// `turkish`
    Turkish "turkish",
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Language {
    type Err = Error;

    /// The language called `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`], listing the languages there are.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|language| language.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|l| l.name()).collect();
            Error::new(
                ErrorKind::Settings,
                format!("unknown language \"{name}\"; expected one of: {}", names.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_through_text_and_through_serde() {
        for &language in Language::ALL {
            assert_eq!(language.to_string().parse::<Language>().unwrap(), language);
            let json = serde_json::to_string(&language).unwrap();
            assert_eq!(json, format!("\"{language}\""));
            assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), language);
        }
        assert!(Language::ALL.is_sorted_by_key(|l| l.name()));
    }

    #[test]
    fn an_unknown_language_lists_the_known_ones() {
        insta::assert_snapshot!("klingon".parse::<Language>().unwrap_err(), @r#"unknown language "klingon"; expected one of: arabic, danish, dutch, english, finnish, french, german, greek, hungarian, italian, norwegian, portuguese, romanian, russian, spanish, swedish, tamil, turkish"#);
    }
}
