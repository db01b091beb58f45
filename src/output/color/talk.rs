//! What is said on the side, in colours: a line says by its beginning what it is.

use std::io::{self, Write};

use super::{ERROR, FAINT, HINT, NAME, Paint, TITLE, WARNING, put};

/// A writer of lines that paints them.
pub struct Painted<W> {
    inner: W,
    paint: Paint,
    /// What was written of a line that has not ended.
    line: Vec<u8>,
}

impl<W: Write> Painted<W> {
    /// Lines for `inner`, painted if that is wanted.
    pub fn new(inner: W, paint: Paint) -> Self {
        Self { inner, paint, line: Vec::new() }
    }
}

impl<W: Write> Write for Painted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.paint.is_colored() {
            return self.inner.write(bytes);
        }
        let mut painted = Vec::new();
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                line(&self.line, &mut painted);
                self.line.clear();
            }
        }
        self.inner.write_all(&painted)?;
        Ok(bytes.len())
    }

    /// What is no line yet goes out as it is.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.write_all(&std::mem::take(&mut self.line))?;
        self.inner.flush()
    }
}

/// A report of what went wrong, painted if that is wanted.
pub fn report(text: &str, paint: Paint) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = Painted::new(&mut out, paint).write_all(text.as_bytes());
    out
}

/// Appends a line in colours.
fn line(line: &[u8], out: &mut Vec<u8>) {
    const BEGINNINGS: [(&[u8], anstyle::Style); 4] =
        [(b"error:", ERROR), (b"warning:", WARNING), (b"hint:", HINT), (b"  caused by:", FAINT)];
    for (beginning, style) in BEGINNINGS {
        if let Some(rest) = line.strip_prefix(beginning) {
            put(out, style, beginning);
            return out.extend_from_slice(rest);
        }
    }
    match line {
        [b'*', b' ', ..] => {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            put(out, FAINT, text);
            out.extend_from_slice(line.get(text.len()..).unwrap_or_default());
        }
        [sign @ (b'>' | b'<'), b' ', rest @ ..] => {
            put(out, FAINT, &[*sign]);
            out.push(b' ');
            let name = rest.iter().position(|byte| matches!(byte, b':' | b' ')).unwrap_or(0);
            let (name, after) = rest.split_at_checked(name).unwrap_or((&[], rest));
            put(out, if after.starts_with(b":") { NAME } else { TITLE }, name);
            out.extend_from_slice(after);
        }
        _ => out.extend_from_slice(line),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{plain, shown};
    use super::*;

    #[test]
    fn a_line_says_by_its_beginning_what_it_is() {
        let text = "error: no\n  caused by: that\nhint: try\nwarning: x\n* connected\n> POST http://h/a\n\
                    > x-a: b: c\n< :\n  1. {\n";
        let painted = report(text, Paint::Colored);
        assert_eq!(plain(&painted), text);
        assert_eq!(
            shown(&painted),
            "<error>error:</> no\n<faint>  caused by:</> that\n<hint>hint:</> try\n<warning>warning:</> x\n\
             <faint>* connected</>\n<faint>></> <title>POST</> http://h/a\n<faint>></> <name>x-a</>: b: c\n\
             <faint><</> :\n  1. {\n"
        );
        assert_eq!(report(text, Paint::Plain), text.as_bytes());
    }

    #[test]
    fn a_line_in_pieces_is_one_line() {
        let mut out = Vec::new();
        let mut talk = Painted::new(&mut out, Paint::Colored);
        for piece in ["err", "or: ", "no\n*", " yes\n", "\rhalf"] {
            talk.write_all(piece.as_bytes()).unwrap();
        }
        talk.flush().unwrap();
        assert_eq!(shown(&out), "<error>error:</> no\n<faint>* yes</>\n\rhalf");
    }
}
