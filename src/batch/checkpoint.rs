//! The checkpoint of a long run, as a file.

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::reached::Reached;
use super::summary::Summary;
use crate::corpus::{OnBadRow, SkippedRows};
use crate::error::{Error, ErrorKind, Place, Result};

/// What a run needs to go on where an earlier one was stopped: JSON of a few kilobytes.
///
/// ```
/// use stancewire::batch::{Checkpoint, Inputs, Job, Reached};
///
/// let job = Job {
///     program: "stancewire 0.1.0".to_owned(),
///     model: "0f".to_owned(),
///     settings: [("--explain".to_owned(), "3".to_owned())].into(),
///     inputs: Inputs::new([]),
/// };
/// let reached = Reached { blocks: 7, read: 900, bytes: 123_456, ..Reached::default() };
/// let bytes = Checkpoint::new(&job, &reached, 2.5).to_json();
/// let read = Checkpoint::from_json(&bytes)?;
/// assert_eq!((read.job(), read.bytes()), (&job, 123_456));
/// assert_eq!(read.reached().blocks, 7);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    format: u32,
    job: Job,
    blocks: u64,
    read: u64,
    bytes: u64,
    seconds: f64,
    documents: u64,
    rows: u64,
    by_label: Vec<u64>,
    review: u64,
    empty: u64,
    skipped: u64,
    skipped_first: Vec<Skipped>,
}

/// Why a row was left out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Skipped {
    kind: ErrorKind,
    place: Place,
    what: String,
    advice: Option<String>,
}

/// The format that is written and read.
const FORMAT: u32 = 1;

/// The one key that every format has.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

impl Checkpoint {
    /// A run of `job` that has `reached` a place after so many `seconds`.
    #[must_use]
    pub fn new(job: &Job, reached: &Reached, seconds: f64) -> Self {
        let Reached { blocks, read, bytes, summary } = reached;
        Self {
            format: FORMAT,
            job: job.clone(),
            blocks: *blocks,
            read: *read,
            bytes: *bytes,
            seconds,
            documents: summary.documents,
            rows: summary.rows,
            by_label: summary.by_label.clone(),
            review: summary.review,
            empty: summary.empty,
            skipped: summary.skipped.count(),
            skipped_first: summary.skipped.first().iter().map(Skipped::new).collect(),
        }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Plain data with texts as keys: there is nothing that JSON cannot hold.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Reads the bytes of the file.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when they are no checkpoint, or one of another format.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let damaged =
            |error: serde_json::Error| unreadable(format!("the checkpoint cannot be read: {error}"));
        let AnyFormat { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format != FORMAT {
            return Err(unreadable(format!(
                "the checkpoint has format {format}; this version of stancewire reads format {FORMAT}"
            )));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// The job that was stopped.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// How many bytes of output are there.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many rows are there.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How long it took to come so far.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// In what the job that was stopped is not the job `now`, each in words; nothing when the rest of `now` makes the output
    /// whole.
    ///
    /// How bad rows are treated matters only once there was one: so a run that a bad row has ended can go on and leave it out.
    #[must_use]
    pub fn differences(&self, now: &Job, on_bad_row: OnBadRow) -> Vec<String> {
        let mut found = self.job.differences(now);
        if self.skipped > 0 && on_bad_row == OnBadRow::Stop {
            found.push(format!("--skip-bad-rows was given, and {} left out", self.skipped));
        }
        found
    }

    /// From where to go on.
    #[must_use]
    pub fn reached(self) -> Reached {
        let skipped = self.skipped_first.into_iter().map(Skipped::error).collect();
        Reached {
            blocks: self.blocks,
            read: self.read,
            bytes: self.bytes,
            summary: Summary {
                documents: self.documents,
                rows: self.rows,
                by_label: self.by_label,
                review: self.review,
                empty: self.empty,
                skipped: SkippedRows::of(self.skipped, skipped),
                notices: Vec::new(),
            },
        }
    }
}

fn unreadable(what: String) -> Error {
    Error::new(ErrorKind::Settings, what).advise("begin anew, without --resume")
}

impl Skipped {
    fn new(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            place: error.place().clone(),
            what: error.what().to_owned(),
            advice: error.advice().map(str::to_owned),
        }
    }

    fn error(self) -> Error {
        let error = Error::new(self.kind, self.what).at(self.place);
        match self.advice {
            Some(advice) => error.advise(advice),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::tests::{job, stamp};
    use super::*;

    fn reached() -> Reached {
        let bad =
            Error::new(ErrorKind::Encoding, "a byte").at(Place::file("a.csv").line(3)).advise("mend it");
        let summary = Summary {
            documents: 5,
            rows: 9,
            by_label: vec![2, 3, 3],
            review: 4,
            empty: 1,
            skipped: SkippedRows::of(1, vec![bad]),
            notices: Vec::new(),
        };
        Reached { blocks: 2, read: 6, bytes: 1000, summary }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bytes = Checkpoint::new(&job(vec![stamp("a.csv")]), &reached(), 0.5).to_json();
        let read = Checkpoint::from_json(&bytes).unwrap();
        assert_eq!((read.rows(), read.bytes(), read.seconds()), (9, 1000, 0.5));
        assert_eq!(format!("{:?}", read.reached()), format!("{:?}", reached()));
    }

    #[test]
    fn bad_rows_may_be_left_out_from_now_on_but_not_taken_back() {
        let job = job(vec![]);
        let with = Checkpoint::new(&job, &reached(), 0.0);
        let without = Checkpoint::new(&job, &Reached::default(), 0.0);
        let found = |checkpoint: &Checkpoint, on_bad_row| checkpoint.differences(&job, on_bad_row).join("; ");
        assert_eq!(found(&without, OnBadRow::Skip) + &found(&without, OnBadRow::Stop), "");
        assert_eq!(found(&with, OnBadRow::Skip), "");
        insta::assert_snapshot!(found(&with, OnBadRow::Stop), @"--skip-bad-rows was given, and 1 left out");
    }

    #[test]
    fn a_damaged_checkpoint_is_refused_wherever_it_is_cut_or_changed() {
        let bytes = Checkpoint::new(&job(vec![stamp("a.csv")]), &reached(), 0.5).to_json();
        for length in 0..bytes.len() {
            assert!(Checkpoint::from_json(&bytes[..length]).is_err(), "{length}");
        }
        let text = String::from_utf8(bytes).unwrap();
        let error = |from: &str, to: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            Checkpoint::from_json(changed.as_bytes()).unwrap_err().to_string()
        };
        insta::assert_snapshot!(error("\"format\": 1", "\"format\": 2"), @r"
        the checkpoint has format 2; this version of stancewire reads format 1
          begin anew, without --resume
        ");
        insta::assert_snapshot!(error("\"blocks\": 2", "\"blocks\": -2"), @r"
        the checkpoint cannot be read: invalid value: integer `-2`, expected u64 at line 23 column 14
          begin anew, without --resume
        ");
        assert!(error("\"rows\"", "\"lines\"").contains("unknown field `lines`"));
    }
}
