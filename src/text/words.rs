//! Short lists of English function words.

/// Words that carry no stance. Negations, modals, conditions and question words are not among them.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "a", "about", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "between",
    "both", "but", "by", "did", "do", "does", "doing", "during", "each", "for", "from", "had", "has",
    "have", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his", "i", "in", "into",
    "is", "it", "its", "itself", "me", "my", "myself", "of", "on", "or", "our", "ours", "ourselves",
    "own", "same", "she", "so", "some", "such", "than", "that", "the", "their", "theirs", "them",
    "themselves", "then", "there", "these", "they", "this", "those", "through", "to", "too", "very",
    "was", "we", "were", "which", "while", "who", "whom", "with", "you", "your", "yours", "yourself",
    "yourselves",
];

/// Function words that a title-case heading leaves in lower case.
#[rustfmt::skip]
const SMALL_IN_HEADINGS: &[&str] = &[
    "a", "after", "amid", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "is",
    "it", "nor", "of", "off", "on", "or", "out", "over", "per", "so", "than", "the", "to", "up", "via",
    "vs", "with", "yet",
];

/// Words that are no name even when they are capitalised inside a sentence, beside the stop words.
#[rustfmt::skip]
const NEVER_NAMES: &[&str] = &[
    "after", "all", "because", "before", "can", "cannot", "could", "every", "how", "however", "if", "let",
    "may", "might", "must", "never", "no", "nobody", "none", "nor", "not", "nothing", "now", "once",
    "ought", "shall", "should", "since", "stop", "then", "today", "unless", "until", "what", "when",
    "where", "why", "will", "without", "would", "yes", "yet",
];

/// Whether `word` (lower case) is left out by `stop_words`.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Whether `word` (lower case) may stand in lower case in a title-case heading.
pub(super) fn is_small_in_headings(word: &str) -> bool {
    SMALL_IN_HEADINGS.binary_search(&word).is_ok()
}

/// Whether `word` (lower case) is a function word or one with an apostrophe after it (`I'm`, `they'll`).
pub(super) fn is_never_name(word: &str) -> bool {
    let stem = word.split('\'').next().unwrap_or(word);
    is_stop_word(stem) || NEVER_NAMES.binary_search(&stem).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [STOP_WORDS, SMALL_IN_HEADINGS, NEVER_NAMES] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }

    #[test]
    fn negations_modals_and_conditions_are_never_stop_words() {
        for word in [
            "no", "not", "nor", "never", "none", "without", "will", "would", "shall", "should", "can",
            "could", "may", "might", "must", "if", "unless", "until", "against", "stop", "don't", "cannot",
        ] {
            assert!(!is_stop_word(word), "{word}");
        }
    }
}
