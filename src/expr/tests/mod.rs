//! What evaluation promises beyond Terraform's record: unknowns, marks, messages, residuals.

mod limits;
mod messages;
mod residuals;
mod unknowns;

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_provider::value::{Refinement, Unknown, UnknownId};
use mpctl_provider::{Type, Value};

use super::{Definition, EvalContext, Found, LookupFailure, Reference, Scope, evaluate};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::spec::hcl::{Places, parse_expression};
use crate::spec::syntax::{Accessor, Expr};

/// `var`, `resource` and the like as objects; `local` as expressions.
#[derive(Default)]
struct TestScope {
    roots: BTreeMap<&'static str, Value>,
    locals: BTreeMap<&'static str, Expr>,
}

impl Scope for TestScope {
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        if reference.root == "local" {
            let name = reference.name(0).unwrap_or_default();
            let Some(expr) = self.locals.get(name) else {
                let candidates = self.locals.keys().map(|name| Arc::from(*name)).collect();
                return Err(LookupFailure::UnknownMember { step: 0, what: "local", candidates });
            };
            let value = evaluate(expr, self, &EvalContext::closed());
            let value = value.map_err(LookupFailure::Reported)?;
            return Ok(Found { value, consumed: 1 });
        }
        let value = self.roots.get(reference.root).ok_or(LookupFailure::UnknownRoot)?;
        Ok(Found { value: value.clone(), consumed: 0 })
    }

    fn roots(&self) -> Vec<Arc<str>> {
        self.roots.keys().chain(&["local"]).map(|name| Arc::from(*name)).collect()
    }

    fn definition(&self, root: &str, steps: &[Accessor]) -> Option<Definition<'_>> {
        let Some(Accessor::Attribute(name)) = steps.first().filter(|_| root == "local") else {
            return None;
        };
        let expr = self.locals.get(name.text.as_ref())?;
        Some(Definition { expr, consumed: 1, scope: None })
    }
}

fn parse(text: &str) -> Expr {
    let (expr, mistakes) = parse_expression(text, &Places::linear(FileId(0), 0));
    assert!(!mistakes.has_errors(), "{text}: {mistakes:?}");
    expr
}

fn unknown(id: Option<u32>, ty: Type) -> Value {
    let refinement = Refinement { not_null: true, ..Refinement::default() };
    Value::Unknown(Arc::new(Unknown { id: id.map(UnknownId), ty, refinement }))
}

/// A small world: `var` known, `resource.db` partly unknown, `local`.
fn world() -> TestScope {
    let var = Value::object([
        ("name", Value::string("shop")),
        ("count", Value::int(3)),
        ("on", Value::Bool(true)),
        ("regions", Value::list(Type::String, vec![Value::string("eu"), Value::string("us")])),
        ("password", Value::string("hunter2").sensitive()),
    ]);
    let resource = Value::object([(
        "db",
        Value::object([
            ("url", unknown(Some(0), Type::String)),
            ("port", unknown(Some(1), Type::Number)),
            ("tags", unknown(Some(2), Type::list(Type::String))),
            ("size", Value::string("small")),
            ("late", unknown(None, Type::Dynamic)),
        ]),
    )]);
    let locals = [
        ("greeting", parse("\"hello ${var.name}\"")),
        ("address", parse("\"${resource.db.url}/x\"")),
        ("pair", parse("[var.name, resource.db.url]")),
    ];
    TestScope {
        roots: [("var", var), ("resource", resource)].into(),
        locals: locals.into_iter().collect(),
    }
}

fn eval(text: &str) -> Result<Value, Diagnostics> {
    evaluate(&parse(text), &world(), &EvalContext::closed())
}

fn value(text: &str) -> Value {
    eval(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"))
}

/// The part of the text that a place covers.
fn covered(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}
