//! Bytes to a server: addresses, TCP, unix sockets, TLS, HTTP/2; knows no RPC.
