//! Causes, risks and compensations of a change: what Terraform's shape has no place for.

use mpctl_provider::{Path, PathStep, Value};
use serde::Serialize;

use super::marks::{Known, Sight};
use crate::plan::{Action, Cause, CauseKind, CauseRange, Change, ReversibilityClass};
use crate::render::identity;

/// One link of a chain of causes.
#[derive(Serialize)]
pub(super) struct CauseRow<'a> {
    kind: CauseKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Known<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Known<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<&'a CauseRange>,
}

/// The chains of a change.
pub(super) fn causes<'a>(change: &'a Change, sight: Sight<'a>) -> Vec<CauseRow<'a>> {
    let row = |cause: &'a Cause| {
        // The path of a link of kind `upstream` belongs to another object.
        let own = cause.path.as_deref().filter(|_| cause.kind != CauseKind::Upstream);
        let path = own.and_then(parse);
        let old = change.before.as_ref().map(|object| &object.value);
        let new = change.after.as_ref();
        let part = |value: Option<&'a Value>, other: Option<&'a Value>| {
            visible(path.as_ref()?, value?, other, sight)
        };
        let subject = cause.subject.as_deref();
        CauseRow {
            kind: cause.kind,
            address: subject.filter(|_| cause.kind == CauseKind::Upstream),
            subject,
            path: cause.path.as_deref(),
            expression: cause.expression.as_deref(),
            before: part(old, new),
            after: part(new, old),
            range: cause.range.as_ref(),
        }
    };
    change.cause.iter().map(row).collect()
}

/// The part at the end of the path, if there is one that is known and nothing sensitive stands on the way.
fn visible<'a>(
    path: &Path,
    value: &'a Value,
    other: Option<&'a Value>,
    sight: Sight<'a>,
) -> Option<Known<'a>> {
    let secret = |step: &PathStep| match step {
        PathStep::Key(key) => identity::is_secret(key, sight.schema),
        PathStep::Index(_) => false,
    };
    if !sight.reveal && path.0.first().is_some_and(secret) {
        return None;
    }
    let (mut part, mut beside) = (value, other);
    for step in &path.0 {
        let marked = |value: &Value| matches!(value, Value::Sensitive(_));
        if !sight.reveal && (marked(part) || beside.is_some_and(marked)) {
            return None;
        }
        part = step_into(part, step)?;
        beside = beside.and_then(|beside| step_into(beside, step));
    }
    (!part.is_unknown()).then_some(Known(part, Sight::alone(sight.reveal).beside(beside)))
}

fn step_into<'v>(value: &'v Value, step: &PathStep) -> Option<&'v Value> {
    match step {
        PathStep::Key(key) => value.get(key),
        PathStep::Index(index) => value.as_items()?.get(usize::try_from(*index).ok()?),
    }
}

/// A path from its text, `tags["a b"].names[0]`; `None` where it is none.
fn parse(text: &str) -> Option<Path> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end =
                if inner.starts_with('"') { inner.find("\"]")? + 1 } else { inner.find(']')? };
            let step = match inner[..end].strip_prefix('"') {
                Some(_) => {
                    PathStep::Key(serde_json::from_str::<String>(&inner[..end]).ok()?.into())
                }
                None => PathStep::Index(inner[..end].parse().ok()?),
            };
            steps.push(step);
            rest = &inner[end + 1..];
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            steps.push(PathStep::Key(rest[..end].into()));
            rest = &rest[end..];
        }
    }
    Some(Path(steps))
}

/// What undoes a change.
#[derive(Serialize)]
pub(super) struct Compensation {
    actions: &'static [&'static str],
    description: &'static str,
}

pub(super) fn compensation(change: &Change) -> Compensation {
    let (actions, description): (&'static [&'static str], _) = match change.action {
        _ if change.reversibility.class == ReversibilityClass::Irreversible => {
            (&[], "there is nothing that brings it back")
        }
        Action::NoOp | Action::Read => (&[], "there is nothing to undo"),
        Action::Create => (&["delete"], "destroys what was created"),
        Action::Update => (&["update"], "restores the attributes as they were"),
        Action::Replace(_) => {
            (&["delete", "create"], "destroys the new object and creates one as the old was")
        }
        Action::Delete => (&["create"], "creates an object as the old one was"),
        Action::Forget => (&["import"], "records the object again"),
    };
    Compensation { actions, description }
}

/// Something that a gate may want to stop.
#[derive(Serialize)]
pub(super) struct Risk<'a> {
    class: &'static str,
    why: &'a str,
}

pub(super) fn risks<'a>(change: &'a Change, protected: bool) -> Vec<Risk<'a>> {
    let mut risks = Vec::new();
    if change.action.destroys() {
        risks.push(Risk { class: "destroys", why: "an existing object is destroyed" });
    }
    if protected && change.action.destroys() {
        risks.push(Risk { class: "protected", why: "the environment is protected" });
    }
    let lost = match change.reversibility.class {
        ReversibilityClass::Reversible => None,
        ReversibilityClass::Lossy => Some("lossy"),
        ReversibilityClass::Irreversible => Some("irreversible"),
    };
    if let Some(class) = lost {
        match change.reversibility.loses.as_slice() {
            [] => risks.push(Risk { class, why: "it cannot be undone without loss" }),
            loses => risks.extend(loses.iter().map(|why| Risk { class, why })),
        }
    }
    risks.extend(change.effects.iter().map(|why| {
        let doubtful = why.starts_with(mpctl_provider::contract::CANNOT_BE_SETTLED);
        Risk { class: if doubtful { "unsettled" } else { "disrupts" }, why }
    }));
    risks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back_from_their_text() {
        for text in ["input", "tags[\"a b\"].names[0]", "a.b.c[2][\"x.y\"]"] {
            assert_eq!(parse(text).map(|path| path.to_string()), Some(text.to_owned()));
        }
        assert_eq!(parse("a..b"), None);
        assert_eq!(parse("a[x"), None);
    }
}
