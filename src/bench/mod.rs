//! Load: calls in numbers, how they ended, and how long they took.
//!
//! ```text
//! Load ──pace──▶ when each call is due      pure functions of time       pace/
//!      ─supply─▶ what each call sends       encoded ahead where it can   supply.rs
//!      ─engine─▶ Tally, Tally, …            one a thread and second      engine/, calls/
//!      ──run───▶ Run                        all of them, added up        run.rs
//!      ─report─▶ Report                     the figures that are told    report/, compare/
//! ```
//!
//! A call is *due* at a moment that the load alone decides, and *sent* when there was room for it. A closed loop knows no
//! difference: it makes a call when another is over, so that a server that stalls is asked less while it does. An open
//! loop keeps both latencies, from when a call was due and from when it was sent.

mod book;
pub mod calls;
mod clock;
pub mod compare;
pub mod condition;
mod control;
pub mod engine;
pub mod gather;
pub mod load;
pub mod pace;
mod part;
pub mod progress;
pub mod record;
pub mod report;
pub mod run;
pub mod running;
pub mod search;
pub mod supply;
mod system;
pub mod units;
mod waits;

pub use system::{Machine, machine};
