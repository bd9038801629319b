//! Conditions with their messages: `validation`, `precondition`, `postcondition`, `assert`.

use mpctl_provider::Value;

use super::Context;
use super::spelling::Spelling;
use super::table::{Content, Table};
use crate::diagnostic::{Diagnostic, code};
use crate::spec::document::Condition;
use crate::spec::syntax::{Expr, ExprKind};

impl Context<'_> {
    /// Every condition under a key: repeated blocks, a list of mappings, or one mapping.
    pub(super) fn conditions(&mut self, table: &mut Table, key: &'static str) -> Vec<Condition> {
        let mut found = Vec::new();
        for entry in table.take_all(key) {
            let what = format!("`{}` of {}", entry.key.text, table.what);
            match entry.content {
                Content::Value(Expr { kind: ExprKind::Tuple(elements), .. }) => {
                    for element in elements {
                        found.extend(self.condition(Content::Value(element), what.clone()));
                    }
                }
                content => found.extend(self.condition(content, what)),
            }
        }
        found
    }

    fn condition(&mut self, content: Content, what: String) -> Option<Condition> {
        let span = content.span();
        let mut table = self.table(content, what)?;
        let condition = table.take_expr(self, "condition");
        let error_message = table.take_expr(self, "error_message");
        match &condition {
            None => table.missing(self, "condition"),
            Some(Expr { kind: ExprKind::Literal(Value::String(text)), span }) => {
                let hint = match self.spelling {
                    Spelling::Yaml => format!("write `\"${{{text}}}\"`"),
                    Spelling::Hcl => format!("write `{text}` without quotes"),
                };
                let summary = "a condition must be an expression, and is a string";
                self.report(
                    Diagnostic::error(code::WRONG_TYPE, summary).at(*span, "a string").hint(hint),
                );
            }
            Some(_) => {}
        }
        if error_message.is_none() {
            table.missing(self, "error_message");
        }
        table.finish(self, &["condition", "error_message"]);
        Some(Condition { condition: condition?, error_message: error_message?, span })
    }
}
