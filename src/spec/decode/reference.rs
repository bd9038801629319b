//! Expressions that YAML writes as bare strings: references (`dependsOn: [workload.migrations]`), addresses,
//! attribute paths and types. HCL writes them as expressions; a string is read the same way there.

use mpctl_provider::Value;

use super::Context;
use crate::spec::hcl::{Places, parse_expression};
use crate::spec::syntax::{Expr, ExprKind, TemplatePart};

impl Context<'_> {
    /// The expression that a text is, or that a template consists of, or that is there already.
    pub(super) fn bare_expression(&mut self, expr: Expr) -> Expr {
        match expr.kind {
            ExprKind::Literal(Value::String(ref text)) => {
                let places = self.places_of(&expr, text);
                let (parsed, diagnostics) = parse_expression(text, &places);
                self.diagnostics.append(diagnostics);
                parsed
            }
            ExprKind::Template(mut parts) if parts.len() == 1 => match parts.pop() {
                Some(TemplatePart::Interpolation(inner)) => inner,
                other => Expr::new(ExprKind::Template(other.into_iter().collect()), expr.span),
            },
            kind => Expr::new(kind, expr.span),
        }
    }

    /// A list of such expressions.
    pub(super) fn bare_expressions(&mut self, key: &str, expr: Expr) -> Vec<Expr> {
        match expr.kind {
            ExprKind::Tuple(elements) => {
                elements.into_iter().map(|element| self.bare_expression(element)).collect()
            }
            ExprKind::Malformed => Vec::new(),
            kind => {
                let found = match &kind {
                    ExprKind::Literal(value) => super::fixed::describe(value),
                    ExprKind::Object(_) => self.spelling.table().to_owned(),
                    _ => "an expression".to_owned(),
                };
                self.wrong_type(key, "a list", &found, expr.span);
                Vec::new()
            }
        }
    }

    /// Where the characters of a literal stand. Strings with escapes, which nobody needs in a reference, are
    /// placed as if they had none.
    fn places_of(&self, expr: &Expr, text: &str) -> Places {
        let span = expr.span;
        let source = self.origin.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let quoted = u32::from(source.len() > text.len() && source.starts_with(['"', '\'']));
        Places::linear(span.file, span.start + quoted)
    }
}
