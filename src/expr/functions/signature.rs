//! What a function says about itself, and the call that holds it to that.

use std::fmt;

use mpctl_provider::value::{ConvertError, NumberError, Refinement, Unknown};
use mpctl_provider::{Type, Value};

use crate::expr::describe::{describe, quote};
use crate::expr::scope::EvalContext;

/// A function of the language.
pub struct Function {
    /// What it is called.
    pub name: &'static str,
    /// The arguments that it takes.
    pub parameters: &'static [Parameter],
    /// What any number of further arguments have to be, if it takes them.
    pub variadic: Option<Parameter>,
    /// The type of its result, for when that is not known.
    pub returns: Returns,
    /// What it does with arguments that fit.
    pub body: fn(&[Value], &EvalContext<'_>) -> Result<Value, Fault>,
}

/// An argument that a function takes.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// What messages call it.
    pub name: &'static str,
    /// What it is converted to.
    pub kind: Kind,
    /// Whether null is a valid argument.
    pub null: bool,
    /// What is done about arguments that are not known.
    pub unknowns: Unknowns,
    /// What is done about sensitive marks.
    pub marks: Marks,
}

/// What is done about sensitive marks on an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marks {
    /// All are taken off, those within as well; if there was any, the result is sensitive.
    Deep,
    /// That of the argument itself moves to the result; those within stay where they are.
    Outer,
    /// The body sees them and is answerable for them.
    Seen,
}

/// What is done about an argument that is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknowns {
    /// The result is unknown if the argument or anything within it is.
    Deep,
    /// The result is unknown if the argument itself is; the body copes with what is within.
    Shallow,
    /// The body copes with everything.
    Allowed,
}

/// The type of a parameter, as a constant.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Anything.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(&'static Kind),
    /// `set(T)`
    Set(&'static Kind),
    /// `map(T)`
    Map(&'static Kind),
}

/// The type of a result.
pub enum Returns {
    /// Always the same.
    Kind(Kind),
    /// What the function computes from the arguments.
    Computed(fn(&[Value]) -> Type),
    /// Always the same, and perhaps null.
    Nullable(Kind),
}

/// Why a function cannot give a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The argument that is to blame, counted from 0.
    pub argument: Option<usize>,
    /// What is wrong.
    pub message: Message,
    /// What the marked place is.
    pub label: String,
    /// A way out.
    pub hint: Option<Message>,
}

/// Words for the user, and whether an argument may be quoted in them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    text: String,
    quotes: bool,
}

/// Fixed words quote nothing.
impl From<&'static str> for Message {
    fn from(text: &'static str) -> Message {
        Message { text: text.into(), quotes: false }
    }
}

/// Words put together may quote an argument.
impl From<String> for Message {
    fn from(text: String) -> Message {
        Message { text, quotes: true }
    }
}

impl From<ConvertError> for Message {
    fn from(fault: ConvertError) -> Message {
        fault.to_string().into()
    }
}

impl From<NumberError> for Message {
    fn from(fault: NumberError) -> Message {
        fault.to_string().into()
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Fault {
    /// The function as a whole fails.
    pub fn new(message: impl Into<Message>) -> Fault {
        Fault { argument: None, message: message.into(), label: "called here".into(), hint: None }
    }

    /// One argument is to blame.
    pub fn of(argument: usize, message: impl Into<Message>) -> Fault {
        Fault { argument: Some(argument), label: "this argument".into(), ..Fault::new(message) }
    }

    /// Adds a way out.
    pub fn hint(mut self, hint: impl Into<Message>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    fn label(mut self, label: String) -> Fault {
        self.label = label;
        self
    }

    /// The same without what may quote an argument.
    fn redacted(mut self) -> Fault {
        if self.message.quotes {
            self.message = "the argument does not fit, and it is sensitive".into();
        }
        self.hint = self.hint.filter(|hint| !hint.quotes);
        self
    }
}

impl Parameter {
    /// A parameter that may be neither null nor unknown and sees no marks.
    pub const fn new(name: &'static str, kind: Kind) -> Parameter {
        Parameter { name, kind, null: false, unknowns: Unknowns::Deep, marks: Marks::Deep }
    }

    /// Null is a valid argument.
    pub const fn null(self) -> Parameter {
        Parameter { null: true, ..self }
    }

    /// Unknown parts are left to the body.
    pub const fn shallow(self) -> Parameter {
        Parameter { unknowns: Unknowns::Shallow, ..self }
    }

    /// Unknown arguments are left to the body.
    pub const fn unknown(self) -> Parameter {
        Parameter { unknowns: Unknowns::Allowed, ..self }
    }

    /// Sensitive marks are left to the body.
    pub const fn marks(self) -> Parameter {
        Parameter { marks: Marks::Seen, ..self }
    }

    /// A collection whose elements are moved, not looked at: what is unknown or sensitive within it stays so.
    pub const fn moved(self) -> Parameter {
        Parameter { marks: Marks::Outer, unknowns: Unknowns::Shallow, ..self }
    }
}

impl Kind {
    /// The type.
    pub fn ty(self) -> Type {
        match self {
            Kind::Any => Type::Dynamic,
            Kind::Bool => Type::Bool,
            Kind::Number => Type::Number,
            Kind::String => Type::String,
            Kind::List(element) => Type::list(element.ty()),
            Kind::Set(element) => Type::set(element.ty()),
            Kind::Map(element) => Type::map(element.ty()),
        }
    }

    /// Whether the value already is of this type, found without building types.
    fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Kind::Any, _)
                | (Kind::Bool, Value::Bool(_))
                | (Kind::Number, Value::Number(_))
                | (Kind::String, Value::String(_))
        )
    }
}

impl Function {
    /// Whether it can be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        let least = self.parameters.len();
        count == least || (count > least && self.variadic.is_some())
    }

    /// The parameter that the argument at a position belongs to.
    pub fn parameter(&self, at: usize) -> Option<&Parameter> {
        self.parameters.get(at).or(self.variadic.as_ref())
    }

    /// How a call is written: `join(separator, lists...)`.
    pub fn signature(&self) -> String {
        let mut names: Vec<String> = self.parameters.iter().map(|p| p.name.to_owned()).collect();
        names.extend(self.variadic.as_ref().map(|p| format!("{}...", p.name)));
        format!("{}({})", self.name, names.join(", "))
    }

    /// Calls it: converts and checks the arguments, answers for unknown and sensitive ones, runs the body.
    pub fn call(
        &self,
        mut arguments: Vec<Value>,
        context: &EvalContext<'_>,
    ) -> Result<Value, Fault> {
        let (mut sensitive, mut unknown) = (false, false);
        for (at, argument) in arguments.iter_mut().enumerate() {
            let Some(parameter) = self.parameter(at) else { break };
            if !parameter.kind.fits(argument) {
                let converted = argument.convert(&parameter.kind.ty());
                let shown = describe(argument);
                *argument = converted
                    .map_err(|fault| Fault::of(at, fault).label(format!("this is {shown}")))?;
            }
            if !is_plain(argument) {
                let (bare, marked) = match parameter.marks {
                    Marks::Deep => argument.unmark_deep(),
                    Marks::Outer => {
                        let (bare, marked) = argument.unmark();
                        (bare.clone(), marked)
                    }
                    Marks::Seen => (argument.clone(), false),
                };
                sensitive |= marked;
                *argument = bare;
            }
            if !parameter.null && argument.is_null() {
                return Err(Fault::of(at, "null is not allowed").label("this is null".into()));
            }
            unknown |= match parameter.unknowns {
                Unknowns::Deep => !is_plain(argument) && !argument.is_wholly_known(),
                Unknowns::Shallow => argument.is_unknown(),
                Unknowns::Allowed => false,
            };
        }
        if unknown {
            let marked = sensitive
                || arguments.iter().any(|argument| matches!(argument, Value::Sensitive(_)));
            return Ok(self.unknown(&arguments).sensitive_if(marked));
        }
        (self.body)(&arguments, context)
            .map(|value| value.sensitive_if(sensitive))
            .map_err(|fault| if sensitive { fault.redacted() } else { fault })
    }

    /// A result that is not known.
    fn unknown(&self, arguments: &[Value]) -> Value {
        let (ty, not_null) = match self.returns {
            Returns::Kind(kind) => (kind.ty(), true),
            Returns::Nullable(kind) => (kind.ty(), false),
            Returns::Computed(compute) => (compute(arguments), false),
        };
        let refinement = Refinement { not_null, ..Refinement::default() };
        Value::Unknown(std::sync::Arc::new(Unknown { id: None, ty, refinement }))
    }
}

/// Whether the value is a primitive without marks: nothing to look for in it.
fn is_plain(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Null(_))
}

/// The text of an argument that was converted to a string.
pub(super) fn text(arguments: &[Value], at: usize) -> &str {
    arguments.get(at).and_then(Value::as_str).unwrap_or_default()
}

/// The items of an argument that was converted to a list, set or tuple.
pub(super) fn items(arguments: &[Value], at: usize) -> &[Value] {
    arguments.get(at).and_then(Value::as_items).unwrap_or_default()
}

/// A number argument as a count or position.
pub(super) fn whole(arguments: &[Value], at: usize) -> Result<i64, Fault> {
    arguments
        .get(at)
        .and_then(Value::as_number)
        .and_then(mpctl_provider::Number::as_i64)
        .ok_or_else(|| {
            let shown = arguments.get(at).map_or_else(String::new, describe);
            Fault::of(at, format!("a whole number is required, not {shown}"))
        })
}

/// A fault that quotes the argument.
pub(super) fn quoted(argument: usize, before: &str, text: &str, after: &str) -> Fault {
    Fault::of(argument, format!("{before}{}{after}", quote(text)))
}
