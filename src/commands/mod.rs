//! One file a verb: its arguments, its plan, its run.

pub mod serve_demo;
