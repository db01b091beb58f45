//! Compiles `proto/` with protox, so that building needs no protoc, into five things in `OUT_DIR`:
//!
//! * `demo.bin`, a `FileDescriptorSet` of everything the demo server serves, imports and comments included;
//! * `builtin.bin`, one of the types that are at hand without asking anyone: `google/protobuf` and `google/rpc`;
//! * `health.bin`, one of the health service, which `health` calls without asking what it is;
//! * `services.rs`, the Rust types and server traits of the demo's services;
//! * `grpc.channelz.v1.rs`, the Rust types of channelz.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use protox::Compiler;

/// Where the sources are, relative to the package.
const ROOT: &str = "proto";

/// What the demo server serves. The error details are among it so that a client can look them up by reflection.
const DEMO: [&str; 8] = [
    "hello/hello.proto",
    "helloworld/helloworld.proto",
    "demo/v1/demo.proto",
    "demo/v1/everything.proto",
    "demo/v1/options.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "grpc/health/v1/health.proto",
];

/// What needs no server and no file of the user's. protox brings `google/protobuf` along.
const BUILTIN: [&str; 15] = [
    "google/protobuf/any.proto",
    "google/protobuf/api.proto",
    "google/protobuf/compiler/plugin.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/source_context.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/type.proto",
    "google/protobuf/wrappers.proto",
    "google/rpc/code.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
];

/// What servers are asked about their connections with.
const CHANNELZ: [&str; 1] = ["grpc/channelz/v1/channelz.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ROOT}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);

    // Both sets are encoded by protox itself: prost's structs have no room for custom options and would lose them.
    let demo = compile(&DEMO, true)?;
    fs::write(out.join("demo.bin"), demo.encode_file_descriptor_set())?;
    let builtin = compile(&BUILTIN, false)?;
    fs::write(out.join("builtin.bin"), builtin.encode_file_descriptor_set())?;

    let health = compile(&["grpc/health/v1/health.proto"], false)?;
    fs::write(out.join("health.bin"), health.encode_file_descriptor_set())?;

    let mut prost = tonic_prost_build::Config::new();
    prost.enable_type_names();
    tonic_prost_build::configure()
        .build_client(false)
        .btree_map(".")
        .bytes(".")
        .include_file("services.rs")
        .compile_fds_with_config(demo.file_descriptor_set(), prost)?;
    let channelz = compile(&CHANNELZ, false)?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_server(false)
        .bytes(".")
        // Nothing else is shown member by member.
        .type_attribute(
            "grpc.channelz.v1.SocketOptionTcpInfo",
            "#[derive(serde::Serialize)] #[serde(rename_all = \"camelCase\")]",
        )
        .compile_fds_with_config(channelz.file_descriptor_set(), tonic_prost_build::Config::new())?;
    link_to_start_fast(&out)?;
    Ok(())
}

/// Spares a release build for this machine what the dynamic linker would do at every start, which is a quarter of what
/// a short call is made of.
fn link_to_start_fast(out: &Path) -> io::Result<()> {
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|found| found == value);
    let here = std::env::var("HOST").ok() == std::env::var("TARGET").ok();
    if !(here
        && is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu"))
    {
        return Ok(());
    }
    // At an address of its own the program needs none of its ten thousand pointers mended, nor copies of the pages that
    // they are on. Go links its programs like that, grpcurl among them.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if let Some(libgcc) = static_unwinder() {
        fs::write(out.join("libgcc_s.so"), format!("INPUT({libgcc})\n"))?;
        println!("cargo::rustc-link-arg-bins=-L{}", out.display());
    }
    Ok(())
}

/// The archive of the C compiler's unwinder, where the program would otherwise load it as a shared library. A release
/// build never unwinds.
fn static_unwinder() -> Option<String> {
    let output = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    // The compiler repeats the name when it has no such file.
    Path::new(&path).is_absolute().then_some(path)
}

/// Compiles these files and what they import.
fn compile(files: &[&str], source_info: bool) -> Result<Compiler, protox::Error> {
    let mut compiler = Compiler::new([ROOT])?;
    compiler.include_imports(true).include_source_info(source_info);
    for file in files {
        compiler.open_file(file)?;
    }
    Ok(compiler)
}
