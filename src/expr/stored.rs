//! Residual expressions as JSON, for the plan file.
//!
//! `{"at": [file, start, end], "KIND": …}`: places are kept, so that a failure while applying can still name
//! the words that the user wrote. Literals hold values through the codec of values, sensitive ones sealed.
//! JSON parsers accept some 128 levels of nesting, so what is deeper stands within as text: `{"json": "…"}`.

use std::sync::Arc;

use mpctl_provider::value::codec::{self, CodecError, Seal};
use serde_json::{Value as Json, json};
use thiserror::Error;

use crate::source::{FileId, Span};
use crate::spec::syntax::{
    Accessor, BinaryOperator, Expr, ExprKind, ForExpr, Name, ObjectItem, ObjectKey, TemplatePart,
    UnaryOperator,
};

/// How deeply a stored expression may nest.
const MAX_DEPTH: u32 = 2 * super::MAX_DEPTH;

/// So many levels of expressions (four of JSON each, at most) stand in one text.
const LEVELS_IN_TEXT: u32 = 10;

/// Values that nest more deeply than this stand as text.
const LITERAL_LEVELS: usize = 20;

/// Why an expression cannot be stored or read back.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum StoredError {
    /// A value in it.
    #[error(transparent)]
    Value(#[from] CodecError),
    /// The JSON is not a stored expression.
    #[error("not a stored expression: {0}")]
    Malformed(&'static str),
    /// It nests too deeply.
    #[error("the expression nests more than {MAX_DEPTH} levels deep")]
    TooDeep,
}

type Result<T> = std::result::Result<T, StoredError>;

/// The stored form of an expression.
pub fn encode(expr: &Expr, seal: &dyn Seal) -> Result<Json> {
    Writer { seal, depth: 0 }.expr(expr)
}

/// The expression of a stored form.
pub fn decode(json: &Json, seal: &dyn Seal) -> Result<Expr> {
    Reader { seal, depth: 0 }.expr(json)
}

#[derive(Clone, Copy)]
struct Writer<'s> {
    seal: &'s dyn Seal,
    depth: u32,
}

fn span(span: Span) -> Json {
    json!([span.file.0, span.start, span.end])
}

fn name(name: &Name) -> Json {
    json!([name.text.as_ref(), span(name.span)])
}

impl Writer<'_> {
    fn expr(self, expr: &Expr) -> Result<Json> {
        if self.depth >= MAX_DEPTH {
            return Err(StoredError::TooDeep);
        }
        let json = Writer { depth: self.depth + 1, ..self }.plain(expr)?;
        let is_border = self.depth % LEVELS_IN_TEXT == LEVELS_IN_TEXT - 1;
        Ok(if is_border { json!({"json": json.to_string()}) } else { json })
    }

    fn plain(self, expr: &Expr) -> Result<Json> {
        let (tag, content) = match &expr.kind {
            ExprKind::Literal(value) => match codec::encode(value, self.seal)? {
                deep if codec::deeper_than(&deep, LITERAL_LEVELS) => {
                    ("literal_text", Json::String(deep.to_string()))
                }
                shallow => ("literal", shallow),
            },
            ExprKind::Template(parts) => ("template", self.parts(parts)?),
            ExprKind::Tuple(items) => ("tuple", self.exprs(items)?),
            ExprKind::Object(items) => {
                let items = items.iter().map(|item| self.item(item)).collect::<Result<_>>()?;
                ("object", Json::Array(items))
            }
            ExprKind::Variable(root) => ("variable", json!(root.as_ref())),
            ExprKind::Access { of, steps } => {
                ("access", json!([self.expr(of)?, self.steps(steps)?]))
            }
            ExprKind::Splat { of, each } => ("splat", json!([self.expr(of)?, self.steps(each)?])),
            ExprKind::Call { function, arguments, expand } => {
                ("call", json!([name(function), self.exprs(arguments)?, expand]))
            }
            ExprKind::Unary { operator, operand } => {
                ("unary", json!([operator, self.expr(operand)?]))
            }
            ExprKind::Binary { operator, operands } => {
                ("binary", json!([operator, self.expr(&operands.0)?, self.expr(&operands.1)?]))
            }
            ExprKind::Conditional(parts) => (
                "conditional",
                json!([self.expr(&parts.0)?, self.expr(&parts.1)?, self.expr(&parts.2)?]),
            ),
            ExprKind::For(parts) => ("for", self.comprehension(parts)?),
            ExprKind::Parenthesized(inner) => ("parenthesized", self.expr(inner)?),
            ExprKind::Malformed => return Err(StoredError::Malformed("it was malformed")),
        };
        Ok(json!({"at": span(expr.span), tag: content}))
    }

    fn exprs(self, exprs: &[Expr]) -> Result<Json> {
        exprs.iter().map(|expr| self.expr(expr)).collect::<Result<_>>().map(Json::Array)
    }

    fn item(self, item: &ObjectItem) -> Result<Json> {
        let key = match &item.key {
            ObjectKey::Literal(key) => name(key),
            ObjectKey::Expr(key) => self.expr(key)?,
        };
        Ok(json!([key, self.expr(&item.value)?]))
    }

    fn steps(self, steps: &[Accessor]) -> Result<Json> {
        let step = |step: &Accessor| {
            Ok(match step {
                Accessor::Attribute(attribute) => name(attribute),
                Accessor::Index(index) => self.expr(index)?,
                Accessor::Splat(each) => json!({"each": self.steps(each)?}),
            })
        };
        steps.iter().map(step).collect::<Result<_>>().map(Json::Array)
    }

    fn comprehension(self, parts: &ForExpr) -> Result<Json> {
        let optional = |expr: &Option<Expr>| expr.as_ref().map(|e| self.expr(e)).transpose();
        Ok(json!({
            "key_name": parts.key_name.as_ref().map(name),
            "value_name": name(&parts.value_name),
            "collection": self.expr(&parts.collection)?,
            "key": optional(&parts.key)?,
            "value": self.expr(&parts.value)?,
            "condition": optional(&parts.condition)?,
            "group": parts.group,
        }))
    }

    fn parts(self, parts: &[TemplatePart]) -> Result<Json> {
        let part = |part: &TemplatePart| {
            Ok(match part {
                TemplatePart::Literal(text) => json!(text.as_ref()),
                TemplatePart::Interpolation(expr) => self.expr(expr)?,
                TemplatePart::If { condition, then, otherwise } => json!({
                    "if": self.expr(condition)?,
                    "then": self.parts(then)?,
                    "else": self.parts(otherwise)?,
                }),
                TemplatePart::For { key, value, collection, body } => json!({
                    "for": self.expr(collection)?,
                    "key_name": key.as_ref().map(name),
                    "value_name": name(value),
                    "body": self.parts(body)?,
                }),
            })
        };
        parts.iter().map(part).collect::<Result<_>>().map(Json::Array)
    }
}

#[derive(Clone, Copy)]
struct Reader<'s> {
    seal: &'s dyn Seal,
    depth: u32,
}

fn parse(text: &str) -> Result<Json> {
    serde_json::from_str(text).or_else(|_| malformed("text that is no JSON"))
}

fn malformed<T>(what: &'static str) -> Result<T> {
    Err(StoredError::Malformed(what))
}

fn array(json: &Json) -> Result<&[Json]> {
    json.as_array().map(Vec::as_slice).ok_or(StoredError::Malformed("a list is missing"))
}

fn read_span(json: &Json) -> Result<Span> {
    let number = |json: &Json| json.as_u64().and_then(|n| u32::try_from(n).ok());
    match array(json)? {
        [file, start, end] => match (number(file), number(start), number(end)) {
            (Some(file), Some(start), Some(end)) => Ok(Span { file: FileId(file), start, end }),
            _ => malformed("a place"),
        },
        _ => malformed("a place"),
    }
}

fn read_name(json: &Json) -> Result<Name> {
    match array(json)? {
        [Json::String(text), place] => {
            Ok(Name { text: Arc::from(text.as_str()), span: read_span(place)? })
        }
        _ => malformed("a name"),
    }
}

fn flag(json: &Json) -> Result<bool> {
    json.as_bool().ok_or(StoredError::Malformed("a truth value is missing"))
}

impl Reader<'_> {
    fn deeper(self) -> Result<Self> {
        if self.depth >= MAX_DEPTH {
            return Err(StoredError::TooDeep);
        }
        Ok(Reader { depth: self.depth + 1, ..self })
    }

    fn expr(self, json: &Json) -> Result<Expr> {
        let reader = self.deeper()?;
        let members = json.as_object().ok_or(StoredError::Malformed("an expression is missing"))?;
        if let Some(Json::String(text)) = members.get("json") {
            return reader.expr(&parse(text)?);
        }
        let place = members.get("at").ok_or(StoredError::Malformed("a place is missing"))?;
        let mut others = members.iter().filter(|(key, _)| *key != "at");
        let (Some((tag, content)), None) = (others.next(), others.next()) else {
            return malformed("one kind is needed");
        };
        Ok(Expr::new(reader.kind(tag, content)?, read_span(place)?))
    }

    fn kind(self, tag: &str, content: &Json) -> Result<ExprKind> {
        let boxed = |json: &Json| self.expr(json).map(Box::new);
        Ok(match (tag, content) {
            ("literal", value) => ExprKind::Literal(codec::decode(value, self.seal)?),
            ("literal_text", Json::String(text)) => {
                ExprKind::Literal(codec::decode(&parse(text)?, self.seal)?)
            }
            ("template", parts) => ExprKind::Template(self.parts(parts)?),
            ("tuple", items) => ExprKind::Tuple(self.exprs(items)?),
            ("object", items) => {
                let items = array(items)?.iter().map(|item| self.item(item));
                ExprKind::Object(items.collect::<Result<_>>()?)
            }
            ("variable", Json::String(root)) => ExprKind::Variable(Arc::from(root.as_str())),
            ("parenthesized", inner) => ExprKind::Parenthesized(boxed(inner)?),
            ("for", parts) => ExprKind::For(Box::new(self.comprehension(parts)?)),
            (tag, content) => match (tag, array(content)?) {
                ("access", [of, steps]) => {
                    ExprKind::Access { of: boxed(of)?, steps: self.steps(steps)? }
                }
                ("splat", [of, each]) => {
                    ExprKind::Splat { of: boxed(of)?, each: self.steps(each)? }
                }
                ("call", [function, arguments, expand]) => ExprKind::Call {
                    function: read_name(function)?,
                    arguments: self.exprs(arguments)?,
                    expand: flag(expand)?,
                },
                ("unary", [operator, operand]) => {
                    ExprKind::Unary { operator: operator_of(operator)?, operand: boxed(operand)? }
                }
                ("binary", [operator, left, right]) => ExprKind::Binary {
                    operator: binary_operator_of(operator)?,
                    operands: Box::new((self.expr(left)?, self.expr(right)?)),
                },
                ("conditional", [condition, yes, no]) => ExprKind::Conditional(Box::new((
                    self.expr(condition)?,
                    self.expr(yes)?,
                    self.expr(no)?,
                ))),
                _ => return malformed("the kind is not known"),
            },
        })
    }

    fn exprs(self, json: &Json) -> Result<Vec<Expr>> {
        array(json)?.iter().map(|expr| self.expr(expr)).collect()
    }

    fn item(self, json: &Json) -> Result<ObjectItem> {
        match array(json)? {
            [key, value] => {
                let key = match key {
                    Json::Array(_) => ObjectKey::Literal(read_name(key)?),
                    _ => ObjectKey::Expr(self.expr(key)?),
                };
                Ok(ObjectItem { key, value: self.expr(value)? })
            }
            _ => malformed("an item of an object"),
        }
    }

    fn steps(self, json: &Json) -> Result<Vec<Accessor>> {
        let reader = self.deeper()?;
        let step = |step: &Json| match step {
            Json::Array(_) => read_name(step).map(Accessor::Attribute),
            Json::Object(members) => match members.get("each") {
                Some(each) => reader.steps(each).map(Accessor::Splat),
                None => reader.expr(step).map(Accessor::Index),
            },
            _ => malformed("a step"),
        };
        array(json)?.iter().map(step).collect()
    }

    fn comprehension(self, json: &Json) -> Result<ForExpr> {
        let member =
            |key: &'static str| json.get(key).ok_or(StoredError::Malformed("a part of `for`"));
        let optional = |key: &'static str| match member(key)? {
            Json::Null => Ok(None),
            expr => self.expr(expr).map(Some),
        };
        let key_name = match member("key_name")? {
            Json::Null => None,
            name => Some(read_name(name)?),
        };
        Ok(ForExpr {
            key_name,
            value_name: read_name(member("value_name")?)?,
            collection: self.expr(member("collection")?)?,
            key: optional("key")?,
            value: self.expr(member("value")?)?,
            condition: optional("condition")?,
            group: flag(member("group")?)?,
        })
    }

    fn parts(self, json: &Json) -> Result<Vec<TemplatePart>> {
        let reader = self.deeper()?;
        array(json)?.iter().map(|part| reader.part(part)).collect()
    }

    fn part(self, json: &Json) -> Result<TemplatePart> {
        if let Json::String(text) = json {
            return Ok(TemplatePart::Literal(Arc::from(text.as_str())));
        }
        let member = |key: &str| json.get(key).unwrap_or(&Json::Null);
        if json.get("if").is_some() {
            return Ok(TemplatePart::If {
                condition: self.expr(member("if"))?,
                then: self.parts(member("then"))?,
                otherwise: self.parts(member("else"))?,
            });
        }
        // The kind `for` of an expression always has a place.
        if json.get("for").is_some() && json.get("at").is_none() {
            let key = match member("key_name") {
                Json::Null => None,
                name => Some(read_name(name)?),
            };
            return Ok(TemplatePart::For {
                key,
                value: read_name(member("value_name"))?,
                collection: self.expr(member("for"))?,
                body: self.parts(member("body"))?,
            });
        }
        self.expr(json).map(TemplatePart::Interpolation)
    }
}

fn operator_of(json: &Json) -> Result<UnaryOperator> {
    serde::Deserialize::deserialize(json).or_else(|_| malformed("an operator"))
}

fn binary_operator_of(json: &Json) -> Result<BinaryOperator> {
    serde::Deserialize::deserialize(json).or_else(|_| malformed("an operator"))
}
