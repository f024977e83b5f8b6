//! The lexicon file: classes of patterns, read with a message for every mistake.

use std::borrow::Cow;
use std::fmt::Write;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::pattern::{Element, Mistake, Pattern};
use crate::error::{Error, ErrorKind, Place, Result};

/// The position of a class in its [`CueLexicon`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueClassId(u16);

impl CueClassId {
    /// The most classes a lexicon can have.
    pub const MAX: usize = 1000;

    /// The position.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn at(index: usize) -> Self {
        // A lexicon has at most `MAX` classes.
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

/// A class of cues: what it is called and what it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CueClass {
    name: String,
    patterns: Vec<Pattern>,
}

impl CueClass {
    /// The name, in capitals: `CALL`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the class only serves as a building block of others, and makes no feature: its name ends in `_`.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.name.ends_with('_')
    }

    /// The patterns as matchers want them, each with whether it only matches at the first word: those of a single word
    /// are put together into one, which comes first.
    pub(super) fn compact(&self) -> Vec<(bool, Cow<'_, [Element]>)> {
        let (mut words, mut longer) = (Vec::new(), Vec::new());
        for pattern in &self.patterns {
            match pattern.elements() {
                [Element::OneOf(alternatives)] if !pattern.at_start() => {
                    words.extend_from_slice(alternatives);
                }
                elements => longer.push((pattern.at_start(), Cow::Borrowed(elements))),
            }
        }
        words.sort_unstable();
        words.dedup();
        let merged = (!words.is_empty()).then(|| (false, Cow::Owned(vec![Element::OneOf(words)])));
        merged.into_iter().chain(longer).collect()
    }

    /// The patterns in the order of the file; at least one.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

/// Classes of speech-act cues, in the order of their file. The [module](super) describes the format.
///
/// ```
/// use stancewire::features::CueLexicon;
/// let lexicon = CueLexicon::parse("[CALL]\npatterns = [\"call* for\", \"urge*\"]\n")?;
/// assert_eq!(lexicon.classes()[0].name(), "CALL");
/// let error = CueLexicon::parse("[CALL]\npatterns = [\"Urge\"]").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2: class CALL, pattern \"Urge\": \"Urge\" has capital letters\n  write \"urge\""
/// );
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CueLexicon {
    classes: Vec<CueClass>,
}

impl CueLexicon {
    /// Reads a lexicon.
    ///
    /// # Errors
    /// [`ErrorKind::Lexicon`] with the line, the class, the pattern and what to do, at the first mistake of the file.
    /// The caller adds the file's name with [`Error::at`].
    pub fn parse(toml: &str) -> Result<Self> {
        let table = DeTable::parse(toml).map_err(|e| not_toml(toml, &e))?;
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        // The parser hands tables out by name; the order of the file is that of the positions.
        entries.sort_by_key(|(key, _)| key.span().start);
        let names: Vec<&str> = entries.iter().map(|(key, _)| key.get_ref().as_ref()).collect();
        if names.is_empty() || names.len() > CueClassId::MAX {
            return Err(Error::new(
                ErrorKind::Lexicon,
                format!("the lexicon has {} classes; expected 1 to {}", names.len(), CueClassId::MAX),
            )
            .advise("a class is a line [NAME] and below it: patterns = [\"word\", \"two words\"]"));
        }
        let places = names.iter().copied().zip(0..).collect();
        let reader = Reader { source: toml, names: &names, places };
        let classes: Vec<Result<CueClass>> = entries
            .par_iter()
            .enumerate()
            .map(|(i, (key, value))| reader.class(i, key.span().start, value))
            .collect();
        // The first mistake of the file, whichever was found first.
        Ok(Self { classes: classes.into_iter().collect::<Result<_>>()? })
    }

    /// The lexicon as TOML in canonical form: classes and patterns in order, one pattern a line, comments left out.
    ///
    /// Reading it gives an equal lexicon.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for (i, class) in self.classes.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n" };
            // Writing to a String does not fail.
            let _ = write!(out, "{gap}[{}]\npatterns = [\n", class.name);
            for pattern in &class.patterns {
                let escaped = pattern.as_str().replace('\\', "\\\\").replace('"', "\\\"");
                let _ = writeln!(out, "  \"{escaped}\",");
            }
            out.push_str("]\n");
        }
        out
    }

    /// The classes in order.
    #[must_use]
    pub fn classes(&self) -> &[CueClass] {
        &self.classes
    }

    /// The class called `name`, if there is one.
    #[must_use]
    pub fn class_id(&self, name: &str) -> Option<CueClassId> {
        self.classes.iter().position(|c| c.name == name).map(CueClassId::at)
    }
}

fn line_of(source: &str, byte: usize) -> u64 {
    1 + source.bytes().take(byte).filter(|&b| b == b'\n').count() as u64
}

fn at(source: &str, byte: usize) -> Place {
    Place::default().line(line_of(source, byte))
}

/// The parser's own words, with the place and with advice for the mistakes that analysts make most.
fn not_toml(source: &str, error: &toml::de::Error) -> Error {
    let byte = error.span().map_or(0, |s| s.start);
    let message = error.message();
    if message.contains("duplicate key") {
        let name = error.span().and_then(|s| source.get(s)).unwrap_or_default().trim();
        return Error::new(ErrorKind::Lexicon, format!("\"{name}\" is defined twice"))
            .at(at(source, byte))
            .advise("put all patterns of a class into one list");
    }
    Error::new(ErrorKind::Lexicon, format!("this is not TOML: {message}")).at(at(source, byte)).advise(
        "a class is a line [NAME] and below it: patterns = [\"word\", \"two words\"]; is a quotation mark or comma missing?",
    )
}

struct Reader<'a> {
    source: &'a str,
    names: &'a [&'a str],
    /// The position of each of them.
    places: FxHashMap<&'a str, usize>,
}

impl Reader<'_> {
    fn fail<T>(&self, byte: usize, what: String, advice: impl Into<String>) -> Result<T> {
        Err(Error::new(ErrorKind::Lexicon, what).at(at(self.source, byte)).advise(advice))
    }

    fn class(&self, index: usize, byte: usize, value: &Spanned<DeValue<'_>>) -> Result<CueClass> {
        let name = self.names[index];
        let Some(table) = value.get_ref().as_table() else {
            return self.fail(
                byte,
                format!("\"{name}\" stands outside of a class"),
                "put it below a line with the class's name in brackets: [NAME]",
            );
        };
        self.check_name(byte, name)?;
        if let Some((key, _)) = table.iter().find(|(k, _)| k.get_ref() != "patterns") {
            return self.fail(
                key.span().start,
                format!("class {name}: unknown setting \"{}\"", key.get_ref()),
                "a class has one setting: patterns = [\"…\", \"…\"]",
            );
        }
        let Some(list) = table.get("patterns") else {
            return self.fail(
                byte,
                format!("class {name}: there are no patterns"),
                "add patterns = [\"…\"] below its name, or delete the class",
            );
        };
        let patterns = self.patterns(index, list)?;
        Ok(CueClass { name: name.to_owned(), patterns })
    }

    fn check_name(&self, byte: usize, name: &str) -> Result<()> {
        let fits = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if fits {
            return Ok(());
        }
        self.fail(
            byte,
            format!("\"{name}\" is not a name for a class"),
            "write capital letters A to Z, digits and _, a letter first",
        )
    }

    fn patterns(&self, class: usize, list: &Spanned<DeValue<'_>>) -> Result<Vec<Pattern>> {
        let name = self.names[class];
        let Some(items) = list.get_ref().as_array() else {
            return self.fail(
                list.span().start,
                format!("class {name}: patterns is not a list"),
                "write the patterns in brackets: patterns = [\"…\", \"…\"]",
            );
        };
        if items.is_empty() {
            return self.fail(
                list.span().start,
                format!("class {name}: the list of patterns is empty"),
                "add a pattern, or delete the class",
            );
        }
        let mut patterns: Vec<Pattern> = Vec::with_capacity(items.len());
        let mut known: FxHashSet<String> = FxHashSet::default();
        for item in items {
            let pattern = self.pattern(class, item)?;
            if !known.insert(pattern.as_str().to_owned()) {
                return self.fail(
                    item.span().start,
                    format!("class {name}, pattern \"{pattern}\": it stands twice in the class"),
                    "delete one of them",
                );
            }
            patterns.push(pattern);
        }
        Ok(patterns)
    }

    fn pattern(&self, class: usize, item: &Spanned<DeValue<'_>>) -> Result<Pattern> {
        let name = self.names[class];
        let byte = item.span().start;
        let Some(text) = item.get_ref().as_str() else {
            return self.fail(
                byte,
                format!("class {name}: a pattern is not a text"),
                "put quotation marks around it: \"…\"",
            );
        };
        let find = |wanted: &str| self.find_class(class, wanted);
        Pattern::parse(text, &find).or_else(|mistake| {
            self.fail(byte, format!("class {name}, pattern {text:?}: {}", mistake.what), mistake.advice)
        })
    }

    /// The class that a pattern of the class at `from` names.
    fn find_class(&self, from: usize, wanted: &str) -> std::result::Result<CueClassId, Mistake> {
        let (what, advice) = match self.places.get(wanted).copied() {
            Some(at) if at < from => return Ok(CueClassId::at(at)),
            Some(at) if at == from => (
                format!("{{{wanted}}} is the class itself"),
                "a class cannot contain itself; write the words, or move them to a class above".to_owned(),
            ),
            Some(_) => (
                format!("{{{wanted}}} is defined further down"),
                format!("move the class {wanted} above {}", self.names[from]),
            ),
            None => (
                format!("there is no class {wanted}"),
                format!("the classes above {} are: {}", self.names[from], self.above(from)),
            ),
        };
        Err(Mistake { what, advice })
    }

    fn above(&self, from: usize) -> String {
        if from == 0 { "none".to_owned() } else { self.names[..from].join(", ") }
    }
}
