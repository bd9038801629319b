//! Text from elsewhere made fit for messages: no control characters, no secrets, not too long.

/// The text without escape sequences and control characters other than newline and tab.
pub(crate) fn printable(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            // A control sequence ends with its first letter from `@` to `~`; others are two characters long.
            if letters.next_if_eq(&'[').is_some() {
                while letters.next().is_some_and(|inner| !('@'..='~').contains(&inner)) {}
            } else {
                letters.next();
            }
        } else if !letter.is_control() || matches!(letter, '\n' | '\t') {
            kept.push(letter);
        }
    }
    kept
}

/// The text with each of `secrets` (longest first) made unreadable.
pub(crate) fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "(sensitive value)"))
}

/// The last `count` lines, each cut at 300 characters.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().rev().take(count).collect();
    let cut = |line: &&str| line.chars().take(300).collect::<String>();
    lines.iter().rev().map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_bells_do_not_reach_a_terminal() {
        assert_eq!(printable("\u{1b}[1;31mred\u{1b}[0m\u{7}\ttab\nline\r"), "red\ttab\nline");
        assert_eq!(printable("\u{1b}]0;title"), "0;title");
    }

    #[test]
    fn secrets_are_unreadable() {
        let secrets = ["hunter22".to_owned(), "hunter2".to_owned()];
        assert_eq!(
            redacted("password hunter22 or hunter2", &secrets),
            "password (sensitive value) or (sensitive value)"
        );
    }

    #[test]
    fn the_last_lines_are_kept() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("", 2), "");
    }
}
