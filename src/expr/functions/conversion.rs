//! Functions that convert types or look at marks.

use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns};
use crate::expr::EvalContext;
use crate::expr::describe::type_text;

const V: Parameter = Parameter::new("v", Kind::Any).null().unknown().marks();
const VALUE: Parameter = Parameter::new("value", Kind::Any).null().unknown().marks();

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "tobool",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::Bool),
        body: |a, _| to(a, &Type::Bool),
    },
    Function {
        name: "tolist",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::List(&Kind::Any)),
        body: |a, _| to(a, &Type::list(Type::Dynamic)),
    },
    Function {
        name: "tomap",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::Map(&Kind::Any)),
        body: |a, _| to(a, &Type::map(Type::Dynamic)),
    },
    Function {
        name: "tonumber",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::Number),
        body: |a, _| to(a, &Type::Number),
    },
    Function {
        name: "toset",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::Set(&Kind::Any)),
        body: |a, _| to(a, &Type::set(Type::Dynamic)),
    },
    Function {
        name: "tostring",
        parameters: &[V],
        variadic: None,
        returns: Returns::Nullable(Kind::String),
        body: |a, _| to(a, &Type::String),
    },
    Function {
        name: "type",
        parameters: &[VALUE],
        variadic: None,
        returns: Returns::Kind(Kind::String),
        body: |a, _| Ok(Value::string(type_text(&a[0].ty()))),
    },
    Function {
        name: "sensitive",
        parameters: &[VALUE],
        variadic: None,
        returns: Returns::Computed(|a| a[0].ty()),
        body: |a, _| Ok(a[0].clone().sensitive()),
    },
    Function {
        name: "nonsensitive",
        parameters: &[VALUE],
        variadic: None,
        returns: Returns::Computed(|a| a[0].ty()),
        body: |a, _| Ok(a[0].unmark_deep().0),
    },
    Function {
        name: "issensitive",
        parameters: &[VALUE],
        variadic: None,
        returns: Returns::Kind(Kind::Bool),
        body: is_sensitive,
    },
];

fn to(arguments: &[Value], ty: &Type) -> Outcome {
    arguments[0].convert(ty).map_err(|fault| Fault::of(0, fault))
}

fn is_sensitive(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    Ok(Value::Bool(matches!(arguments[0], Value::Sensitive(_))))
}
