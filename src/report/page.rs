//! A report of sections, whatever it is about, for the terminal or in Markdown.

use super::TEXT_WIDTH;
use super::sections::Section;
use super::table::{cut, escaped, wrapped};
use crate::eval::Warning;

/// The most characters in a cell of a terminal table: with a name this long the table of labels of an evaluation is just as
/// wide as it may be.
const CELL: usize = 22;

/// What a report says, in the order in which it is read.
pub(super) struct Page<'a> {
    pub title: String,
    pub preamble: String,
    pub sections: Vec<Section>,
    pub warnings: &'a [Warning],
}

impl Page<'_> {
    /// Aligned tables of at most [`TEXT_WIDTH`] characters a line.
    pub fn text(&self) -> String {
        let mut parts = vec![
            wrapped(&cut(&self.title, usize::MAX), TEXT_WIDTH, 2),
            wrapped(&cut(&self.preamble, usize::MAX), TEXT_WIDTH, 0),
        ];
        for section in &self.sections {
            let table = section.table.aligned(TEXT_WIDTH, CELL);
            parts.push(format!("\n{}\n{table}", cut(&section.title, TEXT_WIDTH)));
            parts.extend(section.note.as_ref().map(|note| wrapped(&cut(note, usize::MAX), TEXT_WIDTH, 0)));
        }
        if !self.warnings.is_empty() {
            parts.push("\nWarnings\n".to_owned());
        }
        let item = |warning: &Warning| wrapped(&cut(&format!("- {warning}"), usize::MAX), TEXT_WIDTH, 2);
        parts.extend(self.warnings.iter().map(item));
        parts.concat()
    }

    /// Pipe tables under headings, the title of level 2.
    pub fn markdown(&self) -> String {
        let mut parts = vec![format!("## {}\n\n{}\n", escaped(&self.title), escaped(&self.preamble))];
        for section in &self.sections {
            parts.push(format!("\n### {}\n\n{}", escaped(&section.title), section.table.piped()));
            parts.extend(section.note.as_ref().map(|note| format!("\n{}\n", escaped(note))));
        }
        if !self.warnings.is_empty() {
            parts.push("\n### Warnings\n\n".to_owned());
        }
        parts.extend(self.warnings.iter().map(|warning| format!("- {}\n", escaped(&warning.to_string()))));
        parts.concat()
    }
}
