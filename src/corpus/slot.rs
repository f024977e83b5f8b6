//! The place of a file that is to be written, looked at before anything is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};

/// Where a whole file will stand.
#[derive(Debug)]
pub(super) struct Slot {
    /// The file itself. A link is followed: what it points to is replaced, and the link stays.
    pub path: PathBuf,
    /// Its folder.
    pub folder: PathBuf,
    /// Those of an older file.
    permissions: Option<fs::Permissions>,
}

impl Slot {
    /// The place at `path`; none when there is a device or a pipe, to which one writes directly.
    pub fn examine(path: &Path) -> Result<Option<Self>> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let permissions = match fs::metadata(&path) {
            Ok(there) if there.is_dir() => {
                let what = "this is a folder; expected the name of a file to write";
                return Err(Error::new(ErrorKind::Io, what));
            }
            Ok(there) if !there.is_file() => return Ok(None),
            Ok(there) if there.permissions().readonly() => {
                return Err(Error::new(ErrorKind::Io, "the file is write-protected")
                    .advise("choose another name, or allow writing to it"));
            }
            there => there.ok().map(|there| there.permissions()),
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let what = format!("the folder {} does not exist", folder.display());
            return Err(Error::new(ErrorKind::Io, what).advise("make it first, or choose another one"));
        }
        let folder = folder.to_path_buf();
        Ok(Some(Self { path, folder, permissions }))
    }

    /// Gives `file`, which is to take the place, the permissions of the older file.
    pub fn hand_down_permissions(&self, file: &Path) -> Result<()> {
        let Some(permissions) = &self.permissions else { return Ok(()) };
        fs::set_permissions(file, permissions.clone())
            .map_err(|error| Error::io("cannot set the permissions", error))
    }

    /// The error of a file that cannot be made in the folder.
    pub fn cannot_write(&self, error: io::Error) -> Error {
        Error::io(format!("cannot write to the folder {}", self.folder.display()), error)
    }

    /// Sees to it that names which were given or taken in the folder outlive a power cut. Not every system can do that, and
    /// the files are whole without it.
    pub fn sync_folder(&self) {
        if let Ok(folder) = fs::File::open(&self.folder) {
            let _ = folder.sync_all();
        }
    }
}

/// The files that are begun and not finished in this process.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn all_unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is worth nothing before it is finished; it is known as such until this is dropped.
#[derive(Debug)]
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    pub fn new(path: &Path) -> Self {
        all_unfinished().insert(path.to_path_buf());
        Self(path.to_path_buf())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        all_unfinished().remove(&self.0);
    }
}

/// Removes the files that this process has begun and not finished: for a program that is about to be ended by a signal. Whoever
/// still writes one of them cannot finish it any more. Those that a checkpoint makes worth keeping stay.
pub fn remove_unfinished() {
    for path in &*all_unfinished() {
        // What is gone already need not be removed, and nobody could do anything about the rest.
        let _ = fs::remove_file(path);
    }
}
