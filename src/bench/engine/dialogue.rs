//! A connection of the engine without its socket, for who holds it to what a server may say: `fuzz/`.

use super::conn::{Common, Conn};
use crate::bench::book::Book;
use crate::bench::record::Tally;
use crate::bench::supply::Made;
use crate::http2::Error;

/// A connection and what is counted on it. Time goes on by a step with whatever is done.
pub struct Dialogue {
    conn: Conn,
    book: Book,
    now: u64,
}

impl Dialogue {
    /// Begins one, on which so many streams are to be open at a time.
    pub fn new(common: Common, streams: usize) -> Self {
        let mut book = Book::new(false, !common.one_answer);
        (book.counted_from, book.is_counting) = (0, true);
        Self { conn: Conn::new(common, streams), book, now: 0 }
    }

    /// Begins a call, where there is room for one.
    pub fn begin(&mut self, call: &Made) -> bool {
        self.now += 1;
        let has_room = self.conn.room() > 0;
        if has_room {
            self.conn.begin(call, self.now, self.now, &mut self.book);
        }
        has_room
    }

    /// Takes what the server said, and leaves what is no whole frame yet. After an error it is over.
    pub fn receive(&mut self, bytes: &mut &[u8]) -> Result<(), Error> {
        self.now += 1;
        self.conn.receive(bytes, self.now, &mut self.book)
    }

    /// Gives up calls that are older than so many steps.
    pub fn expire(&mut self, steps: u64) {
        self.now += 1;
        self.conn.expire(steps, self.now, &mut self.book);
    }

    /// The connection is lost.
    pub fn lose(&mut self) {
        self.conn.lose((false, ""), self.now, &mut self.book);
    }

    /// What is to be sent to the server, which is taken to be sent with that.
    pub fn sent(&mut self) -> Vec<u8> {
        let out = self.conn.out.clone();
        self.conn.written();
        out
    }

    /// How many calls are under way.
    pub fn open(&self) -> usize {
        self.conn.open()
    }

    /// What was counted.
    pub fn tally(&self) -> &Tally {
        &self.book.tally
    }
}
