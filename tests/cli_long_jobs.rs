//! Runs of `stancewire label` that are stopped, killed or run out of room, and go on: nothing is lost, and the result has the bytes of
//! a run that nobody disturbed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cli_support::{Folder, Table, text, told};
use insta::assert_snapshot;
use serde_json::Value;

const PART: &str = ".out.csv.stancewire-part";
const CHECKPOINT: &str = ".out.csv.stancewire-checkpoint";

const LABEL: [&str; 6] = ["label", "many.csv", "--model", "model.safetensors", "-o", "out.csv"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    LABEL.iter().copied().chain(more.iter().copied()).collect()
}

/// Rows of a table with articles of four sentences, about 270 bytes each. A block is 64 KB, some hundred rows.
fn rows(numbers: std::ops::Range<usize>) -> String {
    let words = ["truce", "ports", "strike", "rain", "“peace”", "river", "naïve", "ceasefire", "budget"];
    let mut table = String::new();
    for i in numbers {
        let sentences = (0..4).map(|s| {
            let word = |k: usize| words[(i * 7 + s * 3 + k * k) % words.len()];
            format!(
                "The {} of the {} will {} {} times in the {}.",
                word(0),
                word(1),
                word(2),
                i % 11,
                word(3)
            )
        });
        table += &format!("{i},\"{}\"\n", sentences.collect::<Vec<_>>().join(" "));
    }
    table
}

/// A table of thirty blocks, and what labelling it without any disturbance gives and says.
fn undisturbed() -> &'static (String, Vec<u8>, String) {
    static RUN: OnceLock<(String, Vec<u8>, String)> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = Folder::with_model();
        let table = "id,text\n".to_owned() + &rows(0..7000);
        folder.write("many.csv", &table);
        let run = folder.run(&LABEL);
        assert!(run.status.success(), "{}", told(&run));
        assert_eq!(folder.names(), ["many.csv", "model.safetensors", "out.csv", "train.csv"]);
        (table, folder.bytes("out.csv"), told(&run))
    })
}

/// A folder with that table and an older output.
fn many() -> Folder {
    let folder = Folder::with_model();
    folder.write("many.csv", &undisturbed().0);
    folder.write("out.csv", "older");
    folder
}

/// The program with a checkpoint after every block.
fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = folder.command(arguments);
    command.env("STANCEWIRE_CHECKPOINT_SECONDS", "0").stdin(Stdio::null());
    command
}

fn start(folder: &Folder, arguments: &[&str]) -> Child {
    command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(signal: &str, to: &Child) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", to.id())]).status().unwrap();
    assert!(sent.success());
}

/// Fails when a run does not end within a minute, which it should have done at once.
fn must_end(child: &mut Child) {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("the run does not end");
        }
        sleep(Duration::from_millis(2));
    }
}

/// Whether the tests themselves were started to ignore a signal, as what they start then does too.
fn is_ignored(number: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| (u64::from_str_radix(mask.trim(), 16).unwrap() >> (number - 1)) & 1 == 1)
}

/// Runs the program and does something once there is a checkpoint. Where the machine was so busy that the run was over before, again.
fn disturbed(folder: &Folder, arguments: &[&str], set_up: impl Fn(), disturb: impl Fn(&Child)) -> Output {
    for _ in 0..10 {
        set_up();
        let mut child = start(folder, arguments);
        while !folder.has(CHECKPOINT) && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(200));
        }
        if child.try_wait().unwrap().is_none() {
            disturb(&child);
        }
        let run = child.wait_with_output().unwrap();
        if !run.status.success() {
            return run;
        }
        folder.write("out.csv", "older");
    }
    panic!("ten runs were over before they could be disturbed");
}

/// Finishes the run in `folder` and compares everything with the undisturbed one.
fn goes_on_to_the_same_end(folder: &Folder, more: &[&str]) {
    assert_eq!(folder.text("out.csv"), "older");
    let arguments = [&with(&["--resume"])[..], more].concat();
    let run = command(folder, &arguments).output().unwrap();
    let (_, bytes, words) = undisturbed();
    let went_on = |line: &str| line.starts_with("note: going on after ");
    let said: String =
        told(&run).lines().filter(|line| !went_on(line)).map(|line| line.to_owned() + "\n").collect();
    assert_eq!(&said, words);
    assert!(told(&run).lines().any(went_on), "{}", told(&run));
    assert!(folder.bytes("out.csv") == *bytes, "the bytes differ");
    assert_eq!(folder.names().iter().filter(|name| name.starts_with('.')).count(), 0, "{:?}", folder.names());
}

/// `text` with # for each number.
fn without_numbers(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if shown.ends_with('#') => {}
            '0'..='9' => shown.push('#'),
            other => shown.push(other),
        }
    }
    shown
}

#[test]
fn a_run_that_is_asked_to_stop_says_how_to_go_on_and_the_rest_makes_it_whole() {
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        if is_ignored(number) {
            println!("SIG{name} is ignored here: nothing to test");
            continue;
        }
        let folder = many();
        let run = disturbed(&folder, &LABEL, || (), |child| send(name, child));
        assert_eq!(run.status.code(), Some(128 + i32::try_from(number).unwrap()), "{}", told(&run));
        assert_snapshot!("stopped", without_numbers(&text(&run.stderr)).replace(name, "[name]"));
        assert!(folder.has(PART) && folder.has(CHECKPOINT));
        // Other threads, same bytes.
        goes_on_to_the_same_end(&folder, &["--threads", "1"]);
    }
}

#[test]
fn a_run_can_be_stopped_again_and_again() {
    let folder = many();
    let mut stops = 0;
    // The part grows by at least one block each time, since the signal is sent when it has grown.
    loop {
        let before = std::fs::metadata(folder.path(PART)).map_or(0, |part| part.len());
        let mut child = start(&folder, &with(&["--resume"]));
        let grown = || std::fs::metadata(folder.path(PART)).is_ok_and(|part| part.len() > before);
        while !grown() && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(200));
        }
        if child.try_wait().unwrap().is_none() {
            send("TERM", &child);
        }
        let run = child.wait_with_output().unwrap();
        if run.status.success() {
            break;
        }
        assert_eq!(
            (run.status.code(), folder.text("out.csv").as_str()),
            (Some(143), "older"),
            "{}",
            told(&run)
        );
        stops += 1;
    }
    assert!(stops > 0);
    assert!(folder.bytes("out.csv") == undisturbed().1);
}

/// Numbers that look random, the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Kills so many runs, each at a moment that the seed decides, and looks at the output after each. Says what was done.
fn kill(kills: usize, seed: u64) -> String {
    let (folder, mut random) = (many(), Random(seed));
    let (_, bytes, _) = undisturbed();
    let began = Instant::now();
    assert!(command(&folder, &LABEL).output().unwrap().status.success());
    let longest = u64::try_from(began.elapsed().as_micros()).unwrap();
    folder.write("out.csv", "older");
    let (mut killed, mut whole, mut went_on, mut compared) = (0, 0, 0, 0);
    while killed < kills {
        let resumes = random.below(4) > 0;
        let mut child = start(&folder, &if resumes { with(&["--resume"]) } else { LABEL.to_vec() });
        sleep(Duration::from_micros(random.below(longest)));
        child.kill().unwrap();
        let run = child.wait_with_output().unwrap();
        killed += usize::from(run.status.code().is_none());
        went_on += usize::from(text(&run.stderr).contains("going on after"));
        let out = folder.bytes("out.csv");
        compared += out.len();
        assert!(
            out == b"older" || out == *bytes,
            "seed {seed}, kill {killed}: the output is neither the old one nor the new one"
        );
        if out == *bytes {
            whole += 1;
            folder.write("out.csv", "older");
        } else {
            // Every second time the work goes on to its end.
            if random.below(2) == 0 {
                let run = command(&folder, &with(&["--resume"])).output().unwrap();
                assert!(run.status.success(), "seed {seed}, kill {killed}: {}", told(&run));
                assert!(folder.bytes("out.csv") == *bytes, "seed {seed}, kill {killed}: the bytes differ");
                compared += bytes.len();
                whole += 1;
                folder.write("out.csv", "older");
            }
        }
    }
    format!(
        "{killed} runs killed, {went_on} of them had gone on; {whole} wholes, {compared} bytes compared, seed {seed}"
    )
}

#[test]
fn whenever_a_run_is_killed_the_old_output_is_intact_or_the_new_one_is_whole() {
    println!("{}", kill(8, 20_261_122));
}

#[test]
#[ignore = "fifty kills take a minute or more; .ci/run has them"]
fn whenever_one_of_fifty_runs_is_killed_the_old_output_is_intact_or_the_new_one_is_whole() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = std::env::var("SEED").map_or(now.as_secs(), |seed| seed.parse().unwrap());
    println!("{}", kill(50, seed));
}

#[test]
fn a_limit_on_the_size_of_files_ends_a_run_that_can_go_on() {
    let folder = many();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -f 3000; exec \"$@\"", "sh"])
        .arg(assert_cmd::cargo::cargo_bin!("stancewire"));
    let run = command.args(LABEL).current_dir(folder.path("")).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", told(&run));
    assert_snapshot!("file_limit", without_numbers(&text(&run.stderr)));
    goes_on_to_the_same_end(&folder, &[]);
}

/// A file system of so many KB, as long as it is in scope.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// None where this user may not mount.
    fn mount(at: &Path, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kilobytes}k");
        let run = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        run.is_ok_and(|run| run.status.success()).then(|| Self(at.to_path_buf()))
    }

    fn grow(&self, kilobytes: u32) {
        let size = format!("remount,size={kilobytes}k");
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_ends_a_run_that_can_go_on_once_there_is_room() {
    let folder = many();
    let Some(disk) = SmallDisk::mount(&folder.path("disk"), 2000) else {
        println!("this user may not mount a file system: nothing to test");
        return;
    };
    folder.write("disk/out.csv", "older");
    let mut arguments = LABEL;
    arguments[5] = "disk/out.csv";
    let run = folder.run(&arguments);
    assert_eq!(run.status.code(), Some(2), "{}", told(&run));
    assert_snapshot!("full_disk", without_numbers(&text(&run.stderr)));
    assert_eq!(folder.text("disk/out.csv"), "older");
    // Still full: nothing is lost by trying.
    assert_eq!(folder.run(&[&arguments[..], &["--resume"]].concat()).status.code(), Some(2));
    disk.grow(30_000);
    let run = folder.run(&[&arguments[..], &["--resume"]].concat());
    assert!(run.status.success() && text(&run.stderr).contains("going on after"), "{}", told(&run));
    assert!(folder.bytes("disk/out.csv") == undisturbed().1);
    assert_eq!(std::fs::read_dir(folder.path("disk")).unwrap().count(), 1);
}

#[test]
fn a_full_device_is_named() {
    if !Path::new("/dev/full").exists() {
        println!("there is no /dev/full here: nothing to test");
        return;
    }
    let folder = many();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let run = folder.command(&LABEL[..4]).stdout(full).output().unwrap();
    assert_snapshot!("full_stdout", told(&run));
    let run = folder.run(&["label", "many.csv", "-m", "model.safetensors", "-o", "/dev/full"]);
    assert_snapshot!("full_device", told(&run));
}

#[test]
fn an_input_that_vanishes_is_named_and_what_was_done_is_kept() {
    let folder = Folder::with_model();
    for number in 0..9 {
        folder
            .write(&format!("news/{number}.txt"), "The army will strike the port. It rained.\n".repeat(6300));
    }
    let arguments = ["label", "news", "-m", "model.safetensors", "-o", "out.csv", "--threads", "1"];
    folder.done(&arguments);
    let expected = folder.bytes("out.csv");
    folder.write("out.csv", "older");
    let (there, gone) = (folder.path("news/8.txt"), folder.path("8.txt"));
    let bring_back = || drop(std::fs::rename(&gone, &there));
    let run = disturbed(&folder, &arguments, bring_back, |_| std::fs::rename(&there, &gone).unwrap());
    assert_snapshot!(
        "vanished",
        format!("exit code: {}\n{}", run.status.code().unwrap(), without_numbers(&text(&run.stderr)))
    );
    let resume = [&arguments[..], &["--resume"]].concat();
    assert_snapshot!("vanished_resume", folder.refused(&resume));
    bring_back();
    let run = folder.run(&resume);
    assert!(run.status.success() && text(&run.stderr).contains("going on after"), "{}", told(&run));
    assert!(folder.bytes("out.csv") == expected);
}

/// A table with a bad row on line 4002, behind the second block, and what a run leaves that it has ended.
fn ended_by_a_bad_row() -> Folder {
    let folder = many();
    folder.write("many.csv", format!("id,text\n{}x\n{}", rows(0..4000), rows(4000..7000)));
    let run = command(&folder, &LABEL).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", told(&run));
    assert!(
        text(&run.stderr).starts_with("text column: text (guessed from its name)\nerror: many.csv:4002: ")
    );
    assert!(folder.has(PART) && folder.has(CHECKPOINT));
    folder
}

#[test]
fn a_bad_row_in_the_middle_can_be_left_out_without_beginning_anew() {
    let folder = ended_by_a_bad_row();
    let run = folder.run(&with(&["--resume"]));
    assert_snapshot!("bad_row", told(&run));
    let run = folder.run(&with(&["--resume", "--skip-bad-rows"]));
    assert_snapshot!("bad_row_left_out", told(&run));
    assert!(folder.bytes("out.csv") == undisturbed().1);
}

#[test]
fn every_format_and_setting_goes_on() {
    let folder = Folder::with_model();
    folder.write("many.csv", format!("id,text\n{}x\n{}", rows(0..3000), rows(3000..4500)));
    let label = ["label", "many.csv", "-m", "model.safetensors"];
    for more in [
        &["-o", "out.jsonl", "--explain", "2", "--keep-text"][..],
        &["-o", "out.tsv", "--excel"],
        &[
            "-o",
            "out.txt",
            "--no-split",
            "--prior",
            "balanced",
            "--threshold",
            "none=0.5",
            "--text-column",
            "text",
        ],
    ] {
        let name = more[1];
        let stopped = command(&folder, &[&label[..], more].concat()).output().unwrap();
        assert_eq!(stopped.status.code(), Some(2), "{}", told(&stopped));
        let run = folder.run(&[&label[..], more, &["--resume", "--skip-bad-rows"]].concat());
        assert!(run.status.success() && text(&run.stderr).contains("going on after"), "{}", told(&run));
        let went_on = folder.bytes(name);
        folder.done(&[&label[..], more, &["--skip-bad-rows"]].concat());
        assert!(folder.bytes(name) == went_on, "{name}");
    }
}

#[test]
fn a_short_run_that_fails_leaves_nothing_behind() {
    let folder = many();
    folder.write("many.csv", format!("id,text\n{}x\n", rows(0..4000)));
    let text = folder.refused(&LABEL);
    assert!(!text.contains("--resume"), "{text}");
}

/// What a run says that may not go on with what `ended_by_a_bad_row` left.
fn refused(change: impl Fn(&Folder), more: &[&str]) -> String {
    let folder = ended_by_a_bad_row();
    change(&folder);
    let arguments = with(&[&["--resume"], more].concat());
    let said = folder.refused(&arguments);
    assert_eq!(folder.text("out.csv"), "older");
    // Dates and places differ from run to run.
    said.replace(folder.path("").canonicalize().unwrap().to_str().unwrap(), "DIR")
}

fn change(folder: &Folder, file: &str, from: &str, to: &str) {
    let text = folder.text(file);
    assert!(text.contains(from), "{text}");
    folder.write(file, text.replacen(from, to, 1));
}

#[test]
fn a_run_goes_on_only_with_its_own_work() {
    let same = |_: &Folder| {};
    assert_snapshot!("other_setting", refused(same, &["--explain", "2", "--no-split"]));
    assert_snapshot!("other_threshold", without_numbers(&refused(same, &["--threshold", "threat=0.9"])));
    assert_snapshot!(
        "other_size",
        refused(|folder| folder.write("many.csv", "id,text\n1,It rained.\n"), &[])
    );
    let touched = |folder: &Folder| {
        let file = std::fs::File::options().append(true).open(folder.path("many.csv")).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    };
    assert_snapshot!("other_time", refused(touched, &[]));
    assert_snapshot!(
        "other_inputs",
        refused(|folder| folder.write("more.csv", "id,text\n1,It rained.\n"), &["more.csv"])
    );
    let model = |folder: &Folder| {
        folder.done(&["train", "train.csv", "-o", "model.safetensors", "--alpha", "3", "--min-df", "2"]);
    };
    let said = refused(model, &[]);
    assert!(
        said.contains("; the model is another one\n") || said.contains(": the model is another one\n"),
        "{said}"
    );
    let version = concat!("stancewire ", env!("CARGO_PKG_VERSION"));
    assert_snapshot!(
        "other_version",
        refused(|folder| change(folder, CHECKPOINT, version, "stancewire 0.0.1"), &[])
            .replace(version, "stancewire [now]")
    );
}

#[test]
fn what_is_damaged_is_not_gone_on_with() {
    let damaged = |file: &'static str, from: &'static str, to: &'static str| {
        move |folder: &Folder| change(folder, file, from, to)
    };
    assert_snapshot!("other_format", refused(damaged(CHECKPOINT, "\"format\": 1", "\"format\": 2"), &[]));
    assert_snapshot!("no_json", refused(damaged(CHECKPOINT, "\"blocks\"", "\"b"), &[]));
    assert_snapshot!("part_cut", refused(|folder| folder.write(PART, "half"), &[]));
    // The file has its old size and time, but other rows.
    let block_back = |folder: &Folder| {
        let mut checkpoint: Value = serde_json::from_str(&folder.text(CHECKPOINT)).unwrap();
        checkpoint["blocks"] = (checkpoint["blocks"].as_u64().unwrap() - 1).into();
        folder.write(CHECKPOINT, checkpoint.to_string());
    };
    assert_snapshot!("other_rows", refused(block_back, &[]));
}

#[test]
fn what_cannot_be_gone_on_with_is_said_at_once() {
    let folder = many();
    let label = ["label", "many.csv", "-m", "model.safetensors", "--resume"];
    let refused = |more: &[&str]| folder.refused(&[&label[..], more].concat());
    assert_snapshot!("resume_stdout", refused(&[]));
    assert_snapshot!("resume_xlsx", refused(&["-o", "new.xlsx"]));
    assert_snapshot!("resume_device", refused(&["-o", "/dev/null"]));
    let stdin = ["label", "-", "-m", "model.safetensors", "-o", "new.csv", "--resume"];
    assert_snapshot!("resume_stdin", told(&folder.run_with(&stdin, "id,text\n1,It rained.\n")));
    assert!(!folder.has("new.csv"));
}

#[test]
fn with_nothing_to_resume_a_run_starts_at_the_beginning() {
    let folder = Folder::with_model();
    folder.write("many.csv", "id,text\n1,It rained.\n");
    assert_snapshot!("nothing_to_resume", told(&folder.run(&with(&["--resume"]))));
    assert_eq!(Table::read(&folder.bytes("out.csv")).len(), 1);
}

#[test]
fn without_resume_the_earlier_work_is_replaced_and_that_is_said() {
    let folder = ended_by_a_bad_row();
    let run = folder.run(&with(&["--skip-bad-rows"]));
    assert_snapshot!("replaced", told(&run));
    assert!(folder.bytes("out.csv") == undisturbed().1);
    assert!(!folder.has(PART) && !folder.has(CHECKPOINT));
}

#[test]
fn two_runs_cannot_write_the_same_file_at_the_same_time() {
    let folder = many();
    let part = std::fs::File::create(folder.path(PART)).unwrap();
    part.lock().unwrap();
    assert_snapshot!("two_runs", folder.refused(&LABEL));
    drop(part);
    folder.done(&LABEL);
    assert!(folder.bytes("out.csv") == undisturbed().1);
}

/// Starts a run that reads 500 KB from a pipe which stays open.
fn reading_from_a_pipe(folder: &Folder, more: &[&str]) -> (Child, std::process::ChildStdin) {
    let arguments = [&["label", "-", "-m", "model.safetensors", "--input-format", "csv"], more].concat();
    let mut child = folder
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"id,text\n").unwrap();
    input.write_all(rows(0..2000).as_bytes()).unwrap();
    (child, input)
}

#[test]
fn a_run_that_waits_for_its_input_stops_with_a_whole_row() {
    let folder = Folder::with_model();
    let (mut child, input) = reading_from_a_pipe(&folder, &[]);
    let mut output = child.stdout.take().unwrap();
    let mut start = vec![0; 1000];
    output.read_exact(&mut start).unwrap();
    let rest = std::thread::spawn(move || {
        let mut rest = Vec::new();
        output.read_to_end(&mut rest).unwrap();
        rest
    });
    sleep(Duration::from_millis(100));
    send("TERM", &child);
    must_end(&mut child);
    let run = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(run.status.code(), Some(143), "{}", told(&run));
    assert!(text(&run.stderr).contains("stopped by SIGTERM after "), "{}", told(&run));
    start.extend(rest.join().unwrap());
    assert!(start.ends_with(b"\n"));
    let whole = folder.run_with(
        &["label", "-", "-m", "model.safetensors", "--input-format", "csv"],
        format!("id,text\n{}", rows(0..2000)),
    );
    assert!(whole.stdout.starts_with(&start) && whole.stdout.len() > start.len());
}

#[test]
fn what_came_from_a_pipe_is_not_kept() {
    let folder = Folder::with_model();
    let before = folder.names();
    let (mut child, input) = reading_from_a_pipe(&folder, &["-o", "out.csv"]);
    while std::fs::metadata(folder.path(PART)).map_or(0, |part| part.len()) < 1000 {
        sleep(Duration::from_millis(1));
    }
    send("TERM", &child);
    must_end(&mut child);
    let run = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(run.status.code(), Some(143), "{}", told(&run));
    assert_snapshot!("pipe_not_kept", without_numbers(&text(&run.stderr)));
    assert_eq!(folder.names(), before);
}

#[test]
fn the_second_signal_ends_a_run_that_cannot_stop() {
    let folder = many();
    let mut child = start(&folder, &LABEL[..4]);
    // Nobody reads on, so the run hangs in a write.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    sleep(Duration::from_millis(50));
    send("TERM", &child);
    sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it was to hang");
    send("TERM", &child);
    must_end(&mut child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn training_that_is_stopped_leaves_the_old_model_and_nothing_else() {
    let folder = Folder::with_model();
    let (before, model) = (folder.names(), folder.bytes("model.safetensors"));
    let begun = || folder.names().iter().any(|name| name.starts_with(".stancewire-"));
    for _ in 0..10 {
        let mut child =
            start(&folder, &["train", "train.csv", "-o", "model.safetensors", "--min-df", "2", "--search"]);
        while !begun() && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(200));
        }
        if child.try_wait().unwrap().is_none() {
            send("TERM", &child);
        }
        let run = child.wait_with_output().unwrap();
        assert_eq!(folder.names(), before);
        if !run.status.success() {
            let words = text(&run.stderr);
            assert_snapshot!(
                "training_stopped",
                format!("exit code: {}\n{}", run.status.code().unwrap(), words.lines().last().unwrap())
            );
            assert!(folder.bytes("model.safetensors") == model);
            return;
        }
        folder.write("model.safetensors", &model);
    }
    panic!("ten trainings were over before they could be stopped");
}

#[test]
#[ignore = "ten million rows take minutes; the command stands in CONTRIBUTING.md"]
fn a_bad_row_in_the_middle_of_ten_million_is_found_and_can_be_left_out() {
    let folder = Folder::with_model();
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.path("many.csv")).unwrap());
    writeln!(file, "id,text").unwrap();
    for id in 0..10_000_000 {
        writeln!(file, "{id},Rain.").unwrap();
        if id == 4_999_999 {
            writeln!(file, "Rain, again, and again.").unwrap();
        }
    }
    file.flush().unwrap();
    let run = folder.run(&with(&["--no-split"]));
    assert!(text(&run.stderr).contains("error: many.csv:5000002: the row has 3 fields"), "{}", told(&run));
    let run = folder.run(&with(&["--no-split", "--resume", "--skip-bad-rows"]));
    assert!(run.status.success() && text(&run.stderr).contains("going on after"), "{}", told(&run));
    assert!(
        text(&run.stderr).contains("warning: 1 bad row left out\n  many.csv:5000002: "),
        "{}",
        told(&run)
    );
    let lines = std::io::BufRead::lines(std::io::BufReader::new(
        std::fs::File::open(folder.path("out.csv")).unwrap(),
    ));
    let ids = lines.skip(1).map(|line| line.unwrap().split(',').next().unwrap().parse::<u64>().unwrap());
    assert!(ids.eq(0..10_000_000));
}
