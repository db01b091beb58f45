//! A filter in a process of its own. One that calls itself without end runs out of stack, which ends the process that it
//! is in, and nothing there can be done about it: so that is not the one that makes the call.
//!
//! The two talk in frames over the other's stdin and stdout: a byte that says what it is, how long it is, and that. The
//! process ends when its stdin does, whatever it is at, so that none outlives who started it.

use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use tokio::sync::mpsc;

use super::{ExpressionError, Look, Piece, ReshapePlan, Reshaper};

/// What a frame is: the filter and how it is printed, or a message, to the process.
const PLAN: u8 = b'p';
const MESSAGE: u8 = b'm';
/// The filter was understood, or not, and why.
const READY: u8 = b'r';
const REFUSED: u8 = b'x';
/// What becomes of a message, piece by piece.
const TEXT: u8 = b't';
const END: u8 = b'.';
const FAILED: u8 = b'!';

/// What is said of a message where the process ended.
const GONE: &str =
    "the expression needs more stack or memory than there is: does it call itself without end?";

/// The process that runs a filter, which is started again where a message ended it.
pub(super) struct Apart {
    program: PathBuf,
    plan: ReshapePlan,
    running: Option<Running>,
}

struct Running {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Apart {
    /// Starts it, with a filter that it understands. `program` is this one.
    pub(super) fn start(program: PathBuf, plan: ReshapePlan) -> Result<Self, ExpressionError> {
        let running = Some(Running::start(&program, &plan)?);
        Ok(Self { program, plan, running })
    }

    /// Hands on what is made of a message, and says why there is no more of it, if that is for a reason.
    pub(super) fn message(&mut self, json: &[u8], outgoing: &mpsc::Sender<Piece>) -> Option<String> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => match Running::start(&self.program, &self.plan) {
                Ok(running) => running,
                Err(error) => return Some(error.to_string()),
            },
        };
        if let Ok(error) = running.message(json, outgoing) {
            self.running = Some(running);
            error
        } else {
            running.end();
            Some(GONE.to_owned())
        }
    }
}

impl Running {
    fn start(program: &Path, plan: &ReshapePlan) -> Result<Self, ExpressionError> {
        let mut command = Command::new(program);
        // What the runtime says of a stack that is used up is for no user to read.
        command.arg("filter").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // ^C is for this process, which ends that one.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(ExpressionError::Start)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(ExpressionError::Start(io::ErrorKind::BrokenPipe.into()));
        };
        let mut running = Self { child, to, from: BufReader::new(from) };
        let answer = running.send(PLAN, &written(plan)).and_then(|()| read(&mut running.from));
        match answer {
            Ok(Some((READY, _))) => Ok(running),
            Ok(Some((_, why))) => {
                running.end();
                Err(ExpressionError::Refused(String::from_utf8_lossy(&why).into_owned()))
            }
            Ok(None) => {
                running.end();
                Err(ExpressionError::Refused(GONE.to_owned()))
            }
            Err(error) => {
                running.end();
                Err(ExpressionError::Start(error))
            }
        }
    }

    /// What the message came to; an error is the process's end.
    fn message(&mut self, json: &[u8], outgoing: &mpsc::Sender<Piece>) -> io::Result<Option<String>> {
        self.send(MESSAGE, json)?;
        loop {
            match read(&mut self.from)? {
                // Whether anybody takes it is found out at the end.
                Some((TEXT, text)) => drop(outgoing.blocking_send(Piece::Text(text))),
                Some((END, _)) => return Ok(None),
                Some((_, why)) => return Ok(Some(String::from_utf8_lossy(&why).into_owned())),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    fn send(&mut self, kind: u8, bytes: &[u8]) -> io::Result<()> {
        write(&mut self.to, kind, bytes)
    }

    fn end(mut self) {
        // Whatever it still does is for nobody.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other side: runs the filter that `input` begins with over the messages behind it, until there is no more input.
pub async fn serve(mut input: impl Read + Send + 'static, mut out: impl Write) -> io::Result<()> {
    let Some((PLAN, plan)) = read(&mut input)? else { return Ok(()) };
    let Some(plan) = understood(&plan) else { return Ok(()) };
    let mut reshaper = match Reshaper::start(plan) {
        Ok(reshaper) => reshaper,
        Err(error) => return write(&mut out, REFUSED, error.to_string().as_bytes()),
    };
    write(&mut out, READY, b"")?;
    let (sender, mut messages) = mpsc::unbounded_channel();
    thread::spawn(move || {
        while let Ok(Some((_, message))) = read(&mut input) {
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    while let Some(message) = messages.recv().await {
        reshaper.begin(message);
        loop {
            let piece = tokio::select! {
                piece = reshaper.piece() => piece,
                // The next message comes when this one is done, so this is the end.
                _ = messages.recv() => return Ok(()),
            };
            match piece {
                Piece::Text(text) => write(&mut out, TEXT, &text)?,
                Piece::End(None) => {
                    write(&mut out, END, b"")?;
                    break;
                }
                Piece::End(Some(error)) => {
                    write(&mut out, FAILED, error.as_bytes())?;
                    break;
                }
            }
        }
    }
    Ok(())
}

/// How values are printed, in a byte, and the filter.
fn written(plan: &ReshapePlan) -> Vec<u8> {
    let look = match plan.look {
        Look::Table => 8,
        Look::Json { pretty, raw, escape } => u8::from(pretty) | u8::from(raw) << 1 | u8::from(escape) << 2,
    };
    let filter = plan.filter.as_deref().unwrap_or(".");
    [&[look], filter.as_bytes()].concat()
}

fn understood(plan: &[u8]) -> Option<ReshapePlan> {
    let (look, filter) = plan.split_first()?;
    let bit = |bit: u8| look & bit != 0;
    let look = if bit(8) { Look::Table } else { Look::Json { pretty: bit(1), raw: bit(2), escape: bit(4) } };
    Some(ReshapePlan { filter: Some(String::from_utf8(filter.to_vec()).ok()?), look, program: None })
}

fn write(out: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(bytes.len() as u64).to_be_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// The next frame, if there is one.
fn read(input: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut kind = [0; 1];
    if input.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_be_bytes(length);
    let mut bytes = Vec::new();
    // No more is taken than there is, whatever is said of it.
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind[0], bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Look = Look::Json { pretty: false, raw: true, escape: false };

    /// A process with this filter, and what is written to it and read from it.
    fn serving(filter: &str) -> (thread::JoinHandle<()>, io::PipeWriter, BufReader<io::PipeReader>) {
        let plan = ReshapePlan { filter: Some(filter.to_owned()), look: LINE, program: None };
        let (reader, mut writer) = io::pipe().unwrap();
        write(&mut writer, PLAN, &written(&plan)).unwrap();
        let (answers, out) = io::pipe().unwrap();
        let server = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(serve(reader, out)).unwrap();
        });
        (server, writer, BufReader::new(answers))
    }

    fn served(filter: &str, messages: &[&str]) -> Vec<(u8, String)> {
        let (server, mut writer, mut answers) = serving(filter);
        let mut told = Vec::new();
        let mut next = || {
            let (kind, bytes) = read(&mut answers).unwrap().unwrap();
            told.push((kind, String::from_utf8(bytes).unwrap()));
            kind
        };
        if next() == READY {
            for message in messages {
                write(&mut writer, MESSAGE, message.as_bytes()).unwrap();
                while next() == TEXT {}
            }
        }
        drop(writer);
        server.join().unwrap();
        told
    }

    #[test]
    fn messages_come_back_as_what_is_made_of_them() {
        let told = served(".a, .b.c", &[r#"{"a": "x"}"#, r#"{"a": 1, "b": 2}"#]);
        let told: Vec<(u8, &str)> = told.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        assert_eq!(
            told,
            [
                (READY, ""),
                (TEXT, "x\nnull\n"),
                (END, ""),
                (TEXT, "1\n"),
                (FAILED, "cannot index 2 with \"c\"")
            ]
        );
        let refused = served("$x", &[]);
        assert!(refused.len() == 1 && refused[0].0 == REFUSED, "{refused:?}");
        assert!(refused[0].1.starts_with("there is no variable $x at column 1\n"), "{refused:?}");
    }

    #[test]
    fn a_filter_ends_with_its_input_whatever_it_is_at() {
        let (server, mut writer, mut answers) = serving("range(infinite)");
        write(&mut writer, MESSAGE, b"{}").unwrap();
        assert_eq!([READY, TEXT].map(|_| read(&mut answers).unwrap().unwrap().0), [READY, TEXT]);
        drop(writer);
        io::copy(&mut answers, &mut io::sink()).unwrap();
        server.join().unwrap();
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let looks = [Look::Table, Look::Json { pretty: true, raw: false, escape: true }];
        for look in looks {
            let plan = ReshapePlan { filter: Some(".ü".to_owned()), look, program: None };
            assert_eq!(understood(&written(&plan)), Some(plan));
        }
    }

    #[test]
    fn input_that_never_ends_a_frame_is_no_frame() {
        assert_eq!(read(&mut [].as_slice()).unwrap(), None);
        for cut in [&b"m"[..], b"m\0\0\0\0\0\0\0\x05abc", b"m\xff\xff\xff\xff\xff\xff\xff\xffabc"] {
            assert!(read(&mut &cut[..]).is_err());
        }
    }
}
