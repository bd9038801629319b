//! Expressions: HCL's native expression syntax as a tree.

use std::sync::Arc;

use mpctl_provider::Value;

use super::Name;
use crate::source::Span;

/// An expression and its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// A number, a truth value, `null`, a string without interpolation; in residual expressions any known value.
    Literal(Value),
    /// A quoted or heredoc template with at least one interpolation or directive. One that is a single
    /// `${…}` and nothing else keeps the type of its expression.
    Template(Vec<TemplatePart>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = b }`, also a YAML mapping.
    Object(Vec<ObjectItem>),
    /// A root name: `var`, `local`, `resource`, a `for` variable …
    Variable(Arc<str>),
    /// `of.name`, `of[key]`, in a row.
    Access {
        /// What is looked into.
        of: Box<Expr>,
        /// The steps, at least one.
        steps: Vec<Accessor>,
    },
    /// `of.*.name` or `of[*].name[0]`: the steps apply to each element.
    Splat {
        /// What is iterated over; a value that is no list counts as a list of one, null as an empty one.
        of: Box<Expr>,
        /// What is taken of each element; may be empty.
        each: Vec<Accessor>,
    },
    /// `name(a, b...)`
    Call {
        /// The function's name; a namespaced one holds `::`.
        function: Name,
        /// The arguments.
        arguments: Vec<Expr>,
        /// Whether the last argument is expanded (`xs...`).
        expand: bool,
    },
    /// `!a`, `-a`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Left, then right.
        operands: Box<(Expr, Expr)>,
    },
    /// `condition ? yes : no`
    Conditional(Box<(Expr, Expr, Expr)>),
    /// `[for …]`, `{for …}`
    For(Box<ForExpr>),
    /// `(a)`: kept, since an object key in parentheses is an expression and not a name.
    Parenthesized(Box<Expr>),
    /// What stood here was malformed and has been reported.
    Malformed,
}

/// A step into a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Accessor {
    /// `.name`
    Attribute(Name),
    /// `[key]`, or `.0` of old
    Index(Expr),
    /// A further splat within the steps of a [`ExprKind::Splat`], and nowhere else: `b[*].c` in `a[*].b[*].c`.
    /// Its steps apply to each element of what has been reached; what follows it applies to the whole result.
    Splat(Vec<Accessor>),
}

/// `key = value` of an object constructor.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectItem {
    /// The key.
    pub key: ObjectKey,
    /// The value.
    pub value: Expr,
}

/// The key of an object constructor's item.
#[derive(Clone, PartialEq, Debug)]
pub enum ObjectKey {
    /// A bare word or a literal string: the key itself.
    Literal(Name),
    /// Anything else, a parenthesized name among it.
    Expr(Expr),
}

/// A part of a template.
#[derive(Clone, PartialEq, Debug)]
pub enum TemplatePart {
    /// Text, escapes resolved and strip markers applied.
    Literal(Arc<str>),
    /// `${…}`
    Interpolation(Expr),
    /// `%{if c}…%{else}…%{endif}`
    If {
        /// The condition.
        condition: Expr,
        /// The parts when it holds.
        then: Vec<TemplatePart>,
        /// The parts when it does not.
        otherwise: Vec<TemplatePart>,
    },
    /// `%{for k, v in c}…%{endfor}`
    For {
        /// The name for the key or index, if asked for.
        key: Option<Name>,
        /// The name for the element.
        value: Name,
        /// What is iterated over.
        collection: Expr,
        /// The parts of each round.
        body: Vec<TemplatePart>,
    },
}

/// `[for k, v in c : v if x]`, `{for k, v in c : k => v... if x}`
#[derive(Clone, PartialEq, Debug)]
pub struct ForExpr {
    /// The name for the key or index, if asked for.
    pub key_name: Option<Name>,
    /// The name for the element.
    pub value_name: Name,
    /// What is iterated over.
    pub collection: Expr,
    /// The key of the result: present makes an object, absent a tuple.
    pub key: Option<Expr>,
    /// The element of the result.
    pub value: Expr,
    /// Only elements for which this holds.
    pub condition: Option<Expr>,
    /// `...` after the value: values of equal keys are gathered.
    pub group: bool,
}

/// An operator before its operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// An operator between its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum BinaryOperator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl Expr {
    /// An expression of a kind at a place.
    pub fn new(kind: ExprKind, span: Span) -> Expr {
        Expr { kind, span }
    }
}
