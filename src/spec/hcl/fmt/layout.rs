//! Lines: their indentation, and what stands one below the other in neighbouring lines.
//!
//! A line has up to three cells: its lead, then, if it sets something to a value that ends in the same line,
//! the assignment from `=` on, then a comment. A heredoc is part of the line in which it begins.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::spacing::{bracket_change, space_between};
use super::{Piece, ends_line};
use crate::spec::hcl::lexer::Kind;

/// Spaces for each level.
const INDENTATION: usize = 2;

/// A line's cells, as ranges of pieces; each but the lead may be empty.
struct Line {
    lead: Range<usize>,
    assignment: Range<usize>,
    comment: Range<usize>,
}

/// Decides the spaces before every piece.
pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space(pieces, line.lead.clone());
        space(pieces, line.assignment.clone());
    }
    align(pieces, &lines, |line| line.assignment.clone(), |line| line.lead.clone());
    align(
        pieces,
        &lines,
        |line| line.comment.clone(),
        |line| line.lead.start..line.assignment.end.max(line.lead.end),
    );
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in 1..=pieces.len() {
        if end == pieces.len() || ends_line(&pieces[end - 1]) {
            lines.push(cells(pieces, start..end));
            start = end;
        }
    }
    lines
}

fn cells(pieces: &[Piece<'_>], line: Range<usize>) -> Line {
    let Range { start, mut end } = line;
    let last = pieces[end - 1].kind;
    let mut comment = end..end;
    if line.len() > 1 && matches!(last, Kind::LineComment | Kind::BlockComment) {
        end -= 1;
        comment = end..end + 1;
    }
    let equal = (start + 1..end).find(|at| pieces[*at].kind == Kind::Equal);
    // With a bracket left open, the value goes on in the next line, and there is nothing to align.
    let equal = equal.filter(|at| pieces[*at..end].iter().map(bracket_change).sum::<i64>() == 0);
    let lead_end = equal.unwrap_or(end);
    Line { lead: start..lead_end, assignment: lead_end..end, comment }
}

/// Indents each line by the brackets that are open before it. A line that opens several counts as one level,
/// and so does closing as many.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut open: Vec<i64> = Vec::new();
    for line in lines {
        let first = line.lead.start;
        if line.lead.is_empty() || pieces[first].kind == Kind::Newline {
            continue;
        }
        let mut change = opened_in_lead(&pieces[line.lead.clone()]);
        change += pieces[line.assignment.clone()].iter().map(bracket_change).sum::<i64>();
        if change < 0 {
            close(&mut open, -change);
        }
        pieces[first].spaces = INDENTATION * open.len();
        if change > 0 {
            open.push(change);
        }
    }
}

/// What the lead opens; the text of a heredoc is none of it.
fn opened_in_lead(lead: &[Piece<'_>]) -> i64 {
    let heredoc = lead.iter().position(|piece| piece.kind == Kind::HeredocOpen);
    lead[..heredoc.unwrap_or(lead.len())].iter().map(bracket_change).sum()
}

fn close(open: &mut Vec<i64>, mut closed: i64) {
    while closed > 0 {
        let Some(last) = open.last_mut() else { return };
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

/// Spaces between the pieces of one cell; the first one's are decided elsewhere.
fn space(pieces: &mut [Piece<'_>], cell: Range<usize>) {
    for at in cell.start + 1..cell.end {
        let before = (at >= cell.start + 2).then(|| &pieces[at - 2]);
        let spaced = space_between(before, &pieces[at - 1], &pieces[at]);
        pieces[at].spaces = usize::from(spaced);
    }
}

/// Puts a cell of neighbouring lines in one column, one space behind the longest of what stands before it.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> Range<usize>,
    before: impl Fn(&Line) -> Range<usize>,
) {
    for chain in lines.chunk_by(|a, b| cell(a).is_empty() == cell(b).is_empty()) {
        if cell(&chain[0]).is_empty() {
            continue;
        }
        let widths: Vec<usize> = chain.iter().map(|line| width(&pieces[before(line)])).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            pieces[cell(line).start].spaces = widest - width + 1;
        }
    }
}

/// How many columns the pieces take: what a reader would call a character is one.
fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| piece.spaces + columns(&piece.text)).sum()
}

fn columns(text: &str) -> usize {
    match text.is_ascii() && !text.contains('\r') {
        true => text.len(),
        false => text.graphemes(true).count(),
    }
}
