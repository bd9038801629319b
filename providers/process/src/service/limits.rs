//! What a process may use: limits of the kernel that the process sets on itself before it becomes the service.

use serde::{Deserialize, Serialize};

use super::part::{Mistakes, Part};

const KEYS: [&str; 2] = ["memory", "nofile"];

/// Limits; `None` leaves what the supervisor has.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Bytes of private memory (`RLIMIT_DATA`).
    pub(crate) memory: Option<u64>,
    /// Open files (`RLIMIT_NOFILE`).
    pub(crate) nofile: Option<u64>,
}

impl Limits {
    /// Reads `{ memory = "256Mi", nofile = 1024 }`.
    pub(crate) fn read(part: &Part<'_>, mistakes: &mut Mistakes) -> Limits {
        let Some(limits) = part.object(mistakes) else { return Limits::default() };
        let share = limits.get("cpu");
        if share.is_present() {
            let why = "the share of processors of a plain process cannot be limited";
            mistakes.faults.push(share.fault(why).hint("leave it out"));
        }
        limits.only_keys(mistakes, &["memory", "nofile", "cpu"]);
        let memory = limits.get(KEYS[0]);
        let bytes = memory.text(mistakes).and_then(|text| {
            let bytes = bytes(&text);
            if bytes.is_none() {
                let quoted = memory.quoted(&text);
                memory.wrong(
                    mistakes,
                    format_args!("{quoted} is no size; write one like \"256Mi\" or \"1G\""),
                );
            }
            bytes
        });
        let nofile = limits.get(KEYS[1]);
        let files = nofile.whole_number(mistakes).and_then(|number| match u64::try_from(number) {
            Ok(number) if number >= 3 => Some(number),
            _ => {
                nofile.wrong(mistakes, "must be 3 or more");
                None
            }
        });
        Limits { memory: bytes, nofile: files }
    }
}

/// A size in bytes: a whole number with an optional unit, decimal (`k`, `M`, `G`) or binary (`Ki`, `Mi`, `Gi`).
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().trim_end_matches('B') {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_or_binary() {
        assert_eq!(bytes("256Mi"), Some(256 << 20));
        assert_eq!(bytes("1G"), Some(1_000_000_000));
        assert_eq!(bytes("4096"), Some(4096));
        assert_eq!(bytes("512 MiB"), Some(512 << 20));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("lots"), None);
        assert_eq!(bytes("99999999999Gi"), None);
    }
}
