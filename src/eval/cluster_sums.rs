//! What each cluster adds to a resample, counted once, so that a resample costs one pass over the clusters.

use super::{Clusters, Confusion, Outcome, Ratio};

/// What each cluster adds to a resample: counts of confusion cells, and sums of the terms.
pub(super) struct ClusterSums {
    n_labels: usize,
    /// The cell and the number of its rows, cluster by cluster; those of cluster `c` end at `ends[c]`.
    cells: Vec<(usize, u64)>,
    ends: Vec<usize>,
    /// One entry per cluster and term, clusters together.
    sums: Vec<f64>,
    n_terms: usize,
}

impl ClusterSums {
    pub fn new(n_labels: usize, outcomes: &[Outcome], terms: &[&[f64]], clusters: &Clusters) -> Self {
        let shape = Confusion::empty(n_labels);
        let mut rows: Vec<(u32, usize)> =
            clusters.of_row().iter().zip(outcomes).map(|(&c, &o)| (c, shape.cell(o))).collect();
        rows.sort_unstable();
        let (mut cells, mut ends) = (Vec::new(), Vec::with_capacity(clusters.len()));
        for cluster in rows.chunk_by(|a, b| a.0 == b.0) {
            cells.extend(cluster.chunk_by(|a, b| a.1 == b.1).map(|same| (same[0].1, same.len() as u64)));
            ends.push(cells.len());
        }
        let mut sums = vec![0.0; clusters.len() * terms.len()];
        for (row, &cluster) in clusters.of_row().iter().enumerate() {
            for (number, term) in terms.iter().enumerate() {
                sums[cluster as usize * terms.len() + number] += term[row];
            }
        }
        Self { n_labels, cells, ends, sums, n_terms: terms.len() }
    }

    /// All statistics of the resample in which each cluster was drawn this often.
    pub fn statistics(&self, drawn: &[u32]) -> Vec<Option<f64>> {
        let (confusion, means) = self.resample(drawn);
        let mut values = Vec::with_capacity(3 * self.n_labels + 9 + self.n_terms);
        for class in confusion.classes() {
            values.extend([class.precision, class.recall, class.f1].map(Ratio::value));
        }
        for average in [confusion.macro_average(), confusion.weighted_average()] {
            values.extend([average.map(|a| a.precision), average.map(|a| a.recall), average.map(|a| a.f1)]);
        }
        values.extend([confusion.accuracy().value(), confusion.kappa(), confusion.mcc()]);
        values.extend(means.into_iter().map(Some));
        values
    }

    fn resample(&self, drawn: &[u32]) -> (Confusion, Vec<f64>) {
        let mut confusion = Confusion::empty(self.n_labels);
        let mut means = vec![0.0; self.n_terms];
        let mut start = 0;
        for (cluster, (&end, &times)) in self.ends.iter().zip(drawn).enumerate() {
            if times > 0 {
                for &(cell, count) in &self.cells[start..end] {
                    confusion.record_cell(cell, count * u64::from(times));
                }
                let sums = &self.sums[cluster * self.n_terms..(cluster + 1) * self.n_terms];
                means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum * f64::from(times));
            }
            start = end;
        }
        let rows = confusion.total() as f64;
        for mean in &mut means {
            *mean /= rows;
        }
        (confusion, means)
    }

    /// In how many clusters each label occurs.
    pub fn spread(&self) -> Vec<Spread> {
        let mut spread = vec![Spread::default(); self.n_labels];
        let mut start = 0;
        for &end in &self.ends {
            let (mut gold, mut predicted) = (vec![false; self.n_labels], vec![false; self.n_labels]);
            for &(cell, _) in &self.cells[start..end] {
                gold[cell / self.n_labels] = true;
                predicted[cell % self.n_labels] = true;
            }
            for (label, spread) in spread.iter_mut().enumerate() {
                spread.gold += usize::from(gold[label]);
                spread.predicted += usize::from(predicted[label]);
                spread.either += usize::from(gold[label] || predicted[label]);
            }
            start = end;
        }
        spread
    }
}

/// The number of clusters in which a label occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spread {
    /// As a gold label.
    pub gold: usize,
    /// As a predicted label.
    pub predicted: usize,
    /// As one or the other.
    pub either: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;

    fn rows() -> (LabelSet, Vec<Outcome>) {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |i: usize| labels.id_at(i).unwrap();
        let outcome = |i: usize| Outcome {
            gold: id(i % 3),
            predicted: id((i % 3 + usize::from(i.is_multiple_of(7))) % 3),
        };
        let outcomes = (0..90).map(outcome).collect();
        (labels, outcomes)
    }

    #[test]
    fn drawing_each_cluster_once_gives_the_data_themselves() {
        let (labels, outcomes) = rows();
        let documents: Vec<u32> = (0..90).map(|row| row % 11).collect();
        let clusters = Clusters::of_documents(&documents);
        let term: Vec<f64> = (0..90).map(f64::from).collect();
        let sums = ClusterSums::new(3, &outcomes, &[&term], &clusters);
        let (confusion, means) = sums.resample(&[1; 11]);
        assert_eq!(confusion, Confusion::from_outcomes(&labels, outcomes));
        assert!((means[0] - 44.5).abs() < 1e-12);
    }

    #[test]
    fn drawing_one_cluster_twice_counts_its_rows_twice() {
        let (labels, outcomes) = rows();
        let clusters = Clusters::of_documents(&(0..90).map(|row| row / 45).collect::<Vec<_>>());
        let (confusion, _) = ClusterSums::new(3, &outcomes, &[], &clusters).resample(&[0, 2]);
        let twice = outcomes[45..].iter().chain(&outcomes[45..]).copied();
        assert_eq!(confusion, Confusion::from_outcomes(&labels, twice));
    }

    #[test]
    fn spread_counts_the_clusters_of_each_label() {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |i: usize| labels.id_at(i).unwrap();
        let outcome = |gold, predicted| Outcome { gold: id(gold), predicted: id(predicted) };
        let rows = [outcome(0, 0), outcome(0, 1), outcome(1, 1), outcome(0, 0), outcome(0, 0)];
        let spread = ClusterSums::new(3, &rows, &[], &Clusters::of_documents(&[1, 1, 2, 3, 3])).spread();
        assert_eq!(spread[0], Spread { gold: 2, predicted: 2, either: 2 });
        assert_eq!(spread[1], Spread { gold: 1, predicted: 2, either: 2 });
        assert_eq!(spread[2], Spread::default());
    }
}
