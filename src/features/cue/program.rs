//! Finding where classes begin, for all positions of a sentence at once.
//!
//! A sentence has a set of positions for each atom. A pattern is worked from its last element to its first, and at each
//! step one set is kept: where the rest of the pattern can stand. An element takes a few operations on machine words
//! then, however many tokens there are, and a pattern is looked at only when its rarest element is in the sentence.

use super::atoms::{AtomId, AtomTable, TokenAtomsView};
use super::bits::Bits;
use super::lexicon::{CueClassId, CueLexicon};
use super::matcher::CueStart;
use super::pattern::Element;

const WORD: u32 = AtomId::WORD.number();
const SOFT_MARK: u32 = AtomId::SOFT_MARK.number();

/// An element at least so [common](AtomTable::commonness) is in most sentences.
const COMMON_FROM: u32 = 100;

/// The patterns of a lexicon, compiled.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// In the order of their classes, so that a class is known before a pattern asks for it.
    patterns: Vec<Compiled>,
    steps: Vec<Step>,
    unions: Vec<u32>,
    /// The patterns of each class: from the end of the class before to this.
    class_ends: Vec<u32>,
    visible: Vec<bool>,
    /// The patterns whose rarest element is an atom, and those of which it is the second rarest; a pattern is looked at
    /// when both have been met. Each is given by twice its number, plus one for the second.
    by_atom: Lists,
    by_class: Lists,
    /// The patterns that need no second, a bit for each.
    without_second: Vec<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Compiled {
    class: u32,
    at_start: bool,
    /// Where the steps are: from the end of the pattern before to this.
    steps_end: u32,
}

/// What one element of a pattern does to the set of places where the rest can stand.
#[derive(Debug, Clone, Copy)]
enum Step {
    Atom(u32),
    /// One of the atoms at these places of `unions`.
    AnyOf(u32, u32),
    Gap(u8),
    Class(u32),
}

/// A run of tokens to look at.
pub(super) struct Piece<'a> {
    pub tokens: TokenAtomsView<'a>,
    pub from: usize,
    pub to: usize,
    /// How many words of the sentence stand before it.
    pub words_before: u32,
}

/// Lists of patterns, one after the other.
#[derive(Debug, Clone, Default)]
struct Lists {
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new(of: &[(u32, u32)], n: usize) -> Self {
        let mut sorted = of.to_vec();
        sorted.sort_unstable();
        let ends = (0..n).map(|key| number(sorted.partition_point(|item| item.0 as usize <= key))).collect();
        Self { ends, items: sorted.into_iter().map(|item| item.1).collect() }
    }

    #[inline]
    fn of(&self, key: u32) -> &[u32] {
        let key = key as usize;
        let from = if key == 0 { 0 } else { self.ends[key - 1] };
        &self.items[from as usize..self.ends[key] as usize]
    }
}

/// Working memory for sentences of fewer than `64 · W` tokens. Between two sentences all sets are empty.
#[derive(Debug, Clone)]
pub(super) struct Work<const W: usize> {
    /// The positions of each atom.
    atoms: Vec<Bits<W>>,
    /// The positions where each class begins.
    classes: Vec<Bits<W>>,
    /// The first word of the sentence, if it is among the tokens.
    first_word: Bits<W>,
    /// Which atoms and classes have a position.
    atoms_met: Vec<u32>,
    classes_met: Vec<u32>,
    /// The patterns whose rarest element has been met, a bit for each; those whose second element has been met, or that
    /// need none.
    first_met: Vec<u64>,
    second_met: Vec<u64>,
    found: Vec<u32>,
}

impl Program {
    pub(super) fn new(lexicon: &CueLexicon, atoms: &mut AtomTable) -> Self {
        let mut program = Self {
            patterns: Vec::new(),
            steps: Vec::new(),
            unions: Vec::new(),
            class_ends: Vec::new(),
            visible: lexicon.classes().iter().map(|class| !class.is_hidden()).collect(),
            by_atom: Lists::default(),
            by_class: Lists::default(),
            without_second: Vec::new(),
        };
        // A class that is one element is the same as this element.
        let mut as_element: Vec<Option<Step>> = Vec::new();
        for (class, definition) in lexicon.classes().iter().enumerate() {
            let patterns = definition.compact();
            let mut alone = None;
            for (at_start, elements) in &patterns {
                let steps: Vec<Step> = elements.iter().map(|e| program.step(e, atoms, &as_element)).collect();
                alone = match steps.as_slice() {
                    [step @ (Step::Atom(_) | Step::AnyOf(..))] if !at_start && patterns.len() == 1 => {
                        Some(*step)
                    }
                    _ => None,
                };
                program.push(class, *at_start, steps);
            }
            as_element.push(alone);
            program.class_ends.push(number(program.patterns.len()));
        }
        program.anchor(atoms);
        program
    }

    fn step(&mut self, element: &Element, atoms: &mut AtomTable, as_element: &[Option<Step>]) -> Step {
        match element {
            Element::OneOf(alternatives) => match atoms.atoms(alternatives).as_slice() {
                [atom] => Step::Atom(atom.number()),
                several => {
                    let from = self.unions.len();
                    self.unions.extend(several.iter().map(|atom| atom.number()));
                    Step::AnyOf(number(from), number(self.unions.len()))
                }
            },
            Element::AnyWord => Step::Atom(WORD),
            Element::Gap(words) => Step::Gap(*words),
            Element::Class(class) => as_element[class.index()].unwrap_or(Step::Class(number(class.index()))),
        }
    }

    fn push(&mut self, class: usize, at_start: bool, steps: impl IntoIterator<Item = Step>) {
        self.steps.extend(steps);
        self.patterns.push(Compiled { class: number(class), at_start, steps_end: number(self.steps.len()) });
    }

    /// Chooses for each pattern the element that the fewest sentences have, and the next rarest; a pattern of classes
    /// alone waits for its first class.
    fn anchor(&mut self, table: &AtomTable) {
        let commonness = |atoms: &&[u32]| atoms.iter().map(|&atom| table.commonness(atom)).sum::<u32>();
        let (mut by_atom, mut by_class) = (Vec::new(), Vec::new());
        self.without_second = vec![0; self.patterns.len().div_ceil(64)];
        for pattern in 0..self.patterns.len() {
            let steps = self.steps_of(pattern);
            let mut rarest: Vec<&[u32]> = steps.iter().filter_map(|step| self.atoms_of(step)).collect();
            rarest.sort_by_key(commonness);
            let id = number(pattern);
            let class = steps.iter().find_map(|s| if let Step::Class(c) = s { Some(*c) } else { None });
            match (rarest.first(), class) {
                (Some([atom]), Some(class)) if *atom == WORD => by_class.push((class, id)),
                (Some(atoms), _) => by_atom.extend(atoms.iter().map(|&atom| (atom, 2 * id))),
                (None, Some(class)) => by_class.push((class, id)),
                (None, None) => unreachable!("a pattern has a word or a class"),
            }
            // What nearly every sentence has would keep out nothing.
            match rarest.get(1).filter(|atoms| commonness(atoms) < COMMON_FROM) {
                Some(atoms) => by_atom.extend(atoms.iter().map(|&atom| (atom, 2 * id + 1))),
                None => self.without_second[pattern / 64] |= 1 << (pattern % 64),
            }
        }
        self.by_atom = Lists::new(&by_atom, table.len());
        self.by_class = Lists::new(&by_class, self.class_ends.len());
    }

    /// The atoms of an element that is one token.
    fn atoms_of<'a>(&'a self, step: &'a Step) -> Option<&'a [u32]> {
        match step {
            Step::Atom(atom) => Some(std::slice::from_ref(atom)),
            Step::AnyOf(from, to) => Some(&self.unions[*from as usize..*to as usize]),
            Step::Gap(_) | Step::Class(_) => None,
        }
    }

    fn steps_of(&self, pattern: usize) -> &[Step] {
        let from = if pattern == 0 { 0 } else { self.patterns[pattern - 1].steps_end };
        &self.steps[from as usize..self.patterns[pattern].steps_end as usize]
    }

    /// Finds where the visible classes begin in `piece`, which has fewer than `64 · W` tokens, and appends it to `out`,
    /// sorted by position and class. Returns how many words the piece has.
    pub(super) fn find<const W: usize>(
        &self,
        piece: &Piece<'_>,
        work: &mut Work<W>,
        out: &mut Vec<CueStart>,
    ) -> u32 {
        work.begin(self, piece);
        let mut pattern = 0;
        while let Some(next) = work.next_active(pattern) {
            let found = match self.steps_of(next) {
                [Step::Atom(atom)] if !self.patterns[next].at_start => work.atoms[*atom as usize],
                _ => self.starts_of(work, next, Bits::ALL, true),
            };
            if !found.is_empty() {
                self.enter(work, self.patterns[next].class, found);
            }
            pattern = next + 1;
        }
        self.list(work, piece.words_before, out);
        work.end()
    }

    fn enter<const W: usize>(&self, work: &mut Work<W>, class: u32, found: Bits<W>) {
        let known = &mut work.classes[class as usize];
        if known.is_empty() {
            work.classes_met.push(class);
            for &pattern in self.by_class.of(class) {
                set(&mut work.first_met, pattern);
            }
        }
        *known = *known | found;
    }

    /// Where `pattern` begins so that its match ends where `rest` can stand. `open` says that it may end anywhere.
    fn starts_of<const W: usize>(
        &self,
        work: &Work<W>,
        pattern: usize,
        rest: Bits<W>,
        open: bool,
    ) -> Bits<W> {
        let steps = self.steps_of(pattern);
        let (mut rest, mut open) = (rest, open);
        for (i, step) in steps.iter().enumerate().rev() {
            let at = match *step {
                Step::Atom(atom) => work.atoms[atom as usize] & rest.before(),
                Step::AnyOf(from, to) => self.any_of(work, from, to) & rest.before(),
                Step::Class(class) if open => work.classes[class as usize],
                Step::Class(class) => self.class_before(work, class, rest),
                Step::Gap(words) => work.gap_before(words, rest),
            };
            if at.is_empty() {
                return at;
            }
            open = false;
            // The first element stands at the beginning itself, all others may have commas and quotes before them.
            rest = if i == 0 { at } else { work.with_soft_marks_before(at) };
        }
        if self.patterns[pattern].at_start { rest & work.first_word } else { rest }
    }

    /// The positions of the atoms `unions[from..to]`.
    #[inline]
    fn any_of<const W: usize>(&self, work: &Work<W>, from: u32, to: u32) -> Bits<W> {
        let atoms = &self.unions[from as usize..to as usize];
        atoms.iter().fold(Bits::NONE, |all, &atom| all | work.atoms[atom as usize])
    }

    /// Where `class` begins so that its match ends where `rest` can stand.
    fn class_before<const W: usize>(&self, work: &Work<W>, class: u32, rest: Bits<W>) -> Bits<W> {
        let class = class as usize;
        let from = if class == 0 { 0 } else { self.class_ends[class - 1] };
        let mut found = Bits::NONE;
        if work.classes[class].is_empty() {
            return found;
        }
        for pattern in from..self.class_ends[class] {
            if work.is_active(pattern) {
                found = found | self.starts_of(work, pattern as usize, rest, false);
            }
        }
        found
    }

    fn list<const W: usize>(&self, work: &mut Work<W>, words_before: u32, out: &mut Vec<CueStart>) {
        let Work { classes, classes_met, found, atoms, .. } = work;
        found.clear();
        for &class in classes_met.iter().filter(|&&class| self.visible[class as usize]) {
            classes[class as usize].for_each(|position| found.push((number(position) << 16) | class));
        }
        found.sort_unstable();
        let words = atoms[WORD as usize];
        out.extend(found.iter().map(|&at| {
            let position = (at >> 16) as usize;
            let words_before = words_before + words.count_below(position);
            CueStart { words_before, class: CueClassId::at((at & 0xFFFF) as usize) }
        }));
    }
}

impl<const W: usize> Default for Work<W> {
    fn default() -> Self {
        Self {
            atoms: Vec::new(),
            classes: Vec::new(),
            first_word: Bits::NONE,
            atoms_met: Vec::new(),
            classes_met: Vec::new(),
            first_met: Vec::new(),
            second_met: Vec::new(),
            found: Vec::new(),
        }
    }
}

impl<const W: usize> Work<W> {
    fn begin(&mut self, program: &Program, piece: &Piece<'_>) {
        self.atoms.resize(program.by_atom.ends.len(), Bits::NONE);
        self.classes.resize(program.class_ends.len(), Bits::NONE);
        self.first_met.resize(program.without_second.len(), 0);
        self.second_met.clear();
        self.second_met.extend_from_slice(&program.without_second);
        let (mut words, mut soft_marks) = (Bits::NONE, Bits::NONE);
        for (position, atoms) in piece.tokens.of(piece.from, piece.to).enumerate() {
            // The first atom of every token is its nature.
            let Some((&nature, elements)) = atoms.split_first() else { continue };
            match nature {
                AtomId::WORD => words.insert(position),
                AtomId::SOFT_MARK => soft_marks.insert(position),
                _ => {}
            }
            for &atom in elements {
                let known = &mut self.atoms[atom.index()];
                let is_new = known.is_empty();
                known.insert(position);
                if is_new {
                    self.meet(program, atom.number());
                }
            }
        }
        for (nature, positions) in [(WORD, words), (SOFT_MARK, soft_marks)] {
            self.atoms[nature as usize] = positions;
            if !positions.is_empty() {
                self.meet(program, nature);
            }
        }
        self.first_word = if piece.words_before == 0 { words.first() } else { Bits::NONE };
    }

    /// Notes that the sentence has `atom`, and what patterns that concerns.
    #[inline]
    fn meet(&mut self, program: &Program, atom: u32) {
        self.atoms_met.push(atom);
        for &of in program.by_atom.of(atom) {
            let met = if of % 2 == 0 { &mut self.first_met } else { &mut self.second_met };
            set(met, of / 2);
        }
    }

    /// Empties all sets; returns how many words there were.
    fn end(&mut self) -> u32 {
        let words = self.atoms[WORD as usize].count();
        let Self { atoms, classes, atoms_met, classes_met, first_met, .. } = self;
        atoms_met.drain(..).for_each(|atom| atoms[atom as usize] = Bits::NONE);
        classes_met.drain(..).for_each(|class| classes[class as usize] = Bits::NONE);
        first_met.fill(0);
        words
    }

    /// The next pattern to look at, from `pattern` on.
    fn next_active(&self, pattern: usize) -> Option<usize> {
        let mut word = pattern / 64;
        let mut left = self.active(word)? & (u64::MAX << (pattern % 64));
        while left == 0 {
            word += 1;
            left = self.active(word)?;
        }
        Some(word * 64 + left.trailing_zeros() as usize)
    }

    /// Which of the patterns from `64 · word` on are to be looked at, a bit for each.
    #[inline]
    fn active(&self, word: usize) -> Option<u64> {
        Some(self.first_met.get(word)? & self.second_met.get(word)?)
    }

    #[inline]
    fn is_active(&self, pattern: u32) -> bool {
        self.active(pattern as usize / 64).is_some_and(|word| word & (1 << (pattern % 64)) != 0)
    }

    /// Where up to `words` words can stand before `rest`.
    fn gap_before(&self, words: u8, rest: Bits<W>) -> Bits<W> {
        let mut reached = rest;
        for _ in 0..words {
            let word = self.atoms[WORD as usize] & reached.before();
            let more = reached | self.with_soft_marks_before(word);
            if more == reached {
                break;
            }
            reached = more;
        }
        reached
    }

    /// `at`, and the commas and quotation marks that stand right before.
    #[inline]
    fn with_soft_marks_before(&self, at: Bits<W>) -> Bits<W> {
        let soft = self.atoms[SOFT_MARK as usize];
        let mut reached = at;
        if soft.is_empty() {
            return reached;
        }
        loop {
            let more = reached | (soft & reached.before());
            if more == reached {
                return reached;
            }
            reached = more;
        }
    }
}

#[inline]
fn set(bits: &mut [u64], at: u32) {
    bits[at as usize / 64] |= 1 << (at % 64);
}

/// Patterns, atoms and positions are far fewer than 2³².
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
