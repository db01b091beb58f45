//! What a run left behind: stdout, stderr and the exit code, shown together so that one snapshot holds all three.

use std::fmt;

/// What a run left behind.
#[derive(Clone)]
pub(crate) struct Output {
    /// All of stdout that was read.
    pub(crate) stdout: Vec<u8>,
    /// All of stderr.
    pub(crate) stderr: Vec<u8>,
    /// The exit code; none when a signal ended the process.
    pub(crate) code: Option<i32>,
}

impl Output {
    /// Stdout as text.
    pub(crate) fn text(&self) -> String {
        redact(&self.stdout)
    }

    /// Stderr as text.
    pub(crate) fn talk(&self) -> String {
        redact(&self.stderr)
    }

    /// With `TIME` for every duration on stderr.
    pub(crate) fn without_times(mut self) -> Self {
        self.stderr = hide_times(&self.talk()).into_bytes();
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text())?;
        let talk = self.talk();
        if !talk.is_empty() {
            write!(f, "------- stderr -------\n{talk}")?;
        }
        match self.code {
            Some(code) => write!(f, "[exit {code}]"),
            None => write!(f, "[ended by a signal]"),
        }
    }
}

fn redact(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    ["127.0.0.1:", "localhost:", "[::1]:"].iter().fold(text, |text, host| hide_digits_after(&text, host))
}

/// `localhost:41234` becomes `localhost:PORT`.
fn hide_digits_after(text: &str, host: &str) -> String {
    let mut parts = text.split(host);
    let mut hidden = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        hidden.push_str(host);
        // The ports that are written in the program are few and short, or gRPC's own.
        let port = part.strip_suffix(rest).unwrap_or_default();
        hidden.push_str(if port.len() < 4 || port == "50051" { port } else { "PORT" });
        hidden.push_str(rest);
    }
    hidden
}

/// `connect 1.2 ms` becomes `connect TIME`, and so does the date in a header.
fn hide_times(text: &str) -> String {
    let mut hidden = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let mut shown = Vec::new();
        for (index, &word) in words.iter().enumerate() {
            let is_unit = |word: &str| ["µs", "ms", "s"].contains(&word.trim_end_matches(','));
            if word.parse::<f64>().is_ok() && words.get(index + 1).is_some_and(|next| is_unit(next)) {
                continue;
            }
            let number = index > 0 && words[index - 1].parse::<f64>().is_ok();
            let comma = if word.ends_with(',') { "," } else { "" };
            shown.push(if number && is_unit(word) { format!("TIME{comma}") } else { word.to_owned() });
        }
        match line.split_once("date: ") {
            Some((before, _)) => hidden.push_str(&format!("{before}date: TIME\n")),
            None => hidden.push_str(&format!("{}\n", shown.join(" "))),
        }
    }
    hidden
}
