//! The one integration binary: the real program against servers on ports that the system picks.
//!
//! `layers` reads the source instead and keeps the rooms apart.

// What is denied here is for the program: a test has no better answer to a surprise than to fail with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod bad_input;
mod bench;
mod bench_engines;
mod bench_figures;
mod bench_honest;
mod bench_ping_pong;
mod bench_report;
mod bench_tls;
mod bytes;
mod bytes_in_rows;
mod bytes_raw;
mod call;
mod certificates;
mod channelz;
mod color;
mod committed;
mod common;
mod compare;
mod complete;
mod completions;
mod config;
mod connect;
mod credentials;
mod demo_dialects;
mod describe;
mod descriptors;
mod diff;
mod doctor;
mod doctor_limits;
mod editions;
mod examples;
mod exchange;
mod export;
mod health;
mod hints;
mod hostile;
mod input;
mod items;
mod json_names;
mod layers;
mod list;
mod man;
mod many;
mod muscle_memory;
mod netrpc;
mod prompt;
mod protocols;
mod protos;
mod reflection;
mod repair;
mod retry;
mod route;
mod rows;
mod secrets;
mod serve_demo;
mod session;
mod shapes;
mod silence;
mod status;
mod stream;
mod usage;
mod verbose;
