//! Functions that combine several collections, or choose among several values.

use mpctl_provider::value::unify;
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, items};
use crate::expr::describe::kind;
use crate::expr::{EvalContext, MAX_ELEMENTS};

const DYNAMIC: Returns = Returns::Computed(|_| Type::Dynamic);
const SETS: Option<Parameter> = Some(Parameter::new("sets", Kind::Set(&Kind::Any)));
const FIRST_SET: Parameter = Parameter::new("first_set", Kind::Set(&Kind::Any));

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "coalesce",
        parameters: &[],
        variadic: Some(Parameter::new("vals", Kind::Any).null().moved().unknown()),
        returns: DYNAMIC,
        body: coalesce,
    },
    Function {
        name: "coalescelist",
        parameters: &[],
        variadic: Some(Parameter::new("vals", Kind::Any)),
        returns: DYNAMIC,
        body: coalesce_list,
    },
    Function {
        name: "concat",
        parameters: &[],
        variadic: Some(Parameter::new("seqs", Kind::Any).moved()),
        returns: DYNAMIC,
        body: concat,
    },
    Function {
        name: "matchkeys",
        parameters: &[
            Parameter::new("values", Kind::List(&Kind::Any)),
            Parameter::new("keys", Kind::List(&Kind::Any)),
            Parameter::new("searchset", Kind::List(&Kind::Any)),
        ],
        variadic: None,
        returns: Returns::Computed(|arguments| arguments[0].ty()),
        body: match_keys,
    },
    Function {
        name: "setintersection",
        parameters: &[FIRST_SET],
        variadic: SETS,
        returns: DYNAMIC,
        body: |a, _| set_operation(a, Keep::Common),
    },
    Function {
        name: "setsubtract",
        parameters: &[
            Parameter::new("a", Kind::Set(&Kind::Any)),
            Parameter::new("b", Kind::Set(&Kind::Any)),
        ],
        variadic: None,
        returns: DYNAMIC,
        body: |a, _| set_operation(a, Keep::Difference),
    },
    Function {
        name: "setunion",
        parameters: &[FIRST_SET],
        variadic: SETS,
        returns: DYNAMIC,
        body: |a, _| set_operation(a, Keep::Union),
    },
    Function {
        name: "setproduct",
        parameters: &[],
        variadic: Some(Parameter::new("sets", Kind::Any).moved()),
        returns: DYNAMIC,
        body: set_product,
    },
];

fn coalesce(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let known: Vec<Type> = arguments
        .iter()
        .filter(|value| !matches!(value, Value::Null(Type::Dynamic)))
        .map(Value::ty)
        .collect();
    let ty = match known.as_slice() {
        [] if arguments.is_empty() => return Err(Fault::new("at least one argument is required")),
        [] => Type::Dynamic,
        types => unify(types).ok_or_else(|| Fault::new("all arguments must have the same type"))?,
    };
    for (at, argument) in arguments.iter().enumerate() {
        let value = argument.convert(&ty).map_err(|fault| Fault::of(at, fault))?;
        if let Value::Unknown(unknown) = &value {
            if unknown.refinement.not_null && ty != Type::String && ty != Type::Dynamic {
                return Ok(value);
            }
            return Ok(Value::unknown(ty));
        }
        if !value.is_null() && value.as_str() != Some("") {
            return Ok(value);
        }
    }
    Err(Fault::new("every argument is null or an empty string"))
}

fn coalesce_list(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::List(s) if s.items.is_empty() => {}
            Value::Tuple(items) if items.is_empty() => {}
            Value::List(_) | Value::Tuple(_) => return Ok(argument.clone()),
            other => {
                return Err(Fault::of(
                    at,
                    format!("a list or tuple is required, not {}", kind(other)),
                ));
            }
        }
    }
    Err(Fault::new("every argument is empty"))
}

fn concat(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if arguments.is_empty() {
        return Err(Fault::new("at least one list is required"));
    }
    let mut all = Vec::new();
    let mut lists: Option<Vec<Type>> = Some(Vec::new());
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::List(s) => {
                lists = lists.map(|mut types| {
                    types.push(s.element.clone());
                    types
                });
            }
            Value::Tuple(_) => lists = None,
            other => {
                return Err(Fault::of(
                    at,
                    format!("a list or tuple is required, not {}", kind(other)),
                ));
            }
        }
        all.extend(argument.as_items().unwrap_or_default().iter().cloned());
        if all.len() > MAX_ELEMENTS {
            return Err(Fault::new(format!("more than {MAX_ELEMENTS} elements")));
        }
    }
    if let Some(element) = lists.and_then(|types| unify(&types)) {
        return Value::Tuple(all.into()).convert(&Type::list(element)).map_err(Fault::new);
    }
    Ok(Value::Tuple(all.into()))
}

fn match_keys(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let (values, keys, wanted) = (items(arguments, 0), items(arguments, 1), items(arguments, 2));
    if values.len() != keys.len() {
        return Err(Fault::of(
            1,
            format!("it has to have as many elements as the values, {}", values.len()),
        ));
    }
    let mut types: Vec<Type> = vec![arguments[1].ty(), arguments[2].ty()];
    types.retain(|ty| *ty != Type::list(Type::Dynamic));
    let ty = if types.is_empty() { Some(Type::list(Type::Dynamic)) } else { unify(&types) };
    let ty = ty.ok_or_else(|| Fault::new("keys and searched keys have no common type"))?;
    let (keys, wanted) = (convert_items(keys, &ty)?, convert_items(wanted, &ty)?);
    let found = |key: &Value| wanted.iter().any(|w| Value::total_order(w, key).is_eq());
    let kept =
        values.iter().zip(&keys).filter(|(_, key)| found(key)).map(|(value, _)| value.clone());
    let element = match arguments[0].ty() {
        Type::List(element) => element.as_ref().clone(),
        _ => Type::Dynamic,
    };
    Ok(Value::list(element, kept.collect()))
}

fn convert_items(values: &[Value], list: &Type) -> Result<Vec<Value>, Fault> {
    let Type::List(element) = list else { return Ok(values.to_vec()) };
    values.iter().map(|value| value.convert(element).map_err(Fault::new)).collect()
}

/// What stays of the elements of two sets.
#[derive(Clone, Copy)]
enum Keep {
    Common,
    Difference,
    Union,
}

fn set_operation(arguments: &[Value], keep: Keep) -> Outcome {
    let elements = |value: &Value| match value.ty() {
        Type::Set(element) => element.as_ref().clone(),
        _ => Type::Dynamic,
    };
    let is_empty = |value: &Value| value.as_items().is_some_and(<[Value]>::is_empty);
    // An empty set constructor has no element type to agree on.
    let types: Vec<Type> = arguments
        .iter()
        .filter(|value| !(is_empty(value) && elements(value) == Type::Dynamic))
        .map(elements)
        .collect();
    let element = match types.as_slice() {
        [] => Type::Dynamic,
        types => {
            unify(types).ok_or_else(|| Fault::new("the sets' elements have no common type"))?
        }
    };
    let set = |value: &Value| -> Result<Vec<Value>, Fault> {
        match value.convert(&Type::set(element.clone())).map_err(Fault::new)? {
            Value::Set(s) => Ok(s.items.clone()),
            _ => Ok(Vec::new()),
        }
    };
    let mut result = set(&arguments[0])?;
    for argument in &arguments[1..] {
        let other = set(argument)?;
        // Both are sorted.
        let within =
            |value: &Value| other.binary_search_by(|o| Value::total_order(o, value)).is_ok();
        match keep {
            Keep::Common => result.retain(within),
            Keep::Difference => result.retain(|value| !within(value)),
            Keep::Union => result.extend(other),
        }
    }
    Ok(Value::set(element, result))
}

fn set_product(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if arguments.len() < 2 {
        return Err(Fault::new("at least two sets or lists are required"));
    }
    let mut count = 1usize;
    let mut columns: Vec<(Type, Vec<Value>)> = Vec::with_capacity(arguments.len());
    for (at, argument) in arguments.iter().enumerate() {
        let wrong = || Fault::of(at, format!("a set or list is required, not {}", kind(argument)));
        let values = argument.as_items().ok_or_else(wrong)?;
        let element = match argument.ty() {
            Type::List(element) | Type::Set(element) => element.as_ref().clone(),
            Type::Tuple(types) if types.is_empty() => Type::Dynamic,
            Type::Tuple(types) => unify(&types)
                .ok_or_else(|| Fault::of(at, "all elements must be of the same type"))?,
            _ => return Err(wrong()),
        };
        let values =
            values.iter().map(|value| value.convert(&element).map_err(|f| Fault::of(at, f)));
        let values = values.collect::<Result<_, _>>()?;
        columns.push((element, values));
        count = count.saturating_mul(columns[at].1.len());
    }
    if count > MAX_ELEMENTS {
        return Err(Fault::new(format!("more than {MAX_ELEMENTS} combinations")));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (_, column) in &columns {
        rows = rows
            .iter()
            .flat_map(|row| column.iter().map(|value| row.iter().chain([value]).cloned().collect()))
            .collect();
    }
    let element = Type::Tuple(columns.iter().map(|(ty, _)| ty.clone()).collect());
    let rows = rows.into_iter().map(|row| Value::Tuple(row.into())).collect();
    let all_sets = arguments.iter().all(|argument| matches!(argument, Value::Set(_)));
    Ok(if all_sets { Value::set(element, rows) } else { Value::list(element, rows) })
}
