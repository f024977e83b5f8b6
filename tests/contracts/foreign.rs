//! Models from somebody else: refused with a reason, or labels that are numbers.

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use stancewire::error::ErrorKind;
use stancewire::features::CueLexicon;
use stancewire::model::StanceModel;

use super::reader::check_message;

/// The file of the model that every version reads.
pub static FILE: &[u8] = include_bytes!("../fixtures/format-1/model.safetensors");

/// What is labelled to see that a model can label.
const TEXTS: [&str; 5] = [
    "",
    "The army will strike their ports if they cross the river.",
    "They called for an immediate ceasefire, an end to the fighting; \"stop the war\".",
    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
    "5 % x",
];

/// What may vary in a model whose checksum is right.
///
/// Lines of text, so that a fuzzer finds its way: the settings as JSON, then the word terms up to an empty line, then the
/// cue terms up to an empty line, then numbers, which are dealt out to idf, weights and intercepts again and again.
/// A first line that is no JSON object is a lexicon up to a line `---`, and the settings are those of the fixture.
pub fn model(data: &[u8]) {
    check_model(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(recipe) = recipe_of(text) {
        check_model(&file_of(&recipe));
    }
    if let Some(toml) = text.split("\n---").next() {
        match CueLexicon::parse(toml) {
            Ok(lexicon) => assert_eq!(CueLexicon::parse(&lexicon.to_toml()).unwrap(), lexicon),
            Err(error) => check_message(&error.to_string()),
        }
    }
}

/// Reads a model, and labels with it when it can be read.
pub fn check_model(bytes: &[u8]) {
    let model = match StanceModel::from_bytes(bytes) {
        Ok(model) => model,
        Err(error) => {
            check_message(&error.to_string());
            assert_eq!(error.kind(), ErrorKind::Model, "{error}");
            return;
        }
    };
    let mut scorer = model.scorer();
    for text in TEXTS {
        let prediction = scorer.predict(text);
        let sum: f64 = prediction.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{:?}", prediction.probabilities);
        assert!(prediction.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        assert_eq!(
            prediction.probabilities[prediction.label.index()].to_bits(),
            prediction.confidence.to_bits()
        );
        assert!(scorer.evidence(text, 3).iter().all(|e| e.contribution.is_finite()));
    }
    assert!((model.expected_shares().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let again = model.to_bytes().unwrap();
    assert!(StanceModel::from_bytes(&again).unwrap().to_bytes().unwrap() == again);
}

/// The parts of a file.
#[derive(Clone)]
pub struct Recipe {
    pub settings: String,
    pub words: Vec<String>,
    pub cues: Option<Vec<String>>,
    pub numbers: Vec<f64>,
}

/// The settings of the fixture.
pub static SETTINGS: LazyLock<Value> = LazyLock::new(|| {
    let (_, header) = SafeTensors::read_metadata(FILE).unwrap();
    let envelope: Value = serde_json::from_str(&header.metadata().as_ref().unwrap()["stancewire"]).unwrap();
    envelope["model"].clone()
});

fn recipe_of(text: &str) -> Option<Recipe> {
    let (settings, rest) = if text.starts_with('{') {
        let (settings, rest) = text.split_once('\n')?;
        (settings.to_owned(), rest)
    } else {
        let (lexicon, rest) = text.split_once("\n---\n")?;
        let mut settings = SETTINGS.clone();
        settings["lexicon"] = json!(lexicon);
        (settings.to_string(), rest)
    };
    let mut parts = rest.splitn(3, "\n\n");
    let terms = |part: &str| part.lines().map(str::to_owned).collect::<Vec<_>>();
    let words = terms(parts.next()?);
    let cues = parts.next().filter(|part| !part.is_empty()).map(terms);
    let numbers = parts.next().unwrap_or_default();
    let numbers = numbers.split_whitespace().map(|number| number.parse().unwrap_or(0.5)).collect();
    Some(Recipe { settings, words, cues, numbers })
}

/// A file of these parts, with shapes that fit and the right checksum.
pub fn file_of(recipe: &Recipe) -> Vec<u8> {
    let settings: Option<Value> = serde_json::from_str(&recipe.settings).ok();
    let labels = settings.as_ref().and_then(|s| s["labels"].as_array()).map_or(2, Vec::len);
    let mut numbers = recipe.numbers.iter().copied().cycle();
    let mut tensors = vec![tensor("intercepts", vec![labels], &mut numbers)];
    let features = recipe.words.len() + recipe.cues.as_ref().map_or(0, Vec::len);
    tensors.push(tensor("weights", vec![features, labels], &mut numbers));
    for (block, terms) in [("words", Some(&recipe.words)), ("cues", recipe.cues.as_ref())] {
        let Some(terms) = terms else { continue };
        tensors.push(tensor(&format!("{block}.idf"), vec![terms.len()], &mut numbers));
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        for term in terms {
            text.extend_from_slice(term.as_bytes());
            ends.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        }
        tensors.push(Tensor::new(&format!("{block}.ends"), Dtype::U32, vec![terms.len()], ends));
        tensors.push(Tensor::new(&format!("{block}.terms"), Dtype::U8, vec![text.len()], text));
    }
    seal(&recipe.settings, tensors)
}

/// One tensor of a file.
#[derive(Clone)]
pub struct Tensor {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Tensor {
    pub fn new(name: &str, dtype: Dtype, shape: Vec<usize>, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), dtype, shape, bytes }
    }
}

fn tensor(name: &str, shape: Vec<usize>, numbers: &mut impl Iterator<Item = f64>) -> Tensor {
    let n: usize = shape.iter().product();
    let bytes = (0..n).flat_map(|_| numbers.next().unwrap_or(0.25).to_le_bytes()).collect();
    Tensor::new(name, Dtype::F64, shape, bytes)
}

/// The tensors of a file, by name.
pub fn tensors_of(file: &[u8]) -> Vec<Tensor> {
    let file = SafeTensors::deserialize(file).unwrap();
    let mut tensors: Vec<Tensor> = file
        .tensors()
        .into_iter()
        .map(|(name, view)| Tensor::new(&name, view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    tensors
}

/// The file with these settings and tensors and the checksum that belongs to them.
pub fn seal(settings: &str, mut tensors: Vec<Tensor>) -> Vec<u8> {
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    hash.update(settings.as_bytes());
    for tensor in &tensors {
        hash.update(tensor.name.as_bytes());
        tensor.shape.iter().for_each(|&n| hash.update((n as u64).to_le_bytes()));
        hash.update(&tensor.bytes);
    }
    let envelope = format!("{{\"checksum\":\"{:x}\",\"model\":{settings}}}", hash.finalize());
    let views = tensors.iter().map(|tensor| {
        (&tensor.name, TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).unwrap())
    });
    serialize(views, Some(HashMap::from([("stancewire".to_owned(), envelope)]))).unwrap()
}
