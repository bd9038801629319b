//! Where the things of one service lie, and what services may be called.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpctl_provider::contract::ProjectContext;

/// The longest name of a service: a workload's name (63) with an index, and a margin.
const LONGEST_NAME: usize = 80;

/// The variable that tells a process, and whoever cleans up after it, which service it belongs to: the service's
/// folder.
pub(crate) const SERVICE_VARIABLE: &str = "MPCTL_SERVICE";

/// Whether a service may have this name; it becomes the name of a folder.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with(['.', '-'])
        && name.bytes().all(fits)
}

/// The places of one environment.
#[derive(Clone)]
pub(crate) struct Places {
    project: ProjectContext,
    log_dir: Option<PathBuf>,
}

impl Places {
    /// The places of the project's environment; `log_dir` is where logs go if not to the usual folder.
    pub(crate) fn new(project: ProjectContext, log_dir: Option<PathBuf>) -> Places {
        Places { project, log_dir }
    }

    /// The project.
    pub(crate) fn project(&self) -> &ProjectContext {
        &self.project
    }

    /// The id of the service called `name`.
    pub(crate) fn id(&self, name: &str) -> String {
        format!("{}/{name}", self.project.environment)
    }

    /// The service with this id; `None` where it is no id. A service may have moved here from another
    /// environment: it keeps its id.
    pub(crate) fn of_id(&self, id: &str) -> Option<Place> {
        let (environment, name) = id.split_once('/')?;
        let folder = self.project.private.join("process").join(environment).join(name);
        (is_name(environment) && is_name(name)).then(|| Place { name: name.into(), folder })
    }

    /// The service called `name`.
    pub(crate) fn of_name(&self, name: &str) -> Place {
        Place { name: name.into(), folder: self.environment_folder().join(name) }
    }

    /// The folders of all services of this environment that have one.
    pub(crate) fn all(&self) -> Vec<Place> {
        Self::within(&self.environment_folder())
    }

    /// The folders of the services of all environments of the project.
    pub(crate) fn of_all_environments(&self) -> Vec<Place> {
        let environments = fs::read_dir(self.project.private.join("process")).into_iter().flatten();
        environments.flatten().flat_map(|entry| Self::within(&entry.path())).collect()
    }

    fn within(folder: &Path) -> Vec<Place> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names
            .filter(|name| is_name(name))
            .map(|name| Place { folder: folder.join(&name), name: name.into() })
            .collect()
    }

    fn environment_folder(&self) -> PathBuf {
        self.project.private.join("process").join(self.project.environment.as_ref())
    }

    /// Where the service called `name` logs if nothing else is said, relative to the project's folder where
    /// it lies in there.
    pub(crate) fn usual_log_file(&self, name: &str) -> PathBuf {
        let folder = match &self.log_dir {
            Some(folder) => folder.clone(),
            None => {
                let logs = self.project.private.join("logs");
                logs.strip_prefix(&self.project.root).map(Path::to_owned).unwrap_or(logs)
            }
        };
        folder.join(self.project.environment.as_ref()).join(format!("{name}.log"))
    }

    /// A path of the user's, relative to the project's folder.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        self.project.root.join(path)
    }
}

/// The place of one service: its private folder. The folder is the object: while it is there, so is the
/// service, running or not.
#[derive(Clone)]
pub(crate) struct Place {
    /// The service's name within its environment.
    pub(crate) name: Arc<str>,
    /// Its folder.
    pub(crate) folder: PathBuf,
}

impl Place {
    /// The service's id: `ENVIRONMENT/NAME`.
    pub(crate) fn id(&self) -> String {
        let environment = self.folder.parent().and_then(Path::file_name).unwrap_or_default();
        format!("{}/{}", environment.to_string_lossy(), self.name)
    }

    /// Makes the folder, for its owner only. Answers whether it was not there before.
    pub(crate) fn make(&self) -> io::Result<bool> {
        if let Some(parent) = self.folder.parent() {
            fs::create_dir_all(parent)?;
        }
        match fs::DirBuilder::new().mode(0o700).create(&self.folder) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the folder is there.
    pub(crate) fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Removes the folder and what is in it, and the folders above it that are empty then. Gone already is
    /// fine.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for above in self.folder.ancestors().skip(1).take(2) {
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The supervisor's record.
    pub(crate) fn record(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// Locked by the supervisor while it lives.
    pub(crate) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// What the supervisor itself has to say.
    pub(crate) fn supervisor_log(&self) -> PathBuf {
        self.folder.join("supervisor.log")
    }

    /// The files that the service is given.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_step_of_a_path() {
        for good in ["api-0", "web", "_x", "a.b", &"w".repeat(80)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "-x", "ä", "a b", &"w".repeat(81)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
