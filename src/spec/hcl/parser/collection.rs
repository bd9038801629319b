//! Brackets and braces: tuples, objects, `for` expressions.

use mpctl_provider::Value;

use super::body::split;
use super::cursor::Parser;
use super::{Kind, Parsed};
use crate::spec::syntax::{Expr, ExprKind, ForExpr, Name, ObjectItem, ObjectKey};

impl Parser<'_> {
    /// `[a, b]`; line breaks mean nothing within.
    pub(super) fn tuple(&mut self) -> Parsed {
        let start = self.start;
        let outer = self.open_bracket(false);
        if self.at_word("for") {
            return self.for_expression(start, outer, Kind::BracketClose);
        }
        let first = self.stacks.exprs.len();
        let mut height = 0;
        while self.peek() != Kind::BracketClose {
            let element = self.expression()?;
            height = height.max(self.height);
            self.stacks.exprs.push(element);
            if !self.eat(Kind::Comma) {
                self.expect_close(Kind::BracketClose, "the element")?;
            }
        }
        self.close_bracket(outer);
        self.grow(height)?;
        let elements = split(&mut self.stacks.exprs, first);
        Ok(Expr::new(ExprKind::Tuple(elements), self.span_from(start)))
    }

    /// `{ a = b }`; items end with a comma or a line break.
    pub(super) fn object(&mut self) -> Parsed {
        let start = self.start;
        let outer = self.open_bracket(true);
        while self.peek() == Kind::Newline {
            self.bump();
        }
        if self.at_word("for") {
            self.set_newlines(false);
            return self.for_expression(start, outer, Kind::BraceClose);
        }
        let first = self.stacks.items.len();
        let mut height = 0;
        loop {
            match self.peek() {
                Kind::Newline => self.bump(),
                Kind::BraceClose => break,
                _ => {
                    height = height.max(self.object_item()?);
                    if !matches!(self.peek(), Kind::Comma | Kind::Newline) {
                        self.expect_close(Kind::BraceClose, "the value")?;
                    } else {
                        self.bump();
                    }
                }
            }
        }
        self.close_bracket(outer);
        self.grow(height)?;
        let items = split(&mut self.stacks.items, first);
        Ok(Expr::new(ExprKind::Object(items), self.span_from(start)))
    }

    /// `key = value` or `key: value`; gives the height of what is in it.
    fn object_item(&mut self) -> Parsed<u32> {
        let key = self.expression()?;
        let key_height = self.height;
        if !matches!(self.peek(), Kind::Equal | Kind::Colon) {
            return Err(self.key_without_value(key.span));
        }
        self.bump();
        let key = self.object_key(key);
        let value = self.expression()?;
        self.stacks.items.push(ObjectItem { key, value });
        Ok(key_height.max(self.height))
    }

    /// A bare word, also `true` and its like, and a literal string are the key itself.
    fn object_key(&mut self, key: Expr) -> ObjectKey {
        let span = key.span;
        match key.kind {
            ExprKind::Variable(text) => ObjectKey::Literal(Name { text, span }),
            ExprKind::Literal(Value::String(text)) => ObjectKey::Literal(Name { text, span }),
            ExprKind::Literal(Value::Bool(truth)) => {
                let text = self.names.get(if truth { "true" } else { "false" });
                ObjectKey::Literal(Name { text, span })
            }
            ExprKind::Literal(Value::Null(_)) => {
                ObjectKey::Literal(Name { text: self.names.get("null"), span })
            }
            kind => ObjectKey::Expr(Expr::new(kind, span)),
        }
    }

    /// `for k, v in c : v if x` and the closing bracket; the opening one is taken already.
    fn for_expression(&mut self, start: u32, outer: bool, close: Kind) -> Parsed {
        self.bump();
        let (key_name, value_name) = self.for_names()?;
        let collection = self.expression()?;
        let mut height = self.height;
        if !self.eat(Kind::Colon) {
            return Err(self.for_without_colon());
        }
        let mut value = self.expression()?;
        height = height.max(self.height);
        let mut key = None;
        if self.eat(Kind::FatArrow) {
            key = Some(std::mem::replace(&mut value, self.expression()?));
            height = height.max(self.height);
        }
        self.check_for_key(close, key.as_ref(), &value)?;
        let group = self.for_group(close)?;
        let mut condition = None;
        if self.at_word("if") {
            self.bump();
            condition = Some(self.expression()?);
            height = height.max(self.height);
        }
        self.expect_close(close, "the `for` expression")?;
        self.close_bracket(outer);
        self.grow(height)?;
        let parts = ForExpr { key_name, value_name, collection, key, value, condition, group };
        Ok(Expr::new(ExprKind::For(Box::new(parts)), self.span_from(start)))
    }

    /// `v in` or `k, v in`.
    pub(super) fn for_names(&mut self) -> Parsed<(Option<Name>, Name)> {
        if self.peek() != Kind::Identifier {
            return Err(self.for_without_name());
        }
        let mut value = self.take_name();
        let mut key = None;
        if self.eat(Kind::Comma) {
            if self.peek() != Kind::Identifier {
                return Err(self.for_without_name());
            }
            key = Some(std::mem::replace(&mut value, self.take_name()));
        }
        if !self.at_word("in") {
            return Err(self.for_without_in());
        }
        self.bump();
        Ok((key, value))
    }

    fn check_for_key(&mut self, close: Kind, key: Option<&Expr>, value: &Expr) -> Parsed<()> {
        match (close, key) {
            (Kind::BracketClose, Some(key)) => Err(self.tuple_for_with_key(key.span)),
            (Kind::BraceClose, None) => Err(self.object_for_without_key(value.span)),
            _ => Ok(()),
        }
    }

    fn for_group(&mut self, close: Kind) -> Parsed<bool> {
        if self.peek() != Kind::Ellipsis {
            return Ok(false);
        }
        if close == Kind::BracketClose {
            return Err(self.tuple_for_with_group());
        }
        self.bump();
        Ok(true)
    }
}
