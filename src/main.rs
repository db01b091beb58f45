//! The program: parse, run, report, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rpcctl::commands::main(std::env::args_os()))
}
