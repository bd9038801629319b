//! Functions of lists and tuples, of one at a time.

use mpctl_provider::value::unify;
use mpctl_provider::{Number, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::signature::{Fault, Function, Kind, Parameter, Returns, items, whole};
use crate::expr::describe::{describe, kind};
use crate::expr::evaluate::{compare, unknown};
use crate::expr::{EvalContext, MAX_ELEMENTS};

const LIST: Parameter = Parameter::new("list", Kind::Any).moved();
const ANY_LIST: Parameter = Parameter::new("list", Kind::List(&Kind::Any)).moved();
const NUMBER: Returns = Returns::Kind(Kind::Number);
const DYNAMIC: Returns = Returns::Computed(|_| Type::Dynamic);
const SAME: Returns = Returns::Computed(|arguments| arguments[0].ty());
const ELEMENT: Returns = Returns::Computed(|arguments| element_type(&arguments[0]));

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "chunklist",
        parameters: &[ANY_LIST, Parameter::new("size", Kind::Number)],
        variadic: None,
        returns: Returns::Computed(|arguments| Type::list(arguments[0].ty())),
        body: chunk_list,
    },
    Function {
        name: "compact",
        parameters: &[Parameter::new("list", Kind::List(&Kind::String))],
        variadic: None,
        returns: Returns::Kind(Kind::List(&Kind::String)),
        body: compact,
    },
    Function {
        name: "contains",
        parameters: &[
            Parameter::new("list", Kind::Any).shallow(),
            Parameter::new("value", Kind::Any).null().unknown(),
        ],
        variadic: None,
        returns: Returns::Kind(Kind::Bool),
        body: contains,
    },
    Function {
        name: "distinct",
        parameters: &[Parameter::new("list", Kind::List(&Kind::Any))],
        variadic: None,
        returns: SAME,
        body: distinct,
    },
    Function {
        name: "element",
        parameters: &[LIST, Parameter::new("index", Kind::Number)],
        variadic: None,
        returns: ELEMENT,
        body: element,
    },
    Function {
        name: "flatten",
        parameters: &[LIST],
        variadic: None,
        returns: DYNAMIC,
        body: flatten,
    },
    Function {
        name: "index",
        parameters: &[Parameter::new("list", Kind::Any), Parameter::new("value", Kind::Any).null()],
        variadic: None,
        returns: NUMBER,
        body: index,
    },
    Function {
        name: "length",
        parameters: &[Parameter::new("value", Kind::Any).moved().unknown()],
        variadic: None,
        returns: NUMBER,
        body: length,
    },
    Function { name: "one", parameters: &[LIST], variadic: None, returns: ELEMENT, body: one },
    Function {
        name: "range",
        parameters: &[],
        variadic: Some(Parameter::new("params", Kind::Number)),
        returns: Returns::Kind(Kind::List(&Kind::Number)),
        body: range,
    },
    Function {
        name: "reverse",
        parameters: &[LIST],
        variadic: None,
        returns: DYNAMIC,
        body: reverse,
    },
    Function {
        name: "slice",
        parameters: &[
            LIST,
            Parameter::new("start_index", Kind::Number),
            Parameter::new("end_index", Kind::Number),
        ],
        variadic: None,
        returns: Returns::Computed(|arguments| match arguments[0].ty() {
            list @ Type::List(_) => list,
            _ => Type::Dynamic,
        }),
        body: slice,
    },
    Function {
        name: "sort",
        parameters: &[Parameter::new("list", Kind::List(&Kind::String))],
        variadic: None,
        returns: Returns::Kind(Kind::List(&Kind::String)),
        body: sort,
    },
    Function {
        name: "sum",
        parameters: &[Parameter::new("list", Kind::Any)],
        variadic: None,
        returns: NUMBER,
        body: sum,
    },
    Function {
        name: "alltrue",
        parameters: &[Parameter::new("list", Kind::List(&Kind::Bool)).shallow()],
        variadic: None,
        returns: Returns::Kind(Kind::Bool),
        body: |arguments, _| Ok(fold_truth(items(arguments, 0), false)),
    },
    Function {
        name: "anytrue",
        parameters: &[Parameter::new("list", Kind::List(&Kind::Bool)).shallow()],
        variadic: None,
        returns: Returns::Kind(Kind::Bool),
        body: |arguments, _| Ok(fold_truth(items(arguments, 0), true)),
    },
];

/// The type of an element, as far as it is the same for all.
fn element_type(value: &Value) -> Type {
    match value.bare().ty() {
        Type::List(element) | Type::Set(element) => element.as_ref().clone(),
        Type::Tuple(types) => unify(&types).unwrap_or(Type::Dynamic),
        _ => Type::Dynamic,
    }
}

/// The argument's items with the requirement that they have an order.
fn ordered(arguments: &[Value]) -> Result<&[Value], Fault> {
    match &arguments[0] {
        Value::List(s) => Ok(&s.items),
        Value::Tuple(items) => Ok(items),
        other => Err(Fault::of(0, format!("a list or tuple is required, not {}", kind(other)))),
    }
}

/// The argument's items, ordered or not.
fn elements(arguments: &[Value]) -> Result<&[Value], Fault> {
    let other =
        || Fault::of(0, format!("a list, set or tuple is required, not {}", kind(&arguments[0])));
    arguments[0].as_items().ok_or_else(other)
}

/// Decided by the first element that equals `decisive`; else the other truth, if all are known.
fn fold_truth(items: &[Value], decisive: bool) -> Value {
    let is =
        |item: &Value, truth: bool| item.as_bool() == Some(truth) || (!truth && item.is_null());
    if items.iter().any(|item| is(item, decisive)) {
        return Value::Bool(decisive);
    }
    if items.iter().any(Value::is_unknown) { unknown(Type::Bool) } else { Value::Bool(!decisive) }
}

fn chunk_list(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let size = whole(arguments, 1)?;
    let size = usize::try_from(size).map_err(|_| Fault::of(1, "a size cannot be negative"))?;
    let (list, ty) = (items(arguments, 0), arguments[0].ty());
    let Type::List(element) = &ty else { return Ok(arguments[0].clone()) };
    let chunk = |part: &[Value]| Value::list(element.as_ref().clone(), part.to_vec());
    let chunks: Vec<Value> = match size {
        0 if list.is_empty() => Vec::new(),
        0 => vec![chunk(list)],
        size => list.chunks(size).map(chunk).collect(),
    };
    Ok(Value::list(ty.clone(), chunks))
}

fn compact(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let kept = items(arguments, 0)
        .iter()
        .filter(|item| item.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

fn contains(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let wanted = &arguments[1];
    let mut open = false;
    for item in elements(arguments)? {
        match compare(item, wanted) {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => open = true,
        }
    }
    Ok(if open { unknown(Type::Bool) } else { Value::Bool(false) })
}

fn distinct(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = items(arguments, 0);
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| Value::total_order(&list[*a], &list[*b]).then(a.cmp(b)));
    order.dedup_by(|later, kept| Value::total_order(&list[*later], &list[*kept]).is_eq());
    order.sort_unstable();
    let kept = order.into_iter().map(|at| list[at].clone()).collect();
    Ok(Value::list(element_type(&arguments[0]), kept))
}

fn element(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = ordered(arguments)?;
    let index = whole(arguments, 1)?;
    if list.is_empty() {
        return Err(Fault::of(0, "an empty list has no element"));
    }
    Ok(list[index.rem_euclid(list.len() as i64) as usize].clone())
}

fn flatten(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = elements(arguments)?;
    let mut flat = Vec::with_capacity(list.len());
    let mut sensitive = false;
    let known = flatten_into(list, &mut flat, &mut sensitive);
    if flat.len() > MAX_ELEMENTS {
        return Err(Fault::new(format!("more than {MAX_ELEMENTS} elements")));
    }
    let result = if known { Value::Tuple(flat.into()) } else { Value::unknown(Type::Dynamic) };
    Ok(result.sensitive_if(sensitive))
}

/// Whether it is known how many elements there are.
fn flatten_into(list: &[Value], flat: &mut Vec<Value>, sensitive: &mut bool) -> bool {
    list.iter().all(|item| {
        let (bare, marked) = item.unmark();
        match bare {
            Value::Unknown(unknown)
                if !unknown.ty.is_primitive()
                    && !matches!(unknown.ty, Type::Map(_) | Type::Object(_)) =>
            {
                false
            }
            bare => match bare.as_items() {
                Some(_) if flat.len() > MAX_ELEMENTS => true,
                Some(inner) => {
                    *sensitive |= marked;
                    flatten_into(inner, flat, sensitive)
                }
                None => {
                    flat.push(item.clone());
                    true
                }
            },
        }
    })
}

fn index(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = ordered(arguments)?;
    if list.is_empty() {
        return Err(Fault::of(0, "an empty list has no element"));
    }
    match list.iter().position(|item| compare(item, &arguments[1]) == Some(true)) {
        Some(at) => Ok(Value::Number(Number::from(at))),
        None => Err(Fault::of(1, format!("{} is not in the list", describe(&arguments[1])))),
    }
}

fn length(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let count = match &arguments[0] {
        Value::List(s) => s.items.len(),
        // Elements that are not known yet may turn out equal.
        Value::Set(s) if s.items.len() > 1 && !arguments[0].is_wholly_known() => {
            return Ok(unknown(Type::Number));
        }
        Value::Set(s) => s.items.len(),
        Value::Tuple(items) => items.len(),
        Value::Map(m) => m.entries.len(),
        Value::Object(entries) => entries.len(),
        Value::String(text) => text.graphemes(true).count(),
        Value::Unknown(of) => match &of.ty {
            Type::Tuple(types) => types.len(),
            Type::Object(object) => object.attributes.len(),
            Type::Bool | Type::Number => {
                return Err(Fault::of(0, format!("{} has no length", kind(&arguments[0]))));
            }
            _ => return Ok(unknown(Type::Number)),
        },
        other => {
            let message = format!("{} has no length", kind(other));
            return Err(Fault::of(0, message)
                .hint("lengths are those of lists, sets, maps, objects and strings"));
        }
    };
    Ok(Value::Number(Number::from(count)))
}

fn one(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    match elements(arguments)? {
        [] => Ok(Value::Null(element_type(&arguments[0]))),
        [only] => Ok(only.clone()),
        many => Err(Fault::of(0, format!("one element or none is required, not {}", many.len()))),
    }
}

fn range(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let number = |at: usize| arguments[at].as_number().cloned().unwrap_or(Number::ZERO);
    let (start, limit, step) = match arguments.len() {
        1 => (Number::ZERO, number(0), None),
        2 => (number(0), number(1), None),
        3 => (number(0), number(1), Some(number(2))),
        count => return Err(Fault::new(format!("1 to 3 numbers are required, not {count}"))),
    };
    let down = limit < start;
    let step = step.unwrap_or_else(|| Number::from(if down { -1 } else { 1 }));
    if step.is_zero() {
        return Err(Fault::of(2, "the step cannot be 0"));
    }
    if start != limit && (step.signum() < 0) != down {
        let wanted = if down { "negative" } else { "positive" };
        return Err(Fault::of(
            2,
            format!("to get from {start} to {limit} the step has to be {wanted}"),
        ));
    }
    let count =
        limit.subtract(&start).and_then(|distance| distance.divide(&step)).map_err(Fault::new)?;
    if count > Number::from(MAX_ELEMENTS) {
        return Err(Fault::new(format!("more than {MAX_ELEMENTS} numbers"))
            .hint("take a smaller limit or a larger step"));
    }
    let mut numbers = Vec::with_capacity(count.ceil().as_usize().unwrap_or(0));
    let mut next = start;
    while if down { next > limit } else { next < limit } {
        numbers.push(Value::Number(next.clone()));
        next = next.add(&step).map_err(Fault::new)?;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn reverse(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let reversed: Vec<Value> = elements(arguments)?.iter().rev().cloned().collect();
    Ok(match &arguments[0] {
        Value::Tuple(_) => Value::Tuple(reversed.into()),
        other => Value::list(element_type(other), reversed),
    })
}

fn slice(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = ordered(arguments)?;
    let bound = |at: usize| match usize::try_from(whole(arguments, at)?) {
        Ok(bound) if bound <= list.len() => Ok(bound),
        _ => Err(Fault::of(
            at,
            format!("it has to be from 0 to {}, the length of the list", list.len()),
        )),
    };
    let (start, end) = (bound(1)?, bound(2)?);
    if start > end {
        return Err(Fault::of(1, "the start has to come before the end"));
    }
    let part = list[start..end].to_vec();
    Ok(match &arguments[0] {
        Value::Tuple(_) => Value::Tuple(part.into()),
        other => Value::list(element_type(other), part),
    })
}

fn sort(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let mut sorted = items(arguments, 0).to_vec();
    if let Some(at) = sorted.iter().position(Value::is_null) {
        return Err(Fault::of(0, format!("element {at} is null")));
    }
    sorted.sort_by(Value::total_order);
    Ok(Value::list(Type::String, sorted))
}

fn sum(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let list = elements(arguments)?;
    if list.is_empty() {
        return Err(Fault::of(0, "an empty list has no sum"));
    }
    let mut sum = Number::ZERO;
    for (at, item) in list.iter().enumerate() {
        let wrong =
            || Fault::of(0, format!("element {at} has to be a number, not {}", describe(item)));
        let Ok(Value::Number(number)) = item.convert(&Type::Number) else { return Err(wrong()) };
        sum = sum.add(&number).map_err(Fault::new)?;
    }
    Ok(Value::Number(sum))
}
