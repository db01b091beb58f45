//! The demo server: greeters, the four call shapes, echo, reflection, health, TLS and interceptors.

mod proto;
