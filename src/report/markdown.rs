//! An evaluation in Markdown.

use super::sections;
use crate::eval::Evaluation;

/// The evaluation in Markdown: the tables of [`text`](super::text) as pipe tables under headings.
///
/// The title is a heading of level 2, so that the report can stand in a larger document. Names from the data are
/// escaped; nothing is cut.
#[must_use]
pub fn markdown(evaluation: &Evaluation) -> String {
    sections::page(evaluation).markdown()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn everything_that_is_known_is_shown() {
        insta::assert_snapshot!(markdown(&sample::full()));
    }
}
