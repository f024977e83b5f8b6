//! Tables of cells, laid out for a terminal or for Markdown.

/// A heading row and rows of as many cells. The first column names the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The gap between two columns of a terminal table.
const GAP: usize = 2;

impl Table {
    pub fn new<const N: usize>(heads: [&str; N]) -> Self {
        Self { heads: heads.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.heads.len(), "cells of a row");
        self.rows.push(cells.into());
    }

    /// The table in aligned columns, the first one to the left and the others to the right, at most `width` characters
    /// wide: what does not fit follows below, each block with the first column again. Cells are cut to `cell` characters.
    pub fn aligned(&self, width: usize, cell: usize) -> String {
        let lines: Vec<Vec<String>> = std::iter::once(&self.heads)
            .chain(&self.rows)
            .map(|row| row.iter().map(|text| cut(text, cell)).collect())
            .collect();
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
            .collect();
        let blocks = blocks(&widths, width);
        let block =
            |columns: &std::ops::Range<usize>| lines.iter().map(|l| line(l, &widths, columns)).collect();
        blocks.iter().map(block).collect::<Vec<String>>().join("\n")
    }

    /// The table in Markdown; headings and first cells are escaped.
    pub fn piped(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        // Names come from the data; the other cells are numbers written here.
        let row = |row: &Vec<String>| {
            line(std::iter::once(escaped(&row[0])).chain(row[1..].iter().cloned()).collect())
        };
        let heads = line(self.heads.iter().map(|head| escaped(head)).collect());
        let rule = format!("|---|{}\n", "---:|".repeat(self.heads.len() - 1));
        heads + &rule + &self.rows.iter().map(row).collect::<String>()
    }
}

/// The columns beside the first, divided into runs that fit `width` together with the first.
fn blocks(widths: &[usize], width: usize) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let (mut start, mut used) = (1, widths[0]);
    for (column, cells) in widths.iter().enumerate().skip(1) {
        if column > start && used + GAP + cells > width {
            blocks.push(start..column);
            (start, used) = (column, widths[0]);
        }
        used += GAP + cells;
    }
    blocks.push(start..widths.len());
    blocks
}

fn line(cells: &[String], widths: &[usize], columns: &std::ops::Range<usize>) -> String {
    let mut text = format!("{:<1$}", cells[0], widths[0]);
    for column in columns.clone() {
        text.extend([
            " ".repeat(GAP + widths[column] - cells[column].chars().count()),
            cells[column].clone(),
        ]);
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// `text` on one line without control characters, its end replaced by `…` if it is longer than `max` characters.
pub(super) fn cut(text: &str, max: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.chars().count() <= max {
        return plain;
    }
    plain.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// `text` as the content of a Markdown cell.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// `text` broken at spaces into lines of at most `width` characters; later lines start with `indent` spaces. A longer
/// word stands on a line of its own.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["name", "one", "two", "three"]);
        table.row(["a|b".into(), "1".into(), "22".into(), String::new()]);
        table.row(["a long name".into(), "1".into(), "2".into(), "3".into()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_long_cells_cut() {
        assert_eq!(
            sample().aligned(100, 8),
            "name      one  two  three\n\
             a|b         1   22\n\
             a long …    1    2      3\n"
        );
    }

    #[test]
    fn what_does_not_fit_follows_below_with_the_names_again() {
        assert_eq!(
            sample().aligned(21, 20),
            "name         one  two\n\
             a|b            1   22\n\
             a long name    1    2\n\
             \n\
             name         three\n\
             a|b\n\
             a long name      3\n"
        );
    }

    #[test]
    fn markdown_cells_cannot_break_the_table() {
        assert_eq!(
            sample().piped(),
            "| name | one | two | three |\n|---|---:|---:|---:|\n| a\\|b | 1 | 22 |  |\n| a long name | 1 | 2 | 3 |\n"
        );
        assert_eq!(escaped("a\nb <i>"), "a b &lt;i>");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(cut("\u{1b}[31mred\n", 20), " [31mred ");
    }

    #[test]
    fn text_is_broken_at_spaces() {
        assert_eq!(wrapped("aa bb cc dd", 5, 2), "aa bb\n  cc\n  dd\n");
        assert_eq!(wrapped("abcdefgh i", 4, 0), "abcdefgh\ni\n");
    }
}
