//! String functions. Characters are grapheme clusters, as people count them.

use mpctl_provider::{Type, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::signature::{Fault, Function, Kind, Parameter, Returns, items, text, whole};
use crate::expr::{EvalContext, MAX_ELEMENTS, MAX_TEXT};

const STR: Parameter = Parameter::new("str", Kind::String);
const STRING: Returns = Returns::Kind(Kind::String);
const BOOL: Returns = Returns::Kind(Kind::Bool);
const STRINGS: Kind = Kind::List(&Kind::String);

type Outcome = Result<Value, Fault>;

const fn on_text(name: &'static str, body: fn(&[Value], &EvalContext<'_>) -> Outcome) -> Function {
    Function { name, parameters: &[STR], variadic: None, returns: STRING, body }
}

const fn on_two(
    name: &'static str,
    parameters: &'static [Parameter; 2],
    returns: Returns,
    body: fn(&[Value], &EvalContext<'_>) -> Outcome,
) -> Function {
    Function { name, parameters, variadic: None, returns, body }
}

/// Every string function but those of formats and regular expressions.
pub(super) const FUNCTIONS: &[Function] = &[
    on_text("chomp", |a, _| Ok(Value::string(text(a, 0).trim_end_matches(['\n', '\r'])))),
    on_text("lower", |a, _| Ok(Value::string(lower(text(a, 0))))),
    on_text("strrev", |a, _| {
        Ok(Value::string(text(a, 0).graphemes(true).rev().collect::<String>()))
    }),
    on_text("title", |a, _| Ok(Value::string(title(text(a, 0))))),
    on_text("trimspace", |a, _| Ok(Value::string(text(a, 0).trim()))),
    on_text("upper", |a, _| Ok(Value::string(upper(text(a, 0))))),
    on_two("endswith", &[STR, Parameter::new("suffix", Kind::String)], BOOL, |a, _| {
        Ok(Value::Bool(text(a, 0).ends_with(text(a, 1))))
    }),
    on_two(
        "startswith",
        &[STR.unknown(), Parameter::new("prefix", Kind::String)],
        BOOL,
        starts_with,
    ),
    on_two("strcontains", &[STR, Parameter::new("substr", Kind::String)], BOOL, |a, _| {
        Ok(Value::Bool(text(a, 0).contains(text(a, 1))))
    }),
    on_two("trim", &[STR, Parameter::new("cutset", Kind::String)], STRING, |a, _| {
        let cutset = text(a, 1);
        Ok(Value::string(text(a, 0).trim_matches(|c| cutset.contains(c))))
    }),
    on_two("trimprefix", &[STR, Parameter::new("prefix", Kind::String)], STRING, |a, _| {
        let (whole, prefix) = (text(a, 0), text(a, 1));
        Ok(Value::string(whole.strip_prefix(prefix).unwrap_or(whole)))
    }),
    on_two("trimsuffix", &[STR, Parameter::new("suffix", Kind::String)], STRING, |a, _| {
        let (whole, suffix) = (text(a, 0), text(a, 1));
        Ok(Value::string(whole.strip_suffix(suffix).unwrap_or(whole)))
    }),
    on_two("indent", &[Parameter::new("spaces", Kind::Number), STR], STRING, indent),
    on_two(
        "split",
        &[Parameter::new("separator", Kind::String), STR],
        Returns::Kind(STRINGS),
        split,
    ),
    Function {
        name: "join",
        parameters: &[Parameter::new("separator", Kind::String)],
        variadic: Some(Parameter::new("lists", STRINGS)),
        returns: STRING,
        body: join,
    },
    Function {
        name: "substr",
        parameters: &[
            STR,
            Parameter::new("offset", Kind::Number),
            Parameter::new("length", Kind::Number),
        ],
        variadic: None,
        returns: STRING,
        body: substr,
    },
];

/// Simple case mapping, one character for one, as Go has it: `ß` stays.
fn upper(text: &str) -> String {
    map_case(text, |c| single(c.to_uppercase(), c))
}

fn lower(text: &str) -> String {
    // The only character whose full lower case is two and whose simple one is `i`.
    map_case(text, |c| if c == 'İ' { 'i' } else { single(c.to_lowercase(), c) })
}

fn map_case(text: &str, map: impl Fn(char) -> char) -> String {
    text.chars().map(map).collect()
}

fn single(mut mapped: impl ExactSizeIterator<Item = char>, unmapped: char) -> char {
    match mapped.len() {
        1 => mapped.next().unwrap_or(unmapped),
        _ => unmapped,
    }
}

/// The first letter of every word as a capital; a word ends at anything but letter, digit and underscore.
fn title(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let starts = !inside;
            inside = c.is_alphanumeric() || c == '_' || (!c.is_ascii() && !c.is_whitespace());
            if starts { title_case(c) } else { c }
        })
        .collect()
}

fn title_case(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        _ => single(c.to_uppercase(), c),
    }
}

fn starts_with(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let prefix = text(arguments, 1);
    if let Value::Unknown(unknown) = &arguments[0] {
        // What is known of an unknown text's beginning may decide.
        let known = unknown.refinement.prefix.as_deref().unwrap_or("");
        let common = known.len().min(prefix.len());
        if known.as_bytes()[..common] != prefix.as_bytes()[..common] {
            return Ok(Value::Bool(false));
        }
        return Ok(if known.len() >= prefix.len() {
            Value::Bool(true)
        } else {
            Value::unknown(Type::Bool)
        });
    }
    Ok(Value::Bool(text(arguments, 0).starts_with(prefix)))
}

fn indent(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let spaces = whole(arguments, 0)?;
    let spaces = usize::try_from(spaces)
        .map_err(|_| Fault::of(0, "a number of spaces cannot be negative"))?;
    let original = text(arguments, 1);
    let breaks = original.matches('\n').count();
    if spaces.saturating_mul(breaks).saturating_add(original.len()) > MAX_TEXT {
        return Err(too_long());
    }
    Ok(Value::string(
        original.replace('\n', &format!("\n{}", " ".repeat(if breaks == 0 { 0 } else { spaces }))),
    ))
}

/// The fault of a result beyond [`MAX_TEXT`].
pub(super) fn too_long() -> Fault {
    Fault::new(format!("the text grows beyond {} MiB", MAX_TEXT >> 20))
}

fn split(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let (separator, whole) = (text(arguments, 0), text(arguments, 1));
    let parts: Vec<Value> = if separator.is_empty() {
        whole.chars().map(|c| Value::string(c.to_string())).take(MAX_ELEMENTS + 1).collect()
    } else {
        whole.split(separator).map(Value::string).take(MAX_ELEMENTS + 1).collect()
    };
    if parts.len() > MAX_ELEMENTS {
        return Err(Fault::new(format!("more than {MAX_ELEMENTS} parts")));
    }
    Ok(Value::list(Type::String, parts))
}

fn join(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    if arguments.len() < 2 {
        return Err(Fault::new("at least one list is required"));
    }
    let separator = text(arguments, 0);
    let mut joined = String::new();
    let mut first = true;
    for at in 1..arguments.len() {
        for (position, item) in items(arguments, at).iter().enumerate() {
            let Some(part) = item.as_str() else {
                return Err(Fault::of(at, format!("element {position} is null")));
            };
            if !first {
                joined.push_str(separator);
            }
            first = false;
            joined.push_str(part);
            if joined.len() > MAX_TEXT {
                return Err(too_long());
            }
        }
    }
    Ok(Value::string(joined))
}

fn substr(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let original = text(arguments, 0);
    let (offset, length) = (whole(arguments, 1)?, whole(arguments, 2)?);
    let count = || original.graphemes(true).count() as i64;
    let offset = if offset < 0 { (offset.saturating_add(count())).max(0) } else { offset } as usize;
    let part: String = match usize::try_from(length) {
        Ok(length) => original.graphemes(true).skip(offset).take(length).collect(),
        // A negative length is all the rest.
        Err(_) => original.graphemes(true).skip(offset).collect(),
    };
    Ok(Value::string(part))
}
