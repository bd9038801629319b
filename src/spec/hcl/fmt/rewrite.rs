//! Old spellings that `fmt` modernises: `"${x}"` alone, types of variables in quotes, labels without quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::spacing::bracket_change;
use super::{Piece, ends_line};
use crate::source::Span;
use crate::spec::hcl::lexer::Kind;
use crate::spec::syntax::{Body, Name};

/// A stretch of pieces and what stands in its place.
struct Edit<'text> {
    range: Range<usize>,
    with: Vec<Piece<'text>>,
}

/// The pieces with every old spelling replaced.
pub(super) fn modernise<'text>(pieces: Vec<Piece<'text>>, body: &Body) -> Vec<Piece<'text>> {
    let mut edits = Vec::new();
    collect(&pieces, body, Within::File, &mut edits);
    if edits.is_empty() {
        return pieces;
    }
    edits.sort_by_key(|edit| edit.range.start);
    let mut result = Vec::with_capacity(pieces.len());
    let mut rest = pieces.into_iter();
    let mut at = 0;
    for Edit { range, with } in edits {
        result.extend(rest.by_ref().take(range.start - at));
        rest.by_ref().take(range.len()).for_each(drop);
        result.extend(with);
        at = range.end;
    }
    result.extend(rest);
    result
}

/// Where a body stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    File,
    /// Directly in a `variable` block at the top of the file: only there `type` is a type.
    Variable,
    Other,
}

/// Finds what is to be replaced in a body.
fn collect<'text>(
    pieces: &[Piece<'text>],
    body: &Body,
    within: Within,
    edits: &mut Vec<Edit<'text>>,
) {
    for attribute in &body.attributes {
        let range = range_of(pieces, attribute.value.span);
        let value = &pieces[range.clone()];
        let with = match within == Within::Variable && &*attribute.name.text == "type" {
            true => modern_type(value),
            false => unwrapped(value, pieces.get(range.end)),
        };
        edits.extend(with.map(|with| Edit { range, with }));
    }
    for block in &body.blocks {
        edits.extend(block.labels.iter().filter_map(|label| quoted_label(pieces, label)));
        let within = match within == Within::File && &*block.kind.text == "variable" {
            true => Within::Variable,
            false => Within::Other,
        };
        collect(pieces, &block.body, within, edits);
    }
}

/// The pieces that a span covers.
fn range_of(pieces: &[Piece<'_>], span: Span) -> Range<usize> {
    let start = pieces.partition_point(|piece| piece.start < span.start);
    let end = pieces.partition_point(|piece| piece.start < span.end);
    start..end
}

/// What `"${…}"` holds, if it holds nothing else; over several lines, in parentheses. `next` is what follows.
fn unwrapped<'text>(
    value: &[Piece<'text>],
    next: Option<&Piece<'text>>,
) -> Option<Vec<Piece<'text>>> {
    let [open, interpolation, inside @ .., end, close] = value else { return None };
    let quoted = (open.kind, close.kind) == (Kind::QuoteOpen, Kind::QuoteClose);
    let sequence = (interpolation.kind, end.kind) == (Kind::InterpolationOpen, Kind::SequenceClose);
    if !quoted || !sequence || holds_more(inside) {
        return None;
    }
    let first = inside.iter().position(|piece| piece.kind != Kind::Newline)?;
    let last = inside.iter().rposition(|piece| piece.kind != Kind::Newline)?;
    let inside = &inside[first..=last];
    let several_lines = inside.iter().any(|piece| piece.kind == Kind::Newline);
    let has_parentheses =
        inside[0].kind == Kind::ParenOpen && inside[inside.len() - 1].kind == Kind::ParenClose;
    if !several_lines || has_parentheses {
        return stands_alone(inside, next).then(|| inside.to_vec());
    }
    let mut wrapped = Vec::with_capacity(inside.len() + 2);
    wrapped.push(added(Kind::ParenOpen, "(", open.start));
    wrapped.extend_from_slice(inside);
    wrapped.push(added(Kind::ParenClose, ")", close.start));
    Some(wrapped)
}

/// Whether the line does not end within the value: every line break is in brackets, but for a comment at the
/// very end of a line.
fn stands_alone(value: &[Piece<'_>], next: Option<&Piece<'_>>) -> bool {
    let mut depth = 0;
    value.iter().enumerate().all(|(at, piece)| {
        depth += bracket_change(piece);
        let last = at + 1 == value.len() && next.is_none_or(ends_line);
        depth > 0 || !ends_line(piece) || (last && piece.kind == Kind::LineComment)
    })
}

/// Whether there is more between the quotes than one interpolation.
fn holds_more(inside: &[Piece<'_>]) -> bool {
    let mut quotes = 0;
    inside.iter().any(|piece| {
        match piece.kind {
            Kind::QuoteOpen => quotes += 1,
            Kind::QuoteClose => quotes -= 1,
            Kind::InterpolationOpen | Kind::SequenceClose | Kind::QuotedText => return quotes <= 0,
            _ => {}
        }
        false
    })
}

/// `list` becomes `list(any)`; `"list"`, from before there was `any`, `list(string)`; `"string"` loses quotes.
fn modern_type<'text>(value: &[Piece<'text>]) -> Option<Vec<Piece<'text>>> {
    let (word, element) = match value {
        [word] if word.kind == Kind::Identifier => match &*word.text {
            "list" | "map" | "set" => (word, Some("any")),
            _ => return None,
        },
        [open, word, close]
            if (open.kind, word.kind, close.kind)
                == (Kind::QuoteOpen, Kind::QuotedText, Kind::QuoteClose) =>
        {
            match &*word.text {
                "string" => (word, None),
                "list" | "map" => (word, Some("string")),
                _ => return None,
            }
        }
        _ => return None,
    };
    let mut modern = vec![Piece { kind: Kind::Identifier, ..word.clone() }];
    if let Some(element) = element {
        modern.push(added(Kind::ParenOpen, "(", word.start));
        modern.push(added(Kind::Identifier, element, word.start));
        modern.push(added(Kind::ParenClose, ")", word.start));
    }
    Some(modern)
}

/// A label in quotes, its escapes written in the usual way.
fn quoted_label<'text>(pieces: &[Piece<'text>], label: &Name) -> Option<Edit<'text>> {
    let range = range_of(pieces, label.span);
    let escaped = escape(&label.text);
    if let [_, text, _] = &pieces[range.clone()]
        && *text.text == escaped
    {
        return None;
    }
    let start = label.span.start;
    let mut with = vec![added(Kind::QuoteOpen, "\"", start)];
    if !escaped.is_empty() {
        with.push(Piece { text: Cow::Owned(escaped), ..added(Kind::QuotedText, "", start) });
    }
    with.push(added(Kind::QuoteClose, "\"", start));
    Some(Edit { range, with })
}

fn added(kind: Kind, text: &'static str, start: u32) -> Piece<'static> {
    Piece { kind, text: Cow::Borrowed(text), start, spaces: 0 }
}

/// Text as it is written between quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                escaped.extend([character, character]);
            }
            _ if is_printable(character) => escaped.push(character),
            _ if u32::from(character) < 0x1_0000 => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => escaped.push_str(&format!("\\U{:08x}", u32::from(character))),
        }
    }
    escaped
}

/// Whether the character shows as itself. Marks do when they follow a letter, so one is put before it.
fn is_printable(character: char) -> bool {
    character.is_ascii_graphic()
        || character == ' '
        || !character.is_ascii() && format!("a{character}").escape_debug().eq(['a', character])
}
