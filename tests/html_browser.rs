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

/// Elements and attributes that run if they become such, and tell so: `ISo=` is `!` for what is told and `*` for whom. Without
/// commas, so that it can be the name of a column on the command line.
const RUNS: &str = "</title></style></text></svg><script>parent.postMessage(...atob('ISo='))</script>\"'><img src=x \
                    onerror=\"parent.postMessage(...atob('ISo='))\"><a href=\"javascript:parent.postMessage(...atob('ISo='))\" \
                    autofocus onfocus=\"parent.postMessage(...atob('ISo='))\">javascript:alert(1)</a>{{7*7}}<!--";

/// The same as the name of a file, which cannot hold a slash.
const RUNS_AS_FILE: &str = "<img src=x onerror=parent.postMessage(...atob('ISo='))>.csv";

/// A page of each kind, about rows in which every text, label, document, source and column is [`RUNS`].
fn hostile_pages(folder: &Folder) -> Vec<(&'static str, String)> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = format!("id,doc_id,text,label,date,told,{},p_none\n", quoted(RUNS));
    for row in 0..60 {
        let label = [quoted(RUNS), quoted(&format!("javascript:alert(1){RUNS}")), "none".to_owned()];
        let word = ["strike", "truce", "rain"][row % 3];
        // Long enough that no two are near-duplicates for what they have in common.
        let own: Vec<String> = (0..40).map(|n| format!("{word} w{row}x{n}")).collect();
        let own = own.join(" ");
        let (id, text) = (quoted(&format!("{RUNS}{row}")), quoted(&format!("{RUNS} {own}")));
        let (told, source) = (&label[(row + row / 7) % 3], quoted(&format!("{RUNS}{}", row % 2)));
        table +=
            &format!("{id},{id},{text},{},2024-0{}-01,{told},{source},0.5\n", label[row % 3], 1 + row % 4);
    }
    folder.write(RUNS_AS_FILE, table);
    let model = "<img src=x onerror=parent.postMessage(...atob('ISo='))>.safetensors";
    let settings = ["--cues", "none", "--min-df", "1", "-q"];
    let run = |arguments: &[&str]| {
        let run = folder.run(arguments);
        assert!(run.status.success(), "{}", cli_support::told(&run));
    };
    run(&[&["train", RUNS_AS_FILE, "-o", model, "--report", "train.html"][..], &settings].concat());
    run(&[&["crossval", RUNS_AS_FILE, "--by", RUNS, "--report", "crossval.html"][..], &settings].concat());
    run(&["evaluate", RUNS_AS_FILE, "-m", model, "--by", RUNS, "--report", "evaluate.html"]);
    run(&["evaluate", RUNS_AS_FILE, "--predicted-column", "told", "--by", RUNS, "--report", "told.html"]);
    let summarize = ["summarize", RUNS_AS_FILE, "--correct", "none", "--by", RUNS];
    run(&[&summarize[..], &["--by", "date:month", "--html", "months.html"]].concat());
    run(&[&summarize[..], &["--html", "groups.html"]].concat());
    let pages = ["train", "crossval", "evaluate", "told", "months", "groups"];
    pages.into_iter().map(|name| (name, folder.text(&format!("{name}.html")))).collect()
}

#[test]
fn no_text_of_the_data_runs_on_any_page() {
    let folder = Folder::empty();
    let pages = hostile_pages(&folder);
    for (name, html) in &pages {
        assert!(
            html.contains("postMessage") && html.contains("javascript:alert(1)"),
            "{name} shows no hostile text"
        );
    }
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium in the path, and CHROME is not set");
        return;
    };
    // Every page twice: as it is, and without its policy but with a script of the test that tells what it found on the page:
    // scripts besides itself, things that load or run, attributes that run, and links out of the page.
    let mut frames = String::new();
    for (name, html) in &pages {
        let look = format!(
            "<script>const d = document, all = [...d.querySelectorAll('*')]; parent.postMessage(['{name}', d.scripts.length - 1, \
             d.querySelectorAll('img, iframe, object, embed, form, base, link, audio, video').length, \
             all.filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length, \
             all.filter(e => e.href && !e.getAttribute('href').startsWith('#')).length].join(' '), '*')</script></body>"
        );
        let policy = "http-equiv=\"Content-Security-Policy\"";
        assert!(html.contains(policy) && html.contains("</body>"), "{name}");
        folder.write(
            &format!("open-{name}.html"),
            html.replace(policy, "name=\"x\"").replace("</body>", &look),
        );
        frames += &format!("<iframe src={name}.html></iframe><iframe src=open-{name}.html></iframe>");
    }
    let listen = "<script>const f = []; onmessage = e => { f.push(e.data); document.body.dataset.found = f.sort().join('; ') }</script>";
    folder.write("frames.html", format!("<body>{listen}{frames}"));
    let url = format!("file://{}", folder.path("frames.html").display());
    let dom = run(&browser, &folder, &["--virtual-time-budget=8000", "--dump-dom", &url]);
    let found = "data-found=\"crossval 0 0 0 0; evaluate 0 0 0 0; groups 0 0 0 0; months 0 0 0 0; told 0 0 0 0; train 0 0 0 0\"";
    assert!(dom.contains(found), "{found} expected; {dom}");
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
