//! The spine: plan, open, find, call.
