//! Finding where classes begin, for all positions of a sentence at once.
//!
//! A sentence has a set of positions for each atom. A pattern is worked from its last element to its first, and at each
//! step one set is kept: where the rest of the pattern can stand. An element takes a few operations on machine words
//! then, however many tokens there are, and a pattern is looked at only when its rarest element is in the sentence.

use super::bits::Bits;
use super::lexicon::{CueClassId, CueLexicon};
use super::matcher::CueStart;
use super::pattern::Element;
use super::trie::{AtomId, AtomTable, TokenAtoms};

/// The patterns of a lexicon, compiled.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// In the order of their classes, so that a class is known before a pattern asks for it.
    patterns: Vec<Compiled>,
    steps: Vec<Step>,
    /// The patterns of each class: from the end of the class before to this.
    class_ends: Vec<u32>,
    visible: Vec<bool>,
    by_atom: Lists,
    by_class: Lists,
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
    Gap(u8),
    Class(u32),
}

/// What starts a pattern's evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Anchor {
    Atom(u32),
    Class(u32),
}

/// Lists of patterns, one after the other.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone, Default)]
pub(super) struct Work<const W: usize> {
    /// The positions of each atom.
    atoms: Vec<Bits<W>>,
    /// The positions where each class begins.
    classes: Vec<Bits<W>>,
    /// Which atoms and classes have a position.
    atoms_met: Vec<u32>,
    classes_met: Vec<u32>,
    /// The patterns to look at, a bit for each.
    active: Vec<u64>,
    found: Vec<u32>,
}

impl Program {
    pub(super) fn new(lexicon: &CueLexicon, atoms: &mut AtomTable) -> Self {
        let mut program = Self {
            patterns: Vec::new(),
            steps: Vec::new(),
            class_ends: Vec::new(),
            visible: lexicon.classes().iter().map(|class| !class.is_hidden()).collect(),
            by_atom: Lists { ends: Vec::new(), items: Vec::new() },
            by_class: Lists { ends: Vec::new(), items: Vec::new() },
        };
        // A class of nothing but single words is the same as one atom.
        let mut as_atom: Vec<Option<u32>> = Vec::new();
        for (class, definition) in lexicon.classes().iter().enumerate() {
            let patterns = definition.compact();
            let mut alone = None;
            for (at_start, elements) in &patterns {
                let steps: Vec<Step> = elements.iter().map(|element| step(element, atoms, &as_atom)).collect();
                alone = match steps.as_slice() {
                    [Step::Atom(atom)] if !at_start && patterns.len() == 1 => Some(*atom),
                    _ => None,
                };
                program.push(class, *at_start, steps);
            }
            as_atom.push(alone);
            program.class_ends.push(number(program.patterns.len()));
        }
        program.anchor(atoms);
        program
    }

    fn push(&mut self, class: usize, at_start: bool, steps: impl IntoIterator<Item = Step>) {
        self.steps.extend(steps);
        self.patterns.push(Compiled {
            class: number(class),
            at_start,
            steps_end: number(self.steps.len()),
        });
    }

    /// Chooses for each pattern the atom that the fewest sentences have; a pattern of classes alone waits for its first.
    fn anchor(&mut self, atoms: &AtomTable) {
        let rarest = |pattern: usize| {
            let steps = self.steps_of(pattern);
            let of_atom = steps.iter().filter_map(|step| match step {
                Step::Atom(atom) if *atom != AtomId::WORD.number() => Some((atoms.commonness(*atom), *atom)),
                _ => None,
            });
            let class = || steps.iter().find_map(|s| if let Step::Class(c) = s { Some(*c) } else { None });
            match of_atom.min() {
                Some((_, atom)) => Anchor::Atom(atom),
                None => class().map_or(Anchor::Atom(AtomId::WORD.number()), Anchor::Class),
            }
        };
        let (mut by_atom, mut by_class) = (Vec::new(), Vec::new());
        for pattern in 0..self.patterns.len() {
            match rarest(pattern) {
                Anchor::Atom(atom) => by_atom.push((atom, number(pattern))),
                Anchor::Class(class) => by_class.push((class, number(pattern))),
            }
        }
        self.by_atom = Lists::new(&by_atom, atoms.len());
        self.by_class = Lists::new(&by_class, self.class_ends.len());
    }

    pub(super) fn is_visible(&self, class: CueClassId) -> bool {
        self.visible[class.index()]
    }

    fn steps_of(&self, pattern: usize) -> &[Step] {
        let from = if pattern == 0 { 0 } else { self.patterns[pattern - 1].steps_end };
        &self.steps[from as usize..self.patterns[pattern].steps_end as usize]
    }

    /// Finds where the visible classes begin in `tokens`, which are fewer than `64 · W`; sorted by position and class.
    pub(super) fn find<const W: usize>(
        &self,
        tokens: &TokenAtoms,
        work: &mut Work<W>,
        out: &mut Vec<CueStart>,
    ) {
        work.begin(self, tokens);
        let mut pattern = 0;
        while let Some(next) = work.next_active(pattern) {
            let found = self.starts_of(work, next, Bits::ALL, true);
            let class = self.patterns[next].class;
            if !found.is_empty() {
                self.enter(work, class, found);
            }
            pattern = next + 1;
        }
        self.list(work, out);
        work.end();
    }

    fn enter<const W: usize>(&self, work: &mut Work<W>, class: u32, found: Bits<W>) {
        let known = &mut work.classes[class as usize];
        if known.is_empty() {
            work.classes_met.push(class);
            for &pattern in self.by_class.of(class) {
                work.active[pattern as usize / 64] |= 1 << (pattern % 64);
            }
        }
        *known = *known | found;
    }

    /// Where `pattern` begins so that its match ends where `rest` can stand. `open` says that it may end anywhere.
    fn starts_of<const W: usize>(&self, work: &Work<W>, pattern: usize, rest: Bits<W>, open: bool) -> Bits<W> {
        let steps = self.steps_of(pattern);
        let can_match = steps.iter().all(|step| match *step {
            Step::Atom(atom) => !work.atoms[atom as usize].is_empty(),
            Step::Class(class) => !work.classes[class as usize].is_empty(),
            Step::Gap(_) => true,
        });
        if !can_match {
            return Bits::NONE;
        }
        let (mut rest, mut open) = (rest, open);
        for (i, step) in steps.iter().enumerate().rev() {
            let at = match *step {
                Step::Atom(atom) => work.atoms[atom as usize] & rest.before(),
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
        if self.patterns[pattern].at_start { rest & work.atoms[AtomId::WORD.index()].first() } else { rest }
    }

    /// Where `class` begins so that its match ends where `rest` can stand.
    fn class_before<const W: usize>(&self, work: &Work<W>, class: u32, rest: Bits<W>) -> Bits<W> {
        let class = class as usize;
        let from = if class == 0 { 0 } else { self.class_ends[class - 1] };
        let mut found = Bits::NONE;
        for pattern in from..self.class_ends[class] {
            if work.is_active(pattern) {
                found = found | self.starts_of(work, pattern as usize, rest, false);
            }
        }
        found
    }

    fn list<const W: usize>(&self, work: &mut Work<W>, out: &mut Vec<CueStart>) {
        out.clear();
        let Work { classes, classes_met, found, atoms, .. } = work;
        found.clear();
        for &class in classes_met.iter().filter(|&&class| self.visible[class as usize]) {
            classes[class as usize].for_each(|position| found.push((number(position) << 16) | class));
        }
        found.sort_unstable();
        let words = atoms[AtomId::WORD.index()];
        out.extend(found.iter().map(|&at| {
            let position = (at >> 16) as usize;
            CueStart { words_before: words.count_below(position), class: CueClassId::at((at & 0xFFFF) as usize) }
        }));
    }
}

impl<const W: usize> Work<W> {
    fn begin(&mut self, program: &Program, tokens: &TokenAtoms) {
        self.atoms.resize(program.by_atom.ends.len(), Bits::NONE);
        self.classes.resize(program.class_ends.len(), Bits::NONE);
        self.active.resize(program.patterns.len().div_ceil(64), 0);
        for (position, atoms) in tokens.iter().enumerate() {
            for atom in atoms {
                let known = &mut self.atoms[atom.index()];
                if known.is_empty() {
                    self.atoms_met.push(atom.number());
                }
                known.insert(position);
            }
        }
        for &atom in &self.atoms_met {
            for &pattern in program.by_atom.of(atom) {
                self.active[pattern as usize / 64] |= 1 << (pattern % 64);
            }
        }
    }

    fn end(&mut self) {
        let Self { atoms, classes, atoms_met, classes_met, active, .. } = self;
        atoms_met.drain(..).for_each(|atom| atoms[atom as usize] = Bits::NONE);
        classes_met.drain(..).for_each(|class| classes[class as usize] = Bits::NONE);
        active.fill(0);
    }

    /// The next pattern to look at, from `pattern` on.
    fn next_active(&self, pattern: usize) -> Option<usize> {
        let mut word = pattern / 64;
        let mut left = self.active.get(word)? & (u64::MAX << (pattern % 64));
        while left == 0 {
            word += 1;
            left = *self.active.get(word)?;
        }
        Some(word * 64 + left.trailing_zeros() as usize)
    }

    #[inline]
    fn is_active(&self, pattern: u32) -> bool {
        self.active[pattern as usize / 64] & (1 << (pattern % 64)) != 0
    }

    /// Where up to `words` words can stand before `rest`.
    fn gap_before(&self, words: u8, rest: Bits<W>) -> Bits<W> {
        let mut reached = rest;
        for _ in 0..words {
            let word = self.atoms[AtomId::WORD.index()] & reached.before();
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
        let soft = self.atoms[AtomId::SOFT_MARK.index()];
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

fn step(element: &Element, atoms: &mut AtomTable, as_atom: &[Option<u32>]) -> Step {
    match element {
        Element::OneOf(alternatives) => Step::Atom(atoms.atom(alternatives).number()),
        Element::AnyWord => Step::Atom(AtomId::WORD.number()),
        Element::Gap(words) => Step::Gap(*words),
        Element::Class(class) => match as_atom[class.index()] {
            Some(atom) => Step::Atom(atom),
            None => Step::Class(number(class.index())),
        },
    }
}

/// Patterns, atoms and positions are far fewer than 2³².
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
