//! Finding where the classes of a lexicon begin in a sentence.

use super::atoms::{AtomId, AtomTable, Nature, Spellings, TokenAtoms, TokenAtomsView, TokenView};
use super::lexicon::{CueClassId, CueLexicon};
use super::program::Program;
use super::work::{Piece, Work};

/// A place where a class of cues begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueStart {
    /// How many words of the sentence stand before.
    pub words_before: u32,
    /// What begins.
    pub class: CueClassId,
}

/// A [`CueLexicon`], made ready for matching.
///
/// A sentence is a sequence of tokens, each given by its atoms: what its word is to the patterns.
///
/// ```
/// use stancewire::features::{CueLexicon, CueMatcher};
/// let lexicon = CueLexicon::parse("[STOP]\npatterns = [\"put .. end\", \"end*\"]\n")?;
/// let starts = CueMatcher::new(&lexicon).starts_in_words(["put", "an", "end", "to", "it"]);
/// let places: Vec<_> = starts.iter().map(|start| start.words_before).collect();
/// assert_eq!(places, [0, 2]);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CueMatcher {
    spellings: Spellings,
    program: Program,
}

/// The matcher's working memory, to be kept from sentence to sentence.
#[derive(Debug, Clone, Default)]
pub struct CueScratch {
    /// By the most tokens of a sentence, which are 63, 127, 511 and 4095.
    short: Work<1>,
    middling: Work<2>,
    long: Work<8>,
    longest: Work<64>,
}

/// The most tokens that are looked at together. A longer "sentence" is cut at the last mark that ends a clause within so
/// many tokens, or else after them, and no match reaches across the cut.
const LONGEST: usize = 4095;

impl CueMatcher {
    /// Makes the matcher of `lexicon`.
    #[must_use]
    pub fn new(lexicon: &CueLexicon) -> Self {
        let mut atoms = AtomTable::new();
        let program = Program::new(lexicon, &mut atoms);
        Self { spellings: atoms.into_spellings(), program }
    }

    /// The atoms of a token, from its `word`: the analyzer's surface form of a word, or the text of a mark.
    #[must_use]
    pub fn atoms_of(&self, word: &str) -> Box<[AtomId]> {
        let (nature, atoms) = self.spellings.atoms_of(word);
        TokenView::encode(nature, &atoms, &self.program.patterns_of(&atoms))
    }

    /// Finds where classes begin that are not [hidden](super::CueClass::is_hidden), and puts it into `starts`, whose
    /// content is replaced; sorted by place and class, each class at most once for each token.
    pub fn starts(&self, tokens: TokenAtomsView<'_>, scratch: &mut CueScratch, starts: &mut Vec<CueStart>) {
        starts.clear();
        let mut piece = Piece { tokens, from: 0, to: tokens.len(), words_before: 0 };
        if tokens.len() > LONGEST {
            while piece.from < tokens.len() {
                piece.to = end_of_piece(tokens, piece.from);
                piece.words_before += self.program.find(&piece, &mut scratch.longest, starts);
                piece.from = piece.to;
            }
            return;
        }
        match tokens.len() {
            0..64 => self.program.find(&piece, &mut scratch.short, starts),
            64..128 => self.program.find(&piece, &mut scratch.middling, starts),
            128..512 => self.program.find(&piece, &mut scratch.long, starts),
            _ => self.program.find(&piece, &mut scratch.longest, starts),
        };
    }

    /// [`CueMatcher::starts`] without buffers, for a sentence given by its words and marks.
    #[must_use]
    pub fn starts_in_words<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Vec<CueStart> {
        let mut tokens = TokenAtoms::new();
        words.into_iter().for_each(|word| tokens.push(&self.atoms_of(word)));
        let mut starts = Vec::new();
        self.starts(tokens.view(), &mut CueScratch::default(), &mut starts);
        starts
    }
}

fn end_of_piece(tokens: TokenAtomsView<'_>, from: usize) -> usize {
    let most = tokens.len().min(from + LONGEST);
    if most == tokens.len() {
        return most;
    }
    let mark = tokens.of(from, most).rposition(|token| token.is(Nature::HardMark));
    mark.map_or(most, |mark| from + mark + 1)
}
