//! Model files that are damaged, foreign or made to do harm, and the one that must open for ever.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use safetensors::tensor::Dtype;
use serde_json::{Value, json};
use stancewire::error::ErrorKind;
use stancewire::model::StanceModel;

mod contracts;

use contracts::foreign::{FILE, Recipe, SETTINGS, Tensor, check_model, file_of, seal, tensors_of};

/// Why the file is refused.
fn refusal(bytes: &[u8]) -> String {
    let error = StanceModel::from_bytes(bytes).expect_err("the file was opened");
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    error.to_string()
}

/// The fixture with other settings and the checksum that belongs to them.
fn with_settings(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut settings = SETTINGS.clone();
    change(&mut settings);
    seal(&settings.to_string(), tensors_of(FILE))
}

/// The fixture with another tensor of this name, and the checksum that belongs to it.
fn with_tensor(name: &str, change: impl FnOnce(&mut Tensor)) -> Vec<u8> {
    let mut tensors = tensors_of(FILE);
    change(tensors.iter_mut().find(|tensor| tensor.name == name).unwrap());
    seal(&SETTINGS.to_string(), tensors)
}

/// The smallest model there can be: two labels, one term.
fn tiny() -> Vec<u8> {
    let mut settings = SETTINGS.clone();
    settings["labels"] = json!(["a", "b"]);
    settings["lexicon"] = Value::Null;
    settings["calibration"]["bias"] = json!([0.0, 0.0]);
    settings["thresholds"] = json!([0.5, null]);
    settings["card"]["data"]["support"] = json!([1, 1]);
    settings["card"]["natural_shares"] = Value::Null;
    settings["card"]["precision_table"] = json!([]);
    let words = vec!["war".to_owned()];
    file_of(&Recipe { settings: settings.to_string(), words, cues: None, numbers: vec![0.5, -1.0, 2.0] })
}

/// A file with this header and these bytes behind it.
fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// The header of a file as text, and the bytes behind it.
fn parts(file: &[u8]) -> (String, &[u8]) {
    let (length, rest) = file.split_at(8);
    let length = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
    (String::from_utf8(rest[..length].to_vec()).unwrap(), &rest[length..])
}

#[test]
fn the_first_format_opens_for_ever_and_gives_its_answers() {
    let model = StanceModel::from_bytes(FILE).unwrap();
    let mut scorer = model.scorer();
    let mut answers = 0;
    for line in include_str!("fixtures/format-1/answers.jsonl").lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        let found = scorer.predict(expected["text"].as_str().unwrap());
        assert_eq!(model.labels().name(found.label), expected["label"], "{line}");
        assert_eq!(found.status.as_str(), expected["status"], "{line}");
        let probabilities = expected["probabilities"].as_array().unwrap();
        assert_eq!(found.probabilities.len(), probabilities.len());
        for (found, expected) in found.probabilities.iter().zip(probabilities) {
            assert!((found - expected.as_f64().unwrap()).abs() < 1e-9, "{line}");
        }
        answers += 1;
    }
    assert_eq!(answers, 6);
    assert!(model.to_bytes().unwrap() == FILE, "the same model is written in another way");
}

#[test]
fn a_file_cut_at_any_length_is_refused() {
    for length in 0..FILE.len() {
        let error = StanceModel::from_bytes(&FILE[..length]).expect_err("the file was opened");
        assert_eq!((error.kind(), error.advice().is_some()), (ErrorKind::Model, true), "{length}: {error}");
    }
    assert_snapshot!(refusal(&[]), @r"
    the model file is empty
      train a model into it: stancewire train CSV -o MODEL
    ");
    assert_snapshot!(refusal(&FILE[..7]), @r"
    this is no whole model file: it has 7 bytes; expected 8 for the length of a header
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&FILE[..100]), @r"
    this is no whole model file: its first 8 bytes claim a header of 4256 bytes, more than there are or may be
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&FILE[..FILE.len() - 1]), @r"
    this is no whole model file: its tensors end before or behind the file, which has 14812 bytes
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&[FILE, b"\0"].concat()), @r"
    this is no whole model file: its tensors end before or behind the file, which has 14814 bytes
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
}

fn check_flips(file: &[u8], bits: impl Iterator<Item = usize>) {
    let mut file = file.to_vec();
    for bit in bits {
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(StanceModel::from_bytes(&file).is_err(), "bit {} of byte {} was flipped", bit % 8, bit / 8);
        file[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn a_flipped_bit_is_refused_wherever_it_is() {
    let tiny = tiny();
    check_model(&tiny);
    assert!(StanceModel::from_bytes(&tiny).is_ok());
    check_flips(&tiny, 0..tiny.len() * 8);
    // One bit of each byte of the larger file; the other test takes all.
    check_flips(FILE, (0..FILE.len()).map(|byte| byte * 8 + byte % 8));
    let mut file = FILE.to_vec();
    file[FILE.len() - 40] ^= 1;
    assert_snapshot!(refusal(&file), @r"
    the checksum does not match: the model file is damaged
      copy or download the file again, or train the model again
    ");
}

#[test]
#[ignore = "half a minute: all bits of the larger file"]
fn a_flipped_bit_of_the_larger_file_is_refused_wherever_it_is() {
    check_flips(FILE, 0..FILE.len() * 8);
}

#[test]
fn a_header_that_claims_more_than_there_is_is_refused() {
    let claims = |length: u64| [&length.to_le_bytes()[..], b"{}      "].concat();
    assert_snapshot!(refusal(&claims(9)), @r"
    this is no whole model file: its first 8 bytes claim a header of 9 bytes, more than there are or may be
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&claims(100_000_001)), @r"
    this is no whole model file: its first 8 bytes claim a header of 100000001 bytes, more than there are or may be
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&claims(u64::MAX)), @r"
    this is no whole model file: its first 8 bytes claim a header of 18446744073709551615 bytes, more than there are or may be
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(refusal(&raw("{}", b"")), @r#"
    this is a safetensors file, but no stancewire model: its header has no "stancewire" entry
      expected a file made by stancewire train
    "#);
    assert_snapshot!(refusal(b"not a model, but some text that somebody took for one"), @r"
    this is no whole model file: its first 8 bytes claim a header of 8029109312199880558 bytes, more than there are or may be
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    let deep = format!("{{\"__metadata__\":{{\"stancewire\":{}}}}}", "[".repeat(1_000_000));
    assert_snapshot!(refusal(&raw(&deep, b"")), @r"
    this is no whole model file: its header cannot be read: invalid type: sequence, expected a string at line 1 column 30
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    let envelope = format!("{{\"checksum\":\"\",\"model\":{}", "[".repeat(1_000_000));
    let header = json!({"__metadata__": {"stancewire": envelope}}).to_string();
    assert_snapshot!(refusal(&raw(&header, b"")), @r"
    the model's settings cannot be read: EOF while parsing a list at line 1 column 1000023
      the file is damaged, or was made by a program that is not compatible with this one
    ");
    let envelope =
        format!("{{\"checksum\":\"\",\"model\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let header = json!({"__metadata__": {"stancewire": envelope}}).to_string();
    assert_snapshot!(refusal(&raw(&header, b"")), @r"
    the model's settings cannot be read: invalid type: sequence, expected u32 at line 1 column 1
      the file is damaged, or was made by a program that is not compatible with this one
    ");
}

#[test]
fn tensors_that_lie_over_each_other_or_beyond_the_end_are_refused() {
    let (header, data) = parts(FILE);
    let with = |tensor: &str, offsets: [u64; 2]| {
        let mut header: Value = serde_json::from_str(&header).unwrap();
        header[tensor]["data_offsets"] = json!(offsets);
        refusal(&raw(&header.to_string(), data))
    };
    let header: Value = serde_json::from_str(&header).unwrap();
    let at = |n: usize| header["words.idf"]["data_offsets"][n].as_u64().unwrap();
    let (start, end) = (at(0), at(1));
    assert_snapshot!(with("words.idf", [start - 8, end - 8]), @r#"
    this is no whole model file: the tensor "words.idf" does not begin where the one before it ends
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    "#);
    assert_snapshot!(with("words.idf", [start + 8, end + 8]), @r#"
    this is no whole model file: the tensor "words.idf" does not begin where the one before it ends
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    "#);
    assert_snapshot!(with("words.idf", [end, start]), @r#"
    this is no whole model file: the tensor "words.idf" does not begin where the one before it ends
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    "#);
    assert_snapshot!(with("words.idf", [start, u64::MAX]), @r"
    this is no whole model file: the shape of a tensor does not fit its bytes
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
}

#[test]
fn tensors_that_are_missing_or_unknown_are_refused() {
    let without = |name: &str| {
        let tensors = tensors_of(FILE).into_iter().filter(|tensor| tensor.name != name).collect();
        refusal(&seal(&SETTINGS.to_string(), tensors))
    };
    let names: Vec<String> = tensors_of(FILE).into_iter().map(|tensor| tensor.name).collect();
    let refusals: Vec<String> = names.iter().map(|name| format!("{name}: {}", without(name))).collect();
    assert_snapshot!(refusals.join("\n"), @r#"
    cues.ends: the tensor "cues.ends" is missing
      the file was made or changed by another program; train the model again with stancewire train
    cues.idf: the tensor "cues.idf" is missing
      the file was made or changed by another program; train the model again with stancewire train
    cues.terms: the tensor "cues.terms" is missing
      the file was made or changed by another program; train the model again with stancewire train
    intercepts: the tensor "intercepts" is missing
      the file was made or changed by another program; train the model again with stancewire train
    weights: the tensor "weights" is missing
      the file was made or changed by another program; train the model again with stancewire train
    words.ends: the tensor "words.ends" is missing
      the file was made or changed by another program; train the model again with stancewire train
    words.idf: the tensor "words.idf" is missing
      the file was made or changed by another program; train the model again with stancewire train
    words.terms: the tensor "words.terms" is missing
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    let mut tensors = tensors_of(FILE);
    tensors.push(Tensor::new("words.code", Dtype::U8, vec![1], vec![1]));
    assert_snapshot!(refusal(&seal(&SETTINGS.to_string(), tensors)), @r#"
    there is a tensor "words.code", which a model does not have
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(refusal(&with_settings(|s| s["lexicon"] = Value::Null)), @r"
    there are cue features, but no lexicon
      the file was made or changed by another program; train the model again with stancewire train
    ");
}

#[test]
fn tensors_of_another_shape_or_type_are_refused() {
    let shape = |name: &str, shape: &[usize]| refusal(&with_tensor(name, |t| t.shape = shape.to_vec()));
    let weights = tensors_of(FILE).into_iter().find(|tensor| tensor.name == "weights").unwrap();
    let (rows, labels) = (weights.shape[0], weights.shape[1]);
    assert_snapshot!(shape("weights", &[labels, rows]), @r#"
    the tensor "weights" has shape [4, 207]; expected [207, 4]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(shape("weights", &[rows * labels]), @r#"
    the tensor "weights" has shape [828]; expected [207, 4]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(shape("intercepts", &[2, 2]), @r#"
    the tensor "intercepts" has shape [2, 2]; expected [4]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(shape("intercepts", &[4, 1]), @r#"
    the tensor "intercepts" has shape [4, 1]; expected [4]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    let fewer = |name: &str, size: usize| {
        refusal(&with_tensor(name, |tensor| {
            tensor.bytes.truncate(tensor.bytes.len() - size);
            *tensor.shape.last_mut().unwrap() -= 1;
        }))
    };
    assert_snapshot!(fewer("intercepts", 8), @r#"
    the tensor "intercepts" has shape [3]; expected [4]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(fewer("words.idf", 8), @r#"
    the tensor "words.idf" has shape [200]; expected [201]
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(fewer("words.ends", 4), @r#"
    the tensor "words.terms" has bytes after its last term
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(fewer("words.terms", 1), @r#"
    the tensor "words.ends" does not fit "words.terms"
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(refusal(&with_tensor("words.idf", |t| t.dtype = Dtype::I64)), @r#"
    the tensor "words.idf" has type I64; expected F64
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(refusal(&with_tensor("words.ends", |t| t.dtype = Dtype::F32)), @r#"
    the tensor "words.ends" has type F32; expected U32
      the file was made or changed by another program; train the model again with stancewire train
    "#);
}

#[test]
fn numbers_that_are_not_finite_or_beyond_measure_are_refused() {
    let number = |name: &str, at: usize, value: f64| {
        refusal(&with_tensor(name, |tensor| {
            tensor.bytes[at * 8..at * 8 + 8].copy_from_slice(&value.to_le_bytes());
        }))
    };
    assert_snapshot!(number("weights", 5, f64::NAN), @r#"
    number 5 of the tensor "weights" is NaN; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(number("weights", 6, f64::NEG_INFINITY), @r#"
    number 6 of the tensor "weights" is -inf; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(number("intercepts", 0, f64::INFINITY), @r#"
    number 0 of the tensor "intercepts" is inf; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(number("words.idf", 1, f64::NAN), @r#"
    number 1 of the tensor "words.idf" is NaN; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(number("cues.idf", 0, f64::INFINITY), @r#"
    number 0 of the tensor "cues.idf" is inf; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(number("weights", 0, -1e300), @r#"
    number 0 of the tensor "weights" is -1e300; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    "#);
}

#[test]
fn terms_out_of_order_or_twice_or_broken_are_refused() {
    let terms = |words: &[&str]| {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let mut settings = SETTINGS.clone();
        settings["lexicon"] = Value::Null;
        refusal(&file_of(&Recipe { settings: settings.to_string(), words, cues: None, numbers: vec![1.0] }))
    };
    assert_snapshot!(terms(&["a", "c", "b"]), @r#"
    in "words.terms": term "b" stands after "c"; expected terms in byte order, each once
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(terms(&["a", "b", "b"]), @r#"
    in "words.terms": term "b" stands after "b"; expected terms in byte order, each once
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    let ends =
        |change: fn(&mut Vec<u8>)| refusal(&with_tensor("words.ends", |tensor| change(&mut tensor.bytes)));
    assert_snapshot!(ends(|bytes| bytes[4..8].fill(0)), @r#"
    the tensor "words.ends" does not fit "words.terms"
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(ends(|bytes| bytes[0..4].fill(0xFF)), @r#"
    the tensor "words.ends" does not fit "words.terms"
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(refusal(&with_tensor("words.terms", |t| t.bytes[3] = 0xFF)), @r#"
    the tensor "words.terms" is not UTF-8
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    let inside = |tensors: &mut Vec<Tensor>| {
        let terms = tensors.iter_mut().find(|tensor| tensor.name == "words.terms").unwrap();
        terms.bytes[..2].copy_from_slice("é".as_bytes());
        let ends = tensors.iter_mut().find(|tensor| tensor.name == "words.ends").unwrap();
        ends.bytes[..4].copy_from_slice(&1_u32.to_le_bytes());
    };
    let mut tensors = tensors_of(FILE);
    inside(&mut tensors);
    assert_snapshot!(refusal(&seal(&SETTINGS.to_string(), tensors)), @r#"
    the tensor "words.ends" does not fit "words.terms"
      the file was made or changed by another program; train the model again with stancewire train
    "#);
}

/// Every object within `settings`, as the way to it.
fn objects(settings: &Value, way: &str, found: &mut Vec<String>) {
    match settings {
        Value::Object(object) => {
            found.push(way.to_owned());
            object.iter().for_each(|(key, value)| objects(value, &format!("{way}/{key}"), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, value)| objects(value, &format!("{way}/{i}"), found));
        }
        _ => {}
    }
}

#[test]
fn an_unknown_setting_is_refused_wherever_it_stands() {
    let mut places = Vec::new();
    objects(&SETTINGS, "", &mut places);
    assert!(places.len() > 15, "{places:?}");
    let opened: Vec<&String> = places
        .iter()
        .filter(|place| {
            let file = with_settings(|settings| settings.pointer_mut(place).unwrap()["surprise"] = json!(1));
            StanceModel::from_bytes(&file).is_ok()
        })
        .collect();
    assert_eq!(opened, Vec::<&str>::new());
    let file = with_settings(|settings| settings["features"]["words"]["surprise"] = json!(1));
    assert_snapshot!(refusal(&file), @r"
    the model's settings cannot be read: unknown field `surprise`, expected one of `min_df`, `max_features`, `sublinear_tf`, `smooth_idf`, `norm` at line 1 column 2777
      the file is damaged, or was made by a program that is not compatible with this one
    ");
}

#[test]
fn a_missing_setting_is_refused_or_has_its_default() {
    let mut places = Vec::new();
    objects(&SETTINGS, "", &mut places);
    let mut without = BTreeMap::new();
    for place in &places {
        let keys: Vec<String> =
            SETTINGS.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            let file = with_settings(|settings| {
                settings.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(&key);
            });
            let found = StanceModel::from_bytes(&file).is_ok();
            without.entry(found).or_insert_with(Vec::new).push(format!("{place}/{key}"));
        }
    }
    let defaults = ["/features/", "/card/training/stop/", "/card/training/thresholds/", "/lexicon", "/card/"];
    for place in &without[&true] {
        assert!(defaults.iter().any(|start| place.starts_with(start)), "{place}");
    }
    assert!(without[&false].len() > 25, "{without:?}");
}

#[test]
fn settings_out_of_their_range_are_refused() {
    let cases: [(&str, Value); 24] = [
        ("/format", json!(2)),
        ("/format", json!(0)),
        ("/format", json!("1")),
        ("/labels", json!(["a"])),
        ("/labels", json!(["none", "ceasefire-call", "restraint", "threat"])),
        ("/labels", json!(["a", "a", "b", "c"])),
        ("/labels", json!(["", "a", "b", "c"])),
        ("/labels", json!((0..256).map(|n| format!("{n:03}")).collect::<Vec<_>>())),
        ("/features/cue_weight", json!(0.0)),
        ("/features/cue_weight", json!(1e300)),
        ("/features/cues/pair_window", json!(u64::MAX)),
        ("/features/words/norm", json!("l3")),
        ("/features/analyzer/word_ngrams", json!([0, 200])),
        ("/features/analyzer/char_ngrams", json!([1, 9])),
        ("/features/analyzer/language", json!("klingon")),
        ("/calibration/temperature", json!(0.0)),
        ("/calibration/temperature", json!(1e-300)),
        ("/calibration/bias", json!([0.0, 0.0, 0.0])),
        ("/calibration/bias", json!([0.0, 0.0, 0.0, 1e300])),
        ("/thresholds", json!([0.5, 0.5, 0.5, 1.5])),
        ("/card/data/support", json!([1, 1, 1, 0])),
        ("/card/natural_shares", json!([0.5, 0.5, 0.5, 0.0])),
        ("/card/natural_shares", json!([0.5, 0.5, 0.5, 1e300])),
        ("/card/natural_shares", json!([0.25, 0.25, 0.25, 0.26])),
    ];
    let told = cases.map(|(place, value)| {
        let file = with_settings(|settings| *settings.pointer_mut(place).unwrap() = value);
        format!("{place}: {}", refusal(&file))
    });
    assert_snapshot!(told.join("\n"), @r#"
    /format: the model has format 2; this version of stancewire reads format 1
      install a newer stancewire, or train the model again with this one
    /format: the model has format 0; this version of stancewire reads format 1
      install a newer stancewire, or train the model again with this one
    /format: the model's settings cannot be read: invalid type: string "1", expected u32 at line 1 column 2781
      the file is damaged, or was made by a program that is not compatible with this one
    /labels: every row has the label "a"; expected at least two different ones
      the file was made or changed by another program; train the model again with stancewire train
    /labels: the labels are not sorted, or one stands twice
      the file was made or changed by another program; train the model again with stancewire train
    /labels: the labels are not sorted, or one stands twice
      the file was made or changed by another program; train the model again with stancewire train
    /labels: a label is empty; expected a name
      the file was made or changed by another program; train the model again with stancewire train
    /labels: 256 different labels; expected at most 255
      the file was made or changed by another program; train the model again with stancewire train
    /features/cue_weight: the cue weight is 0; expected a number above 0, at most 1e12
      the file was made or changed by another program; train the model again with stancewire train
    /features/cue_weight: the cue weight is 1e300; expected a number above 0, at most 1e12
      the file was made or changed by another program; train the model again with stancewire train
    /features/cues/pair_window: the window of cue pairs is 18446744073709551615 words; expected at most 1000
      the file was made or changed by another program; train the model again with stancewire train
    /features/words/norm: the model's settings cannot be read: unknown variant `l3`, expected `l2` or `none` at line 1 column 2728
      the file is damaged, or was made by a program that is not compatible with this one
    /features/analyzer/word_ngrams: the model's settings cannot be read: n-gram lengths 0 to 200; expected the shorter first, both between 1 and 8 at line 1 column 2527
      the file is damaged, or was made by a program that is not compatible with this one
    /features/analyzer/char_ngrams: the model's settings cannot be read: n-gram lengths 1 to 9; expected the shorter first, both between 1 and 8 at line 1 column 2411
      the file is damaged, or was made by a program that is not compatible with this one
    /features/analyzer/language: the model's settings cannot be read: unknown variant `klingon`, expected one of `arabic`, `danish`, `dutch`, `english`, `finnish`, `french`, `german`, `greek`, `hungarian`, `italian`, `norwegian`, `portuguese`, `romanian`, `russian`, `spanish`, `swedish`, `tamil`, `turkish` at line 1 column 2469
      the file is damaged, or was made by a program that is not compatible with this one
    /calibration/temperature: the model's settings cannot be read: the calibration has temperature 0 and biases [-0.009441032961370263, 0.1709802430065585, -0.14509108085856248, -0.016448129186625762]; expected finite numbers, the temperature above 0 at line 1 column 127
      the file is damaged, or was made by a program that is not compatible with this one
    /calibration/temperature: the temperature is 1e-300; expected at least 1e-9
      the file was made or changed by another program; train the model again with stancewire train
    /calibration/bias: 3 biases of the calibration for 4 labels
      the file was made or changed by another program; train the model again with stancewire train
    /calibration/bias: a bias of the calibration is 1e300; expected one from -1e12 to 1e12
      the file was made or changed by another program; train the model again with stancewire train
    /thresholds: the model's settings cannot be read: a threshold is 1.5; expected a number from 0 to 1 at line 1 column 3239
      the file is damaged, or was made by a program that is not compatible with this one
    /card/data/support: a label has no training rows; expected at least 1
      the file was made or changed by another program; train the model again with stancewire train
    /card/natural_shares: a natural share is 0; expected a number above 0, at most 1
      the file was made or changed by another program; train the model again with stancewire train
    /card/natural_shares: a natural share is 1e300; expected a number above 0, at most 1
      the file was made or changed by another program; train the model again with stancewire train
    /card/natural_shares: the natural shares sum to 1.01; expected 1
      the file was made or changed by another program; train the model again with stancewire train
    "#);
}

#[test]
fn a_foreign_lexicon_cannot_take_for_ever() {
    let with_lexicon = |toml: &str| refusal(&with_settings(|settings| settings["lexicon"] = json!(toml)));
    // Twenty patterns in each of eight classes, all of them of the class before: 20^8 ways to look for the last.
    let mut branching = "[A0]\npatterns = [\"a\", \"a a\"]\n".to_owned();
    for class in 1..9 {
        let patterns = (1..=20).map(|gap| format!("\"{{A{}}} ..{gap} a\"", class - 1));
        let patterns = patterns.collect::<Vec<_>>().join(", ");
        branching.extend([format!("[A{class}]\npatterns = [{patterns}]\n")]);
    }
    assert_snapshot!(with_lexicon(&branching), @r"
    its patterns, with the classes they name written out, have more than 1000000 elements
      most of them are in the class A8: name fewer or smaller classes in its patterns
      the file was made or changed by another program; train the model again with stancewire train
    ");
    assert_snapshot!(with_lexicon(&format!("[{}]\npatterns = [\"a\"]\n", "A".repeat(10_000))), @r"
    the name of the class AAAAAAAAAAAAAAAAAAAA… has 10000 letters
      give it at most 100
      the file was made or changed by another program; train the model again with stancewire train
    ");
    assert_snapshot!(with_lexicon(&format!("[A]\npatterns = [\"a\"]\n#{}", "x".repeat(3 << 20))), @r"
    the lexicon has 3145750 bytes; expected at most 2097152
      the file was made or changed by another program; train the model again with stancewire train
    ");
    assert_snapshot!(with_lexicon("[A]\npatterns = [\"Urge\"]\n"), @r#"
    in the lexicon: line 2: class A, pattern "Urge": "Urge" has capital letters
      write "urge"
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(with_lexicon(&format!("x = {}", "[".repeat(1_000_000))), @r#"
    in the lexicon: line 1: this is not TOML: cannot recurse further; max recursion depth met
      a class is a line [NAME] and below it: patterns = ["word", "two words"]; is a quotation mark or comma missing?
      the file was made or changed by another program; train the model again with stancewire train
    "#);
    assert_snapshot!(with_lexicon(&format!("x{} = 1", ".x".repeat(300_000))), @r#"
    in the lexicon: line 1: this is not TOML: recursion limit
      a class is a line [NAME] and below it: patterns = ["word", "two words"]; is a quotation mark or comma missing?
      the file was made or changed by another program; train the model again with stancewire train
    "#);
}

#[test]
fn a_few_bytes_that_claim_terabytes_are_refused_at_once() {
    let claim = |shape: &[u64], offsets: [u64; 2]| {
        let tensor = json!({"dtype": "F64", "shape": shape, "data_offsets": offsets});
        let header = json!({"weights": tensor, "__metadata__": {"stancewire": "{}"}}).to_string();
        refusal(&raw(&header, b""))
    };
    assert_snapshot!(claim(&[1 << 40], [0, 1 << 43]), @r"
    this is no whole model file: its tensors end before or behind the file, which has 127 bytes
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(claim(&[1 << 40, 1 << 40], [0, 1 << 43]), @r"
    this is no whole model file: the shape of a tensor is beyond all numbers
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    assert_snapshot!(claim(&[1 << 40, 0], [0, 0]), @r"
    the model's settings cannot be read: missing field `checksum` at line 1 column 2
      the file is damaged, or was made by a program that is not compatible with this one
    ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_of_any_kind_is_refused(
        cuts in prop::collection::vec((0_usize..15_000, 0_usize..40, prop::collection::vec(any::<u8>(), 0..40)), 1..4)
    ) {
        let mut file = FILE.to_vec();
        for (at, length, bytes) in cuts {
            let at = at.min(file.len());
            let end = (at + length).min(file.len());
            file.splice(at..end, bytes);
        }
        prop_assert!(file == FILE || StanceModel::from_bytes(&file).is_err());
    }

    #[test]
    fn a_model_that_opens_gives_probabilities(numbers in prop::collection::vec(any::<f64>(), 1..12)) {
        let words = ["armi", "ceasefir", "strike"].map(str::to_owned).to_vec();
        let cues = Some(vec!["CALL".to_owned(), "STOP".to_owned()]);
        check_model(&file_of(&Recipe { settings: SETTINGS.to_string(), words, cues, numbers }));
    }
}
