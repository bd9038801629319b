//! Folding: equal changes of many objects are shown once.
//!
//! Two changes are equal if they would read the same but for their address and for what is each object's own
//! (`id`, computed attributes). Equality is decided on the whole of what would be shown, never on a digest, so
//! that no change can hide behind another.

use std::borrow::Cow;
use std::collections::HashMap;

use mpctl_provider::Value;
use mpctl_provider::schema::ResourceSchema;
use mpctl_provider::value::Entries;

use super::Context;
use super::cause;
use crate::plan::Change;
use crate::render::human::diff::{same, symbol_of};
use crate::render::human::paint::Symbol;
use crate::render::identity;

/// Changes that are shown as one, in the order of their addresses; at least one.
pub(super) struct Group<'c> {
    pub(super) members: Vec<&'c Change>,
}

impl<'c> Group<'c> {
    /// The one that stands for all.
    pub(super) fn first(&self) -> &'c Change {
        self.members[0]
    }

    pub(super) fn is_folded(&self) -> bool {
        self.members.len() > 1
    }
}

/// The changes of one section in groups, by their first members.
pub(super) fn groups<'c>(context: &Context<'_>, section: &[&'c Change]) -> Vec<Group<'c>> {
    if context.options.expand || section.len() == 1 {
        return section.iter().map(|change| Group { members: vec![*change] }).collect();
    }
    let mut groups: Vec<Group<'c>> = Vec::new();
    let mut known: HashMap<Box<[u8]>, usize> = HashMap::with_capacity(section.len());
    let mut signature = Signature::default();
    for change in section {
        if change.deposed.is_some() || change.previous_address.is_some() {
            groups.push(Group { members: vec![change] });
            continue;
        }
        signature.of(change, context);
        match known.get(signature.bytes.as_slice()) {
            Some(at) => groups[*at].members.push(change),
            None => {
                known.insert(signature.bytes.as_slice().into(), groups.len());
                groups.push(Group { members: vec![change] });
            }
        }
    }
    groups
}

/// A sentence about an object without its id, so that it holds for others too.
pub(super) fn without_id<'t>(sentence: &'t str, change: &Change) -> Cow<'t, str> {
    let id = change.before.as_ref().and_then(|object| object.value.get("id")?.as_str());
    match id {
        Some(id) if !id.is_empty() && sentence.contains(id) => {
            Cow::Owned(sentence.replace(id, "each its own"))
        }
        _ => Cow::Borrowed(sentence),
    }
}

/// What a change would show, in a compact form that is equal exactly when the text is.
#[derive(Default)]
struct Signature {
    bytes: Vec<u8>,
    line: String,
}

impl Signature {
    fn of(&mut self, change: &Change, context: &Context<'_>) {
        self.bytes.clear();
        self.line.clear();
        cause::line(&mut self.line, change);
        let line = std::mem::take(&mut self.line);
        self.text(&line);
        self.line = line;
        let schema = context.schemas.get(change.resource_type.as_ref()).copied();
        self.text(&change.resource_type);
        self.text(&change.provider);
        self.bytes.extend([
            super::symbol_of(change.action) as u8,
            change.reason.map_or(u8::MAX, |reason| reason as u8),
            change.reversibility.class as u8,
        ]);
        for lost in &change.reversibility.loses {
            self.text(&without_id(lost, change));
        }
        for effect in &change.effects {
            self.text(effect);
        }
        for path in &change.replace_paths {
            self.text(&path.to_string());
        }
        let before = change.before.as_ref().and_then(|object| object.value.as_entries());
        let after = change.after.as_ref().and_then(Value::as_entries);
        self.attributes(before, after, schema);
    }

    fn attributes(
        &mut self,
        before: Option<&Entries>,
        after: Option<&Entries>,
        schema: Option<&ResourceSchema>,
    ) {
        let gone = before.into_iter().flat_map(Entries::iter);
        for (key, value) in gone.filter(|(key, _)| after.is_none_or(|a| a.get(key).is_none())) {
            self.attribute(key, Some(value), None, schema);
        }
        for (key, value) in after.into_iter().flat_map(Entries::iter) {
            self.attribute(key, before.and_then(|before| before.get(key)), Some(value), schema);
        }
    }

    fn attribute(
        &mut self,
        key: &str,
        before: Option<&Value>,
        after: Option<&Value>,
        schema: Option<&ResourceSchema>,
    ) {
        let symbol = symbol_of(before, after);
        self.text(key);
        self.bytes.push(symbol as u8);
        if symbol == Symbol::Keep {
            let null = after.or(before).is_none_or(Value::is_null);
            self.bytes.push(u8::from(null));
            if !null && identity::is_kept(key) && !identity::is_own(key, schema) {
                after.into_iter().for_each(|value| self.value(value));
            }
            return;
        }
        let masked = identity::is_secret(key, schema) || identity::is_own(key, schema);
        for value in [before, after] {
            match value {
                Some(value) if !masked || value.is_unknown() => self.value(value),
                Some(_) => self.bytes.push(1),
                None => self.bytes.push(0),
            }
        }
        if let (Some(before), Some(after)) = (before, after)
            && before.unmark().1 != after.unmark().1
        {
            self.bytes.push(u8::from(same(before.bare(), after.bare())));
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend((text.len() as u64).to_le_bytes());
        self.bytes.extend(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null(_) => self.bytes.push(2),
            Value::Bool(truth) => self.bytes.extend([3, u8::from(*truth)]),
            Value::Number(number) => {
                self.bytes.push(4);
                self.text(&number.to_string());
            }
            Value::String(text) => {
                self.bytes.push(5);
                self.text(text);
            }
            Value::List(s) | Value::Set(s) => self.values(6, &s.items),
            Value::Tuple(items) => self.values(6, items),
            Value::Map(m) => self.entries(7, &m.entries),
            Value::Object(entries) => self.entries(8, entries),
            Value::Unknown(unknown) => {
                self.bytes.push(9);
                self.text(unknown.refinement.prefix.as_deref().unwrap_or(""));
            }
            // Never by its content: what is shown is the same for all of them.
            Value::Sensitive(_) => self.bytes.push(10),
        }
    }

    fn values(&mut self, kind: u8, items: &[Value]) {
        self.bytes.push(kind);
        self.bytes.extend((items.len() as u64).to_le_bytes());
        items.iter().for_each(|item| self.value(item));
    }

    fn entries(&mut self, kind: u8, entries: &Entries) {
        self.bytes.push(kind);
        self.bytes.extend((entries.len() as u64).to_le_bytes());
        for (key, value) in entries.iter() {
            self.text(key);
            self.value(value);
        }
    }
}
