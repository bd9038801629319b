//! Finds the spec files of a folder, in the order of their names.
//!
//! Folders behind symbolic links are not entered: what lies inside the project is found where it is, and what
//! lies outside is not to be read. So there are no loops. Nothing that is not a regular file is opened.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Limits;
use super::file;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::spec::form::Form;

/// The file that names what is left out.
const IGNORE_FILE: &str = ".mpctlignore";

/// The longest such file, in bytes.
const IGNORE_FILE_BYTES: u64 = 1 << 20;

/// What a walk has found.
pub(super) struct Found {
    pub(super) files: Vec<SpecFile>,
    pub(super) diagnostics: Diagnostics,
}

/// A file to be read.
pub(super) struct SpecFile {
    pub(super) path: PathBuf,
    /// Relative to the project's folder.
    pub(super) name: String,
    pub(super) form: Form,
}

/// Walks through `folder`, which belongs to the project in `root`.
pub(super) fn walk(root: &Path, folder: &Path, limits: &Limits) -> Found {
    let mut walk = Walk {
        root,
        real_root: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
        limits,
        ignored: Gitignore::empty(),
        entries: 0,
        found: Found { files: Vec::new(), diagnostics: Diagnostics::default() },
    };
    walk.read_ignore_file();
    // Folders are entered from an explicit stack, the first name on top.
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut complete = true;
    while let Some((folder, depth)) = folders.pop() {
        match walk.folder(&folder) {
            Ok(inner) if depth < limits.depth => {
                folders.extend(inner.into_iter().rev().map(|folder| (folder, depth + 1)));
            }
            Ok(inner) if inner.is_empty() => {}
            Ok(_) => walk.too_deep(&folder),
            Err(Stop) => {
                complete = false;
                break;
            }
        }
    }
    if complete {
        walk.found.files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    walk.found
}

/// A limit was passed; reported.
struct Stop;

struct Walk<'a> {
    root: &'a Path,
    real_root: PathBuf,
    limits: &'a Limits,
    ignored: Gitignore,
    entries: usize,
    found: Found,
}

impl Walk<'_> {
    fn read_ignore_file(&mut self) {
        let path = self.root.join(IGNORE_FILE);
        if !path.is_file() {
            return;
        }
        let text = file::read(&path, IGNORE_FILE, IGNORE_FILE_BYTES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| {
                Diagnostic::error(code::NOT_UTF8, format!("{IGNORE_FILE} is not UTF-8")).into()
            })
        });
        let text = match text {
            Ok(text) => text,
            Err(diagnostic) => return self.found.diagnostics.push(*diagnostic),
        };
        let mut builder = GitignoreBuilder::new(self.root);
        for (at, line) in text.lines().enumerate() {
            if let Err(error) = builder.add_line(None, line) {
                let summary = format!("{IGNORE_FILE}:{}: this pattern cannot be read", at + 1);
                self.found.diagnostics.push(
                    Diagnostic::error(code::BAD_VALUE, summary)
                        .detail(error.to_string())
                        .hint("patterns are written as in `.gitignore`"),
                );
            }
        }
        match builder.build() {
            Ok(ignored) => self.ignored = ignored,
            Err(error) => self.found.diagnostics.push(
                Diagnostic::error(code::LIMIT, format!("{IGNORE_FILE} holds too much"))
                    .detail(error.to_string()),
            ),
        }
    }

    /// Reads one folder; gives the folders in it, in the order of their names.
    fn folder(&mut self, folder: &Path) -> Result<Vec<PathBuf>, Stop> {
        let listing = fs::read_dir(folder).and_then(|entries| {
            // One more than allowed is enough to know that there are too many.
            let left = self.limits.entries.saturating_sub(self.entries);
            entries.take(left + 1).collect::<io::Result<Vec<DirEntry>>>()
        });
        let mut entries = match listing {
            Ok(entries) => entries,
            Err(error) => {
                let name = self.name(folder);
                self.found.diagnostics.push(file::unreadable(&name, &error));
                return Ok(Vec::new());
            }
        };
        self.entries += entries.len();
        if self.entries > self.limits.entries {
            self.too_many("entries of folders", self.limits.entries);
            return Err(Stop);
        }
        entries.sort_by_key(DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let Ok(file_type) = entry.file_type() else { continue };
            let path = entry.path();
            if self.ignored.matched(&path, file_type.is_dir()).is_ignore() {
                continue;
            }
            if file_type.is_dir() {
                folders.push(path);
            } else if let Some(form) = name.to_str().and_then(Form::of_found) {
                self.file(path, file_type, form)?;
            }
        }
        Ok(folders)
    }

    fn file(&mut self, path: PathBuf, file_type: FileType, form: Form) -> Result<(), Stop> {
        let name = self.name(&path);
        if file_type.is_symlink() {
            match self.linked(&path) {
                Link::Read => {}
                Link::Skip => return Ok(()),
                Link::Bad(diagnostic) => {
                    self.found.diagnostics.push(*diagnostic);
                    return Ok(());
                }
            }
        } else if !file_type.is_file() {
            self.found.diagnostics.push(not_regular(&name));
            return Ok(());
        }
        if self.found.files.len() >= self.limits.files {
            self.too_many("spec files", self.limits.files);
            return Err(Stop);
        }
        self.found.files.push(SpecFile { path, name, form });
        Ok(())
    }

    /// What to do with a symbolic link whose name is that of a spec file.
    fn linked(&self, path: &Path) -> Link {
        let name = self.name(path);
        let target = match path.canonicalize() {
            Ok(target) => target,
            Err(error) => return Link::Bad(Box::new(broken_link(&name, &error))),
        };
        let Ok(within) = target.strip_prefix(&self.real_root) else {
            return Link::Bad(Box::new(
                Diagnostic::error(
                    code::OUTSIDE_ROOT,
                    format!("{name} is a link to a file outside of the project's folder"),
                )
                .detail(format!("It leads to {}.", target.display()))
                .hint("copy the file into the project, or name it with `-f`"),
            ));
        };
        if !target.is_file() {
            return Link::Bad(Box::new(not_regular(&name)));
        }
        // A target that the walk meets by itself is read there.
        let hidden = within.components().any(|part| match part {
            Component::Normal(part) => part.as_encoded_bytes().starts_with(b"."),
            _ => false,
        });
        let met = !hidden
            && within.file_name().and_then(|n| n.to_str()).and_then(Form::of_found).is_some();
        if met { Link::Skip } else { Link::Read }
    }

    fn name(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        if relative.as_os_str().is_empty() { ".".into() } else { relative.to_string_lossy().into() }
    }

    fn too_many(&mut self, what: &str, limit: usize) {
        let summary = format!("{} has more than {limit} {what}", self.root.display());
        self.found.diagnostics.push(
            Diagnostic::error(code::LIMIT, summary)
                .hint("name the files with `-f`, or leave folders out with a `.mpctlignore` file"),
        );
    }

    fn too_deep(&mut self, folder: &Path) {
        let (name, limit) = (self.name(folder), self.limits.depth);
        self.found.diagnostics.push(
            Diagnostic::error(code::LIMIT, format!("folders nest deeper than {limit} levels"))
                .detail(format!("What lies below {name} has not been looked at.")),
        );
    }
}

enum Link {
    Read,
    Skip,
    Bad(Box<Diagnostic>),
}

fn not_regular(name: &str) -> Diagnostic {
    Diagnostic::error(code::UNREADABLE, format!("{name} is not a regular file"))
        .detail("Pipes, sockets, devices and folders are not read as specs.")
        .hint("remove it, or leave it out with a `.mpctlignore` file")
}

fn broken_link(name: &str, error: &io::Error) -> Diagnostic {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "it leads nowhere".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error(code::UNREADABLE, format!("cannot follow the link {name}: {reason}"))
        .hint("remove the link")
}
