//! Function calls, and the two forms that are not quite functions: `try` and `can`.

use mpctl_provider::{Type, Value};

use super::{Evaluated, Evaluator, error};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::describe::describe;
use crate::expr::functions::{self, Function};
use crate::expr::references::{Leaf, leaves};
use crate::source::Span;
use crate::spec::syntax::{Expr, Name};

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        name: &Name,
        arguments: &[Expr],
        expand: bool,
        span: Span,
    ) -> Evaluated {
        match name.text.as_ref() {
            "try" => return self.attempt(name, arguments, expand),
            "can" => return self.can(name, arguments, expand),
            _ => {}
        }
        let Some(function) = functions::find(&name.text) else {
            return Err(unknown_function(name));
        };
        let mut values = Vec::with_capacity(arguments.len());
        let mut mistakes = Diagnostics::default();
        for argument in arguments {
            match self.value(argument) {
                Ok(value) => values.push(value),
                Err(more) => mistakes.append(more),
            }
        }
        if mistakes.has_errors() {
            return Err(mistakes);
        }
        let mut sensitive = false;
        if expand {
            let (Some(last), Some(place)) = (values.pop(), arguments.last()) else {
                return Err(arity(function, name, 0, span));
            };
            match expanded(&last, place.span)? {
                Some(items) => values.extend(items.iter().cloned()),
                None => return Ok(Value::unknown(Type::Dynamic)),
            }
            sensitive = matches!(last, Value::Sensitive(_));
        }
        if !function.takes(values.len()) {
            return Err(arity(function, name, values.len(), span));
        }
        let result = function.call(values, self.context).map_err(|fault| {
            let place = fault.argument.map_or(span, |at| {
                arguments.get(at).or(arguments.last()).map_or(span, |argument| argument.span)
            });
            let summary = match fault.argument.and_then(|at| function.parameter(at)) {
                Some(parameter) => {
                    format!("`{}` of `{}`: {}", parameter.name, function.name, fault.message)
                }
                None => format!("`{}`: {}", function.name, fault.message),
            };
            let diagnostic = Diagnostic::error(code::BAD_ARGUMENT, summary).at(place, fault.label);
            Diagnostics::from(match fault.hint {
                Some(hint) => diagnostic.hint(hint.to_string()),
                None => diagnostic,
            })
        })?;
        Ok(result.sensitive_if(sensitive))
    }

    /// The first argument that can be evaluated.
    fn attempt(&self, name: &Name, arguments: &[Expr], expand: bool) -> Evaluated {
        if expand || arguments.is_empty() {
            return Err(error(
                code::BAD_ARGUMENT,
                name.span,
                "`try` needs one argument or more, each written out",
                "called here",
            ));
        }
        let mut failures = Vec::new();
        for argument in arguments {
            match self.value(argument) {
                // What it will be might still fail, so nothing can be said of the result yet.
                Ok(value) if self.depends_on_unknown(argument) && !certain(argument) => {
                    let marked = value.contains_sensitive();
                    return Ok(Value::unknown(Type::Dynamic).sensitive_if(marked));
                }
                Ok(value) => return Ok(value),
                Err(failed) => failures.push(failed),
            }
        }
        let reasons = failures.into_iter().flatten().map(|d| format!("- {}", d.summary));
        Err(Diagnostic::error(code::EVALUATION, "`try`: none of its arguments can be evaluated")
            .at(name.span, "every alternative failed")
            .detail(reasons.collect::<Vec<_>>().join("\n"))
            .into())
    }

    /// Whether the argument can be evaluated.
    fn can(&self, name: &Name, arguments: &[Expr], expand: bool) -> Evaluated {
        let ([argument], false) = (arguments, expand) else {
            return Err(error(
                code::BAD_ARGUMENT,
                name.span,
                "`can` takes one argument",
                "called here",
            ));
        };
        Ok(match self.value(argument) {
            Err(_) => Value::Bool(false),
            Ok(_) if self.depends_on_unknown(argument) && !certain(argument) => {
                super::operators::unknown(Type::Bool)
            }
            Ok(_) => Value::Bool(true),
        })
    }

    /// Whether anything that the expression refers to is not wholly known.
    pub(in crate::expr) fn depends_on_unknown(&self, expr: &Expr) -> bool {
        leaves(expr).any(|leaf| {
            let reference = match leaf {
                Leaf::Literal(value) => return !value.is_wholly_known(),
                Leaf::Reference(reference) => reference,
            };
            let steps = reference.static_steps();
            let value = match self.bound(reference.root) {
                Some(value) => self.steps(value, steps).unwrap_or_else(|_| value.clone()),
                None => match self.reference(reference.root, steps, reference.span) {
                    Ok(value) => value,
                    Err(_) => return false,
                },
            };
            !value.is_wholly_known()
        })
    }
}

/// Whether an expression, once it has a value, cannot fail any more: a plain reference or literal.
fn certain(expr: &Expr) -> bool {
    use crate::spec::syntax::ExprKind;
    match &expr.kind {
        ExprKind::Literal(value) => value.is_wholly_known(),
        ExprKind::Parenthesized(inner) => certain(inner),
        _ => false,
    }
}

/// The elements of an expanded argument; `None` if they are not known.
fn expanded(value: &Value, span: Span) -> Result<Option<&[Value]>, Diagnostics> {
    if value.is_unknown() {
        return Ok(None);
    }
    if value.is_null() {
        return Err(error(
            code::BAD_ARGUMENT,
            span,
            "what `...` expands cannot be null",
            "this is null",
        ));
    }
    match value.as_items() {
        Some(items) => Ok(Some(items)),
        None => Err(error(
            code::BAD_ARGUMENT,
            span,
            "what `...` expands has to be a list, set or tuple",
            format!("this is {}", describe(value)),
        )),
    }
}

fn unknown_function(name: &Name) -> Diagnostics {
    let text = name.text.escape_debug();
    if name.text.contains("::") {
        return Diagnostic::error(code::UNKNOWN_FUNCTION, format!("there is no function `{text}`"))
            .at(name.span, "namespaced functions are not available")
            .hint("only the built-in functions can be called, by their plain names")
            .into();
    }
    let diagnostic =
        Diagnostic::error(code::UNKNOWN_FUNCTION, format!("there is no function `{text}`"))
            .at(name.span, "not a function");
    let known = functions::names().chain(["try", "can"]);
    match nearest(&name.text, known) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")).into(),
        None => diagnostic.into(),
    }
}

fn arity(function: &Function, name: &Name, given: usize, span: Span) -> Diagnostics {
    let least = function.parameters.len();
    let takes = match (least, function.variadic.is_some()) {
        (0, false) => "no arguments".to_owned(),
        (1, false) => "1 argument".to_owned(),
        (n, false) => format!("{n} arguments"),
        (0, true) => "any number of arguments".to_owned(),
        (1, true) => "at least 1 argument".to_owned(),
        (n, true) => format!("at least {n} arguments"),
    };
    let mut diagnostic = Diagnostic::error(
        code::BAD_ARGUMENT,
        format!("`{}` takes {takes}, not {given}", name.text),
    )
    .at(span, "called here");
    if given < least {
        diagnostic = diagnostic.hint(format!("write it as {}", function.signature()));
    }
    diagnostic.into()
}
