//! The lexicon of speech-act cues: a file that analysts edit, and the matcher that finds its patterns in a sentence.
//!
//! # The lexicon
//!
//! A TOML file of classes, each with its patterns. Order matters: a pattern can use the classes that stand above it.
//!
//! ```toml
//! [FIGHT]
//! patterns = ["war|wars", "attack*", "military operation*"]
//!
//! [STOP]
//! patterns = ["stop*|halt*", "put .. end", "cease .. {FIGHT}"]
//! ```
//!
//! A pattern is a sequence of elements with spaces between them, all in lower case:
//!
//! | element | stands for |
//! |---|---|
//! | `war` | this word |
//! | `attack*` | every word that begins so, `attack` included |
//! | `stop*\|halt*\|end` | one of these |
//! | `*` | exactly one word, whichever |
//! | `..` | none to three words between its neighbours |
//! | `..5` | none to five words (at most 20) |
//! | `{FIGHT}` | whatever the class `FIGHT` matches, of any length; `FIGHT` must stand above |
//! | `?` `!` `,` `;` `:` `.` `"` `—` `(` `)` `…` | this mark |
//!
//! A pattern that begins with `^` matches only at the first word of the sentence. A class whose name ends in `_` is a
//! building block for other classes and makes no feature of its own.
//!
//! Words are compared in the analyzer's surface form (lower case, straight apostrophes, not stemmed). Commas and
//! quotation marks between two elements are passed over, unless the pattern names them; every other mark ends a
//! clause, and no pattern reaches across it without naming it. This is the rule that word n-grams follow too.

mod atoms;
mod bits;
mod counter;
mod lexicon;
mod matcher;
mod pattern;
mod program;
#[cfg(test)]
mod tests;
mod work;

pub use atoms::{AtomId, TokenAtoms, TokenAtomsView};
pub use counter::{CueCounter, CueFeatureId, CueParams};
pub use lexicon::{CueClass, CueClassId, CueLexicon};
pub use matcher::{CueMatcher, CueScratch, CueStart};
pub use pattern::{Alternative, Element, Pattern};
