//! Text into tokens, none of it lost: joined, the tokens are the text again.
//!
//! Templates nest code and text in each other (`"a ${f("b ${c}")}"`), so the lexer keeps a stack of what is
//! open. Code is matched by the automaton of `token`, template text by `template`.
//!
//! It must not judge: what has no place in the language is a token too ([`Kind::Unexpected`],
//! [`Kind::Unclosed`]), and the parser, which knows the context, says what is wrong.

mod template;
pub mod token;

use logos::Logos;

pub use token::{Kind, Token};

/// What kind of text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A file or an expression.
    Code,
    /// A template without quotes around it, as in a YAML string or a template file.
    Template,
}

/// What is open at the current place, the innermost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Code; `braces` counts the `{` that are open since it began.
    Code { braces: u32 },
    /// Between quotes.
    Quoted,
    /// A heredoc; the name that ends it lies at these bytes.
    Heredoc { name: (u32, u32) },
    /// A template without quotes.
    Bare,
}

/// Reads one token after the other.
pub struct Lexer<'text> {
    text: &'text str,
    code: logos::Lexer<'text, Kind>,
    at: usize,
    mode: Mode,
    outer: Vec<Mode>,
}

impl<'text> Lexer<'text> {
    /// A lexer at the start of `text`.
    pub fn new(text: &'text str, entry: Entry) -> Lexer<'text> {
        let mode = match entry {
            Entry::Code => Mode::Code { braces: 0 },
            Entry::Template => Mode::Bare,
        };
        Lexer { text, code: Kind::lexer(text), at: 0, mode, outer: Vec::new() }
    }

    /// The byte at which the next token begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Continues in code at the byte `at`, with nothing open: how the parser gets over an error.
    pub fn restart(&mut self, at: usize) {
        self.outer.clear();
        self.mode = Mode::Code { braces: 0 };
        self.at = at;
    }

    /// The next token; [`Kind::End`] at the end, again and again.
    pub fn next_token(&mut self) -> Token {
        let start = self.at;
        let kind = match self.mode {
            Mode::Code { braces } => self.next_in_code(braces),
            mode => self.next_in_template(mode),
        };
        Token { kind, start: start as u32 }
    }

    fn next_in_code(&mut self, braces: u32) -> Kind {
        let behind = self.code.span().end;
        if behind > self.at {
            // Only after a restart: the automaton cannot walk back.
            self.code = Kind::lexer(self.text);
            self.code.bump(self.at);
        } else if behind < self.at {
            self.code.bump(self.at - behind);
        }
        let kind = match self.code.next() {
            Some(Ok(kind)) => kind,
            Some(Err(())) => Kind::Unexpected,
            None => return self.end(),
        };
        let start = self.at;
        self.at = self.code.span().end;
        match kind {
            Kind::BraceOpen => self.mode = Mode::Code { braces: braces + 1 },
            Kind::BraceClose | Kind::SequenceClose => return self.close_brace(kind, braces),
            Kind::QuoteOpen => self.open(Mode::Quoted),
            Kind::HeredocOpen => {
                let name = template::heredoc_name(self.text, start, self.at);
                self.open(Mode::Heredoc { name });
            }
            Kind::Unexpected if start == 0 && self.text.starts_with('\u{feff}') => {
                return Kind::ByteOrderMark;
            }
            _ => {}
        }
        kind
    }

    /// `}` ends the interpolation when no brace is open within it; elsewhere `~}` means nothing.
    fn close_brace(&mut self, kind: Kind, braces: u32) -> Kind {
        if braces == 0 && !self.outer.is_empty() {
            self.close();
            return Kind::SequenceClose;
        }
        self.mode = Mode::Code { braces: braces.saturating_sub(1) };
        if kind == Kind::SequenceClose { Kind::Unexpected } else { kind }
    }

    fn next_in_template(&mut self, mode: Mode) -> Kind {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return self.end();
        }
        if let Some((kind, length)) = template::opening(rest) {
            self.at += length;
            self.open(Mode::Code { braces: 0 });
            return kind;
        }
        match mode {
            Mode::Quoted if rest[0] == b'"' => {
                self.at += 1;
                self.close();
                Kind::QuoteClose
            }
            Mode::Quoted if matches!(rest[0], b'\n' | b'\r') => {
                self.close();
                Kind::Unclosed
            }
            Mode::Quoted => {
                self.at += template::quoted_text(rest);
                Kind::QuotedText
            }
            Mode::Heredoc { name } => {
                if let Some(length) = template::heredoc_close(self.text, self.at, name) {
                    self.at += length;
                    self.close();
                    return Kind::HeredocClose;
                }
                self.at += template::line_text(rest);
                Kind::Text
            }
            Mode::Bare | Mode::Code { .. } => {
                self.at += template::line_text(rest);
                Kind::Text
            }
        }
    }

    fn end(&mut self) -> Kind {
        match self.mode {
            Mode::Quoted | Mode::Heredoc { .. } => {
                self.close();
                Kind::Unclosed
            }
            Mode::Code { .. } | Mode::Bare => Kind::End,
        }
    }

    fn open(&mut self, mode: Mode) {
        self.outer.push(std::mem::replace(&mut self.mode, mode));
    }

    fn close(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.mode = outer;
        }
    }
}

/// All tokens of `text`, white space and comments among them, the last one [`Kind::End`].
pub fn tokens(text: &str, entry: Entry) -> Vec<Token> {
    let mut lexer = Lexer::new(text, entry);
    // About one token for every three bytes in specs as people write them.
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    loop {
        let token = lexer.next_token();
        tokens.push(token);
        if token.kind == Kind::End {
            return tokens;
        }
    }
}
