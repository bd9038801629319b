//! Documents in both spellings: what they become, and every usual mistake as a user meets it.

mod mistakes_hcl;
mod mistakes_yaml;
mod twins;

use crate::diagnostic::render::{Style, render};
use crate::source::Sources;
use crate::spec::decode::Origin;
use crate::spec::form::Form;
use crate::spec::read::{Read, Reader};

/// Reads one file of this name, as if it had been found in a project's folder.
fn read(name: &str, text: &str) -> (Read, Sources) {
    read_all(&[(name, text)])
}

fn read_all(files: &[(&str, &str)]) -> (Read, Sources) {
    let mut sources = Sources::new();
    let mut reader = Reader::new();
    for (name, text) in files {
        let file = sources.add(*name, *text);
        let form = Form::of_found(name).unwrap();
        reader.add(Origin { file, text, explicit: false }, &form);
    }
    (reader.finish(), sources)
}

/// All that is said about a file.
fn mistakes(name: &str, text: &str) -> String {
    let (read, sources) = read(name, text);
    render(&read.diagnostics, &sources, Style::default())
}

/// All that is said about the `spec` of one YAML document, which is given in lines without indentation.
fn mistakes_in(kind: &str, spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    let text =
        format!("apiVersion: mpctl/v1\nkind: {kind}\nmetadata: {{ name: api }}\nspec:\n{spec}");
    mistakes("shop.yaml", &text)
}
