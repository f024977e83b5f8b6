//! How fast each station of the pipeline is, on the labelled sentences of `data/stance.csv` and the shipped model.
//!
//! Speeds are in bytes of text, for `label` in bytes of CSV. One thread works, but for `fit`, which takes all. Every bench
//! asserts what it computed against another way to the same answer.

#![allow(missing_docs, clippy::unwrap_used)] // what criterion's macros define; a bench may stop where it stands

use std::hint::black_box;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use stancewire::batch::{Batch, Settings};
use stancewire::classifier::{Problem, SolverParams, fit_sparse};
use stancewire::corpus::{InputSpec, Source};
use stancewire::features::CsrMatrix;
use stancewire::labels::LabelId;
use stancewire::model::StanceModel;
use stancewire::text::{Analysis, Analyzer, Language, Places, Segmenter, Token, tokens};

/// The labelled rows: document, text, label.
fn rows() -> Vec<[String; 3]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/stance.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let places = ["doc_id", "text", "label"].map(|name| header.iter().position(|h| h == name).unwrap());
    reader.records().map(|row| row.unwrap()).map(|row| places.map(|place| row[place].to_owned())).collect()
}

fn texts(rows: &[[String; 3]]) -> Vec<&str> {
    rows.iter().map(|row| row[1].as_str()).collect()
}

fn bytes(texts: &[impl AsRef<str>]) -> u64 {
    texts.iter().map(|text| text.as_ref().len() as u64).sum()
}

fn group<'c>(c: &'c mut Criterion, name: &str, bytes: u64) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    group
}

/// Documents as one text each, a line for every third sentence.
fn documents(rows: &[[String; 3]]) -> Vec<String> {
    let joined = |document: &[[String; 3]]| {
        let lines: Vec<String> = document.chunks(3).map(|three| texts(three).join(" ")).collect();
        lines.join("\n\n")
    };
    rows.chunk_by(|a, b| a[0] == b[0]).map(joined).collect()
}

fn segment(c: &mut Criterion) {
    let documents = documents(&rows());
    let segmenter = Segmenter::new(Language::English);
    // No sentence reaches across an empty line, so paragraphs alone give the same sentences.
    let paragraphs = documents.iter().flat_map(|document| document.split("\n\n"));
    let expected: usize = paragraphs.map(|paragraph| segmenter.segment(paragraph).len()).sum();
    group(c, "segment", bytes(&documents)).bench_function("documents of data/stance.csv", |b| {
        b.iter(|| {
            let found: usize = documents.iter().map(|text| segmenter.segment(black_box(text)).len()).sum();
            assert_eq!(found, expected);
        });
    });
}

/// The number of terms in `text`, token by token instead of by analysis.
fn terms_in(analyzer: &Analyzer, text: &str) -> usize {
    let mut places = Places::of(text);
    let is_term =
        |token: Token<'_>| analyzer.forms(token.raw, token.kind, places.next(&token)).term.is_some();
    tokens(text).map(is_term).filter(|term| *term).count()
}

fn analyse(c: &mut Criterion) {
    let rows = rows();
    let texts = texts(&rows);
    let model = StanceModel::embedded().unwrap();
    let analyzer = Analyzer::new(model.feature_params().analyzer.clone()).unwrap();
    let expected: usize = texts.iter().map(|text| terms_in(&analyzer, text)).sum();
    let mut analysis = Analysis::default();
    group(c, "analyse", bytes(&texts)).bench_function("sentences of data/stance.csv", |b| {
        b.iter(|| {
            let mut found = 0;
            for text in &texts {
                analyzer.analyze_into(black_box(text), &mut analysis);
                found += analysis.tokens().filter(|token| token.term.is_some()).count();
            }
            assert_eq!(found, expected);
        });
    });
}

fn transform(c: &mut Criterion) {
    let rows = rows();
    let texts = texts(&rows);
    let model = StanceModel::embedded().unwrap();
    let entries: usize = texts.iter().map(|text| model.features_of(text).nnz()).sum();
    let values: f64 = texts.iter().flat_map(|text| model.features_of(text).values().to_vec()).sum();
    let mut scorer = model.scorer();
    group(c, "transform", bytes(&texts)).bench_function("sentences of data/stance.csv", |b| {
        b.iter(|| {
            let (mut n, mut sum) = (0, 0.0);
            for text in &texts {
                let row = scorer.featurize(black_box(text));
                n += row.nnz();
                sum += row.values().iter().sum::<f64>();
            }
            assert_eq!(n, entries);
            assert!((sum - values).abs() < 1e-9 * values, "{sum} {values}");
        });
    });
}

/// The label of `text` by the plain path: strings, sparse row, weights, calibration.
fn plain_label(model: &StanceModel, text: &str) -> usize {
    let mut scores = vec![0.0; model.labels().len()];
    model.coefficients().decision_into(model.features_of(text).view(), &mut scores);
    model.calibration().apply(&mut scores);
    (1..scores.len()).fold(0, |best, k| if scores[k] > scores[best] { k } else { best })
}

/// How many of `texts` have each label, by the plain path.
fn plain_counts(model: &StanceModel, texts: &[&str]) -> Vec<usize> {
    let mut counts = vec![0; model.labels().len()];
    for text in texts {
        counts[plain_label(model, text)] += 1;
    }
    counts
}

fn score(c: &mut Criterion) {
    let rows = rows();
    let texts = texts(&rows);
    let model = StanceModel::embedded().unwrap();
    let expected = plain_counts(&model, &texts);
    let mut scorer = model.scorer();
    group(c, "score", bytes(&texts)).bench_function("sentences of data/stance.csv", |b| {
        b.iter(|| {
            let mut counts = vec![0; expected.len()];
            for text in &texts {
                counts[scorer.predict(black_box(text)).label.index()] += 1;
            }
            assert_eq!(counts, expected);
        });
    });
}

/// The shipped model was fitted on these rows, so its own objective is the other way to the answer.
fn fit(c: &mut Criterion) {
    let rows = rows();
    let texts = texts(&rows);
    let model = StanceModel::embedded().unwrap();
    let (words, cues) = model.n_features();
    let mut x = CsrMatrix::new(words + cues);
    for text in &texts {
        x.push_row(model.features_of(text).view());
    }
    let y: Vec<LabelId> = rows.iter().map(|row| model.labels().id(&row[2]).unwrap()).collect();
    let training = &model.card().training;
    let problem = Problem {
        x: &x,
        y: &y,
        n_classes: model.labels().len(),
        sample_weight: None,
        class_weight: training.class_weights.clone(),
        alpha: training.alpha,
    };
    let expected = model.card().fit.objective;
    group(c, "fit", bytes(&texts)).bench_function("features of data/stance.csv", |b| {
        b.iter(|| {
            let report = fit_sparse(&problem, &SolverParams::default(), None).unwrap().report;
            let off = (report.objective - expected).abs();
            assert!(report.converged && off < 1e-6 * expected, "{report:?}, expected {expected}");
        });
    });
}

/// A table with one sentence per row.
fn table(texts: &[&str]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "text"]).unwrap();
    for (id, text) in texts.iter().enumerate() {
        writer.write_record([id.to_string().as_str(), text]).unwrap();
    }
    writer.into_inner().unwrap()
}

/// How many rows of an output have each label.
fn written_counts(model: &StanceModel, output: &[u8]) -> Vec<usize> {
    let mut reader = csv::Reader::from_reader(output);
    let place = reader.headers().unwrap().iter().position(|name| name == "label").unwrap();
    let mut counts = vec![0; model.labels().len()];
    for row in reader.records() {
        counts[model.labels().id(&row.unwrap()[place]).unwrap().index()] += 1;
    }
    counts
}

fn label(c: &mut Criterion) {
    let rows = rows();
    let texts = texts(&rows);
    let model = StanceModel::embedded().unwrap();
    let segmenter = Segmenter::new(Language::English);
    let settings = Settings { split: false, threads: NonZeroUsize::new(1), ..Settings::default() };
    let batch = Batch::new(&model, &segmenter, settings);
    let table = table(&texts);
    let run = |output: &mut Vec<u8>| {
        let input = Cursor::new(table.clone());
        let source = Source::from_reader("rows.csv", input, &InputSpec::default()).unwrap();
        let text = source.text_column().unwrap();
        batch.run(source, &text, output, |_| {}).unwrap()
    };
    let mut output = Vec::new();
    run(&mut output);
    assert_eq!(written_counts(&model, &output), plain_counts(&model, &texts));
    let expected = output.clone();
    group(c, "label", table.len() as u64).bench_function("CSV to CSV in memory", |b| {
        b.iter(|| {
            output.clear();
            run(&mut output);
            assert!(output == expected, "the second run wrote other bytes than the first");
        });
    });
}

criterion_group!(benches, segment, analyse, transform, score, fit, label);
criterion_main!(benches);
