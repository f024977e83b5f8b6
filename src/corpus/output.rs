//! Writing a file so that it is whole or not there.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::terminal::Visible;
use crate::error::{Error, ErrorKind, Place, Result};

/// A file that is being written, or standard output.
///
/// What is written goes to a temporary file in the same folder, which takes the target's place in one step when
/// [`Output::finish`] is called. A run that fails, or that is ended from outside, leaves an older file as it was. Devices and
/// pipes are written directly.
///
/// ```
/// use std::io::Write;
/// use stancewire::corpus::Output;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("out.csv");
/// let mut output = Output::create(path.to_str().unwrap())?;
/// output.write_all(b"id,label\n").unwrap();
/// assert!(!path.exists());
/// output.finish()?;
/// assert_eq!(std::fs::read(&path).unwrap(), b"id,label\n");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub struct Output {
    name: String,
    target: Target,
}

enum Target {
    Stream(BufWriter<Box<dyn Write + Send>>),
    File { writer: BufWriter<NamedTempFile>, path: PathBuf },
}

const BUFFER: usize = 128 * 1024;

impl Output {
    /// Begins to write the file at `path`; `-` is standard output. On a terminal control characters are shown escaped
    /// ([`Visible`]).
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when `path` is a folder or a write-protected file, or when its folder does not exist or cannot
    /// be written to.
    pub fn create(path: &str) -> Result<Self> {
        let name = if path == "-" { "<stdout>" } else { path }.to_owned();
        let target = match path {
            "-" if io::stdout().is_terminal() => Ok(stream(Visible::new(io::stdout()))),
            "-" => Ok(stream(io::stdout())),
            _ => open(Path::new(path)),
        };
        match target {
            Ok(target) => Ok(Self { name, target }),
            Err(error) => Err(error.at(Place::file(name))),
        }
    }

    /// Makes the file visible under its name, with all that was written.
    ///
    /// # Errors
    /// When the last bytes cannot be written or the file cannot be renamed.
    pub fn finish(self) -> Result<()> {
        let Self { name, target } = self;
        finish(target).map_err(|error| Error::io("cannot write the file", error).at(Place::file(name)))
    }

    /// The error of a write to this output, with its name.
    #[must_use]
    pub fn error(&self, error: io::Error) -> Error {
        Error::io("cannot write the file", error).at(Place::file(&self.name))
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Stream(writer) => writer.write(bytes),
            Target::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(writer) => writer.flush(),
            Target::File { writer, .. } => writer.flush(),
        }
    }
}

fn stream(writer: impl Write + Send + 'static) -> Target {
    Target::Stream(BufWriter::with_capacity(BUFFER, Box::new(writer)))
}

fn open(path: &Path) -> Result<Target> {
    // A link is followed: what it points to is replaced, and the link stays.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    match fs::metadata(&path) {
        Ok(there) if there.is_dir() => {
            Err(Error::new(ErrorKind::Io, "this is a folder; expected the name of a file to write"))
        }
        Ok(there) if !there.is_file() => {
            let file = fs::OpenOptions::new().write(true).open(&path);
            file.map(stream).map_err(|error| Error::io("cannot write", error))
        }
        Ok(there) if there.permissions().readonly() => {
            Err(Error::new(ErrorKind::Io, "the file is write-protected")
                .advise("choose another name, or allow writing to it"))
        }
        there => temporary(path, there.ok().map(|there| there.permissions())),
    }
}

fn temporary(path: PathBuf, permissions: Option<fs::Permissions>) -> Result<Target> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let what = format!("the folder {} does not exist", folder.display());
        return Err(Error::new(ErrorKind::Io, what).advise("make it first, or choose another one"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stancewire-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder
        .tempfile_in(folder)
        .map_err(|error| Error::io(format!("cannot write to the folder {}", folder.display()), error))?;
    if let Some(permissions) = permissions {
        fs::set_permissions(file.path(), permissions)
            .map_err(|error| Error::io("cannot set the permissions", error))?;
    }
    Ok(Target::File { writer: BufWriter::with_capacity(BUFFER, file), path })
}

fn finish(target: Target) -> io::Result<()> {
    match target {
        Target::Stream(mut writer) => writer.flush(),
        Target::File { writer, path } => {
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(folder: &tempfile::TempDir, name: &str) -> String {
        folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn entries(folder: &tempfile::TempDir) -> usize {
        fs::read_dir(folder.path()).unwrap().count()
    }

    #[test]
    fn an_unfinished_run_leaves_the_older_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder, "out.csv");
        fs::write(&path, "old").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries(&folder)), ("old", 1));
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries(&folder)), ("whole", 1));
    }

    #[test]
    fn targets_that_cannot_be_written_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let locked = path(&folder, "locked.csv");
        fs::write(&locked, "old").unwrap();
        let mut permissions = fs::metadata(&locked).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&locked, permissions).unwrap();
        let root = folder.path().to_str().unwrap().to_owned();
        let error = |path: &str| Output::create(path).err().unwrap().to_string().replace(&root, "DIR");
        insta::assert_snapshot!(error(&root), @"DIR: this is a folder; expected the name of a file to write");
        insta::assert_snapshot!(error(&locked), @r"
        DIR/locked.csv: the file is write-protected
          choose another name, or allow writing to it
        ");
        insta::assert_snapshot!(error(&path(&folder, "none/x.csv")), @r"
        DIR/none/x.csv: the folder DIR/none does not exist
          make it first, or choose another one
        ");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_permissions_kept_and_devices_written_directly() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (path(&folder, "real.csv"), path(&folder, "link.csv"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut output = Output::create(&link).unwrap();
        output.write_all(b"new").unwrap();
        output.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        let mut device = Output::create("/dev/null").unwrap();
        device.write_all(b"x").unwrap();
        device.finish().unwrap();
    }
}
