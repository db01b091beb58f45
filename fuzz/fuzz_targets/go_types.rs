//! Go types as people copy them, and JSON read as one of them: the text before the first NUL is the type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpcctl::netrpc::gotype;
use rpcctl::netrpc::infer::Arguments;

fuzz_target!(|input: &str| {
    let (types, json) = input.split_once('\0').unwrap_or((input, "{}"));
    let _ = Arguments::inferred().read(json);
    for parsed in [gotype::parse(types), gotype::parse_file(types, None, "Service.Method")] {
        let Ok(parsed) = parsed else { continue };
        let shown = parsed.to_string();
        assert!(gotype::parse(&shown).is_ok(), "{shown}");
        let _ = Arguments::of(parsed).read(json);
    }
});
