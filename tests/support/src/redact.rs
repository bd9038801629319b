//! Takes out of a text what differs from run to run.

use std::sync::LazyLock;

use regex::Regex;

/// What is taken out: named texts, and what looks like an id, a digest, a time or a duration.
#[derive(Clone, Default)]
pub(crate) struct Redactions {
    named: Vec<(String, String)>,
}

/// What is taken out by its looks, in this order.
static BY_LOOKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let table = [
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[ID]"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]"),
        (r"\b[0-9a-f]{64}\b", "[DIGEST]"),
        (r"\b(after|in) \d+(\.\d+)?(ms|s| ms| s)\b", "$1 [DURATION]"),
        (r"\bprocess \d+\b", "process [PID]"),
        (r"(?m)[ ]+$", ""),
    ];
    table.iter().map(|(pattern, name)| (Regex::new(pattern).unwrap(), *name)).collect()
});

impl Redactions {
    /// Shows `name` instead of `text` from now on.
    pub(crate) fn name(&mut self, text: &str, name: &str) {
        self.named.push((text.to_owned(), name.to_owned()));
    }

    pub(crate) fn redact(&self, text: &str) -> String {
        let named = |text: String, (old, new): &(String, String)| text.replace(old, new);
        let text = self.named.iter().fold(text.to_owned(), named);
        BY_LOOKS
            .iter()
            .fold(text, |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_named_instead() {
        let mut redactions = Redactions::default();
        redactions.name("20417", "[PORT]");
        let text = "id 0198f2a4-1111-7222-8333-abcdefabcdef at 2026-01-02T03:04:05.123456Z on 20417\n\
                    done after 3s, in 0.1s   \nbut 3s stays";
        assert_eq!(
            redactions.redact(text),
            "id [ID] at [TIME] on [PORT]\ndone after [DURATION], in [DURATION]\nbut 3s stays"
        );
    }
}
