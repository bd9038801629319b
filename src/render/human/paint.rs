//! The one who writes: a `String` with colours that may be off.

use std::fmt::{self, Write};

use super::text;
use crate::render::Options;

/// A colour or weight, as an ANSI sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
    Cyan,
    Blue,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Bold => "\u{1b}[1m",
            Style::Dim => "\u{1b}[2m",
            Style::Green => "\u{1b}[32m",
            Style::Yellow => "\u{1b}[33m",
            Style::Red => "\u{1b}[31m",
            Style::Cyan => "\u{1b}[36m",
            Style::Blue => "\u{1b}[34m",
        }
    }
}

/// What is done to an object or a part of it, as the sign in the margin. The sign alone says it; colour repeats
/// it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Symbol {
    Create,
    Update,
    Delete,
    DeleteThenCreate,
    CreateThenDelete,
    Read,
    Forget,
    Keep,
}

impl Symbol {
    /// Three columns wide, so that all start in the same one.
    pub(crate) fn wide(self) -> &'static str {
        match self {
            Symbol::Create => "  +",
            Symbol::Update => "  ~",
            Symbol::Delete => "  -",
            Symbol::DeleteThenCreate => "-/+",
            Symbol::CreateThenDelete => "+/-",
            Symbol::Read => " <=",
            Symbol::Forget => "  .",
            Symbol::Keep => "   ",
        }
    }

    pub(crate) fn style(self) -> Style {
        match self {
            Symbol::Create => Style::Green,
            Symbol::Update => Style::Yellow,
            Symbol::Delete | Symbol::DeleteThenCreate | Symbol::CreateThenDelete => Style::Red,
            Symbol::Read => Style::Cyan,
            Symbol::Forget => Style::Blue,
            Symbol::Keep => Style::Plain,
        }
    }
}

/// Writes styled text.
pub(crate) struct Painter<'o> {
    out: &'o mut String,
    colour: bool,
    /// Sensitive values in clear.
    pub(crate) reveal: bool,
}

impl<'o> Painter<'o> {
    pub(crate) fn new(out: &'o mut String, options: &Options) -> Painter<'o> {
        Painter { out, colour: options.colour, reveal: options.reveal }
    }

    /// The text so far, for writers of plain text.
    pub(crate) fn text(&mut self) -> &mut String {
        self.out
    }

    /// Text of our own.
    pub(crate) fn put(&mut self, text: &str) -> &mut Self {
        self.out.push_str(text);
        self
    }

    /// Text from elsewhere, on one line.
    pub(crate) fn foreign(&mut self, text: &str) -> &mut Self {
        text::one_line(self.out, text);
        self
    }

    /// Anything that can be displayed and is known to hold no control characters: numbers, addresses.
    pub(crate) fn show(&mut self, what: impl fmt::Display) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{what}");
        self
    }

    pub(crate) fn count(&mut self, number: usize, one: &str, many: &str) -> &mut Self {
        text::count(self.out, number, one, many);
        self
    }

    /// What `write` writes, in a style.
    pub(crate) fn styled(&mut self, style: Style, write: impl FnOnce(&mut Self)) -> &mut Self {
        let coloured = self.colour && style != Style::Plain;
        if coloured {
            self.out.push_str(style.code());
        }
        write(self);
        if coloured {
            self.out.push_str("\u{1b}[0m");
        }
        self
    }

    /// A short text of our own in a style.
    pub(crate) fn dim(&mut self, text: &str) -> &mut Self {
        self.styled(Style::Dim, |p| {
            p.put(text);
        })
    }

    pub(crate) fn line(&mut self) -> &mut Self {
        self.out.push('\n');
        self
    }

    /// `width` blanks.
    pub(crate) fn pad(&mut self, mut width: usize) -> &mut Self {
        const BLANKS: &str = "                                                                ";
        while width > BLANKS.len() {
            self.out.push_str(BLANKS);
            width -= BLANKS.len();
        }
        self.out.push_str(&BLANKS[..width]);
        self
    }

    /// The margin of a line: `indent` blanks, the sign, a blank.
    pub(crate) fn margin(&mut self, indent: usize, symbol: Symbol) -> &mut Self {
        self.pad(indent);
        match symbol {
            Symbol::Keep => self.put(" "),
            symbol => {
                let sign = symbol.wide().trim_start();
                self.styled(symbol.style(), |p| {
                    p.put(sign);
                })
            }
        };
        self.put(" ")
    }
}
