//! Peers in Rust for `speed.py`: `copy IN OUT`, and `linfa TRAIN IN OUT ROWS`.

use std::error::Error;
use std::time::Instant;

use linfa::prelude::*;
use linfa_logistic::{MultiFittedLogisticRegression, MultiLogisticRegression};
use linfa_preprocessing::tf_idf_vectorization::{FittedTfIdfVectorizer, TfIdfVectorizer};
use ndarray::{Array1, Array2};

/// The dense training matrix has this many rows and some 2,000 columns; linfa's solver takes no sparse one.
const TRAINING_ROWS: usize = 2_000;

/// Terms of fewer documents are left out, as a share of them.
const MIN_DOCUMENTS: f32 = 3.0 / TRAINING_ROWS as f32;

/// Rows that are made dense and labelled together.
const BATCH: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["copy", input, output] => copy(input, output),
        ["linfa", train, input, output, rows] => linfa(train, input, output, rows.parse()?),
        _ => Err("expected: copy IN OUT | linfa TRAIN IN OUT ROWS".into()),
    }
}

/// Reads and writes every record.
fn copy(input: &str, output: &str) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(input)?;
    let mut writer = csv::Writer::from_path(output)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        writer.write_byte_record(&record)?;
    }
    Ok(writer.flush()?)
}

type Model = (FittedTfIdfVectorizer, MultiFittedLogisticRegression<f64, String>);

/// Labels the first `rows` rows. Prints the seconds of that alone, as training is not what is compared.
fn linfa(train: &str, input: &str, output: &str, rows: usize) -> Result<(), Box<dyn Error>> {
    let model = fit(train)?;
    let begin = Instant::now();
    let mut reader = csv::Reader::from_path(input)?;
    let mut writer = csv::Writer::from_path(output)?;
    let mut header = reader.headers()?.clone();
    let text = header.iter().position(|name| name == "text").ok_or("no column text")?;
    header.push_field("label");
    model.1.classes().iter().for_each(|class| header.push_field(&format!("p_{class}")));
    writer.write_record(&header)?;
    let mut batch = Vec::with_capacity(BATCH);
    for record in reader.records().take(rows) {
        batch.push(record?);
        if batch.len() == BATCH {
            label(&model, text, &mut batch, &mut writer)?;
        }
    }
    label(&model, text, &mut batch, &mut writer)?;
    writer.flush()?;
    println!("{{\"seconds\": {}, \"columns\": {}}}", begin.elapsed().as_secs_f64(), model.0.nentries());
    Ok(())
}

fn fit(train: &str) -> Result<Model, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(train)?;
    let header = reader.headers()?.clone();
    let place = |name| header.iter().position(|h| h == name).ok_or("no such column");
    let (text, label) = (place("text")?, place("label")?);
    let all: Vec<_> = reader.records().collect::<Result<_, _>>()?;
    // Every n-th row, so that all registers and labels are there.
    let rows: Vec<_> = all.iter().step_by(all.len().div_ceil(TRAINING_ROWS)).collect();
    let texts: Array1<String> = rows.iter().map(|row| row[text].to_owned()).collect();
    let labels: Array1<String> = rows.iter().map(|row| row[label].to_owned()).collect();
    let vectorizer =
        TfIdfVectorizer::default().n_gram_range(1, 2).document_frequency(MIN_DOCUMENTS, 1.0).fit(&texts)?;
    let records: Array2<f64> = vectorizer.transform(&texts)?.to_dense();
    let model = MultiLogisticRegression::default().fit(&Dataset::new(records, labels))?;
    Ok((vectorizer, model))
}

fn label(
    (vectorizer, model): &Model,
    text: usize,
    batch: &mut Vec<csv::StringRecord>,
    writer: &mut csv::Writer<std::fs::File>,
) -> Result<(), Box<dyn Error>> {
    if batch.is_empty() {
        return Ok(());
    }
    let texts: Array1<String> = batch.iter().map(|row| row[text].to_owned()).collect();
    let records: Array2<f64> = vectorizer.transform(&texts)?.to_dense();
    let probabilities = model.predict_probabilities(&records);
    for (mut record, row) in batch.drain(..).zip(probabilities.rows()) {
        let best = (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
        record.push_field(&model.classes()[best]);
        row.iter().for_each(|p| record.push_field(&format!("{p:.4}")));
        writer.write_record(&record)?;
    }
    Ok(())
}
