//! Where the part of a value that differs is written.
//!
//! Value and expression are walked side by side, as long as the expression spells the value out: from `env` to
//! `env.MODE`, from `command` to `command[3]`. Several expressions may give one value, an override before what it
//! lies over; the first that spells the differing part out is the one.

use mpctl_provider::{Path, PathStep, Value};

use crate::spec::syntax::{Expr, ExprKind, ObjectKey};

/// The expression of the first part that differs, and the path to that part, beginning with `path`. `places` are the
/// expressions of the whole, the one that wins first.
pub(super) fn narrow<'e>(
    mut places: Vec<&'e Expr>,
    mut path: Path,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Option<(&'e Expr, Path)> {
    let (mut before, mut after) = (before, after);
    while let Some(step) = difference(before, after) {
        let inner: Vec<&Expr> = places.iter().filter_map(|place| part(place, &step)).collect();
        if inner.is_empty() {
            // One that spells out other parts and not this one did not give it.
            let computed = places.iter().position(|place| !spells_out(place));
            return Some((places.get(computed.unwrap_or(0))?, path));
        }
        places = inner;
        before = before.and_then(|value| step_into(value, &step));
        after = after.and_then(|value| step_into(value, &step));
        path = path.then(step);
    }
    Some((places.first()?, path))
}

/// The step to the first part that differs; `None` where the values differ as wholes, or are not to be looked into.
fn difference(before: Option<&Value>, after: Option<&Value>) -> Option<PathStep> {
    let (before, after) = (before?, after?);
    if let (Some(old), Some(new)) = (before.as_items(), after.as_items()) {
        let same_length = old.len() == new.len();
        let at = old.iter().zip(new).position(|(old, new)| old != new).filter(|_| same_length)?;
        return Some(PathStep::Index(at as u64));
    }
    if matches!(before, Value::Sensitive(_)) || matches!(after, Value::Sensitive(_)) {
        return None;
    }
    let (old, new) = (before.as_entries()?, after.as_entries()?);
    let changed = new.iter().find(|(key, value)| old.get(key) != Some(value));
    let gone = || old.iter().find(|(key, _)| new.get(key).is_none());
    changed.or_else(gone).map(|(key, _)| PathStep::Key(key.clone()))
}

fn step_into<'v>(value: &'v Value, step: &PathStep) -> Option<&'v Value> {
    match step {
        PathStep::Key(key) => value.get(key),
        PathStep::Index(at) => value.as_items()?.get(usize::try_from(*at).ok()?),
    }
}

/// The expression that gives the part of the value, where that is spelled out.
fn part<'e>(expression: &'e Expr, step: &PathStep) -> Option<&'e Expr> {
    match (&expression.kind, step) {
        (ExprKind::Parenthesized(inner), _) => part(inner, step),
        (ExprKind::Object(items), PathStep::Key(key)) => items
            .iter()
            .find(|item| matches!(&item.key, ObjectKey::Literal(name) if name.text == *key))
            .map(|item| &item.value),
        (ExprKind::Tuple(elements), PathStep::Index(at)) => {
            elements.get(usize::try_from(*at).ok()?)
        }
        _ => None,
    }
}

fn spells_out(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Parenthesized(inner) => spells_out(inner),
        kind => matches!(kind, ExprKind::Object(_) | ExprKind::Tuple(_)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::FileId;
    use crate::spec::hcl::{Places, parse_expression};

    fn text_of(
        places: &[&str],
        before: serde_json::Value,
        after: serde_json::Value,
    ) -> (String, String) {
        let parsed: Vec<Expr> = places
            .iter()
            .map(|text| parse_expression(text, &Places::linear(FileId(0), 0)).0)
            .collect();
        let (before, after) = (Value::from_json(&before), Value::from_json(&after));
        let path = Path::attribute("env");
        let (found, path) =
            narrow(parsed.iter().collect(), path, Some(&before), Some(&after)).unwrap();
        let owner = parsed
            .iter()
            .zip(places)
            .find(|(whole, _)| std::ptr::eq(*whole, found) || within(whole, found))
            .unwrap();
        let span = found.span;
        (owner.1[span.start as usize..span.end as usize].to_owned(), path.to_string())
    }

    fn within(whole: &Expr, found: &Expr) -> bool {
        match &whole.kind {
            ExprKind::Object(items) => items
                .iter()
                .any(|item| std::ptr::eq(&item.value, found) || within(&item.value, found)),
            ExprKind::Tuple(elements) => elements
                .iter()
                .any(|element| std::ptr::eq(element, found) || within(element, found)),
            _ => false,
        }
    }

    #[test]
    fn the_part_that_differs_is_found_in_what_spells_it_out() {
        let found = text_of(
            &["{ a = 1, b = [2, var.x] }"],
            serde_json::json!({"a": 1, "b": [2, 3]}),
            serde_json::json!({"a": 1, "b": [2, 4]}),
        );
        assert_eq!(found, ("var.x".to_owned(), "env.b[1]".to_owned()));
    }

    #[test]
    fn an_override_that_is_silent_about_the_part_did_not_give_it() {
        let places = ["{ LEVEL = null }", "{ LEVEL = \"debug\", RELEASE = var.version }"];
        let found = text_of(
            &places,
            serde_json::json!({"RELEASE": "1"}),
            serde_json::json!({"RELEASE": "2"}),
        );
        assert_eq!(found, ("var.version".to_owned(), "env.RELEASE".to_owned()));
    }

    #[test]
    fn what_is_computed_is_named_as_a_whole() {
        let found = text_of(
            &["{ LEVEL = null }", "merge(var.env, {})"],
            serde_json::json!({"RELEASE": "1"}),
            serde_json::json!({"RELEASE": "2"}),
        );
        assert_eq!(found, ("merge(var.env, {})".to_owned(), "env".to_owned()));
    }
}
