//! What a model may ask for: bounds that no trained model comes near, and that keep a foreign one from taking for ever.

use rustc_hash::FxHashMap;

use super::features::FeatureParams;
use super::format::bad;
use crate::classifier::Calibration;
use crate::error::{Error, ErrorKind, Result};
use crate::features::CueLexicon;

/// The largest number of a tensor, and of the biases of the calibration, either sign: with it no score becomes infinite.
pub(super) const LARGEST: f64 = 1e12;

/// The smallest temperature and the smallest share, for the same reason.
const SMALLEST: f64 = 1e-9;

/// How far from 1 the sum of shares may be: rounding leaves less than 255 · 2⁻⁵³.
const SUM_TOLERANCE: f64 = 1e-9;

/// The widest window of pairs, in words.
const WIDEST_WINDOW: usize = 1000;

/// The longest lexicon, as the model file has it, in bytes. That of the shipped model has a tenth of it.
const LONGEST_LEXICON: usize = 2 << 20;

/// The longest name of a class, in bytes: a feature is named after two of them, and there are up to a million.
const LONGEST_NAME: usize = 100;

/// The steps of all classes; see [`steps`]. Those of the shipped lexicon are 65,000.
const MOST_STEPS: u64 = 1_000_000;

/// A number for a message: without three hundred zeros.
pub(super) fn shown(number: f64) -> String {
    match number.abs() {
        1e-6..1e15 | 0.0 => number.to_string(),
        _ => format!("{number:e}"),
    }
}

/// Holds the settings of the features against the bounds.
pub(super) fn check_features(params: &FeatureParams) -> Result<()> {
    if !(params.cue_weight > 0.0 && params.cue_weight <= LARGEST) {
        let weight = shown(params.cue_weight);
        return Err(bad(format!(
            "the cue weight is {weight}; expected a number above 0, at most {LARGEST:e}"
        )));
    }
    if params.cues.pair_window > WIDEST_WINDOW {
        let window = params.cues.pair_window;
        return Err(bad(format!(
            "the window of cue pairs is {window} words; expected at most {WIDEST_WINDOW}"
        )));
    }
    Ok(())
}

/// Holds the calibration against the bounds.
pub(super) fn check_calibration(calibration: &Calibration) -> Result<()> {
    let temperature = calibration.temperature();
    if temperature < SMALLEST {
        return Err(bad(format!(
            "the temperature is {}; expected at least {SMALLEST:e}",
            shown(temperature)
        )));
    }
    match calibration.bias().iter().find(|bias| bias.abs() > LARGEST) {
        Some(bias) => Err(bad(format!(
            "a bias of the calibration is {}; expected one from -{LARGEST:e} to {LARGEST:e}",
            shown(*bias)
        ))),
        None => Ok(()),
    }
}

/// Holds the rows of the training and the natural shares against each other and against the bounds.
pub(super) fn check_shares(support: &[usize], natural: Option<&[f64]>) -> Result<()> {
    if support.contains(&0) {
        return Err(bad("a label has no training rows; expected at least 1"));
    }
    let Some(natural) = natural else { return Ok(()) };
    if let Some(share) = natural.iter().find(|share| !(SMALLEST..=1.0).contains(*share)) {
        let share = shown(*share);
        return Err(bad(format!("a natural share is {share}; expected a number above 0, at most 1")));
    }
    let sum: f64 = natural.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(bad(format!("the natural shares sum to {}; expected 1", shown(sum))));
    }
    Ok(())
}

/// Reads the lexicon of a model file.
pub(super) fn read_lexicon(toml: &str) -> Result<CueLexicon> {
    if toml.len() > LONGEST_LEXICON {
        return Err(bad(format!("the lexicon has {} bytes; expected at most {LONGEST_LEXICON}", toml.len())));
    }
    CueLexicon::parse(toml).map_err(|e| bad(format!("in the lexicon: {e}")))
}

/// Holds a lexicon against the bounds, wherever it comes from.
///
/// # Errors
/// [`ErrorKind::Lexicon`], naming the class.
pub(super) fn check_lexicon(lexicon: &CueLexicon) -> Result<()> {
    let classes = lexicon.classes();
    if let Some(class) = classes.iter().find(|class| class.name().len() > LONGEST_NAME) {
        let start: String = class.name().chars().take(20).collect();
        let what = format!("the name of the class {start}… has {} letters", class.name().len());
        return Err(Error::new(ErrorKind::Lexicon, what).advise(format!("give it at most {LONGEST_NAME}")));
    }
    let steps = steps(lexicon);
    if steps.iter().copied().fold(0, u64::saturating_add) <= MOST_STEPS {
        return Ok(());
    }
    let largest = steps.iter().zip(classes).max_by_key(|(steps, _)| **steps);
    let largest = largest.map_or("", |(_, class)| class.name());
    let what =
        format!("its patterns, with the classes they name written out, have more than {MOST_STEPS} elements");
    Err(Error::new(ErrorKind::Lexicon, what).advise(format!(
        "most of them are in the class {largest}: name fewer or smaller classes in its patterns"
    )))
}

/// The elements of the patterns of each class, with those of the classes that are named, as if they were written out: so
/// many steps the matcher takes at worst.
fn steps(lexicon: &CueLexicon) -> Vec<u64> {
    let mut known: FxHashMap<&str, u64> = FxHashMap::default();
    let mut all = Vec::with_capacity(lexicon.classes().len());
    for class in lexicon.classes() {
        let elements = class.patterns().iter().flat_map(|pattern| pattern.as_str().split_whitespace());
        let of = |element: &str| {
            let name = element.trim_start_matches('^').strip_prefix('{').and_then(|e| e.strip_suffix('}'));
            name.and_then(|name| known.get(name)).map_or(1, |steps: &u64| steps.saturating_add(1))
        };
        let steps = elements.map(of).fold(0, u64::saturating_add);
        known.insert(class.name(), steps);
        all.push(steps);
    }
    all
}
