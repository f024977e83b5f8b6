//! A file that takes hours to write, so that what is there of it must outlive the run.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::slot::{Slot, Unfinished};
use crate::error::{Error, ErrorKind, Place, Result};

/// A file that is being written, with a checkpoint from which a later run can go on.
///
/// What is written to `out.csv` goes to `.out.csv.stancewire-part` in the same folder, which takes the target's place in one step
/// when [`PartFile::finish`] is called. Until then an older file stays as it was. [`PartFile::save`] puts a checkpoint beside it;
/// from then on both outlive a run that fails or is ended from outside. A run without a checkpoint leaves nothing behind, unless it
/// is killed: then its part file is replaced by the next run.
///
/// While it is open it is locked: of two runs that write the same file the second is refused.
///
/// **Power cuts.** The bytes are on the disk before the checkpoint that counts them, and before the target has its name.
///
/// ```
/// use std::io::Write;
/// use stancewire::corpus::PartFile;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("out.csv");
/// let mut part = PartFile::open(path.to_str().unwrap())?.unwrap();
/// part.begin()?;
/// part.write_all(b"id,label\n1,no").unwrap();
/// part.save(b"9 bytes").unwrap();
/// drop(part);
///
/// let mut part = PartFile::open(path.to_str().unwrap())?.unwrap();
/// assert_eq!(part.checkpoint(), Some(&b"9 bytes"[..]));
/// part.go_on(9)?;
/// part.write_all(b"1,none\n").unwrap();
/// assert!(!path.exists());
/// part.finish()?;
/// assert_eq!(std::fs::read(&path).unwrap(), b"id,label\n1,none\n");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug)]
pub struct PartFile {
    name: String,
    slot: Slot,
    /// Not buffered: what writes here writes large blocks.
    file: File,
    path: PathBuf,
    checkpoint_path: PathBuf,
    checkpoint: Option<Vec<u8>>,
    /// There as long as the file is worth nothing without this run.
    unfinished: Option<Unfinished>,
}

/// A longer checkpoint is not read: it is none.
const MAX_CHECKPOINT_BYTES: u64 = 16 * 1024 * 1024;

impl PartFile {
    /// Takes hold of the part file that belongs to `path`, and makes it if there is none. Nothing in it is changed yet. None when
    /// `path` is standard output (`-`), a device or a pipe, which have no parts.
    ///
    /// # Errors
    /// As for [`Output::create`](super::Output::create); [`ErrorKind::Io`] when another process holds it.
    pub fn open(path: &str) -> Result<Option<Self>> {
        if path == "-" {
            return Ok(None);
        }
        let at = |error: Error| error.at(Place::file(path));
        let Some(slot) = Slot::examine(Path::new(path)).map_err(at)? else { return Ok(None) };
        Self::hold(path, slot).map(Some).map_err(at)
    }

    fn hold(name: &str, slot: Slot) -> Result<Self> {
        let (path, checkpoint_path) = (beside(&slot, "part"), beside(&slot, "checkpoint"));
        let (file, is_new) = lock(&path, &slot)?;
        // A checkpoint without its part file says nothing.
        let checkpoint = if is_new { None } else { read_checkpoint(&checkpoint_path) };
        // Without a checkpoint it is what a run left behind that was killed in its first seconds.
        let unfinished = checkpoint.is_none().then(|| Unfinished::new(&path));
        Ok(Self { name: name.to_owned(), slot, file, path, checkpoint_path, checkpoint, unfinished })
    }

    /// The checkpoint of an earlier run that was stopped.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&[u8]> {
        self.checkpoint.as_deref()
    }

    /// What messages call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins an empty file; what an earlier run left is gone.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the folder cannot be written to.
    pub fn begin(&mut self) -> Result<()> {
        self.unfinished.get_or_insert_with(|| Unfinished::new(&self.path));
        self.checkpoint = None;
        self.remove_checkpoint();
        self.slot.hand_down_permissions(&self.path).map_err(|error| error.at(Place::file(&self.name)))?;
        self.cut(0).map_err(|error| self.error(error))
    }

    /// Keeps the first `bytes` bytes, which are lines, and goes on behind them.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when there are fewer, or when they do not end with a line.
    pub fn go_on(&mut self, bytes: u64) -> Result<()> {
        let there = self.file.metadata().map_err(|error| self.error(error))?.len();
        if there < bytes || !self.ends_a_line(bytes).map_err(|error| self.error(error))? {
            let what = format!("{} is not the file that its checkpoint tells of", self.path.display());
            return Err(Error::new(ErrorKind::Io, what)
                .at(Place::file(&self.name))
                .advise("begin anew, without --resume"));
        }
        self.cut(bytes).map_err(|error| self.error(error))
    }

    fn ends_a_line(&mut self, bytes: u64) -> io::Result<bool> {
        if bytes == 0 {
            return Ok(true);
        }
        let mut last = [0];
        self.file.seek(SeekFrom::Start(bytes - 1))?;
        self.file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    /// Takes off all but the first `bytes` bytes.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::Start(bytes)).map(drop)
    }

    /// Sees to it that all that was written is on the disk.
    ///
    /// # Errors
    /// Those of the operating system: some report a full disk only here.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Puts `checkpoint` beside the file, whole or not at all. An earlier one is replaced.
    ///
    /// # Errors
    /// Those of the operating system; then the earlier one is still there.
    pub fn save(&mut self, checkpoint: &[u8]) -> io::Result<()> {
        self.sync()?;
        let new = self.new_checkpoint();
        // A run that was killed may have left one, and a foreign link of that name is not followed.
        let _ = fs::remove_file(&new);
        let written = write_whole(&new, checkpoint).and_then(|()| fs::rename(&new, &self.checkpoint_path));
        if let Err(error) = written {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        self.checkpoint = Some(checkpoint.to_vec());
        if self.unfinished.take().is_some() {
            self.slot.sync_folder();
        }
        Ok(())
    }

    /// Makes the file visible under its name, with all that was written, and removes the checkpoint.
    ///
    /// # Errors
    /// When the last bytes cannot be written or the file cannot be renamed; nothing is lost then.
    pub fn finish(&mut self) -> Result<()> {
        let renamed = self.file.sync_all().and_then(|()| fs::rename(&self.path, &self.slot.path));
        renamed.map_err(|error| self.error(error))?;
        self.unfinished = None;
        self.checkpoint = None;
        self.remove_checkpoint();
        self.slot.sync_folder();
        Ok(())
    }

    /// What cannot be removed does no harm: it is not read without its part file.
    fn remove_checkpoint(&self) {
        let _ = fs::remove_file(&self.checkpoint_path);
        let _ = fs::remove_file(self.new_checkpoint());
    }

    fn new_checkpoint(&self) -> PathBuf {
        beside(&self.slot, "checkpoint-new")
    }

    /// The error of a write to this file, with its name.
    #[must_use]
    pub fn error(&self, error: io::Error) -> Error {
        Error::io("cannot write the file", error).at(Place::file(&self.name))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if self.unfinished.is_some() {
            // The lock is still held, so this is nobody else's.
            let _ = fs::remove_file(&self.path);
            self.remove_checkpoint();
        }
    }
}

/// `.NAME.stancewire-ENDING` in the folder of NAME.
fn beside(slot: &Slot, ending: &str) -> PathBuf {
    /// File systems allow 255 bytes or more.
    const MOST: usize = 200;
    let mut name = OsString::from(".");
    match slot.path.file_name().unwrap_or_default() {
        long if long.len() > MOST => {
            name.push(format!("{:x}", Sha256::digest(long.as_encoded_bytes())));
        }
        short => name.push(short),
    }
    name.push(".stancewire-");
    name.push(ending);
    slot.folder.join(name)
}

/// The file at `path`, open, locked, and certainly the one that stands there; and whether it was made for this.
fn lock(path: &Path, slot: &Slot) -> Result<(File, bool)> {
    /// Others may make, lock and finish the same file at the same time, but not that often.
    const ATTEMPTS: usize = 20;
    for _ in 0..ATTEMPTS {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let is_new = match fs::symlink_metadata(path) {
            Err(_) => true,
            Ok(there) if there.is_file() && names(&there) == 1 => false,
            // A link may lead to somebody's file.
            Ok(_) => {
                fs::remove_file(path).map_err(|error| slot.cannot_write(error))?;
                continue;
            }
        };
        match options.create_new(is_new).open(path) {
            Err(error) if is_race(&error) => {}
            Err(error) => return Err(slot.cannot_write(error)),
            Ok(file) if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) => return Err(held()),
            // File systems without locks have none to hold.
            Ok(file) if stands_at(&file, path) => return Ok((file, is_new)),
            Ok(_) => {}
        }
    }
    Err(held())
}

fn held() -> Error {
    Error::new(ErrorKind::Io, "another run is writing this file")
        .advise("wait until it is done, or choose another name for the output")
}

fn is_race(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists)
}

/// How many names a file has.
#[cfg(unix)]
fn names(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

/// Whether `file` is what `path` names now: another run may have finished it between our opening and our lock.
#[cfg(unix)]
fn stands_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(there)) => (file.dev(), file.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn stands_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn read_checkpoint(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_CHECKPOINT_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Target {
        folder: tempfile::TempDir,
        path: String,
    }

    fn target() -> Target {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv").to_str().unwrap().to_owned();
        Target { folder, path }
    }

    impl Target {
        fn open(&self) -> PartFile {
            PartFile::open(&self.path).unwrap().unwrap()
        }

        fn begun(&self, bytes: &[u8]) -> PartFile {
            let mut part = self.open();
            part.begin().unwrap();
            part.write_all(bytes).unwrap();
            part
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.folder.path()).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
            names.sort_unstable();
            names
        }

        fn told(&self, error: &Error) -> String {
            error.to_string().replace(self.folder.path().to_str().unwrap(), "DIR")
        }
    }

    #[test]
    fn a_run_without_a_checkpoint_leaves_nothing_behind() {
        let target = target();
        fs::write(&target.path, "older").unwrap();
        drop(target.open());
        drop(target.begun(b"half"));
        assert_eq!(
            (target.names(), fs::read_to_string(&target.path).unwrap()),
            (vec!["out.csv".into()], "older".into())
        );
        target.begun(b"whole").finish().unwrap();
        assert_eq!(
            (target.names(), fs::read_to_string(&target.path).unwrap()),
            (vec!["out.csv".into()], "whole".into())
        );
    }

    #[test]
    fn a_run_with_a_checkpoint_leaves_both_until_one_finishes_or_begins_anew() {
        let target = target();
        target.begun(b"a\nb\nc").save(b"{}").unwrap();
        let both = [".out.csv.stancewire-checkpoint", ".out.csv.stancewire-part"];
        assert_eq!(target.names(), both);
        // Whoever only looks changes nothing.
        drop(target.open());
        assert_eq!(target.names(), both);
        let mut part = target.open();
        assert_eq!(part.checkpoint(), Some(&b"{}"[..]));
        part.go_on(4).unwrap();
        part.write_all(b"d\n").unwrap();
        part.save(b"{ }").unwrap();
        drop(part);
        let mut part = target.open();
        assert_eq!(part.checkpoint(), Some(&b"{ }"[..]));
        part.go_on(6).unwrap();
        part.finish().unwrap();
        assert_eq!(
            (target.names(), fs::read_to_string(&target.path).unwrap()),
            (vec!["out.csv".into()], "a\nb\nd\n".into())
        );
        target.begun(b"x\n").save(b"{}").unwrap();
        target.begun(b"y\n").finish().unwrap();
        assert_eq!(
            (target.names(), fs::read_to_string(&target.path).unwrap()),
            (vec!["out.csv".into()], "y\n".into())
        );
    }

    #[test]
    fn a_checkpoint_without_its_part_is_none() {
        let target = target();
        target.begun(b"a\n").save(b"{}").unwrap();
        fs::remove_file(target.folder.path().join(".out.csv.stancewire-part")).unwrap();
        fs::write(target.folder.path().join(".out.csv.stancewire-checkpoint-new"), "{").unwrap();
        assert_eq!(target.open().checkpoint(), None);
        assert_eq!(target.names(), Vec::<String>::new());
    }

    #[test]
    fn a_part_that_is_not_what_the_checkpoint_says_is_refused() {
        let target = target();
        target.begun(b"a\nb").save(b"{}").unwrap();
        let error = target.open().go_on(4).unwrap_err();
        assert_eq!(target.told(&error), target.told(&target.open().go_on(3).unwrap_err()));
        insta::assert_snapshot!(target.told(&error), @r"
        DIR/out.csv: DIR/.out.csv.stancewire-part is not the file that its checkpoint tells of
          begin anew, without --resume
        ");
        target.open().go_on(2).unwrap();
    }

    #[test]
    fn two_runs_cannot_write_the_same_file() {
        let target = target();
        let first = target.begun(b"a");
        let error = PartFile::open(&target.path).unwrap_err();
        insta::assert_snapshot!(target.told(&error), @r"
        DIR/out.csv: another run is writing this file
          wait until it is done, or choose another name for the output
        ");
        drop(first);
        target.open();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_part_is_not_followed() {
        let target = target();
        let (other, part) =
            (target.folder.path().join("other"), target.folder.path().join(".out.csv.stancewire-part"));
        fs::write(&other, "precious").unwrap();
        std::os::unix::fs::symlink(&other, &part).unwrap();
        target.begun(b"new").finish().unwrap();
        fs::hard_link(&other, &part).unwrap();
        target.begun(b"new").finish().unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
    }

    #[test]
    fn a_name_of_any_length_has_a_part() {
        let folder = tempfile::tempdir().unwrap();
        for length in [199, 200, 201, 255] {
            let path = folder.path().join("x".repeat(length));
            let mut part = PartFile::open(path.to_str().unwrap()).unwrap().unwrap();
            part.begin().unwrap();
            part.save(b"{}").unwrap();
            part.finish().unwrap();
            assert!(path.exists());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }
}
