//! Templates: quoted, as heredoc, and bare.
//!
//! First the pieces are gathered in a row (text with its escapes resolved and white space stripped where `~`
//! asks for it, interpolations, directives); then the directives are nested.
//!
//! White space is stripped as Terraform does it: outside quotes never beyond one line, since there each line is
//! a text of its own.

mod nest;
mod pieces;

use std::sync::Arc;

use mpctl_provider::Value;

use super::cursor::{Opener, Parser};
use super::literal::unescape_line;
use super::{Kind, Parsed};
use crate::spec::syntax::{Expr, ExprKind, Name};
use pieces::{Piece, PieceKind, Pieces};

impl<'text> Parser<'text> {
    /// `"…"`
    pub(super) fn quoted(&mut self) -> Parsed {
        let start = self.start;
        self.push_opener();
        self.bump();
        let mut first = None;
        if self.peek() == Kind::QuotedText {
            let (text, at) = (self.token_text(), self.start);
            let unescaped = self.unescape_quoted(text, at);
            self.bump();
            first = Some((unescaped, at));
        }
        if self.peek() == Kind::QuoteClose {
            self.bump();
            self.open.pop();
            self.height = 1;
            let text = first.map_or_else(|| Arc::from(""), |(text, _)| Arc::from(text));
            return Ok(Expr::new(ExprKind::Literal(Value::String(text)), self.span_from(start)));
        }
        let mut pieces = Pieces::default();
        if let Some((text, at)) = first {
            pieces.push_text(text, at);
        }
        self.gather(&mut pieces, Kind::QuoteClose)?;
        self.bump();
        self.open.pop();
        self.template_expr(pieces, start)
    }

    /// A quoted label of a block, in which no template may stand.
    pub(super) fn quoted_label(&mut self, repeats: bool) -> Parsed<Name> {
        let start = self.start;
        self.push_opener();
        self.bump();
        let mut text = std::borrow::Cow::Borrowed("");
        if self.peek() == Kind::QuotedText {
            text = self.unescape_quoted(self.token_text(), self.start);
            self.bump();
        }
        match self.peek() {
            Kind::QuoteClose => {
                self.bump();
                self.open.pop();
                // The first label is mostly a type and comes again; the last one names one thing.
                let text = if repeats { self.names.get(&text) } else { Arc::from(text) };
                Ok(Name { text, span: self.span_from(start) })
            }
            Kind::Unclosed => Err(self.unclosed_quote()),
            _ => Err(self.template_in_label()),
        }
    }

    /// `<<NAME … NAME`
    pub(super) fn heredoc(&mut self) -> Parsed {
        let start = self.start;
        let indented = self.token_text().starts_with("<<-");
        self.push_opener();
        self.bump();
        let mut pieces = Pieces::default();
        self.gather(&mut pieces, Kind::HeredocClose)?;
        self.bump();
        self.open.pop();
        if indented {
            pieces.remove_indentation();
        }
        self.template_expr(pieces, start)
    }

    /// A text that is a template as a whole.
    pub(super) fn bare_template(&mut self) -> Parsed {
        let mut pieces = Pieces::default();
        self.gather(&mut pieces, Kind::End)?;
        let mut expr = self.template_expr(pieces, 0)?;
        expr.span = self.places.span(0..self.text.len() as u32);
        Ok(expr)
    }

    fn push_opener(&mut self) {
        let (start, end) = (self.start, self.end);
        let kind = self.peek();
        self.open.push(Opener { kind, start, end });
    }

    /// Everything up to the token that ends the template, which stays the current one.
    fn gather(&mut self, pieces: &mut Pieces<'text>, close: Kind) -> Parsed<()> {
        loop {
            match self.peek() {
                kind if kind == close => return Ok(()),
                Kind::QuotedText => {
                    let text = self.unescape_quoted(self.token_text(), self.start);
                    pieces.push_text(text, self.start);
                    self.bump();
                }
                Kind::Text => {
                    pieces.push_text(unescape_line(self.token_text()), self.start);
                    self.bump();
                }
                kind @ (Kind::InterpolationOpen | Kind::DirectiveOpen) => {
                    self.deeper(|parser| parser.sequence(pieces, kind))?;
                }
                Kind::Unclosed | Kind::End if close == Kind::HeredocClose => {
                    return Err(self.unclosed_heredoc());
                }
                _ => return Err(self.unclosed_quote()),
            }
        }
    }

    /// `${…}` or `%{…}`
    fn sequence(&mut self, pieces: &mut Pieces<'text>, kind: Kind) -> Parsed<()> {
        let start = self.start;
        if self.token_text().ends_with('~') {
            pieces.strip_before();
        }
        let outer = self.open_bracket(false);
        let directive = kind == Kind::DirectiveOpen;
        self.height = 0;
        let kind = if directive {
            self.directive()?
        } else {
            PieceKind::Interpolation(self.expression()?)
        };
        if self.peek() != Kind::SequenceClose {
            return Err(self.sequence_goes_on(directive));
        }
        let strips = self.token_text().starts_with('~');
        self.close_bracket(outer);
        let piece = Piece { kind, start, end: self.previous_end };
        pieces.push_sequence(piece, self.height, strips);
        Ok(())
    }

    /// What stands in `%{…}`.
    fn directive(&mut self) -> Parsed<PieceKind<'text>> {
        if self.peek() != Kind::Identifier {
            return Err(self.not_a_directive());
        }
        let kind = match self.token_text() {
            "if" => {
                self.bump();
                PieceKind::If(self.expression()?)
            }
            "for" => {
                self.bump();
                let (key, value) = self.for_names()?;
                PieceKind::For { key, value, collection: self.expression()? }
            }
            "else" => PieceKind::Else,
            "endif" => PieceKind::EndIf,
            "endfor" => PieceKind::EndFor,
            _ => return Err(self.not_a_directive()),
        };
        if matches!(kind, PieceKind::Else | PieceKind::EndIf | PieceKind::EndFor) {
            self.bump();
        }
        Ok(kind)
    }

    /// The pieces as an expression: a literal if all of them are text.
    fn template_expr(&mut self, pieces: Pieces<'text>, start: u32) -> Parsed {
        let span = self.span_from(start);
        let height = pieces.height();
        let kind = match pieces.into_text() {
            Ok(text) => ExprKind::Literal(Value::string(text)),
            Err(pieces) => {
                let (parts, nested) = self.nest(pieces)?;
                self.grow(height + nested)?;
                return Ok(Expr::new(ExprKind::Template(parts), span));
            }
        };
        self.height = 1;
        Ok(Expr::new(kind, span))
    }
}
