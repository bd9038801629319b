//! Expressions: conditionals, operators, terms. Access and calls are in [`super::postfix`], brackets in
//! [`super::collection`], quotes in [`super::template`].

use mpctl_provider::Value;

use super::cursor::Parser;
use super::{Kind, Parsed};
use crate::spec::syntax::{BinaryOperator, Expr, ExprKind, UnaryOperator};

/// The operator of a token, and how tightly it binds.
fn binary_operator(kind: Kind) -> Option<(BinaryOperator, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOperator::Or, 1),
        Kind::And => (BinaryOperator::And, 2),
        Kind::EqualEqual => (BinaryOperator::Equal, 3),
        Kind::NotEqual => (BinaryOperator::NotEqual, 3),
        Kind::Greater => (BinaryOperator::Greater, 4),
        Kind::GreaterOrEqual => (BinaryOperator::GreaterOrEqual, 4),
        Kind::Less => (BinaryOperator::Less, 4),
        Kind::LessOrEqual => (BinaryOperator::LessOrEqual, 4),
        Kind::Plus => (BinaryOperator::Add, 5),
        Kind::Minus => (BinaryOperator::Subtract, 5),
        Kind::Star => (BinaryOperator::Multiply, 6),
        Kind::Slash => (BinaryOperator::Divide, 6),
        Kind::Percent => (BinaryOperator::Modulo, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Parsed {
        let condition = self.binary(1)?;
        if self.peek() != Kind::Question {
            return Ok(condition);
        }
        let height = self.height;
        self.bump();
        self.deeper(|parser| parser.conditional(condition, height))
    }

    /// `… yes : no` after the `?`. Both sides reach as far as they can.
    fn conditional(&mut self, condition: Expr, mut height: u32) -> Parsed {
        let yes = self.expression()?;
        height = height.max(self.height);
        if !self.eat(Kind::Colon) {
            return Err(self.conditional_without_colon(condition.span));
        }
        let no = self.expression()?;
        self.grow(height.max(self.height))?;
        let span = condition.span.to(no.span);
        Ok(Expr::new(ExprKind::Conditional(Box::new((condition, yes, no))), span))
    }

    /// Operators that bind at least as tightly as `level`, from left to right.
    fn binary(&mut self, level: u8) -> Parsed {
        let mut left = self.operand()?;
        while let Some((operator, found)) = binary_operator(self.peek()) {
            if found < level {
                break;
            }
            let height = self.height;
            self.bump();
            let right = self.deeper(|parser| parser.binary(found + 1))?;
            self.grow(height.max(self.height))?;
            let span = left.span.to(right.span);
            let operands = Box::new((left, right));
            left = Expr::new(ExprKind::Binary { operator, operands }, span);
        }
        Ok(left)
    }

    /// A term with what is accessed of it, or `-` or `!` and another operand.
    fn operand(&mut self) -> Parsed {
        let operator = match self.peek() {
            Kind::Minus => UnaryOperator::Negate,
            Kind::Not => UnaryOperator::Not,
            _ => {
                let term = self.term()?;
                return match self.peek() {
                    Kind::Dot | Kind::BracketOpen => self.postfix(term),
                    _ => Ok(term),
                };
            }
        };
        let start = self.token_span();
        self.bump();
        let operand = self.deeper(|parser| parser.operand())?;
        self.grow(self.height)?;
        let span = start.to(operand.span);
        Ok(Expr::new(ExprKind::Unary { operator, operand: Box::new(operand) }, span))
    }

    fn term(&mut self) -> Parsed {
        match self.peek() {
            Kind::Identifier => self.word(),
            Kind::QuoteOpen => self.quoted(),
            Kind::Number => self.number(),
            Kind::BracketOpen => self.deeper(|parser| parser.tuple()),
            Kind::BraceOpen => self.deeper(|parser| parser.object()),
            Kind::ParenOpen => self.deeper(|parser| parser.parenthesized()),
            Kind::HeredocOpen => self.heredoc(),
            _ => Err(self.no_expression()),
        }
    }

    /// `true`, `false`, `null`, a variable, or a call.
    fn word(&mut self) -> Parsed {
        let name = self.take_name();
        self.height = 1;
        if matches!(self.peek(), Kind::ParenOpen | Kind::ColonColon) {
            return self.deeper(|parser| parser.call(name));
        }
        let kind = match &*name.text {
            "true" => ExprKind::Literal(Value::Bool(true)),
            "false" => ExprKind::Literal(Value::Bool(false)),
            "null" => ExprKind::Literal(Value::NULL),
            _ => ExprKind::Variable(name.text),
        };
        Ok(Expr::new(kind, name.span))
    }

    fn parenthesized(&mut self) -> Parsed {
        let start = self.start;
        let outer = self.open_bracket(false);
        let inner = self.expression()?;
        self.expect_close(Kind::ParenClose, "the expression")?;
        self.close_bracket(outer);
        self.grow(self.height)?;
        Ok(Expr::new(ExprKind::Parenthesized(Box::new(inner)), self.span_from(start)))
    }

    /// The closing bracket must be the current token; it is not taken.
    pub(super) fn expect_close(&mut self, close: Kind, after: &str) -> Parsed<()> {
        if self.peek() == close { Ok(()) } else { Err(self.not_closed(close, after)) }
    }
}
