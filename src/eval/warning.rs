//! What a reader of scores should know before trusting them.

use std::fmt;

use serde::Serialize;

use super::Ratio;

/// Labels with fewer gold rows than this are reported as [`Warning::RareLabel`].
pub const RARE_SUPPORT: u64 = 20;

/// Data of fewer documents than this are reported as [`Warning::FewDocuments`].
pub const FEW_DOCUMENTS: u64 = 20;

/// A calibration error (equal-mass bins) above this is reported as [`Warning::Miscalibrated`], from 100 rows on.
pub const MISCALIBRATED: f64 = 0.1;

/// A label whose share of the rows differs by more than this from its share of the training rows is reported as
/// [`Warning::ShiftedShares`], from 100 rows on.
pub const SHIFTED: f64 = 0.15;

/// A share of words unknown to the model above this is reported as [`Warning::UnknownWords`], from 100 words on.
pub const UNKNOWN_WORDS: f64 = 0.35;

/// Something that makes scores less trustworthy than they look, with what to do about it.
///
/// Warnings are collected in results and shown with them; nothing is printed when they arise. Serialised with the name
/// of the variant as `code` (`"rare_label"`), beside its fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A label has fewer than [`RARE_SUPPORT`] gold rows (and at least one).
    RareLabel {
        /// The label.
        label: String,
        /// Its gold rows.
        support: u64,
    },
    /// A label that gold rows have was given to none.
    LabelNeverPredicted {
        /// The label.
        label: String,
        /// Its gold rows.
        support: u64,
    },
    /// A label of the model has no gold rows.
    LabelWithoutGold {
        /// The label.
        label: String,
        /// How many rows were given it.
        predicted: u64,
    },
    /// Solvers stopped before they reached the optimum.
    NotConverged {
        /// How many fits stopped early.
        fits: usize,
        /// Out of how many.
        of: usize,
        /// The largest gradient norm among them.
        gradient_norm: f64,
    },
    /// The rows come from fewer than [`FEW_DOCUMENTS`] documents.
    FewDocuments {
        /// How many there are.
        documents: u64,
    },
    /// It is not known which rows come from the same document, so intervals take rows as independent.
    DocumentsUnknown,
    /// Always answering with the most frequent label would be right as often.
    NoBetterThanMajority {
        /// The most frequent gold label.
        label: String,
        /// Its share of the rows.
        share: f64,
        /// The model's accuracy.
        accuracy: f64,
    },
    /// Confidences and shares of right labels lie further apart than [`MISCALIBRATED`] on average.
    Miscalibrated {
        /// The expected calibration error, equal-mass bins.
        error: f64,
    },
    /// The labels have other shares than the model expected.
    ShiftedShares {
        /// The label whose share differs most.
        label: String,
        /// Its share of the gold rows.
        share: f64,
        /// The share that the model expected.
        expected: f64,
    },
    /// Many words of the texts are unknown to the model.
    UnknownWords {
        /// Their share of all words.
        share: f64,
    },
    /// The rows are those that the model was trained on.
    OwnTrainingRows,
    /// A label has no rows in the test set of some folds.
    LabelMissingInTest {
        /// The label.
        label: String,
        /// In how many folds.
        folds: usize,
    },
    /// A label has no rows in the training set of some folds, because all its rows are in one fold.
    LabelMissingInTraining {
        /// The label.
        label: String,
        /// In how many folds.
        folds: usize,
    },
}

impl Warning {
    /// What was found.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::RareLabel { label, support } => format!("\"{label}\" has only {}", rows(*support)),
            Self::LabelNeverPredicted { label, support } => {
                format!("\"{label}\" was never predicted, though it has {}", rows(*support))
            }
            Self::LabelWithoutGold { label, predicted } => {
                format!("\"{label}\" has no gold rows; it was predicted {predicted} times")
            }
            Self::NotConverged { fits, of, gradient_norm } => format!(
                "the solver stopped before the optimum in {fits} of {of} fits (gradient norm {gradient_norm:.1e})"
            ),
            Self::FewDocuments { documents } => format!("the gold rows come from only {documents} documents"),
            Self::DocumentsUnknown => "it is not known which rows come from the same document".to_owned(),
            Self::NoBetterThanMajority { label, share, accuracy } => {
                format!("accuracy is {accuracy:.2}, and always answering \"{label}\" would give {share:.2}")
            }
            Self::Miscalibrated { error } => {
                format!("confidence and share of right labels differ by {error:.2} on average")
            }
            Self::ShiftedShares { label, share, expected } => {
                format!(
                    "\"{label}\" has a share of {share:.2} of these rows; the model expected {expected:.2}"
                )
            }
            Self::UnknownWords { share } => {
                format!("the model knows nothing of {:.0} % of the words", 100.0 * share)
            }
            Self::OwnTrainingRows => "these are the rows that the model was trained on".to_owned(),
            Self::LabelMissingInTest { label, folds } => {
                format!("\"{label}\" has no test rows in {folds} of the folds")
            }
            Self::LabelMissingInTraining { label, folds } => {
                format!("\"{label}\" has no training rows in {folds} of the folds, where it cannot be learnt")
            }
        }
    }

    /// Whether the labels have other shares, among rows with the counts `gold`, than `expected`.
    ///
    /// The label that differs most, if by more than [`SHIFTED`]; of equal ones the first. Below 100 rows nothing is said.
    ///
    /// # Panics
    /// When there is not one count and one share per label.
    #[must_use]
    pub fn of_shares(names: &[String], gold: &[usize], expected: &[f64]) -> Option<Self> {
        assert_eq!((names.len(), names.len()), (gold.len(), expected.len()), "one count and share per label");
        let rows = gold.iter().sum::<usize>();
        let shares = |at: usize| (gold[at] as f64 / rows as f64, expected[at]);
        let gap = |at: usize| (shares(at).0 - shares(at).1).abs();
        let most = (0..names.len()).rev().max_by(|&a, &b| gap(a).total_cmp(&gap(b)))?;
        let (share, expected) = shares(most);
        (rows >= 100 && gap(most) > SHIFTED).then(|| Self::ShiftedShares {
            label: names[most].clone(),
            share,
            expected,
        })
    }

    /// Whether the model knows too few of the words; `known` is the share it knows.
    #[must_use]
    pub fn of_words(known: Ratio) -> Option<Self> {
        let share = 1.0 - known.value()?;
        (known.den() >= 100 && share > UNKNOWN_WORDS).then_some(Self::UnknownWords { share })
    }

    /// What to make of it, or do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::RareLabel { .. } => "each row moves its scores by several points; label more rows of it",
            Self::LabelNeverPredicted { .. } => {
                "its precision is n/a and counts as 0 in averages; train with more rows of it or with class weights"
            }
            Self::LabelWithoutGold { .. } => "its recall is n/a; evaluate on rows that have the label",
            Self::NotConverged { .. } => "raise the iteration limit or the regularisation",
            Self::FewDocuments { .. } => {
                "scores hang on a few texts; add gold rows of other documents rather than more rows of these"
            }
            Self::DocumentsUnknown => {
                "intervals may be too narrow; name the column that tells documents apart"
            }
            Self::NoBetterThanMajority { .. } => {
                "look at the macro average and at each label instead of accuracy"
            }
            Self::Miscalibrated { .. } => {
                "do not read confidences as probabilities here; recalibrate on rows like these"
            }
            Self::ShiftedShares { .. } => {
                "confidences lean towards the shares that are expected; tell those of your texts with --prior"
            }
            Self::UnknownWords { .. } => {
                "the texts differ from those of training in topic, genre or language; label some of them and train anew"
            }
            Self::OwnTrainingRows => {
                "a model finds most of what it has seen, so the scores say little; evaluate on rows kept aside, or use \
                 crossval"
            }
            Self::LabelMissingInTest { .. } => "use fewer folds, or label rows of it in other documents",
            Self::LabelMissingInTraining { .. } => {
                "label rows of it in at least as many documents as there are folds"
            }
        }
    }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 gold row".to_owned() } else { format!("{count} gold rows") }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message(), self.advice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_says_what_was_found_and_what_to_do() {
        let label = || "threat".to_owned();
        let all = [
            Warning::RareLabel { label: label(), support: 1 },
            Warning::LabelNeverPredicted { label: label(), support: 12 },
            Warning::LabelWithoutGold { label: label(), predicted: 3 },
            Warning::NotConverged { fits: 2, of: 5, gradient_norm: 0.0123 },
            Warning::FewDocuments { documents: 6 },
            Warning::DocumentsUnknown,
            Warning::NoBetterThanMajority { label: label(), share: 0.75, accuracy: 0.7 },
            Warning::Miscalibrated { error: 0.1345 },
            Warning::ShiftedShares { label: label(), share: 0.05, expected: 0.2512 },
            Warning::UnknownWords { share: 0.456 },
            Warning::OwnTrainingRows,
            Warning::LabelMissingInTest { label: label(), folds: 2 },
            Warning::LabelMissingInTraining { label: label(), folds: 1 },
        ];
        insta::assert_snapshot!(all.each_ref().map(ToString::to_string).join("\n"));
        assert_eq!(
            serde_json::to_string(&all[0]).unwrap(),
            r#"{"code":"rare_label","label":"threat","support":1}"#
        );
    }
    #[test]
    fn other_shares_than_expected_are_told_of_the_label_that_differs_most() {
        let names = ["a", "b", "c"].map(String::from);
        // Shares 0.5, 0.3, 0.2 against 0.2, 0.4, 0.4.
        let found = Warning::of_shares(&names, &[50, 30, 20], &[0.2, 0.4, 0.4]);
        assert_eq!(found, Some(Warning::ShiftedShares { label: "a".into(), share: 0.5, expected: 0.2 }));
        assert_eq!(Warning::of_shares(&names, &[49, 30, 20], &[0.2, 0.4, 0.4]), None, "fewer than 100 rows");
        assert_eq!(Warning::of_shares(&names, &[300, 400, 300], &[0.2, 0.4, 0.4]), None, "differ by a tenth");
        assert_eq!(Warning::of_shares(&names, &[0, 0, 0], &[0.2, 0.4, 0.4]), None);
    }

    #[test]
    fn unknown_words_are_told_when_there_are_many() {
        assert_eq!(Warning::of_words(Ratio::new(50, 100)), Some(Warning::UnknownWords { share: 0.5 }));
        assert_eq!(Warning::of_words(Ratio::new(65, 100)), None);
        assert_eq!(Warning::of_words(Ratio::new(0, 99)), None);
        assert_eq!(Warning::of_words(Ratio::new(0, 0)), None);
    }
}
