//! "Did you mean": the known name that is nearest to what was written.

/// Longer words are not compared: the comparison takes time by the product of the lengths.
const LONGEST: usize = 64;

/// The candidate that is nearest to `written`, if one is near enough.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let wanted = plain(written);
    // A third of the letters may be wrong, one always, and three at most: further off it is another word.
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["replicas", "command", "dependsOn", "env"];
        assert_eq!(nearest("replica", known), Some("replicas"));
        assert_eq!(nearest("depends_on", known), Some("dependsOn"));
        assert_eq!(nearest("comand", known), Some("command"));
        assert_eq!(nearest("Env", known), Some("env"));
        assert_eq!(nearest("volumes", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
