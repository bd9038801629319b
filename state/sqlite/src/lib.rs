//! The SQLite store: the default, under .mpctl/
