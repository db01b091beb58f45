//! A port alone, as most servers take it, is answered with the words for it here.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The parser's complaint about `50052` or `--port 50052`, with what to write instead; any other as it is.
pub(in crate::commands) fn suggest_listen(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    if words.get(1).is_none_or(|verb| verb != "serve-demo") {
        return error;
    }
    let unknown = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(word))) => word.clone(),
        _ => return error,
    };
    let mut words = words.iter().filter_map(|word| word.to_str());
    let port = match unknown.as_str() {
        "--port" | "-p" => words
            .find_map(|word| word.strip_prefix(&unknown).map(|rest| rest.trim_matches('=')))
            .and_then(|attached| if attached.is_empty() { words.next() } else { Some(attached) }),
        word => Some(word),
    };
    if let Some(port) = port.and_then(|port| port.parse::<u16>().ok()) {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("listen on a port with '--listen :{port}'");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}
