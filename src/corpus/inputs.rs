//! From the arguments on the command line to a list of files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Format, Notice};
use crate::error::{Error, ErrorKind, Place, Result};

/// One thing to read.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// What the user calls it; text files have it as their `doc_id`.
    pub name: String,
    /// Where it lies; `None` for standard input.
    pub path: Option<PathBuf>,
    /// The format its name promises.
    pub format: Option<Format>,
    /// Its size on disk, for a regular file. Others (pipes, standard input) can be opened only once.
    pub size: Option<u64>,
}

impl Input {
    /// What messages call it.
    pub fn shown(&self) -> &str {
        if self.name == "-" { "<stdin>" } else { &self.name }
    }
}

/// The inputs that `arguments` name, in their order; folders and globs in path order.
pub(super) fn expand(arguments: &[String], notices: &mut Vec<Notice>) -> Result<Vec<Input>> {
    let mut inputs: Vec<Input> = Vec::new();
    // By path, not by name: names that are no UTF-8 can look the same.
    let mut seen = BTreeSet::new();
    for argument in arguments {
        for input in expand_one(argument, notices)? {
            if seen.insert(input.path.clone()) {
                inputs.push(input);
            } else {
                let notice = Notice::NamedTwice { file: input.name };
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
            }
        }
    }
    if inputs.is_empty() {
        return Err(nothing(arguments));
    }
    Ok(inputs)
}

fn nothing(arguments: &[String]) -> Error {
    let what = match arguments {
        [] => "nothing to read; expected at least one file, folder or - for standard input".to_owned(),
        some => format!("nothing to read in {}", some.join(", ")),
    };
    Error::new(ErrorKind::Empty, what).advise(
        "known files are .txt .md .csv .tsv .jsonl .ndjson .xlsx .parquet, with or without .gz or .zst",
    )
}

fn expand_one(argument: &str, notices: &mut Vec<Notice>) -> Result<Vec<Input>> {
    if argument == "-" {
        return Ok(vec![Input { name: "-".to_owned(), path: None, format: None, size: None }]);
    }
    let path = Path::new(argument);
    if path.is_dir() {
        return folder(argument, notices);
    }
    if !path.exists() && argument.contains(['*', '?', '[']) {
        return glob(argument, notices);
    }
    Ok(vec![file(path.to_path_buf(), argument.to_owned())?])
}

fn file(path: PathBuf, name: String) -> Result<Input> {
    let metadata = std::fs::metadata(&path)
        .map_err(|error| Error::io("cannot read the file", error).at(Place::file(&name)))?;
    let format = Format::of_path(&name);
    let size = metadata.is_file().then_some(metadata.len());
    Ok(Input { name, path: Some(path), format, size })
}

/// The files of known kinds below `argument`, in path order, without hidden files and folders.
fn folder(argument: &str, notices: &mut Vec<Notice>) -> Result<Vec<Input>> {
    let hidden =
        |entry: &walkdir::DirEntry| entry.depth() > 0 && is_hidden(&entry.file_name().to_string_lossy());
    let mut paths = Vec::new();
    let mut others = 0;
    for entry in walkdir::WalkDir::new(argument).follow_links(true).into_iter().filter_entry(|e| !hidden(e)) {
        let entry = entry.map_err(|error| walk_error(argument, &error))?;
        match entry.file_type().is_file() {
            true if Format::of_path(&entry.path().to_string_lossy()).is_some() => {
                paths.push(entry.into_path());
            }
            true => others += 1,
            false => {}
        }
    }
    if others > 0 {
        notices.push(Notice::FilesLeftOut { folder: argument.to_owned(), count: others });
    }
    paths.sort_unstable();
    paths.into_iter().map(named_by_path).collect()
}

/// Hidden files, and those that Excel keeps beside a workbook that is open.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$")
}

fn walk_error(folder: &str, error: &walkdir::Error) -> Error {
    let file = error.path().map_or_else(|| folder.to_owned(), |path| path.to_string_lossy().into_owned());
    let what = match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => format!("the folder is a link to {}, which holds it", ancestor.display()),
        (None, Some(io)) => {
            return Error::io("cannot read the folder", std::io::Error::new(io.kind(), io.to_string()))
                .at(Place::file(file));
        }
        (None, None) => "cannot read the folder".to_owned(),
    };
    Error::new(ErrorKind::Io, what).at(Place::file(file))
}

fn named_by_path(path: PathBuf) -> Result<Input> {
    let name = path.to_string_lossy().into_owned();
    file(path, name)
}

/// The files and folders that the pattern `argument` matches, in path order, for shells that do not expand patterns.
fn glob(argument: &str, notices: &mut Vec<Notice>) -> Result<Vec<Input>> {
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let matches = glob::glob_with(argument, options).map_err(|error| {
        Error::new(ErrorKind::Settings, format!("the pattern \"{argument}\" cannot be read: {}", error.msg))
    })?;
    let mut paths = matches
        .collect::<std::result::Result<Vec<PathBuf>, _>>()
        .map_err(|error| Error::io("cannot read a folder", error.into()).at(Place::file(argument)))?;
    if paths.is_empty() {
        return Err(Error::new(ErrorKind::Empty, format!("no file matches the pattern \"{argument}\"")));
    }
    paths.sort_unstable();
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            inputs.extend(folder(&path.to_string_lossy(), notices)?);
        } else {
            inputs.push(named_by_path(path)?);
        }
    }
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        folder
    }

    fn names(root: &tempfile::TempDir, arguments: &[&str], notices: &mut Vec<Notice>) -> Vec<String> {
        let root = root.path().to_str().unwrap();
        let arguments: Vec<String> = arguments
            .iter()
            .map(|a| if *a == "-" { (*a).to_owned() } else { format!("{root}/{a}") })
            .collect();
        let inputs = expand(&arguments, notices).unwrap();
        inputs.into_iter().map(|i| i.name.replace(&format!("{root}/"), "")).collect()
    }

    #[test]
    fn folders_are_walked_in_path_order_without_hidden_and_unknown_files() {
        let root = tree(&["b/z.txt", "a.txt", "b/a/y.md.gz", "b-c.csv", ".git/x.txt", "b/.h.txt", "n.docx"]);
        let mut notices = Vec::new();
        assert_eq!(names(&root, &[""], &mut notices), ["a.txt", "b/a/y.md.gz", "b/z.txt", "b-c.csv"]);
        assert!(matches!(notices[..], [Notice::FilesLeftOut { count: 1, .. }]));
    }

    #[test]
    fn globs_are_expanded_and_overlaps_are_read_once() {
        let root = tree(&["b.txt", "a.txt", ".c.txt", "d.csv"]);
        let mut notices = Vec::new();
        assert_eq!(names(&root, &["-", "b.txt", "*.txt"], &mut notices), ["-", "b.txt", "a.txt"]);
        assert!(matches!(notices[..], [Notice::NamedTwice { .. }]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_whose_names_look_the_same_are_all_read() {
        use std::os::unix::ffi::OsStrExt;
        let root = tree(&["a.txt"]);
        for name in [b"\xFE.txt", b"\xFF.txt"] {
            std::fs::write(root.path().join(std::ffi::OsStr::from_bytes(name)), "x").unwrap();
        }
        let mut notices = Vec::new();
        assert_eq!(names(&root, &[""], &mut notices), ["a.txt", "\u{fffd}.txt", "\u{fffd}.txt"]);
        assert_eq!(notices, []);
    }

    #[test]
    fn an_explicit_file_may_have_any_name() {
        let root = tree(&["a.dat"]);
        assert_eq!(names(&root, &["a.dat"], &mut Vec::new()), ["a.dat"]);
    }

    #[test]
    fn errors_name_what_was_not_found() {
        let expand = |argument: &str| expand(&[argument.to_owned()], &mut Vec::new()).unwrap_err();
        insta::assert_snapshot!(expand("no/such/file.csv"), @"no/such/file.csv: cannot read the file: No such file or directory");
        insta::assert_snapshot!(expand("no/such/*.csv"), @r#"no file matches the pattern "no/such/*.csv""#);
        insta::assert_snapshot!(expand("no/***.csv"), @r#"the pattern "no/***.csv" cannot be read: wildcards are either regular `*` or recursive `**`"#);
        let error = super::expand(&[], &mut Vec::new()).unwrap_err();
        insta::assert_snapshot!(error, @r"
        nothing to read; expected at least one file, folder or - for standard input
          known files are .txt .md .csv .tsv .jsonl .ndjson .xlsx .parquet, with or without .gz or .zst
        ");
    }
}
