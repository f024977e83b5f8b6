//! An evaluation for the terminal.

use super::sections::{preamble, sections, title};
use super::table::{cut, wrapped};
use crate::eval::{Evaluation, Warning};

/// The most characters in a line of [`text`].
pub const TEXT_WIDTH: usize = 100;

/// The most characters in a cell: with a name this long the table of labels is just as wide as it may be.
const CELL: usize = 22;

/// The evaluation as aligned tables of at most [`TEXT_WIDTH`] characters a line, without colour.
///
/// Shows the metrics of each label with intervals as `0.74 [0.70, 0.78]`, the averages, single scores, the confusion
/// table (gold rows, predicted columns; in blocks of columns when there are many labels), and, where known, statuses,
/// coverage, reliability and breakdowns; warnings with their advice come last, where the eye is when output ends. Long
/// names are cut, control characters blanked. 0/0 is `n/a`.
#[must_use]
pub fn text(evaluation: &Evaluation) -> String {
    let heading = wrapped(&cut(&title(evaluation), usize::MAX), TEXT_WIDTH, 2);
    let mut parts = vec![heading, wrapped(&preamble(evaluation), TEXT_WIDTH, 0)];
    for section in sections(evaluation) {
        let table = section.table.aligned(TEXT_WIDTH, CELL);
        parts.push(format!("\n{}\n{table}", cut(&section.title, TEXT_WIDTH)));
        parts.extend(section.note.map(|note| wrapped(&note, TEXT_WIDTH, 0)));
    }
    if !evaluation.warnings.is_empty() {
        parts.push("\nWarnings\n".to_owned());
    }
    let item = |warning: &Warning| wrapped(&cut(&format!("- {warning}"), usize::MAX), TEXT_WIDTH, 2);
    parts.extend(evaluation.warnings.iter().map(item));
    parts.concat()
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
