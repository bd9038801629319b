//! The parser's place in the text: one token of lookahead, without white space and comments.

use super::names::Names;
use super::{Failed, Parsed};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::hcl::lexer::{Entry, Kind, Lexer};
use crate::spec::hcl::places::Places;
use crate::spec::hcl::{MAX_DEPTH, MAX_ERRORS};
use crate::spec::syntax::{Accessor, Attribute, Block, Expr, Name, ObjectItem};

/// A bracket that is open: what it is and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opener {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Where items gather until their number is known; nested things use the upper end of the same stack.
#[derive(Default)]
pub(super) struct Stacks {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
    pub(super) labels: Vec<Name>,
    pub(super) exprs: Vec<Expr>,
    pub(super) items: Vec<ObjectItem>,
    pub(super) accessors: Vec<Accessor>,
}

impl Stacks {
    /// Drops what a damaged item has left; no item lies within an expression.
    pub(super) fn drop_unfinished(&mut self) {
        self.labels.clear();
        self.exprs.clear();
        self.items.clear();
        self.accessors.clear();
    }
}

/// A parser at a place in a text.
pub(super) struct Parser<'text> {
    pub(super) text: &'text str,
    pub(super) places: &'text Places,
    lexer: Lexer<'text>,
    /// The current token; white space and comments are passed over.
    kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the token before it ended.
    pub(super) previous_end: u32,
    /// Whether a line break is a token here, or white space.
    newlines: bool,
    /// How deep the parser is in blocks, brackets, operators and templates.
    depth: u32,
    /// The height of the expression that was parsed last.
    pub(super) height: u32,
    pub(super) open: Vec<Opener>,
    pub(super) stacks: Stacks,
    pub(super) names: Names,
    pub(super) diagnostics: Diagnostics,
    /// Nothing more is to be said: too many errors, or what follows cannot be understood.
    pub(super) silent: bool,
}

impl<'text> Parser<'text> {
    pub(super) fn new(
        text: &'text str,
        places: &'text Places,
        entry: Entry,
        newlines: bool,
    ) -> Parser<'text> {
        let mut parser = Parser {
            text,
            places,
            lexer: Lexer::new(text, entry),
            kind: Kind::End,
            start: 0,
            end: 0,
            previous_end: 0,
            newlines,
            depth: 0,
            height: 0,
            open: Vec::new(),
            stacks: Stacks::default(),
            names: Names::for_text(text.len()),
            diagnostics: Diagnostics::default(),
            silent: false,
        };
        parser.advance();
        parser
    }

    /// Takes the next token of the lexer that is neither white space nor a comment.
    fn advance(&mut self) {
        loop {
            let token = self.lexer.next_token();
            self.start = token.start;
            self.kind = token.kind;
            match token.kind {
                Kind::Whitespace | Kind::LineComment | Kind::BlockComment | Kind::ByteOrderMark => {
                }
                _ => break,
            }
        }
        self.end = self.lexer.position() as u32;
    }

    /// What the current token is. Line breaks are passed over where they mean nothing.
    pub(super) fn peek(&mut self) -> Kind {
        while !self.newlines && self.kind == Kind::Newline {
            self.advance();
        }
        self.kind
    }

    /// Goes on to the next token.
    pub(super) fn bump(&mut self) {
        self.previous_end = self.end;
        if self.kind != Kind::End {
            self.advance();
        }
    }

    /// Goes on if the current token is of the kind.
    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.bump();
        }
        found
    }

    /// Whether the current token is this word.
    pub(super) fn at_word(&mut self, word: &str) -> bool {
        self.peek() == Kind::Identifier && self.token_text() == word
    }

    /// The current token's text.
    pub(super) fn token_text(&self) -> &'text str {
        &self.text[self.start as usize..self.end as usize]
    }

    /// The current token, a word, as a name; goes on.
    pub(super) fn take_name(&mut self) -> Name {
        let name = Name { text: self.names.get(self.token_text()), span: self.token_span() };
        self.bump();
        name
    }

    /// The place of the current token; of a line break, the point before it.
    pub(super) fn token_span(&self) -> Span {
        let end = if self.kind == Kind::Newline { self.start } else { self.end };
        self.places.span(self.start..end)
    }

    /// The place from a byte of the text to the end of the last token that was taken.
    pub(super) fn span_from(&self, start: u32) -> Span {
        self.places.span(start..self.previous_end.max(start))
    }

    /// Takes an opening bracket; within it, line breaks count or not.
    pub(super) fn open_bracket(&mut self, newlines: bool) -> bool {
        self.open.push(Opener { kind: self.kind, start: self.start, end: self.end });
        let outer = std::mem::replace(&mut self.newlines, newlines);
        self.bump();
        outer
    }

    /// Takes the closing bracket, which is the current token, and goes back to how line breaks were read before.
    pub(super) fn close_bracket(&mut self, outer: bool) {
        self.bump();
        self.open.pop();
        self.newlines = outer;
    }

    /// Sets whether line breaks count; gives how it was.
    pub(super) fn set_newlines(&mut self, newlines: bool) -> bool {
        std::mem::replace(&mut self.newlines, newlines)
    }

    /// Continues in code at a byte of the text, with line breaks counting and no bracket open beyond `open`.
    pub(super) fn restart(&mut self, at: u32, open: usize) {
        self.lexer.restart(at as usize);
        self.previous_end = at;
        self.open.truncate(open);
        self.newlines = true;
        self.advance();
    }

    /// Runs `parse` one level deeper, if that is allowed.
    pub(super) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Parser<'text>) -> Parsed<T>,
    ) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Notes that an expression stands above ones of the given height.
    pub(super) fn grow(&mut self, height: u32) -> Parsed<()> {
        self.height = height + 1;
        if self.height > MAX_DEPTH { Err(self.too_deep()) } else { Ok(()) }
    }

    fn too_deep(&mut self) -> Failed {
        let summary = format!("this is nested more than {MAX_DEPTH} levels deep");
        let hint = "take parts of it out into `locals`";
        let error = Diagnostic::error(code::LIMIT, summary).at(self.token_span(), "too deep here");
        let failed = self.report(error.hint(hint));
        // Nobody writes this by hand; the rest of it would be reported level by level.
        self.silent = true;
        failed
    }

    /// Adds an error.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Failed {
        if !self.silent {
            self.diagnostics.push(diagnostic);
            if self.diagnostics.iter().len() >= MAX_ERRORS {
                self.silent = true;
                let rest = Diagnostic::error(code::LIMIT, format!("more than {MAX_ERRORS} errors"))
                    .hint("mend the first ones; the rest of this text was not checked");
                self.diagnostics.push(rest);
            }
        }
        Failed
    }
}
