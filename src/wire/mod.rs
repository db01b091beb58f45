//! RPC over HTTP: the envelope, gRPC, metadata, status.
