//! Reads spec files: finds them, reads each within limits, and hands their texts to [`crate::spec::read`].
//!
//! This is the first of the four crossings to the outside. Everything that goes wrong becomes a diagnostic
//! with the file's name; what could be read is handed on all the same.

mod file;
mod walk;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::{FileId, Sources};
use crate::spec::decode::Origin;
use crate::spec::document::Documents;
use crate::spec::form::{Content, Form};
use crate::spec::read::{Read, Reader, Skipped};
use crate::spec::variables::{self, VariableFile};

/// What reading may take. The defaults suit any project that people write by hand.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// All files together, in bytes.
    pub total_bytes: u64,
    /// How many spec files there may be.
    pub files: usize,
    /// How many entries of folders are looked at.
    pub entries: usize,
    /// How deep folders may nest.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 64 << 20,
            total_bytes: 512 << 20,
            files: 50_000,
            entries: 1_000_000,
            depth: 64,
        }
    }
}

/// What to read.
#[derive(Clone, Debug)]
pub struct Request {
    /// The project's folder.
    pub root: PathBuf,
    /// Files and folders to read instead of the whole folder, relative to it; `-` is the standard input.
    pub files: Vec<PathBuf>,
    /// The standard input is HCL, not YAML.
    pub hcl: bool,
    /// What reading may take.
    pub limits: Limits,
}

impl Request {
    /// Everything in a project's folder.
    pub fn folder(root: impl Into<PathBuf>) -> Request {
        Request { root: root.into(), files: Vec::new(), hcl: false, limits: Limits::default() }
    }
}

/// What was read.
#[derive(Debug)]
pub struct ReadSpec {
    /// Every text that was read.
    pub sources: Sources,
    /// The documents.
    pub documents: Documents,
    /// The files of values for variables.
    pub variable_files: Vec<VariableFile>,
    /// Documents that are none of ours.
    pub skipped: Vec<Skipped>,
    /// What is wrong.
    pub diagnostics: Diagnostics,
}

/// Reads all spec files that the request names. `standard_input` is read only if `-` is among them.
pub fn read_spec(request: &Request, standard_input: &mut dyn std::io::Read) -> ReadSpec {
    let mut reading = Reading {
        request,
        sources: Sources::new(),
        reader: Reader::new(),
        diagnostics: Diagnostics::default(),
        bytes: 0,
        files: 0,
        specs: 0,
    };
    if request.files.is_empty() {
        reading.folder(&request.root);
    }
    for named in &request.files {
        reading.named(named, standard_input);
    }
    reading.finish()
}

/// Reads a file of values for variables (`--var-file`); its text joins `sources`.
pub fn read_variable_file(
    path: &Path,
    limits: &Limits,
    sources: &mut Sources,
) -> (Option<VariableFile>, Diagnostics) {
    let name = path.to_string_lossy().into_owned();
    match file::read(path, &name, limits.file_bytes) {
        Ok(bytes) => match file::decode(bytes, &name, sources) {
            Ok(id) => {
                let text = sources.get(id).map(|source| source.text.clone()).unwrap_or_default();
                let (read, found) = variables::read(id, &text, Form::of_variables(&name), None);
                (Some(read), found)
            }
            Err(diagnostic) => (None, (*diagnostic).into()),
        },
        Err(diagnostic) => (None, (*diagnostic).into()),
    }
}

struct Reading<'a> {
    request: &'a Request,
    sources: Sources,
    reader: Reader,
    diagnostics: Diagnostics,
    bytes: u64,
    files: usize,
    /// Files that may hold documents.
    specs: usize,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path) {
        let root = &self.request.root;
        let found = walk::walk(root, folder, &self.request.limits);
        self.diagnostics.append(found.diagnostics);
        for spec in found.files {
            if self.over_limits(&spec.name) {
                return;
            }
            self.file(&spec.path, &spec.name, &spec.form, false);
        }
    }

    /// A file, a folder or the standard input that the user named.
    fn named(&mut self, named: &Path, standard_input: &mut dyn std::io::Read) {
        if named == Path::new("-") {
            return self.standard_input(standard_input);
        }
        let path = self.request.root.join(named);
        if path.is_dir() {
            return self.folder(&path);
        }
        let name = named.to_string_lossy();
        let form = Form::of_named(&name);
        self.file(&path, &name, &form, true);
    }

    fn standard_input(&mut self, standard_input: &mut dyn std::io::Read) {
        let name = "<stdin>";
        let limit = self.request.limits.file_bytes;
        let mut bytes = Vec::new();
        let form = Form::of_named(if self.request.hcl { "-.hcl" } else { "-.yaml" });
        match standard_input.take(limit + 1).read_to_end(&mut bytes) {
            Err(error) => self.diagnostics.push(file::unreadable(name, &error)),
            Ok(_) if bytes.len() as u64 > limit => {
                self.diagnostics.push(file::too_large(name, None, limit));
            }
            Ok(_) => self.bytes(bytes, name, &form, true),
        }
    }

    fn file(&mut self, path: &Path, name: &str, form: &Form, explicit: bool) {
        match file::read(path, name, self.request.limits.file_bytes) {
            Ok(bytes) => self.bytes(bytes, name, form, explicit),
            Err(diagnostic) => self.diagnostics.push(*diagnostic),
        }
    }

    fn bytes(&mut self, bytes: Vec<u8>, name: &str, form: &Form, explicit: bool) {
        self.files += 1;
        self.bytes += bytes.len() as u64;
        self.specs += usize::from(form.content == Content::Documents);
        match file::decode(bytes, name, &mut self.sources) {
            Ok(file) => {
                let text = self.sources.get(file).map(|source| source.text.clone());
                let text = text.unwrap_or_default();
                self.reader.add(Origin { file, text: &text, explicit }, form);
            }
            Err(diagnostic) => self.diagnostics.push(*diagnostic),
        }
    }

    fn over_limits(&mut self, name: &str) -> bool {
        let Limits { total_bytes, files, .. } = self.request.limits;
        let summary = if self.bytes > total_bytes {
            format!("the spec files are more than {} MiB together", total_bytes >> 20)
        } else if self.files >= files {
            format!("there are more than {files} spec files")
        } else {
            return false;
        };
        let hint = "name the files with `-f`, or leave folders out with a `.mpctlignore` file";
        self.diagnostics.push(
            Diagnostic::error(code::LIMIT, summary)
                .detail(format!("{name} and the files after it have not been read."))
                .hint(hint),
        );
        true
    }

    fn finish(mut self) -> ReadSpec {
        let Read { documents, variable_files, skipped, diagnostics } = self.reader.finish();
        self.diagnostics.append(diagnostics);
        if is_empty(&documents) && !self.diagnostics.has_errors() {
            self.diagnostics.push(no_spec(self.request, self.specs, &skipped, &self.sources));
        }
        ReadSpec {
            sources: self.sources,
            documents,
            variable_files,
            skipped,
            diagnostics: self.diagnostics,
        }
    }
}

fn is_empty(documents: &Documents) -> bool {
    let Documents {
        project,
        environments,
        workloads,
        resources,
        data,
        variables,
        locals,
        outputs,
        secrets,
        moved,
        removed,
        imports,
        checks,
    } = documents;
    project.is_none()
        && environments.is_empty()
        && workloads.is_empty()
        && resources.is_empty()
        && data.is_empty()
        && variables.is_empty()
        && locals.is_empty()
        && outputs.is_empty()
        && secrets.is_empty()
        && moved.is_empty()
        && removed.is_empty()
        && imports.is_empty()
        && checks.is_empty()
}

fn no_spec(request: &Request, specs: usize, skipped: &[Skipped], sources: &Sources) -> Diagnostic {
    if !request.files.is_empty() {
        return Diagnostic::error(code::NO_SPEC, "the named files declare nothing")
            .hint("write a document, beginning with `apiVersion: mpctl/v1`");
    }
    let root = request.root.display();
    let looked = "`*.yaml`, `*.yml`, `*.hcl` and `*.mpctl.json`, in this folder and those below it, but not \
                  names that begin with `.` or what `.mpctlignore` names";
    let found = match (specs, skipped) {
        (0, _) => "No such file was found.".to_owned(),
        (1, [one, ..]) => format!("One was found: {}: {}.", place(sources, one), one.reason),
        (many, [one, ..]) => format!(
            "{many} such files were found, none with a document of ours ({}: {}).",
            place(sources, one),
            one.reason
        ),
        (many, []) => format!("{many} such files were found, and they declare nothing."),
    };
    Diagnostic::error(code::NO_SPEC, format!("there is no spec in {root}"))
        .detail(format!("Looked for {looked}. {found}"))
        .hint("go to the project's folder, name it with `-C`, or write a first document")
}

fn place(sources: &Sources, skipped: &Skipped) -> String {
    let file: FileId = skipped.span.file;
    let name = sources.get(file).map_or_else(String::new, |source| source.name.to_string());
    match sources.position(skipped.span).line {
        1 => name,
        line => format!("{name}:{line}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
