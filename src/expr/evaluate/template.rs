//! Templates: text with interpolations and directives.

use std::sync::Arc;

use mpctl_provider::value::{Refinement, Unknown};
use mpctl_provider::{Type, Value};

use super::{Evaluated, Evaluator, error, found, push_text};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::syntax::{Expr, TemplatePart};

/// The text so far.
#[derive(Default)]
struct Text {
    text: String,
    sensitive: bool,
    /// From here on the text is not known; what is known is its beginning.
    unknown: bool,
}

impl Text {
    fn push(&mut self, more: &str, span: Span) -> Result<(), Diagnostics> {
        if self.unknown { Ok(()) } else { push_text(&mut self.text, more, span) }
    }

    fn finish(self) -> Value {
        let value = if self.unknown {
            let prefix = (!self.text.is_empty()).then(|| Arc::from(self.text));
            let refinement = Refinement { not_null: true, prefix, length: None };
            Value::Unknown(Arc::new(Unknown { id: None, ty: Type::String, refinement }))
        } else {
            Value::string(self.text)
        };
        value.sensitive_if(self.sensitive)
    }
}

impl Evaluator<'_> {
    pub(super) fn template(&self, parts: &[TemplatePart], span: Span) -> Evaluated {
        if let [TemplatePart::Interpolation(only)] = parts {
            return self.value(only);
        }
        let mut text = Text::default();
        self.parts(parts, &mut text, span)?;
        Ok(text.finish())
    }

    fn parts(
        &self,
        parts: &[TemplatePart],
        text: &mut Text,
        span: Span,
    ) -> Result<(), Diagnostics> {
        let mut mistakes = Diagnostics::default();
        for part in parts {
            if let Err(more) = self.part(part, text, span) {
                mistakes.append(more);
            }
        }
        if mistakes.has_errors() { Err(mistakes) } else { Ok(()) }
    }

    fn part(&self, part: &TemplatePart, text: &mut Text, span: Span) -> Result<(), Diagnostics> {
        match part {
            TemplatePart::Literal(literal) => text.push(literal, span),
            TemplatePart::Interpolation(expr) => self.interpolation(expr, text),
            TemplatePart::If { condition, then, otherwise } => {
                let (truth, sensitive) = self.condition(condition, "the condition of `if`")?;
                text.sensitive |= sensitive;
                match truth {
                    Some(truth) => self.parts(if truth { then } else { otherwise }, text, span),
                    None => {
                        text.unknown = true;
                        Ok(())
                    }
                }
            }
            TemplatePart::For { key, value, collection, body } => {
                let of = self.value(collection)?;
                text.sensitive |= matches!(of, Value::Sensitive(_));
                if of.is_unknown() {
                    text.unknown = true;
                    return Ok(());
                }
                let key_name = key.as_ref().map(|name| name.text.as_ref());
                self.rounds(&of, collection, &mut |key, element| {
                    self.bind(key_name, key, &value.text, element, &mut |inner| {
                        inner.parts(body, text, span)
                    })
                })
            }
        }
    }

    fn interpolation(&self, expr: &Expr, text: &mut Text) -> Result<(), Diagnostics> {
        let value = self.value(expr)?;
        let (bare, sensitive) = value.unmark();
        text.sensitive |= sensitive;
        match bare {
            Value::String(more) => text.push(more, expr.span),
            Value::Number(number) => text.push(&number.to_string(), expr.span),
            Value::Bool(truth) => text.push(if *truth { "true" } else { "false" }, expr.span),
            Value::Unknown(unknown) if unknown.ty.converts_to(&Type::String) => {
                if let Some(prefix) = &unknown.refinement.prefix {
                    text.push(prefix, expr.span)?;
                }
                text.unknown = true;
                Ok(())
            }
            Value::Null(_) => Err(error(
                code::EVALUATION,
                expr.span,
                "null cannot stand in a template",
                "this is null",
            )),
            _ => Err(Diagnostic::error(
                code::EVALUATION,
                "only strings, numbers and bools can stand in a template",
            )
            .at(expr.span, found(&value))
            .hint("jsonencode(…) or join(\", \", …) make text of it")
            .into()),
        }
    }
}
