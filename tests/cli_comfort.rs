//! What makes the program pleasant to use: help, completions, dry runs, and nothing odd on a terminal.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::print_stdout)] // a test that cannot be set up should fail

mod cli_support;

use std::process::Command;

use cli_support::{Folder, told};
use insta::assert_snapshot;

const COMMANDS: [&str; 12] = [
    "label",
    "train",
    "evaluate",
    "crossval",
    "compare",
    "agree",
    "explain",
    "info",
    "audit",
    "suggest",
    "completions",
    "summarize",
];

#[test]
fn the_program_alone_shows_the_commands_that_most_people_need() {
    let run = Folder::empty().run(&[]);
    assert_snapshot!("alone", told(&run));
}

#[test]
fn the_help_of_every_command_has_examples_and_exit_codes() {
    let folder = Folder::empty();
    for command in COMMANDS {
        let help = folder.done(&[command, "--help"]);
        assert!(help.contains("\nExamples:\n  stancewire "), "{help}");
        assert!(help.contains("\nExit codes: 0 done, 1 a gate was not met, 2 an error."), "{help}");
    }
}

#[test]
fn each_example_stands_on_one_line_so_that_it_can_be_copied() {
    let folder = Folder::empty();
    for command in COMMANDS {
        let help = folder.done(&[command, "--help"]);
        let examples = help.split("\nExamples:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        for line in examples.lines() {
            assert!(line.contains("stancewire "), "{command}: {line}");
        }
    }
}

#[test]
fn every_option_states_its_default() {
    let folder = Folder::empty();
    for command in COMMANDS {
        let help = folder.done(&[command, "--help"]);
        for option in help.split("\n\n").filter(|part| part.trim_start().starts_with("--")) {
            let is_plain = ["--help", "--version", "--output <MODEL>", "--csv", "--markdown"];
            let known = is_plain.iter().any(|name| option.contains(name)) || option.contains("default");
            assert!(known, "{command}: {option}");
        }
    }
}

#[test]
fn completions_know_commands_and_options() {
    let folder = Folder::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.done(&["completions", shell]);
        for word in ["label", "crossval", "no-split", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_snapshot!("unknown_shell", folder.refused(&["completions", "tcsh"]));
}

#[test]
fn a_completion_script_is_one_that_bash_can_read() {
    let folder = Folder::empty();
    folder.write("stancewire.bash", folder.done(&["completions", "bash"]));
    let Ok(run) = Command::new("bash").arg("-n").arg(folder.path("stancewire.bash")).output() else {
        println!("there is no bash here: nothing to test");
        return;
    };
    assert!(run.status.success(), "{}", cli_support::text(&run.stderr));
}

#[test]
fn a_dry_run_shows_what_was_understood() {
    let folder = Folder::with_model();
    let long = "The army will strike. ".repeat(12);
    folder.write("a.csv", format!("id;body;note\n1;\"{long}\";x\n2;It rained.;\"two\nlines\"\n"));
    folder.write("b.jsonl", "{\"id\": 3, \"body\": \"The sun shone.\"}\n");
    let utf_16: Vec<u8> =
        "\u{feff}id\tbody\tnote\n4\tA truce.\t\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("c.tsv", utf_16);
    let before = folder.names();
    let arguments =
        ["label", "a.csv", "b.jsonl", "c.tsv", "-m", "model.safetensors", "-o", "out.xlsx", "--dry-run"];
    assert_snapshot!("dry_run", told(&folder.run(&arguments)));
    assert_eq!(folder.names(), before);
    folder.write("bad.csv", "id,text\n1,It rained, hard.\n");
    assert_snapshot!(
        "dry_run_bad_row",
        folder.done(&["label", "bad.csv", "-m", "model.safetensors", "--dry-run", "-q"])
    );
    folder.write("articles/a.txt", "One. Two.");
    folder.write("articles/b.txt", "Three.");
    assert_snapshot!(
        "dry_run_folder",
        folder.done(&["label", "articles", "-m", "model.safetensors", "--dry-run", "-q"])
    );
}

/// A text and a column name with which a terminal would do something.
const HOSTILE: &str =
    "te\u{7}xt,note\n\"\u{1b}]0;owned\u{7}It rained.\",\"\u{9b}31m\rover \u{202e}kcab\u{2069}\"\n";

/// What the program shows on a terminal, if there is a way to run it on one here.
fn on_a_terminal(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    let program = folder.command(arguments);
    let words = std::iter::once(program.get_program()).chain(program.get_args());
    let line = words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .current_dir(folder.path(""))
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    script.envs(variables.iter().copied()).stdin(std::process::Stdio::null());
    let shown = script.output().ok().filter(|run| !run.stdout.is_empty());
    if shown.is_none() {
        println!("there is no `script` here to make a terminal: nothing to test");
    }
    shown.map(|run| String::from_utf8_lossy(&run.stdout).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn control_characters_of_a_text_do_not_reach_a_terminal() {
    let folder = Folder::with_model();
    folder.write("hostile.csv", HOSTILE);
    let arguments = ["label", "hostile.csv", "--text-column", "te\u{7}xt", "-m", "model.safetensors", "-q"];
    let piped = folder.done(&arguments);
    for text in ["\u{1b}]0;owned\u{7}It rained.", "\u{9b}31m\rover \u{202e}kcab\u{2069}"] {
        assert!(piped.contains(text), "a pipe gets what is there: {piped:?}");
    }
    let Some(shown) = on_a_terminal(&folder, &arguments, &[]) else { return };
    assert!(shown.contains("\\u{1b}]0;owned\\u{7}It rained."), "{shown:?}");
    assert!(shown.contains("\\u{9b}31m\\rover \\u{202e}kcab\\u{2069}"), "{shown:?}");
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{2069}']), "{shown:?}");
    let wrong = ["label", "hostile.csv", "-m", "model.safetensors", "-q"];
    let Some(shown) = on_a_terminal(&folder, &wrong, &[("NO_COLOR", "1")]) else { return };
    assert!(shown.contains("te\\u{7}xt") && !shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn colours_are_for_terminals_that_want_them() {
    let folder = Folder::with_model();
    let arguments = ["label", "nowhere.csv"];
    assert!(!cli_support::text(&folder.run(&arguments).stderr).contains('\u{1b}'));
    let Some(shown) = on_a_terminal(&folder, &arguments, &[]) else { return };
    assert!(shown.contains("\u{1b}[1;31merror: "), "{shown:?}");
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let shown = on_a_terminal(&folder, &arguments, &[variable]).unwrap();
        assert!(shown.contains("error: ") && !shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_workbook_is_not_poured_over_a_terminal() {
    let folder = Folder::with_model();
    let arguments = ["label", "train.csv", "-m", "model.safetensors", "--format", "xlsx"];
    let Some(shown) = on_a_terminal(&folder, &arguments, &[("NO_COLOR", "1")]) else { return };
    assert!(shown.contains("error: a terminal cannot show xlsx") && !shown.contains("PK"), "{shown:?}");
    assert!(folder.run(&arguments).stdout.starts_with(b"PK\x03\x04"));
}
