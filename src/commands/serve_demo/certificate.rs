//! Saving the certificate that was made, over nothing that somebody may miss.

use std::fs;
use std::path::{Path, PathBuf};

use super::ServeDemoError;

/// Writes it to a new file, over an older certificate, or to what is no file at all, such as a pipe.
pub(super) fn write(path: PathBuf, certificate: &str) -> Result<(), ServeDemoError> {
    let stands = fs::metadata(&path).is_ok_and(|found| found.is_file());
    if stands && !may_be_replaced(&path) {
        return Err(ServeDemoError::Overwrite(path));
    }
    fs::write(&path, certificate).map_err(|source| ServeDemoError::WriteCert { path, source })
}

/// Whether the file holds certificates alone, or nothing. A private key in it could be the only one there is.
fn may_be_replaced(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        let mut begins = text.lines().filter(|line| line.starts_with("-----BEGIN ")).peekable();
        let has_certificate = begins.peek().is_some();
        text.trim().is_empty()
            || (has_certificate && begins.all(|line| line == "-----BEGIN CERTIFICATE-----"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_replaced_and_nothing_else() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let over = |there: &str| {
            fs::write(&path, there).unwrap();
            write(path.clone(), "new").is_ok()
        };
        assert!(over("") && over(certificate) && over(&format!("localhost\n{certificate}")));
        assert!(!over("notes") && !over(key) && !over(&format!("{certificate}{key}")));
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{certificate}{key}"));
        fs::remove_file(&path).unwrap();
        write(path.clone(), "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
