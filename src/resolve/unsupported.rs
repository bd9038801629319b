//! What the language has and this version does not act on. It is told, never passed over in silence: who writes
//! that a change of one thing replaces another must not wonder why it stayed.

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::document::{Documents, Resource};

/// A warning for every use of what this version does not act on.
pub fn unsupported(documents: &Documents) -> Diagnostics {
    let mut found = Diagnostics::default();
    documents.resources.iter().chain(&documents.data).for_each(|it| lifecycle(it, &mut found));
    found
}

fn lifecycle(resource: &Resource, found: &mut Diagnostics) {
    let lifecycle = &resource.lifecycle;
    if let Some(first) = lifecycle.replace_triggered_by.first() {
        let help = "replace it by hand with `--replace`, or use an attribute whose change replaces";
        found.push(warning("replace_triggered_by", first.span, help));
    }
    if let Some(first) = lifecycle.postconditions.first() {
        let help = "use a precondition of what depends on it, or a check";
        found.push(warning("postcondition", first.span, help));
    }
}

fn warning(what: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::warning(code::BAD_VALUE, format!("`{what}` has no effect yet"))
        .at(span, "not acted on in this version")
        .hint(help)
}
