//! How a test runs the program and whom the program talks to.

mod demo;
mod output;
mod peer;
mod proxy;
pub(crate) mod reflecting;
mod run;
mod sources;

pub(crate) use demo::Demo;
pub(crate) use output::Output;
pub(crate) use peer::{GRPC, Peer, Step, envelope};
pub(crate) use proxy::Proxy;
#[cfg(unix)]
pub(crate) use run::rpcctl_with_files;
pub(crate) use run::{Rpcctl, path, program, rpcctl};
#[cfg(target_os = "linux")]
pub(crate) use run::{Running, on_a_terminal, rpcctl_on_a_terminal};
pub(crate) use sources::{from_every_source, over_every_source};
