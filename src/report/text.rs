//! An evaluation for the terminal.

use super::sections;
use crate::eval::Evaluation;

/// The most characters in a line of [`text`].
pub const TEXT_WIDTH: usize = 100;

/// The evaluation as aligned tables of at most [`TEXT_WIDTH`] characters a line, without colour.
///
/// Shows the metrics of each label with intervals as `0.74 [0.70, 0.78]`, the averages, single scores, the confusion
/// table (gold rows, predicted columns; in blocks of columns when there are many labels), and, where known, statuses,
/// coverage, reliability and breakdowns; warnings with their advice come last, where the eye is when output ends. Long
/// names are cut, control characters blanked. 0/0 is `n/a`.
#[must_use]
pub fn text(evaluation: &Evaluation) -> String {
    sections::page(evaluation).text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn everything_that_is_known_is_shown() {
        insta::assert_snapshot!(text(&sample::full()));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        insta::assert_snapshot!(text(&sample::bare()));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let wide = text(&sample::with_many_labels());
        assert!(wide.lines().all(|line| line.chars().count() <= TEXT_WIDTH), "{wide}");
    }
}
