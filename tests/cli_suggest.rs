//! `stancewire suggest` and `train --add`, run as their users run them, and what the choice is worth.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cli_support::{Folder, Table, labelled_csv, told};
use insta::assert_snapshot;
use stancewire::corpus::{ColumnChoice, InputSpec, Source};
use stancewire::curation::{SuggestParams, Uncertainty, suggest};
use stancewire::eval::{Confusion, Outcome};
use stancewire::labels::{LabelId, LabelSet};
use stancewire::model::{FeatureParams, SolverChoice, StanceModel, TrainingData, TrainingParams, train};

/// Articles of which some sentences are alike, labelled already, or without known words.
const POOL: &str = "id,body\n\
    a1,The army called for a truce if the talks fail. The general will strike. Zzz qqq. It rained on the capital.\n\
    a2,The army called for a truce if the talks fail! The president opened a base.\n\
    a3,The militia demanded the bridges. The marshal met the fleet. Our navy toured the capital.\n";

fn pool() -> Folder {
    let folder = Folder::with_model();
    folder.write("pool.csv", POOL);
    folder
}

const SUGGEST: [&str; 6] = ["suggest", "pool.csv", "-m", "model.safetensors", "-n", "9"];

fn chosen(folder: &Folder, more: &[&str]) -> Table {
    Table::read(folder.done(&[&SUGGEST[..], more].concat()).as_bytes())
}

#[test]
fn the_choice_is_a_table_to_fill_in() {
    let folder = pool();
    folder.write("labelled.csv", "text,label\nOur navy toured the capital,none\n");
    assert_snapshot!("table", told(&folder.run(&[&SUGGEST[..], &["--labelled", "labelled.csv"]].concat())));
}

#[test]
fn no_two_are_alike_and_a_document_gives_its_share() {
    let folder = pool();
    let table = chosen(&folder, &[]);
    let calls = table.column("text").iter().filter(|text| text.contains("called for a truce")).count();
    assert_eq!((calls, table.len()), (1, 7));
    assert!(table.column("label").iter().all(|label| label.is_empty()));
    let shares = chosen(&folder, &["--per-document", "1"]);
    assert_eq!(shares.column("doc_id").into_iter().collect::<BTreeSet<_>>().len(), shares.len());
    let two = folder.done(&["suggest", "pool.csv", "-m", "model.safetensors", "-n", "2", "-q"]);
    assert_eq!(Table::read(two.as_bytes()).column("id"), table.column("id")[..2]);
}

#[test]
fn the_most_uncertain_come_first_and_a_random_choice_hangs_on_the_seed() {
    let folder = pool();
    for by in ["margin", "entropy"] {
        let table = chosen(&folder, &["--by", by]);
        let scores: Vec<f64> = table.column("uncertainty").iter().map(|s| s.parse().unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b) && scores[0] > scores[scores.len() - 1], "{scores:?}");
    }
    let random = |seed| folder.done(&[&SUGGEST[..], &["--by", "random", "--seed", seed]].concat());
    assert_eq!(random("1"), random("1"));
    assert_ne!(random("1"), random("2"));
}

#[test]
fn the_same_pool_gives_the_same_choice_on_any_number_of_threads() {
    let folder = Folder::with_model();
    let mut table = "text,doc_id\n".to_owned();
    // Words that no other sentence has, in their order.
    let word = |n: usize| ["bo", "ri", "sta", "ke", "lu"].map(|part| part.repeat(1 + n % 2))[n % 5].clone();
    for i in 0..20_000 {
        let made: Vec<String> = (0..6).map(|k| word(i / 3_usize.pow(k) + i % 7)).collect();
        table += &format!("Army {} truce {i} strike {} farmers.,d{}\n", made.concat(), made[2], i / 9);
    }
    folder.write("big.csv", table);
    let run = |threads| {
        let arguments =
            ["suggest", "big.csv", "--no-split", "-m", "model.safetensors", "-q", "--threads", threads];
        folder.done(&arguments)
    };
    let once = run("1");
    assert_eq!(once, run("2"));
    let table = Table::read(once.as_bytes());
    let mut per_document: BTreeMap<&str, usize> = BTreeMap::new();
    table.column("doc_id").into_iter().for_each(|document| *per_document.entry(document).or_insert(0) += 1);
    assert!(per_document.values().all(|n| *n <= 3), "{per_document:?}");
    assert!(table.len() > 10, "{once}");
}

#[test]
fn text_files_and_standard_input_are_pools_too() {
    let folder = pool();
    folder.write("news/one.txt", "The general will strike. The army demanded a truce.");
    let rows = folder.done(&["suggest", "news", "-m", "model.safetensors", "-q"]);
    let table = Table::read(rows.as_bytes());
    assert_eq!(table.column("doc_id"), ["news/one.txt"; 2]);
    let run =
        folder.run_with(&["suggest", "-", "--input-format", "csv", "-m", "model.safetensors", "-q"], POOL);
    assert_eq!(Table::read(&run.stdout).len(), 7, "{}", told(&run));
}

#[test]
fn a_partly_filled_table_is_training_data() {
    let folder = pool();
    folder.write("train.csv", labelled_csv());
    folder.done(&[&SUGGEST[..], &["-o", "fill.csv", "-q"]].concat());
    let empty = ["train", "train.csv", "--add", "fill.csv", "--min-df", "2", "-o", "m.safetensors"];
    assert_snapshot!("train_unfilled", folder.refused(&empty));
    let filled = folder.text("fill.csv");
    let mut rows: Vec<Vec<String>> = csv::Reader::from_reader(filled.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(String::from).collect())
        .collect();
    rows[0][3] = "none".to_owned();
    rows[1][3] = "threat".to_owned();
    // A row that train.csv has, with another label.
    let copy = Table::read(labelled_csv().as_bytes()).column("text")[0].to_owned();
    rows[2][2] = copy;
    rows[2][3] = "none".to_owned();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(filled.lines().next().unwrap().split(',')).unwrap();
    for row in rows {
        table.write_record(row).unwrap();
    }
    folder.write("fill.csv", table.into_inner().unwrap());
    let run = folder.run(&empty);
    let words = cli_support::text(&run.stderr);
    for expected in [
        "note: 4 rows without a label left out",
        "folds: 75 rows;",
        "warning: 1 of the further rows have the same words as a row before them, 1 with another label (the first: \
         fill.csv:4 and train.csv:2)",
    ] {
        assert!(words.contains(expected), "{expected:?} is not in\n{words}");
    }
}

#[test]
fn bad_rows_of_the_labelled_table_are_left_out_on_request() {
    let folder = pool();
    folder.write("labelled.csv", "text,label\nOur navy toured the capital,none\nA row,of three,fields\n");
    let suggest = [&SUGGEST[..], &["--labelled", "labelled.csv"]].concat();
    assert!(folder.refused(&suggest).contains("labelled.csv:3"));
    let run = folder.run(&[&suggest[..], &["--skip-bad-rows"]].concat());
    let words = cli_support::text(&run.stderr);
    assert!(words.contains("1 bad row left out") && words.contains("1 labelled already"), "{words}");
}

#[test]
fn mistakes_are_told() {
    let folder = pool();
    folder.write("empty.csv", "");
    folder.write("latin.csv", b"id,text\n1,The caf\xE9 shut.\n");
    folder.write("other.csv", "id,headline,year\n1,Rain,1999\n");
    let with = |input| ["suggest", input, "-m", "model.safetensors"];
    for (name, input, more) in [
        ("empty", "empty.csv", &[][..]),
        ("latin", "latin.csv", &[]),
        ("column", "other.csv", &[]),
        ("labelled", "pool.csv", &["--labelled", "other.csv"]),
        ("number", "pool.csv", &["-n", "0"]),
        ("per_document", "pool.csv", &["--per-document", "0"]),
        ("similarity", "pool.csv", &["--similarity", "2"]),
        ("output", "pool.csv", &["-o", "./pool.csv"]),
    ] {
        assert_snapshot!(format!("mistake_{name}"), folder.refused(&[&with(input)[..], more].concat()));
    }
}

/// Part of the corpus: whole documents to label from, and others to judge on.
struct Sample {
    labels: LabelSet,
    pool: Vec<(String, String, LabelId)>,
    test: Vec<(String, LabelId)>,
}

fn sample() -> Sample {
    let corpus = Table::read(&fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/stance.csv")).unwrap());
    let [ids, documents, texts, names] = ["id", "doc_id", "text", "label"].map(|name| corpus.column(name));
    let labels = LabelSet::new(names.iter().copied()).unwrap();
    let (mut pool, mut test) = (Vec::new(), Vec::new());
    for row in 0..corpus.len() {
        let hash = documents[row].bytes().fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        let gold = labels.require(names[row]).unwrap();
        match (hash.wrapping_mul(2_654_435_761) >> 16) % 100 {
            0..12 => pool.push((ids[row].to_owned(), texts[row].to_owned(), gold)),
            12..20 => test.push((texts[row].to_owned(), gold)),
            _ => {}
        }
    }
    Sample { labels, pool, test }
}

impl Sample {
    fn train(&self, rows: &BTreeSet<usize>) -> StanceModel {
        let gold: Vec<LabelId> = rows.iter().map(|&row| self.pool[row].2).collect();
        let data = TrainingData {
            name: "simulation",
            texts: rows.iter().map(|&row| self.pool[row].1.as_str()).collect(),
            gold: &gold,
            labels: &self.labels,
            groups: (0..).take(rows.len()).collect(),
            documents: None,
        };
        let params = TrainingParams { solver: SolverChoice::Sparse, folds: 3, ..TrainingParams::default() };
        train(&data, FeatureParams::default(), None, &params).unwrap().model
    }

    fn macro_f1(&self, model: &StanceModel) -> f64 {
        let mut scorer = model.scorer();
        let outcomes = self.test.iter().map(|(text, gold)| {
            let predicted = scorer.predict(text).label;
            Outcome { gold: *gold, predicted }
        });
        Confusion::from_outcomes(&self.labels, outcomes).macro_average().unwrap().f1
    }

    /// Macro-F1 after each round of labelling.
    fn rounds(&self, by: Uncertainty, seed: u64) -> Vec<f64> {
        let first = self.pool.len() / 17 * usize::try_from(seed).unwrap() + 1;
        let mut known: BTreeSet<usize> =
            (0..START).map(|i| (first + i * (self.pool.len() / START)) % self.pool.len()).collect();
        let mut scores = Vec::new();
        for round in 0..ROUNDS {
            let model = self.train(&known);
            scores.push(self.macro_f1(&model));
            if round + 1 < ROUNDS {
                known.extend(self.choose(&model, &known, by, seed));
            }
        }
        scores
    }

    fn choose(&self, model: &StanceModel, known: &BTreeSet<usize>, by: Uncertainty, seed: u64) -> Vec<usize> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["id", "text"]).unwrap();
        for (row, (_, text, _)) in self.pool.iter().enumerate() {
            table.write_record([&row.to_string(), text]).unwrap();
        }
        let table = std::io::Cursor::new(table.into_inner().unwrap());
        let source = Source::from_reader("pool.csv", table, &InputSpec::default()).unwrap();
        let labelled: Vec<&str> = known.iter().map(|&row| self.pool[row].1.as_str()).collect();
        let params = SuggestParams { number: STEP, by, split: false, seed, ..SuggestParams::default() };
        let found = suggest(source, &ColumnChoice::default(), model, &labelled, &params).unwrap();
        assert_eq!(found.chosen.len(), STEP);
        found.chosen.iter().map(|row| row.id.parse().unwrap()).collect()
    }
}

const START: usize = 100;
const STEP: usize = 50;
const ROUNDS: usize = 7;

#[test]
fn suggested_rows_teach_more_than_random_ones() {
    let sample = sample();
    let seeds = [0, 1, 2, 3];
    let mean = |by| {
        let runs: Vec<Vec<f64>> = seeds.iter().map(|&seed| sample.rounds(by, seed)).collect();
        let at = |round: usize| runs.iter().map(|run| run[round]).sum::<f64>() / runs.len() as f64;
        (0..ROUNDS).map(at).collect::<Vec<f64>>()
    };
    let random = mean(Uncertainty::Random);
    let suggested = mean(Uncertainty::Margin);
    println!(
        "{} pool, {} test\nrandom    {random:.3?}\nsuggested {suggested:.3?}",
        sample.pool.len(),
        sample.test.len()
    );
    if std::env::var_os("STANCEWIRE_MEASURE").is_some() {
        println!("entropy   {:.3?}", mean(Uncertainty::Entropy));
    }
    // What random rows reach in the end, suggested rows reach at least a round earlier.
    let reached = suggested.iter().position(|f1| *f1 >= random[ROUNDS - 1]).unwrap_or(ROUNDS);
    assert!(reached < ROUNDS - 1, "in round {reached}");
}
