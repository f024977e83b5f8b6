//! How many rows were labelled with confidence, and whether that confidence was deserved.

use serde::Serialize;

use super::{Outcome, Ratio};

/// What became of a row when it was labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowStatus {
    /// Labelled with at least the confidence that its label asks for.
    Ok,
    /// Labelled, but below that confidence: to be looked at.
    Review,
    /// Without anything the model knows: no label is claimed.
    Empty,
}

/// The rows of each status, and how often the label was right in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StatusCounts {
    /// The share of right labels among rows with [`RowStatus::Ok`]: what a reader gets who skips the others.
    pub ok: Ratio,
    /// The share of right labels among rows with [`RowStatus::Review`].
    pub review: Ratio,
    /// The share of right labels among rows with [`RowStatus::Empty`].
    pub empty: Ratio,
}

impl StatusCounts {
    /// Counts `outcomes` by the `status` of their rows.
    ///
    /// # Panics
    /// When the slices differ in length.
    #[must_use]
    pub fn new(outcomes: &[Outcome], status: &[RowStatus]) -> Self {
        assert_eq!(outcomes.len(), status.len(), "outcomes and statuses");
        let share = |wanted| {
            let rows = || outcomes.iter().zip(status).filter(move |(_, status)| **status == wanted);
            let right = rows().filter(|(outcome, _)| outcome.is_correct()).count();
            Ratio::new(right as u64, rows().count() as u64)
        };
        Self { ok: share(RowStatus::Ok), review: share(RowStatus::Review), empty: share(RowStatus::Empty) }
    }

    /// The share of rows with [`RowStatus::Ok`] among all.
    #[must_use]
    pub fn accepted(&self) -> Ratio {
        Ratio::new(self.ok.den(), self.ok.den() + self.review.den() + self.empty.den())
    }
}

#[cfg(test)]
mod tests {
    use super::RowStatus::{Ok, Review};
    use super::*;
    use crate::labels::LabelSet;

    #[test]
    fn each_status_has_its_own_share_of_right_labels() {
        let set = LabelSet::new(["a", "b"]).unwrap();
        let (a, b) = (set.id_at(0).unwrap(), set.id_at(1).unwrap());
        let right = Outcome { gold: a, predicted: a };
        let wrong = Outcome { gold: a, predicted: b };
        let counts = StatusCounts::new(&[right, wrong, right, right, wrong], &[Ok, Review, Ok, Review, Ok]);
        assert_eq!(
            (counts.ok, counts.review, counts.empty),
            (Ratio::new(2, 3), Ratio::new(1, 2), Ratio::new(0, 0))
        );
        assert_eq!(counts.accepted(), Ratio::new(3, 5));
    }
}
