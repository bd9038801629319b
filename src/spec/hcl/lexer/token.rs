//! The kinds of token, and the pattern of each one that stands in code (outside template text).
//!
//! The patterns are matched by a generated automaton. What the automaton cannot know, because it depends on
//! what is open (template text, heredocs, whether `}` ends an interpolation), is decided by
//! [`super::Lexer`]; those kinds have no pattern here.

use logos::{Lexer, Logos};

/// What a token is.
#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Spaces and tabs.
    #[regex(r"[ \t]+")]
    Whitespace,
    /// `\n` or `\r\n`.
    #[regex(r"\r?\n")]
    Newline,
    /// `# …` or `// …`, without the line break.
    #[regex(r"(#|//)[^\n]*", allow_greedy = true)]
    LineComment,
    /// `/* … */`
    #[token("/*", block_comment)]
    BlockComment,
    /// A name. A dash is part of it, as in `on-failure`.
    #[regex(r"[\p{ID_Start}_][\p{ID_Continue}-]*")]
    Identifier,
    /// A number as written; it may still be malformed, as `1.2.3` is.
    #[regex(r"[0-9](([0-9.]|[eE][+-]?[0-9])*([0-9]|[eE][+-]?[0-9]))?")]
    Number,
    /// `"`, with which a quoted template begins.
    #[token("\"")]
    QuoteOpen,
    /// `<<NAME` or `<<-NAME` with the line break after it.
    #[regex(r"<<-?[\p{ID_Start}_][\p{ID_Continue}-]*\r?\n")]
    HeredocOpen,
    /// `{`
    #[token("{")]
    BraceOpen,
    /// `}`
    #[token("}")]
    BraceClose,
    /// `[`
    #[token("[")]
    BracketOpen,
    /// `]`
    #[token("]")]
    BracketClose,
    /// `(`
    #[token("(")]
    ParenOpen,
    /// `)`
    #[token(")")]
    ParenClose,
    /// `=`
    #[token("=")]
    Equal,
    /// `==`
    #[token("==")]
    EqualEqual,
    /// `!=`
    #[token("!=")]
    NotEqual,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessOrEqual,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterOrEqual,
    /// `&&`
    #[token("&&")]
    And,
    /// `||`
    #[token("||")]
    Or,
    /// `!`
    #[token("!")]
    Not,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `/`
    #[token("/")]
    Slash,
    /// `%`
    #[token("%")]
    Percent,
    /// `?`
    #[token("?")]
    Question,
    /// `:`
    #[token(":")]
    Colon,
    /// `::`
    #[token("::")]
    ColonColon,
    /// `,`
    #[token(",")]
    Comma,
    /// `.`
    #[token(".")]
    Dot,
    /// `...`
    #[token("...")]
    Ellipsis,
    /// `=>`
    #[token("=>")]
    FatArrow,
    /// `}` or `~}` that ends an interpolation or directive.
    #[token("~}")]
    SequenceClose,

    /// Text within a quoted template, escapes as written.
    QuotedText,
    /// `"`, with which a quoted template ends.
    QuoteClose,
    /// Text within a heredoc or a bare template: at most one line, its line break included.
    Text,
    /// The line with a heredoc's name that ends it, without the line break.
    HeredocClose,
    /// `${` or `${~`
    InterpolationOpen,
    /// `%{` or `%{~`
    DirectiveOpen,

    /// A byte order mark at the start of the text.
    ByteOrderMark,
    /// A character, or a comment without an end, that has no place in the language.
    Unexpected,
    /// Nothing: a quoted template or heredoc was not closed.
    Unclosed,
    /// The end of the text.
    End,
}

/// Extends `/*` to the first `*/`; without one, this is no token.
fn block_comment(lexer: &mut Lexer<'_, Kind>) -> Option<()> {
    let length = lexer.remainder().find("*/")?;
    lexer.bump(length + 2);
    Some(())
}

/// A token: what it is and where it begins. It ends where the next one begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: u32,
}
