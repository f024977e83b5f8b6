//! Words on standard error.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use stancewire::batch::Progress;
use stancewire::corpus::{Notice, SkippedRows, visible};
use stancewire::error::Error;

/// Speaks on standard error, in colour on a terminal (unless `NO_COLOR` is set), and holds its tongue when told to.
#[derive(Debug)]
pub struct Voice {
    quiet: bool,
    colour: bool,
}

const RED: &str = "1;31";
const YELLOW: &str = "33";

/// How many rows that were left out are listed.
const SKIPPED_SHOWN: usize = 10;

impl Voice {
    pub fn new(quiet: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { quiet, colour: stderr().is_terminal() && !plain && !dumb }
    }

    /// One line, or several.
    pub fn say(&self, line: impl Display) {
        if !self.quiet {
            write("", &line);
        }
    }

    /// `warning: …`
    pub fn warn(&self, line: impl Display) {
        if !self.quiet {
            write(&self.painted("warning: ", YELLOW), &line);
        }
    }

    /// `error: …`, quiet or not.
    pub fn error(&self, error: &Error) {
        write(&self.painted("error: ", RED), error);
    }

    /// What was decided on the way.
    pub fn notices(&self, notices: &[Notice]) {
        for notice in notices {
            self.say(format_args!("note: {notice}"));
        }
    }

    /// The rows that were left out, the first of them one by one.
    pub fn skipped(&self, rows: &SkippedRows) {
        if rows.count() == 0 {
            return;
        }
        let noun = if rows.count() == 1 { "row" } else { "rows" };
        self.warn(format_args!("{} bad {noun} left out", rows.count()));
        for error in rows.first().iter().take(SKIPPED_SHOWN) {
            self.say(format_args!("  {}: {}", error.place(), error.what()));
        }
        if rows.count() > SKIPPED_SHOWN as u64 {
            self.say(format_args!("  … and {} more", rows.count() - SKIPPED_SHOWN as u64));
        }
    }

    /// A progress bar over `bytes` of input; invisible unless standard error is a terminal.
    pub fn bar(&self, bytes: Option<u64>) -> Bar {
        if self.quiet {
            return Bar(ProgressBar::hidden());
        }
        let (bar, template) = match bytes {
            Some(bytes) => (
                ProgressBar::new(bytes),
                "{bar:30} {percent:>3} %  {decimal_bytes_per_sec}, {eta} left  {msg}",
            ),
            None => (ProgressBar::no_length(), "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {msg}"),
        };
        // The templates are fixed and valid; the default look would do as well.
        Bar(bar.with_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        ))
    }

    fn painted(&self, word: &str, colour: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

/// Words may quote file names and cells, so their control characters are shown escaped: on a terminal, and in a file too, which
/// somebody will look at on a terminal. Whether standard error can be written to is nobody's concern but its reader's.
fn write(painted: &str, words: &dyn Display) {
    let _ = writeln!(stderr().lock(), "{painted}{}", visible(&words.to_string()));
}

/// A progress bar that is gone when it is dropped.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn show(&self, progress: &Progress) {
        self.0.set_message(format!("{} rows", progress.rows));
        self.0.set_position(progress.bytes_read);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// `1 row`, `2 rows`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
