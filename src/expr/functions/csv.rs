//! `csvdecode`: comma-separated values with a header line (RFC 4180), as a list of objects.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Terminator};
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, text};
use crate::expr::describe::quote;
use crate::expr::{EvalContext, MAX_ELEMENTS};

/// `csvdecode`
pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "csvdecode",
    parameters: &[Parameter::new("str", Kind::String)],
    variadic: None,
    returns: Returns::Computed(|_| Type::Dynamic),
    body: decode,
}];

fn decode(arguments: &[Value], _: &EvalContext<'_>) -> Result<Value, Fault> {
    let source = text(arguments, 0);
    // Both line ends are one, in quotes too; what the end of the text cuts off is no carriage return of a field.
    let mut source: Cow<'_, str> = match source.contains('\r') {
        true => source.replace("\r\n", "\n").into(),
        false => source.into(),
    };
    if source.ends_with('\r') {
        source.to_mut().pop();
    }
    check_quotes(&source)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(source.as_bytes());
    let mut header = StringRecord::new();
    if !reader.read_record(&mut header).map_err(|error| explain(&error))? {
        return Err(Fault::of(0, "there is no header line"));
    }
    let columns = columns(&header)?;
    let element = Type::object(columns.iter().map(|column| (column.clone(), Type::String)));
    let (mut rows, mut record) = (Vec::new(), StringRecord::new());
    while reader.read_record(&mut record).map_err(|error| explain(&error))? {
        if rows.len().saturating_mul(columns.len()) > MAX_ELEMENTS {
            return Err(Fault::of(0, format!("it has more than {MAX_ELEMENTS} fields")));
        }
        let fields = record.iter().map(Value::string);
        rows.push(Value::object(columns.iter().cloned().zip(fields)));
    }
    Ok(Value::list(element, rows))
}

/// The names in the header, each of which stands there once.
fn columns(header: &StringRecord) -> Result<Vec<Arc<str>>, Fault> {
    let mut seen = BTreeSet::new();
    for name in header {
        if !seen.insert(name) {
            return Err(Fault::of(0, format!("two columns have the name {}", quote(name))));
        }
    }
    Ok(header.iter().map(Arc::from).collect())
}

/// The reader takes quotes as they come; here each begins a field, ends one, or is doubled.
fn check_quotes(source: &str) -> Result<(), Fault> {
    let mut line = 1;
    let mut bytes = source.bytes().peekable();
    let mut begins = true;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if begins => {
                let opened = line;
                loop {
                    match (bytes.next(), bytes.peek()) {
                        (Some(b'"'), Some(b'"')) => {
                            bytes.next();
                        }
                        (Some(b'"'), None | Some(b',' | b'\n')) => break,
                        (Some(b'"'), Some(_)) => {
                            let after = "has more text after the quote that closes a field";
                            return Err(Fault::of(0, format!("line {line} {after}")));
                        }
                        (Some(byte), _) => line += usize::from(byte == b'\n'),
                        (None, _) => {
                            let open = "opens a quote that is never closed";
                            return Err(Fault::of(0, format!("line {opened} {open}")));
                        }
                    }
                }
                begins = false;
            }
            b'"' => {
                let within = "has a quote within a field that does not begin with one";
                return Err(Fault::of(0, format!("line {line} {within}"))
                    .hint("write the whole field in quotes, and double those within"));
            }
            _ => {
                line += usize::from(byte == b'\n');
                begins = matches!(byte, b',' | b'\n');
            }
        }
    }
    Ok(())
}

fn explain(error: &csv::Error) -> Fault {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            let fields = if *len == 1 { "field" } else { "fields" };
            let wrong = format!("line {line} has {len} {fields}, the header has {expected_len}");
            Fault::of(0, wrong)
        }
        _ => Fault::of(0, format!("not CSV: {error}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(source: &str) -> Result<Value, Fault> {
        decode(&[Value::string(source)], &EvalContext::closed())
    }

    proptest! {
        #[test]
        fn every_text_can_be_a_field(rows in prop::collection::vec(("[a-c,\"\n \t;é]{0,6}", any::<String>()), 0..6)) {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let lines: String = rows.iter().map(|(a, b)| format!("{},{}\n", quoted(a), quoted(b))).collect();
            let expected = rows.iter().map(|(a, b)| {
                let text = |text: &str| Value::string(text.replace("\r\n", "\n"));
                Value::object([("a", text(a)), ("b", text(b))])
            });
            let element = Type::object([("a", Type::String), ("b", Type::String)]);
            prop_assert_eq!(decoded(&format!("a,b\n{lines}")), Ok(Value::list(element, expected.collect())));
        }

        #[test]
        fn no_text_is_too_strange_to_be_decoded_or_refused(text in "[a,\"\r\n ]{0,24}") {
            let _ = decoded(&text);
        }
    }

    #[test]
    fn mistakes_name_their_line() {
        let fault = |source: &str| decoded(source).unwrap_err().message.to_string();
        assert_eq!(fault("a,b\n1,2\n3\n"), "line 3 has 1 field, the header has 2");
        assert_eq!(
            fault("a\n\"x\ny\"z\n"),
            "line 3 has more text after the quote that closes a field"
        );
        assert_eq!(fault("a\n1\n\"x\ny\n"), "line 3 opens a quote that is never closed");
        assert_eq!(
            fault("a\nx\"\n"),
            "line 2 has a quote within a field that does not begin with one"
        );
        assert_eq!(fault("a,b,a\n"), "two columns have the name \"a\"");
        assert_eq!(fault("\n"), "there is no header line");
    }
}
