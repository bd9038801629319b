//! `[for …]` and `{for …}`.

use std::sync::Arc;

use mpctl_provider::value::Entries;
use mpctl_provider::{Number, Type, Value};

use super::{Bound, Evaluated, Evaluator, error, found};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::describe::quote;
use crate::source::Span;
use crate::spec::syntax::{Expr, ForExpr};

/// What has come of the rounds so far.
#[derive(Default)]
struct Gathered {
    items: Vec<Value>,
    entries: Vec<(Arc<str>, Value)>,
    sensitive: bool,
    /// Which elements or keys there will be is not known.
    unknown: bool,
}

impl Evaluator<'_> {
    pub(super) fn comprehension(&self, parts: &ForExpr, span: Span) -> Evaluated {
        let collection = self.value(&parts.collection)?;
        let (bare, sensitive) = collection.unmark();
        let mut gathered = Gathered { sensitive, ..Gathered::default() };
        if bare.is_unknown() && iterable_type(&bare.ty()) {
            return Ok(Value::unknown(Type::Dynamic).sensitive_if(sensitive));
        }
        self.rounds(&collection, &parts.collection, &mut |key, value| {
            self.with_bound(parts, key, value, &mut |inner| inner.round(parts, &mut gathered))
        })?;
        let Gathered { items, entries, sensitive, unknown } = gathered;
        if unknown {
            return Ok(Value::unknown(Type::Dynamic).sensitive_if(sensitive));
        }
        let result = match (&parts.key, parts.group) {
            (None, _) => Value::Tuple(items.into()),
            (Some(_), true) => group(entries),
            (Some(key), false) => Value::Object(Arc::new(distinct(entries, key, sensitive, span)?)),
        };
        Ok(result.sensitive_if(sensitive))
    }

    /// Calls `visit` with key and element of each element of a known collection.
    pub(super) fn rounds(
        &self,
        collection: &Value,
        expr: &Expr,
        visit: &mut dyn FnMut(&Value, &Value) -> Result<(), Diagnostics>,
    ) -> Result<(), Diagnostics> {
        match collection.bare() {
            Value::List(s) => visit_numbered(&s.items, visit),
            Value::Tuple(items) => visit_numbered(items, visit),
            Value::Set(s) => s.items.iter().try_for_each(|item| visit(item, item)),
            Value::Map(m) => visit_entries(&m.entries, visit),
            Value::Object(entries) => visit_entries(entries, visit),
            Value::Null(_) => Err(error(
                code::EVALUATION,
                expr.span,
                "`for` cannot go through null",
                "this is null",
            )),
            _ => Err(Diagnostic::error(
                code::EVALUATION,
                "`for` needs a list, set, map, tuple or object",
            )
            .at(expr.span, found(collection))
            .into()),
        }
    }

    fn with_bound(
        &self,
        parts: &ForExpr,
        key: &Value,
        value: &Value,
        round: &mut dyn FnMut(&Evaluator<'_>) -> Result<(), Diagnostics>,
    ) -> Result<(), Diagnostics> {
        let key_name = parts.key_name.as_ref().map(|name| name.text.as_ref());
        self.bind(key_name, key, &parts.value_name.text, value, round)
    }

    /// Evaluates with one or two more names bound.
    pub(super) fn bind(
        &self,
        key_name: Option<&str>,
        key: &Value,
        value_name: &str,
        value: &Value,
        round: &mut dyn FnMut(&Evaluator<'_>) -> Result<(), Diagnostics>,
    ) -> Result<(), Diagnostics> {
        let key_bound;
        let mut outer = self.bound;
        if let Some(name) = key_name {
            key_bound = Bound { name, value: key, outer };
            outer = Some(&key_bound);
        }
        let bound = Bound { name: value_name, value, outer };
        round(&Evaluator {
            bound: Some(&bound),
            scope: self.scope,
            context: self.context,
            depth: self.depth,
        })
    }

    fn round(&self, parts: &ForExpr, gathered: &mut Gathered) -> Result<(), Diagnostics> {
        if let Some(condition) = &parts.condition {
            let (truth, sensitive) = self.condition(condition, "the condition of `for`")?;
            gathered.sensitive |= sensitive;
            match truth {
                Some(true) => {}
                Some(false) => return Ok(()),
                None => {
                    gathered.unknown = true;
                    return Ok(());
                }
            }
        }
        let Some(key) = &parts.key else {
            gathered.items.push(self.value(&parts.value)?);
            return Ok(());
        };
        let (key_value, value) = super::operators::both(self.value(key), self.value(&parts.value))?;
        match self.key_text(&key_value, key.span)? {
            Some((text, sensitive)) => {
                gathered.sensitive |= sensitive;
                gathered.entries.push((text, value));
            }
            None => gathered.unknown = true,
        }
        Ok(())
    }
}

/// Whether a value of the type can be gone through.
pub(super) fn iterable_type(ty: &Type) -> bool {
    !ty.is_primitive()
}

fn visit_numbered(
    items: &[Value],
    visit: &mut dyn FnMut(&Value, &Value) -> Result<(), Diagnostics>,
) -> Result<(), Diagnostics> {
    items
        .iter()
        .enumerate()
        .try_for_each(|(at, item)| visit(&Value::Number(Number::from(at)), item))
}

fn visit_entries(
    entries: &Entries,
    visit: &mut dyn FnMut(&Value, &Value) -> Result<(), Diagnostics>,
) -> Result<(), Diagnostics> {
    entries.iter().try_for_each(|(key, value)| visit(&Value::String(key.clone()), value))
}

/// Equal keys gathered into tuples, in the order of the rounds.
fn group(mut entries: Vec<(Arc<str>, Value)>) -> Value {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let mut groups: Vec<(Arc<str>, Vec<Value>)> = Vec::new();
    for (key, value) in entries {
        match groups.last_mut() {
            Some((last, values)) if *last == key => values.push(value),
            _ => groups.push((key, vec![value])),
        }
    }
    let groups = groups.into_iter().map(|(key, values)| (key, Value::Tuple(values.into())));
    Value::Object(Arc::new(groups.collect()))
}

/// The entries, each key once.
fn distinct(
    mut entries: Vec<(Arc<str>, Value)>,
    key: &Expr,
    sensitive: bool,
    span: Span,
) -> Result<Entries, Diagnostics> {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    match entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(entries.into_iter().collect()),
        Some(pair) => {
            let text = if sensitive { "(sensitive value)".into() } else { quote(&pair[0].0) };
            Err(Diagnostic::error(code::EVALUATION, format!("two elements give the key {text}"))
                .at(key.span, "this key is not unique")
                .at(span, "")
                .hint("to gather the values of equal keys write `...` after the value")
                .into())
        }
    }
}
