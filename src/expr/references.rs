//! Which names an expression refers to, found without evaluating it.
//!
//! The walk is iterative and allocates no more than its stack: one small entry per open level, none per node.

use std::sync::Arc;

use mpctl_provider::Value;

use crate::source::Span;
use crate::spec::syntax::{Accessor, Body, Expr, ExprKind, ForExpr, Name, ObjectKey, TemplatePart};

/// A use of a name that no `for` binds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FreeReference<'e> {
    /// The root name.
    pub root: &'e Arc<str>,
    /// All steps that directly follow it; only a beginning of them need be static.
    pub steps: &'e [Accessor],
    /// The place of root and steps.
    pub span: Span,
}

impl<'e> FreeReference<'e> {
    /// The steps before the first one that has to be computed.
    pub fn static_steps(&self) -> &'e [Accessor] {
        let is_static = |step: &Accessor| match step {
            Accessor::Attribute(_) => true,
            Accessor::Index(index) => matches!(index.kind, ExprKind::Literal(_)),
            Accessor::Splat(_) => false,
        };
        let count = self.steps.iter().take_while(|step| is_static(step)).count();
        &self.steps[..count]
    }

    /// The name in step `at`: `.name` or `["name"]`.
    pub fn name(&self, at: usize) -> Option<&'e str> {
        super::scope::step_name(self.steps.get(at)?)
    }
}

/// Every free reference in the expression, in the order of the text. One name used twice is given twice.
pub fn references(expr: &Expr) -> References<'_> {
    References(leaves(expr))
}

/// Every free reference in the attributes and blocks of a body, nested ones included.
pub fn references_in_body(body: &Body) -> References<'_> {
    References(Leaves { stack: vec![Visit::Body(body)], bound: Vec::new() })
}

/// The iterator behind [`references`].
pub struct References<'e>(Leaves<'e>);

impl<'e> Iterator for References<'e> {
    type Item = FreeReference<'e>;

    fn next(&mut self) -> Option<FreeReference<'e>> {
        self.0.find_map(|leaf| match leaf {
            Leaf::Reference(reference) => Some(reference),
            Leaf::Literal(_) => None,
        })
    }
}

/// What an expression's value comes from.
pub(super) enum Leaf<'e> {
    Reference(FreeReference<'e>),
    Literal(&'e Value),
}

/// Every free reference and every literal.
pub(super) fn leaves(expr: &Expr) -> Leaves<'_> {
    Leaves { stack: vec![Visit::Expr(expr)], bound: Vec::new() }
}

/// The iterator behind [`leaves`].
pub(super) struct Leaves<'e> {
    /// What is still to be visited, the next on top.
    stack: Vec<Visit<'e>>,
    /// Names bound where the walk stands.
    bound: Vec<&'e Name>,
}

enum Visit<'e> {
    Expr(&'e Expr),
    Body(&'e Body),
    Parts(&'e [TemplatePart]),
    Steps(&'e [Accessor]),
    Bind(&'e Name),
    /// Forget so many bound names.
    Unbind(usize),
}

impl<'e> Iterator for Leaves<'e> {
    type Item = Leaf<'e>;

    fn next(&mut self) -> Option<Leaf<'e>> {
        loop {
            match self.stack.pop()? {
                Visit::Expr(expr) => {
                    if let Some(found) = self.expr(expr) {
                        return Some(found);
                    }
                }
                Visit::Body(body) => {
                    self.stack.extend(body.blocks.iter().rev().map(|b| Visit::Body(&b.body)));
                    self.stack.extend(body.attributes.iter().rev().map(|a| Visit::Expr(&a.value)));
                }
                Visit::Parts(parts) => self.parts(parts),
                Visit::Steps(steps) => self.steps(steps),
                Visit::Bind(name) => self.bound.push(name),
                Visit::Unbind(count) => self.bound.truncate(self.bound.len() - count),
            }
        }
    }
}

impl<'e> Leaves<'e> {
    fn free(&self, root: &'e Arc<str>, steps: &'e [Accessor], span: Span) -> Option<Leaf<'e>> {
        let is_bound = self.bound.iter().any(|name| name.text == *root);
        (!is_bound).then_some(Leaf::Reference(FreeReference { root, steps, span }))
    }

    fn expr(&mut self, expr: &'e Expr) -> Option<Leaf<'e>> {
        match &expr.kind {
            ExprKind::Literal(value) => return Some(Leaf::Literal(value)),
            ExprKind::Malformed => {}
            ExprKind::Variable(root) => return self.free(root, &[], expr.span),
            ExprKind::Access { of, steps } => {
                self.stack.push(Visit::Steps(steps));
                match &of.kind {
                    ExprKind::Variable(root) => return self.free(root, steps, expr.span),
                    _ => self.stack.push(Visit::Expr(of)),
                }
            }
            ExprKind::Splat { of, each } => {
                self.stack.push(Visit::Steps(each));
                self.stack.push(Visit::Expr(of));
            }
            ExprKind::Template(parts) => self.stack.push(Visit::Parts(parts)),
            ExprKind::Tuple(items) => self.stack.extend(items.iter().rev().map(Visit::Expr)),
            ExprKind::Object(items) => {
                for item in items.iter().rev() {
                    self.stack.push(Visit::Expr(&item.value));
                    if let ObjectKey::Expr(key) = &item.key {
                        self.stack.push(Visit::Expr(key));
                    }
                }
            }
            ExprKind::Call { arguments, .. } => {
                self.stack.extend(arguments.iter().rev().map(Visit::Expr));
            }
            ExprKind::Unary { operand, .. } => self.stack.push(Visit::Expr(operand)),
            ExprKind::Binary { operands, .. } => {
                self.stack.push(Visit::Expr(&operands.1));
                self.stack.push(Visit::Expr(&operands.0));
            }
            ExprKind::Conditional(parts) => {
                self.stack.extend([&parts.2, &parts.1, &parts.0].map(Visit::Expr));
            }
            ExprKind::For(parts) => self.comprehension(parts),
            ExprKind::Parenthesized(inner) => self.stack.push(Visit::Expr(inner)),
        }
        None
    }

    fn comprehension(&mut self, parts: &'e ForExpr) {
        self.stack.push(Visit::Unbind(1 + usize::from(parts.key_name.is_some())));
        self.stack.extend(parts.condition.as_ref().map(Visit::Expr));
        self.stack.push(Visit::Expr(&parts.value));
        self.stack.extend(parts.key.as_ref().map(Visit::Expr));
        self.stack.push(Visit::Bind(&parts.value_name));
        self.stack.extend(parts.key_name.as_ref().map(Visit::Bind));
        self.stack.push(Visit::Expr(&parts.collection));
    }

    fn parts(&mut self, parts: &'e [TemplatePart]) {
        let Some((first, rest)) = parts.split_first() else { return };
        self.stack.push(Visit::Parts(rest));
        match first {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(expr) => self.stack.push(Visit::Expr(expr)),
            TemplatePart::If { condition, then, otherwise } => {
                self.stack.push(Visit::Parts(otherwise));
                self.stack.push(Visit::Parts(then));
                self.stack.push(Visit::Expr(condition));
            }
            TemplatePart::For { key, value, collection, body } => {
                self.stack.push(Visit::Unbind(1 + usize::from(key.is_some())));
                self.stack.push(Visit::Parts(body));
                self.stack.push(Visit::Bind(value));
                self.stack.extend(key.as_ref().map(Visit::Bind));
                self.stack.push(Visit::Expr(collection));
            }
        }
    }

    fn steps(&mut self, steps: &'e [Accessor]) {
        let indices = steps.iter().rev().filter_map(|step| match step {
            Accessor::Index(index) => Some(Visit::Expr(index)),
            Accessor::Splat(each) => Some(Visit::Steps(each)),
            Accessor::Attribute(_) => None,
        });
        self.stack.extend(indices);
    }
}
