//! Putting values in place of unknowns once they are known.

use std::sync::Arc;

use super::{ConvertError, Entries, PathStep, UnknownId, Value};

impl Value {
    /// The value with every unknown that `known` has a value for replaced by it, converted to the type that the
    /// unknown was said to have. Other unknowns stay. Parts in which nothing changes are shared.
    pub fn substitute(
        &self,
        known: &mut dyn FnMut(UnknownId) -> Option<Value>,
    ) -> Result<Value, ConvertError> {
        match self {
            Value::Unknown(unknown) => match unknown.id.and_then(known) {
                Some(value) => value.convert(&unknown.ty),
                None => Ok(self.clone()),
            },
            _ if self.is_wholly_known() => Ok(self.clone()),
            Value::Sensitive(inner) => Ok(inner.substitute(known)?.sensitive()),
            Value::List(s) => Ok(Value::list(s.element.clone(), items(&s.items, known)?)),
            Value::Set(s) => {
                let items = items(&s.items, known)?;
                let sensitive = items.iter().any(Value::contains_sensitive);
                let bare = items.into_iter().map(|item| item.unmark_deep().0).collect();
                Ok(Value::set(s.element.clone(), bare).sensitive_if(sensitive))
            }
            Value::Tuple(parts) => Ok(Value::Tuple(items(parts, known)?.into())),
            Value::Map(m) => Ok(Value::map(m.element.clone(), entries(&m.entries, known)?)),
            Value::Object(e) => Ok(Value::Object(Arc::new(entries(e, known)?))),
            known => Ok(known.clone()),
        }
    }

    /// Calls `visit` with the identity of every unknown within the value that has one.
    pub fn visit_unknowns(&self, visit: &mut dyn FnMut(UnknownId)) {
        self.any(&mut |part| {
            if let Value::Unknown(unknown) = part
                && let Some(id) = unknown.id
            {
                visit(id);
            }
            false
        });
    }

    /// Whether every unknown within the value has an identity.
    pub fn is_identified(&self) -> bool {
        !self.any(&mut |part| matches!(part, Value::Unknown(unknown) if unknown.id.is_none()))
    }
}

fn items(
    items: &[Value],
    known: &mut dyn FnMut(UnknownId) -> Option<Value>,
) -> Result<Vec<Value>, ConvertError> {
    let within = |(at, item): (usize, &Value)| {
        item.substitute(known).map_err(|fault| fault.within(PathStep::Index(at as u64)))
    };
    items.iter().enumerate().map(within).collect()
}

fn entries(
    entries: &Entries,
    known: &mut dyn FnMut(UnknownId) -> Option<Value>,
) -> Result<Entries, ConvertError> {
    let within = |(key, value): (&Arc<str>, &Value)| match value.substitute(known) {
        Ok(value) => Ok((key.clone(), value)),
        Err(fault) => Err(fault.within(PathStep::Key(key.clone()))),
    };
    entries.iter().map(within).collect()
}
