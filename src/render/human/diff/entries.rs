//! Differences of objects and maps, entry by entry in the order of their names.

use std::cmp::Ordering;

use mpctl_provider::Value;
use mpctl_provider::schema::ResourceSchema;
use mpctl_provider::value::Entries;

use super::{Forces, symbol_of};
use crate::render::human::paint::{Painter, Symbol};
use crate::render::human::value::{SENSITIVE, key_width};
use crate::render::identity;

/// Where the entries stand and how they are shown there.
#[derive(Clone, Copy)]
pub(in crate::render::human) struct Level<'s> {
    /// Keys of a map are quoted, and none of them is kept for its name's sake.
    pub(in crate::render::human) map: bool,
    /// The schema, where these are the attributes of an object.
    pub(in crate::render::human) schema: Option<&'s ResourceSchema>,
    /// Where several objects share one text: what is each one's own is not shown.
    pub(in crate::render::human) folded: bool,
}

/// One entry with both of its sides.
struct Row<'v> {
    key: &'v str,
    before: Option<&'v Value>,
    after: Option<&'v Value>,
    symbol: Symbol,
}

/// Both sides' entries, merged by key.
fn rows<'v>(
    before: Option<&'v Entries>,
    after: Option<&'v Entries>,
    mut each: impl FnMut(Row<'v>),
) {
    let mut old = before.into_iter().flat_map(Entries::iter).peekable();
    let mut new = after.into_iter().flat_map(Entries::iter).peekable();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let Some((key, _)) = before.or(after) else { return };
        let (before, after) = (before.map(|(_, v)| v), after.map(|(_, v)| v));
        each(Row { key, before, after, symbol: symbol_of(before, after) });
    }
}

impl Row<'_> {
    /// Null before and after: the same as not being there.
    fn is_absent(&self) -> bool {
        let null = |v: Option<&Value>| v.is_none_or(|v| matches!(v, Value::Null(_)));
        null(self.before) && null(self.after)
    }

    fn is_shown(&self, level: &Level<'_>) -> bool {
        match self.symbol {
            Symbol::Keep if level.map || self.is_absent() => false,
            Symbol::Keep => {
                let own = level.folded && identity::is_own(self.key, level.schema);
                identity::is_kept(self.key) && !own
            }
            _ => true,
        }
    }
}

impl Painter<'_> {
    /// `{`, the entries that change, `}`.
    pub(super) fn entries_change(
        &mut self,
        before: &Entries,
        after: &Entries,
        map: bool,
        indent: usize,
        forces: &Forces<'_>,
    ) {
        self.put("{").forces_here(forces);
        self.line();
        let level = Level { map, schema: None, folded: false };
        self.entries(Some(before), Some(after), level, indent + 4, forces);
        self.pad(indent + 2).put("}");
    }

    /// The entries that change, one below the other, and how many do not.
    pub(in crate::render::human) fn entries(
        &mut self,
        before: Option<&Entries>,
        after: Option<&Entries>,
        level: Level<'_>,
        indent: usize,
        forces: &Forces<'_>,
    ) {
        let (mut width, mut hidden) = (0, 0);
        rows(before, after, |row| {
            if row.is_shown(&level) {
                width = width.max(key_width(row.key, level.map));
            } else if !row.is_absent() {
                hidden += 1;
            }
        });
        rows(before, after, |row| {
            if row.is_shown(&level) {
                self.row(&row, &level, width, indent, forces);
            }
        });
        if level.map {
            self.hidden(hidden, "unchanged element", "unchanged elements", indent);
        } else {
            self.hidden(hidden, "unchanged attribute", "unchanged attributes", indent);
        }
    }

    fn row(
        &mut self,
        row: &Row<'_>,
        level: &Level<'_>,
        width: usize,
        indent: usize,
        forces: &Forces<'_>,
    ) {
        self.margin(indent, row.symbol).key(row.key, level.map, width);
        let below = if forces.0.is_empty() { Forces::default() } else { forces.below_key(row.key) };
        let own = level.folded && identity::is_own(row.key, level.schema);
        let secret = !self.reveal && identity::is_secret(row.key, level.schema);
        match (row.symbol, row.before, row.after) {
            (Symbol::Create, _, Some(after)) => {
                self.side(after, Symbol::Create, indent, own, secret);
                self.forces_here(&below);
            }
            (Symbol::Delete, Some(before), _) => {
                self.side(before, Symbol::Delete, indent, own, secret);
                self.dim(" -> null").forces_here(&below);
            }
            (Symbol::Update, Some(before), Some(after)) if own || secret => {
                self.side(before, Symbol::Delete, indent, own, secret);
                if !secret || after.is_unknown() {
                    self.put(" -> ").side(after, Symbol::Create, indent, own, secret);
                }
                self.forces_here(&below);
            }
            (Symbol::Update, Some(before), Some(after)) => {
                self.change(before, after, indent, &below);
            }
            (_, _, Some(after)) => self.side(after, Symbol::Keep, indent, own, secret),
            (_, _, None) => {}
        }
        self.line();
    }

    /// One side of an entry, where it may be shown.
    fn side(&mut self, value: &Value, symbol: Symbol, indent: usize, own: bool, secret: bool) {
        if secret && !value.is_unknown() {
            self.put(SENSITIVE);
        } else if own && !value.is_unknown() {
            self.put("(each its own)");
        } else {
            self.whole(value, symbol, indent);
        }
    }
}
