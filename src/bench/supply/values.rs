//! The values of one call after another, on one thread.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fastrand::Rng;

use super::table::Table;
use super::words::{Unit, Word};

/// What placeholders stand for in the call at hand.
#[derive(Debug)]
pub(super) struct Values {
    thread: usize,
    table: Option<Arc<Table>>,
    random: Rng,
    /// Where numbers by chance are to be the lowest or the highest, to see whether those fit.
    pub(super) extreme: Option<Extreme>,
    call: u64,
    row: usize,
    /// Of the call at hand, once anybody asks.
    uuid: Option<[u8; UUID]>,
    now: Option<Duration>,
    /// A second, and its date and time as text.
    second: Option<(u64, String)>,
}

/// An end of what chance may draw.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extreme {
    Lowest,
    Highest,
}

const UUID: usize = 36;

impl Values {
    pub(super) fn new(thread: usize, table: Option<Arc<Table>>, random: Rng) -> Self {
        Self { thread, table, random, extreme: None, call: 0, row: 0, uuid: None, now: None, second: None }
    }

    /// Goes on to the call of this number.
    pub(super) fn begin(&mut self, call: u64) {
        self.call = call;
        if let Some(table) = &self.table {
            // It is below the number of rows, whatever the call's.
            self.row = usize::try_from(call % table.rows().max(1) as u64).unwrap_or_default();
        }
        self.uuid = None;
        self.now = None;
    }

    /// The number of the call at hand.
    pub(super) fn call(&self) -> u64 {
        self.call
    }

    /// One of so many by chance.
    pub(super) fn one_of(&mut self, count: usize) -> usize {
        if count > 1 { self.random.usize(..count) } else { 0 }
    }

    /// The time of the call, since 1970.
    fn now(&mut self) -> Duration {
        // A clock before 1970 is wrong anyway.
        let ask = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        *self.now.get_or_insert_with(ask)
    }

    /// The number that a placeholder stands for, where it is one.
    #[inline]
    pub(super) fn number(&mut self, word: Word) -> Option<i64> {
        Some(match word {
            Word::Counter => i64::try_from(self.call).unwrap_or(i64::MAX),
            Word::Random(low, high) => match self.extreme {
                None => self.random.i64(low..=high),
                Some(Extreme::Lowest) => low,
                Some(Extreme::Highest) => high,
            },
            Word::Unix(unit) => {
                let now = self.now();
                let count = match unit {
                    Unit::Seconds => u128::from(now.as_secs()),
                    Unit::Millis => now.as_millis(),
                    Unit::Nanos => now.as_nanos(),
                };
                i64::try_from(count).unwrap_or(i64::MAX)
            }
            _ => return None,
        })
    }

    /// The moment that a placeholder stands for, where it is one: seconds since 1970, and nanoseconds beyond them.
    pub(super) fn moment(&mut self, word: Word) -> Option<(i64, i32)> {
        let Word::Timestamp { precise } = word else { return None };
        let now = self.now();
        let nanos = if precise { i32::try_from(now.subsec_nanos()).unwrap_or_default() } else { 0 };
        Some((i64::try_from(now.as_secs()).unwrap_or(i64::MAX), nanos))
    }

    /// What a column has in the call's row.
    fn column(&self, column: usize) -> &str {
        self.table.as_ref().map_or("", |table| table.get(self.row, column))
    }

    /// The text of a placeholder that may hold anything, where it is one.
    pub(super) fn foreign(&self, word: Word) -> Option<&str> {
        match word {
            Word::Column(column) => Some(self.column(column)),
            _ => None,
        }
    }

    /// Appends the text that a placeholder stands for.
    pub(super) fn text(&mut self, word: Word, out: &mut Vec<u8>) {
        if let Some(number) = self.number(word) {
            return decimal(number, out);
        }
        match word {
            Word::Uuid => out.extend(uuid(&mut self.random)),
            Word::CallUuid => {
                let random = &mut self.random;
                out.extend(*self.uuid.get_or_insert_with(|| uuid(random)));
            }
            Word::RandomString(length) => {
                // Two to sixteen, as in ghz.
                let length = length.unwrap_or_else(|| self.random.usize(2..=16));
                out.extend((0..length).map(|_| byte(self.random.alphanumeric())));
            }
            Word::Timestamp { precise } => self.timestamp(precise, out),
            Word::Column(column) => out.extend_from_slice(self.column(column).as_bytes()),
            Word::Worker => out.extend_from_slice(format!("g{}c0", self.thread).as_bytes()),
            Word::Counter | Word::Random(..) | Word::Unix(_) => {}
        }
    }

    fn timestamp(&mut self, precise: bool, out: &mut Vec<u8>) {
        let now = self.now();
        let second = now.as_secs();
        if self.second.as_ref().is_none_or(|(known, _)| *known != second) {
            let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
            let text = humantime::format_rfc3339_seconds(moment).to_string();
            self.second = Some((second, text));
        }
        let text = self.second.as_ref().map_or("", |(_, text)| text);
        out.extend_from_slice(text.trim_end_matches('Z').as_bytes());
        if precise {
            out.push(b'.');
            padded::<9>(now.subsec_nanos(), out);
        }
        out.push(b'Z');
    }
}

/// A letter or digit as a byte.
fn byte(letter: char) -> u8 {
    u8::try_from(letter).unwrap_or(b'0')
}

/// A UUID of version 4 (RFC 9562 §5.4).
fn uuid(random: &mut Rng) -> [u8; UUID] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 3 << 62;
    let bits = random.u128(..) & !VERSION & !VARIANT | 4 << 76 | 2 << 62;
    let mut text = [b'-'; UUID];
    let mut left = bits;
    let places = text.iter_mut().enumerate().rev().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
    for (_, place) in places {
        let [low, ..] = left.to_le_bytes();
        *place = DIGITS.get(usize::from(low & 15)).copied().unwrap_or(b'0');
        left >>= 4;
    }
    text
}

/// Appends the digits of a number.
fn decimal(number: i64, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    let mut digits = [b'0'; 20];
    let (mut left, mut at) = (number.unsigned_abs(), digits.len());
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (left % 10).to_le_bytes()[0];
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// Appends a number of so many digits.
fn padded<const N: usize>(number: u32, out: &mut Vec<u8>) {
    let mut digits = [b'0'; N];
    let mut left = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10).to_le_bytes()[0];
        left /= 10;
    }
    out.extend(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let table = Table::read(b"a,b\n1,2\n3,4\n5,6").unwrap();
        Values::new(3, Some(Arc::new(table)), Rng::with_seed(1))
    }

    fn text(values: &mut Values, word: Word) -> String {
        let mut out = Vec::new();
        values.text(word, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 1, -1, 10, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn each_call_has_values_of_its_own() {
        let mut values = values();
        values.begin(4);
        assert_eq!(text(&mut values, Word::Counter), "4");
        assert_eq!(text(&mut values, Word::Column(1)), "4");
        assert_eq!(values.foreign(Word::Column(0)), Some("3"));
        assert_eq!(text(&mut values, Word::Worker), "g3c0");
        let (one, other) = (text(&mut values, Word::CallUuid), text(&mut values, Word::CallUuid));
        assert_eq!(one, other);
        assert_ne!(text(&mut values, Word::Uuid), text(&mut values, Word::Uuid));
        values.begin(5);
        assert_ne!(text(&mut values, Word::CallUuid), one);
        assert_eq!(text(&mut values, Word::Column(1)), "6");
        values.begin(u64::MAX);
        assert_eq!(text(&mut values, Word::Counter), i64::MAX.to_string());
    }

    #[test]
    fn uuids_are_of_version_4() {
        let mut random = Rng::with_seed(1);
        for _ in 0..1000 {
            let text = String::from_utf8(uuid(&mut random).to_vec()).unwrap();
            let groups: Vec<&str> = text.split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{text}");
            assert!(groups[2].starts_with('4') && groups[3].starts_with(['8', '9', 'a', 'b']), "{text}");
        }
    }

    #[test]
    fn chance_stays_within_its_bounds() {
        let mut values = values();
        let drawn: Vec<i64> = (0..1000).filter_map(|_| values.number(Word::Random(-2, 2))).collect();
        assert!((-2..=2).all(|number| drawn.contains(&number)) && drawn.iter().all(|n| (-2..=2).contains(n)));
        assert!(values.number(Word::Random(i64::MIN, i64::MAX)).is_some());
        assert_eq!(text(&mut values, Word::RandomString(Some(40))).len(), 40);
        assert!((2..=16).contains(&text(&mut values, Word::RandomString(None)).len()));
        values.extreme = Some(Extreme::Highest);
        assert_eq!(values.number(Word::Random(-2, 2)), Some(2));
    }

    #[test]
    fn a_call_has_one_time() {
        let mut values = values();
        values.begin(0);
        let (seconds, nanos) = values.moment(Word::Timestamp { precise: true }).unwrap();
        assert_eq!(values.number(Word::Unix(Unit::Seconds)), Some(seconds));
        assert_eq!(values.number(Word::Unix(Unit::Nanos)), Some(seconds * 1_000_000_000 + i64::from(nanos)));
        let precise = text(&mut values, Word::Timestamp { precise: true });
        assert_eq!(crate::message::json::moment(&precise), Some((seconds, nanos)));
        assert_eq!(precise.len(), 30);
        let plain = text(&mut values, Word::Timestamp { precise: false });
        assert_eq!(crate::message::json::moment(&plain), Some((seconds, 0)));
        assert!(seconds > 1_700_000_000);
    }
}
