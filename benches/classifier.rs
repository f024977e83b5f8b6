//! How long fitting takes on data of the size of a large hand-labelled corpus, and finding cues in sentences.
//!
//! The data are made up: 15,000 rows × 25,000 terms with about 40 entries a row and four classes, the term frequencies
//! falling as in text. Each timed fit must be within 10⁻⁶ of the minimum, relatively.

#![allow(missing_docs, clippy::unwrap_used)] // what criterion's macros define; a bench may stop where it stands

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stancewire::classifier::{ClassWeights, Problem, SolverParams, fit_sparse};
use stancewire::features::{CsrMatrix, CueLexicon, CueMatcher, CueScratch, SparseRow, TokenAtoms};
use stancewire::labels::{LabelId, LabelSet};

const ROWS: usize = 15_000;
const COLUMNS: f64 = 25_000.0;

/// Numbers from 0 to 1 that look random.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small positive numbers
fn corpus() -> (CsrMatrix, Vec<LabelId>) {
    let labels = LabelSet::new(["ceasefire-call", "none", "restraint", "threat"]).unwrap();
    let mut numbers = Numbers(42);
    let mut x = CsrMatrix::new(COLUMNS as usize);
    let mut y = Vec::new();
    for _ in 0..ROWS {
        let class = [0, 1, 1, 1, 1, 2, 3][(numbers.next() * 7.0) as usize];
        // Ranks of exponential spread, as in a Zipf distribution; every fifth term leans towards the row's class.
        let mut terms: Vec<u32> = (0..48)
            .map(|i| {
                let rank = COLUMNS.powf(numbers.next()) as u32 - 1;
                if i % 5 == 0 { (rank / 4 * 4 + class).min(COLUMNS as u32 - 1) } else { rank }
            })
            .collect();
        terms.sort_unstable();
        terms.dedup();
        let length: f64 = terms.iter().map(|&t| f64::from(t + 2).ln().powi(2)).sum::<f64>().sqrt();
        let mut row = SparseRow::new();
        for t in terms {
            row.push(t, f64::from(t + 2).ln() / length);
        }
        x.push_row(row.view());
        y.push(labels.id_at(class as usize).unwrap());
    }
    (x, y)
}

fn fitting(c: &mut Criterion) {
    let (x, y) = corpus();
    let mut group = c.benchmark_group("fit_sparse");
    group.sample_size(10);
    for alpha in [1.0, 0.1] {
        let problem = Problem {
            x: &x,
            y: &y,
            n_classes: 4,
            sample_weight: None,
            class_weight: ClassWeights::Uniform,
            alpha,
        };
        group.bench_function(format!("15000 x 25000, alpha {alpha}"), |b| {
            b.iter(|| {
                let fit = fit_sparse(&problem, &SolverParams::default(), None).unwrap();
                let above = fit.report.gradient_norm.powi(2) / (2.0 * alpha);
                assert!(fit.report.converged && above < 1e-6 * fit.report.objective, "{:?}", fit.report);
                fit
            });
        });
    }
    group.finish();
}

fn matching(c: &mut Criterion) {
    let lexicon = CueLexicon::parse(
        "[FIGHT]\npatterns = ['war|wars', 'attack*', 'strike|strikes', 'military operation*']\n\
         [STOP]\npatterns = ['stop*|halt*|end|ends', 'put .. end', 'cease .. {FIGHT}']\n\
         [CALL]\npatterns = ['call* for|on|upon', 'urge*', 'demand*', 'call* .. {STOP}']\n\
         [NOT]\npatterns = ['not', 'no', 'never', 'without']\n",
    )
    .unwrap();
    let matcher = CueMatcher::new(&lexicon);
    let text = "The foreign minister called on both sides to put an immediate end to the attacks , and said that his \
                country would not take part in the war .";
    let atoms: Vec<_> = text.to_lowercase().split(' ').map(|w| matcher.atoms_of(w)).collect();
    let (mut tokens, mut scratch, mut starts) = (TokenAtoms::new(), CueScratch::default(), Vec::new());
    let mut group = c.benchmark_group("cues");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("find", |b| {
        b.iter(|| {
            tokens.clear();
            for atom in &atoms {
                tokens.push(black_box(atom));
            }
            matcher.starts(tokens.view(), &mut scratch, &mut starts);
            assert_eq!(starts.len(), 6, "{starts:?}");
        });
    });
    group.finish();
}

criterion_group!(benches, fitting, matching);
criterion_main!(benches);
