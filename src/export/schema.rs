//! The columns of labelled rows and what they hold.

use crate::batch::{OutputColumns, Settings};
use crate::corpus::{Column, Header};
use crate::labels::LabelSet;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputKind {
    /// A column of the input: text, and numbers where the input says that they are numbers.
    Input,
    /// A whole number: of a sentence, or a position.
    Integer,
    /// Text: the sentence, the evidence.
    Text,
    /// One of few words: the label.
    Label,
    /// One of few words: the status.
    Status,
    /// From 0 to 1, with four decimals.
    Probability,
}

/// A column of labelled rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: OutputKind,
}

/// The columns that labelling with `settings` writes for an input with `header`, in order.
#[must_use]
pub fn output_columns(
    header: &Header,
    text: &Column,
    labels: &LabelSet,
    settings: &Settings,
) -> Vec<OutputColumn> {
    let columns = OutputColumns::new(header, text, labels, settings, &mut Vec::new());
    let input = columns.input.len();
    let kind = |index: usize, name: &str| match name {
        _ if index < input => OutputKind::Input,
        "sentence_no" | "start" | "end" => OutputKind::Integer,
        "label" => OutputKind::Label,
        "status" => OutputKind::Status,
        "sentence" | "evidence" => OutputKind::Text,
        _ => OutputKind::Probability,
    };
    let column =
        |(index, name): (usize, &str)| OutputColumn { name: name.to_owned(), kind: kind(index, name) };
    columns.names().enumerate().map(column).collect()
}
