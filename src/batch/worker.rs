//! From a block of documents to rows of output.

use super::columns::OutputColumns;
use super::render::{Renderer, Row};
use super::settings::Settings;
use super::summary::Summary;
use crate::corpus::{Block, Column, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelSet;
use crate::model::{Evidence, Prediction, Scorer, StanceModel, Status};
use crate::span::Span;
use crate::text::Segmenter;

/// What all workers of a run share.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub model: &'a StanceModel,
    pub segmenter: &'a Segmenter,
    pub settings: &'a Settings,
    pub columns: &'a OutputColumns,
    pub text: &'a Column,
}

/// One thread's scorer and buffers.
pub(super) struct Worker<'a> {
    plan: Plan<'a>,
    scorer: Scorer<'a>,
    renderer: Renderer<'a>,
    spans: Vec<Span>,
    summary: Summary,
}

/// So many bytes of output are passed on before a block is done: a long text that is kept beside each of its sentences
/// makes output that is far larger than the input.
const PIECE: usize = 2 * 1024 * 1024;

impl<'a> Worker<'a> {
    pub fn new(plan: Plan<'a>) -> Self {
        let labels: &LabelSet = plan.model.labels();
        Self {
            plan,
            scorer: plan.model.scorer(),
            renderer: Renderer::new(plan.columns, labels, plan.settings),
            spans: Vec::new(),
            summary: Summary::new(labels.len()),
        }
    }

    /// Labels the documents of `block`. Long output is handed to `pass_on` in pieces; the rest is returned. `pass_on`
    /// says false when nobody wants more.
    pub fn label(
        &mut self,
        block: &Block,
        mut pass_on: impl FnMut(Vec<u8>) -> bool,
    ) -> Result<(Vec<u8>, Summary)> {
        let mut records = block.records();
        while let Some(record) = records.next_record() {
            match record {
                Ok(record) => {
                    self.check_input(record)?;
                    // A row of many columns may be far longer in the output than in the input, where it may be `{}`.
                    let goes_on = self.document(record, &mut pass_on)?;
                    let is_long = self.renderer.len() >= PIECE;
                    if !goes_on || is_long && !pass_on(self.renderer.take()) {
                        break;
                    }
                }
                Err(error) => self.summary.skipped.meet(error, self.plan.settings.on_bad_row)?,
            }
        }
        let labels = self.plan.model.labels().len();
        Ok((self.renderer.take(), std::mem::replace(&mut self.summary, Summary::new(labels))))
    }

    /// Finds out whether the cells of the input fit into those of the output.
    fn check_input(&self, record: &Record) -> Result<()> {
        let mut columns = self.plan.columns.input.iter();
        columns.try_for_each(|(column, name)| self.check(record, name, record.get(*column)))
    }

    fn check(&self, record: &Record, column: &str, text: &str) -> Result<()> {
        match self.plan.settings.longest_cell {
            // A character has at least one byte for each of its UTF-16 units.
            Some(most) if text.len() > most => match text.encode_utf16().count() {
                length if length > most => Err(too_long(length, most).at(record.place().column(column))),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Says false when nobody wants more.
    fn document(&mut self, record: &Record, pass_on: &mut impl FnMut(Vec<u8>) -> bool) -> Result<bool> {
        let text = record.get(self.plan.text.index);
        self.summary.documents += 1;
        self.renderer.document(record);
        if !self.plan.settings.split {
            self.check(record, &self.plan.text.name, text)?;
            self.row(1, (0, text.chars().count()), text, text.trim().is_empty());
            return Ok(true);
        }
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        self.plan.segmenter.segment_into(text, &mut spans);
        let mut goes_on = true;
        let (mut byte, mut character) = (0, 0);
        for (number, span) in spans.iter().enumerate() {
            let start = character + text[byte..span.start()].chars().count();
            let sentence = span.of(text);
            self.check(record, &self.plan.text.name, sentence)?;
            let end = start + sentence.chars().count();
            (byte, character) = (span.end(), end);
            self.row(number as u64 + 1, (start, end), sentence, false);
            if self.renderer.len() >= PIECE {
                goes_on = pass_on(self.renderer.take());
                if !goes_on {
                    break;
                }
            }
        }
        if spans.is_empty() {
            self.row(0, (0, 0), "", true);
        }
        self.spans = spans;
        Ok(goes_on)
    }

    /// One row; `is_blank` when there is nothing to label.
    fn row(&mut self, sentence_no: u64, (start, end): (usize, usize), sentence: &str, is_blank: bool) {
        let most = self.plan.settings.evidence;
        let evidence: Vec<Evidence> =
            if most > 0 && !is_blank { self.scorer.evidence(sentence, most) } else { Vec::new() };
        let prediction = (!is_blank).then(|| self.scorer.predict(sentence));
        count(&mut self.summary, prediction.as_ref());
        let (start, end) = (start as u64, end as u64);
        self.renderer.row(&Row { sentence_no, start, end, sentence, prediction, evidence: &evidence });
    }
}

fn too_long(length: usize, most: usize) -> Error {
    let what = format!("the text has {length} characters; a cell of a spreadsheet holds {most}");
    Error::new(ErrorKind::Table, what)
        .advise("write .csv, .jsonl or .parquet, or leave long texts out: without --keep-text and --no-split")
}

fn count(summary: &mut Summary, prediction: Option<&Prediction<'_>>) {
    summary.rows += 1;
    if let Some(prediction) = prediction {
        summary.by_label[prediction.label.index()] += 1;
    }
    match prediction.map(|prediction| prediction.status) {
        Some(Status::Ok) => {}
        Some(Status::Review) => summary.review += 1,
        Some(Status::Empty) | None => summary.empty += 1,
    }
}
