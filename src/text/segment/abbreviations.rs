//! What the word before a full stop says about the stop.

use super::super::Language;

/// How an abbreviation binds to what follows it. A small letter after the stop always means that the sentence goes on;
/// the classes decide the other cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Written before a name (`Gen.`); never ends a sentence. Must begin with a capital.
    Title,
    /// Never ends a sentence (`e.g.`, `vs.`).
    Never,
    /// Written before a number (`No.`, `para.`): the sentence goes on before a number, and ends otherwise.
    Number,
    /// Ends a sentence only when the next word is one that begins sentences (`Inc.`, `etc.`).
    Maybe,
    /// Like `Maybe`, when it begins with a capital; else a common word (`Sat.`, `Mass.`).
    MaybeCapital,
    /// `a.m.` and `p.m.`: the sentence goes on before a day, a month or a time zone.
    Hour,
}

use Class::{Hour, Maybe, MaybeCapital, Never, Number, Title};

// Abbreviations stand in lower case and without their last stop; every list is sorted for the search.

#[rustfmt::skip]
const ENGLISH_TITLE: &[&str] = &[
    "adm", "amb", "asec", "asst", "atty", "brig", "capt", "cdr", "cmdr", "col", "cols", "cpl", "cpt",
    "det", "dr", "drs", "fr", "ft", "gen", "gens", "gov", "govs", "insp", "lt", "maj", "messrs", "mlle",
    "mme", "mr", "mrs", "ms", "msgr", "mt", "mx", "pfc", "pres", "prof", "profs", "pvt", "rep", "reps",
    "rev", "sen", "sens", "sgt", "spc", "ste", "supt", "usec",
];
const ENGLISH_NEVER: &[&str] = &["approx", "ca", "cf", "e.g", "hon", "i.e", "incl", "v", "viz", "vs"];
#[rustfmt::skip]
const ENGLISH_NUMBER: &[&str] = &[
    "app", "art", "arts", "ch", "chap", "doc", "docs", "fig", "figs", "no", "nos", "op", "p", "par",
    "para", "paras", "pp", "pt", "ref", "res", "sect", "ser", "subpara", "tel", "vol", "vols",
];
#[rustfmt::skip]
const ENGLISH_MAYBE: &[&str] = &[
    "al", "assn", "dept", "dist", "esq", "etc", "govt", "ibid", "intl", "natl", "ph.d", "phd", "ret",
    "univ",
];
#[rustfmt::skip]
const ENGLISH_MAYBE_CAPITAL: &[&str] = &[
    "ala", "apr", "ariz", "ark", "aug", "ave", "blvd", "bros", "calif", "co", "colo", "conn", "corp",
    "dec", "del", "div", "ed", "feb", "fla", "fri", "ga", "hwy", "ill", "inc", "ind", "jan", "jr", "jul",
    "jun", "kan", "ky", "la", "ltd", "mar", "mass", "md", "mich", "minn", "miss", "mo", "mon", "mont",
    "neb", "nev", "nov", "oct", "okla", "ore", "pa", "plc", "rd", "sat", "sec", "sep", "sept", "sr", "st",
    "sun", "tenn", "tex", "thu", "thur", "thurs", "tue", "tues", "va", "vt", "wash", "wed", "wis", "wyo",
];
const ENGLISH_HOUR: &[&str] = &["a.m", "p.m"];

/// All of them, by class.
const ENGLISH: &[(Class, &[&str])] = &[
    (Title, ENGLISH_TITLE),
    (Never, ENGLISH_NEVER),
    (Number, ENGLISH_NUMBER),
    (Maybe, ENGLISH_MAYBE),
    (MaybeCapital, ENGLISH_MAYBE_CAPITAL),
    (Hour, ENGLISH_HOUR),
];

// For the other languages: what newspapers of several of them use.

#[rustfmt::skip]
const OTHER_TITLE: &[&str] = &[
    "dhr", "dott", "dr", "dra", "gral", "hr", "mevr", "mlle", "mm", "mme", "prof", "sig", "sr", "sra",
    "st", "sta", "ste",
];
const OTHER_NEVER: &[&str] = &["bzw", "ca", "cf", "evtl", "ggf", "vgl", "vs"];
const OTHER_NUMBER: &[&str] = &["art", "arts", "nr", "núm", "pag", "pp", "vol"];
const OTHER_MAYBE: &[&str] = &["etc", "usw"];

/// All of them, by class.
const OTHER: &[(Class, &[&str])] =
    &[(Title, OTHER_TITLE), (Never, OTHER_NEVER), (Number, OTHER_NUMBER), (Maybe, OTHER_MAYBE)];

/// Words that follow an abbreviation only when they begin a sentence, whatever their case.
#[rustfmt::skip]
const STRONG_STARTERS: &[&str] = &[
    "he", "however", "it", "it's", "meanwhile", "she", "the", "their", "there", "these", "they", "this",
    "those", "we", "we'll", "we're", "what", "you",
];

/// Words that begin sentences when they are capitalised, but stand inside them too: in text of all capitals they say
/// nothing.
#[rustfmt::skip]
const WEAK_STARTERS: &[&str] = &[
    "a", "according", "after", "all", "also", "although", "among", "an", "and", "another", "any", "are",
    "as", "asked", "at", "because", "before", "both", "but", "by", "can", "despite", "did", "do", "does",
    "during", "each", "earlier", "even", "every", "few", "for", "from", "had", "has", "have", "her",
    "here", "his", "how", "i", "if", "in", "is", "its", "just", "last", "later", "let", "many", "more",
    "most", "much", "my", "neither", "never", "no", "nobody", "none", "nor", "not", "nothing", "now",
    "of", "on", "once", "only", "or", "other", "others", "our", "perhaps", "please", "several", "since",
    "so", "some", "still", "such", "that", "then", "though", "to", "today", "under", "until", "was",
    "were", "when", "where", "while", "who", "why", "will", "with", "without", "yes", "yesterday", "yet",
];

/// What follows `a.m.` and `p.m.` inside a sentence, beside abbreviated time zones.
#[rustfmt::skip]
const AFTER_HOURS: &[&str] = &[
    "april", "august", "central", "december", "eastern", "february", "friday", "greenwich", "january",
    "july", "june", "local", "march", "may", "monday", "mountain", "november", "october", "pacific",
    "saturday", "september", "sunday", "thursday", "today", "tomorrow", "tuesday", "wednesday",
    "yesterday",
];

/// Words that leave a clause open when they stand at the end of a line.
#[rustfmt::skip]
const LINKING_WORDS: &[&str] = &[
    "a", "about", "after", "against", "an", "and", "are", "as", "at", "be", "been", "before", "between",
    "but", "by", "for", "from", "had", "has", "have", "his", "if", "in", "into", "is", "its", "mr", "mrs",
    "ms", "nor", "of", "on", "or", "our", "over", "said", "shall", "should", "than", "that", "the",
    "their", "these", "this", "those", "through", "to", "under", "was", "were", "when", "where", "which",
    "while", "who", "whose", "will", "with", "would",
];

/// Verbs of attribution after a quoted question or cry.
#[rustfmt::skip]
const REPORTING_VERBS: &[&str] = &[
    "added", "asked", "asks", "cried", "declared", "demanded", "exclaimed", "replied", "said", "says",
    "shouted", "told", "tweeted", "warned", "wondered", "wrote", "yelled",
];

/// Things that are told apart by a letter, which is then no initial.
#[rustfmt::skip]
const LETTERED: &[&str] = &[
    "annex", "appendix", "area", "camp", "class", "group", "part", "phase", "plan", "point", "schedule",
    "section", "table", "zone",
];

/// The length in bytes above which no word is in any list.
const LONGEST: usize = 9;

/// The lower-case ASCII form of a short word, on the stack.
struct Short([u8; LONGEST], usize);

impl Short {
    /// `word` with straight apostrophes, in lower case; nothing when it is too long for the lists.
    fn of(word: &str) -> Option<Self> {
        let mut short = Self([0; LONGEST], 0);
        for c in word.chars() {
            let c = if c == '’' { '\'' } else { c.to_ascii_lowercase() };
            let end = short.1 + c.len_utf8();
            c.encode_utf8(short.0.get_mut(short.1..end)?);
            short.1 = end;
        }
        Some(short)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

fn stands_in(list: &[&str], word: &str) -> bool {
    Short::of(word).is_some_and(|short| list.binary_search_by(|w| w.as_bytes().cmp(short.as_bytes())).is_ok())
}

/// The class of the abbreviation `word` (without its last stop), if it is one.
pub(super) fn class(word: &str, language: Language) -> Option<Class> {
    let lists = if language == Language::English { ENGLISH } else { OTHER };
    let capital = word.starts_with(char::is_uppercase);
    let short = Short::of(word)?;
    let holds = |list: &[&str]| list.binary_search_by(|known| known.as_bytes().cmp(short.as_bytes())).is_ok();
    let allowed = |class: Class| capital || !matches!(class, Title | MaybeCapital);
    lists.iter().find(|(class, list)| allowed(*class) && holds(list)).map(|(class, _)| *class)
}

/// Whether `word` begins sentences rather than going on with one, after an abbreviation.
pub(super) fn is_starter(word: &str) -> bool {
    let all_capitals = word.len() > 1 && !word.contains(char::is_lowercase);
    stands_in(STRONG_STARTERS, word) || (!all_capitals && stands_in(WEAK_STARTERS, word))
}

/// Whether `word` begins sentences even after an initial.
pub(super) fn is_strong_starter(word: &str) -> bool {
    stands_in(STRONG_STARTERS, word)
}

/// Whether `word` can follow `p.m.` inside a sentence: a day, a month, a time zone.
pub(super) fn follows_hour(word: &str) -> bool {
    let zone = (2..=4).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_uppercase())
        && !is_starter(word)
        && class(word, Language::English).is_none();
    zone || stands_in(AFTER_HOURS, word)
}

/// Whether a line that ends with `word` goes on in the next line.
pub(super) fn is_linking(word: &str) -> bool {
    stands_in(LINKING_WORDS, word)
}

/// Whether `word` is a verb of attribution.
pub(super) fn is_reporting_verb(word: &str) -> bool {
    stands_in(REPORTING_VERBS, word)
}

/// Whether a letter after `word` is the name of a thing and not an initial.
pub(super) fn is_lettered(word: &str) -> bool {
    stands_in(LETTERED, word)
}

/// Whether the language writes ordinals as a number with a full stop (`3. Oktober`).
pub(super) fn has_dotted_ordinals(language: Language) -> bool {
    use Language::{Danish, Finnish, German, Hungarian, Norwegian, Turkish};
    matches!(language, Danish | Finnish | German | Hungarian | Norwegian | Turkish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search_and_fit_the_buffer() {
        let abbreviations = ENGLISH.iter().chain(OTHER).map(|(_, list)| *list);
        let others = [STRONG_STARTERS, WEAK_STARTERS, AFTER_HOURS, LINKING_WORDS, REPORTING_VERBS, LETTERED];
        for list in abbreviations.chain(others) {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
            assert!(list.iter().all(|word| word.len() <= LONGEST), "{list:?}");
        }
    }

    #[test]
    fn case_tells_abbreviations_from_common_words() {
        assert_eq!(class("Gen", Language::English), Some(Title));
        assert_eq!(class("GEN", Language::English), Some(Title));
        assert_eq!(class("gen", Language::English), None);
        assert_eq!(class("Sat", Language::English), Some(MaybeCapital));
        assert_eq!(class("sat", Language::English), None);
        assert_eq!(class("etc", Language::French), Some(Maybe));
        assert_eq!(class("extraordinarily", Language::English), None);
    }
}
