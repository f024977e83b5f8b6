//! Writing a file so that it is whole or not there.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::slot::{Slot, Unfinished};
use super::terminal::Visible;
use crate::error::{Error, Place, Result};

/// A file that is being written, or standard output.
///
/// What is written goes to a temporary file in the same folder, which takes the target's place in one step when
/// [`Output::finish`] is called. A run that fails, or that is ended from outside, leaves an older file as it was. Devices and
/// pipes are written directly. For a file that takes hours there is [`PartFile`](super::PartFile).
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
    File { writer: BufWriter<NamedTempFile>, slot: Slot, unfinished: Unfinished },
}

const BUFFER: usize = 128 * 1024;

impl Output {
    /// Begins to write the file at `path`; `-` is standard output. On a terminal control characters are shown escaped
    /// ([`Visible`]).
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::error::ErrorKind::Io) when `path` is a folder or a write-protected file, or when its folder
    /// does not exist or cannot be written to.
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
    if let Some(slot) = Slot::examine(path)? {
        return temporary(slot);
    }
    let file = fs::OpenOptions::new().write(true).open(path);
    file.map(stream).map_err(|error| Error::io("cannot write", error))
}

fn temporary(slot: Slot) -> Result<Target> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stancewire-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(&slot.folder).map_err(|error| slot.cannot_write(error))?;
    let unfinished = Unfinished::new(file.path());
    slot.hand_down_permissions(file.path())?;
    Ok(Target::File { writer: BufWriter::with_capacity(BUFFER, file), slot, unfinished })
}

fn finish(target: Target) -> io::Result<()> {
    match target {
        Target::Stream(mut writer) => writer.flush(),
        Target::File { writer, slot, unfinished } => {
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            // The bytes before the name, so that a power cut leaves the older file or the whole new one.
            file.as_file().sync_all()?;
            file.persist(&slot.path).map_err(|error| error.error)?;
            drop(unfinished);
            slot.sync_folder();
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
