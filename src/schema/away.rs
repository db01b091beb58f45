//! Work on many files, under the deadline.
//!
//! What servers send may take a second or two to put together. That is done on a thread of its own, so that a deadline or
//! a signal ends the command all the same; the thread is left behind then, and ends with the process.

use std::thread;

use tokio::sync::oneshot;

use super::file_set::FileSet;
use super::reflection::ReflectionError;

/// Files of fewer bytes are done with before a thread is there.
const LARGE: usize = 128 << 10;
/// What descriptors nested as deep as the decoder goes need, with room to spare.
const STACK: usize = 16 << 20;

/// Does some work on files, unless it is too late before that is done.
pub(super) fn from<T, W, L>(
    files: &FileSet,
    late: L,
    work: W,
) -> impl Future<Output = Result<T, ReflectionError>> + use<T, W, L>
where
    T: Send + 'static,
    W: FnOnce(&FileSet) -> T + Send + 'static,
    L: Future<Output = ReflectionError>,
{
    let (done, result) = oneshot::channel();
    let mut worker = None;
    if files.size() < LARGE {
        // Nobody waits for it but the one below.
        let _ = done.send(work(files));
    } else {
        let files = files.clone();
        let work = move || drop(done.send(work(&files)));
        worker = thread::Builder::new().name("link".to_owned()).stack_size(STACK).spawn(work).ok();
    }
    async move {
        tokio::select! {
            biased;
            result = result => match (result, worker) {
                (Ok(result), _) => Ok(result),
                // There is nothing to wait for if it panicked.
                (Err(_), Some(worker)) => match worker.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => Err(ReflectionError::NoThread),
                },
                (Err(_), None) => Err(ReflectionError::NoThread),
            },
            why = late => Err(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use prost::Message as _;
    use prost_types::FileDescriptorProto;

    use super::*;

    fn files(size: usize) -> FileSet {
        let mut files = FileSet::default();
        let file = FileDescriptorProto { name: Some("n".repeat(size)), ..FileDescriptorProto::default() };
        files.add(file.encode_to_vec().into()).unwrap();
        files
    }

    #[tokio::test]
    async fn work_is_done_and_a_deadline_passes_over_it() {
        for size in [1, LARGE + 1] {
            let done = from(&files(size), pending(), FileSet::len).await;
            assert_eq!(done.unwrap(), 1);
        }
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let late =
            from(&files(LARGE + 1), ready(ReflectionError::Silent), move |_| ends.recv().is_err()).await;
        drop(end);
        assert!(matches!(late, Err(ReflectionError::Silent)));
    }
}
