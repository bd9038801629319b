//! A project in a temporary folder, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::command::Invocation;
use crate::output::Output;
use crate::processes::{self, Process};
use crate::redact::Redactions;

/// A project of its own, in a folder of its own, with a user of its own (`ada`).
pub struct Sandbox {
    program: PathBuf,
    folder: TempDir,
    project: PathBuf,
    environment: BTreeMap<String, String>,
    redactions: Redactions,
}

impl Sandbox {
    /// An empty project, for which `program` will be run.
    pub fn new(program: &str) -> Sandbox {
        let folder = tempfile::Builder::new().prefix("mpctl-sandbox-").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (project, home) = (root.join("project"), root.join("home"));
        fs::create_dir(&project).unwrap();
        fs::create_dir(&home).unwrap();
        let home = home.to_str().unwrap().to_owned();
        let environment = [
            ("HOME", home.as_str()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("USER", "ada"),
            ("LC_ALL", "C"),
            ("COLUMNS", "240"),
        ];
        let environment =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let program = PathBuf::from(program);
        let mut redactions = Redactions::default();
        redactions.name(project.to_str().unwrap(), "[PROJECT]");
        redactions.name(root.to_str().unwrap(), "[SANDBOX]");
        redactions.name(program.to_str().unwrap(), "[MPCTL]");
        Sandbox { program, folder, project, environment, redactions }
    }

    /// A project with one file, `main.hcl` or `main.yaml` by the look of it.
    pub fn with(program: &str, spec: &str) -> Sandbox {
        let sandbox = Sandbox::new(program);
        sandbox.spec(spec);
        sandbox
    }

    /// Sets the one file of the spec, `main.hcl` or `main.yaml` by the look of it.
    pub fn spec(&self, text: &str) {
        let name = if text.contains("apiVersion:") { "main.yaml" } else { "main.hcl" };
        self.write(name, text);
    }

    /// The project's folder.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Something in the project's folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.project.join(path)
    }

    /// The folder around the project's: the place for what is not the project's.
    pub fn outside(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// Writes a file of the project, folders included.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a script that a shell runs, and makes it executable.
    pub fn script(&self, path: impl AsRef<Path>, body: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(&path, format!("#!/bin/sh\n{body}"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(path), executable).unwrap();
    }

    /// The text of a file of the project.
    #[track_caller]
    pub fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Whether there is such a file or folder in the project.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.path(path).exists()
    }

    /// Takes a file of the project away.
    pub fn remove(&self, path: impl AsRef<Path>) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Replaces a text in a file, which must hold it.
    #[track_caller]
    pub fn edit(&self, path: impl AsRef<Path>, old: &str, new: &str) {
        let text = self.read(&path);
        assert!(text.contains(old), "{} does not hold {old:?}", path.as_ref().display());
        self.write(path, text.replace(old, new));
    }

    /// Copies a folder, with what is in it, into the project.
    pub fn copy(&self, from: impl AsRef<Path>) {
        copy(from.as_ref(), &self.project);
    }

    /// Every file and folder of the project, `.mpctl` aside, sorted.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.project, &self.project, &mut found);
        found.sort();
        found
    }

    /// Sets a variable of the environment for all that is run from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.into(), value.into());
    }

    /// From now on snapshots show `name` where the program says `text`.
    pub fn redact(&mut self, text: &str, name: &str) {
        self.redactions.name(text, name);
    }

    /// Runs `mpctl` to its end.
    #[track_caller]
    pub fn run<const N: usize>(&self, arguments: [&str; N]) -> Output {
        self.mpctl(arguments).run()
    }

    /// `mpctl apply --auto-approve`, which must succeed.
    #[track_caller]
    pub fn apply(&self) -> Output {
        self.run(["apply", "--auto-approve"]).succeeds()
    }

    /// `mpctl destroy --auto-approve`, which must succeed.
    #[track_caller]
    pub fn destroy(&self) -> Output {
        self.run(["destroy", "--auto-approve"]).succeeds()
    }

    /// `mpctl plan`, which must succeed.
    #[track_caller]
    pub fn plan(&self) -> Output {
        self.run(["plan"]).succeeds()
    }

    /// The plan, in the shape of `show --json PLAN`.
    #[track_caller]
    pub fn plan_json<const N: usize>(&self, arguments: [&str; N]) -> Json {
        let file = self.outside().join("plan-json.mpplan");
        let file = file.to_str().unwrap();
        self.mpctl(["plan", "--out", file]).arguments(arguments).run().succeeds();
        self.run(["show", "--json", file]).succeeds().json()
    }

    /// A run of `mpctl`, to be adorned and started.
    pub fn mpctl<const N: usize>(&self, arguments: [&str; N]) -> Invocation {
        let invocation = Invocation::new(&self.program, &self.project, self.redactions.clone());
        let invocation = invocation.arguments(arguments).timeout(Duration::from_secs(120));
        self.environment
            .iter()
            .fold(invocation, |invocation, (name, value)| invocation.env(name, value))
    }

    /// What a line for the shell says on both streams, in the project's folder and the sandbox's environment.
    pub fn shell(&self, line: &str) -> String {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", line]).current_dir(&self.project).env_clear().envs(&self.environment);
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&both).into_owned()
    }

    /// The processes that work for this project and are still there.
    pub fn processes(&self) -> Vec<Process> {
        processes::of_folder(&self.outside())
    }

    /// The supervised process of a service, by environment and name (`api-0`), once it is up.
    #[track_caller]
    pub fn service(&self, environment: &str, name: &str) -> Service {
        let what = format!("service {environment}/{name} is up");
        crate::eventually(&what, Duration::from_secs(20), || {
            let path = format!(".mpctl/process/{environment}/{name}/state.json");
            let text = fs::read_to_string(self.path(path)).ok()?;
            let record: Json = serde_json::from_str(&text).ok()?;
            Some(Service {
                supervisor: processes::identified(&record["supervisor"])?,
                child: processes::identified(&record["child"])?,
            })
        })
    }
}

/// The two processes of a supervised service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Service {
    /// The one that watches.
    pub supervisor: Process,
    /// The one that is watched.
    pub child: Process,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        processes::end_all(&self.outside());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == ".mpctl" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn list(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if name == ".mpctl" {
            continue;
        }
        if path.is_dir() {
            list(root, &path, found);
        }
        found.push(name);
    }
}
