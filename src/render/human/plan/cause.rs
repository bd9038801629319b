//! Causes: from the attribute that changes to the place where the value is written.
//!
//! A change's causes are chains one after the other; a link with a path begins a chain, unless it says that
//! another object changes.

use std::fmt::Write;

use crate::plan::{Cause, CauseKind, Change};
use crate::render::human::paint::{Painter, Style};
use crate::render::human::text;

/// Longer expressions are cut: the place says where to read on.
const LONGEST_EXPRESSION: usize = 60;
/// Where there is little room, so much is left of an expression before the words around it are cut.
const SHORTEST_EXPRESSION: usize = 8;

/// The links of the first chain.
fn first_chain(causes: &[Cause]) -> &[Cause] {
    let begins = |cause: &Cause| cause.path.is_some() && cause.kind != CauseKind::Upstream;
    let end = causes.iter().skip(1).position(begins).map_or(causes.len(), |at| at + 1);
    &causes[..end]
}

/// `because input = var.n, set by --var n (main.hcl:3)`; nothing where no cause is known.
pub(super) fn line(out: &mut String, change: &Change) {
    clause(out, change, LONGEST_EXPRESSION);
    place(out, change);
}

/// The same in so many characters: first the expression is shortened, then the words; the place stays whole, and
/// so do `least` characters before it.
pub(super) fn line_within(out: &mut String, change: &Change, room: usize, least: usize) {
    let (mut words, mut at) = (String::new(), String::new());
    place(&mut at, change);
    let room = room.saturating_sub(at.chars().count()).max(least);
    clause(&mut words, change, LONGEST_EXPRESSION);
    let excess = words.chars().count().saturating_sub(room);
    if excess > 0 {
        let first = first_chain(&change.cause).first().and_then(expression);
        let shown = first.map_or(0, |text| flat(text).chars().count().min(LONGEST_EXPRESSION + 1));
        // One more for the sign that something is missing.
        let longest = shown.saturating_sub(excess + 1).max(SHORTEST_EXPRESSION);
        words.clear();
        clause(&mut words, change, longest);
        text::cut(&mut words, 0, room);
    }
    out.push_str(&words);
    out.push_str(&at);
}

/// Everything but the place.
fn clause(out: &mut String, change: &Change, longest: usize) {
    let chain = first_chain(&change.cause);
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return };
    out.push_str("because ");
    link(out, first, longest);
    if chain.len() > 1 && last.subject != first.subject {
        out.push_str(", ");
        origin(out, last);
    }
}

/// ` (main.hcl:3)`
fn place(out: &mut String, change: &Change) {
    let chain = first_chain(&change.cause);
    if let Some(range) = chain.iter().rev().find_map(|cause| cause.range.as_ref()) {
        out.push_str(" (");
        text::one_line(out, &range.filename);
        // Writing to a String cannot fail.
        let _ = write!(out, ":{})", range.start.line);
    }
}

/// What a link shows as its expression.
fn expression(cause: &Cause) -> Option<&str> {
    cause.expression.as_deref().or(cause.subject.as_deref())
}

/// One link, as a clause.
fn link(out: &mut String, cause: &Cause, longest: usize) {
    match (cause.kind, cause.path.as_deref(), expression(cause)) {
        (CauseKind::Drift, Some(path), _) => {
            text::one_line(out, path);
            out.push_str(" was changed outside of mpctl");
        }
        (CauseKind::Drift, None, _)
        | (CauseKind::Upstream | CauseKind::Requested | CauseKind::Undeclared, None, _) => {
            origin(out, cause);
        }
        (_, Some(path), Some(expression)) => {
            text::one_line(out, path);
            out.push_str(" = ");
            expression_of(out, expression, longest);
        }
        (_, Some(path), None) => {
            text::one_line(out, path);
            out.push_str(" is set");
        }
        (_, None, Some(expression)) => expression_of(out, expression, longest),
        (_, None, None) => out.push_str("the spec says so"),
    }
}

/// Where a chain ends, as a clause.
fn origin(out: &mut String, cause: &Cause) {
    let subject = cause.subject.as_deref();
    let with = |out: &mut String, before: &str, after: &str, otherwise: &str| match subject {
        Some(subject) => {
            out.push_str(before);
            text::one_line(out, subject);
            out.push_str(after);
        }
        None => out.push_str(otherwise),
    };
    match cause.kind {
        CauseKind::Upstream => with(out, "", " changes", "something that it refers to changes"),
        CauseKind::Drift => out.push_str("it was changed outside of mpctl"),
        CauseKind::Requested => with(out, "of ", "", "it was asked for"),
        CauseKind::Undeclared => with(out, "", " is not declared", "it is not declared"),
        CauseKind::Variable => with(out, "set by ", "", "a variable is set"),
        CauseKind::Local | CauseKind::Config => with(out, "from ", "", "the spec says so"),
    }
}

/// The expression on one line and no longer than that.
fn expression_of(out: &mut String, expression: &str, longest: usize) {
    let flat = flat(expression);
    match flat.char_indices().nth(longest) {
        Some((end, _)) => {
            text::one_line(out, &flat[..end]);
            out.push('…');
        }
        None => text::one_line(out, &flat),
    }
}

/// The expression with runs of blanks as one, as far as it may be shown.
fn flat(expression: &str) -> String {
    let mut flat = String::with_capacity(expression.len().min(LONGEST_EXPRESSION * 4));
    for word in expression.split_whitespace() {
        if !flat.is_empty() {
            flat.push(' ');
        }
        flat.push_str(word);
        if flat.len() > LONGEST_EXPRESSION * 4 {
            break;
        }
    }
    flat
}

impl Painter<'_> {
    /// `# because …; wave 2 of 3`, and with `whole` every link on a line of its own.
    pub(super) fn causes(&mut self, change: &Change, wave: (u32, u32), whole: bool) {
        let (wave, waves) = wave;
        if !change.cause.is_empty() || (waves > 1 && wave > 0) {
            self.put("  # ");
            line(self.text(), change);
            if waves > 1 && wave > 0 {
                self.put(if change.cause.is_empty() { "" } else { "; " });
                self.put("wave ").show(wave).put(" of ").show(waves);
            }
            self.line();
        }
        if whole {
            change.cause.iter().for_each(|cause| self.whole_link(cause));
        }
    }

    fn whole_link(&mut self, cause: &Cause) {
        self.put("  #   ");
        self.styled(Style::Dim, |p| {
            p.put(kind_word(cause.kind)).put(": ");
        });
        let path = cause.path.as_deref().map(|path| ("", path));
        let expression = cause.expression.as_deref().map(|e| (" = ", e));
        let subject = cause.subject.as_deref().map(|subject| (" from ", subject));
        let mut bare = true;
        for (before, word) in [path, expression, subject].into_iter().flatten() {
            self.put(if bare { "" } else { before }).foreign(word);
            bare = false;
        }
        if let Some(range) = &cause.range {
            self.put(" (").foreign(&range.filename);
            self.put(":").show(range.start.line).put(":").show(range.start.column).put(")");
        }
        self.line();
    }
}

fn kind_word(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Config => "config",
        CauseKind::Variable => "variable",
        CauseKind::Local => "local",
        CauseKind::Upstream => "upstream",
        CauseKind::Drift => "drift",
        CauseKind::Requested => "requested",
        CauseKind::Undeclared => "undeclared",
    }
}
