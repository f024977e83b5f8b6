//! Label names and their indices. Labels come from the data, never from the code.

use crate::error::{Error, ErrorKind, Result};

/// The index of a label in its [`LabelSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(u8);

impl LabelId {
    /// The position of the label in its set, and of its column in a row of scores.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The distinct labels of a data set, sorted by name (byte order), between 2 and 255 of them.
///
/// Sorting makes the order independent of the order of the rows, so that the same data give the same model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSet {
    names: Vec<String>,
}

impl LabelSet {
    /// The most labels a set can have.
    pub const MAX: usize = 255;

    /// The set of the distinct `names`.
    ///
    /// # Errors
    /// [`ErrorKind::Label`] when there are fewer than two or more than [`LabelSet::MAX`] distinct names, or when a name
    /// is empty.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        if names.iter().any(String::is_empty) {
            return Err(Error::new(ErrorKind::Label, "a label is empty; expected a name"));
        }
        match names.len() {
            0 => Err(Error::new(ErrorKind::Label, "no labels found; expected at least two different ones")),
            1 => Err(Error::new(
                ErrorKind::Label,
                format!("every row has the label \"{}\"; expected at least two different ones", names[0]),
            )
            .advise("add rows of another label: a classifier needs something to tell apart")),
            n if n > Self::MAX => Err(Error::new(
                ErrorKind::Label,
                format!("{n} different labels; expected at most {}", Self::MAX),
            )
            .advise("is this the label column? name the right one with --label-column")),
            _ => Ok(Self { names }),
        }
    }

    /// How many labels there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // never empty: `new` asks for two
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// All ids in order.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = LabelId> + Clone + use<> {
        // `new` allows at most 255 names, so every index fits a u8.
        #[allow(clippy::cast_possible_truncation)]
        (0..self.names.len()).map(|i| LabelId(i as u8))
    }

    /// The label at position `index`, if there is one.
    #[must_use]
    pub fn id_at(&self, index: usize) -> Option<LabelId> {
        (index < self.names.len()).then(|| u8::try_from(index).ok().map(LabelId)).flatten()
    }

    /// The label called `name`, if the set has it.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<LabelId> {
        self.names.binary_search_by(|n| n.as_str().cmp(name)).ok().and_then(|i| self.id_at(i))
    }

    /// The label called `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Label`], listing the labels there are, when the set does not have it.
    pub fn require(&self, name: &str) -> Result<LabelId> {
        self.id(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Label,
                format!("unknown label \"{name}\"; expected one of: {}", self.names.join(", ")),
            )
        })
    }

    /// The name of `id`.
    ///
    /// # Panics
    /// When `id` comes from a larger set.
    #[must_use]
    pub fn name(&self, id: LabelId) -> &str {
        &self.names[id.index()]
    }

    /// All names in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_by_name_whatever_the_input_order() {
        let set = LabelSet::new(["threat", "none", "threat", "restraint"]).unwrap();
        assert_eq!(set.names(), ["none", "restraint", "threat"]);
        assert_eq!(set.id("threat").map(LabelId::index), Some(2));
        assert_eq!(set.id("ceasefire"), None);
        assert_eq!(set.id_at(3), None);
    }

    #[test]
    fn one_label_is_refused_with_advice() {
        let error = LabelSet::new(["none", "none"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "every row has the label \"none\"; expected at least two different ones\n  add rows of another label: a classifier needs something to tell apart"
        );
    }

    #[test]
    fn an_unknown_label_lists_the_known_ones() {
        let set = LabelSet::new(["b", "a"]).unwrap();
        assert_eq!(set.require("c").unwrap_err().to_string(), "unknown label \"c\"; expected one of: a, b");
    }
}
