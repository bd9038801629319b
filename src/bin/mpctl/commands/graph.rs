//! `graph`.
use super::Context;
use crate::cli::Graph;

pub(super) async fn run(_context: &Context, _arguments: Graph) -> u8 {
    1
}
