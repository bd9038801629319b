//! Functions of maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, items, quoted, text};
use crate::diagnostic::nearest;
use crate::expr::EvalContext;
use crate::expr::describe::kind;

const DYNAMIC: Returns = Returns::Computed(|_| Type::Dynamic);
const MAP: Parameter = Parameter::new("inputMap", Kind::Any).moved();

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "keys",
        parameters: &[MAP],
        variadic: None,
        returns: Returns::Computed(|arguments| match arguments[0].ty() {
            Type::Map(_) => Type::list(Type::String),
            _ => Type::Dynamic,
        }),
        body: keys,
    },
    Function {
        name: "lookup",
        parameters: &[MAP, Parameter::new("key", Kind::String)],
        variadic: Some(Parameter::new("default", Kind::Any).null().moved().unknown()),
        returns: Returns::Computed(|arguments| match arguments[0].ty() {
            Type::Map(element) => element.as_ref().clone(),
            _ => Type::Dynamic,
        }),
        body: lookup,
    },
    Function {
        name: "merge",
        parameters: &[],
        variadic: Some(Parameter::new("maps", Kind::Any).null().moved()),
        returns: DYNAMIC,
        body: merge,
    },
    Function {
        name: "transpose",
        parameters: &[Parameter::new("values", Kind::Map(&Kind::List(&Kind::String)))],
        variadic: None,
        returns: Returns::Kind(Kind::Map(&Kind::List(&Kind::String))),
        body: transpose,
    },
    Function {
        name: "values",
        parameters: &[Parameter::new("mapping", Kind::Any).moved()],
        variadic: None,
        returns: Returns::Computed(|arguments| match arguments[0].ty() {
            Type::Map(element) => Type::list(element.as_ref().clone()),
            _ => Type::Dynamic,
        }),
        body: values,
    },
    Function {
        name: "zipmap",
        parameters: &[
            Parameter::new("keys", Kind::List(&Kind::String)),
            Parameter::new("values", Kind::Any).moved(),
        ],
        variadic: None,
        returns: DYNAMIC,
        body: zipmap,
    },
];

fn entries(arguments: &[Value], at: usize) -> Result<&Entries, Fault> {
    let wrong =
        || Fault::of(at, format!("a map or object is required, not {}", kind(&arguments[at])));
    arguments[at].as_entries().ok_or_else(wrong)
}

fn keys(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let keys = entries(arguments, 0)?.iter().map(|(key, _)| Value::String(key.clone()));
    Ok(match &arguments[0] {
        Value::Object(_) => Value::Tuple(keys.collect()),
        _ => Value::list(Type::String, keys.collect()),
    })
}

fn lookup(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if arguments.len() > 3 {
        return Err(Fault::of(3, "there can be only one default"));
    }
    let entries = entries(arguments, 0)?;
    let key = text(arguments, 1);
    let default = match (arguments.get(2), &arguments[0]) {
        (Some(default), Value::Map(m)) => {
            let fault = |fault| Fault::of(2, format!("it has to fit the map's elements: {fault}"));
            Some(default.convert(&m.element).map_err(fault)?)
        }
        (default, _) => default.cloned(),
    };
    if let Some(value) = entries.get(key).cloned().or(default) {
        return Ok(value);
    }
    let fault = quoted(1, "the map has no key ", key, "");
    let names = entries.iter().map(|(name, _)| name.as_ref());
    Err(match nearest(key, names) {
        Some(near) => fault.hint(format!("did you mean {near:?}?")),
        None => fault.hint("a third argument is what to give if there is no such key"),
    })
}

fn merge(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let mut merged: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    let mut map_types: Option<Vec<Type>> = Some(Vec::new());
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::Null(Type::Dynamic | Type::Map(_) | Type::Object(_)) => continue,
            Value::Map(m) => {
                if let Some(types) = &mut map_types {
                    types.push(m.element.clone());
                }
            }
            Value::Object(_) => map_types = None,
            _ => {}
        }
        for (key, value) in entries(arguments, at)?.iter() {
            merged.insert(key.clone(), value.clone());
        }
    }
    let entries: Entries = merged.into_iter().collect();
    if let Some(types) = map_types.filter(|types| !types.is_empty())
        && types.iter().all(|ty| *ty == types[0])
    {
        return Ok(Value::map(types[0].clone(), entries));
    }
    Ok(Value::Object(Arc::new(entries)))
}

fn transpose(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in entries(arguments, 0)?.iter() {
        for item in list.as_items().unwrap_or_default() {
            let Value::String(text) = item else {
                return Err(quoted(0, "the list of ", key, " has a null in it"));
            };
            turned.entry(text.clone()).or_default().push(Value::String(key.clone()));
        }
    }
    let entries = turned.into_iter().map(|(key, list)| (key, Value::list(Type::String, list)));
    Ok(Value::map(Type::list(Type::String), entries.collect()))
}

fn values(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let values = entries(arguments, 0)?.iter().map(|(_, value)| value.clone());
    Ok(match &arguments[0] {
        Value::Map(m) => Value::list(m.element.clone(), values.collect()),
        _ => Value::Tuple(values.collect()),
    })
}

fn zipmap(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let keys = items(arguments, 0);
    let values = match &arguments[1] {
        Value::List(s) => s.items.as_slice(),
        Value::Tuple(items) => items,
        other => {
            return Err(Fault::of(1, format!("a list or tuple is required, not {}", kind(other))));
        }
    };
    if keys.len() != values.len() {
        let message = format!("there are {} keys and {} values", keys.len(), values.len());
        return Err(Fault::of(1, message));
    }
    let mut entries = Vec::with_capacity(keys.len());
    for (at, (key, value)) in keys.iter().zip(values).enumerate() {
        match key {
            Value::String(key) => entries.push((key.clone(), value.clone())),
            _ => return Err(Fault::of(0, format!("key {at} is null"))),
        }
    }
    let entries: Entries = entries.into_iter().collect();
    Ok(match &arguments[1] {
        Value::List(s) => Value::map(s.element.clone(), entries),
        _ => Value::Object(Arc::new(entries)),
    })
}
