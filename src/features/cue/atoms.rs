//! What a token is to the patterns: the elements that its word satisfies, as numbers.

use rustc_hash::{FxHashMap, FxHashSet};

use super::pattern::{Alternative, canonical_mark, is_mark};

/// The number of an element of patterns: a set of spellings. A token that has one of them has the atom.
///
/// What a token is to the patterns hangs on its word alone, so a caller can look it up once per distinct word. It comes
/// as a row of numbers that only the matcher reads: the token's nature, its atoms, and the patterns that these concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomId(u32);

impl AtomId {
    /// What every word or number satisfies.
    pub(super) const WORD: Self = Self(0);
    const FIRST_FREE: usize = 1;

    #[inline]
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    #[inline]
    pub(super) const fn number(self) -> u32 {
        self.0
    }
}

/// What kind of token something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// A word or number.
    Word = 0,
    /// A mark that patterns pass over: a comma or a quotation mark.
    SoftMark = 1,
    /// A mark that ends a clause.
    HardMark = 2,
}

/// A token as the matcher sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenView<'a> {
    nature: u32,
    /// The elements that it satisfies.
    pub atoms: &'a [AtomId],
    /// The patterns that are nothing but one of these.
    pub alone: &'a [AtomId],
    /// The patterns whose rarest element is among them.
    pub due: &'a [AtomId],
}

impl<'a> TokenView<'a> {
    /// The numbers in which a token comes.
    pub(super) fn encode(nature: Nature, atoms: &[u32], [alone, due]: &[Vec<u32>; 2]) -> Box<[AtomId]> {
        // Far fewer than 2^32, see `AtomTable::next`.
        let length = |of: &[u32]| u32::try_from(of.len()).unwrap_or(0);
        let head = [nature as u32, length(atoms), length(alone)];
        [&head, atoms, alone, due].concat().into_iter().map(AtomId).collect()
    }

    /// The token that comes in these numbers.
    #[inline]
    pub(super) fn decode(numbers: &'a [AtomId]) -> Self {
        let Some((&[nature, n_atoms, n_alone], rest)) = numbers.split_first_chunk() else {
            return Self { nature: Nature::HardMark as u32, atoms: &[], alone: &[], due: &[] };
        };
        let (atoms, rest) = rest.split_at(rest.len().min(n_atoms.index()));
        let (alone, due) = rest.split_at(rest.len().min(n_alone.index()));
        Self { nature: nature.number(), atoms, alone, due }
    }

    #[inline]
    pub(super) fn is(&self, nature: Nature) -> bool {
        self.nature == nature as u32
    }
}

/// The atoms of the tokens of one sentence: a reusable buffer.
#[derive(Debug, Clone, Default)]
pub struct TokenAtoms {
    atoms: Vec<AtomId>,
    places: Vec<(u32, u32)>,
}

/// The atoms of the tokens of one sentence, wherever they are kept: the matcher's input.
#[derive(Debug, Clone, Copy)]
pub struct TokenAtomsView<'a> {
    /// Where all atoms are kept, those of one token side by side.
    pub atoms: &'a [AtomId],
    /// For each token, from where to where its atoms stand there.
    pub places: &'a [(u32, u32)],
}

impl TokenAtoms {
    /// No tokens yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a token with the atoms that [`super::CueMatcher::atoms_of`] gave for its word.
    ///
    /// # Panics
    /// When all tokens together have 2³² atoms.
    pub fn push(&mut self, atoms: &[AtomId]) {
        let end = |atoms: &[AtomId]| u32::try_from(atoms.len()).expect("fewer than 2³² atoms in a sentence");
        let from = end(&self.atoms);
        self.atoms.extend_from_slice(atoms);
        self.places.push((from, end(&self.atoms)));
    }

    /// Takes all tokens out and keeps the memory.
    pub fn clear(&mut self) {
        self.atoms.clear();
        self.places.clear();
    }

    /// The tokens, borrowed.
    #[must_use]
    pub fn view(&self) -> TokenAtomsView<'_> {
        TokenAtomsView { atoms: &self.atoms, places: &self.places }
    }
}

impl<'a> TokenAtomsView<'a> {
    /// How many tokens there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.places.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.places.is_empty()
    }

    /// The tokens `from..to`.
    #[inline]
    pub(super) fn of(
        self,
        from: usize,
        to: usize,
    ) -> impl DoubleEndedIterator<Item = TokenView<'a>> + ExactSizeIterator {
        let atoms = self.atoms;
        self.places[from..to]
            .iter()
            .map(move |&(from, to)| TokenView::decode(&atoms[from as usize..to as usize]))
    }
}

/// The spellings of all elements, and which elements each of them satisfies.
#[derive(Debug, Clone)]
pub(super) struct Spellings {
    words: FxHashMap<Box<str>, Vec<u32>>,
    prefixes: FxHashMap<Box<str>, Vec<u32>>,
    /// For each first byte, how long the prefixes are that begin with it, a bit for each length. The last bit is for all that
    /// are too long for the others.
    lengths: Vec<u64>,
    longest_prefix: usize,
}

impl Default for Spellings {
    fn default() -> Self {
        let (words, prefixes) = (FxHashMap::default(), FxHashMap::default());
        Self { words, prefixes, lengths: vec![0; 256], longest_prefix: 0 }
    }
}

/// Prefixes of so many bytes or more share a bit.
const LONG_PREFIX: usize = 63;

impl Spellings {
    /// What kind of token `word` is, and its atoms, ascending.
    pub(super) fn atoms_of(&self, word: &str) -> (Nature, Vec<u32>) {
        let mut atoms: Vec<u32> = Vec::new();
        let nature = if is_mark(word) {
            let spelling = canonical_mark(word).map(String::from);
            atoms.extend(spelling.and_then(|m| self.words.get(m.as_str())).into_iter().flatten());
            if is_soft_mark(word) { Nature::SoftMark } else { Nature::HardMark }
        } else {
            atoms.extend(self.words.get(word).into_iter().flatten());
            self.for_each_prefix(word, |those| atoms.extend(those));
            Nature::Word
        };
        atoms.sort_unstable();
        atoms.dedup();
        (nature, atoms)
    }

    /// Calls `each` with the atoms of the prefixes that `word` begins with.
    fn for_each_prefix(&self, word: &str, mut each: impl FnMut(&[u32])) {
        let mut left = word.bytes().next().map_or(0, |first| self.lengths[usize::from(first)]);
        while left != 0 {
            let length = left.trailing_zeros() as usize;
            left &= left - 1;
            let longest = if length == LONG_PREFIX { self.longest_prefix } else { length };
            for end in length..=longest.min(word.len()) {
                // Nothing where a character is not over yet.
                if let Some(atoms) = word.get(..end).and_then(|prefix| self.prefixes.get(prefix)) {
                    each(atoms);
                }
            }
        }
    }

    fn add(&mut self, alternative: &Alternative, atom: AtomId) {
        let map = if alternative.is_prefix {
            if let Some(&first) = alternative.text.as_bytes().first() {
                self.lengths[usize::from(first)] |= 1 << alternative.text.len().min(LONG_PREFIX);
            }
            self.longest_prefix = self.longest_prefix.max(alternative.text.len());
            &mut self.prefixes
        } else {
            &mut self.words
        };
        match map.get_mut(alternative.text.as_str()) {
            Some(atoms) => atoms.push(atom.number()),
            None => {
                map.insert(alternative.text.as_str().into(), vec![atom.number()]);
            }
        }
    }
}

/// Whether `mark` is one that patterns pass over.
pub(super) fn is_soft_mark(mark: &str) -> bool {
    matches!(canonical_mark(mark), Some(',' | '"')) || matches!(mark, "'" | "‘" | "’")
}

/// Words and marks that most sentences have. Each is an atom of its own, wherever it stands in a lexicon: else `the`
/// would bring along an atom for every element that admits it, and three quarters of all atoms would be of such words.
///
/// The list is a matter of speed alone. For other languages the matcher is slower, and finds the same.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "do", "for",
    "from", "had", "has", "have", "he", "her", "his", "i", "if", "in", "into", "is", "it", "its", "may", "more",
    "must", "no", "not", "of", "on", "one", "or", "our", "out", "over", "she", "should", "so", "than", "that",
    "the", "their", "them", "there", "they", "this", "to", "two", "up", "us", "was", "we", "were", "when", "which",
    "who", "will", "with", "would", "you",
    ",", ".", "\"", "?", "(", ")", ":", ";", "—",
];

/// Numbers the elements of patterns: the same spellings have the same atoms.
#[derive(Debug)]
pub(super) struct AtomTable {
    spellings: Spellings,
    is_common: FxHashSet<&'static str>,
    common: FxHashMap<Box<str>, AtomId>,
    /// By all spellings, one after the other.
    by_spelling: FxHashMap<Box<str>, AtomId>,
    key: String,
    /// For each atom, how many ways there are to write it; common words count a hundred.
    commonness: Vec<u32>,
}

impl AtomTable {
    pub(super) fn new() -> Self {
        Self {
            spellings: Spellings::default(),
            is_common: COMMON.iter().copied().collect(),
            common: FxHashMap::default(),
            by_spelling: FxHashMap::default(),
            key: String::new(),
            commonness: vec![10_000; AtomId::FIRST_FREE],
        }
    }

    /// How many atoms there are.
    pub(super) fn len(&self) -> usize {
        self.commonness.len()
    }

    /// A number that orders atoms by how many sentences are likely to have them.
    pub(super) fn commonness(&self, atom: u32) -> u32 {
        self.commonness[atom as usize]
    }

    pub(super) fn into_spellings(self) -> Spellings {
        self.spellings
    }

    /// The atoms of an element: a token satisfies it when it has one of them.
    pub(super) fn atoms(&mut self, alternatives: &[Alternative]) -> Vec<AtomId> {
        let is_common = |a: &&Alternative| !a.is_prefix && self.is_common.contains(a.text.as_str());
        let (common, mut others): (Vec<&Alternative>, Vec<&Alternative>) =
            alternatives.iter().partition(is_common);
        others.sort_unstable();
        let mut atoms: Vec<AtomId> = common.into_iter().map(|word| self.common(word)).collect();
        if !others.is_empty() {
            atoms.push(self.rare(&others));
        }
        atoms
    }

    fn common(&mut self, word: &Alternative) -> AtomId {
        if let Some(&atom) = self.common.get(word.text.as_str()) {
            return atom;
        }
        let atom = self.next(100);
        self.spellings.add(word, atom);
        self.common.insert(word.text.as_str().into(), atom);
        atom
    }

    fn rare(&mut self, alternatives: &[&Alternative]) -> AtomId {
        self.key.clear();
        for alternative in alternatives {
            // No spelling has these two signs in it.
            self.key.extend([alternative.text.as_str(), if alternative.is_prefix { "*|" } else { "|" }]);
        }
        if let Some(&atom) = self.by_spelling.get(self.key.as_str()) {
            return atom;
        }
        let atom = self.next(alternatives.iter().map(|a| if a.is_prefix { 3 } else { 2 }).sum());
        for alternative in alternatives {
            self.spellings.add(alternative, atom);
        }
        self.by_spelling.insert(self.key.as_str().into(), atom);
        atom
    }

    fn next(&mut self, commonness: u32) -> AtomId {
        // Far fewer than 2³²: each comes from an element of a file that was read into memory.
        let atom = AtomId(u32::try_from(self.len()).unwrap_or(u32::MAX));
        self.commonness.push(commonness);
        atom
    }
}
