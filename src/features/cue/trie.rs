//! The patterns of a lexicon as a trie over elements, and the tokens of a sentence as sets of atoms.

use rustc_hash::FxHashMap;

use super::lexicon::{CueClassId, CueLexicon};
use super::pattern::{Alternative, Element, canonical_mark, is_mark};

/// What a token can be to the patterns: an element of theirs that the token satisfies, or its own nature.
///
/// A token's atoms depend on its word alone, so a caller can look them up once per distinct word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomId(u32);

impl AtomId {
    /// Every word or number.
    pub(super) const WORD: Self = Self(0);
    /// A mark that patterns pass over: a comma or a quotation mark.
    pub(super) const SOFT_MARK: Self = Self(1);
    /// A mark that ends a clause.
    pub(super) const HARD_MARK: Self = Self(2);
    const FIRST_FREE: u32 = 3;

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) const fn number(self) -> u32 {
        self.0
    }
}

/// The atoms of the tokens of one sentence: the matcher's input and a reusable buffer.
#[derive(Debug, Clone, Default)]
pub struct TokenAtoms {
    atoms: Vec<AtomId>,
    ends: Vec<usize>,
}

impl TokenAtoms {
    /// No tokens yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a token with the atoms that [`super::CueMatcher::atoms_of`] gave for its word.
    pub fn push(&mut self, atoms: &[AtomId]) {
        self.atoms.extend_from_slice(atoms);
        self.ends.push(self.atoms.len());
    }

    /// Takes all tokens out and keeps the memory.
    pub fn clear(&mut self) {
        self.atoms.clear();
        self.ends.clear();
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The atoms of each token, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[AtomId]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let atoms = &self.atoms[start..end];
            start = end;
            atoms
        })
    }

    pub(super) fn of(&self, token: usize) -> &[AtomId] {
        let start = if token == 0 { 0 } else { self.ends[token - 1] };
        &self.atoms[start..self.ends[token]]
    }

    pub(super) fn has(&self, token: usize, atom: AtomId) -> bool {
        token < self.ends.len() && self.of(token).contains(&atom)
    }
}

/// The spellings of all elements, and which elements each of them satisfies.
#[derive(Debug, Clone, Default)]
pub(super) struct Atoms {
    words: FxHashMap<Box<str>, Vec<AtomId>>,
    prefixes: FxHashMap<Box<str>, Vec<AtomId>>,
    longest_prefix: usize,
}

impl Atoms {
    /// The atoms of a token, ascending. The first tells its nature: word, passed-over mark, clause-ending mark.
    pub(super) fn of(&self, word: &str) -> Box<[AtomId]> {
        let mut atoms = Vec::new();
        if is_mark(word) {
            let mark = canonical_mark(word);
            atoms.push(if soft(word, mark) { AtomId::SOFT_MARK } else { AtomId::HARD_MARK });
            let spelling = mark.map(String::from);
            atoms.extend(spelling.and_then(|m| self.words.get(m.as_str())).into_iter().flatten());
        } else {
            atoms.push(AtomId::WORD);
            atoms.extend(self.words.get(word).into_iter().flatten());
            let ends = word.char_indices().map(|(i, c)| i + c.len_utf8());
            for end in ends.take_while(|&e| e <= self.longest_prefix) {
                atoms.extend(self.prefixes.get(&word[..end]).into_iter().flatten());
            }
        }
        atoms.sort_unstable();
        atoms.dedup();
        atoms.into_boxed_slice()
    }

    fn add(&mut self, alternative: &Alternative, atom: AtomId) {
        let map = if alternative.is_prefix {
            self.longest_prefix = self.longest_prefix.max(alternative.text.len());
            &mut self.prefixes
        } else {
            &mut self.words
        };
        map.entry(alternative.text.as_str().into()).or_default().push(atom);
    }
}

fn soft(word: &str, mark: Option<char>) -> bool {
    matches!(mark, Some(',' | '"')) || matches!(word, "'" | "‘" | "’")
}

/// A place in the trie.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) atoms: Vec<(AtomId, usize)>,
    pub(super) gaps: Vec<(u8, usize)>,
    pub(super) classes: Vec<(CueClassId, usize)>,
    pub(super) accepts: Vec<CueClassId>,
}

/// All patterns of a lexicon, those with a common beginning on a common path.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    pub(super) nodes: Vec<Node>,
    /// For each atom, the nodes that it leads to from [`Trie::ROOT`]: most tokens have none.
    pub(super) first: Vec<Option<usize>>,
    /// The classes that patterns begin with, ascending, and where they lead to.
    pub(super) classes: Vec<(CueClassId, usize)>,
    /// The same at the first word, where patterns of both kinds can begin.
    pub(super) classes_at_start: Vec<(CueClassId, usize)>,
}

impl Trie {
    /// Where patterns begin.
    pub(super) const ROOT: usize = 0;
    /// Where patterns begin that only match at the first word.
    pub(super) const START: usize = 1;

    pub(super) fn new(lexicon: &CueLexicon, atoms: &mut AtomTable) -> Self {
        let mut builder = Builder { atoms, nodes: vec![Node::default(), Node::default()] };
        for (i, class) in lexicon.classes().iter().enumerate() {
            for (at_start, elements) in class.compact() {
                let mut node = if at_start { Self::START } else { Self::ROOT };
                for element in &elements {
                    node = builder.step(node, element);
                }
                // Two patterns of a class may differ in spelling only; one acceptance is enough.
                let accepts = &mut builder.nodes[node].accepts;
                if accepts.last() != Some(&CueClassId::at(i)) {
                    accepts.push(CueClassId::at(i));
                }
            }
        }
        let mut classes = builder.nodes[Self::ROOT].classes.clone();
        classes.sort_unstable();
        let mut classes_at_start = [classes.as_slice(), &builder.nodes[Self::START].classes].concat();
        classes_at_start.sort_unstable();
        let mut first = vec![None; builder.atoms.len()];
        for &(atom, node) in &builder.nodes[Self::ROOT].atoms {
            first[atom.index()] = Some(node);
        }
        Self { nodes: builder.nodes, first, classes, classes_at_start }
    }
}

/// Numbers the elements of patterns, the same for the same alternatives in whatever order.
#[derive(Debug)]
pub(super) struct AtomTable {
    spellings: Atoms,
    by_spelling: FxHashMap<Vec<Alternative>, AtomId>,
    /// For each atom, roughly how often a text has it, in units that only order.
    commonness: Vec<u32>,
}

impl AtomTable {
    pub(super) fn new() -> Self {
        Self {
            spellings: Atoms::default(),
            by_spelling: FxHashMap::default(),
            commonness: vec![u32::MAX; AtomId::FIRST_FREE as usize],
        }
    }

    /// How many atoms there are.
    pub(super) fn len(&self) -> usize {
        self.commonness.len()
    }

    /// How common an atom is: the sum over its spellings, in which function words count a hundredfold.
    pub(super) fn commonness(&self, atom: u32) -> u32 {
        self.commonness[atom as usize]
    }

    pub(super) fn into_spellings(self) -> Atoms {
        self.spellings
    }

    /// The atom of an element.
    pub(super) fn atom(&mut self, alternatives: &[Alternative]) -> AtomId {
        let mut key = alternatives.to_vec();
        key.sort_unstable();
        if let Some(&atom) = self.by_spelling.get(&key) {
            return atom;
        }
        let atom = AtomId(u32::try_from(self.len()).unwrap_or(u32::MAX));
        self.commonness.push(key.iter().map(commonness).sum());
        for alternative in &key {
            self.spellings.add(alternative, atom);
        }
        self.by_spelling.insert(key, atom);
        atom
    }
}

/// The function words that English texts are full of. For other languages the anchors are chosen less well, which
/// costs time and changes no result.
#[rustfmt::skip]
const FUNCTION_WORDS: &[&str] = &[
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has",
    "have", "he", "her", "his", "if", "in", "is", "it", "its", "no", "not", "of", "on", "or", "our", "she",
    "that", "the", "their", "them", "they", "this", "to", "was", "we", "were", "will", "with", "would", "you",
    ",", ".", "\"", "?", "(", ")", ":", ";", "—",
];

fn commonness(alternative: &Alternative) -> u32 {
    match () {
        () if FUNCTION_WORDS.contains(&alternative.text.as_str()) => 100,
        () if alternative.is_prefix => 3,
        () => 2,
    }
}

struct Builder<'t> {
    atoms: &'t mut AtomTable,
    nodes: Vec<Node>,
}

impl Builder<'_> {
    /// The node that `element` leads to from `node`.
    fn step(&mut self, node: usize, element: &Element) -> usize {
        let next = self.nodes.len();
        let from = &mut self.nodes[node];
        let to = match element {
            Element::Gap(words) => edge(&mut from.gaps, *words, next),
            Element::Class(class) => edge(&mut from.classes, *class, next),
            Element::AnyWord => edge(&mut from.atoms, AtomId::WORD, next),
            Element::OneOf(alternatives) => edge(&mut from.atoms, self.atoms.atom(alternatives), next),
        };
        if to == next {
            self.nodes.push(Node::default());
        }
        to
    }
}

/// The target of the edge `label`, which is `next` when the edge is new.
fn edge<L: PartialEq + Copy>(edges: &mut Vec<(L, usize)>, label: L, next: usize) -> usize {
    if let Some(&(_, to)) = edges.iter().find(|(l, _)| *l == label) {
        return to;
    }
    edges.push((label, next));
    next
}
