//! The one error type: what went wrong, where it stands, and what to do about it.
//!
//! An error is written for the person who has to mend the input. Its text has three parts:
//! the place (file, line, column), what was found against what was expected, and the advice:
//!
//! ```text
//! train.csv:17 (column "label"): unknown label "treat"; expected one of: ceasefire-call, none, restraint, threat
//!   correct the cell, or pass --skip-bad-rows to leave such rows out
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of thing went wrong, for programs that react differently to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused a read or a write.
    Io,
    /// Bytes that are not text in the encoding they were read with.
    Encoding,
    /// A table whose rows do not fit its header, or a line that is not JSON.
    Table,
    /// A column that is missing, or that stands twice.
    Column,
    /// A label that the label set does not have.
    Label,
    /// There was nothing to work on.
    Empty,
    /// A setting outside its range, or two settings that contradict each other.
    Settings,
    /// A cue lexicon that cannot be read.
    Lexicon,
    /// Training data from which no classifier can be fitted.
    Training,
    /// A model file that is damaged, foreign or of a newer format.
    Model,
    /// The output was closed by its reader: not a fault, but the end of the work.
    Closed,
}

/// Where in the input an error stands. Every part is optional; what is known is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, as the user named it; `<stdin>` for standard input.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
}

impl Place {
    /// A place in `file`, with nothing else known yet.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..Self::default() }
    }

    /// The same place, at `line` (counted from 1).
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place, in the column called `column`.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}")?,
            (Some(file), None) => write!(f, "{file}")?,
            (None, Some(line)) => write!(f, "line {line}")?,
            (None, None) => {}
        }
        if let Some(column) = &self.column {
            let gap = if self.file.is_some() || self.line.is_some() { " " } else { "" };
            write!(f, "{gap}(column \"{column}\")")?;
        }
        Ok(())
    }
}

/// An error with its kind, its place and its advice.
///
/// One machine word wide, so that a `Result` of a small value stays small.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    place: Place,
    what: String,
    advice: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `what` was found and what was expected.
    #[must_use]
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, place: Place::default(), what: what.into(), advice: None, source: None }))
    }

    /// An I/O error met while doing `what` ("cannot read the file"). A closed pipe becomes [`ErrorKind::Closed`].
    #[must_use]
    pub fn io(what: impl fmt::Display, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::BrokenPipe => ErrorKind::Closed,
            _ => ErrorKind::Io,
        };
        let mut error = Self::new(kind, format!("{what}: {}", plain(&source)));
        error.0.source = Some(Box::new(source));
        error
    }

    /// The same error at `place`. Parts that are already known are kept: the innermost place is the exact one.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        let known = &mut self.0.place;
        known.file = known.file.take().or(place.file);
        known.line = known.line.or(place.line);
        known.column = known.column.take().or(place.column);
        self
    }

    /// The same error with `advice` for the reader; advice that is already there is kept.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice.get_or_insert_with(|| advice.into());
        self
    }

    /// The kind of thing that went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where it stands in the input, as far as that is known.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What was found and what was expected, without place and advice.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }
}

/// The operating system's words without the `(os error 2)` that Rust appends.
fn plain(source: &std::io::Error) -> String {
    let text = source.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.place.is_unknown() {
            write!(f, "{}: ", self.0.place)?;
        }
        f.write_str(&self.0.what)?;
        if let Some(advice) = &self.0.advice {
            write!(f, "\n  {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        // The source's own words already stand in `what`; hand on only what lies beneath it.
        source.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_where_what_and_what_to_do() {
        let error = Error::new(ErrorKind::Label, "unknown label \"treat\"")
            .at(Place::file("train.csv").line(17).column("label"))
            .advise("correct the cell");
        assert_eq!(
            error.to_string(),
            "train.csv:17 (column \"label\"): unknown label \"treat\"\n  correct the cell"
        );
    }

    #[test]
    fn the_innermost_place_wins() {
        let error =
            Error::new(ErrorKind::Table, "x").at(Place::default().line(3)).at(Place::file("a.csv").line(9));
        assert_eq!(error.to_string(), "a.csv:3: x");
    }

    #[test]
    fn a_closed_pipe_is_told_apart_and_os_numbers_are_left_out() {
        let pipe = Error::io("cannot write", std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!(pipe.kind(), ErrorKind::Closed);
        let missing = Error::io("cannot read the file", std::io::Error::from_raw_os_error(2));
        assert_eq!(missing.to_string(), "cannot read the file: No such file or directory");
    }
}
