//! The page at /debug/rpc. What is read and written is read the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpcctl::netrpc::debug;

fuzz_target!(|page: &str| {
    if let Some(services) = debug::read(page) {
        let _ = debug::read(&debug::page(&services));
    }
});
