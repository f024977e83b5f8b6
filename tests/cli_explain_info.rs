//! `stancewire explain` and `info`, the words of the program without a command, and its help.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, told};
use insta::assert_snapshot;

const SENTENCE: &str = "The army will strike the capital unless the president called for a truce.";

#[test]
fn an_explanation_is_a_table_that_adds_up() {
    let folder = Folder::with_model();
    assert_snapshot!(
        "explain",
        told(&folder.run(&["explain", "-m", "model.safetensors", "--top", "4", SENTENCE]))
    );
    let all = ["explain", "-m", "model.safetensors", "--top", "2", "--all-labels", SENTENCE];
    assert_snapshot!("explain_all_labels", told(&folder.run(&all)));
}

#[test]
fn contributions_sum_to_the_scores() {
    let folder = Folder::with_model();
    let json = folder.done(&["explain", "-m", "model.safetensors", "--json", SENTENCE]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (label, score) in json["scores"].as_array().unwrap().iter().enumerate() {
        let mut sum = json["intercepts"][label].as_f64().unwrap();
        for feature in json["contributions"].as_array().unwrap() {
            sum += feature["contributions"][label].as_f64().unwrap();
        }
        assert_eq!(sum.to_bits(), score.as_f64().unwrap().to_bits());
    }
}

#[test]
fn lines_of_standard_input_are_explained_one_by_one() {
    let folder = Folder::with_model();
    let arguments = ["explain", "-", "--json", "-m", "model.safetensors"];
    let run = folder.run_with(&arguments, "It rained.\n\nThe army will strike.\n");
    assert_eq!(cli_support::text(&run.stdout).lines().count(), 2);
    let run = folder.run_with(&arguments, b"It rained.\nThe caf\xE9.\n".to_vec());
    assert_snapshot!("explain_invalid_utf8", told(&run));
}

#[test]
fn a_text_of_two_sentences_is_noted() {
    let folder = Folder::with_model();
    let run =
        folder.run(&["explain", "-m", "model.safetensors", "--json", "It rained. The army will strike."]);
    let words = cli_support::text(&run.stderr);
    assert!(words.contains("note: this is taken as one sentence, though it looks like 2"), "{words}");
}

#[test]
fn info_tells_the_model_card() {
    let folder = Folder::with_model();
    assert_snapshot!("info", folder.done(&["info", "model.safetensors", "--terms", "3"]));
    let json = folder.done(&["info", "model.safetensors", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["labels"], serde_json::json!(["ceasefire-call", "none", "threat"]));
    assert_eq!(json["card"]["data"]["rows"], 72);
}

#[test]
fn without_a_command_the_most_needed_ones_are_shown() {
    let run = Folder::empty().run(&[]);
    assert_snapshot!("welcome", told(&run));
}

#[test]
fn every_command_has_examples_and_every_option_says_its_default() {
    let folder = Folder::empty();
    let overview = folder.done(&["--help"]);
    for command in ["label", "train", "evaluate", "crossval", "explain", "info"] {
        assert!(overview.contains(&format!("\n  {command} ")), "{overview}");
        let help = folder.done(&[command, "--help"]);
        assert!(help.contains("Examples:\n  stancewire "), "{help}");
        let options = help
            .split("\n\n")
            .filter(|part| part.trim_start().starts_with('-') || part.contains("\n      --"));
        let mut checked = 0;
        for option in options.filter(|option| !option.contains("--help")) {
            let takes_no_default = ["--output <MODEL>", "      --csv", "      --markdown"];
            let is_free = takes_no_default.iter().any(|name| option.contains(name));
            assert!(is_free || option.contains("[default:"), "{command}:\n{option}");
            checked += 1;
        }
        assert!(checked >= 4, "only {checked} options found in\n{help}");
    }
}
