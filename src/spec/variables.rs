//! Files of values for variables: `*.auto.vars.*`, and those named with `--var-file`.

use std::sync::Arc;

use mpctl_provider::Value;

use super::form::Syntax;
use super::syntax::{Attribute, ExprKind, ObjectKey};
use super::{hcl, yaml};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::FileId;

/// Values of variables from one file.
#[derive(Debug)]
pub struct VariableFile {
    /// The file.
    pub file: FileId,
    /// The only environment that they are for.
    pub environment: Option<Arc<str>>,
    /// Variables and their values, each name once.
    pub entries: Vec<Attribute>,
}

/// Reads the values out of a file's text.
pub fn read(
    file: FileId,
    text: &str,
    syntax: Syntax,
    environment: Option<Arc<str>>,
) -> (VariableFile, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let entries = match syntax {
        Syntax::Hcl => hcl_entries(file, text, &mut diagnostics),
        Syntax::Json => yaml_entries(yaml::read_json(file, text), &mut diagnostics),
        Syntax::Yaml => {
            let mut entries = Vec::new();
            for (at, document) in yaml::documents(file, text).enumerate() {
                if at > 0 {
                    diagnostics.push(
                        Diagnostic::error(code::YAML_SYNTAX, "a file of variables is one document")
                            .at(document.span, "a second document begins here")
                            .hint("remove the line `---`"),
                    );
                    break;
                }
                entries = yaml_entries(document, &mut diagnostics);
            }
            entries
        }
    };
    (VariableFile { file, environment, entries }, diagnostics)
}

fn hcl_entries(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Vec<Attribute> {
    let (body, found) = hcl::parse_file(file, text);
    diagnostics.append(found);
    for block in &body.blocks {
        diagnostics.push(
            Diagnostic::error(
                code::UNKNOWN_KEY,
                format!("block `{}` stands in a file of variables", block.kind.text),
            )
            .at(block.kind.span, "not known here")
            .hint("write `NAME = VALUE`; documents go into other files"),
        );
    }
    body.attributes
}

fn yaml_entries(document: yaml::YamlDocument, diagnostics: &mut Diagnostics) -> Vec<Attribute> {
    diagnostics.append(document.diagnostics);
    let Some(root) = document.root else { return Vec::new() };
    match root.kind {
        ExprKind::Object(items) => items
            .into_iter()
            .filter_map(|item| match item.key {
                ObjectKey::Literal(name) => Some(Attribute { name, value: item.value }),
                ObjectKey::Expr(_) => None,
            })
            .collect(),
        ExprKind::Literal(Value::Null(_)) => Vec::new(),
        _ => {
            diagnostics.push(
                Diagnostic::error(code::WRONG_TYPE, "a file of variables must be a mapping")
                    .at(root.span, "this is none")
                    .hint("write `NAME: VALUE`, one a line"),
            );
            Vec::new()
        }
    }
}
