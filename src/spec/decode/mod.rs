//! From the syntax tree to typed documents: which kinds there are, which keys each has, what must be written
//! out. Both spellings go through the same code, over tables; only the envelope differs.
//!
//! Every mistake of a document is reported, in the spelling that it is written in, and a document with mistakes
//! still counts as declared, so that what refers to it is not reported too. Nothing is evaluated here.

mod condition;
mod envelope;
mod environment;
mod fixed;
mod kind;
mod project;
mod reference;
mod resource;
mod shape;
mod small;
mod spelling;
mod table;
mod variable;
mod workload;

use std::collections::HashMap;
use std::sync::Arc;

use super::document::Documents;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::{FileId, Span};
use crate::spec::syntax::{Attribute, Body, Expr, Name};
use crate::spec::yaml::YamlDocument;

pub use kind::Kind;
pub use spelling::Spelling;

use table::{Content, Table};

/// Where a document comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'text> {
    /// The file.
    pub file: FileId,
    /// All of its text.
    pub text: &'text str,
    /// It is certainly meant for us: named with `-f`, or by its ending. What is no spec is an error then.
    pub explicit: bool,
}

/// A document that is none of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Where it is.
    pub span: Span,
    /// Why it is none of ours.
    pub reason: String,
}

/// Decodes documents one after the other.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What has been decoded.
    pub documents: Documents,
    /// What was wrong with it.
    pub diagnostics: Diagnostics,
    /// Documents that are none of ours.
    pub skipped: Vec<Skipped>,
    names: HashMap<(Kind, Arc<str>), Span>,
}

/// What the decoding of one document needs to know and where its mistakes go.
struct Context<'text> {
    spelling: Spelling,
    origin: Origin<'text>,
    diagnostics: Diagnostics,
}

impl Context<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The word or character with which a stretch begins: what is marked where something is missing.
    fn first_word(&self, span: Span) -> Span {
        let text = self.origin.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let word = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        Span { end: (span.start + word.max(1) as u32).min(span.end.max(span.start)), ..span }
    }
}

/// What every document has.
struct Head {
    kind: Kind,
    /// Its name; empty if it has none, or if it was malformed and has been reported.
    name: Name,
    /// The type of a resource that is written as a label.
    type_label: Option<Name>,
    /// Labels from YAML's `metadata`.
    labels: Option<Expr>,
    /// The whole document.
    span: Span,
}

impl Decoder {
    /// A decoder that has seen nothing yet.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// Decodes one document of a YAML or JSON file, or skips it if it is none of ours.
    pub fn add_yaml(&mut self, origin: Origin<'_>, document: YamlDocument) {
        let mut context =
            Context { spelling: Spelling::Yaml, origin, diagnostics: document.diagnostics };
        match envelope::open(&mut context, document.root, document.span) {
            envelope::Opened::Ours(head, table) => self.decode(&mut context, head, table),
            envelope::Opened::Bad => {}
            envelope::Opened::NotOurs { reason, warning } => {
                // What is wrong with other people's documents is none of our business.
                context.diagnostics = warning.into_iter().collect();
                self.skipped.push(Skipped { span: document.span, reason });
            }
        }
        self.diagnostics.append(context.diagnostics);
    }

    /// Decodes all blocks of an HCL file.
    pub fn add_hcl(&mut self, origin: Origin<'_>, body: Body) {
        let mut context =
            Context { spelling: Spelling::Hcl, origin, diagnostics: Diagnostics::default() };
        for attribute in body.attributes {
            context.report(
                Diagnostic::error(
                    code::UNKNOWN_KEY,
                    format!("attribute `{}` stands outside of any block", attribute.name.text),
                )
                .at(attribute.name.span, "no block is open here")
                .hint("named values go into `locals { … }`; values of variables into NAME.auto.vars.hcl"),
            );
        }
        for block in body.blocks {
            if let Some((head, table)) = envelope::open_block(&mut context, block) {
                self.decode(&mut context, head, table);
            }
        }
        self.diagnostics.append(context.diagnostics);
    }

    fn decode(&mut self, context: &mut Context<'_>, head: Head, table: Table) {
        if head.kind.is_named() && !self.claim_name(context, &head) {
            // Only its mistakes count: a second one of a name would be taken for the first.
            return Decoder::default().push(context, head, table);
        }
        self.push(context, head, table);
    }

    /// Takes the document's name for it; reports and refuses if it is malformed or taken.
    fn claim_name(&mut self, context: &mut Context<'_>, head: &Head) -> bool {
        if head.name.text.is_empty() {
            return false;
        }
        let key = (head.kind, head.name.text.clone());
        if let Some(first) = self.names.get(&key) {
            context.report(duplicate_name(head.kind.word(), &head.name, *first));
            return false;
        }
        self.names.insert(key, head.name.span);
        if let (Kind::Project, Some(first)) = (head.kind, &self.documents.project) {
            context.report(second_project(&head.name, &first.name));
            return false;
        }
        true
    }

    fn push(&mut self, context: &mut Context<'_>, head: Head, table: Table) {
        let documents = &mut self.documents;
        match head.kind {
            Kind::Project => {
                let project = project::decode(context, head, table);
                documents.project.get_or_insert(project);
            }
            Kind::Environment => {
                documents.environments.push(environment::decode(context, head, table));
            }
            Kind::Workload => documents.workloads.push(workload::decode(context, head, table)),
            Kind::Resource => documents.resources.push(resource::decode(context, head, table)),
            Kind::Data => documents.data.push(resource::decode(context, head, table)),
            Kind::Variable => documents.variables.push(variable::variable(context, head, table)),
            Kind::Locals => self.add_locals(context, table),
            Kind::Output => documents.outputs.push(variable::output(context, head, table)),
            Kind::Secret => documents.secrets.extend(small::secret(context, head, table)),
            Kind::Moved => documents.moved.push(small::moved(context, head, table)),
            Kind::Removed => documents.removed.push(small::removed(context, head, table)),
            Kind::Import => documents.imports.push(small::import(context, head, table)),
            Kind::Check => documents.checks.push(small::check(context, head, table)),
        }
    }

    fn add_locals(&mut self, context: &mut Context<'_>, table: Table) {
        let span = table.span;
        for entry in table.entries {
            context.check_name("a local value", &entry.key);
            if matches!(entry.content, Content::Block(..)) {
                context.report(
                    Diagnostic::error(
                        code::UNKNOWN_KEY,
                        format!("block `{}` cannot stand in locals", entry.key.text),
                    )
                    .at(entry.key.span, "a block")
                    .hint(format!("write `{} = {{ … }}`", entry.key.text)),
                );
                continue;
            }
            let key = (Kind::Locals, entry.key.text.clone());
            if let Some(first) = self.names.get(&key) {
                // Within one block the parser has reported it.
                if first.file != span.file || !(span.start..span.end).contains(&first.start) {
                    context.report(duplicate_name("local value", &entry.key, *first));
                }
                continue;
            }
            self.names.insert(key, entry.key.span);
            let attribute = Attribute { name: entry.key, value: entry.content.into_expr() };
            self.documents.locals.push(attribute);
        }
    }
}

fn duplicate_name(word: &str, name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(code::DUPLICATE_NAME, format!("{word} \"{}\" is declared twice", name.text))
        .at(name.span, "again here")
        .at(first, "first here")
        .hint("names are unique per kind in a project; rename one of them")
}

fn second_project(name: &Name, first: &Name) -> Diagnostic {
    let summary = format!("\"{}\" is a second project", name.text);
    Diagnostic::error(code::DUPLICATE_NAME, summary)
        .at(name.span, "another project here")
        .at(first.span, "the first one")
        .hint("a folder holds one project; choose another folder with `-C`, or remove one of them")
}

/// The keys that a document of this spelling knows: YAML has lists of tables, HCL has repeated blocks too.
fn plural_only<'a>(context: &Context<'_>, keys: &'a [&'a str]) -> Vec<&'a str> {
    let hcl = context.spelling == Spelling::Hcl;
    keys.iter()
        .copied()
        .filter(|key| hcl || !matches!(*key, "provider" | "override" | "labels"))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
