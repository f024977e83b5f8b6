//! Features that cannot be told apart are one feature to the solver.
//!
//! In text most terms occur in one document only, and many others always occur together. If columns `x₁ … xₘ` of the
//! data are multiples of one column, the optimum gives them weights in proportion to their lengths. So they can be put
//! together before solving: with `sⱼ = ‖xⱼ‖ / √(Σ ‖x‖²)` the column `Σ sⱼ xⱼ` stands for all of them, and its weight `w`
//! is handed back as `wⱼ = sⱼ w`. Scores and `‖W‖²` are the same in both forms, because `Σ sⱼ² = 1`: the reduced
//! problem has the same optimum, not a similar one. Here this is done for columns with a single entry, put together by
//! row, and for columns that are equal. Columns without entries get weight 0, which is their optimum.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::coefficients::Coefficients;
use super::design::{Compressed, Design};
use super::panel::Panel;
use crate::features::CsrMatrix;

/// Which reduced column each original column went into, and with which factor `sⱼ`.
#[derive(Debug)]
pub(super) struct Collapse {
    group: Vec<Option<u32>>,
    factor: Vec<f64>,
}

/// The reduced columns while they are put together.
#[derive(Default)]
struct Groups {
    /// The original column that each reduced one was first made from.
    first: Vec<usize>,
    /// How many original columns went into it.
    members: Vec<u32>,
    /// `Σ x²` over its single entries, where it is made of such.
    squares: Vec<f64>,
}

impl Groups {
    fn open(&mut self, column: usize) -> u32 {
        self.first.push(column);
        self.members.push(0);
        self.squares.push(0.0);
        // There are no more groups than columns, which are counted in u32.
        u32::try_from(self.first.len() - 1).unwrap_or(u32::MAX)
    }

    fn join(&mut self, group: u32, value: f64) {
        self.members[group as usize] += 1;
        self.squares[group as usize] += value * value;
    }
}

impl Collapse {
    /// The reduced data of `x`, and the way back.
    pub(super) fn new(x: &CsrMatrix) -> (Self, Design) {
        let cols = Compressed::from_rows(x).transposed(x.n_cols());
        let (group, groups) = group_columns(&cols, x.n_rows());
        let factor = group.iter().enumerate().map(|(j, g)| factor(&cols, &groups, j, *g)).collect();
        let mut reduced = Compressed::new();
        for (g, &column) in groups.first.iter().enumerate() {
            let (rows, values) = cols.row::<f64>(column);
            if let [row] = rows {
                reduced.push(*row, groups.squares[g].sqrt());
            } else {
                let times = f64::from(groups.members[g]).sqrt();
                rows.iter().zip(values).for_each(|(&i, value)| reduced.push(i, value * times));
            }
            reduced.end_row();
        }
        drop(cols);
        let rows = reduced.transposed(x.n_rows());
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

/// `sⱼ` of a column.
fn factor(cols: &Compressed, groups: &Groups, j: usize, group: Option<u32>) -> f64 {
    let Some(g) = group else { return 0.0 };
    match cols.row::<f64>(j).1 {
        [value] => value / groups.squares[g as usize].sqrt(),
        _ => 1.0 / f64::from(groups.members[g as usize]).sqrt(),
    }
}

/// Puts each column into a group; groups are numbered by their first column.
fn group_columns(cols: &Compressed, n_rows: usize) -> (Vec<Option<u32>>, Groups) {
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
                if cols.row(groups.first[g as usize]) == entries { g } else { groups.open(j) }
            }
        };
        groups.join(g, entries.1[0]);
        group.push(Some(g));
    }
    (group, groups)
}

fn hash((rows, values): (&[u32], &[f64])) -> u64 {
    let mut hasher = FxHasher::default();
    for (&i, value) in rows.iter().zip(values) {
        hasher.write_u32(i);
        hasher.write_u64(value.to_bits());
    }
    hasher.finish()
}
