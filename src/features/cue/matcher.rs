//! Finding the patterns of a lexicon in a sentence.

use super::lexicon::{CueClassId, CueLexicon};
use super::program::{Program, Work};
use super::trie::{AtomId, AtomTable, Atoms, TokenAtoms, Trie};

/// A place where a class of cues matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueHit {
    /// The first token of the match.
    pub start_token: usize,
    /// What matched.
    pub class: CueClassId,
    /// The token after the last one of the match.
    pub end_token: usize,
}

/// A place where a class of cues begins, as far as features are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueStart {
    /// How many words of the sentence stand before.
    pub words_before: u32,
    /// What begins.
    pub class: CueClassId,
}

/// A [`CueLexicon`], made ready for matching.
///
/// A sentence is a sequence of tokens, each given by its atoms. [`CueMatcher::find`] says from where to where each class
/// matches: it walks a trie of pattern elements from each token, right to left, so that the matches of a class are
/// known before a pattern further left asks for them. [`CueMatcher::starts`] says only where classes begin, which is
/// all that features are made of, and is many times faster.
///
/// ```
/// use stancewire::features::{CueLexicon, CueMatcher};
/// let lexicon = CueLexicon::parse("[STOP]\npatterns = [\"put .. end\", \"end*\"]\n")?;
/// let hits = CueMatcher::new(&lexicon).find_words(["put", "an", "end", "to", "it"]);
/// let places: Vec<_> = hits.iter().map(|h| h.start_token..h.end_token).collect();
/// assert_eq!(places, [0..3, 2..3]);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CueMatcher {
    atoms: Atoms,
    trie: Trie,
    program: Program,
}

/// The matcher's working memory, to be kept from sentence to sentence.
#[derive(Debug, Clone, Default)]
pub struct CueScratch {
    /// All matches found so far, grouped by their start, the groups from right to left.
    found: Vec<(CueClassId, usize)>,
    /// Where the group of each start lies in `found`, by token.
    groups: Vec<(usize, usize)>,
    /// What has been walked from the present start: a node and the token it looks at next.
    walked: Vec<(usize, usize)>,
    /// For [`CueMatcher::starts`], by the length of sentences.
    up_to_63: Work<1>,
    up_to_127: Work<2>,
    up_to_511: Work<8>,
    hits: Vec<CueHit>,
}

impl CueMatcher {
    /// Makes the matcher of `lexicon`.
    #[must_use]
    pub fn new(lexicon: &CueLexicon) -> Self {
        let mut atoms = AtomTable::new();
        let program = Program::new(lexicon, &mut atoms);
        let trie = Trie::new(lexicon, &mut atoms);
        Self { atoms: atoms.into_spellings(), trie, program }
    }

    /// The atoms of a token, from its `word`: the analyzer's surface form of a word, or the text of a mark.
    #[must_use]
    pub fn atoms_of(&self, word: &str) -> Box<[AtomId]> {
        self.atoms.of(word)
    }

    /// Finds where classes begin that are not [hidden](super::CueClass::is_hidden), and puts it into `starts`, whose
    /// content is replaced; sorted by place and class, each class at most once for each token.
    pub fn starts(&self, tokens: &TokenAtoms, scratch: &mut CueScratch, starts: &mut Vec<CueStart>) {
        match tokens.len() {
            0..64 => self.program.find(tokens, &mut scratch.up_to_63, starts),
            64..128 => self.program.find(tokens, &mut scratch.up_to_127, starts),
            128..512 => self.program.find(tokens, &mut scratch.up_to_511, starts),
            _ => self.starts_by_walking(tokens, scratch, starts),
        }
    }

    /// The same from the hits of [`CueMatcher::find`].
    fn starts_by_walking(&self, tokens: &TokenAtoms, scratch: &mut CueScratch, starts: &mut Vec<CueStart>) {
        let mut hits = std::mem::take(&mut scratch.hits);
        self.find(tokens, scratch, &mut hits);
        starts.clear();
        let (mut at, mut words_before) = (0, 0);
        for hit in hits.iter().filter(|hit| self.program.is_visible(hit.class)) {
            let passed = (at..hit.start_token).filter(|&token| tokens.has(token, AtomId::WORD)).count();
            words_before += u32::try_from(passed).unwrap_or(u32::MAX);
            at = hit.start_token;
            starts.push(CueStart { words_before, class: hit.class });
        }
        scratch.hits = hits;
    }

    /// Finds all matches in a sentence and puts them into `hits`, whose content is replaced.
    ///
    /// Hits are sorted by start and class. Of several matches of a class with the same start only the longest is
    /// given; matches that overlap from different starts all are.
    pub fn find(&self, tokens: &TokenAtoms, scratch: &mut CueScratch, hits: &mut Vec<CueHit>) {
        hits.clear();
        scratch.found.clear();
        scratch.groups.clear();
        scratch.groups.resize(tokens.len(), (0, 0));
        let first_word = (0..tokens.len()).find(|&t| tokens.has(t, AtomId::WORD));
        for start in (0..tokens.len()).rev() {
            let from = scratch.found.len();
            scratch.groups[start] = (from, from);
            let mut walk = Walk { trie: &self.trie, tokens, scratch: &mut *scratch, start, from };
            walk.begin(first_word == Some(start));
            scratch.found[from..].sort_unstable();
            scratch.groups[start].1 = scratch.found.len();
        }
        for (start_token, &(from, to)) in scratch.groups.iter().enumerate() {
            for &(class, end_token) in &scratch.found[from..to] {
                match hits.last_mut() {
                    Some(h) if h.start_token == start_token && h.class == class => h.end_token = end_token,
                    _ => hits.push(CueHit { start_token, class, end_token }),
                }
            }
        }
    }

    /// All matches in a sentence given by its words and marks: [`CueMatcher::find`] without buffers.
    #[must_use]
    pub fn find_words<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Vec<CueHit> {
        let mut tokens = TokenAtoms::new();
        words.into_iter().for_each(|w| tokens.push(&self.atoms_of(w)));
        let mut hits = Vec::new();
        self.find(&tokens, &mut CueScratch::default(), &mut hits);
        hits
    }
}

/// The walk through the trie from one start.
struct Walk<'a> {
    trie: &'a Trie,
    tokens: &'a TokenAtoms,
    scratch: &'a mut CueScratch,
    /// The token it starts from.
    start: usize,
    /// Where the group of this start begins in `scratch.found`.
    from: usize,
}

impl Walk<'_> {
    fn begin(&mut self, is_first_word: bool) {
        let start = self.start;
        self.scratch.walked.clear();
        for &atom in self.tokens.of(start) {
            if let Some(node) = self.trie.first[atom.index()] {
                self.visit(node, start + 1);
            }
        }
        if is_first_word {
            for &(atom, node) in &self.trie.nodes[Trie::START].atoms {
                if self.tokens.has(start, atom) {
                    self.visit(node, start + 1);
                }
            }
        }
        // Patterns that begin with a class, that class ascending: a class uses only those above it, so all matches of
        // it at this start are known by then.
        let trie = self.trie;
        for &(class, node) in if is_first_word { &trie.classes_at_start } else { &trie.classes } {
            self.visit_class(class, node, start);
        }
    }

    /// Stands at `node` with the tokens before `token` matched.
    fn visit(&mut self, node: usize, token: usize) {
        if self.scratch.walked.contains(&(node, token)) {
            return;
        }
        self.scratch.walked.push((node, token));
        let trie = self.trie;
        let node = &trie.nodes[node];
        for &class in &node.accepts {
            let found = (class, token);
            if !self.scratch.found[self.from..].contains(&found) {
                self.scratch.found.push(found);
            }
        }
        for &(atom, next) in &node.atoms {
            if let Some(at) = self.token_with(atom, token) {
                self.visit(next, at + 1);
            }
        }
        for &(words, next) in &node.gaps {
            self.visit_gap(words, next, token);
        }
        for &(class, next) in &node.classes {
            let mut at = token;
            self.visit_class(class, next, at);
            while self.tokens.has(at, AtomId::SOFT_MARK) {
                at += 1;
                self.visit_class(class, next, at);
            }
        }
    }

    fn visit_gap(&mut self, words: u8, next: usize, token: usize) {
        self.visit(next, token);
        let mut at = token;
        for _ in 0..words {
            let Some(word) = self.token_with(AtomId::WORD, at) else { return };
            at = word + 1;
            self.visit(next, at);
        }
    }

    /// Goes on to `next` behind every match of `class` that begins at `token`.
    fn visit_class(&mut self, class: CueClassId, next: usize, token: usize) {
        let Some(&(from, to)) = self.scratch.groups.get(token) else { return };
        // The group of the present start is still open and may grow, by matches of classes further down.
        let to = if token == self.start { self.scratch.found.len() } else { to };
        for i in from..to {
            let (found, end) = self.scratch.found[i];
            if found == class {
                self.visit(next, end);
            }
        }
    }

    /// The first token from `token` on that has `atom`, passing over commas and quotation marks only.
    fn token_with(&self, atom: AtomId, token: usize) -> Option<usize> {
        let mut at = token;
        loop {
            if self.tokens.has(at, atom) {
                return Some(at);
            }
            if !self.tokens.has(at, AtomId::SOFT_MARK) {
                return None;
            }
            at += 1;
        }
    }
}
