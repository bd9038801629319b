//! What only a terminal can show. Everything else that is printed is text from [`mpctl::render`].

pub(crate) mod terminal;
