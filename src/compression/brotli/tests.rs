use std::io::{Read as _, Write as _};

use super::parse::SYMBOLS;
use super::*;

/// Numbers that look random and are the same each time (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() % end
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte(256)).collect()
    }

    /// One of so many.
    fn byte(&mut self, kinds: usize) -> u8 {
        u8::try_from(self.below(kinds)).unwrap()
    }
}

fn decompressed(compressed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli_decompressor::Decompressor::new(compressed, 4096).read_to_end(&mut plain).unwrap();
    plain
}

/// Compresses and makes sure that it comes back, and took no more than bytes as they are would.
fn round(plain: &[u8]) -> Vec<u8> {
    let compressed = compress(plain);
    assert!(decompressed(&compressed) == plain, "of {} bytes others come back", plain.len());
    let blocks = plain.len().div_ceil(SYMBOLS) + 1;
    assert!(compressed.len() <= plain.len() + blocks * (UNCOMPRESSED + 1), "{} bytes more", plain.len());
    compressed
}

/// A stream of one meta-block of these commands, as it comes back.
fn read(plain: &[u8], commands: &[Command]) -> Vec<u8> {
    let mut out = Bits::default();
    let (_, pattern, bits) = WINDOWS[2];
    out.put(pattern, bits);
    compressed(&mut out, plain, commands, true);
    decompressed(&out.finish())
}

#[test]
fn streams_are_as_the_format_says() {
    // A window of 16 bits; ISLAST and ISLASTEMPTY.
    assert_eq!(compress(b""), [0b110]);
    // Not ISLAST, MNIBBLES of 4, MLEN - 1 of 0, ISUNCOMPRESSED; the byte; ISLAST and ISLASTEMPTY.
    assert_eq!(compress(b"a"), [0, 0, 0b1_0000, b'a', 0b11]);
}

#[test]
fn what_is_compressed_comes_back() {
    let mut random = Random(1);
    for plain in [&b""[..], b"a", b"ab", b"aa", b"aaaa", b"abcabcabcabcabc"] {
        round(plain);
    }
    for length in 0..300 {
        round(&random.bytes(length));
        round(&vec![7; length]);
        round(&(0..length).map(|_| random.byte(3)).collect::<Vec<_>>());
    }
    let all: Vec<u8> = (0..=255).collect();
    for times in [1, 2, 3, 1000] {
        round(&all.repeat(times));
    }
}

#[test]
fn endless_runs_are_short() {
    // The largest meta-block, and the smallest.
    let compressed = round(&vec![0; (1 << 24) + 1]);
    assert!(compressed.len() < 50, "they are {} bytes", compressed.len());
}

#[test]
fn what_cannot_be_compressed_hardly_grows() {
    for length in [1000, SYMBOLS - 1, SYMBOLS, SYMBOLS + 1, 300_000] {
        let plain = Random(2).bytes(length);
        assert!(round(&plain).len() > length);
        // What was there before is copied from a meta-block of bytes as they are.
        let twice = [&plain[..], &plain].concat();
        let compressed = round(&twice);
        assert!(
            length > WINDOWS[2].0 || compressed.len() < length + length / 50 + 100,
            "{}",
            compressed.len()
        );
    }
}

#[test]
fn what_comes_again_and_again_is_found_each_time() {
    // The first is out of the window before the last comes.
    let once = Random(6).bytes(100_000);
    let compressed = round(&once.repeat(5));
    assert!(compressed.len() < once.len() + 1000, "{}", compressed.len());
}

#[test]
fn meta_blocks_have_any_length() {
    for edge in [1 << 16, 1 << 17, WINDOWS[0].0, WINDOWS[1].0, WINDOWS[2].0, 1 << 20] {
        for length in edge - 1..=edge + 1 {
            round(&b"{\"name\":\"x\"}, ".repeat(length / 14 + 1)[..length]);
        }
    }
}

#[test]
fn as_many_literals_as_there_may_be() {
    let mut random = Random(3);
    for kinds in [1, 2, 3, 4, 5, 6, 100, 256] {
        // Literals alone: no copy spares any of them.
        for length in [kinds, kinds * 100] {
            let plain: Vec<u8> = (0..length).map(|at| u8::try_from(at % kinds).unwrap()).collect();
            assert!(read(&plain, &[Command::end(length)]) == plain, "{kinds} literals");
            round(&plain);
        }
        let plain: Vec<u8> = (0..2000).map(|_| 255 - random.byte(kinds)).collect();
        assert!(read(&plain, &[Command::end(2000)]) == plain, "{kinds} literals");
    }
    // Four of them as different as 1, 2, 3, 3 bits.
    let plain = [&[9; 50][..], &[3; 20], &[200; 5], &[0; 5]].concat();
    assert!(read(&plain, &[Command::end(plain.len())]) == plain);
}

#[test]
fn no_word_is_too_long() {
    // By Fibonacci's numbers, each symbol is one bit longer than the next.
    let mut counts = vec![1_u32, 1];
    while counts.len() < 24 {
        counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
    }
    let plain: Vec<u8> = (0..24_u8).flat_map(|byte| vec![byte; counts[usize::from(byte)] as usize]).collect();
    assert!(read(&plain, &[Command::end(plain.len())]) == plain);
    round(&plain);
}

#[test]
fn all_lengths_and_distances_are_read_as_they_are_written() {
    let (reach, ..) = WINDOWS[2];
    let edges =
        |bits: u32| (0..=bits).flat_map(|bit| [1_usize << bit, 3 << bit]).flat_map(|edge| edge..edge + 12);
    let mut lengths: Vec<usize> = edges(13).chain([22_593, 22_594, 22_595, 70_000]).collect();
    // The tables' own numbers are near powers of two, below and above.
    lengths.extend(edges(13).map(|length| length.saturating_sub(12)));
    lengths.sort_unstable();
    lengths.dedup();
    let start = Random(4).bytes(reach);
    let mut cases: Vec<(usize, usize, usize)> = lengths.iter().map(|&length| (length, 5, 100)).collect();
    cases.extend(lengths.iter().filter(|&&length| length >= 2).map(|&length| (2, length, 7)));
    // Such that both lengths are large, and one of the last distances comes again.
    cases.extend(
        lengths.iter().filter(|&&length| length >= 2).map(|&length| (length, length, 7 + length % 5)),
    );
    cases.extend(edges(17).filter(|&distance| distance <= reach).map(|distance| (1, 3, distance)));
    cases.extend([(0, 2, reach - 1), (0, 2, reach), (0, 2, 4), (0, 2, 11), (0, 2, 15), (0, 2, 16)]);

    for cases in cases.chunks(40) {
        let mut plain = start.clone();
        let mut commands = Vec::new();
        let mut recent = Recent::new();
        let mut literals = plain.len();
        for (index, &(insert, length, distance)) in cases.iter().enumerate() {
            plain.extend((0..insert).map(|at| (at * 7 + index).to_le_bytes()[0]));
            commands.push(Command::copy(literals + insert, length, recent.code(distance)));
            (0..length).for_each(|_| plain.push(plain[plain.len() - distance]));
            literals = 0;
        }
        assert!(read(&plain, &commands) == plain, "{cases:?}");
    }
}

#[test]
fn the_last_distances_are_known() {
    let mut recent = Recent::new();
    let mut symbol = |distance| recent.code(distance).symbol;
    // 4, 11, 15, 16 are there first; any but the last pushes one out.
    assert_eq!([4, 11, 15, 16].map(&mut symbol), [0, 1, 3, 20]);
    // Now 16, 15, 11, 4.
    assert_eq!([16, 16, 4, 100, 4].map(&mut symbol), [0, 0, 3, 25, 1]);
    // Now 4, 100, 4, 16.
    assert_eq!([16, 15].map(&mut symbol), [3, 20]);
}

#[test]
fn inputs_of_many_structures_come_back() {
    for seed in 1..=400 {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ seed);
        let size = 1 << random.below(16);
        let mut plain = Vec::new();
        while plain.len() < size {
            let longest = 1 << random.below(12);
            let length = 1 + random.below(longest);
            match random.below(5) {
                0 => plain.extend(random.bytes(length)),
                1 => plain.extend(vec![random.byte(256); length]),
                2 => plain.extend((0..length).map(|_| b'a' + random.byte(4))),
                3 => plain.extend((0..length as u64).flat_map(|at| (at * seed).to_le_bytes())),
                _ if plain.is_empty() => {}
                _ => {
                    let distance = 1 + random.below(plain.len());
                    (0..length).for_each(|_| plain.push(plain[plain.len() - distance]));
                }
            }
        }
        round(&plain);
    }
}

#[test]
fn it_is_the_same_each_time() {
    let plain = Random(5).bytes(1000).repeat(3);
    assert_eq!(compress(&plain), compress(&plain));
}

#[test]
fn texts_are_no_larger_than_gzip_makes_them() {
    let texts: [&[u8]; 3] = [
        include_bytes!("../../../docs/output.md"),
        include_bytes!("../../../Cargo.lock"),
        include_bytes!("parse.rs"),
    ];
    for text in texts {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        let gzip = gzip.finish().unwrap().len();
        let brotli = round(text).len();
        assert!(brotli * 100 <= gzip * 105, "{brotli} bytes, and gzip's are {gzip}");
    }
}
