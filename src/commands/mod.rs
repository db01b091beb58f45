//! One file a verb: its arguments, its plan, its run.
