//! The two spellings of a name of ours: camelCase in YAML, snake_case in HCL. The mapping is mechanical.

use std::borrow::Cow;

/// How a document is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spelling {
    /// YAML, or the same in JSON.
    Yaml,
    /// HCL.
    Hcl,
}

impl Spelling {
    /// Whether `written` is how this spelling writes the name that is `snake` in the model.
    pub(super) fn is(self, written: &str, snake: &str) -> bool {
        if self == Spelling::Hcl || !snake.contains('_') {
            return written == snake;
        }
        let mut written = written.bytes();
        let mut upper = false;
        for byte in snake.bytes() {
            if byte == b'_' {
                upper = true;
                continue;
            }
            let expected = if upper { byte.to_ascii_uppercase() } else { byte };
            upper = false;
            if written.next() != Some(expected) {
                return false;
            }
        }
        written.next().is_none()
    }

    /// How this spelling writes the name that is `snake` in the model.
    pub(super) fn write(self, snake: &str) -> Cow<'_, str> {
        match self {
            Spelling::Hcl => Cow::Borrowed(snake),
            Spelling::Yaml => Cow::Owned(to_camel(snake)),
        }
    }

    /// How the model writes a name of ours that is not in a list: a setting of a state backend.
    pub(super) fn read(self, written: &str) -> Cow<'_, str> {
        match self {
            Spelling::Yaml if written.bytes().any(|b| b.is_ascii_uppercase()) => {
                Cow::Owned(to_snake(written))
            }
            _ => Cow::Borrowed(written),
        }
    }

    /// What a table is called.
    pub(super) fn table(self) -> &'static str {
        match self {
            Spelling::Yaml => "a mapping",
            Spelling::Hcl => "a block or an object",
        }
    }
}

fn to_camel(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for character in snake.chars() {
        match character {
            '_' => upper = true,
            _ if std::mem::take(&mut upper) => camel.push(character.to_ascii_uppercase()),
            _ => camel.push(character),
        }
    }
    camel
}

fn to_snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for character in camel.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_map_mechanically_both_ways() {
        for (snake, camel) in [
            ("on_failure", "onFailure"),
            ("max_unavailable", "maxUnavailable"),
            ("name", "name"),
            ("replace_triggered_by", "replaceTriggeredBy"),
        ] {
            assert_eq!(Spelling::Yaml.write(snake), camel);
            assert_eq!(Spelling::Yaml.read(camel), snake);
            assert!(Spelling::Yaml.is(camel, snake));
            assert!(Spelling::Hcl.is(snake, snake));
            assert_eq!(Spelling::Yaml.is(snake, snake), snake == camel);
        }
        assert!(!Spelling::Yaml.is("onfailure", "on_failure"));
        assert!(!Spelling::Yaml.is("onFailures", "on_failure"));
        assert!(!Spelling::Yaml.is("onFail", "on_failure"));
    }
}
