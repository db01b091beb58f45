//! `${NAME}` in a header becomes the value of an environment variable, as grpcurl's `-expand-headers` has it.

use std::ffi::OsString;

use thiserror::Error;

/// Why a header can't be put together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpandError {
    /// The variable is not there.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// Its bytes are no text.
    #[error("the environment variable {0} is not UTF-8")]
    NotText(String),
    /// What stands in the braces is no variable's name, or there is no brace to end it.
    #[error("${{ does not begin a variable such as ${{NAME}}")]
    NoName,
}

impl ExpandError {
    /// How to ask rightly.
    pub fn hint(&self) -> Option<&'static str> {
        matches!(self, Self::NoName).then_some("for ${ itself write $${")
    }
}

/// The line with the variables' values in it. What they say is not read again.
pub fn expand(line: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<String, ExpandError> {
    let mut all = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            all.extend([before, "${"]);
            rest = after;
            continue;
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, after) = match after.split_once('}') {
            Some((name, after)) if !name.is_empty() && name.chars().all(legal) => (name, after),
            _ => return Err(ExpandError::NoName),
        };
        let value = variable(name).ok_or_else(|| ExpandError::Unset(name.to_owned()))?;
        let value = value.into_string().map_err(|_| ExpandError::NotText(name.to_owned()))?;
        all.extend([before, &value]);
        rest = after;
    }
    all.push_str(rest);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(line: &str) -> Result<String, ExpandError> {
        expand(line, |name| match name {
            "TOKEN" => Some("s3cret".into()),
            "NESTED" => Some("${TOKEN}".into()),
            "EMPTY" => Some("".into()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(expanded("a: Bearer ${TOKEN}${EMPTY}!").unwrap(), "a: Bearer s3cret!");
        assert_eq!(expanded("a: ${NESTED}").unwrap(), "a: ${TOKEN}");
        assert_eq!(expanded("a: $TOKEN $ } {").unwrap(), "a: $TOKEN $ } {");
        assert_eq!(expanded("a: $${TOKEN} ${TOKEN}").unwrap(), "a: ${TOKEN} s3cret");
    }

    #[test]
    fn what_names_no_variable_is_told() {
        assert_eq!(expanded("a: ${NOPE}"), Err(ExpandError::Unset("NOPE".to_owned())));
        for line in ["a: ${", "a: ${}", "a: ${A-B}", "a: ${TOKEN"] {
            assert_eq!(expanded(line), Err(ExpandError::NoName), "{line}");
        }
    }
}
