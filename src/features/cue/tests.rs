//! The lexicon's mistakes and the matcher's cases, as tables.

use std::collections::BTreeSet;

use super::pattern::canonical_mark;
use super::*;

fn lexicon(toml: &str) -> CueLexicon {
    CueLexicon::parse(toml).unwrap()
}

/// A lexicon of one class `A` with the given patterns.
fn one_class(patterns: &[&str]) -> CueLexicon {
    let list: Vec<String> = patterns.iter().map(|p| format!("'{p}'")).collect();
    lexicon(&format!("[A]\npatterns = [{}]", list.join(", ")))
}

/// A sentence, and the definition of a match spelled out: slow, and plain.
struct Reference<'a> {
    lexicon: &'a CueLexicon,
    words: Vec<&'a str>,
}

impl<'a> Reference<'a> {
    fn new(lexicon: &'a CueLexicon, words: impl IntoIterator<Item = &'a str>) -> Self {
        Self { lexicon, words: words.into_iter().collect() }
    }

    fn is_word(&self, at: usize) -> bool {
        self.words[at].contains(char::is_alphanumeric)
    }

    fn is_soft(&self, at: usize) -> bool {
        at < self.words.len() && !self.is_word(at) && super::atoms::is_soft_mark(self.words[at])
    }

    /// Where the matches of a class that begin at `start` end.
    fn ends(&self, class: usize, start: usize) -> BTreeSet<usize> {
        let first_word = (0..self.words.len()).find(|&at| self.is_word(at));
        let patterns = self.lexicon.classes()[class].patterns().iter();
        let possible = patterns.filter(|pattern| !pattern.at_start() || first_word == Some(start));
        possible.flat_map(|pattern| self.rest(pattern.elements(), start, true)).collect()
    }

    fn rest(&self, elements: &[Element], at: usize, is_first: bool) -> BTreeSet<usize> {
        let Some((element, rest)) = elements.split_first() else { return BTreeSet::from([at]) };
        // Commas and quotes may be passed over, but not before the first element.
        let passed = (at..self.words.len()).take_while(|&p| !is_first && self.is_soft(p)).count();
        let places = (at..=at + passed).filter(|&p| p < self.words.len());
        match element {
            Element::Gap(words) => {
                let mut reached = vec![at];
                while reached.len() <= usize::from(*words) {
                    let last = reached[reached.len() - 1];
                    let next = (last..self.words.len()).find(|&p| !self.is_soft(p));
                    match next.filter(|&p| self.is_word(p)) {
                        Some(word) => reached.push(word + 1),
                        None => break,
                    }
                }
                reached.into_iter().flat_map(|p| self.rest(rest, p, false)).collect()
            }
            Element::Class(class) => places
                .flat_map(|p| self.ends(class.index(), p))
                .flat_map(|end| self.rest(rest, end, false))
                .collect(),
            Element::AnyWord => {
                places.filter(|&p| self.is_word(p)).flat_map(|p| self.rest(rest, p + 1, false)).collect()
            }
            Element::OneOf(alternatives) => places
                .filter(|&p| alternatives.iter().any(|a| self.is_spelled(p, a)))
                .flat_map(|p| self.rest(rest, p + 1, false))
                .collect(),
        }
    }

    fn is_spelled(&self, at: usize, alternative: &Alternative) -> bool {
        let word = self.words[at];
        match (self.is_word(at), alternative.is_prefix) {
            (false, _) => canonical_mark(word).is_some_and(|mark| alternative.text == mark.to_string()),
            (true, true) => word.starts_with(&alternative.text),
            (true, false) => word == alternative.text,
        }
    }

    /// Every class and start with the longest end.
    fn hits(&self) -> Vec<(usize, usize, usize)> {
        let classes = self.lexicon.classes().len();
        let all = (0..self.words.len()).flat_map(|start| (0..classes).map(move |class| (start, class)));
        all.filter_map(|(start, class)| self.ends(class, start).last().map(|&end| (start, class, end)))
            .collect()
    }

    /// The words before each start and the class, without hidden classes.
    fn starts(&self) -> Vec<(usize, usize)> {
        let visible = |class: usize| !self.lexicon.classes()[class].is_hidden();
        let before = |start: usize| (0..start).filter(|&at| self.is_word(at)).count();
        self.hits().into_iter().filter(|hit| visible(hit.1)).map(|hit| (before(hit.0), hit.1)).collect()
    }
}

/// The hits as `CLASS:start-end`, of a text whose tokens are separated by spaces. The matcher must find them all.
fn found(lexicon: &CueLexicon, text: &str) -> String {
    let reference = Reference::new(lexicon, text.split_whitespace());
    let matcher = CueMatcher::new(lexicon);
    assert_eq!(starts(&matcher, &mut CueScratch::default(), &reference.words), reference.starts(), "{text}");
    let name = |class: usize| lexicon.classes()[class].name();
    let all: Vec<_> =
        reference.hits().iter().map(|&(s, class, e)| format!("{}:{s}-{e}", name(class))).collect();
    all.join(" ")
}

#[test]
fn each_element_matches_what_it_stands_for() {
    for (pattern, text, expected) in [
        // one word
        ("war", "the war ended", "A:1-2"),
        ("war", "the wars ended", ""),
        // a beginning
        ("attack*", "they attacked an attack", "A:1-2 A:3-4"),
        ("attack*", "counterattack", ""),
        ("é*", "état", "A:0-1"),
        // alternatives, which may be beginnings
        ("stop*|halt|end", "halt and stopping ends", "A:0-1 A:2-3"),
        // words in order
        ("call* for", "they called for calls for", "A:1-3 A:3-5"),
        ("call* for", "for calls", ""),
        // exactly one word
        ("at * time", "at any time", "A:0-3"),
        ("at * time", "at time", ""),
        ("at * time", "at any given time", ""),
        // up to three words between
        ("put .. end", "put end", "A:0-2"),
        ("put .. end", "put a b c end", "A:0-5"),
        ("put .. end", "put a b c d end", ""),
        ("put ..1 end", "put a b end", ""),
        ("put ..5 end", "put a b c d e end", "A:0-7"),
        // the longest match of a start
        ("put .. end", "put an end and end", "A:0-5"),
        // a gap, then one word, whichever
        ("put .. * end", "put end", ""),
        ("put .. * end", "put an end", "A:0-3"),
        // only at the first word
        ("^stop", "stop the stop", "A:0-1"),
        ("^stop", "\" stop it", "A:1-2"),
        ("^* said", "he said she said", "A:0-2"),
        // marks
        ("?", "why ?", "A:1-2"),
        ("now !|?", "now ?", "A:0-2"),
        ("if .. ,", "if they come , we", "A:0-4"),
        // commas and quotes are passed over, and are no words
        ("urge* restraint", "urges , \" restraint", "A:0-4"),
        ("urge* ..1 restraint", "urges , however , restraint", "A:0-5"),
        ("urge* * restraint", "urges , restraint", ""),
        // other marks end a clause
        ("urge* .. restraint", "urges : restraint", ""),
        ("urge* : restraint", "urges : restraint", "A:0-3"),
        ("war — peace", "war – peace", "A:0-3"),
        ("so …", "so ...", "A:0-2"),
        // numbers are words
        ("* hours", "48 hours", "A:0-2"),
        ("not ..3 sit", "not", ""),
    ] {
        assert_eq!(found(&one_class(&[pattern]), text), expected, "{pattern:?} in {text:?}");
    }
}

#[test]
fn nothing_is_found_in_nothing() {
    assert_eq!(found(&one_class(&["* war"]), ""), "");
}

#[test]
fn the_longest_match_of_each_class_and_start_is_given_once() {
    let two =
        lexicon("[A]\npatterns = ['end', 'end the war', 'end the']\n[B]\npatterns = ['end the', 'war']");
    assert_eq!(found(&two, "end the war"), "A:0-3 B:0-2 B:2-3");
}

#[test]
fn a_class_in_braces_stands_for_all_its_matches() {
    let nested = lexicon(
        "[FIGHT]\npatterns = ['war', 'war of words', 'attack*']\n\
         [STOP]\npatterns = ['stop* .. {FIGHT}', '{FIGHT} must end']\n\
         [CALL]\npatterns = ['call* .. {STOP} now', '{STOP} or else', '^{FIGHT}']",
    );
    for (text, expected) in [
        ("stop the war", "STOP:0-3 FIGHT:2-3"),
        // both the short and the long match of FIGHT can be followed
        ("war of words must end", "FIGHT:0-3 STOP:0-5 CALL:0-3"),
        ("war must end or else", "FIGHT:0-1 STOP:0-3 CALL:0-5"),
        ("calls to stop attacks now", "CALL:0-5 STOP:2-4 FIGHT:3-4"),
        ("calls to stop , the \" war \" now", "CALL:0-9 STOP:2-7 FIGHT:6-7"),
        ("stop . war", "FIGHT:2-3"),
    ] {
        let mut hits: Vec<_> = found(&nested, text).split(' ').map(str::to_owned).collect();
        let mut expected: Vec<_> = expected.split(' ').map(str::to_owned).collect();
        hits.sort();
        expected.sort();
        assert_eq!(hits, expected, "{text}");
    }
}

#[test]
fn every_mistake_has_its_message_with_line_class_pattern_and_advice() {
    let mut all = Vec::new();
    for toml in [
        "",
        "[A\npatterns = ['war']",
        "[A]\npatterns = ['war'",
        "[A]\npatterns = ['war']\n\n[A]\npatterns = ['peace']",
        "patterns = ['war']",
        "[peace]\npatterns = ['war']",
        "[A]\n# nothing here",
        "[A]\npatterns = ['war']\nwindow = 3",
        "[A]\npatterns = 'war'",
        "[A]\npatterns = []",
        "[A]\npatterns = ['war', 3]",
        "[A]\npatterns = [\n  'war',\n  'peace',\n  'war',\n]",
        "[A]\npatterns = ['  ']",
        "[A]\npatterns = ['^']",
        "[A]\npatterns = ['War']",
        "[A]\npatterns = ['don’t']",
        "[A]\npatterns = ['ﬁght']",
        "[A]\npatterns = ['stop|']",
        "[A]\npatterns = ['stop|halt|stop']",
        "[A]\npatterns = ['a*b']",
        "[A]\npatterns = ['stop **']",
        "[A]\npatterns = ['.. war']",
        "[A]\npatterns = ['war ..']",
        "[A]\npatterns = ['stop .. ..2 war']",
        "[A]\npatterns = ['stop ..0 war']",
        "[A]\npatterns = ['stop ..21 war']",
        "[A]\npatterns = ['stop ..x war']",
        "[A]\npatterns = ['* *']",
        "[A]\npatterns = ['stop ^war']",
        "[A]\npatterns = ['stop, war']",
        "[A]\npatterns = ['why?']",
        "[A]\npatterns = ['war #']",
        "[A]\npatterns = ['{A} now']",
        "[A]\npatterns = ['{B} now']\n[B]\npatterns = ['war']",
        "[A]\npatterns = ['war']\n[B]\npatterns = ['{C} now']",
        "[A]\npatterns = ['{war now']",
        "[A]\npatterns = ['a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a']",
    ] {
        let error = CueLexicon::parse(toml).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Lexicon, "{toml}");
        assert!(error.advice().is_some(), "{toml}");
        all.push(format!("{toml}\n    {}", error.to_string().replace('\n', "\n    ")));
    }
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn the_canonical_form_reads_back_as_the_same_lexicon() {
    let source = "# comment\n[ZULU]\npatterns = [ '  put   .. end', '\" war', \"'ll\" ]\n[ALPHA]\npatterns=['^{ZULU} ..5 x*|y']";
    let read = lexicon(source);
    assert_eq!(
        read.to_toml(),
        "[ZULU]\npatterns = [\n  \"put .. end\",\n  \"\\\" war\",\n  \"'ll\",\n]\n\n[ALPHA]\npatterns = [\n  \"^{ZULU} ..5 x*|y\",\n]\n"
    );
    assert_eq!(lexicon(&read.to_toml()), read);
    assert_eq!(read.class_id("ALPHA").map(CueClassId::index), Some(1), "classes keep the order of the file");
}

fn counts(toml: &str, params: CueParams, text: &str) -> String {
    let lexicon = lexicon(toml);
    let (matcher, counter) = (CueMatcher::new(&lexicon), CueCounter::new(&lexicon, params));
    let mut tokens = TokenAtoms::new();
    text.split_whitespace().for_each(|w| tokens.push(&matcher.atoms_of(w)));
    let (mut starts, mut out) = (Vec::new(), Vec::new());
    matcher.starts(tokens.view(), &mut CueScratch::default(), &mut starts);
    counter.count_into(&starts, &mut out);
    let all: Vec<_> = out.iter().map(|&(id, n)| format!("{} {n}", counter.name(id))).collect();
    all.join(", ")
}

#[test]
fn classes_and_ordered_pairs_within_the_window_are_counted() {
    let toml = "[CALL]\npatterns = ['call*']\n[STOP]\npatterns = ['stop', 'calls']";
    let window = |pair_window| CueParams { pairs: true, pair_window };
    for (params, text, expected) in [
        (window(8), "call to stop", "CALL 1, STOP 1, CALL→STOP 1"),
        (window(2), "call to stop", "CALL 1, STOP 1, CALL→STOP 1"),
        (window(1), "call to stop", "CALL 1, STOP 1"),
        // marks do not count as words
        (window(2), "call , to \" stop", "CALL 1, STOP 1, CALL→STOP 1"),
        // the order matters, and hits with the same start make no pair
        (window(8), "stop call", "CALL 1, STOP 1, STOP→CALL 1"),
        (window(8), "calls", "CALL 1, STOP 1"),
        (window(8), "call call stop", "CALL 2, STOP 1, CALL→CALL 1, CALL→STOP 2"),
        (CueParams { pairs: false, pair_window: 8 }, "call stop", "CALL 1, STOP 1"),
        (window(8), "nothing", ""),
    ] {
        assert_eq!(counts(toml, params, text), expected, "{text}");
    }
}

#[test]
fn features_are_numbered_classes_first() {
    let lexicon = lexicon("[A]\npatterns = ['a']\n[C_]\npatterns = ['c']\n[B]\npatterns = ['b']");
    let counter = CueCounter::new(&lexicon, CueParams::default());
    let names: Vec<_> = counter.ids().map(|id| counter.name(id)).collect();
    assert_eq!(names, ["A", "B", "A→A", "A→B", "B→A", "B→B"]);
    assert!(counter.ids().all(|id| counter.id_of(&counter.name(id)) == Some(id)));
    for name in ["C_", "X", "A→X", "A→C_", "A→", ""] {
        assert_eq!(counter.id_of(name), None, "{name}");
    }
}

fn starts(matcher: &CueMatcher, scratch: &mut CueScratch, words: &[&str]) -> Vec<(usize, usize)> {
    let (mut tokens, mut out) = (TokenAtoms::new(), Vec::new());
    for word in words {
        tokens.push(&matcher.atoms_of(word));
    }
    matcher.starts(tokens.view(), scratch, &mut out);
    out.iter().map(|start| (start.words_before as usize, start.class.index())).collect()
}

const ALL_ELEMENTS: &str = "[SINGLE_]\npatterns = ['a', 'b|c*']\n\
    [MIXED]\npatterns = ['d', 'a .. b', '{SINGLE_} , e']\n\
    [NESTED]\npatterns = ['{MIXED} {SINGLE_}', '^{SINGLE_} ..2 {MIXED} d', '{MIXED} ..1 {MIXED} a', '* ? {MIXED}']\n\
    [HIDDEN_]\npatterns = ['{NESTED} ..4 \"', 'e', '^, a']\n\
    [TOP]\npatterns = ['{HIDDEN_}', '{HIDDEN_} * {NESTED}', 'c* \" .. {HIDDEN_} b', '^* .. d', '. a']";

#[test]
fn the_matcher_finds_what_the_definition_says() {
    let all = ["a", "b", "c", "cc", "d", "e", "f", ",", "\"", ".", "?"];
    let lexicon = lexicon(ALL_ELEMENTS);
    let matcher = CueMatcher::new(&lexicon);
    let (mut scratch, mut found) = (CueScratch::default(), 0);
    // A small generator is enough: each number gives a sentence, long ones cross the words of a set.
    for seed in 0..6000_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % n
        };
        let length = if seed % 50 == 0 { next(700) } else { next(24) };
        let words: Vec<&str> = (0..length).map(|_| all[next(all.len())]).collect();
        let expected = Reference::new(&lexicon, words.iter().copied()).starts();
        found += expected.len();
        assert_eq!(starts(&matcher, &mut scratch, &words), expected, "{words:?}");
    }
    assert!(found > 10_000, "{found}");
}

#[test]
fn beginnings_of_any_length_are_found() {
    for length in [1, 2, 61, 62, 63, 64, 65, 200] {
        for letter in ["a", "é", "\u{10428}"] {
            let prefix = letter.repeat(length);
            let matcher = CueMatcher::new(&one_class(&[&format!("{prefix}*")]));
            let shorter = letter.repeat(length - 1) + "b";
            let words = [shorter, prefix.clone(), format!("{prefix}b")];
            let places: Vec<_> = matcher
                .starts_in_words(words.iter().map(String::as_str))
                .iter()
                .map(|s| s.words_before)
                .collect();
            assert_eq!(places, [1, 2], "{length} × {letter}");
        }
    }
}

#[test]
fn the_shipped_lexicon_begins_where_the_definition_says() {
    let shipped = lexicon(include_str!("../../../data/cues.toml"));
    let matcher = CueMatcher::new(&shipped);
    let analyzer = crate::text::Analyzer::new(crate::text::AnalyzerParams::default()).unwrap();
    let (mut scratch, mut found) = (CueScratch::default(), 0);
    for row in csv::Reader::from_reader(&include_bytes!("../../../data/stance.csv")[..]).records().step_by(40)
    {
        let row = row.unwrap();
        let text = row.iter().max_by_key(|field| field.len()).unwrap();
        let analysis = analyzer.analyze(text);
        let words: Vec<&str> = analysis.tokens().map(|token| token.word).collect();
        let expected = Reference::new(&shipped, words.iter().copied()).starts();
        found += expected.len();
        assert_eq!(starts(&matcher, &mut scratch, &words), expected, "{text}");
    }
    assert!(found > 1000, "{found}");
}

#[test]
fn a_text_without_end_is_cut_at_a_clause_and_nothing_is_lost() {
    let lexicon = one_class(&["^a", "stop .. war", "b a"]);
    let mut words = vec!["a"; 4090];
    words.extend(["stop", "the", "war", ".", "stop", "the", "war"]);
    words.extend(vec!["b"; 5000]);
    words.extend(["a", "stop", "war"]);
    let expected = [(0, 0), (4090, 0), (4093, 0), (4096 + 4999, 0), (4096 + 5001, 0)];
    assert_eq!(starts(&CueMatcher::new(&lexicon), &mut CueScratch::default(), &words), expected);
}

#[test]
fn one_working_memory_serves_lexicons_of_any_size() {
    let small = one_class(&["stop"]);
    let large = lexicon(
        "[A]\npatterns = ['stop', 'halt']\n[B]\npatterns = ['put end', '{A} war']\n[C]\npatterns = ['{B} .. now']",
    );
    // Everything is missing once, so that nothing may be left of the lexicon before.
    let sentences =
        [&["they", "put", "it", "now"][..], &["the", "end"], &["stop", "it"], &["halt", "war", "now"]];
    let mut scratch = CueScratch::default();
    for lexicon in [&small, &large, &small, &large] {
        let matcher = CueMatcher::new(lexicon);
        for words in sentences {
            let expected = starts(&matcher, &mut CueScratch::default(), words);
            assert_eq!(starts(&matcher, &mut scratch, words), expected, "{words:?}");
        }
    }
}
