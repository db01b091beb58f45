//! What is compressed comes back, and what is read as compressed never becomes more than the limit.
//!
//! The first byte chooses one of the four ways, from `a` on. The rest is bytes to compress, and compressed bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpcctl::compression::{Compression, Damage};

/// What others may make of few bytes.
const LIMIT: usize = 1 << 16;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, rest)) = input.split_first() else { return };
    let all = Compression::ALL;
    let how = all[usize::from(choice.wrapping_sub(b'a')) % all.len()];
    comes_back(how, rest);
    match how.decompress(rest, LIMIT) {
        Ok(plain) => {
            assert!(plain.len() <= LIMIT);
            comes_back(how, &plain);
            if let Some(less) = plain.len().checked_sub(1) {
                assert_eq!(how.decompress(rest, less), Err(Damage::TooLarge));
            }
        }
        Err(Damage::TooLarge | Damage::Broken(_)) => {}
    }
});

fn comes_back(how: Compression, plain: &[u8]) {
    let compressed = how.compress(plain).expect("memory is written to");
    // Each has a way to write bytes as they are.
    assert!(compressed.len() <= plain.len() + plain.len() / 64 + 64, "{how}: {} bytes", compressed.len());
    assert_eq!(how.decompress(&compressed, plain.len()).as_deref(), Ok(plain), "{how}");
}
