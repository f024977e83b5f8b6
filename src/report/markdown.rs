//! An evaluation in Markdown.

use super::sections::{preamble, sections, title};
use super::table::escaped;
use crate::eval::{Evaluation, Warning};

/// The evaluation in Markdown: the tables of [`text`](super::text) as pipe tables under headings.
///
/// The title is a heading of level 2, so that the report can stand in a larger document. Names from the data are
/// escaped; nothing is cut.
#[must_use]
pub fn markdown(evaluation: &Evaluation) -> String {
    let mut parts = vec![format!("## {}\n\n{}\n", escaped(&title(evaluation)), preamble(evaluation))];
    for section in sections(evaluation) {
        parts.push(format!("\n### {}\n\n{}", escaped(&section.title), section.table.piped()));
        parts.extend(section.note.map(|note| format!("\n{note}\n")));
    }
    if !evaluation.warnings.is_empty() {
        parts.push("\n### Warnings\n\n".to_owned());
    }
    let item = |warning: &Warning| format!("- {}\n", escaped(&warning.to_string()));
    parts.extend(evaluation.warnings.iter().map(item));
    parts.concat()
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
