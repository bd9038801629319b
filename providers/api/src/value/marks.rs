//! Carrying marks from one value to another: providers return values without them.

use std::sync::Arc;

use super::Value;

impl Value {
    /// This value, marked as sensitive wherever `pattern` is. Where a mark sits inside a list, there is no
    /// telling which element it belongs to, and the whole list is marked.
    pub fn marked_like(self, pattern: &Value) -> Value {
        if !pattern.contains_sensitive() {
            return self;
        }
        let entry = |key: &Arc<str>, value: &Value| match pattern.get(key) {
            Some(pattern) => value.clone().marked_like(pattern),
            None => value.clone(),
        };
        match (pattern, self) {
            (Value::Sensitive(_), value) => value.sensitive(),
            (Value::Object(_), Value::Object(entries)) => Value::Object(Arc::new(
                entries.iter().map(|(key, value)| (key.clone(), entry(key, value))).collect(),
            )),
            (Value::Map(_), Value::Map(map)) => {
                let entries =
                    map.entries.iter().map(|(key, value)| (key.clone(), entry(key, value)));
                Value::map(map.element.clone(), entries.collect())
            }
            (_, value) if value.contains_sensitive() => value,
            (Value::List(_) | Value::Set(_) | Value::Tuple(_), value) => value.sensitive(),
            (_, value) => value,
        }
    }
}
