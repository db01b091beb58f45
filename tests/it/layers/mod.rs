//! The rooms of the house, and whom each may use: the table as data, and a test that holds `src/` to it.
//!
//! `lib.rs` draws the map. A path into a room that is not listed here fails the test with its file and line; so does
//! a dependency, the environment, or a printing macro named in a room that should not know of it.

mod source;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may use; `"*"` is all of them. A room that is not listed may use nothing.
const ROOMS: &[(&str, &[&str])] = &[
    // A leaf: all who take whole files agree that none may be endless.
    ("bounded", &[]),
    // A leaf: all who print what servers say agree on what a terminal acts on, and all who read base64 on what that is.
    ("chars", &[]),
    // A leaf: messages come compressed in calls and in files alike.
    ("compression", &[]),
    // What stands before a message is the same for who sends it and who takes it; both leaves would go along.
    ("envelope", &["compression"]),
    // A leaf: bytes of HTTP/2, for who has to see or say what the HTTP library does not.
    ("http2", &[]),
    // A leaf: who asks and who answers agree on what content types say.
    ("media", &[]),
    // A leaf: all who show metadata or settings agree on what is nobody else's business.
    ("secrets", &[]),
    ("main", &["commands", "failure"]),
    ("commands", &["*"]),
    // Flags become the plans of the rooms that carry them out, and each plan lives with its room: a plan that session
    // handed on would be the same types by longer names.
    (
        "args",
        &["bench", "compression", "message", "netrpc", "schema", "secrets", "session", "transport", "wire"],
    ),
    // Load is calls: those of the session's own kind, and those of an engine that sees frames, whose messages are made ahead.
    (
        "bench",
        &[
            "chars",
            "compression",
            "envelope",
            "http2",
            "media",
            "message",
            "schema",
            "secrets",
            "session",
            "transport",
        ],
    ),
    // It asks by calls like any other.
    ("channelz", &["session"]),
    // What completion keeps of a server is made of its schema, or of the page of Go's net/rpc.
    ("completion", &["netrpc", "schema"]),
    // Settings, each with its place; making flags of them is for who knows the command line.
    ("config", &["bounded", "secrets"]),
    // The core's error types.
    ("failure", &["message", "netrpc", "schema", "session", "transport", "wire"]),
    // Go values and their JSON are to net/rpc what message is to gRPC; events and statuses come from session alone.
    (
        "output",
        &["bench", "channelz", "failure", "message", "netrpc", "schema", "session", "chars", "secrets"],
    ),
    ("session", &["message", "netrpc", "schema", "transport", "wire"]),
    ("message", &["chars", "compression", "schema"]),
    ("schema", &["bounded", "chars"]),
    // Base64 is read by one rule, and chars has it: a leaf, which would go along, as compression and envelope would. What
    // is a credential is sent so that no table keeps it.
    ("wire", &["chars", "compression", "envelope", "media", "secrets", "transport"]),
    ("netrpc", &["chars", "transport"]),
    // They would go along where transport became a crate: they know nothing but files, frames, and texts that are not
    // shown.
    ("transport", &["bounded", "http2", "secrets"]),
    // tonic brings its own transport, but listeners need TLS that only transport may make. tonic speaks gRPC in protobuf's
    // bytes alone: what is made of it in other dialects and in JSON needs the leaves they are made of, and message.
    ("demo", &["chars", "compression", "envelope", "media", "message", "netrpc", "schema", "transport"]),
];

/// Doors that stand open for single files only: file, room, why.
const DOORS: &[(&str, &str, &str)] = &[
    ("schema/reflection.rs", "wire", "reflection is a call like any other"),
    ("schema/reflection/error.rs", "transport", "a connection that cannot be made is passed on as it is"),
    ("schema/reflection/error.rs", "wire", "and so is the status that a call ended with"),
    (
        "schema/mod.rs",
        "wire",
        "a schema's plan and the client to ask with pass through it on their way to reflection",
    ),
];

/// Dependencies that only some rooms, or files, may name. Those not listed are free for all.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["demo"]),
    // In tests.
    ("buffa_descriptor", &["message"]),
    ("clap", &["commands", "args"]),
    ("clap_mangen", &["commands"]),
    ("hdrhistogram", &["bench", "output"]),
    ("jaq_core", &["output"]),
    ("jaq_json", &["output"]),
    ("jaq_std", &["output"]),
    ("h2", &["transport"]),
    ("http_body", &["transport", "wire", "demo"]),
    ("http_body_util", &["transport", "wire", "demo"]),
    ("hyper", &["transport"]),
    ("hyper_util", &["transport"]),
    ("mio", &["bench", "transport"]),
    ("protox", &["schema"]),
    // The one beyond makes certificates to test with.
    ("rcgen", &["demo", "transport/x509.rs"]),
    ("ring", &["config"]),
    ("rpassword", &["commands/password.rs"]),
    ("rustix", &["bench/system.rs", "commands/password.rs"]),
    ("rustls", &["transport"]),
    ("rustls_native_certs", &["transport"]),
    ("saphyr_parser", &["message"]),
    ("signal_hook", &["commands/password.rs", "commands/signal.rs"]),
    ("terminal_size", &["commands/surroundings.rs"]),
    ("tokio_rustls", &["transport"]),
    ("toml", &["config"]),
    ("tonic", &["demo"]),
    ("tonic_prost", &["demo"]),
    // Of tonic the schema takes reflection's messages and nothing else.
    ("tonic_reflection", &["demo", "schema/reflection/question.rs"]),
    ("tower_layer", &["demo"]),
    ("tower_service", &["demo"]),
    ("x509_cert", &["transport"]),
];

/// What the process is surrounded by is asked once and passed on as values.
const SURROUNDINGS: &[(&[&str], &[&str])] = &[
    (&["std", "env"], &["commands/surroundings.rs", "main.rs"]),
    (&["IsTerminal"], &["commands/surroundings.rs"]),
    (&["process", "exit"], &["main.rs"]),
    (&["process", "abort"], &[]),
];

/// Output goes through writers that are passed in.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

#[test]
fn every_room_uses_only_what_it_may() {
    let mut complaints = String::new();
    for (file, text) in sources() {
        for named in source::names(&module(&file), &text) {
            if let Some(complaint) = complaint(&file, &named) {
                writeln!(complaints, "src/{file}:{}: {complaint}", named.line).unwrap();
            }
        }
    }
    assert!(complaints.is_empty(), "against the table in tests/it/layers/mod.rs:\n{complaints}");
}

#[test]
fn the_table_lists_the_rooms_there_are() {
    let mut rooms: Vec<String> = sources().into_keys().map(|file| room(&file).to_owned()).collect();
    rooms.dedup();
    for room in rooms.iter().filter(|room| *room != "lib") {
        assert!(ROOMS.iter().any(|(name, _)| name == room), "src/{room} is not in the table");
    }
}

#[test]
fn a_door_that_nobody_uses_is_closed() {
    let sources = sources();
    for (file, other, _) in DOORS {
        let text = sources.get(*file).map(String::as_str).unwrap_or_default();
        let used = source::names(&module(file), text)
            .iter()
            .any(|named| named.path.first().is_some_and(|word| word == "crate") && named.path[1] == *other);
        assert!(used, "src/{file} does not use {other}");
    }
}

#[test]
fn each_kind_of_trespass_is_noticed() {
    let trespass = |file: &str, line: &str| {
        let named = source::names(&module(file), line);
        named.iter().find_map(|named| complaint(file, named)).unwrap_or_default()
    };
    assert_eq!(trespass("wire/grpc.rs", "use crate::schema::Schema;"), "wire may not use schema");
    assert_eq!(trespass("wire/grpc.rs", "use super::super::{output, transport};"), "wire may not use output");
    assert_eq!(trespass("wire/grpc.rs", "use super::status::Code;"), "");
    assert_eq!(trespass("schema/print/mod.rs", "use crate::wire::Code;"), "schema may not use wire");
    assert_eq!(trespass("schema/reflection.rs", "use crate::wire::Code;"), "");
    assert_eq!(trespass("wire/grpc.rs", "fn f(_: hyper::Error) {}"), "wire may not name hyper");
    assert_eq!(trespass("session/mod.rs", "use std::{env, io};"), "session/mod.rs may not name std::env");
    assert_eq!(
        trespass("commands/call.rs", "std::process::exit(1)"),
        "commands/call.rs may not name process::exit"
    );
    assert_eq!(trespass("output/mod.rs", "println!()"), "println! writes past the writers");
    assert_eq!(trespass("main.rs", "use rpcctl::wire;"), "main may not use wire");
}

/// What is wrong with naming this in that file.
fn complaint(file: &str, named: &source::Named) -> Option<String> {
    let room = room(file);
    let words: Vec<&str> = named.path.iter().map(String::as_str).collect();
    if named.is_macro {
        let name = words.last()?;
        return PRINTING.contains(name).then(|| format!("{name}! writes past the writers"));
    }
    if let ["crate" | "rpcctl", other, ..] = words.as_slice()
        && !may_use(file, other)
    {
        return Some(format!("{room} may not use {other}"));
    }
    if let Some((name, places)) = CRATES.iter().find(|(name, _)| words.first() == Some(name))
        && !places.iter().any(|place| *place == room || *place == file)
    {
        return Some(format!("{room} may not name {name}"));
    }
    let (name, _) = SURROUNDINGS.iter().find(|(name, files)| {
        words.windows(name.len()).any(|window| window == *name) && !files.contains(&file)
    })?;
    Some(format!("{file} may not name {}", name.join("::")))
}

fn may_use(file: &str, other: &str) -> bool {
    let room = room(file);
    let listed = ROOMS.iter().find(|(name, _)| *name == room);
    // What lib.rs names is the list of rooms itself.
    room == "lib"
        || room == other
        || listed.is_some_and(|(_, may)| may.contains(&"*") || may.contains(&other))
        || DOORS.iter().any(|(from, to, _)| *from == file && *to == other)
}

/// `wire` for `wire/grpc.rs`, `failure` for `failure.rs`.
fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The words of the module's path: none for `lib.rs`, `["schema", "print"]` for `schema/print/mod.rs`.
fn module(file: &str) -> Vec<&str> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').collect() }
}

/// Every file below `src/`, by its path from there.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(&root).unwrap().components();
                let words: Vec<_> = file.map(|word| word.as_os_str().to_string_lossy()).collect();
                files.insert(words.join("/"), fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
