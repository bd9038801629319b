//! Functions of regular expressions, in the dialect of RE2.
//!
//! The engine differs from RE2 in what it lets `\d` and its kin match (all of Unicode) and in the syntax of
//! character classes; [`translate`] bridges that. It never backtracks.

use std::sync::Arc;

use mpctl_provider::{Type, Value};
use regex::{Captures, Regex};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text};
use super::strings::too_long;
use crate::expr::{EvalContext, MAX_ELEMENTS, MAX_TEXT};

const PATTERN: Parameter = Parameter::new("pattern", Kind::String);
const STRING: Parameter = Parameter::new("string", Kind::String);

type Outcome = Result<Value, Fault>;

/// Every function of regular expressions, and `replace`, which may take one.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "regex",
        parameters: &[PATTERN, STRING],
        variadic: None,
        returns: Returns::Computed(|arguments| match compiled(arguments) {
            Ok(regex) => match_type(&regex).unwrap_or(Type::Dynamic),
            Err(_) => Type::Dynamic,
        }),
        body: regex,
    },
    Function {
        name: "regexall",
        parameters: &[PATTERN, STRING],
        variadic: None,
        returns: Returns::Computed(|arguments| match compiled(arguments) {
            Ok(regex) => match_type(&regex).map_or(Type::Dynamic, Type::list),
            Err(_) => Type::Dynamic,
        }),
        body: regex_all,
    },
    Function {
        name: "replace",
        parameters: &[
            Parameter::new("str", Kind::String),
            Parameter::new("substr", Kind::String),
            Parameter::new("replace", Kind::String),
        ],
        variadic: None,
        returns: Returns::Kind(Kind::String),
        body: replace,
    },
];

fn compile(pattern: &str, argument: usize) -> Result<Regex, Fault> {
    let translated =
        translate(pattern).map_err(|why| quoted(argument, "", pattern, &format!(": {why}")))?;
    Regex::new(&translated).map_err(|fault| {
        // The engine's message is a drawing of several lines; its last one says what is wrong.
        let message = fault.to_string();
        let why = message.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
        quoted(argument, "", pattern, &format!(" is no regular expression: {why}"))
    })
}

fn compiled(arguments: &[Value]) -> Result<Regex, Fault> {
    compile(text(arguments, 0), 0)
}

fn regex(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let regex = compiled(arguments)?;
    match_type(&regex)?;
    match regex.captures(text(arguments, 1)) {
        Some(captures) => Ok(matched(&regex, &captures)),
        None => Err(quoted(1, "the pattern matches nothing in ", text(arguments, 1), "")
            .hint("where no match is expected too, use regexall(…), or try(regex(…), …)")),
    }
}

fn regex_all(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let regex = compiled(arguments)?;
    let element = match_type(&regex)?;
    let all = regex.captures_iter(text(arguments, 1)).take(MAX_ELEMENTS);
    let matches =
        all.map(|captures| matched(&regex, &captures)).map(|m| m.convert(&element).unwrap_or(m));
    Ok(Value::list(element.clone(), matches.collect()))
}

/// The type of one match: text, or what its groups make.
fn match_type(regex: &Regex) -> Result<Type, Fault> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named: Vec<&str> = names.iter().flatten().copied().collect();
    match (names.len(), named.len()) {
        (0, _) => Ok(Type::String),
        (all, 0) => Ok(Type::Tuple(vec![Type::String; all].into())),
        (all, some) if all == some => {
            Ok(Type::object(named.into_iter().map(|n| (n, Type::String))))
        }
        _ => Err(Fault::of(0, "either every group has a name or none")),
    }
}

fn matched(regex: &Regex, captures: &Captures<'_>) -> Value {
    let group = |at: usize| {
        captures.get(at).map_or(Value::Null(Type::String), |group| Value::string(group.as_str()))
    };
    if captures.len() == 1 {
        return group(0);
    }
    if regex.capture_names().flatten().next().is_none() {
        return Value::tuple((1..captures.len()).map(group));
    }
    let names = regex.capture_names().enumerate().filter_map(|(at, name)| Some((name?, at)));
    Value::object(names.map(|(name, at)| (Arc::<str>::from(name), group(at))))
}

fn replace(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let (original, search, replacement) =
        (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    let pattern = search.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    if let Some(pattern) = pattern {
        let replaced = compile(pattern, 1)?.replace_all(original, replacement).into_owned();
        return if replaced.len() > MAX_TEXT {
            Err(too_long())
        } else {
            Ok(Value::string(replaced))
        };
    }
    let growth = replacement.len().saturating_mul(original.matches(search).count());
    if original.len().saturating_add(growth) > MAX_TEXT {
        return Err(too_long());
    }
    Ok(Value::string(original.replace(search, replacement)))
}

/// A pattern of RE2 in the engine's syntax.
fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                None => return Err("it ends in a single backslash"),
                Some('Q') => quote_until_end(&mut chars, &mut out),
                Some('C') => return Err("`\\C` (any single byte) is not supported"),
                Some(class) => escape(class, in_class, &mut out),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // A bracket in first place is a member.
                if chars.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            '[' if chars.peek() == Some(&':') => {
                // A named class such as `[:alpha:]`, as far as its end.
                out.push('[');
                for inner in chars.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            '[' => out.push_str("\\["),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '-' if in_class && chars.peek() == Some(&'-') => out.push_str("\\-"),
            c => out.push(c),
        }
    }
    Ok(out)
}

fn escape(class: char, in_class: bool, out: &mut String) {
    let ascii = match (class, in_class) {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', _) => "[^0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b', false) => "(?-u:\\b)",
        _ => {
            out.push('\\');
            out.push(class);
            return;
        }
    };
    out.push_str(ascii);
}

/// Copies literally until `\E` or the end.
fn quote_until_end(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next_if_eq(&'E').is_some() {
            return;
        }
        out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }
}
