//! What can go wrong, as kinds with exit codes, cause chains and hints.
