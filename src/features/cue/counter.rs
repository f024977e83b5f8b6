//! From hits to features: counts of classes and of ordered pairs of classes.

use serde::{Deserialize, Serialize};

use super::lexicon::CueLexicon;
use super::matcher::CueStart;

/// The number of a cue feature: first the classes, then the ordered pairs of classes, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueFeatureId(u32);

impl CueFeatureId {
    /// The position.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which features are made of the hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CueParams {
    /// Count ordered pairs of classes beside the classes. Default on.
    pub pairs: bool,
    /// A pair counts when its second hit begins at most this many words after the first. Default 12.
    pub pair_window: usize,
}

impl Default for CueParams {
    fn default() -> Self {
        Self { pairs: true, pair_window: 12 }
    }
}

/// Counts the cues of a sentence.
///
/// Each place where a class begins counts once for the class. Each two of them, `a` and `b`, with
/// `start(a) < start(b) ≤ start(a) + window`, measured in words, count once for the ordered pair of their classes.
/// [Hidden](super::CueClass::is_hidden) classes make no features. The counts are what the cue block's TF-IDF is fitted on.
#[derive(Debug, Clone)]
pub struct CueCounter {
    params: CueParams,
    names: Vec<String>,
}

impl CueCounter {
    /// The counter for the classes of `lexicon`.
    #[must_use]
    pub fn new(lexicon: &CueLexicon, params: CueParams) -> Self {
        let classes = lexicon.classes();
        Self { params, names: classes.iter().map(|c| c.name().to_owned()).collect() }
    }

    /// How many features there can be: `c` classes and, with pairs, `c²` pairs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        let classes = self.names.len();
        classes + if self.params.pairs { classes * classes } else { 0 }
    }

    /// All features in order.
    pub fn ids(&self) -> impl Iterator<Item = CueFeatureId> + use<> {
        // At most 1000 classes, so at most about 10^6 features.
        #[allow(clippy::cast_possible_truncation)]
        (0..self.n_features() as u32).map(CueFeatureId)
    }

    /// The name of a feature: `CALL`, or `CALL→STOP` for a pair.
    ///
    /// # Panics
    /// When `id` comes from a larger lexicon.
    #[must_use]
    pub fn name(&self, id: CueFeatureId) -> String {
        let classes = self.names.len();
        match id.index().checked_sub(classes) {
            None => self.names[id.index()].clone(),
            Some(pair) => format!("{}→{}", self.names[pair / classes], self.names[pair % classes]),
        }
    }

    /// Puts the counts of a sentence into `counts`, sorted by feature, in place of what is there.
    ///
    /// `starts` are those that the matcher found in it.
    pub fn count_into(&self, starts: &[CueStart], counts: &mut Vec<(CueFeatureId, u32)>) {
        counts.clear();
        self.for_each(starts, |id| counts.push((id, 1)));
        counts.sort_unstable();
        counts.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
    }

    /// Calls `each` with the feature of every occurrence, classes first, otherwise in no special order.
    pub fn for_each(&self, starts: &[CueStart], mut each: impl FnMut(CueFeatureId)) {
        starts.iter().for_each(|start| each(Self::id(start.class.index())));
        if !self.params.pairs {
            return;
        }
        let classes = self.names.len();
        for (i, first) in starts.iter().enumerate() {
            let row = classes + first.class.index() * classes;
            for second in &starts[i + 1..] {
                let words = (second.words_before - first.words_before) as usize;
                if words > self.params.pair_window {
                    break;
                }
                if words > 0 {
                    each(Self::id(row + second.class.index()));
                }
            }
        }
    }

    fn id(index: usize) -> CueFeatureId {
        // See `ids`: the number of features fits.
        CueFeatureId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
