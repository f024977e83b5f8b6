//! The model file.
//!
//! # Format 1
//!
//! One [safetensors](https://github.com/huggingface/safetensors) file: eight bytes of header length, a JSON header, and
//! the tensors. All numbers are little-endian.
//!
//! | tensor | type | shape | content |
//! |---|---|---|---|
//! | `words.terms` | U8 | bytes | the n-grams of the word block, UTF-8, one after the other, in byte order |
//! | `words.ends` | U32 | terms | the end of each of them in `words.terms` |
//! | `words.idf` | F64 | terms | their idf |
//! | `cues.terms`, `cues.ends`, `cues.idf` | | | the same for the cue block; missing in a model without a lexicon |
//! | `weights` | F64 | features × labels | the word features, then the cue features |
//! | `intercepts` | F64 | labels | |
//!
//! The header's metadata has one key, `stancewire`. Its value is JSON: `{"checksum": …, "model": …}`. The checksum is the
//! SHA-256, in hexadecimal, of the text of `model` exactly as it stands, followed by name, shape and bytes of each tensor
//! in byte order of the names. `model` holds format version, labels, settings, lexicon (as TOML), calibration,
//! thresholds and the [model card](super::ModelCard); unknown keys in it are an error, so that no setting is dropped in silence.
//!
//! # What a reader can rely on
//!
//! [`StanceModel::from_bytes`](super::StanceModel::from_bytes) checks everything before it is used: the version, the checksum, the shapes against each other, that terms are
//! sorted and distinct, that numbers are finite and no larger than 10¹², that the lexicon is of a size that can be matched. A
//! file from somebody else can make wrong labels; it cannot run code, it cannot make the reader take more memory than a few
//! times its own size and a few megabytes, and no text makes its scores anything but numbers. A reader of format 1 will be part
//! of every later version of this crate.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::card::ModelCard;
use super::features::{Blocks, Extractor, FeatureParams};
use super::limits::{self, LARGEST};
use super::stance::{Parts, StanceModel};
use crate::classifier::{Calibration, Coefficients, Thresholds};
use crate::error::{Error, ErrorKind, Result};
use crate::features::{CueLexicon, Tfidf, TfidfParams, Vocabulary};
use crate::labels::LabelSet;

/// The newest format that this version writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The key of the header's metadata.
const KEY: &str = "stancewire";

/// The tensors of the two blocks: ends, idf, terms.
const WORDS: [&str; 3] = ["words.ends", "words.idf", "words.terms"];
const CUES: [&str; 3] = ["cues.ends", "cues.idf", "cues.terms"];

/// What stands under [`KEY`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    checksum: Cow<'a, str>,
    #[serde(borrow)]
    model: Cow<'a, RawValue>,
}

/// Only the version, for a first look.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// All that is not a tensor.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    format: u32,
    labels: Vec<String>,
    features: FeatureParams,
    lexicon: Option<String>,
    calibration: Calibration,
    thresholds: Thresholds,
    card: ModelCard,
}

/// The bytes of the file of `model`.
///
/// # Errors
/// [`ErrorKind::Model`] when the serializer refuses, which it does not for a model that was trained or read.
pub(super) fn write(model: &StanceModel) -> Result<Vec<u8>> {
    let json = settings_of(model, model.thresholds.clone())?;
    let tensors = tensors_of(model);
    let mut views: Vec<(&str, TensorView<'_>)> = Vec::new();
    for tensor in &tensors {
        let view =
            TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).map_err(|e| internal(&e))?;
        views.push((tensor.name, view));
    }
    let checksum = checksum(&json, views.iter().map(|(name, view)| (*name, view)));
    let raw = RawValue::from_string(json).map_err(|e| internal(&e))?;
    let envelope = Envelope { checksum: checksum.into(), model: Cow::Owned(raw) };
    let text = serde_json::to_string(&envelope).map_err(|e| internal(&e))?;
    serialize(views, Some(HashMap::from([(KEY.to_owned(), text)]))).map_err(|e| internal(&e))
}

/// The settings of `model` with these thresholds, as JSON.
fn settings_of(model: &StanceModel, thresholds: Thresholds) -> Result<String> {
    let settings = Settings {
        format: FORMAT_VERSION,
        labels: model.labels.names().to_vec(),
        features: model.extractor.params.clone(),
        lexicon: model.lexicon().map(CueLexicon::to_toml),
        calibration: model.calibration.clone(),
        thresholds,
        card: model.card.clone(),
    };
    serde_json::to_string(&settings).map_err(|e| internal(&e))
}

/// The SHA-256, in hexadecimal, of the model without its thresholds; taken piece by piece, without a copy of the model.
///
/// # Errors
/// As for [`write`].
pub(super) fn fingerprint(model: &StanceModel) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(settings_of(model, Thresholds::new(vec![None; model.labels.len()]))?);
    let mut numbers = |numbers: &[f64]| numbers.iter().for_each(|n| hash.update(n.to_le_bytes()));
    numbers(model.coefficients.intercepts());
    numbers(model.coefficients.weights());
    for block in [Some(&model.blocks.words), model.blocks.cues.as_ref()].into_iter().flatten() {
        block.idf().iter().for_each(|n| hash.update(n.to_le_bytes()));
        for term in block.vocabulary().terms() {
            hash.update((term.len() as u64).to_le_bytes());
            hash.update(term);
        }
    }
    Ok(hex(&hash.finalize()))
}

fn internal(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Model, format!("the model cannot be written: {error}"))
}

/// A tensor before it is written.
struct Tensor {
    name: &'static str,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// All tensors, sorted by name.
fn tensors_of(model: &StanceModel) -> Vec<Tensor> {
    let k = model.labels.len();
    let coefficients = &model.coefficients;
    let mut tensors = Vec::new();
    if let Some(cues) = &model.blocks.cues {
        tensors.extend(tensors_of_block(CUES, cues));
    }
    tensors.push(numbers("intercepts", vec![k], coefficients.intercepts()));
    tensors.push(numbers("weights", vec![coefficients.n_features(), k], coefficients.weights()));
    tensors.extend(tensors_of_block(WORDS, &model.blocks.words));
    tensors
}

fn tensors_of_block([ends, idf, terms]: [&'static str; 3], block: &Tfidf) -> [Tensor; 3] {
    let mut text = Vec::new();
    let mut positions = Vec::new();
    for term in block.vocabulary().terms() {
        text.extend_from_slice(term.as_bytes());
        // Numbered in u32 like the terms themselves; a vocabulary of 4 GiB does not fit a model file's header limit.
        positions.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    }
    let n = block.n_features();
    [
        Tensor { name: ends, dtype: Dtype::U32, shape: vec![n], bytes: positions },
        numbers(idf, vec![n], block.idf()),
        Tensor { name: terms, dtype: Dtype::U8, shape: vec![text.len()], bytes: text },
    ]
}

fn numbers(name: &'static str, shape: Vec<usize>, values: &[f64]) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Tensor { name, dtype: Dtype::F64, shape, bytes }
}

fn checksum<'v, 'd: 'v>(json: &str, tensors: impl Iterator<Item = (&'v str, &'v TensorView<'d>)>) -> String {
    let mut hash = Sha256::new();
    hash.update(json.as_bytes());
    for (name, view) in tensors {
        hash.update(name.as_bytes());
        view.shape().iter().for_each(|&n| hash.update((n as u64).to_le_bytes()));
        hash.update(view.data());
    }
    hex(&hash.finalize())
}

/// Bytes in hexadecimal, lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The parts of the model in `bytes`, all checked.
///
/// # Errors
/// [`ErrorKind::Model`], saying what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Parts> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| not_safetensors(bytes, &e))?;
    let text = header.metadata().as_ref().and_then(|map| map.get(KEY)).ok_or_else(|| {
        bad("this is a safetensors file, but no stancewire model: its header has no \"stancewire\" entry")
            .advise("expected a file made by stancewire train")
    })?;
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|e| bad_settings(&e))?;
    let json = envelope.model.get();
    let Version { format } = serde_json::from_str(json).map_err(|e| bad_settings(&e))?;
    if format != FORMAT_VERSION {
        return Err(bad(format!(
            "the model has format {format}; this version of stancewire reads format {FORMAT_VERSION}"
        ))
        .advise("install a newer stancewire, or train the model again with this one"));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| not_safetensors(bytes, &e))?;
    let mut tensors = file.tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    // Opening a model is most of the time that a single sentence takes. What is put together counts only if the checksum is right.
    let (found, parts) = rayon::join(
        || checksum(json, tensors.iter().map(|(name, view)| (name.as_str(), view))),
        || {
            let settings: Settings = serde_json::from_str(json).map_err(|e| bad_settings(&e))?;
            assemble(settings, &tensors).map_err(|error| error.advise(FOREIGN))
        },
    );
    if found != envelope.checksum {
        return Err(bad("the checksum does not match: the model file is damaged")
            .advise("copy or download the file again, or train the model again"));
    }
    parts
}

/// What to do about a file that is as it was written, and yet no model.
const FOREIGN: &str =
    "the file was made or changed by another program; train the model again with stancewire train";

pub(super) fn bad(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, what)
}

fn bad_settings(error: &serde_json::Error) -> Error {
    bad(format!("the model's settings cannot be read: {error}"))
        .advise("the file is damaged, or was made by a program that is not compatible with this one")
}

fn not_safetensors(bytes: &[u8], error: &SafeTensorError) -> Error {
    if bytes.is_empty() {
        return bad("the model file is empty").advise("train a model into it: stancewire train CSV -o MODEL");
    }
    bad(format!("this is no whole model file: {}", plain(bytes, error)))
        .advise("expected a file made by stancewire train; was it cut off, or is it another kind of file?")
}

/// What is wrong with the frame of a file, in words.
fn plain(bytes: &[u8], error: &SafeTensorError) -> String {
    let size = bytes.len();
    match error {
        SafeTensorError::HeaderTooSmall => {
            format!("it has {size} bytes; expected 8 for the length of a header")
        }
        SafeTensorError::HeaderTooLarge | SafeTensorError::InvalidHeaderLength => {
            let claimed = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
            format!("its first 8 bytes claim a header of {claimed} bytes, more than there are or may be")
        }
        SafeTensorError::InvalidHeader(_) => "its header is not UTF-8".to_owned(),
        SafeTensorError::InvalidHeaderDeserialization(error) => format!("its header cannot be read: {error}"),
        SafeTensorError::InvalidOffset(name) => {
            format!("the tensor \"{name}\" does not begin where the one before it ends")
        }
        SafeTensorError::TensorInvalidInfo => "the shape of a tensor does not fit its bytes".to_owned(),
        SafeTensorError::ValidationOverflow => "the shape of a tensor is beyond all numbers".to_owned(),
        SafeTensorError::MetadataIncompleteBuffer => {
            format!("its tensors end before or behind the file, which has {size} bytes")
        }
        other => other.to_string(),
    }
}

/// Puts the parts together, holding them against each other.
fn assemble(settings: Settings, tensors: &[(String, TensorView<'_>)]) -> Result<Parts> {
    let file = Tensors { tensors };
    let Settings { labels: names, features, lexicon, calibration, thresholds, card, .. } = settings;
    let labels = LabelSet::new(names.clone()).map_err(|e| bad(e.what()))?;
    if labels.names() != names {
        return Err(bad("the labels are not sorted, or one stands twice"));
    }
    let k = labels.len();
    check_count("biases of the calibration", calibration.bias().len(), k)?;
    check_count("thresholds", thresholds.per_label().len(), k)?;
    check_count("counts of training rows", card.data.support.len(), k)?;
    check_count("natural shares", card.natural_shares.as_ref().map_or(k, Vec::len), k)?;
    limits::check_shares(&card.data.support, card.natural_shares.as_deref())?;
    limits::check_calibration(&calibration)?;
    limits::check_features(&features)?;
    for row in &card.precision_table {
        check_count("thresholds for a target precision", row.thresholds.per_label().len(), k)?;
    }
    file.check_names()?;
    let (extractor, numbers) = rayon::join(
        || extractor_of(features.clone(), lexicon.as_deref()),
        || file.numbers_of(&features, lexicon.is_some(), k),
    );
    let (extractor, (blocks, coefficients)) = (extractor?, numbers?);
    Ok(Parts { labels, extractor, blocks, coefficients, calibration, thresholds, card })
}

fn extractor_of(features: FeatureParams, lexicon: Option<&str>) -> Result<Extractor> {
    let lexicon = lexicon.map(limits::read_lexicon).transpose()?;
    Extractor::new(features, lexicon).map_err(|e| bad(e.to_string()))
}

fn check_count(what: &str, found: usize, labels: usize) -> Result<()> {
    if found == labels {
        return Ok(());
    }
    Err(bad(format!("{found} {what} for {labels} labels")))
}

/// The tensors of a file, with checked access.
struct Tensors<'a, 'data> {
    tensors: &'a [(String, TensorView<'data>)],
}

impl<'data> Tensors<'_, 'data> {
    fn find(&self, name: &str) -> Option<&TensorView<'data>> {
        self.tensors.iter().find(|(n, _)| n == name).map(|(_, view)| view)
    }

    /// Finds out whether there are tensors that a model does not have.
    fn check_names(&self) -> Result<()> {
        let known = |name: &str| {
            WORDS.contains(&name) || CUES.contains(&name) || ["intercepts", "weights"].contains(&name)
        };
        match self.tensors.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(bad(format!("there is a tensor \"{name}\", which a model does not have"))),
            None => Ok(()),
        }
    }

    fn get(&self, name: &str, dtype: Dtype) -> Result<&TensorView<'data>> {
        let view = self.find(name).ok_or_else(|| bad(format!("the tensor \"{name}\" is missing")))?;
        if view.dtype() == dtype {
            return Ok(view);
        }
        Err(bad(format!("the tensor \"{name}\" has type {:?}; expected {dtype:?}", view.dtype())))
    }

    /// A vector of numbers, all finite and none beyond measure.
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f64>> {
        let view = self.get(name, Dtype::F64)?;
        if view.shape() != shape {
            let what = format!("the tensor \"{name}\" has shape {:?}; expected {shape:?}", view.shape());
            return Err(bad(what));
        }
        let (cells, _) = view.data().as_chunks::<8>();
        let values: Vec<f64> = cells.iter().map(|cell| f64::from_le_bytes(*cell)).collect();
        match values.iter().position(|value| !(-LARGEST..=LARGEST).contains(value)) {
            None => Ok(values),
            Some(at) => Err(bad(format!(
                "number {at} of the tensor \"{name}\" is {}; expected one from -{LARGEST:e} to {LARGEST:e}",
                limits::shown(values[at])
            ))),
        }
    }

    /// The TF-IDF blocks and the weights of their features for `k` labels.
    fn numbers_of(
        &self,
        features: &FeatureParams,
        has_lexicon: bool,
        k: usize,
    ) -> Result<(Blocks, Coefficients)> {
        let words = self.block(WORDS, &features.words)?;
        let has_cues = self.tensors.iter().any(|(name, _)| CUES.contains(&name.as_str()));
        if has_cues && !has_lexicon {
            return Err(bad("there are cue features, but no lexicon"));
        }
        let cues = has_cues.then(|| self.block(CUES, &features.cue_tfidf)).transpose()?;
        let blocks = Blocks::new(words, cues, features.cue_weight);
        blocks.index();
        let n = blocks.n_features();
        let intercepts = self.numbers("intercepts", &[k])?;
        let weights = self.numbers("weights", &[n, k])?;
        Ok((blocks, Coefficients::from_parts(n, weights, intercepts)?))
    }

    fn block(&self, [ends, idf, terms]: [&str; 3], params: &TfidfParams) -> Result<Tfidf> {
        let text = std::str::from_utf8(self.get(terms, Dtype::U8)?.data())
            .map_err(|_| bad(format!("the tensor \"{terms}\" is not UTF-8")))?;
        let (cells, _) = self.get(ends, Dtype::U32)?.data().as_chunks::<4>();
        let mut start = 0;
        let mut found = Vec::with_capacity(cells.len());
        for cell in cells {
            let end = u32::from_le_bytes(*cell) as usize;
            let term = text
                .get(start..end)
                .ok_or_else(|| bad(format!("the tensor \"{ends}\" does not fit \"{terms}\"")))?;
            found.push(term);
            start = end;
        }
        if start != text.len() {
            return Err(bad(format!("the tensor \"{terms}\" has bytes after its last term")));
        }
        let vocabulary =
            Vocabulary::from_sorted(found).map_err(|e| bad(format!("in \"{terms}\": {}", e.what())))?;
        let idf = self.numbers(idf, &[vocabulary.len()])?;
        Tfidf::from_parts(params.clone(), vocabulary, idf)
    }
}
