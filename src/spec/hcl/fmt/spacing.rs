//! Whether a space stands between two tokens of a line.

use super::Piece;
use crate::spec::hcl::lexer::Kind;

/// How many brackets the token opens (or closes, if less than zero).
pub(super) fn bracket_change(piece: &Piece<'_>) -> i64 {
    match piece.kind {
        Kind::BraceOpen
        | Kind::BracketOpen
        | Kind::ParenOpen
        | Kind::DirectiveOpen
        | Kind::InterpolationOpen => 1,
        Kind::BraceClose | Kind::BracketClose | Kind::ParenClose | Kind::SequenceClose => -1,
        _ => 0,
    }
}

/// Whether a space stands between `left` and `right`; `before` stands before `left` in the same cell. The first
/// rule that speaks of the pair decides.
pub(super) fn space_between(
    before: Option<&Piece<'_>>,
    left: &Piece<'_>,
    right: &Piece<'_>,
) -> bool {
    let verdict = around_names(left.kind, right.kind)
        .or_else(|| within_templates(left.kind, right.kind))
        .or_else(|| around_words(before, left, right))
        .or_else(|| around_braces(left.kind, right.kind));
    verdict.unwrap_or_else(|| bracket_change(left) <= 0 && bracket_change(right) >= 0)
}

/// Line ends, calls, dots and commas.
fn around_names(left: Kind, right: Kind) -> Option<bool> {
    match (left, right) {
        (_, Kind::Newline)
        | (Kind::Identifier, Kind::ParenOpen | Kind::ColonColon)
        | (Kind::ColonColon, Kind::Identifier)
        | (Kind::Dot, _)
        | (_, Kind::Dot | Kind::Comma | Kind::Ellipsis) => Some(false),
        (Kind::Comma, _) => Some(true),
        _ => None,
    }
}

/// Text is left alone.
fn within_templates(left: Kind, right: Kind) -> Option<bool> {
    let opens = matches!(left, Kind::QuotedText | Kind::Text | Kind::QuoteOpen | Kind::HeredocOpen);
    let closes =
        matches!(right, Kind::QuotedText | Kind::Text | Kind::QuoteClose | Kind::HeredocClose);
    (opens || closes).then_some(false)
}

/// Indexes and signs, which look like lists and operators.
fn around_words(before: Option<&Piece<'_>>, left: &Piece<'_>, right: &Piece<'_>) -> Option<bool> {
    // The word of a `for`: a list may follow it, as in `for x in [a, b]`.
    if left.kind == Kind::Identifier
        && left.text == "in"
        && before.is_some_and(|before| before.kind == Kind::Identifier)
    {
        return Some(true);
    }
    if right.kind == Kind::BracketOpen
        && (matches!(left.kind, Kind::Identifier | Kind::Number) || bracket_change(left) < 0)
    {
        return Some(false);
    }
    match left.kind {
        Kind::Not => Some(false),
        Kind::Minus => Some(before.is_some_and(|before| !precedes_sign(before.kind))),
        _ => None,
    }
}

/// Whether a `-` after such a token is a sign and not a subtraction.
fn precedes_sign(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ParenOpen
            | Kind::BraceOpen
            | Kind::BracketOpen
            | Kind::Equal
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Plus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::Minus
            | Kind::EqualEqual
            | Kind::NotEqual
            | Kind::Greater
            | Kind::GreaterOrEqual
            | Kind::Less
            | Kind::LessOrEqual
            | Kind::And
            | Kind::Or
            | Kind::Not
    )
}

/// Braces stand apart from what is in them, other brackets do not; sequences of a template stand together.
fn around_braces(left: Kind, right: Kind) -> Option<bool> {
    match (left, right) {
        (Kind::BraceOpen, Kind::BraceClose) => Some(false),
        (Kind::BraceOpen, _) | (_, Kind::BraceClose) => Some(true),
        (Kind::InterpolationOpen | Kind::DirectiveOpen, Kind::BraceOpen)
        | (Kind::BraceClose, Kind::SequenceClose) => Some(true),
        (Kind::SequenceClose, Kind::InterpolationOpen | Kind::DirectiveOpen) => Some(false),
        _ => None,
    }
}
