//! Values as cells of a table: how long ago, how many and how many more, whose.

use std::time::SystemTime;

use crate::channelz::{Channel, Holder, Kind, Security, Server, Snapshot, Socket};

/// What stands where nothing is known.
pub(super) const NOTHING: &str = "-";

/// How long before `now` it was, in its largest unit. Clocks of two machines differ: what has not been yet is now.
pub(super) fn ago(at: Option<SystemTime>, now: SystemTime) -> String {
    let Some(at) = at else { return NOTHING.to_owned() };
    let seconds = now.duration_since(at).unwrap_or_default().as_secs();
    match seconds {
        0 => "now".to_owned(),
        1..=99 => format!("{seconds}s ago"),
        100..=5_999 => format!("{}m ago", seconds / 60),
        6_000..=172_799 => format!("{}h ago", seconds / 3600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

/// A counter, and how far it went since.
pub(super) fn count(number: i64, before: Option<i64>) -> String {
    match before.map(|before| number.saturating_sub(before)) {
        None | Some(0) => number.to_string(),
        Some(more) => format!("{number} {more:+}"),
    }
}

/// What a thing is called beside its number.
pub(super) fn or_nothing(text: &str) -> &str {
    if text.is_empty() { NOTHING } else { text }
}

/// `channel 1`.
pub(super) fn reference((kind, id): (Kind, i64)) -> String {
    match kind {
        Kind::Channel => format!("channel {id}"),
        Kind::Subchannel => format!("subchannel {id}"),
    }
}

/// Whose a socket is.
pub(super) fn holder(holder: Option<Holder>) -> String {
    match holder {
        None => NOTHING.to_owned(),
        Some(Holder::Listener(id)) => format!("server {id}, listening"),
        Some(Holder::Server(id)) => format!("server {id}"),
        Some(Holder::Channel(kind, id)) => reference((kind, id)),
    }
}

/// How a socket is secured.
pub(super) fn security(security: Option<&Security>) -> String {
    match security {
        None => NOTHING.to_owned(),
        Some(Security::Tls { cipher, .. }) if cipher.is_empty() => "TLS".to_owned(),
        Some(Security::Tls { cipher, .. }) => cipher.clone(),
        Some(Security::Other { name, .. }) => or_nothing(name).to_owned(),
    }
}

/// The addresses that a server listens on, as far as its sockets are known.
pub(super) fn listening(server: &Server, snapshot: &Snapshot) -> Vec<String> {
    let socket = |id: &i64| snapshot.sockets.iter().find(|socket| socket.id == *id);
    server.listening.iter().filter_map(socket).map(|socket| name(socket).to_owned()).collect()
}

/// What a socket is known by: its address, or else its name.
fn name(socket: &Socket) -> &str {
    socket.local.as_deref().unwrap_or(or_nothing(&socket.name))
}

/// The same channel in another snapshot.
pub(super) fn same_channel<'s>(channel: &Channel, other: Option<&'s Snapshot>) -> Option<&'s Channel> {
    let same = |known: &&Channel| (known.kind, known.id) == (channel.kind, channel.id);
    other?.channels.iter().find(same)
}

/// The same server in another snapshot.
pub(super) fn same_server<'s>(server: &Server, other: Option<&'s Snapshot>) -> Option<&'s Server> {
    other?.servers.iter().find(|known| known.id == server.id)
}

/// The same socket in another snapshot.
pub(super) fn same_socket<'s>(socket: &Socket, other: Option<&'s Snapshot>) -> Option<&'s Socket> {
    other?.sockets.iter().find(|known| known.id == socket.id)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_told_in_their_largest_unit() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30);
        for (seconds, told) in [
            (0, "now"),
            (1, "1s ago"),
            (99, "99s ago"),
            (100, "1m ago"),
            (5_999, "99m ago"),
            (6_000, "1h ago"),
            (172_799, "47h ago"),
            (172_800, "2d ago"),
        ] {
            assert_eq!(ago(Some(now - Duration::from_secs(seconds)), now), told);
        }
        assert_eq!(ago(Some(now + Duration::from_secs(60)), now), "now");
        assert_eq!(ago(None, now), "-");
    }

    #[test]
    fn a_counter_says_how_far_it_went() {
        assert_eq!(count(5, None), "5");
        assert_eq!(count(5, Some(5)), "5");
        assert_eq!(count(12, Some(5)), "12 +7");
        // A server that was started anew.
        assert_eq!(count(1, Some(5)), "1 -4");
        assert_eq!(count(i64::MAX, Some(-1)), "9223372036854775807 +9223372036854775807");
    }
}
