//! What follows a term: `.name`, `[key]`, splats; and the arguments of a call.

use super::body::split;
use super::cursor::Parser;
use super::{Kind, Parsed};
use crate::source::Span;
use crate::spec::syntax::{Accessor, Expr, ExprKind, Name};

impl Parser<'_> {
    /// The steps after a term, put together from left to right.
    pub(super) fn postfix(&mut self, term: Expr) -> Parsed {
        let mut height = self.height;
        let first = self.stacks.accessors.len();
        let mut of = term;
        loop {
            match self.peek() {
                Kind::Dot | Kind::BracketOpen => {}
                _ => {
                    let of = self.access(of, first);
                    self.grow(height)?;
                    return Ok(of);
                }
            }
            let inner = self.accessor()?;
            height = height.max(self.height);
            match inner {
                Accessor::Splat(each) => {
                    let span = of.span.to(self.span_from(self.previous_end));
                    of = Expr::new(
                        ExprKind::Splat { of: Box::new(self.access(of, first)), each },
                        span,
                    );
                    // The access below the splat and the splat itself.
                    self.grow(height + 1)?;
                    height = self.height;
                }
                step => self.stacks.accessors.push(step),
            }
        }
    }

    /// An access with the steps that have gathered since `first`, or the thing itself if there are none.
    fn access(&mut self, of: Expr, first: usize) -> Expr {
        let steps = split(&mut self.stacks.accessors, first);
        let Some(last) = steps.last() else { return of };
        let end = match last {
            Accessor::Attribute(name) => name.span,
            // The closing bracket is behind the key; nothing has been taken since.
            Accessor::Index(_) | Accessor::Splat(_) => self.span_from(self.previous_end),
        };
        let span = of.span.to(end);
        Expr::new(ExprKind::Access { of: Box::new(of), steps }, span)
    }

    /// One step. Sets the height of what is in it.
    fn accessor(&mut self) -> Parsed<Accessor> {
        self.height = 0;
        if self.peek() == Kind::BracketOpen {
            return self.deeper(|parser| parser.bracket_accessor());
        }
        self.bump();
        match self.peek() {
            Kind::Identifier => Ok(Accessor::Attribute(self.take_name())),
            Kind::Number => self.legacy_index(),
            Kind::Star => {
                self.bump();
                self.attribute_splat()
            }
            _ => Err(self.no_attribute_name()),
        }
    }

    /// `[key]`, or `[*]` with every step behind it.
    fn bracket_accessor(&mut self) -> Parsed<Accessor> {
        let outer = self.open_bracket(false);
        if self.peek() == Kind::Star {
            self.bump();
            self.expect_close(Kind::BracketClose, "`*`")?;
            self.close_bracket(outer);
            return self.full_splat();
        }
        let key = self.expression()?;
        self.expect_close(Kind::BracketClose, "the index")?;
        self.close_bracket(outer);
        Ok(Accessor::Index(key))
    }

    /// The steps after `[*]`: all that follow, further splats among them.
    fn full_splat(&mut self) -> Parsed<Accessor> {
        let first = self.stacks.accessors.len();
        let mut height = 0;
        while matches!(self.peek(), Kind::Dot | Kind::BracketOpen) {
            let step = self.accessor()?;
            height = height.max(self.height);
            self.stacks.accessors.push(step);
        }
        self.grow(height)?;
        Ok(Accessor::Splat(split(&mut self.stacks.accessors, first)))
    }

    /// The steps after `.*`: names and numbers only.
    fn attribute_splat(&mut self) -> Parsed<Accessor> {
        let mut each = Vec::new();
        while self.peek() == Kind::Dot {
            self.bump();
            each.push(match self.peek() {
                Kind::Identifier => Accessor::Attribute(self.take_name()),
                Kind::Number => self.legacy_index()?,
                Kind::Star => return Err(self.splat_in_splat()),
                _ => return Err(self.no_attribute_name()),
            });
        }
        self.height = 1;
        Ok(Accessor::Splat(each))
    }

    /// `.0`: an index as it was written long ago.
    fn legacy_index(&mut self) -> Parsed<Accessor> {
        if self.token_text().contains('.') {
            return Err(self.two_legacy_indexes());
        }
        Ok(Accessor::Index(self.number()?))
    }

    /// `name(arguments)`, where a `(` or `::` is the current token.
    pub(super) fn call(&mut self, name: Name) -> Parsed {
        let start = name.span;
        let function = self.function_name(name)?;
        if self.peek() != Kind::ParenOpen {
            return Err(self.call_without_arguments(&function));
        }
        let outer = self.open_bracket(false);
        let first = self.stacks.exprs.len();
        let mut expand = false;
        let mut height = 0;
        while self.peek() != Kind::ParenClose {
            let argument = self.expression()?;
            height = height.max(self.height);
            self.stacks.exprs.push(argument);
            if self.eat(Kind::Ellipsis) {
                expand = true;
                self.expect_close(Kind::ParenClose, "`...`")?;
            } else if self.peek() == Kind::Comma {
                self.bump();
            } else {
                self.expect_close(Kind::ParenClose, "the argument")?;
            }
        }
        self.close_bracket(outer);
        self.grow(height)?;
        let arguments = split(&mut self.stacks.exprs, first);
        let span: Span = start.to(self.span_from(self.previous_end));
        Ok(Expr::new(ExprKind::Call { function, arguments, expand }, span))
    }

    /// The name of a function with its namespaces, `a::b::c`.
    fn function_name(&mut self, name: Name) -> Parsed<Name> {
        if self.peek() != Kind::ColonColon {
            return Ok(name);
        }
        let mut text = name.text.to_string();
        let mut span = name.span;
        while self.eat(Kind::ColonColon) {
            if self.peek() != Kind::Identifier {
                return Err(self.namespace_without_name(&text));
            }
            text.push_str("::");
            text.push_str(self.token_text());
            span = span.to(self.token_span());
            self.bump();
        }
        Ok(Name { text: self.names.get(&text), span })
    }
}
