//! The words that lead to the same server and the same schema again, to be pasted behind a verb.

use std::ffi::OsStr;
use std::fmt;

use crate::secrets::{Secret, is_secret};

use super::target::TlsArg;
use super::{ReflectionArg, ReflectionHeaders, SchemaArgs, TargetArgs, quoted};

/// A server's name on the command line, and the flags that go with it. Secret headers are named without their values:
/// what is printed ends up in logs and on other people's screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    server: String,
    /// Whether nobody typed it: it will be found again as it was.
    implied: bool,
    flags: Vec<String>,
    /// Flags that a configuration file gave, and will give again, by their long names.
    given: Vec<&'static str>,
}

impl Again {
    /// The server as it was named, or as it should be, and how it is reached. What a file gave is not repeated.
    pub fn new(server: &str, target: &TargetArgs, given: &[&'static str]) -> Self {
        let mut again =
            Self { server: server.to_owned(), implied: false, flags: Vec::new(), given: given.to_vec() };
        again.values("--profile", &target.profile);
        again.values("--config", &target.config);
        again.switch("--plaintext", target.plaintext);
        again.switch("--tls", target.tls);
        again.values("--cacert", &target.cacert);
        again.values("--cert", &target.cert);
        again.values("--key", &target.key);
        again.passwords("--key-password", "PASSWORD", target.key_password.iter());
        again.values("--tls-min", target.tls_min.map(TlsArg::word));
        again.values("--tls-max", target.tls_max.map(TlsArg::word));
        again.switch("--insecure", target.insecure);
        again.values("--server-name", &target.server_name);
        again.values("--authority", &target.authority);
        again.values("--user-agent", &target.user_agent);
        for (flag, word) in target.route.words() {
            match word {
                Some(word) => again.values(flag, [word]),
                None if again.is_given(flag) => {}
                None => again.flags.push(format!(r#"{flag} "${}""#, variable(flag.trim_start_matches('-')))),
            }
        }
        for (flag, word) in target.spoken.words() {
            again.values(flag, [word]);
        }
        again
    }

    /// The same where the server is the default, or what the environment or a file says.
    pub(super) fn implied(self, implied: bool) -> Self {
        Self { implied, ..self }
    }

    /// The same way to a server by another name.
    pub(super) fn of(&self, server: &str) -> Self {
        Self { server: server.to_owned(), implied: false, ..self.clone() }
    }

    /// The same with this flag, in place of what was said with it before; a value stands as it is.
    #[must_use]
    pub fn with(&self, flag: &str, value: &str) -> Self {
        let mut again = self.without(&[flag]);
        again.flags.push(if value.is_empty() { flag.to_owned() } else { format!("{flag} {value}") });
        again
    }

    /// The same without these flags.
    #[must_use]
    pub fn without(&self, flags: &[&str]) -> Self {
        let mut again = self.clone();
        again.flags.retain(|words| !flags.contains(&words.split(' ').next().unwrap_or_default()));
        again
    }

    /// What stands before every method, and where the schema comes from.
    pub fn complete(&mut self, prefix: &str, schema: &SchemaArgs, headers: &ReflectionHeaders) {
        self.server.push_str(prefix);
        // Where files have the schema, a server that nobody named has no part in it.
        if self.implied && schema.has_files() {
            self.server.clear();
        }
        self.values("--proto", &schema.proto);
        self.values("-I", &schema.import_path);
        self.values("--descriptor-set", &schema.descriptor_set);
        self.values("--reflection", schema.reflection().map(ReflectionArg::word));
        self.headers("-H", &headers.header);
        self.headers("--reflect-header", &headers.reflect_header);
        self.switch("--expand-headers", headers.expand_headers);
        self.flags
            .extend(headers.bearer.iter().map(|token| format!("--bearer {}", token_again(token.reveal()))));
        self.values("-u", headers.user.iter().map(|user| user_alone(user.reveal())));
    }

    /// Whether a file gives the flag.
    fn is_given(&self, flag: &str) -> bool {
        let long = if flag == "-I" { "import-path" } else { flag.trim_start_matches('-') };
        self.given.contains(&long)
    }

    fn switch(&mut self, flag: &str, given: bool) {
        if given && !self.is_given(flag) {
            self.flags.push(flag.to_owned());
        }
    }

    fn values<V: AsRef<OsStr>>(&mut self, flag: &str, values: impl IntoIterator<Item = V>) {
        if self.is_given(flag) {
            return;
        }
        let flags = values.into_iter().map(|value| {
            let value = value.as_ref().to_string_lossy();
            format!("{flag} {}", quoted(&value))
        });
        self.flags.extend(flags);
    }

    /// A file is named again, and a variable stands in place of a password.
    fn passwords<'s>(&mut self, flag: &str, variable: &str, secrets: impl Iterator<Item = &'s Secret>) {
        if self.is_given(flag) {
            return;
        }
        let again = |secret: &Secret| match secret.reveal() {
            file if file.starts_with('@') => format!("{flag} {}", quoted(file)),
            _ => format!(r#"{flag} "${variable}""#),
        };
        self.flags.extend(secrets.map(again));
    }

    fn headers(&mut self, flag: &str, lines: &[String]) {
        self.flags.extend(lines.iter().map(|line| format!("{flag} {}", from_variable(line))));
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = (!self.server.is_empty()).then(|| quoted(&self.server));
        let words: Vec<&str> = server.iter().chain(&self.flags).map(String::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

/// The value of `--bearer` again: a file as it is, and a variable in place of a token.
pub(super) fn token_again(token: &str) -> String {
    if token.starts_with('@') { quoted(token) } else { r#""$TOKEN""#.to_owned() }
}

/// The value of `-u` again. Without the password, it is asked for.
pub(super) fn user_alone(user: &str) -> &str {
    user.split(':').next().unwrap_or_default()
}

/// A header line as a shell takes it, with a variable in place of a secret value: pasted as it is, it sends what the
/// variable says and nothing that was made up. A file is named again.
pub(super) fn from_variable(line: &str) -> String {
    if line.starts_with('@') {
        return quoted(line);
    }
    let name = line.split(':').next().unwrap_or_default().trim();
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() == line.len() || !name.chars().all(legal) {
        return r#""$HEADER""#.to_owned();
    }
    if !is_secret(name) {
        return quoted(line);
    }
    format!(r#""{name}: ${}""#, variable(name))
}

/// The variable that goes with a name: in capitals, and no dashes.
fn variable(name: &str) -> String {
    let upper = name.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if upper.starts_with(|c: char| c.is_ascii_digit()) { format!("_{upper}") } else { upper }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    fn again(flags: &str) -> String {
        again_beside(flags, &[])
    }

    fn again_beside(flags: &str, given: &[&'static str]) -> String {
        again_from((flags, given), false)
    }

    fn again_from((flags, given): (&str, &[&'static str]), implied: bool) -> String {
        let command = ReflectionHeaders::augment_args(SchemaArgs::augment_args(TargetArgs::augment_args(
            Command::new("list"),
        )));
        let matches = command.get_matches_from(["list"].into_iter().chain(flags.split_whitespace()));
        let target = TargetArgs::from_arg_matches(&matches).unwrap();
        let mut again = Again::new("h:1", &target, given).implied(implied);
        let schema = SchemaArgs::from_arg_matches(&matches).unwrap();
        again.complete("/prefix", &schema, &ReflectionHeaders::from_arg_matches(&matches).unwrap());
        again.to_string()
    }

    #[test]
    fn every_flag_that_leads_there_is_repeated() {
        assert_eq!(again("--plaintext --timeout 5s"), "h:1/prefix --plaintext");
        let flags =
            "--tls --cacert a.pem --cacert b.pem --cert c.pem --key c.key --server-name s --authority t";
        assert_eq!(again(flags), format!("h:1/prefix {flags}"));
        let flags = "--insecure --proto a.proto -I x -I y --descriptor-set z --reflection v1alpha";
        assert_eq!(again(flags), format!("h:1/prefix {flags}"));
    }

    #[test]
    fn a_server_that_nobody_named_is_left_out_where_files_have_the_schema() {
        assert_eq!(again_from(("--tls", &[]), true), "h:1/prefix --tls");
        assert_eq!(again_from(("--proto a.proto", &[]), true), "--proto a.proto");
        assert_eq!(again_from(("--descriptor-set a", &["descriptor-set"]), true), "");
    }

    #[test]
    fn what_a_file_gives_is_not_repeated() {
        let flags = "--profile p --tls --cacert a.pem -I x --expand-headers";
        assert_eq!(
            again_beside(flags, &["tls", "import-path", "expand-headers"]),
            "h:1/prefix --profile p --cacert a.pem"
        );
    }

    #[test]
    fn a_flag_is_said_once_or_not_at_all() {
        let again = Again {
            server: "h:1".to_owned(),
            implied: false,
            flags: ["--tls", "--cacert a b", "--cert c"].map(str::to_owned).to_vec(),
            given: Vec::new(),
        };
        assert_eq!(again.with("--cacert", "FILE").to_string(), "h:1 --tls --cert c --cacert FILE");
        assert_eq!(again.with("--insecure", "").to_string(), "h:1 --tls --cacert a b --cert c --insecure");
        assert_eq!(again.without(&["--tls", "--cert"]).to_string(), "h:1 --cacert a b");
    }

    #[test]
    fn secrets_in_headers_come_from_variables() {
        assert_eq!(
            again("-H authorization:secret --reflect-header x-key:secret"),
            r#"h:1/prefix -H "authorization: $AUTHORIZATION" --reflect-header "x-key: $X_KEY""#
        );
        assert_eq!(
            again("-H @a.txt --expand-headers --bearer secret"),
            r#"h:1/prefix -H @a.txt --expand-headers --bearer "$TOKEN""#
        );
        assert_eq!(again("--bearer @token"), "h:1/prefix --bearer @token");
        assert_eq!(again("-u alice:secret"), "h:1/prefix -u alice");
        assert_eq!(from_variable("2fa-token : 1"), r#""2fa-token: $_2FA_TOKEN""#);
        assert_eq!(from_variable("x-user: it's me"), r"'x-user: it'\''s me'");
        for wrong in ["secret", ": secret", "$(rm x): secret", "a\"b: secret"] {
            assert_eq!(from_variable(wrong), r#""$HEADER""#);
        }
    }
}
