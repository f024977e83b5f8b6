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

/// Sorted by the lower-case abbreviation, which stands without its last stop.
const ENGLISH: &[(&str, Class)] = &[
    ("a.m", Hour),
    ("adm", Title),
    ("al", Maybe),
    ("ala", MaybeCapital),
    ("amb", Title),
    ("app", Number),
    ("approx", Never),
    ("apr", MaybeCapital),
    ("ariz", MaybeCapital),
    ("ark", MaybeCapital),
    ("art", Number),
    ("arts", Number),
    ("asec", Title),
    ("assn", Maybe),
    ("asst", Title),
    ("atty", Title),
    ("aug", MaybeCapital),
    ("ave", MaybeCapital),
    ("blvd", MaybeCapital),
    ("brig", Title),
    ("bros", MaybeCapital),
    ("ca", Never),
    ("calif", MaybeCapital),
    ("capt", Title),
    ("cdr", Title),
    ("cf", Never),
    ("ch", Number),
    ("chap", Number),
    ("cmdr", Title),
    ("co", MaybeCapital),
    ("col", Title),
    ("colo", MaybeCapital),
    ("cols", Title),
    ("conn", MaybeCapital),
    ("corp", MaybeCapital),
    ("cpl", Title),
    ("cpt", Title),
    ("dec", MaybeCapital),
    ("del", MaybeCapital),
    ("dept", Maybe),
    ("det", Title),
    ("dist", Maybe),
    ("div", MaybeCapital),
    ("doc", Number),
    ("docs", Number),
    ("dr", Title),
    ("drs", Title),
    ("e.g", Never),
    ("ed", MaybeCapital),
    ("esq", Maybe),
    ("etc", Maybe),
    ("feb", MaybeCapital),
    ("fig", Number),
    ("figs", Number),
    ("fla", MaybeCapital),
    ("fr", Title),
    ("fri", MaybeCapital),
    ("ft", Title),
    ("ga", MaybeCapital),
    ("gen", Title),
    ("gens", Title),
    ("gov", Title),
    ("govs", Title),
    ("govt", Maybe),
    ("hon", Never),
    ("hwy", MaybeCapital),
    ("i.e", Never),
    ("ibid", Maybe),
    ("ill", MaybeCapital),
    ("inc", MaybeCapital),
    ("incl", Never),
    ("ind", MaybeCapital),
    ("insp", Title),
    ("intl", Maybe),
    ("jan", MaybeCapital),
    ("jr", MaybeCapital),
    ("jul", MaybeCapital),
    ("jun", MaybeCapital),
    ("kan", MaybeCapital),
    ("ky", MaybeCapital),
    ("la", MaybeCapital),
    ("lt", Title),
    ("ltd", MaybeCapital),
    ("maj", Title),
    ("mar", MaybeCapital),
    ("mass", MaybeCapital),
    ("md", MaybeCapital),
    ("messrs", Title),
    ("mich", MaybeCapital),
    ("minn", MaybeCapital),
    ("miss", MaybeCapital),
    ("mlle", Title),
    ("mme", Title),
    ("mo", MaybeCapital),
    ("mon", MaybeCapital),
    ("mont", MaybeCapital),
    ("mr", Title),
    ("mrs", Title),
    ("ms", Title),
    ("msgr", Title),
    ("mt", Title),
    ("mx", Title),
    ("natl", Maybe),
    ("neb", MaybeCapital),
    ("nev", MaybeCapital),
    ("no", Number),
    ("nos", Number),
    ("nov", MaybeCapital),
    ("oct", MaybeCapital),
    ("okla", MaybeCapital),
    ("op", Number),
    ("ore", MaybeCapital),
    ("p", Number),
    ("p.m", Hour),
    ("pa", MaybeCapital),
    ("par", Number),
    ("para", Number),
    ("paras", Number),
    ("pfc", Title),
    ("ph.d", Maybe),
    ("phd", Maybe),
    ("plc", MaybeCapital),
    ("pp", Number),
    ("pres", Title),
    ("prof", Title),
    ("profs", Title),
    ("pt", Number),
    ("pvt", Title),
    ("rd", MaybeCapital),
    ("ref", Number),
    ("rep", Title),
    ("reps", Title),
    ("res", Number),
    ("ret", Maybe),
    ("rev", Title),
    ("sat", MaybeCapital),
    ("sec", MaybeCapital),
    ("sect", Number),
    ("sen", Title),
    ("sens", Title),
    ("sep", MaybeCapital),
    ("sept", MaybeCapital),
    ("ser", Number),
    ("sgt", Title),
    ("spc", Title),
    ("sr", MaybeCapital),
    ("st", MaybeCapital),
    ("ste", Title),
    ("subpara", Number),
    ("sun", MaybeCapital),
    ("supt", Title),
    ("tel", Number),
    ("tenn", MaybeCapital),
    ("tex", MaybeCapital),
    ("thu", MaybeCapital),
    ("thur", MaybeCapital),
    ("thurs", MaybeCapital),
    ("tue", MaybeCapital),
    ("tues", MaybeCapital),
    ("univ", Maybe),
    ("usec", Title),
    ("v", Never),
    ("va", MaybeCapital),
    ("vet", Title),
    ("viz", Never),
    ("vol", Number),
    ("vols", Number),
    ("vs", Never),
    ("vt", MaybeCapital),
    ("wash", MaybeCapital),
    ("wed", MaybeCapital),
    ("wis", MaybeCapital),
    ("wyo", MaybeCapital),
];

/// For the other languages: what newspapers of several of them use.
const OTHERS: &[(&str, Class)] = &[
    ("art", Number),
    ("arts", Number),
    ("bzw", Never),
    ("ca", Never),
    ("cf", Never),
    ("dhr", Title),
    ("dott", Title),
    ("dr", Title),
    ("dra", Title),
    ("etc", Maybe),
    ("evtl", Never),
    ("ggf", Never),
    ("gral", Title),
    ("hr", Title),
    ("mevr", Title),
    ("mlle", Title),
    ("mm", Title),
    ("mme", Title),
    ("nr", Number),
    ("núm", Number),
    ("pag", Number),
    ("pp", Number),
    ("prof", Title),
    ("sig", Title),
    ("sr", Title),
    ("sra", Title),
    ("st", Title),
    ("sta", Title),
    ("ste", Title),
    ("usw", Maybe),
    ("vgl", Never),
    ("vol", Number),
    ("vs", Never),
];

/// Words that follow an abbreviation only when they begin a sentence, whatever their case.
const STRONG_STARTERS: &[&str] = &[
    "he",
    "however",
    "it",
    "it's",
    "meanwhile",
    "she",
    "the",
    "their",
    "there",
    "these",
    "they",
    "this",
    "those",
    "we",
    "we'll",
    "we're",
    "what",
    "you",
];

/// Words that begin sentences when they are capitalised, but stand inside them too: in text of all capitals they say
/// nothing.
const WEAK_STARTERS: &[&str] = &[
    "a",
    "according",
    "after",
    "all",
    "also",
    "although",
    "among",
    "an",
    "and",
    "another",
    "any",
    "are",
    "as",
    "asked",
    "at",
    "because",
    "before",
    "both",
    "but",
    "by",
    "can",
    "despite",
    "did",
    "do",
    "does",
    "during",
    "each",
    "earlier",
    "even",
    "every",
    "few",
    "for",
    "from",
    "had",
    "has",
    "have",
    "her",
    "here",
    "his",
    "how",
    "i",
    "if",
    "in",
    "is",
    "its",
    "just",
    "last",
    "later",
    "let",
    "many",
    "more",
    "most",
    "much",
    "my",
    "neither",
    "never",
    "no",
    "nobody",
    "none",
    "nor",
    "not",
    "nothing",
    "now",
    "of",
    "on",
    "once",
    "only",
    "or",
    "other",
    "others",
    "our",
    "perhaps",
    "please",
    "several",
    "since",
    "so",
    "some",
    "still",
    "such",
    "that",
    "then",
    "though",
    "to",
    "today",
    "under",
    "until",
    "was",
    "were",
    "when",
    "where",
    "while",
    "who",
    "why",
    "will",
    "with",
    "without",
    "yes",
    "yesterday",
    "yet",
];

/// What follows `a.m.` and `p.m.` inside a sentence, beside abbreviated time zones.
const AFTER_HOURS: &[&str] = &[
    "april",
    "august",
    "central",
    "december",
    "eastern",
    "february",
    "friday",
    "greenwich",
    "january",
    "july",
    "june",
    "local",
    "march",
    "may",
    "monday",
    "mountain",
    "november",
    "october",
    "pacific",
    "saturday",
    "september",
    "sunday",
    "thursday",
    "today",
    "tomorrow",
    "tuesday",
    "wednesday",
    "yesterday",
];

/// Words that leave a clause open when they stand at the end of a line.
const LINKING_WORDS: &[&str] = &[
    "a", "about", "after", "against", "an", "and", "are", "as", "at", "be", "been", "before", "between",
    "but", "by", "for", "from", "had", "has", "have", "his", "if", "in", "into", "is", "its", "mr", "mrs",
    "ms", "nor", "of", "on", "or", "our", "over", "said", "shall", "should", "than", "that", "the", "their",
    "these", "this", "those", "through", "to", "under", "was", "were", "when", "where", "which", "while",
    "who", "whose", "will", "with", "would",
];

/// Verbs of attribution after a quoted question or cry.
const REPORTING_VERBS: &[&str] = &[
    "added",
    "asked",
    "asks",
    "cried",
    "declared",
    "demanded",
    "exclaimed",
    "replied",
    "said",
    "says",
    "shouted",
    "told",
    "tweeted",
    "warned",
    "wondered",
    "wrote",
    "yelled",
];

/// Things that are told apart by a letter, which is then no initial.
const LETTERED: &[&str] = &[
    "annex", "appendix", "area", "camp", "class", "group", "part", "phase", "plan", "point", "schedule",
    "section", "table", "zone",
];

/// The length in bytes above which no word is in any list.
const LONGEST: usize = 10;

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
    let table = if language == Language::English { ENGLISH } else { OTHERS };
    let short = Short::of(word)?;
    let found = table.binary_search_by(|(known, _)| known.as_bytes().cmp(short.as_bytes())).ok()?;
    let capital = word.starts_with(char::is_uppercase);
    match table[found].1 {
        Title if !capital => None,
        MaybeCapital => capital.then_some(Maybe),
        class => Some(class),
    }
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
        for table in [ENGLISH, OTHERS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0), "{table:?}");
            assert!(table.iter().all(|(word, _)| word.len() <= LONGEST));
        }
        for list in [STRONG_STARTERS, WEAK_STARTERS, AFTER_HOURS, LINKING_WORDS, REPORTING_VERBS, LETTERED] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
            assert!(list.iter().all(|word| word.len() <= LONGEST), "{list:?}");
        }
    }

    #[test]
    fn case_tells_abbreviations_from_common_words() {
        assert_eq!(class("Gen", Language::English), Some(Title));
        assert_eq!(class("GEN", Language::English), Some(Title));
        assert_eq!(class("gen", Language::English), None);
        assert_eq!(class("Sat", Language::English), Some(Maybe));
        assert_eq!(class("sat", Language::English), None);
        assert_eq!(class("etc", Language::French), Some(Maybe));
        assert_eq!(class("extraordinarily", Language::English), None);
    }
}
