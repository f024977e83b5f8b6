//! Predictions of labelled rows, and the file that holds them.

use rayon::prelude::*;
use stancewire::batch::probability_columns;
use stancewire::corpus::{LabelledExample, Output};
use stancewire::error::{Error, Result};
use stancewire::eval::{Outcome, Probabilities, RowStatus};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{StanceModel, Status};

/// What was predicted for each row.
pub struct Predictions {
    pub outcomes: Vec<Outcome>,
    pub probabilities: Probabilities,
    pub status: Vec<RowStatus>,
}

/// How many rows a thread takes at a time.
const CHUNK: usize = 256;

impl Predictions {
    /// The predictions of `model` for `texts`, each taken as one sentence.
    pub fn of_model(model: &StanceModel, texts: &[&str], gold: &[LabelId]) -> Result<Self> {
        let rows: Vec<(LabelId, Vec<f64>, RowStatus)> = texts
            .par_chunks(CHUNK)
            .map_init(
                || model.scorer(),
                |scorer, chunk| {
                    let predict = |text: &&str| {
                        let found = scorer.predict(text);
                        (found.label, found.probabilities.to_vec(), row_status(found.status))
                    };
                    chunk.iter().map(predict).collect::<Vec<_>>()
                },
            )
            .flatten_iter()
            .collect();
        let outcome = |(&gold, row): (&LabelId, &(LabelId, _, _))| Outcome { gold, predicted: row.0 };
        let outcomes = gold.iter().zip(&rows).map(outcome).collect();
        let status = rows.iter().map(|row| row.2).collect();
        let values = rows.into_iter().flat_map(|row| row.1).collect();
        Ok(Self { outcomes, probabilities: Probabilities::new(model.labels().len(), values)?, status })
    }

    /// Writes one row per example: id, text, gold, predicted, confidence, `p_…`, status.
    pub fn write(&self, path: &str, examples: &[&LabelledExample], labels: &LabelSet) -> Result<()> {
        let output = Output::create(path)?;
        let failed = |error: csv::Error| Error::io("cannot write the predictions", error.into());
        let mut table = csv::Writer::from_writer(output);
        table.write_record(header(labels)).map_err(failed)?;
        for (row, example) in examples.iter().enumerate() {
            table.write_record(self.record(row, example, labels)).map_err(failed)?;
        }
        let output = table.into_inner().map_err(|error| {
            Error::io("cannot write the predictions", std::io::Error::other(error.to_string()))
        })?;
        output.finish()
    }

    fn record(&self, row: usize, example: &LabelledExample, labels: &LabelSet) -> Vec<String> {
        let Outcome { gold, predicted } = self.outcomes[row];
        let probabilities = self.probabilities.row(row);
        let mut cells = vec![
            example.id.clone(),
            example.text.clone(),
            labels.name(gold).to_owned(),
            labels.name(predicted).to_owned(),
            probabilities[predicted.index()].to_string(),
        ];
        cells.extend(probabilities.iter().map(f64::to_string));
        cells.push(word(self.status[row]).to_owned());
        cells
    }
}

fn header(labels: &LabelSet) -> Vec<String> {
    let mut names: Vec<String> = ["id", "text", "gold", "predicted", "confidence"].map(String::from).into();
    names.extend(probability_columns(labels));
    names.push("status".to_owned());
    names
}

fn row_status(status: Status) -> RowStatus {
    match status {
        Status::Ok => RowStatus::Ok,
        Status::Review => RowStatus::Review,
        Status::Empty => RowStatus::Empty,
    }
}

fn word(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Ok => "ok",
        RowStatus::Review => "review",
        RowStatus::Empty => "empty",
    }
}
