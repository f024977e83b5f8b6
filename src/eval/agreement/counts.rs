//! What the coefficients of agreement are made of, counted per document so that a resample costs one pass over them.

use super::Rating;
use crate::eval::{Clusters, Confusion};

/// The tables of a data set or a resample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counts {
    /// One table per pair of annotators (0–1, 0–2, …, 1–2, …): rows are the labels of the first, columns of the second.
    pub pairs: Vec<Confusion>,
    /// The coincidences of the rows with two labels or more.
    pub shared: Coincidences,
    /// The coincidences of the rows that every annotator labelled.
    pub complete: Coincidences,
    /// The rows that every annotator labelled.
    pub complete_rows: u64,
    /// Those of them on which all gave the same label.
    pub unanimous_rows: u64,
}

/// The margin and the diagonal of [Krippendorff](https://repository.upenn.edu/asc_papers/43)'s (2011) matrix of
/// coincidences, which is all that nominal coefficients need.
///
/// A row with `m` labels, `n_c` of them `c`, adds `n_c` to `given[c]` and `n_c (n_c − 1) / (m − 1)` to `equal[c]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coincidences {
    pub given: Vec<f64>,
    pub equal: Vec<f64>,
}

impl Coincidences {
    fn empty(n_labels: usize) -> Self {
        Self { given: vec![0.0; n_labels], equal: vec![0.0; n_labels] }
    }

    /// Counts a row with `counts[c]` labels `c`.
    fn add_row(&mut self, counts: &[u32]) {
        let m: u32 = counts.iter().sum();
        for (label, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            self.given[label] += f64::from(n);
            self.equal[label] += f64::from(n * (n - 1)) / f64::from(m - 1);
        }
    }

    fn add(&mut self, other: &Self, times: f64) {
        let add =
            |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from * times);
        add(&mut self.given, &other.given);
        add(&mut self.equal, &other.equal);
    }

    /// All labels counted.
    pub fn total(&self) -> f64 {
        self.given.iter().sum()
    }
}

/// The counts of each cluster.
pub(super) struct ClusterCounts {
    n_labels: usize,
    n_pairs: usize,
    clusters: Vec<Cluster>,
}

#[derive(Clone)]
struct Cluster {
    /// Pair, cell of its table, and number of rows.
    cells: Vec<(usize, usize, u64)>,
    shared: Coincidences,
    complete: Coincidences,
    complete_rows: u64,
    unanimous_rows: u64,
}

impl ClusterCounts {
    /// Counts `ratings`, one list per row with one entry per annotator.
    pub fn new(n_labels: usize, n_annotators: usize, ratings: &[Vec<Rating>], of: &Clusters) -> Self {
        let empty = Cluster {
            cells: Vec::new(),
            shared: Coincidences::empty(n_labels),
            complete: Coincidences::empty(n_labels),
            complete_rows: 0,
            unanimous_rows: 0,
        };
        let mut clusters = vec![empty; of.len()];
        for (row, &cluster) in ratings.iter().zip(of.of_row()) {
            clusters[cluster as usize].add_row(n_labels, row);
        }
        clusters.iter_mut().for_each(Cluster::gather);
        Self { n_labels, n_pairs: n_annotators * n_annotators.saturating_sub(1) / 2, clusters }
    }

    /// The counts of the resample in which each cluster was drawn this often.
    pub fn resample(&self, drawn: &[u32]) -> Counts {
        let mut counts = self.empty();
        for (cluster, &times) in self.clusters.iter().zip(drawn).filter(|(_, times)| **times > 0) {
            cluster.add_to(&mut counts, times);
        }
        counts
    }

    /// The counts of each cluster alone.
    pub fn each(&self) -> impl Iterator<Item = Counts> + '_ {
        self.clusters.iter().map(|cluster| {
            let mut counts = self.empty();
            cluster.add_to(&mut counts, 1);
            counts
        })
    }

    fn empty(&self) -> Counts {
        Counts {
            pairs: vec![Confusion::empty(self.n_labels); self.n_pairs],
            shared: Coincidences::empty(self.n_labels),
            complete: Coincidences::empty(self.n_labels),
            complete_rows: 0,
            unanimous_rows: 0,
        }
    }
}

impl Cluster {
    fn add_row(&mut self, n_labels: usize, row: &[Rating]) {
        let mut counts = vec![0_u32; n_labels];
        for &label in row.iter().flatten() {
            counts[label] += 1;
        }
        for (pair, (a, b)) in pairs(row.len()).enumerate() {
            if let (Some(a), Some(b)) = (row[a], row[b]) {
                self.cells.push((pair, a * n_labels + b, 1));
            }
        }
        let given = counts.iter().sum::<u32>() as usize;
        if given >= 2 {
            self.shared.add_row(&counts);
        }
        if given >= 2 && given == row.len() {
            self.complete.add_row(&counts);
            self.complete_rows += 1;
            self.unanimous_rows += u64::from(counts.iter().any(|&n| n as usize == given));
        }
    }

    /// Puts equal cells together.
    fn gather(&mut self) {
        self.cells.sort_unstable();
        let same = |a: &(usize, usize, u64), b: &(usize, usize, u64)| (a.0, a.1) == (b.0, b.1);
        self.cells =
            self.cells.chunk_by(same).map(|equal| (equal[0].0, equal[0].1, equal.len() as u64)).collect();
    }

    fn add_to(&self, counts: &mut Counts, times: u32) {
        for &(pair, cell, rows) in &self.cells {
            counts.pairs[pair].record_cell(cell, rows * u64::from(times));
        }
        counts.shared.add(&self.shared, f64::from(times));
        counts.complete.add(&self.complete, f64::from(times));
        counts.complete_rows += self.complete_rows * u64::from(times);
        counts.unanimous_rows += self.unanimous_rows * u64::from(times);
    }
}

/// All pairs of `n` annotators: 0–1, 0–2, …, 1–2, …
pub(super) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b)))
}
