//! Errors in quotes, heredocs, interpolations and directives.

use std::ops::Range;

use super::super::Failed;
use super::super::cursor::{Opener, Parser};
use super::syntax;

impl Parser<'_> {
    pub(in crate::spec::hcl::parser) fn unclosed_quote(&mut self) -> Failed {
        let Some(Opener { start, end, .. }) = self.open.last().copied() else {
            return self.expected("the end of the template", None);
        };
        let error = syntax("this text is not closed in its line")
            .at(self.places.span(start..end), "opened here")
            .at(self.token_span(), "the line ends here")
            .hint("close it with \", write \\n for a line break, or use a heredoc: <<EOT");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn unclosed_heredoc(&mut self) -> Failed {
        let Some(Opener { start, end, .. }) = self.open.last().copied() else {
            return self.expected("the end of the heredoc", None);
        };
        let opening = self.text[start as usize..end as usize].trim_end();
        let name = opening.trim_start_matches(['<', '-']);
        let error = syntax(format!("the heredoc `{opening}` is never closed"))
            .at(self.places.span(start..start + opening.len() as u32), "opened here")
            .hint(format!("end it with a line that holds only {name}, and a line break after it"));
        let failed = self.report(error);
        self.silent = true;
        failed
    }

    pub(in crate::spec::hcl::parser) fn sequence_goes_on(&mut self, directive: bool) -> Failed {
        let expected = "`}` after the expression";
        if let Some(failed) = self.special(expected) {
            return failed;
        }
        let hint = match directive {
            true => "a directive ends with `}`",
            false => "for a literal `${`, as in a shell script, write `$${`",
        };
        let found = self.found();
        let mut error = syntax(format!("expected {expected}, found {found}"))
            .at(self.token_span(), format!("expected {expected}"));
        if let Some(Opener { start, end, .. }) = self.open.last() {
            error = error.at(self.places.span(*start..*end), "opened here");
        }
        self.report(error.hint(hint))
    }

    pub(in crate::spec::hcl::parser) fn not_a_directive(&mut self) -> Failed {
        let names = ["if", "else", "endif", "for", "endfor"];
        let word = self.token_text();
        let close = names.iter().find(|name| strsim::osa_distance(name, word) <= 2);
        let hint = match close {
            Some(name) => format!("did you mean `{name}`? For a literal `%{{` write `%%{{`"),
            None => "for a literal `%{` write `%%{`".into(),
        };
        self.expected("`if`, `else`, `endif`, `for` or `endfor`", Some(&hint))
    }

    pub(in crate::spec::hcl::parser) fn stray_directive(
        &mut self,
        directive: &str,
        place: Range<u32>,
    ) -> Failed {
        let error = syntax(format!("this {directive} belongs to nothing"))
            .at(self.places.span(place), "nothing to end here");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn unbalanced_directive(
        &mut self,
        found: &str,
        place: Range<u32>,
        wanted: &str,
        opening: Range<u32>,
    ) -> Failed {
        let error = syntax(format!("expected {wanted}, found {found}"))
            .at(self.places.span(place), format!("expected {wanted} before this"))
            .at(self.places.span(opening), "for this directive");
        self.report(error)
    }
}
