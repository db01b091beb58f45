//! The secrets of TLS connections, written where programs that read recorded traffic look for them: in the format of
//! NSS's key log (draft-ietf-tls-keylogfile).

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::error::Error;

/// A file that secrets are appended to.
#[derive(Debug)]
pub(super) struct KeyLog(Mutex<File>);

impl KeyLog {
    /// Opens the file, and makes it if there is none: nobody but its owner may read what is in it.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| Error::KeyLog { path: path.to_owned(), source })?;
        Ok(Self(Mutex::new(file)))
    }
}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        // A line goes out at once, so that those of other processes stand between lines; what can't be written is no
        // reason to give up the connection.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
