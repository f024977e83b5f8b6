//! The parts of training on their own, without cross-validation, for comparison with other programs.
//!
//! ```text
//! cargo bench --bench training -- fit data/stance.csv [MATRIX]   the fit of the shipped model, once more
//! cargo bench --bench training -- train25k TRAIN.csv             words and pairs of words, no cues, features included
//! ```
//!
//! Each prints one JSON object. `fit` can write the matrix and the labels for another program, little-endian: the
//! numbers of rows, columns and entries (u64), row pointers (u64), columns (u32), values (f64), labels (u8). A run without
//! arguments, as `cargo bench` makes it, does nothing. `RAYON_NUM_THREADS` sets the number of threads.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a bench may stop where it stands, and prints

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::time::Instant;

use serde_json::json;
use stancewire::classifier::{ClassWeights, FitReport, Problem, SolverParams, fit_sparse};
use stancewire::features::{CountedDocs, CsrMatrix, TfidfParams};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::StanceModel;
use stancewire::text::{Analysis, Analyzer, AnalyzerParams};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fit", table] => fit(table, None),
        ["fit", table, matrix] => fit(table, Some(matrix)),
        ["train25k", table] => train(table),
        _ => println!("nothing to do: give `fit CSV [MATRIX]` or `train25k CSV`"),
    }
}

/// Texts and labels of a table.
fn read(path: &str) -> (Vec<String>, Vec<String>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let place = |name| header.iter().position(|h| h == name).unwrap();
    let (text, label) = (place("text"), place("label"));
    reader.records().map(|row| row.unwrap()).map(|row| (row[text].to_owned(), row[label].to_owned())).unzip()
}

fn ids(labels: &LabelSet, names: &[String]) -> Vec<LabelId> {
    names.iter().map(|name| labels.id(name).unwrap()).collect()
}

/// How far above its minimum the objective may end, as a share of it.
const EXACTNESS: f64 = 1e-6;

/// Fits `x` and prints how it went; `begin` is when the work began that came before.
///
/// Where the minimum is, a fit without a clock has told before. The timed fit has as many iterations as it needs to come
/// within [`EXACTNESS`] of it, which is what the peer's fit has, too.
fn fit_and_tell(x: &CsrMatrix, y: &[LabelId], n_classes: usize, alpha: f64, begin: Instant) {
    let class_weight = ClassWeights::Uniform;
    let problem = Problem { x, y, n_classes, sample_weight: None, class_weight, alpha };
    let seconds_features = begin.elapsed().as_secs_f64();
    let minimum = fit_sparse(&problem, &SolverParams::default(), None).unwrap().report.objective;
    let timed = |max_iterations| {
        let params = SolverParams { max_iterations, ..SolverParams::default() };
        let fitting = Instant::now();
        let report = fit_sparse(&problem, &params, None).unwrap().report;
        (report, fitting.elapsed().as_secs_f64())
    };
    let is_near = |(report, _): &(FitReport, f64)| report.objective <= minimum * (1.0 + EXACTNESS);
    let (report, seconds_fit) = (1..=1000).map(timed).find(is_near).unwrap();
    let told = json!({
        "rows": x.n_rows(), "features": x.n_cols(), "entries": x.nnz(), "alpha": alpha,
        "seconds_features": seconds_features, "seconds_fit": seconds_fit,
        "objective": report.objective, "minimum": minimum, "gradient_norm": report.gradient_norm,
        "iterations": report.iterations, "converged": report.converged,
    });
    println!("{told}");
}

/// The matrix that the shipped model was fitted on, and its fit.
fn fit(table: &str, matrix: Option<&str>) {
    let (texts, names) = read(table);
    let model = StanceModel::embedded().unwrap();
    let y = ids(model.labels(), &names);
    let begin = Instant::now();
    let (words, cues) = model.n_features();
    let (mut x, mut scorer) = (CsrMatrix::new(words + cues), model.scorer());
    for text in &texts {
        x.push_row(scorer.featurize(text).view());
    }
    if let Some(path) = matrix {
        write(path, &x, &y).unwrap();
    }
    fit_and_tell(&x, &y, model.labels().len(), model.card().training.alpha, begin);
}

fn write(path: &str, x: &CsrMatrix, y: &[LabelId]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut number = |n: usize| file.write_all(&(n as u64).to_le_bytes());
    [x.n_rows(), x.n_cols(), x.nnz(), 0].into_iter().try_for_each(&mut number)?;
    let mut end = 0;
    for row in x.rows() {
        end += row.indices().len();
        number(end)?;
    }
    for row in x.rows() {
        row.indices().iter().try_for_each(|i| file.write_all(&i.to_le_bytes()))?;
    }
    for row in x.rows() {
        row.iter().try_for_each(|(_, value)| file.write_all(&value.to_le_bytes()))?;
    }
    let labels: Vec<u8> = y.iter().map(|label| u8::try_from(label.index()).unwrap()).collect();
    file.write_all(&labels)?;
    file.flush()
}

/// Everything from texts to weights, with words and pairs of words that occur at all.
fn train(table: &str) {
    let begin = Instant::now();
    let (texts, names) = read(table);
    let mut known = names.clone();
    known.sort();
    known.dedup();
    let labels = LabelSet::new(known).unwrap();
    let y = ids(&labels, &names);
    let analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let (mut analysis, mut docs) = (Analysis::default(), CountedDocs::new());
    for text in &texts {
        analyzer.analyze_into(text, &mut analysis);
        analyzer.for_each_ngram(&analysis, |ngram| docs.add(ngram));
        docs.end_doc();
    }
    let params = TfidfParams { min_df: 1, sublinear_tf: true, ..TfidfParams::default() };
    let x = params.fit(&docs).unwrap().transform_docs(&docs);
    fit_and_tell(&x, &y, labels.len(), 1.0, begin);
}
