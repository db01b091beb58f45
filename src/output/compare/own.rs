//! Which metadata is a server's own: not HTTP's, not the protocol's, and not of what stands in between.

/// Headers that say something of the connection, the message on it, or the way it took, and so may differ between two
/// protocols though the server says the same. docs/protocols.md has them all.
const OTHERS: [&str; 36] = [
    "accept",
    "accept-encoding",
    "accept-post",
    "accept-ranges",
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "host",
    "keep-alive",
    "last-modified",
    "location",
    "pragma",
    "proxy-authenticate",
    "proxy-connection",
    "retry-after",
    "server",
    "server-timing",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "www-authenticate",
    "x-content-type-options",
    "x-envoy-upstream-service-time",
];

/// What begins like this belongs to gRPC, to Connect, to CORS.
const PREFIXES: [&str; 3] = ["grpc-", "connect-", "access-control-"];

/// Whether a name is one that a server uses for itself.
pub(super) fn is_own(name: &str) -> bool {
    !OTHERS.contains(&name) && !PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_does_not_own_what_carries_its_answer() {
        for name in ["date", "content-type", "grpc-status", "grpc-encoding", "connect-content-encoding"] {
            assert!(!is_own(name), "{name}");
        }
        for name in ["x-request-id", "trace-bin", "dated", "grpc", "set-cookie"] {
            assert!(is_own(name), "{name}");
        }
    }

    #[test]
    fn the_manual_has_the_list() {
        let manual = std::fs::read_to_string("docs/protocols.md").unwrap();
        for name in OTHERS {
            assert!(manual.contains(&format!("`{name}`")), "docs/protocols.md does not name {name}");
        }
        for prefix in PREFIXES {
            assert!(manual.contains(&format!("`{prefix}*`")), "docs/protocols.md does not name {prefix}*");
        }
    }
}
