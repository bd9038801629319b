//! What is left of an expression when all that is known has been put in.
//!
//! Every maximal sub-expression whose value is wholly known becomes a literal; a reference whose unknown parts
//! all have identities becomes a literal with those unknowns in it; a reference to a name for an expression is
//! replaced by that expression. What remains otherwise is a reference that only apply can answer, a function
//! that only apply can call, or a name bound by `for`. Evaluating the residual once the unknowns are known
//! gives what evaluating the original would, and needs no files: a template file is put in with its text.

use mpctl_provider::value::{ConvertError, UnknownId};
use mpctl_provider::{Type, Value};

use super::evaluate::{Bound, Evaluator};
use super::references::{Leaf, leaves};
use super::scope::{EvalContext, Scope};
use crate::spec::syntax::{
    Accessor, Expr, ExprKind, ForExpr, Name, ObjectItem, ObjectKey, TemplatePart,
};

/// The residual of an expression that evaluates without errors.
pub fn residual(expr: &Expr, scope: &dyn Scope, context: &EvalContext<'_>) -> Expr {
    let evaluator = Evaluator { scope, context, bound: None, depth: 0 };
    Reducer { evaluator, fallible: false }.reduce(expr)
}

/// The expression with the unknowns in its literals replaced by what has become known.
pub fn substitute(
    expr: &Expr,
    known: &mut dyn FnMut(UnknownId) -> Option<Value>,
) -> Result<Expr, ConvertError> {
    let mut fault = None;
    let substituted = rebuild(expr, &mut |part| match &part.kind {
        ExprKind::Literal(value) if !value.is_wholly_known() => {
            let value = value.substitute(known).unwrap_or_else(|problem| {
                fault.get_or_insert(problem);
                Value::unknown(Type::Dynamic)
            });
            Some(Expr::new(ExprKind::Literal(value), part.span))
        }
        _ => None,
    });
    fault.map_or(Ok(substituted), Err)
}

/// Calls `visit` with the identity of every unknown in the literals of the expression.
pub fn visit_unknowns(expr: &Expr, visit: &mut dyn FnMut(UnknownId)) {
    for leaf in leaves(expr) {
        if let Leaf::Literal(value) = leaf {
            value.visit_unknowns(visit);
        }
    }
}

/// A function that the expression still has to call and that reads files: apply has none to read.
pub fn file_function(expr: &Expr) -> Option<Name> {
    let mut found = None;
    rebuild(expr, &mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind
            && (function.text.starts_with("file") || function.text.as_ref() == "templatefile")
        {
            found.get_or_insert_with(|| function.clone());
        }
        None
    });
    found
}

#[derive(Clone, Copy)]
struct Reducer<'e> {
    evaluator: Evaluator<'e>,
    /// Within `try` or `can`: failing later is a result, so only what cannot fail any more is settled.
    fallible: bool,
}

impl Reducer<'_> {
    fn reduce(&self, expr: &Expr) -> Expr {
        if let ExprKind::Literal(_) = &expr.kind {
            return expr.clone();
        }
        let literal = |value: Value| Expr::new(ExprKind::Literal(value), expr.span);
        match self.evaluator.value(expr) {
            Ok(value) if value.is_wholly_known() && !self.may_fail_yet(expr) => literal(value),
            // What fails (a branch not taken, an argument of `try`) fails in the same way later.
            Ok(_) | Err(_) => self.structure(expr),
        }
    }

    fn may_fail_yet(&self, expr: &Expr) -> bool {
        self.fallible && self.evaluator.depends_on_unknown(expr)
    }

    fn structure(&self, expr: &Expr) -> Expr {
        let kind = match &expr.kind {
            ExprKind::Variable(_) => return self.reference(expr, expr, &[]),
            ExprKind::Access { of, steps } if matches!(of.kind, ExprKind::Variable(_)) => {
                return self.reference(expr, of, steps);
            }
            ExprKind::Parenthesized(inner) => return self.reduce(inner),
            ExprKind::For(parts) => ExprKind::For(Box::new(self.comprehension(parts))),
            ExprKind::Template(parts) => ExprKind::Template(self.parts(parts)),
            ExprKind::Call { function, arguments, expand } => {
                self.call(function, arguments, *expand)
            }
            _ => return rebuild_children(expr, &mut |child| self.reduce(child)),
        };
        Expr::new(kind, expr.span)
    }

    /// A call; what fails for certain is left out of a `try`. Apply reads no files, so the text of a template
    /// file goes in for its path.
    fn call(&self, function: &Name, arguments: &[Expr], expand: bool) -> ExprKind {
        if let ("templatefile", false, [path, names]) = (function.text.as_ref(), expand, arguments)
            && let Some(text) = self.file_text(path)
        {
            let function = Name { text: "templatestring".into(), ..function.clone() };
            let text = Expr::new(ExprKind::Literal(Value::string(text)), path.span);
            return ExprKind::Call { function, arguments: vec![text, self.reduce(names)], expand };
        }
        let name = function.text.as_ref();
        let inner = Reducer { fallible: self.fallible || name == "try" || name == "can", ..*self };
        let fails = |argument: &&Expr| name == "try" && inner.evaluator.value(argument).is_err();
        let kept = arguments.iter().filter(|argument| !fails(argument));
        let arguments = kept.map(|argument| inner.reduce(argument)).collect();
        ExprKind::Call { function: function.clone(), arguments, expand }
    }

    /// The text of the file that a known path names.
    fn file_text(&self, path: &Expr) -> Option<String> {
        let path = self.evaluator.value(path).ok().filter(Value::is_wholly_known)?;
        let bytes = self.evaluator.context.files.read(path.unmark().0.as_str()?).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// A reference whose value is not wholly known.
    fn reference(&self, whole: &Expr, root: &Expr, steps: &[Accessor]) -> Expr {
        let ExprKind::Variable(name) = &root.kind else { return whole.clone() };
        let rest = |from: usize| -> Vec<Accessor> {
            steps[from..].iter().map(|step| self.step(step)).collect()
        };
        let access = |of: Expr, from: usize| match from == steps.len() {
            true => of,
            false => {
                let kind = ExprKind::Access { of: Box::new(of), steps: rest(from) };
                Expr::new(kind, whole.span)
            }
        };
        if self.evaluator.bound(name).is_some() {
            return access(root.clone(), 0);
        }
        // The longest beginning of it that is a value moved whole.
        for count in (0..=steps.len()).rev() {
            let value = self.evaluator.reference(name, &steps[..count], whole.span);
            if let Ok(value) = value
                && value.is_identified()
            {
                return access(Expr::new(ExprKind::Literal(value), whole.span), count);
            }
            if let Some(definition) = self.evaluator.scope.definition(name, &steps[..count])
                && definition.consumed == count
            {
                let scope = definition.scope.unwrap_or(self.evaluator.scope);
                let evaluator = Evaluator { scope, bound: None, ..self.evaluator };
                let inlined = Reducer { evaluator, ..*self }.reduce(definition.expr);
                return access(inlined, count);
            }
        }
        access(root.clone(), 0)
    }

    fn step(&self, step: &Accessor) -> Accessor {
        match step {
            Accessor::Attribute(name) => Accessor::Attribute(name.clone()),
            Accessor::Index(index) => Accessor::Index(self.reduce(index)),
            Accessor::Splat(each) => {
                Accessor::Splat(each.iter().map(|step| self.step(step)).collect())
            }
        }
    }

    /// A reducer within which a name of a `for` stands for anything.
    fn bind<R>(
        &self,
        key: Option<&Name>,
        value: &Name,
        within: impl FnOnce(&Reducer<'_>) -> R,
    ) -> R {
        let anything = Value::unknown(Type::Dynamic);
        let outer = self.evaluator.bound;
        let key = key.map(|name| Bound { name: &name.text, value: &anything, outer });
        let outer = key.as_ref().or(outer);
        let bound = Bound { name: &value.text, value: &anything, outer };
        let evaluator = Evaluator {
            scope: self.evaluator.scope,
            context: self.evaluator.context,
            bound: Some(&bound),
            depth: self.evaluator.depth,
        };
        within(&Reducer { evaluator, fallible: self.fallible })
    }

    fn comprehension(&self, parts: &ForExpr) -> ForExpr {
        let collection = self.reduce(&parts.collection);
        self.bind(parts.key_name.as_ref(), &parts.value_name, |inner| ForExpr {
            key_name: parts.key_name.clone(),
            value_name: parts.value_name.clone(),
            collection,
            key: parts.key.as_ref().map(|key| inner.reduce(key)),
            value: inner.reduce(&parts.value),
            condition: parts.condition.as_ref().map(|condition| inner.reduce(condition)),
            group: parts.group,
        })
    }

    fn parts(&self, parts: &[TemplatePart]) -> Vec<TemplatePart> {
        let part = |part: &TemplatePart| match part {
            TemplatePart::Literal(text) => TemplatePart::Literal(text.clone()),
            TemplatePart::Interpolation(expr) => TemplatePart::Interpolation(self.reduce(expr)),
            TemplatePart::If { condition, then, otherwise } => TemplatePart::If {
                condition: self.reduce(condition),
                then: self.parts(then),
                otherwise: self.parts(otherwise),
            },
            TemplatePart::For { key, value, collection, body } => {
                let collection = self.reduce(collection);
                self.bind(key.as_ref(), value, |inner| TemplatePart::For {
                    key: key.clone(),
                    value: value.clone(),
                    collection,
                    body: inner.parts(body),
                })
            }
        };
        parts.iter().map(part).collect()
    }
}

/// The expression with every part that `change` gives a replacement for replaced, from the outside inwards.
fn rebuild(expr: &Expr, change: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
    match change(expr) {
        Some(changed) => changed,
        None => rebuild_children(expr, &mut |child| rebuild(child, change)),
    }
}

/// The same kind of expression over changed children.
fn rebuild_children(expr: &Expr, change: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::Malformed => return expr.clone(),
        ExprKind::Template(parts) => ExprKind::Template(rebuild_parts(parts, change)),
        ExprKind::Tuple(items) => ExprKind::Tuple(items.iter().map(change).collect()),
        ExprKind::Object(items) => {
            let item = |item: &ObjectItem| ObjectItem {
                key: match &item.key {
                    ObjectKey::Literal(name) => ObjectKey::Literal(name.clone()),
                    ObjectKey::Expr(key) => ObjectKey::Expr(change(key)),
                },
                value: change(&item.value),
            };
            ExprKind::Object(items.iter().map(item).collect())
        }
        ExprKind::Access { of, steps } => {
            let of = Box::new(change(of));
            ExprKind::Access { of, steps: rebuild_steps(steps, change) }
        }
        ExprKind::Splat { of, each } => {
            let of = Box::new(change(of));
            ExprKind::Splat { of, each: rebuild_steps(each, change) }
        }
        ExprKind::Call { function, arguments, expand } => ExprKind::Call {
            function: function.clone(),
            arguments: arguments.iter().map(change).collect(),
            expand: *expand,
        },
        ExprKind::Unary { operator, operand } => {
            ExprKind::Unary { operator: *operator, operand: Box::new(change(operand)) }
        }
        ExprKind::Binary { operator, operands } => ExprKind::Binary {
            operator: *operator,
            operands: Box::new((change(&operands.0), change(&operands.1))),
        },
        ExprKind::Conditional(parts) => {
            ExprKind::Conditional(Box::new((change(&parts.0), change(&parts.1), change(&parts.2))))
        }
        ExprKind::For(parts) => ExprKind::For(Box::new(ForExpr {
            key_name: parts.key_name.clone(),
            value_name: parts.value_name.clone(),
            collection: change(&parts.collection),
            key: parts.key.as_ref().map(&mut *change),
            value: change(&parts.value),
            condition: parts.condition.as_ref().map(&mut *change),
            group: parts.group,
        })),
        ExprKind::Parenthesized(inner) => ExprKind::Parenthesized(Box::new(change(inner))),
    };
    Expr::new(kind, expr.span)
}

fn rebuild_steps(steps: &[Accessor], change: &mut dyn FnMut(&Expr) -> Expr) -> Vec<Accessor> {
    let step = |step: &Accessor| match step {
        Accessor::Attribute(name) => Accessor::Attribute(name.clone()),
        Accessor::Index(index) => Accessor::Index(change(index)),
        Accessor::Splat(each) => Accessor::Splat(rebuild_steps(each, change)),
    };
    steps.iter().map(step).collect()
}

fn rebuild_parts(
    parts: &[TemplatePart],
    change: &mut dyn FnMut(&Expr) -> Expr,
) -> Vec<TemplatePart> {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => TemplatePart::Literal(text.clone()),
        TemplatePart::Interpolation(expr) => TemplatePart::Interpolation(change(expr)),
        TemplatePart::If { condition, then, otherwise } => TemplatePart::If {
            condition: change(condition),
            then: rebuild_parts(then, change),
            otherwise: rebuild_parts(otherwise, change),
        },
        TemplatePart::For { key, value, collection, body } => TemplatePart::For {
            key: key.clone(),
            value: value.clone(),
            collection: change(collection),
            body: rebuild_parts(body, change),
        },
    };
    parts.iter().map(part).collect()
}
