//! `format` and `formatlist`: text from a pattern with verbs.
//!
//! A verb is `%[flags][width][.precision][\[argument\]]letter`; the letters are `v # t b d o x X e E f g G s q`
//! and `%%`, with the meaning that Terraform gives them.

use mpctl_provider::{Number, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::encoding::json_text;
use super::signature::{Fault, Function, Kind, Parameter, Returns, text};
use super::strings::too_long;
use crate::expr::describe::{describe, quote};
use crate::expr::{EvalContext, MAX_ELEMENTS, MAX_TEXT};

const FORMAT: Parameter = Parameter::new("format", Kind::String);
const ARGUMENTS: Parameter = Parameter::new("args", Kind::Any).null();

/// The largest width or precision.
const MAX_WIDTH: usize = 1 << 16;

type Outcome = Result<Value, Fault>;

/// `format` and `formatlist`.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "format",
        parameters: &[FORMAT],
        variadic: Some(ARGUMENTS),
        returns: Returns::Kind(Kind::String),
        body: |arguments, _| {
            let rest: Vec<&Value> = arguments.iter().skip(1).collect();
            render(text(arguments, 0), &rest).map(Value::string)
        },
    },
    Function {
        name: "formatlist",
        parameters: &[FORMAT],
        variadic: Some(ARGUMENTS),
        returns: Returns::Kind(Kind::List(&Kind::String)),
        body: format_list,
    },
];

fn format_list(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let mut length: Option<(usize, usize)> = None;
    for (at, argument) in arguments.iter().enumerate().skip(1) {
        let Some(items) = argument.as_items() else { continue };
        match length {
            Some((first, expected)) if items.len() != expected => {
                let message =
                    format!("it has {} elements, argument {first} has {expected}", items.len());
                return Err(Fault::of(at, message));
            }
            Some(_) => {}
            None => length = Some((at, items.len())),
        }
    }
    let count = length.map_or(1, |(_, length)| length);
    if count > MAX_ELEMENTS {
        return Err(Fault::new(format!("more than {MAX_ELEMENTS} elements")));
    }
    let row = |row: usize| {
        let values: Vec<&Value> = arguments
            .iter()
            .skip(1)
            .map(|argument| argument.as_items().map_or(argument, |items| &items[row]))
            .collect();
        render(text(arguments, 0), &values).map(Value::string)
    };
    (0..count).map(row).collect::<Result<_, _>>().map(|rows| Value::list(Type::String, rows))
}

/// One verb.
#[derive(Default)]
struct Verb<'f> {
    /// As written.
    text: &'f str,
    letter: char,
    plus: bool,
    minus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// The argument that it names, counted from 1.
    argument: Option<usize>,
}

fn render(format: &str, arguments: &[&Value]) -> Result<String, Fault> {
    let mut out = String::with_capacity(format.len() + 16);
    let mut rest = format;
    let (mut next, mut used) = (0, 0);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (verb, length) = Verb::read(&rest[at..])?;
        rest = &rest[at + length..];
        if verb.letter == '%' {
            out.push('%');
            continue;
        }
        let index = verb.argument.map_or(next, |named| named - 1);
        let Some(value) = arguments.get(index) else {
            return Err(Fault::of(
                0,
                format!(
                    "`{}` needs argument {}, and there are {}",
                    verb.text,
                    index + 1,
                    arguments.len()
                ),
            ));
        };
        next = index + 1;
        used = used.max(next);
        let piece = verb.apply(value).map_err(|why| Fault::of(index + 1, why))?;
        out.push_str(&piece);
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    out.push_str(rest);
    if used < arguments.len() {
        let message = match used {
            0 => "the format uses no argument".to_owned(),
            n => format!("the format uses only the first {n}"),
        };
        return Err(Fault::of(used + 1, message));
    }
    Ok(out)
}

impl<'f> Verb<'f> {
    /// The verb that the text, which begins with `%`, begins with, and its length in bytes.
    fn read(text: &'f str) -> Result<(Verb<'f>, usize), Fault> {
        let mut verb = Verb::default();
        let bytes = text.as_bytes();
        let mut at = 1;
        loop {
            match bytes.get(at) {
                Some(b'+') => verb.plus = true,
                Some(b'-') => verb.minus = true,
                Some(b' ') => verb.space = true,
                Some(b'0') => verb.zero = true,
                Some(b'#') => verb.sharp = true,
                _ => break,
            }
            at += 1;
        }
        verb.width = number(bytes, &mut at)?;
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            verb.precision = Some(number(bytes, &mut at)?.unwrap_or(0));
        }
        if bytes.get(at) == Some(&b'[') {
            at += 1;
            let named = number(bytes, &mut at)?.filter(|n| *n > 0);
            if named.is_none() || bytes.get(at) != Some(&b']') {
                return Err(Fault::of(
                    0,
                    format!("a number from 1 belongs between the brackets at {}", quote(text)),
                ));
            }
            verb.argument = named;
            at += 1;
        }
        match text[at..].chars().next() {
            Some(letter) if "vtbdoxXeEfgGsq%".contains(letter) => verb.letter = letter,
            Some(letter) => {
                return Err(Fault::of(0, format!("there is no verb `%{}`", letter.escape_debug()))
                    .hint("to write a percent sign write `%%`"));
            }
            None => {
                return Err(Fault::of(0, "the format ends within a verb")
                    .hint("to write a percent sign write `%%`"));
            }
        }
        verb.text = &text[..at + 1];
        Ok((verb, at + 1))
    }

    fn apply(&self, value: &Value) -> Result<String, String> {
        if value.is_null() && self.letter != 'v' {
            return Err(format!("`{}` cannot show null", self.text));
        }
        match self.letter {
            'v' => self.natural(value),
            't' => match value.convert(&Type::Bool) {
                Ok(Value::Bool(truth)) => Ok(self.pad(truth.to_string(), false)),
                _ => Err(self.wants("a bool", value)),
            },
            's' | 'q' => match value.convert(&Type::String) {
                Ok(Value::String(text)) => {
                    let cut: String = match self.precision {
                        Some(count) => text.graphemes(true).take(count).collect(),
                        None => text.to_string(),
                    };
                    let shown =
                        if self.letter == 'q' { json_text(&Value::string(cut)) } else { Ok(cut) };
                    Ok(self.pad(shown.map_err(|fault| fault.message.to_string())?, false))
                }
                _ => Err(self.wants("a string", value)),
            },
            _ => match value.convert(&Type::Number) {
                Ok(Value::Number(number)) => self.number(&number, value),
                _ => Err(self.wants("a number", value)),
            },
        }
    }

    fn wants(&self, what: &str, value: &Value) -> String {
        format!("`{}` needs {what}, not {}", self.text, describe(value))
    }

    /// `%v`: text as it is, numbers in their shorter form, everything else as JSON.
    fn natural(&self, value: &Value) -> Result<String, String> {
        let shown = match value {
            Value::String(text) if !self.sharp => text.to_string(),
            Value::Number(number) if !self.sharp => number.to_general(self.precision),
            other => json_text(other).map_err(|fault| fault.message.to_string())?,
        };
        Ok(self.pad(shown, false))
    }

    fn number(&self, number: &Number, value: &Value) -> Result<String, String> {
        let radix = match self.letter {
            'b' => Some((2, "0b")),
            'd' => Some((10, "")),
            'o' => Some((8, "0")),
            'x' => Some((16, "0x")),
            'X' => Some((16, "0X")),
            _ => None,
        };
        let magnitude = number.abs();
        let shown = match (radix, self.letter) {
            (Some((radix, prefix)), letter) => {
                let digits =
                    magnitude.to_radix(radix).ok_or_else(|| self.wants("a whole number", value))?;
                let digits = if letter == 'X' { digits.to_uppercase() } else { digits };
                if self.sharp { format!("{prefix}{digits}") } else { digits }
            }
            (None, 'f') => magnitude.to_fixed(self.precision.unwrap_or(6)),
            (None, 'e') => magnitude.to_scientific(Some(self.precision.unwrap_or(6))),
            (None, 'E') => {
                magnitude.to_scientific(Some(self.precision.unwrap_or(6))).to_uppercase()
            }
            (None, 'G') => magnitude.to_general(self.precision).to_uppercase(),
            (None, _) => magnitude.to_general(self.precision),
        };
        let sign = match (number.signum() < 0, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let width = self.width.unwrap_or(0).saturating_sub(sign.len());
        if self.zero && !self.minus && shown.len() < width {
            return Ok(format!("{sign}{shown:0>width$}"));
        }
        Ok(self.pad(format!("{sign}{shown}"), true))
    }

    /// Brings the text to the width; zeros pad text too, as in Terraform.
    fn pad(&self, text: String, is_number: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
        if missing == 0 {
            return text;
        }
        let fill = if self.zero && !self.minus && !is_number { "0" } else { " " };
        let padding = fill.repeat(missing);
        if self.minus { format!("{text}{padding}") } else { format!("{padding}{text}") }
    }
}

fn number(bytes: &[u8], at: &mut usize) -> Result<Option<usize>, Fault> {
    let start = *at;
    let mut number = 0usize;
    while let Some(digit) = bytes.get(*at).filter(|b| b.is_ascii_digit()) {
        number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
        *at += 1;
    }
    if number > MAX_WIDTH {
        return Err(Fault::of(0, format!("a width or precision is larger than {MAX_WIDTH}")));
    }
    Ok((*at > start).then_some(number))
}
