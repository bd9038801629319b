//! Writing a file whole or not at all.
//!
//! The bytes go to a temporary file in the same folder, which is synced and renamed over the target; then the
//! folder is synced. The temporary file's name follows from the target's, so that one left by a crash is
//! cleared away by the next write or delete of the same file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::content::hex;
use crate::permission::Mode;

/// What is to be written.
pub(crate) struct Target<'a> {
    /// Where.
    pub(crate) path: &'a Path,
    /// What.
    pub(crate) bytes: &'a [u8],
    /// The mode of the file.
    pub(crate) mode: Mode,
    /// The mode of folders that have to be made.
    pub(crate) directory_mode: Mode,
    /// Whether there must be nothing yet; if there is, the error is [`ErrorKind::AlreadyExists`].
    pub(crate) new: bool,
}

impl Target<'_> {
    /// Writes the file. On an error nothing has changed but that folders may have been made.
    pub(crate) fn write(&self) -> io::Result<()> {
        let folder = folder_of(self.path);
        make_folders(folder, self.directory_mode)?;
        let temporary = temporary(self.path);
        remove_if_there(&temporary)?;
        let written = self.write_temporary(&temporary).and_then(|()| self.put_in_place(&temporary));
        if written.is_err() {
            let _ = remove_if_there(&temporary);
            return written;
        }
        sync_folder(folder)
    }

    fn write_temporary(&self, temporary: &Path) -> io::Result<()> {
        // Never wider than the final mode, not even for an instant.
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(self.mode.bits()).open(temporary)?;
        file.write_all(self.bytes)?;
        self.mode.set(&file)?;
        file.sync_all()
    }

    fn put_in_place(&self, temporary: &Path) -> io::Result<()> {
        if !self.new {
            return std::fs::rename(temporary, self.path);
        }
        match renameat_with(CWD, temporary, CWD, self.path, RenameFlags::NOREPLACE) {
            // The file system does not know the flag.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                if self.path.symlink_metadata().is_ok() {
                    return Err(ErrorKind::AlreadyExists.into());
                }
                std::fs::rename(temporary, self.path)
            }
            renamed => renamed.map_err(io::Error::from),
        }
    }
}

/// Deletes a file and what a crash may have left beside it. One that is gone is no error.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    let folder = folder_of(path);
    remove_if_there(&temporary(path))?;
    remove_if_there(path)?;
    match sync_folder(folder) {
        Err(error) if is_absence(&error) => Ok(()),
        synced => synced,
    }
}

/// Makes `folder` and what is missing above it. Each new folder has the mode `mode`.
pub(crate) fn make_folders(folder: &Path, mode: Mode) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|folder| !folder.is_dir()).collect::<Vec<_>>();
    for folder in missing.into_iter().rev() {
        match DirBuilder::new().mode(mode.bits()).create(folder) {
            // Another step may have been quicker.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if folder.is_dir() {
                    continue;
                }
                let summary = format!("{} is not a directory", folder.display());
                return Err(io::Error::new(ErrorKind::NotADirectory, summary));
            }
            made => made?,
        }
        mode.set(&File::open(folder)?)?;
        sync_folder(folder_of(folder))?;
    }
    Ok(())
}

/// Makes what was done to the entries of `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that `path` lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// Whether the error says that the thing is not there.
pub(crate) fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if is_absence(&error) => Ok(()),
        removed => removed,
    }
}

fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    folder_of(path).join(format!(".mpctl-{}.tmp", &hex(&Sha256::digest(name))[..16]))
}
