//! Finding where classes begin, for all positions of a sentence at once.
//!
//! A sentence has a set of positions for each atom. A pattern is worked from its last element to its first, and at each
//! step one set is kept: where the rest of the pattern can stand. An element takes a few operations on machine words
//! then, however many tokens there are. A pattern is looked at only when its rarest element is in the sentence, and
//! worked only when the others are too.

use super::atoms::AtomTable;
use super::bits::Bits;
use super::lexicon::{CueClassId, CueLexicon};
use super::matcher::CueStart;
use super::pattern::Element;
use super::work::{Piece, WORD, Work, set};

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
    /// The patterns that are nothing but an atom.
    alone: Lists,
    /// The other patterns whose rarest element is an atom, and those whose rarest element is a class.
    by_atom: Lists,
    by_class: Lists,
    n_atoms: usize,
}

#[derive(Debug, Clone, Copy)]
struct Compiled {
    class: u32,
    at_start: bool,
    /// From where to where its steps stand.
    steps: (u32, u32),
    /// Beside its rarest element, two sets that must not be empty, by their places in [`Work::sets`].
    needs: [u32; 2],
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

impl Program {
    pub(super) fn new(lexicon: &CueLexicon, atoms: &mut AtomTable) -> Self {
        let mut program = Self {
            patterns: Vec::new(),
            steps: Vec::new(),
            unions: Vec::new(),
            class_ends: Vec::new(),
            visible: lexicon.classes().iter().map(|class| !class.is_hidden()).collect(),
            alone: Lists::default(),
            by_atom: Lists::default(),
            by_class: Lists::default(),
            n_atoms: 0,
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
        let from = number(self.steps.len());
        self.steps.extend(steps);
        let steps = (from, number(self.steps.len()));
        self.patterns.push(Compiled { class: number(class), at_start, steps, needs: [0; 2] });
    }

    /// Finds the rarest element of each pattern, and what else it needs.
    fn anchor(&mut self, table: &AtomTable) {
        self.n_atoms = table.len();
        let (mut alone, mut by_atom, mut by_class) = (Vec::new(), Vec::new(), Vec::new());
        // A class is as common as its patterns together, and each of them as its rarest element.
        let mut classes = vec![0; self.class_ends.len()];
        for pattern in 0..self.patterns.len() {
            let mut elements: Vec<(u32, Step)> = self
                .steps_of(pattern)
                .iter()
                .filter_map(|&step| Some((self.commonness(step, table, &classes)?, step)))
                .collect();
            elements.sort_by_key(|element| element.0);
            let (&(rarest, first), others) = elements.split_first().expect("a pattern has a word or a class");
            let is_alone =
                matches!(self.steps_of(pattern), [Step::Atom(_)]) && !self.patterns[pattern].at_start;
            match first {
                Step::Atom(atom) if is_alone => alone.push((atom, number(pattern))),
                Step::Class(class) => by_class.push((class, number(pattern))),
                _ => by_atom.extend(self.atoms_of(&first).iter().map(|&atom| (atom, number(pattern)))),
            }
            let mut needs =
                others.iter().filter_map(|(_, step)| self.set_of(*step)).chain([self.full_set(); 2]);
            self.patterns[pattern].needs = std::array::from_fn(|_| number(needs.next().unwrap_or(0)));
            classes[self.patterns[pattern].class as usize] += rarest;
        }
        self.alone = Lists::new(&alone, table.len());
        self.by_atom = Lists::new(&by_atom, table.len());
        self.by_class = Lists::new(&by_class, self.class_ends.len());
    }

    /// The place in [`Work::sets`] of what an element is, if that is one set.
    fn set_of(&self, step: Step) -> Option<usize> {
        match step {
            Step::Atom(atom) => Some(atom as usize),
            Step::Class(class) => Some(self.n_atoms + class as usize),
            Step::AnyOf(..) | Step::Gap(_) => None,
        }
    }

    /// The place of the set that is never empty.
    fn full_set(&self) -> usize {
        self.n_atoms + self.class_ends.len()
    }

    /// How common an element is; nothing for one that need not be there.
    fn commonness(&self, step: Step, table: &AtomTable, classes: &[u32]) -> Option<u32> {
        match step {
            Step::Gap(_) => None,
            Step::Class(class) => Some(classes[class as usize]),
            _ => Some(self.atoms_of(&step).iter().map(|&atom| table.commonness(atom)).sum()),
        }
    }

    /// The atoms of an element that is one token.
    fn atoms_of<'a>(&'a self, step: &'a Step) -> &'a [u32] {
        match step {
            Step::Atom(atom) => std::slice::from_ref(atom),
            Step::AnyOf(from, to) => &self.unions[*from as usize..*to as usize],
            Step::Gap(_) | Step::Class(_) => &[],
        }
    }

    #[inline]
    fn steps_of(&self, pattern: usize) -> &[Step] {
        let (from, to) = self.patterns[pattern].steps;
        &self.steps[from as usize..to as usize]
    }

    /// The patterns that are one of `atoms`, and those whose rarest element is among them, ascending.
    pub(super) fn patterns_of(&self, atoms: &[u32]) -> [Vec<u32>; 2] {
        [&self.alone, &self.by_atom].map(|lists| {
            let mut patterns: Vec<u32> = atoms.iter().flat_map(|&atom| lists.of(atom)).copied().collect();
            patterns.sort_unstable();
            patterns.dedup();
            patterns
        })
    }

    /// Finds where the visible classes begin in `piece`, which has fewer than `64 · W` tokens, and appends it to `out`,
    /// sorted by position and class. Returns how many words the piece has.
    pub(super) fn find<const W: usize>(
        &self,
        piece: &Piece<'_>,
        work: &mut Work<W>,
        out: &mut Vec<CueStart>,
    ) -> u32 {
        work.begin(self.full_set(), self.patterns.len(), self.by_atom.of(WORD), piece);
        self.find_words(piece, work);
        // Patterns that a class makes due belong to later classes.
        let mut block = 0;
        while let Some(&due) = work.due.get(block) {
            if due == 0 {
                block += 1;
                continue;
            }
            work.due[block] = due & (due - 1);
            self.look_for(work, block * 64 + due.trailing_zeros() as usize);
        }
        self.list(work, piece.words_before, out);
        work.end(self.n_atoms, piece)
    }

    /// Notes where the patterns are that are one word.
    fn find_words<const W: usize>(&self, piece: &Piece<'_>, work: &mut Work<W>) {
        for (position, token) in piece.tokens.of(piece.from, piece.to).enumerate() {
            for pattern in token.alone {
                self.enter(work, pattern.index(), Bits::at(position));
            }
        }
        if !work.sets[WORD as usize].is_empty() {
            for &pattern in self.alone.of(WORD) {
                self.enter(work, pattern as usize, work.sets[WORD as usize]);
            }
        }
    }

    /// Notes where `pattern` is, wherever it ends.
    #[inline]
    fn look_for<const W: usize>(&self, work: &mut Work<W>, pattern: usize) {
        let [one, other] = self.patterns[pattern].needs;
        // Both at once: which of them is missing cannot be foretold.
        if work.sets[one as usize].is_empty() | work.sets[other as usize].is_empty() {
            return;
        }
        let found = self.starts_of(work, pattern, Bits::ALL, true);
        if !found.is_empty() {
            self.enter(work, pattern, found);
        }
    }

    /// Notes that `pattern` begins at the positions `found`.
    fn enter<const W: usize>(&self, work: &mut Work<W>, pattern: usize, found: Bits<W>) {
        set(&mut work.matched, number(pattern));
        let class = self.patterns[pattern].class;
        let known = &mut work.sets[self.n_atoms + class as usize];
        if known.is_empty() {
            work.classes_met.push(class);
            for &pattern in self.by_class.of(class) {
                set(&mut work.due, pattern);
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
                Step::Atom(atom) => work.sets[atom as usize] & rest.before(),
                Step::AnyOf(from, to) => self.any_of(work, from, to) & rest.before(),
                Step::Class(class) if open => work.sets[self.n_atoms + class as usize],
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
        atoms.iter().fold(Bits::NONE, |all, &atom| all | work.sets[atom as usize])
    }

    /// Where `class` begins so that its match ends where `rest` can stand.
    fn class_before<const W: usize>(&self, work: &Work<W>, class: u32, rest: Bits<W>) -> Bits<W> {
        let class = class as usize;
        let from = if class == 0 { 0 } else { self.class_ends[class - 1] };
        let mut found = Bits::NONE;
        if work.sets[self.n_atoms + class].is_empty() {
            return found;
        }
        // A pattern that is nowhere in the sentence is not here either.
        work.matched_in(from as usize, self.class_ends[class] as usize, |pattern| {
            found = found | self.starts_of(work, pattern, rest, false);
        });
        found
    }

    fn list<const W: usize>(&self, work: &mut Work<W>, words_before: u32, out: &mut Vec<CueStart>) {
        let Work { sets, classes_met, found, .. } = work;
        found.clear();
        for &class in classes_met.iter().filter(|&&class| self.visible[class as usize]) {
            sets[self.n_atoms + class as usize]
                .for_each(|position| found.push((number(position) << 16) | class));
        }
        found.sort_unstable();
        let words = sets[WORD as usize];
        out.extend(found.iter().map(|&at| {
            let position = (at >> 16) as usize;
            let words_before = words_before + words.count_below(position);
            CueStart { words_before, class: CueClassId::at((at & 0xFFFF) as usize) }
        }));
    }
}

/// Patterns, atoms and positions are far fewer than 2³².
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
