//! The rows of a group, put together as far as that changes nothing that matters.

use rustc_hash::{FxHashMap, FxHashSet};

/// The most clusters that resamples are drawn from. Documents beyond that many share clusters.
pub const MAX_CLUSTERS: u64 = 4096;

/// Into how many steps a probability is divided, evenly in `asin √p`: finest near 0 and 1.
const STEPS: f64 = 24.0;

/// The rows of one group, counted: what corrected shares and their intervals are computed from.
///
/// Rows with the same label whose probabilities are about the same (each within a 24th of the range of `asin √p`) become
/// one cell, which keeps their number and the mean of their probabilities. Documents are dealt out to at most
/// [`MAX_CLUSTERS`] clusters, and for each cluster and cell the number of rows is kept. So memory does not grow with the
/// rows: it is bounded by 12 bytes for each pair of a cluster and a cell that occurs, which is less than 12 bytes a row and
/// typically levels off at some ten megabytes, plus 8 bytes a document where documents are known.
#[derive(Debug, Clone)]
pub struct Tally {
    n_probabilities: usize,
    rows: u64,
    documents: Option<FxHashSet<u64>>,
    index: FxHashMap<Box<[u8]>, u32>,
    cells: Vec<Cell>,
    entries: Vec<Entry>,
    /// How many entries there were when equal ones were last put together.
    compacted: usize,
    key: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Cell {
    label: u8,
    rows: u64,
    /// The sums of the probabilities of its rows.
    sums: Box<[f64]>,
}

/// How many rows of a cell stand in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    cluster: u32,
    cell: u32,
    rows: u32,
}

impl Tally {
    /// A group without rows, whose rows have this many probabilities: one per label, or 0 where they are not needed.
    #[must_use]
    pub fn new(n_probabilities: usize, documents_known: bool) -> Self {
        Self {
            n_probabilities,
            rows: 0,
            documents: documents_known.then(FxHashSet::default),
            index: FxHashMap::default(),
            cells: Vec::new(),
            entries: Vec::new(),
            compacted: 0,
            key: Vec::new(),
        }
    }

    /// Counts a row of document number `document` (of row number `document`, where documents are not known) that was given
    /// the label at position `label`.
    ///
    /// # Panics
    /// When there are not as many probabilities as the group was made for.
    pub fn add(&mut self, label: u8, probabilities: &[f64], document: u64) {
        assert_eq!(probabilities.len(), self.n_probabilities, "probabilities of a row");
        let cell = self.cell(label, probabilities);
        let there = &mut self.cells[cell as usize];
        there.rows += 1;
        there.sums.iter_mut().zip(probabilities).for_each(|(sum, p)| *sum += p);
        self.rows += 1;
        self.documents.as_mut().map(|known| known.insert(document));
        // The remainder is below 4096.
        #[allow(clippy::cast_possible_truncation)]
        let cluster = (document % MAX_CLUSTERS) as u32;
        self.entries.push(Entry { cluster, cell, rows: 1 });
        if self.entries.len() > 2 * self.compacted + 65_536 {
            self.compact();
        }
    }

    /// The number of the cell for such a row; a new one, if need be.
    fn cell(&mut self, label: u8, probabilities: &[f64]) -> u32 {
        self.key.clear();
        self.key.push(label);
        // 0 ≤ asin √p ≤ π/2, so the step is at most STEPS.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let step =
            |p: &f64| (p.clamp(0.0, 1.0).sqrt().asin() * std::f64::consts::FRAC_2_PI * STEPS).round() as u8;
        self.key.extend(probabilities.iter().map(step));
        if let Some(&known) = self.index.get(self.key.as_slice()) {
            return known;
        }
        // There are fewer cells than rows, and a run of 2^32 rows in distinct cells does not end.
        #[allow(clippy::cast_possible_truncation)]
        let new = self.cells.len() as u32;
        self.index.insert(self.key.as_slice().into(), new);
        self.cells.push(Cell { label, rows: 0, sums: vec![0.0; self.n_probabilities].into() });
        new
    }

    /// Puts equal entries together.
    fn compact(&mut self) {
        self.entries.sort_unstable();
        self.entries.dedup_by(|later, earlier| {
            let is_same = (later.cluster, later.cell) == (earlier.cluster, earlier.cell);
            match earlier.rows.checked_add(later.rows).filter(|_| is_same) {
                Some(rows) => earlier.rows = rows,
                None => return false,
            }
            true
        });
        self.compacted = self.entries.len();
    }

    /// Adds the rows of `other`, a group of the same kind.
    pub fn merge(&mut self, other: Self) {
        let numbers: Vec<u32> = other.cells.into_iter().map(|cell| self.merge_cell(&cell)).collect();
        let moved = |entry: Entry| Entry { cell: numbers[entry.cell as usize], ..entry };
        self.entries.extend(other.entries.into_iter().map(moved));
        self.rows += other.rows;
        if let (Some(mine), Some(others)) = (&mut self.documents, other.documents) {
            mine.extend(others);
        }
        self.compact();
    }

    fn merge_cell(&mut self, cell: &Cell) -> u32 {
        let means: Vec<f64> = cell.sums.iter().map(|sum| sum / cell.rows as f64).collect();
        let number = self.cell(cell.label, &means);
        let there = &mut self.cells[number as usize];
        there.rows += cell.rows;
        there.sums.iter_mut().zip(&cell.sums).for_each(|(sum, more)| *sum += more);
        number
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The number of documents, where they are known.
    #[must_use]
    pub fn documents(&self) -> Option<u64> {
        self.documents.as_ref().map(|known| known.len() as u64)
    }

    /// How many rows were given the label at each position.
    #[must_use]
    pub fn counts(&self, n_labels: usize) -> Vec<u64> {
        let mut counts = vec![0; n_labels];
        self.cells.iter().for_each(|cell| counts[usize::from(cell.label)] += cell.rows);
        counts
    }

    /// The label of each cell.
    pub(super) fn labels(&self) -> impl Iterator<Item = usize> + '_ {
        self.cells.iter().map(|cell| usize::from(cell.label))
    }

    /// The rows of each cell.
    pub(super) fn weights(&self) -> Vec<f64> {
        self.cells.iter().map(|cell| cell.rows as f64).collect()
    }

    /// The mean probabilities of each cell, one after the other.
    pub(super) fn means(&self) -> Vec<f64> {
        let mean = |cell: &Cell| cell.sums.iter().map(|sum| sum / cell.rows as f64).collect::<Vec<_>>();
        self.cells.iter().flat_map(mean).collect()
    }

    /// The rows by cluster, for resamples.
    pub(super) fn clustered(&mut self) -> Clustered {
        self.compact();
        let mut clusters = Vec::new();
        let mut cells = Vec::with_capacity(self.entries.len());
        for cluster in self.entries.chunk_by(|a, b| a.cluster == b.cluster) {
            cells.extend(cluster.iter().map(|entry| (entry.cell as usize, f64::from(entry.rows))));
            clusters.push(cells.len());
        }
        Clustered { ends: clusters, cells }
    }
}

/// The cells of each cluster, with the number of rows.
#[derive(Debug)]
pub(super) struct Clustered {
    ends: Vec<usize>,
    cells: Vec<(usize, f64)>,
}

impl Clustered {
    /// The number of clusters.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of each cell in a resample in which each cluster was drawn this often, written to `weights`.
    pub fn resample(&self, drawn: &[u32], weights: &mut [f64]) {
        weights.fill(0.0);
        let mut start = 0;
        for (&end, &times) in self.ends.iter().zip(drawn) {
            if times > 0 {
                for &(cell, rows) in &self.cells[start..end] {
                    weights[cell] += rows * f64::from(times);
                }
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: std::ops::Range<u64>) -> Tally {
        let mut tally = Tally::new(2, true);
        for row in rows {
            let p = (row % 101) as f64 / 100.0;
            tally.add(u8::from(p < 0.5), &[p, 1.0 - p], row / 7);
        }
        tally
    }

    #[test]
    fn cells_keep_rows_and_means() {
        let tally = tally(0..1010);
        assert_eq!((tally.rows(), tally.documents()), (1010, Some(145)));
        assert_eq!(tally.counts(2), [510, 500]);
        let (weights, means) = (tally.weights(), tally.means());
        assert!(weights.len() <= 26, "{}", weights.len());
        let mean: f64 = weights.iter().zip(means.chunks(2)).map(|(w, p)| w * p[0]).sum::<f64>() / 1010.0;
        assert!((mean - 0.5).abs() < 1e-12, "{mean}");
    }

    #[test]
    fn drawing_each_cluster_once_gives_the_rows_themselves() {
        let mut tally = tally(0..900);
        let clustered = tally.clustered();
        let mut weights = vec![0.0; tally.weights().len()];
        clustered.resample(&vec![1; clustered.len()], &mut weights);
        assert_eq!((weights, clustered.len()), (tally.weights(), 129));
    }

    #[test]
    fn memory_does_not_grow_with_the_rows() {
        let mut tally = Tally::new(0, false);
        (0..2_000_000).for_each(|row| tally.add(u8::from(row % 3 == 0), &[], row));
        assert!(tally.entries.capacity() < 300_000, "{}", tally.entries.capacity());
        assert_eq!((tally.rows(), tally.clustered().len(), tally.documents()), (2_000_000, 4096, None));
    }

    #[test]
    fn two_halves_put_together_are_the_whole() {
        let mut halves = tally(0..400);
        halves.merge(tally(400..900));
        let mut whole = tally(0..900);
        assert_eq!((halves.rows(), halves.documents()), (whole.rows(), whole.documents()));
        let sorted = |tally: &Tally| {
            let mut cells: Vec<_> = tally.cells.iter().map(|cell| (cell.label, cell.rows)).collect();
            cells.sort_unstable();
            cells
        };
        assert_eq!(sorted(&halves), sorted(&whole));
        assert_eq!(halves.clustered().len(), whole.clustered().len());
    }
}
