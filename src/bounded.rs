//! Reading what may be endless: a device, a pipe, a link to either.
//!
//! Whoever takes all of a file says how much of it makes sense, so that one without an end is told instead of filling
//! memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How many bytes a MiB has.
pub const MIB: u64 = 1 << 20;

/// All of a file, unless it is larger than so many bytes, which are whole MiB.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_from(File::open(path)?, most)
}

/// The same of what is open already.
pub fn read_from(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {} MiB", most / MIB)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_endless_is_told() {
        let read = |length: u64| read_from(io::repeat(b'x').take(length), MIB).map(|bytes| bytes.len());
        assert_eq!(read(MIB).unwrap(), 1 << 20);
        assert_eq!(read(u64::MAX).unwrap_err().to_string(), "it is larger than 1 MiB");
        #[cfg(target_os = "linux")]
        assert!(super::read(Path::new("/dev/zero"), MIB).is_err());
    }
}
