//! What was understood of the input, before anything is labelled.

use std::fmt::{self, Write as _};

use crate::corpus::{Column, InputSummary, Source};
use crate::error::Result;
use crate::text::Segmenter;

/// What was understood of the input, as plain data. Prints as a text for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The inputs in order.
    pub inputs: Vec<InputSummary>,
    /// The columns of the input in order.
    pub columns: Vec<String>,
    /// The one with the text.
    pub text: Column,
    /// The first rows, or what is wrong with them.
    pub rows: Vec<std::result::Result<Vec<String>, String>>,
    /// How the first text is split: the characters before a sentence and up to its end, and the sentence.
    pub sentences: Vec<(usize, usize, String)>,
}

/// How much is shown.
const INPUTS: usize = 10;
const ROWS: usize = 3;
const SENTENCES: usize = 10;
const CHARACTERS: usize = 100;

impl Preview {
    /// Reads the beginning of `source`, whose text stands in the column `text`.
    ///
    /// # Errors
    /// When an input cannot be read. A bad row is no error here but shown.
    pub fn read(mut source: Source, text: &Column, segmenter: &Segmenter) -> Result<Self> {
        let inputs = source.inputs();
        let columns = source.header().names().to_vec();
        let (mut rows, mut sentences) = (Vec::new(), Vec::new());
        while rows.len() < ROWS {
            let Some(block) = source.next_block()? else { break };
            let mut records = block.records();
            while rows.len() < ROWS {
                let Some(record) = records.next_record() else { break };
                match record {
                    Ok(record) => {
                        if sentences.is_empty() {
                            sentences = split(record.get(text.index), *segmenter);
                        }
                        rows.push(Ok(record.iter().map(String::from).collect()));
                    }
                    Err(error) => rows.push(Err(error.to_string())),
                }
            }
        }
        Ok(Self { inputs, columns, text: text.clone(), rows, sentences })
    }
}

fn split(text: &str, segmenter: Segmenter) -> Vec<(usize, usize, String)> {
    let sentence = |span: crate::span::Span| {
        let start = text[..span.start()].chars().count();
        let sentence = span.of(text);
        (start, start + sentence.chars().count(), sentence.to_owned())
    };
    segmenter.segment(text).into_iter().map(sentence).collect()
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "inputs: {}", self.inputs.len())?;
        for input in self.inputs.iter().take(INPUTS) {
            writeln!(f, "  {input}")?;
        }
        more(f, self.inputs.len(), INPUTS)?;
        writeln!(f, "\ncolumns:")?;
        for (index, name) in self.columns.iter().enumerate() {
            let role = if index == self.text.index { "text, which is labelled" } else { "kept" };
            let guessed = if index == self.text.index && self.text.guessed { " (guessed)" } else { "" };
            writeln!(f, "  {name}: {role}{guessed}")?;
        }
        writeln!(f, "\nfirst rows:")?;
        for (number, row) in (1..).zip(&self.rows) {
            match row {
                Ok(cells) => {
                    for (name, cell) in self.columns.iter().zip(cells) {
                        writeln!(f, "  {number}  {name}: {}", shortened(cell))?;
                    }
                }
                Err(error) => writeln!(f, "  {number}  cannot be used: {}", error.replace('\n', "\n     "))?,
            }
        }
        if self.rows.is_empty() {
            writeln!(f, "  none")?;
        }
        writeln!(f, "\nsentences of the first text: {}", self.sentences.len())?;
        for (number, (start, end, sentence)) in (1..).zip(self.sentences.iter().take(SENTENCES)) {
            writeln!(f, "  {number}  {start}-{end}: {}", shortened(sentence))?;
        }
        more(f, self.sentences.len(), SENTENCES)
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize, shown: usize) -> fmt::Result {
    if count > shown { writeln!(f, "  … and {} more", count - shown) } else { Ok(()) }
}

/// The beginning of `text` on one line.
fn shortened(text: &str) -> String {
    let mut line = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == CHARACTERS => {
                let _ = write!(line, "… ({} characters)", text.chars().count());
                break;
            }
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            other => line.push(other),
        }
    }
    line
}
