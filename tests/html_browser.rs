//! A browser opens a page of `--report`: it is drawn, it fits a phone, and nothing in it runs.
//!
//! Needs Chromium or Chrome, named by `CHROME` or found in the path; without one the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cli_support::Folder;

fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROME") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// What the browser prints, given two minutes.
fn run(browser: &PathBuf, folder: &Folder, arguments: &[&str]) -> String {
    let out = fs::File::create(folder.path("out.txt")).unwrap();
    let profile = format!("--user-data-dir={}", folder.path("profile").display());
    let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"];
    let mut child = Command::new(browser)
        .args(quiet)
        .args(["--disable-background-networking", "--disable-dev-shm-usage", "--force-device-scale-factor=1"])
        .arg(profile)
        .args(arguments)
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_mins(2) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the browser did not end");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    folder.text("out.txt")
}

fn nasty_report(folder: &Folder) -> String {
    let mut gold = "id,text,label,source\n".to_owned();
    for (row, label) in ["threat", "none", "ceasefire-call", "none", "threat", "threat"].iter().enumerate() {
        let long = "averyveryverylongwordwithoutanyspaceinit".repeat(4);
        gold += &format!(
            "r{row},\"<script>document.title='ran'</script><img src=x onerror=\"\"document.title='ran'\"\"> \
             The army met farmers {row} \u{202e}{long}\",{label},\"<b>{long}</b>{}\"\n",
            row % 2
        );
    }
    folder.write("gold.csv", gold);
    folder.done(&["evaluate", "gold.csv", "-m", "model.safetensors", "--report", "r.html"]);
    folder.text("r.html")
}

#[test]
fn a_browser_draws_the_page_and_runs_nothing_in_it() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium in the path, and CHROME is not set");
        return;
    };
    let folder = Folder::with_model();
    let html = nasty_report(&folder);
    let url = |name: &str| format!("file://{}", folder.path(name).display());

    let dom = run(&browser, &folder, &["--dump-dom", &url("r.html")]);
    assert!(dom.contains("<title>model.safetensors on gold.csv</title>"), "{dom}");
    assert!(dom.contains("Most confident errors") && dom.contains("⟨U+202E⟩"));

    // Without its policy, in a frame as wide as a phone, and with a script of the test, which counts what there is.
    let measure = "<script>const d = document; parent.postMessage([d.title, d.scripts.length, d.images.length, \
                   d.querySelectorAll('b').length, innerWidth, d.documentElement.scrollWidth, \
                   d.querySelectorAll('svg').length].join(' '), '*')</script></body>";
    let open =
        html.replace("http-equiv=\"Content-Security-Policy\"", "name=\"x\"").replace("</body>", measure);
    folder.write("open.html", open);
    let frame = "<body><script>onmessage = e => document.body.dataset.found = e.data</script>\
                 <iframe width=390 height=800 style=\"border:0\" src=open.html></iframe>";
    folder.write("frame.html", frame);
    let dom = run(&browser, &folder, &["--virtual-time-budget=5000", "--dump-dom", &url("frame.html")]);
    let found = "data-found=\"model.safetensors on gold.csv 1 0 0 390 390 8\"";
    assert!(dom.contains(found), "{found} expected; {dom}");

    let shot = format!("--screenshot={}", folder.path("page.png").display());
    run(&browser, &folder, &["--window-size=800,1200", &shot, &url("r.html")]);
    assert!(grey_levels(&folder.bytes("page.png")) > 20, "the page is blank");
}

/// How many different bytes there are in the picture, as far as they are stored: one or two for a blank page.
fn grey_levels(png: &[u8]) -> usize {
    assert!(png.starts_with(b"\x89PNG"));
    let (mut at, mut data) = (8, Vec::new());
    while at + 12 <= png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            data.extend_from_slice(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    let mut pixels = Vec::new();
    flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut pixels).unwrap();
    let mut seen = [false; 256];
    for &byte in &pixels {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|&&seen| seen).count()
}
