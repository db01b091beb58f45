//! Values and a writer in, bytes out.
