//! Clap groups shared by verbs; they validate and open nothing.
