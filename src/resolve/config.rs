//! A resource's configuration: its body evaluated against the schema of its type.
//!
//! The result has every attribute of the schema, unset ones null, each converted to its type. All mistakes of
//! a body are reported, not the first.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::schema::{
    Attribute as AttributeSchema, BlockSchema, NestedBlock, Nesting, Presence,
};
use mpctl_provider::value::Entries;

use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::resolve::scope::Evaluator;
use crate::source::Span;
use crate::spec::syntax::{Block, Body, Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// What a body is the configuration of, for messages: `local_file`, `provider process`.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    /// The type or provider.
    pub name: &'a str,
    /// Where its declaration stands.
    pub span: Span,
}

/// The configuration that `body` gives, as an object of the schema's type.
pub fn evaluate(
    body: &Body,
    schema: &BlockSchema,
    owner: Owner<'_>,
    evaluator: &mut Evaluator<'_>,
) -> Result<Value, Diagnostics> {
    let mut reader = Reader { owner, evaluator, diagnostics: Diagnostics::default() };
    let value = reader.body(body, schema);
    if reader.diagnostics.has_errors() { Err(reader.diagnostics) } else { Ok(value) }
}

struct Reader<'r, 'o, 'a> {
    owner: Owner<'o>,
    evaluator: &'r mut Evaluator<'a>,
    diagnostics: Diagnostics,
}

impl Reader<'_, '_, '_> {
    fn body(&mut self, body: &Body, schema: &BlockSchema) -> Value {
        for attribute in &body.attributes {
            let name = &attribute.name;
            if !schema.attributes.contains_key(&name.text)
                && !schema.blocks.contains_key(&name.text)
            {
                self.unknown(name, schema);
            }
        }
        let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(schema.attributes.len());
        for (name, attribute) in &schema.attributes {
            let given = body.attributes.iter().find(|a| a.name.text == *name);
            let value = match (given, body.blocks.iter().find(|block| block.kind.text == *name)) {
                (None, Some(block)) => self.block_as_attribute(name, attribute, block, body.span),
                (given, _) => self.attribute(name, attribute, given.map(|a| &a.value), body.span),
            };
            entries.push((name.clone(), value));
        }
        for block in &body.blocks {
            let kind = if block.kind.text.as_ref() == "dynamic" {
                block.labels.first()
            } else {
                Some(&block.kind)
            };
            let known = |kind: &&Name| {
                schema.blocks.contains_key(&kind.text) || schema.attributes.contains_key(&kind.text)
            };
            if let Some(kind) = kind.filter(|kind| !known(kind)) {
                self.unknown(kind, schema);
            }
        }
        for (name, nested) in &schema.blocks {
            let value = self.blocks(name, nested, body);
            entries.push((name.clone(), value));
        }
        Value::Object(Arc::new(entries.into_iter().collect::<Entries>()))
    }

    fn attribute(
        &mut self,
        name: &str,
        schema: &AttributeSchema,
        given: Option<&Expr>,
        body: Span,
    ) -> Value {
        let unset = Value::Null(schema.ty.clone());
        let Some(expression) = given else {
            if schema.presence == Presence::Required {
                self.missing(name, body);
            }
            return unset;
        };
        if schema.presence == Presence::Computed {
            self.diagnostics.push(
                Diagnostic::error(
                    code::UNKNOWN_KEY,
                    format!("`{name}` is set by the provider, not by you"),
                )
                .at(expression.span, "cannot be given a value")
                .hint("take this line out"),
            );
            return unset;
        }
        let value = match self.evaluator.identified(expression) {
            Ok(value) => value,
            Err(errors) => {
                self.diagnostics.append(errors);
                return unset;
            }
        };
        if schema.presence == Presence::Required && value.is_null() {
            self.missing(name, expression.span);
            return unset;
        }
        match value.convert(&schema.ty) {
            Ok(value) => value.sensitive_if(schema.sensitive),
            Err(error) => {
                let summary = format!("`{name}` of {} does not fit: {error}", self.owner.name);
                let label = format!("expected {}", schema.ty.friendly_name());
                self.diagnostics
                    .push(Diagnostic::error(code::WRONG_TYPE, summary).at(expression.span, label));
                unset
            }
        }
    }

    /// An attribute that holds an object may be written as a block.
    fn block_as_attribute(
        &mut self,
        name: &str,
        schema: &AttributeSchema,
        block: &Block,
        body: Span,
    ) -> Value {
        let expression = as_object(block);
        self.attribute(name, schema, Some(&expression), body)
    }

    /// Nested blocks of one name: written as blocks, generated by `dynamic`, or given as an attribute that
    /// holds an object or a list of them (the YAML spelling).
    fn blocks(&mut self, name: &Arc<str>, nested: &NestedBlock, body: &Body) -> Value {
        let mut items: Vec<(Option<Arc<str>>, Value)> = Vec::new();
        for block in body.blocks.iter().filter(|block| block.kind.text == *name) {
            let label = block.labels.first().map(|label| label.text.clone());
            items.push((label, self.body(&block.body, &nested.block)));
        }
        for block in body.blocks.iter().filter(|b| is_dynamic(b, name)) {
            self.dynamic(block, nested, &mut items);
        }
        if let Some(attribute) = body.attributes.iter().find(|a| a.name.text == *name) {
            self.block_expression(&attribute.value, nested, &mut items);
        }
        self.count_of_blocks(name, nested, items.len(), body.span);
        assemble(nested, items)
    }

    fn block_expression(
        &mut self,
        expr: &Expr,
        nested: &NestedBlock,
        items: &mut Vec<(Option<Arc<str>>, Value)>,
    ) {
        match &expr.kind {
            ExprKind::Tuple(elements) => {
                elements.iter().for_each(|element| self.block_expression(element, nested, items));
            }
            ExprKind::Object(object) => {
                let literal = |item: &ObjectItem| match &item.key {
                    ObjectKey::Literal(name) => Some(crate::spec::syntax::Attribute {
                        name: name.clone(),
                        value: item.value.clone(),
                    }),
                    ObjectKey::Expr(_) => None,
                };
                let attributes = object.iter().filter_map(literal).collect();
                let body = Body { attributes, blocks: Vec::new(), span: expr.span };
                items.push((None, self.body(&body, &nested.block)));
            }
            _ => self.diagnostics.push(
                Diagnostic::error(
                    code::WRONG_TYPE,
                    "a nested block is an object or a list of objects",
                )
                .at(expr.span, "neither of them"),
            ),
        }
    }

    fn dynamic(
        &mut self,
        block: &Block,
        nested: &NestedBlock,
        items: &mut Vec<(Option<Arc<str>>, Value)>,
    ) {
        let find = |name: &str| block.body.attributes.iter().find(|a| a.name.text.as_ref() == name);
        let content = block.body.blocks.iter().find(|b| b.kind.text.as_ref() == "content");
        let (Some(for_each), Some(content)) = (find("for_each"), content) else {
            self.diagnostics.push(
                Diagnostic::error(
                    code::MISSING_KEY,
                    "a `dynamic` block needs `for_each` and `content`",
                )
                .at(block.kind.span, "incomplete"),
            );
            return;
        };
        let iterator = find("iterator").map_or(block.labels.first(), |attribute| match &attribute
            .value
            .kind
        {
            ExprKind::Variable(_) => Some(&attribute.name),
            _ => block.labels.first(),
        });
        let iterator_name = find("iterator").and_then(|attribute| match &attribute.value.kind {
            ExprKind::Variable(name) => Some(name.clone()),
            _ => None,
        });
        let Some(name) = iterator_name.or_else(|| iterator.map(|name| name.text.clone())) else {
            return;
        };
        let collection = match self.evaluator.evaluate(&for_each.value) {
            Ok(value) => value,
            Err(errors) => return self.diagnostics.append(errors),
        };
        let bare = collection.bare().clone();
        let elements: Vec<(Value, Value)> = match (&bare, bare.as_entries(), bare.as_items()) {
            (_, Some(entries), _) => {
                entries.iter().map(|(k, v)| (Value::String(k.clone()), v.clone())).collect()
            }
            (Value::Set(_), _, Some(elements)) => {
                elements.iter().map(|v| (v.clone(), v.clone())).collect()
            }
            (_, _, Some(elements)) => elements
                .iter()
                .enumerate()
                .map(|(at, v)| (Value::int(at as i64), v.clone()))
                .collect(),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(
                        code::UNKNOWN_SHAPE,
                        "the `for_each` of a `dynamic` block has to be a known collection",
                    )
                    .at(for_each.value.span, "not one that is known now"),
                );
                return;
            }
        };
        for (key, value) in elements {
            let element = Value::object([("key", key), ("value", value)]);
            self.evaluator.push_name(name.clone(), element);
            let item = self.body(&content.body, &nested.block);
            self.evaluator.pop_name();
            items.push((None, item));
        }
    }

    fn count_of_blocks(&mut self, name: &str, nested: &NestedBlock, found: usize, span: Span) {
        let most = if nested.nesting == Nesting::Single { Some(1) } else { nested.max_items };
        let summary = if found < nested.min_items as usize {
            format!(
                "{} needs at least {} `{name}` block{}",
                self.owner.name,
                nested.min_items,
                plural(nested.min_items)
            )
        } else if most.is_some_and(|most| found > most as usize) {
            let most = most.unwrap_or_default();
            format!(
                "{} takes at most {most} `{name}` block{}, and there are {found}",
                self.owner.name,
                plural(most)
            )
        } else {
            return;
        };
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, summary).at(span, ""));
    }

    fn missing(&mut self, name: &str, span: Span) {
        let summary = format!("{} needs `{name}`", self.owner.name);
        let diagnostic = Diagnostic::error(code::MISSING_KEY, summary);
        let span = if span.start == span.end { self.owner.span } else { span };
        self.diagnostics.push(diagnostic.at(span, format!("`{name}` is missing or null")));
    }

    fn unknown(&mut self, name: &Name, schema: &BlockSchema) {
        let known = schema.attributes.keys().chain(schema.blocks.keys()).map(AsRef::as_ref);
        let summary = format!("{} has no attribute `{}`", self.owner.name, name.text);
        let diagnostic = Diagnostic::error(code::UNKNOWN_KEY, summary).at(name.span, "not known");
        let hint = match nearest(&name.text, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let settable =
                    schema.attributes.iter().filter(|(_, a)| a.presence != Presence::Computed);
                let names: Vec<_> = settable.map(|(name, _)| format!("`{name}`")).collect();
                format!("it has {}", names.join(", "))
            }
        };
        self.diagnostics.push(diagnostic.hint(hint));
    }
}

/// A block as the object that it stands for.
fn as_object(block: &Block) -> Expr {
    let attributes = block.body.attributes.iter().map(|attribute| ObjectItem {
        key: ObjectKey::Literal(attribute.name.clone()),
        value: attribute.value.clone(),
    });
    let blocks = block.body.blocks.iter().map(|inner| ObjectItem {
        key: ObjectKey::Literal(inner.kind.clone()),
        value: as_object(inner),
    });
    Expr::new(ExprKind::Object(attributes.chain(blocks).collect()), block.span)
}

fn is_dynamic(block: &Block, name: &Arc<str>) -> bool {
    block.kind.text.as_ref() == "dynamic"
        && block.labels.first().is_some_and(|label| label.text == *name)
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn assemble(nested: &NestedBlock, items: Vec<(Option<Arc<str>>, Value)>) -> Value {
    let element = nested.block.ty();
    let concrete = element.is_concrete();
    match nested.nesting {
        Nesting::Single => {
            items.into_iter().next().map_or(Value::Null(element), |(_, value)| value)
        }
        Nesting::List if concrete => {
            Value::list(element, items.into_iter().map(|(_, v)| v).collect())
        }
        Nesting::Set if concrete => {
            Value::set(element, items.into_iter().map(|(_, v)| v).collect())
        }
        Nesting::List | Nesting::Set => Value::tuple(items.into_iter().map(|(_, v)| v)),
        Nesting::Map => {
            let entries = items
                .into_iter()
                .map(|(label, v)| (label.unwrap_or_else(|| "".into()), v))
                .collect();
            if concrete { Value::map(element, entries) } else { Value::Object(Arc::new(entries)) }
        }
    }
}
