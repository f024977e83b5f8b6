//! Features that cannot be told apart are one feature to the solver.
//!
//! In text most terms occur in one document only, and many others always occur together. If columns `x₁ … xₘ` of the
//! data are multiples of one column, the optimum gives them weights in proportion to their lengths. So they can be put
//! together before solving: with `sⱼ = ‖xⱼ‖ / √(Σ ‖x‖²)` the column `Σ sⱼ xⱼ` stands for all of them, and its weight `w`
//! is handed back as `wⱼ = sⱼ w`. Scores and `‖W‖²` are the same in both forms, because `Σ sⱼ² = 1`: the reduced
//! problem has the same optimum, not a similar one. Here this is done for columns with a single entry, put together by
//! row, and for columns that are equal. Columns without entries get weight 0, which is their optimum.

use std::cmp::Reverse;
use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::coefficients::Coefficients;
use super::design::{Compressed, Design, nonzero};
use super::panel::Panel;
use crate::features::CsrMatrix;

/// Which reduced column each original column went into, and with which factor `sⱼ`.
#[derive(Debug)]
pub(super) struct Collapse {
    group: Vec<Option<u32>>,
    factor: Vec<f64>,
}

/// A reduced column.
#[derive(Clone, Copy)]
struct Group {
    /// The original column that it was first made from.
    first: usize,
    /// How many original columns went into it.
    members: u32,
    /// `Σ x²` over its single entries, where it is made of such.
    squares: f64,
}

impl Group {
    /// How many times the column that it was first made from, of which these are the values, it is.
    fn scale(&self, first: &[f64]) -> f64 {
        match first {
            [value] => self.squares.sqrt() / value,
            _ => f64::from(self.members).sqrt(),
        }
    }
}

/// The reduced columns while they are put together.
#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    fn open(&mut self, column: usize) -> u32 {
        self.0.push(Group { first: column, members: 0, squares: 0.0 });
        // There are no more groups than columns, which are counted in u32.
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    fn join(&mut self, group: u32, value: f64) {
        let group = &mut self.0[group as usize];
        group.members += 1;
        group.squares += value * value;
    }
}

impl Collapse {
    /// The reduced data of `x`, and the way back.
    pub(super) fn new(x: &CsrMatrix) -> (Self, Design) {
        let cols = Compressed::from_columns(x);
        let (group, groups) = longest_first(&cols, group_columns(&cols, x.n_rows()));
        let scales: Vec<f64> = groups.iter().map(|g| g.scale(cols.row(g.first).1)).collect();
        let factor = |(j, g): (usize, &Option<u32>)| {
            let Some(g) = g.map(|g| g as usize) else { return 0.0 };
            let (first, own) = (cols.row::<f64>(groups[g].first).1, cols.row::<f64>(j).1);
            own[0] / first[0] / scales[g]
        };
        let factor = group.iter().enumerate().map(factor).collect();
        let mut reduced = Compressed::with_capacity(cols.index.len());
        for (g, scale) in groups.iter().zip(&scales) {
            let (rows, values) = cols.row::<f64>(g.first);
            rows.iter().zip(values).for_each(|(&i, value)| reduced.push(i, value * scale));
            reduced.end_row();
        }
        drop(cols);
        let mut rows = Compressed::with_capacity(reduced.index.len());
        for row in x.rows() {
            for (j, value) in nonzero(row) {
                match group[j] {
                    Some(g) if groups[g as usize].first == j => rows.push(g, value * scales[g as usize]),
                    _ => {}
                }
            }
            rows.end_row();
        }
        (Self { group, factor }, Design::new(rows, reduced))
    }

    /// The original features' coefficients from the reduced parameters. Intercepts are shifted to sum 0.
    pub(super) fn expand(&self, w: &Panel, n_classes: usize) -> Coefficients {
        let mut out = Coefficients::zeros(self.group.len(), n_classes);
        for (j, (group, factor)) in self.group.iter().zip(&self.factor).enumerate() {
            if let Some(g) = group {
                let from = w.row(*g as usize);
                out.weights_of_mut(j).iter_mut().zip(from).for_each(|(o, v)| *o = v * factor);
            }
        }
        let last = w.data.len() / w.lanes - 1;
        let intercepts = &w.row(last)[..n_classes];
        let mean = intercepts.iter().sum::<f64>() / n_classes as f64;
        out.intercepts_mut().iter_mut().zip(intercepts).for_each(|(o, v)| *o = v - mean);
        out
    }

    /// The reduced parameters nearest to `coefficients`: a warm start.
    pub(super) fn project(&self, coefficients: &Coefficients, start: &mut Panel) {
        for (j, (group, factor)) in self.group.iter().zip(&self.factor).enumerate() {
            if let Some(g) = group {
                let from = coefficients.weights_of(j);
                let to = start.row_mut(*g as usize);
                to.iter_mut().zip(from).for_each(|(o, v)| *o += v * factor);
            }
        }
        let last = start.data.len() / start.lanes - 1;
        start.row_mut(last)[..coefficients.n_classes()].copy_from_slice(coefficients.intercepts());
    }
}

/// Puts each column into a group; groups are numbered by their first column.
fn group_columns(cols: &Compressed, n_rows: usize) -> (Vec<Option<u32>>, Vec<Group>) {
    let mut groups = Groups::default();
    let mut single: Vec<Option<u32>> = vec![None; n_rows];
    let mut by_hash: FxHashMap<u64, u32> = FxHashMap::default();
    let mut group = Vec::with_capacity(cols.len());
    for j in 0..cols.len() {
        let entries = cols.row::<f64>(j);
        let g = match entries.0 {
            [] => {
                group.push(None);
                continue;
            }
            [row] => *single[*row as usize].get_or_insert_with(|| groups.open(j)),
            _ => {
                let g = *by_hash.entry(hash(entries)).or_insert_with(|| groups.open(j));
                // Two different columns with the same hash stay apart.
                if cols.row(groups.0[g as usize].first) == entries { g } else { groups.open(j) }
            }
        };
        groups.join(g, entries.1[0]);
        group.push(Some(g));
    }
    (group, groups.0)
}

/// Renumbers groups by how many entries they have, those with most first.
///
/// What most rows have lies side by side then, in as much memory as is always at hand; and the loops over the entries of
/// one column after the other are of one length, which the processor foretells.
fn longest_first(
    cols: &Compressed,
    (mut group, groups): (Vec<Option<u32>>, Vec<Group>),
) -> (Vec<Option<u32>>, Vec<Group>) {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&g| Reverse(cols.row::<f64>(groups[g].first).0.len()));
    let mut place = vec![0; groups.len()];
    (0..).zip(&order).for_each(|(new, &old)| place[old] = new);
    group.iter_mut().flatten().for_each(|g| *g = place[*g as usize]);
    (group, order.into_iter().map(|g| groups[g]).collect())
}

fn hash((rows, values): (&[u32], &[f64])) -> u64 {
    let mut hasher = FxHasher::default();
    for (&i, value) in rows.iter().zip(values) {
        hasher.write_u32(i);
        hasher.write_u64(value.to_bits());
    }
    hasher.finish()
}
