//! Diagnostics as text: the snippet, the marked part, the hint.
