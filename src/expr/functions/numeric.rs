//! Numeric functions.

use mpctl_provider::{Number, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text, whole};
use crate::expr::EvalContext;

const NUMBER: Returns = Returns::Kind(Kind::Number);
const NUM: Parameter = Parameter::new("num", Kind::Number);

type Outcome = Result<Value, Fault>;

/// Every numeric function.
pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "abs", parameters: &[NUM], variadic: None, returns: NUMBER, body: abs },
    Function { name: "ceil", parameters: &[NUM], variadic: None, returns: NUMBER, body: ceil },
    Function { name: "floor", parameters: &[NUM], variadic: None, returns: NUMBER, body: floor },
    Function {
        name: "log",
        parameters: &[NUM, Parameter::new("base", Kind::Number)],
        variadic: None,
        returns: NUMBER,
        body: log,
    },
    Function {
        name: "max",
        parameters: &[],
        variadic: Some(Parameter::new("numbers", Kind::Number)),
        returns: NUMBER,
        body: max,
    },
    Function {
        name: "min",
        parameters: &[],
        variadic: Some(Parameter::new("numbers", Kind::Number)),
        returns: NUMBER,
        body: min,
    },
    Function {
        name: "parseint",
        parameters: &[Parameter::new("number", Kind::Any), Parameter::new("base", Kind::Number)],
        variadic: None,
        returns: NUMBER,
        body: parse_int,
    },
    Function {
        name: "pow",
        parameters: &[NUM, Parameter::new("power", Kind::Number)],
        variadic: None,
        returns: NUMBER,
        body: pow,
    },
    Function { name: "signum", parameters: &[NUM], variadic: None, returns: NUMBER, body: signum },
];

fn number(arguments: &[Value], at: usize) -> &Number {
    arguments.get(at).and_then(Value::as_number).unwrap_or(&Number::ZERO)
}

fn result(number: Result<Number, mpctl_provider::value::NumberError>) -> Outcome {
    number.map(Value::Number).map_err(Fault::new)
}

fn abs(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    Ok(Value::Number(number(arguments, 0).abs()))
}

fn ceil(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    Ok(Value::Number(number(arguments, 0).ceil()))
}

fn floor(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    Ok(Value::Number(number(arguments, 0).floor()))
}

fn log(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if number(arguments, 0).signum() <= 0 {
        return Err(Fault::of(0, "only a positive number has a logarithm"));
    }
    if number(arguments, 1).signum() <= 0 || *number(arguments, 1) == Number::ONE {
        return Err(Fault::of(1, "the base has to be positive and not 1"));
    }
    result(number(arguments, 0).log(number(arguments, 1)))
}

fn max(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let largest = arguments.iter().filter_map(Value::as_number).max();
    largest.cloned().map(Value::Number).ok_or_else(|| Fault::new("at least one number is required"))
}

fn min(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let smallest = arguments.iter().filter_map(Value::as_number).min();
    smallest
        .cloned()
        .map(Value::Number)
        .ok_or_else(|| Fault::new("at least one number is required"))
}

fn parse_int(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let base = whole(arguments, 1)?;
    let base = u8::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or_else(|| Fault::of(1, "the base has to be from 2 to 62"))?;
    if !matches!(arguments[0], Value::String(_)) {
        return Err(Fault::of(0, "a string is required"));
    }
    let digits = text(arguments, 0);
    Number::from_radix(digits, base)
        .map(Value::Number)
        .map_err(|_| quoted(0, "", digits, &format!(" is no whole number in base {base}")))
}

fn pow(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    result(number(arguments, 0).pow(number(arguments, 1)))
}

fn signum(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if !number(arguments, 0).is_whole() {
        return Err(Fault::of(0, "a whole number is required"));
    }
    Ok(Value::int(number(arguments, 0).signum()))
}
