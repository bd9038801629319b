//! From texts to documents: takes one text after the other, whatever its form, and gathers what they declare.

use super::decode::{Decoder, Origin};
use super::document::Documents;
use super::form::{Content, Form, Syntax};
use super::variables::{self, VariableFile};
use super::{hcl, yaml};
use crate::diagnostic::Diagnostics;

pub use super::decode::Skipped;

/// Gathers the documents of a project.
#[derive(Debug, Default)]
pub struct Reader {
    decoder: Decoder,
    variable_files: Vec<VariableFile>,
}

/// All that the texts of a project declare.
#[derive(Debug)]
pub struct Read {
    /// The documents.
    pub documents: Documents,
    /// The files of values.
    pub variable_files: Vec<VariableFile>,
    /// Documents that are none of ours.
    pub skipped: Vec<Skipped>,
    /// What is wrong, in the order of the texts.
    pub diagnostics: Diagnostics,
}

impl Reader {
    /// A reader that has read nothing yet.
    pub fn new() -> Reader {
        Reader::default()
    }

    /// Reads a text. It is at most `u32::MAX` bytes long.
    pub fn add(&mut self, origin: Origin<'_>, form: &Form) {
        let Origin { file, text, .. } = origin;
        match (&form.content, form.syntax) {
            (Content::Variables { environment }, syntax) => {
                let (read, found) = variables::read(file, text, syntax, environment.clone());
                self.variable_files.push(read);
                self.decoder.diagnostics.append(found);
            }
            (Content::Documents, Syntax::Hcl) => {
                let (body, found) = hcl::parse_file(file, text);
                self.decoder.diagnostics.append(found);
                self.decoder.add_hcl(origin, body);
            }
            (Content::Documents, Syntax::Json) => {
                let origin = Origin { explicit: true, ..origin };
                self.decoder.add_yaml(origin, yaml::read_json(file, text));
            }
            (Content::Documents, Syntax::Yaml) => {
                for document in yaml::documents(file, text) {
                    self.decoder.add_yaml(origin, document);
                }
            }
        }
    }

    /// Everything that was read.
    pub fn finish(self) -> Read {
        let Decoder { mut documents, mut diagnostics, skipped, .. } = self.decoder;
        // These two kinds are the many; what their vectors hold in reserve would be kept for the whole run.
        documents.resources.shrink_to_fit();
        documents.workloads.shrink_to_fit();
        diagnostics.sort();
        Read { documents, variable_files: self.variable_files, skipped, diagnostics }
    }
}
