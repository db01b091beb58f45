//! What types exist and where that is known from.
