//! Whether two values look the same: a change that nobody could see is none to the reader.

use mpctl_provider::Value;
use mpctl_provider::value::Entries;

/// Whether both are written the same way. Collections are compared by content, since a list that was a tuple
/// before reads the same; marks count.
pub(in crate::render::human) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null(_), Value::Null(_)) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Sensitive(a), Value::Sensitive(b)) => same(a, b),
        (Value::Sensitive(_), _) | (_, Value::Sensitive(_)) => false,
        (Value::Unknown(a), Value::Unknown(b)) => a == b,
        _ => match (a.as_items(), b.as_items(), a.as_entries(), b.as_entries()) {
            (Some(a), Some(b), ..) => same_items(a, b),
            (_, _, Some(a), Some(b)) => same_entries(a, b),
            _ => false,
        },
    }
}

fn same_items(a: &[Value], b: &[Value]) -> bool {
    std::ptr::eq(a, b) || (a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)))
}

fn same_entries(a: &Entries, b: &Entries) -> bool {
    std::ptr::eq(a, b)
        || (a.len() == b.len()
            && a.iter().zip(b.iter()).all(|((ak, av), (bk, bv))| ak == bk && same(av, bv)))
}
