//! mpctl
