//! From channelz's messages to values. A server may say anything: what makes no sense is left out, and nothing fails.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use prost::Message;
use prost_types::{Any, Timestamp};

use super::proto::channel_connectivity_state::State;
use super::proto::channel_trace_event::{ChildRef, Severity};
use super::proto::{self, address, security};
use super::values::{
    Additional, Calls, Channel, Event, Holder, Kind, Security, Server, Socket, SocketOption, Trace,
};

/// The seconds of the last moment that RFC 3339 can write.
const LAST_SECOND: u64 = 253_402_300_799;

pub(super) fn channel(channel: proto::Channel) -> Channel {
    let id = channel.r#ref.unwrap_or_default();
    let refs = (channel.channel_ref, channel.subchannel_ref, channel.socket_ref);
    below((Kind::Channel, id.channel_id, id.name), channel.data.unwrap_or_default(), refs)
}

pub(super) fn subchannel(subchannel: proto::Subchannel) -> Channel {
    let id = subchannel.r#ref.unwrap_or_default();
    let refs = (subchannel.channel_ref, subchannel.subchannel_ref, subchannel.socket_ref);
    below((Kind::Subchannel, id.subchannel_id, id.name), subchannel.data.unwrap_or_default(), refs)
}

fn below(
    (kind, id, name): (Kind, i64, String),
    data: proto::ChannelData,
    (channels, subchannels, sockets): (
        Vec<proto::ChannelRef>,
        Vec<proto::SubchannelRef>,
        Vec<proto::SocketRef>,
    ),
) -> Channel {
    let calls = (data.calls_started, data.calls_succeeded, data.calls_failed);
    let state = data.state.map_or(State::Unknown, |state| state.state());
    Channel {
        id,
        name,
        kind,
        state: state.as_str_name(),
        target: data.target,
        calls: self::calls(calls, data.last_call_started_timestamp),
        trace: data.trace.map(trace),
        channels: channels.iter().map(|child| child.channel_id).collect(),
        subchannels: subchannels.iter().map(|child| child.subchannel_id).collect(),
        sockets: sockets.iter().map(|socket| socket.socket_id).collect(),
    }
}

pub(super) fn server(server: proto::Server) -> Server {
    let (id, data) = (server.r#ref.unwrap_or_default(), server.data.unwrap_or_default());
    Server {
        id: id.server_id,
        name: id.name,
        calls: calls(
            (data.calls_started, data.calls_succeeded, data.calls_failed),
            data.last_call_started_timestamp,
        ),
        trace: data.trace.map(trace),
        listening: server.listen_socket.iter().map(|socket| socket.socket_id).collect(),
    }
}

pub(super) fn socket(socket: proto::Socket, holder: Option<Holder>) -> Socket {
    let (id, data) = (socket.r#ref.unwrap_or_default(), socket.data.unwrap_or_default());
    Socket {
        id: id.socket_id,
        name: id.name,
        holder,
        local: socket.local.and_then(address),
        remote: socket.remote.and_then(address),
        remote_name: socket.remote_name,
        security: socket.security.and_then(security),
        streams_started: data.streams_started,
        streams_succeeded: data.streams_succeeded,
        streams_failed: data.streams_failed,
        messages_sent: data.messages_sent,
        messages_received: data.messages_received,
        keep_alives_sent: data.keep_alives_sent,
        last_local_stream: data.last_local_stream_created_timestamp.and_then(moment),
        last_remote_stream: data.last_remote_stream_created_timestamp.and_then(moment),
        last_sent: data.last_message_sent_timestamp.and_then(moment),
        last_received: data.last_message_received_timestamp.and_then(moment),
        local_window: data.local_flow_control_window,
        remote_window: data.remote_flow_control_window,
        options: data.option.into_iter().map(option).collect(),
    }
}

fn calls((started, succeeded, failed): (i64, i64, i64), last: Option<Timestamp>) -> Calls {
    Calls { started, succeeded, failed, last: last.and_then(moment) }
}

fn trace(trace: proto::ChannelTrace) -> Trace {
    Trace {
        created: trace.creation_timestamp.and_then(moment),
        logged: trace.num_events_logged,
        events: trace.events.into_iter().map(event).collect(),
    }
}

fn event(event: proto::ChannelTraceEvent) -> Event {
    let severity = match event.severity() {
        Severity::CtUnknown => "UNKNOWN",
        Severity::CtInfo => "INFO",
        Severity::CtWarning => "WARNING",
        Severity::CtError => "ERROR",
    };
    let about = event.child_ref.map(|child| match child {
        ChildRef::ChannelRef(child) => (Kind::Channel, child.channel_id),
        ChildRef::SubchannelRef(child) => (Kind::Subchannel, child.subchannel_id),
    });
    Event { at: event.timestamp.and_then(moment), severity, text: event.description, about }
}

/// A moment that can be written. 1970 and what was before it is how "never" is sent: no gRPC is so old.
fn moment(timestamp: Timestamp) -> Option<SystemTime> {
    let seconds = u64::try_from(timestamp.seconds).ok().filter(|seconds| *seconds <= LAST_SECOND)?;
    let nanos = u32::try_from(timestamp.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    let since = Duration::new(seconds, nanos);
    if since.is_zero() { None } else { SystemTime::UNIX_EPOCH.checked_add(since) }
}

/// A span of time; one that is negative makes no sense here.
fn span(duration: Option<prost_types::Duration>) -> Duration {
    duration.and_then(|duration| Duration::try_from(duration).ok()).unwrap_or_default()
}

/// An address as one writes it.
fn address(address: proto::Address) -> Option<String> {
    Some(match address.address? {
        address::Address::TcpipAddress(tcp) => {
            let port = u16::try_from(tcp.port).ok();
            match (ip(&tcp.ip_address), port) {
                (Some(IpAddr::V6(ip)), Some(port)) => format!("[{ip}]:{port}"),
                (Some(ip), Some(port)) => format!("{ip}:{port}"),
                (Some(ip), None) => ip.to_string(),
                (None, port) => {
                    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                    format!("0x{:x}{port}", tcp.ip_address)
                }
            }
        }
        address::Address::UdsAddress(unix) => format!("unix:{}", unix.filename),
        address::Address::OtherAddress(other) => match other.value {
            Some(value) if other.name.is_empty() => value.type_url,
            _ => other.name,
        },
    })
}

/// An IP address, which is four bytes or sixteen. IPv4 in IPv6's clothes is IPv4.
fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(four.into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(IpAddr::from(sixteen).to_canonical())
}

fn security(security: proto::Security) -> Option<Security> {
    Some(match security.model? {
        security::Model::Tls(tls) => Security::Tls {
            cipher: tls
                .cipher_suite
                .map(|suite| match suite {
                    security::tls::CipherSuite::StandardName(name)
                    | security::tls::CipherSuite::OtherName(name) => name,
                })
                .unwrap_or_default(),
            local: tls.local_certificate,
            remote: tls.remote_certificate,
        },
        security::Model::Other(other) => {
            Security::Other { name: other.name, value: other.value.map(additional) }
        }
    })
}

fn option(option: proto::SocketOption) -> SocketOption {
    SocketOption { name: option.name, value: option.value, additional: option.additional.map(additional) }
}

/// One of the three types that channelz has for this, or another.
fn additional(any: Any) -> Additional {
    let Any { type_url, value } = any;
    let name = type_url.rsplit('/').next().unwrap_or_default();
    let known = match name {
        "grpc.channelz.v1.SocketOptionTimeout" => proto::SocketOptionTimeout::decode(&*value)
            .ok()
            .map(|timeout| Additional::Timeout(span(timeout.duration))),
        "grpc.channelz.v1.SocketOptionLinger" => proto::SocketOptionLinger::decode(&*value)
            .ok()
            .map(|linger| Additional::Linger(linger.active, span(linger.duration))),
        "grpc.channelz.v1.SocketOptionTcpInfo" => {
            proto::SocketOptionTcpInfo::decode(&*value).ok().map(|info| Additional::TcpInfo(Box::new(info)))
        }
        _ => None,
    };
    known.unwrap_or_else(|| Additional::Other { type_url, value: value.into() })
}

#[cfg(test)]
mod tests {
    use prost_types::Any;

    use super::proto::address::{Address as Which, OtherAddress, TcpIpAddress, UdsAddress};
    use super::*;

    fn tcp(ip: &[u8], port: i32) -> Option<String> {
        let ip_address = ip.to_vec().into();
        address(proto::Address { address: Some(Which::TcpipAddress(TcpIpAddress { ip_address, port })) })
    }

    #[test]
    fn addresses_are_written_as_people_do() {
        assert_eq!(tcp(&[127, 0, 0, 1], 80).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(tcp(&[127, 0, 0, 1], -1).as_deref(), Some("127.0.0.1"));
        let mut v6 = [0; 16];
        v6[15] = 1;
        assert_eq!(tcp(&v6, 443).as_deref(), Some("[::1]:443"));
        assert_eq!(tcp(&v6, 70_000).as_deref(), Some("::1"));
        (v6[10], v6[11]) = (0xff, 0xff);
        assert_eq!(tcp(&v6, 443).as_deref(), Some("0.0.0.1:443"));
        assert_eq!(tcp(&[1, 2, 3], 9).as_deref(), Some("0x010203:9"));
        let unix = Which::UdsAddress(UdsAddress { filename: "/run/a.sock".to_owned() });
        assert_eq!(address(proto::Address { address: Some(unix) }).as_deref(), Some("unix:/run/a.sock"));
        let value = Some(Any { type_url: "t/p.A".to_owned(), value: Vec::new() });
        let other = |name: &str| OtherAddress { name: name.to_owned(), value: value.clone() };
        for (name, shown) in [("pipe", "pipe"), ("", "t/p.A")] {
            let other = proto::Address { address: Some(Which::OtherAddress(other(name))) };
            assert_eq!(address(other).as_deref(), Some(shown));
        }
        assert_eq!(address(proto::Address::default()), None);
    }

    #[test]
    fn a_moment_that_cannot_be_written_is_none() {
        let moment = |seconds, nanos| moment(Timestamp { seconds, nanos });
        assert_eq!(moment(1, 5), Some(SystemTime::UNIX_EPOCH + Duration::new(1, 5)));
        for (seconds, nanos) in
            [(0, 0), (-62_135_596_800, 0), (253_402_300_800, 0), (i64::MAX, 0), (1, -1), (1, i32::MAX)]
        {
            assert_eq!(moment(seconds, nanos), None, "{seconds} {nanos}");
        }
    }

    #[test]
    fn what_is_added_to_an_option_is_opened_where_its_type_is_known() {
        let any = |name: &str, value: Vec<u8>| {
            additional(Any { type_url: format!("type.googleapis.com/grpc.channelz.v1.{name}"), value })
        };
        let duration = Some(prost_types::Duration { seconds: 2, nanos: 500_000_000 });
        let linger = proto::SocketOptionLinger { active: true, duration }.encode_to_vec();
        assert_eq!(any("SocketOptionLinger", linger), Additional::Linger(true, Duration::from_millis(2500)));
        let negative = Some(prost_types::Duration { seconds: -2, nanos: 0 });
        let timeout = proto::SocketOptionTimeout { duration: negative }.encode_to_vec();
        assert_eq!(any("SocketOptionTimeout", timeout), Additional::Timeout(Duration::ZERO));
        let info = proto::SocketOptionTcpInfo { tcpi_rtt: 7, ..Default::default() };
        assert_eq!(any("SocketOptionTcpInfo", info.encode_to_vec()), Additional::TcpInfo(Box::new(info)));
        // What is broken is shown as it came.
        assert!(
            matches!(any("SocketOptionTcpInfo", vec![0xff]), Additional::Other { value, .. } if *value == [0xff])
        );
        assert!(matches!(any("Else", Vec::new()), Additional::Other { .. }));
    }

    #[test]
    fn what_says_nothing_is_shown_all_the_same() {
        assert_eq!(channel(proto::Channel::default()).state, "UNKNOWN");
        let odd = proto::ChannelData {
            state: Some(proto::ChannelConnectivityState { state: 77 }),
            ..Default::default()
        };
        let odd = subchannel(proto::Subchannel { data: Some(odd), ..Default::default() });
        assert_eq!((odd.state, odd.kind), ("UNKNOWN", Kind::Subchannel));
        assert_eq!(socket(proto::Socket::default(), None).local, None);
    }
}
