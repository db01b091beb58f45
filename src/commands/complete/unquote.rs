//! Words as a shell has them in its line, with their quotes, and what they say.

use super::super::completions::Shell;

/// What the words say. `variable` knows the environment. A word whose meaning only the shell could tell stands as it is.
pub(super) fn words(
    shell: Shell,
    words: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let is_quoted = |index: usize| match shell {
        Shell::Bash | Shell::Zsh | Shell::Powershell => true,
        // It unquotes all words but the one being typed.
        Shell::Fish => index == last,
        Shell::Elvish => false,
    };
    let unquoted = words.iter().enumerate().map(|(index, text)| {
        if is_quoted(index) { word(text, &variable).unwrap_or_else(|| text.clone()) } else { text.clone() }
    });
    unquoted.collect()
}

/// What a word says; none if it says what a command prints, or what a variable that is not exported holds.
fn word(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut said = String::new();
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, Some('\'')) => said.push(c),
            ('\\', None) => said.extend(chars.next()),
            ('\\', _) => match chars.peek() {
                Some('"' | '\\' | '$' | '`') => said.extend(chars.next()),
                _ => said.push('\\'),
            },
            ('`', _) => return None,
            ('$', _) => {
                let braces = chars.next_if_eq(&'{').is_some();
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                if braces && chars.next() != Some('}') {
                    return None;
                }
                said.push_str(&variable(&name)?);
            }
            (c, _) => said.push(c),
        }
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        word(text, &|name| (name == "TOKEN").then(|| "secret".to_owned()))
    }

    #[test]
    fn quotes_backslashes_and_variables() {
        for (text, meaning) in [
            ("plain", "plain"),
            ("'a b'", "a b"),
            ("'a", "a"),
            (r#""a\"b""#, "a\"b"),
            (r"a\ b", "a b"),
            (r#""a\b""#, r"a\b"),
            (r"'it'\''s'", "it's"),
            (r#""Bearer $TOKEN""#, "Bearer secret"),
            ("x${TOKEN}y", "xsecrety"),
            ("'$TOKEN'", "$TOKEN"),
            (r"\$TOKEN", "$TOKEN"),
            ("", ""),
        ] {
            assert_eq!(said(text).as_deref(), Some(meaning), "{text}");
        }
    }

    #[test]
    fn what_only_the_shell_knows_is_not_guessed() {
        for text in ["$(cat token)", "`cat token`", "$OTHER", "${TOKEN:-x}", "$", "\"$(x)\""] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn shells_that_unquote_are_not_helped() {
        let line = [r"a\b".to_owned(), r"c\d".to_owned()];
        let words = |shell| words(shell, &line, |_| None);
        assert_eq!(words(Shell::Fish), [r"a\b", "cd"]);
        assert_eq!(words(Shell::Elvish), line);
        assert_eq!(words(Shell::Bash), ["ab", "cd"]);
    }
}
