//! From hits to features: counts of classes and of ordered pairs of classes.

use rustc_hash::FxHashMap;
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
    /// The names of the classes that are not hidden, in the order of the lexicon.
    names: Vec<String>,
    /// For each class its position in `names`; 0 for hidden ones, which never begin anywhere.
    ranks: Vec<u32>,
    by_name: FxHashMap<String, usize>,
}

/// What stands between the names of a pair.
const ARROW: char = '→';

impl CueCounter {
    /// The counter for the classes of `lexicon`.
    #[must_use]
    pub fn new(lexicon: &CueLexicon, params: CueParams) -> Self {
        let classes = lexicon.classes();
        let visible = || classes.iter().filter(|class| !class.is_hidden());
        let names: Vec<String> = visible().map(|class| class.name().to_owned()).collect();
        let by_name: FxHashMap<String, usize> = names.iter().cloned().zip(0..).collect();
        // A lexicon has at most 1000 classes.
        let rank = |name: &str| by_name.get(name).map_or(0, |&at| u32::try_from(at).unwrap_or(0));
        let ranks = classes.iter().map(|class| rank(class.name())).collect();
        Self { params, names, ranks, by_name }
    }

    /// How many features there can be: `c` classes that are not hidden and, with pairs, `c²` pairs.
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
            Some(pair) => format!("{}{ARROW}{}", self.names[pair / classes], self.names[pair % classes]),
        }
    }

    /// The feature with this name, if there is one.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<CueFeatureId> {
        let class = |name: &str| self.by_name.get(name).copied();
        match name.split_once(ARROW) {
            None => class(name).map(Self::id),
            Some((first, second)) if self.params.pairs => {
                Some(Self::id(self.names.len() * (1 + class(first)?) + class(second)?))
            }
            Some(_) => None,
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
        let rank = |start: &CueStart| self.ranks[start.class.index()];
        for start in starts {
            each(CueFeatureId(rank(start)));
        }
        if !self.params.pairs {
            return;
        }
        // See `ids`: the number of features fits.
        let classes = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        for (i, first) in starts.iter().enumerate() {
            let row = classes * (1 + rank(first));
            for second in &starts[i + 1..] {
                let words = (second.words_before - first.words_before) as usize;
                if words > self.params.pair_window {
                    break;
                }
                if words > 0 {
                    each(CueFeatureId(row + rank(second)));
                }
            }
        }
    }

    fn id(index: usize) -> CueFeatureId {
        // See `ids`: the number of features fits.
        CueFeatureId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
