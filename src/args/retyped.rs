//! The words of a line again, to be pasted as they are: what is secret comes from variables.

use clap::{Arg, Command};

use super::again::{from_variable, token_again, user_alone};
use super::quoted;
use super::words::{Attached, flag};

/// The words behind the program's name as a shell takes them, but for the flag `without`, which takes no value. `verb` is
/// the verb among them.
pub fn retyped(verb: &Command, words: &[String], without: &str) -> Vec<String> {
    let mut all = Vec::with_capacity(words.len());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            let rest = words.as_slice();
            // Whatever comes behind the line may be a flag.
            let needed = rest.iter().any(|word| word.starts_with('-'));
            all.extend(needed.then(|| word.clone()));
            all.extend(rest.iter().map(|word| quoted(word)));
            break;
        }
        let known = if word.starts_with('-') { flag(verb, word) } else { None };
        match known {
            Some((arg, _)) if arg.get_long() == Some(without) => {}
            None | Some((_, Attached::None)) => all.push(quoted(word)),
            Some((arg, Attached::Next)) => {
                all.push(word.clone());
                all.extend(words.next().map(|value| shown(arg, value)));
            }
            Some((arg, Attached::Here)) => match (cut(arg, word), is_secret(arg)) {
                (Some((flag, value)), true) => all.extend([flag.to_owned(), shown(arg, value)]),
                _ => all.push(quoted(word)),
            },
        }
    }
    all
}

/// A word with a flag and its value in it, as two.
fn cut<'w>(arg: &Arg, word: &'w str) -> Option<(&'w str, &'w str)> {
    if word.starts_with("--") {
        return word.split_once('=');
    }
    let short = arg.get_short()?;
    let at = word.find(short)? + short.len_utf8();
    word.split_at_checked(at)
}

/// Whether a flag's value is nobody else's business.
fn is_secret(arg: &Arg) -> bool {
    matches!(arg.get_long(), Some("bearer" | "user" | "header" | "reflect-header" | "rpc-header"))
}

/// A flag's value.
fn shown(arg: &Arg, value: &str) -> String {
    match arg.get_long() {
        Some("bearer") => token_again(value),
        Some("user") => quoted(user_alone(value)),
        _ if is_secret(arg) => from_variable(value),
        _ => quoted(value),
    }
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn again(words: &[&str]) -> String {
        let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let value = |name: &'static str| Arg::new(name).long(name).action(ArgAction::Append);
        let verb = Command::new("call")
            .args([switch("prompt"), switch("tls"), switch("verbose").short('v')])
            .args([
                value("header").short('H'),
                value("rpc-header"),
                value("bearer"),
                value("user").short('u'),
            ])
            .args([value("output").short('o'), value("jq")]);
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        retyped(&verb, &words, "prompt").join(" ")
    }

    #[test]
    fn what_was_typed_is_typed_again() {
        let words = ["call", "demo:", "A/B", "--prompt", "-o", "jsonl", "-v", "--jq", ".a | .b", "-ojson"];
        assert_eq!(again(&words), "call demo: A/B -o jsonl -v --jq '.a | .b' -ojson");
        assert_eq!(again(&["--prompt", "call", "--", "demo:", "A/B"]), "call demo: A/B");
        assert_eq!(again(&["call", "--", "-x"]), "call -- -x");
        assert_eq!(again(&["call", "--unknown", "a b"]), "call --unknown 'a b'");
        // The value of another flag is no flag.
        assert_eq!(again(&["call", "--jq", "--prompt"]), "call --jq --prompt");
    }

    #[test]
    fn secrets_come_from_variables() {
        for (typed, shown) in [
            (vec!["-H", "authorization: secret"], r#"-H "authorization: $AUTHORIZATION""#),
            (vec!["-vHauthorization: secret"], r#"-vH "authorization: $AUTHORIZATION""#),
            (vec!["--header=x-key: secret"], r#"--header "x-key: $X_KEY""#),
            (vec!["--rpc-header", "x-key: secret"], r#"--rpc-header "x-key: $X_KEY""#),
            (vec!["--bearer=secret"], r#"--bearer "$TOKEN""#),
            (vec!["--bearer", "@token"], "--bearer @token"),
            (vec!["-ualice:secret"], "-u alice"),
            (vec!["--user", "alice:secret"], "--user alice"),
            (vec!["-H", "x-a: 1"], "-H 'x-a: 1'"),
        ] {
            assert_eq!(again(&typed), shown);
        }
    }
}
