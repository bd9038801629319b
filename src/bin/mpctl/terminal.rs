//! What the program knows of the terminal: whether there is one, whether it has colours, how wide it is.

use std::io::IsTerminal as _;

/// The terminal, or what stands in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Results may be coloured.
    pub(crate) colour_out: bool,
    /// Diagnostics may be coloured.
    pub(crate) colour_err: bool,
    /// Standard error is a terminal: progress may move.
    pub(crate) live: bool,
    /// Somebody can answer questions.
    pub(crate) interactive: bool,
    /// Columns.
    pub(crate) width: usize,
}

impl Terminal {
    /// Looks at the process's streams and environment.
    pub(crate) fn look(no_color: bool) -> Terminal {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let forced = set("CLICOLOR_FORCE") && !no_color && !set("NO_COLOR");
        let plain = no_color
            || set("NO_COLOR")
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let automated = set("MPCTL_IN_AUTOMATION");
        let width = rustix::termios::tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col));
        let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
        Terminal {
            colour_out: forced || !plain && out.is_terminal(),
            colour_err: forced || !plain && err.is_terminal(),
            live: err.is_terminal() && !automated,
            interactive: std::io::stdin().is_terminal() && err.is_terminal() && !automated,
            width: width.filter(|width| *width > 0).or_else(columns).unwrap_or(100),
        }
    }
}
