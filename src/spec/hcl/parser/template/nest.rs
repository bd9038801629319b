//! Directives into each other: `%{if}` … `%{else}` … `%{endif}`, `%{for}` … `%{endfor}`.

use std::sync::Arc;

use super::super::cursor::Parser;
use super::super::{Failed, Parsed};
use super::pieces::{Piece, PieceKind};
use crate::spec::syntax::TemplatePart;

/// What ended a run of parts.
struct Stop {
    kind: StopKind,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StopKind {
    End,
    Else,
    EndIf,
    EndFor,
}

impl StopKind {
    fn directive(self) -> &'static str {
        match self {
            StopKind::End => "the end of the template",
            StopKind::Else => "`%{else}`",
            StopKind::EndIf => "`%{endif}`",
            StopKind::EndFor => "`%{endfor}`",
        }
    }
}

/// The two sides of an `%{if}`, and how deep directives nest in them.
struct Branches {
    then: Vec<TemplatePart>,
    otherwise: Vec<TemplatePart>,
    height: u32,
}

/// Parts, how deep directives nest in them, and what ended them.
type Run = (Vec<TemplatePart>, u32, Stop);

impl Parser<'_> {
    /// Nests all pieces; gives also how deep directives nest.
    pub(super) fn nest(&mut self, pieces: Vec<Piece<'_>>) -> Parsed<(Vec<TemplatePart>, u32)> {
        let mut pieces = pieces.into_iter();
        let (parts, height, stop) = self.run(&mut pieces)?;
        match stop.kind {
            StopKind::End => Ok((parts, height)),
            kind => Err(self.stray_directive(kind.directive(), stop.start..stop.end)),
        }
    }

    /// Parts up to a directive that ends something.
    fn run(&mut self, pieces: &mut std::vec::IntoIter<Piece<'_>>) -> Parsed<Run> {
        let mut parts = Vec::new();
        let mut height = 0;
        while let Some(Piece { kind, start, end }) = pieces.next() {
            let stop = |kind| Stop { kind, start, end };
            match kind {
                PieceKind::Text(text) => parts.push(TemplatePart::Literal(Arc::from(text))),
                PieceKind::Interpolation(expr) => parts.push(TemplatePart::Interpolation(expr)),
                PieceKind::If(condition) => {
                    let Branches { then, otherwise, height: nested } =
                        self.deeper(|parser| parser.branches(pieces, start..end))?;
                    height = height.max(nested + 1);
                    parts.push(TemplatePart::If { condition, then, otherwise });
                }
                PieceKind::For { key, value, collection } => {
                    let (body, nested, last) = self.deeper(|parser| parser.run(pieces))?;
                    height = height.max(nested + 1);
                    self.expect(&last, StopKind::EndFor, start..end)?;
                    parts.push(TemplatePart::For { key, value, collection, body });
                }
                PieceKind::Else => return Ok((parts, height, stop(StopKind::Else))),
                PieceKind::EndIf => return Ok((parts, height, stop(StopKind::EndIf))),
                PieceKind::EndFor => return Ok((parts, height, stop(StopKind::EndFor))),
            }
        }
        let end = self.previous_end;
        Ok((parts, height, Stop { kind: StopKind::End, start: end, end }))
    }

    /// What follows `%{if}`, up to its `%{endif}`.
    fn branches(
        &mut self,
        pieces: &mut std::vec::IntoIter<Piece<'_>>,
        opening: std::ops::Range<u32>,
    ) -> Parsed<Branches> {
        let (then, height, stop) = self.run(pieces)?;
        if stop.kind != StopKind::Else {
            self.expect(&stop, StopKind::EndIf, opening)?;
            return Ok(Branches { then, otherwise: Vec::new(), height });
        }
        let (otherwise, other_height, stop) = self.run(pieces)?;
        self.expect(&stop, StopKind::EndIf, opening)?;
        Ok(Branches { then, otherwise, height: height.max(other_height) })
    }

    fn expect(
        &mut self,
        found: &Stop,
        wanted: StopKind,
        opening: std::ops::Range<u32>,
    ) -> Result<(), Failed> {
        if found.kind == wanted {
            return Ok(());
        }
        let place = found.start..found.end;
        Err(self.unbalanced_directive(found.kind.directive(), place, wanted.directive(), opening))
    }
}
