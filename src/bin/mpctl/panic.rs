//! What a user sees of a defect: one line and where to report it, never a backtrace by surprise.

/// Replaces the default panic message. `RUST_BACKTRACE=1` adds the backtrace for those who ask.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        eprintln!(
            "mpctl {} has a defect{place}: {}. Please report it with the command that you ran; \
             state and journal are as they were last written.",
            env!("CARGO_PKG_VERSION"),
            info.payload_as_str().unwrap_or("no message")
        );
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            eprintln!("{}", std::backtrace::Backtrace::force_capture());
        }
    }));
}
