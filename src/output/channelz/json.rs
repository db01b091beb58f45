//! A snapshot as JSON: times in RFC 3339, bytes in base64, counters as numbers, and nothing for what is not known.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::Shown;
use super::cells::{same_channel, same_server, same_socket};
use super::detail::kind;
use crate::channelz::{
    Additional, Calls, Channel, Event, Holder, Security, Server, Snapshot, Socket, SocketOption, Trace,
};

/// All of it.
#[derive(Serialize)]
pub(super) struct Document<'s> {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<ChannelView<'s>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<Vec<ServerView<'s>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sockets: Option<Vec<SocketView<'s>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallsView {
    calls_started: i64,
    calls_succeeded: i64,
    calls_failed: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_call_started: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelView<'s> {
    id: i64,
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'s str,
    state: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'s str,
    #[serde(flatten)]
    calls: CallsView,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceView<'s>>,
    channels: &'s [i64],
    subchannels: &'s [i64],
    sockets: &'s [i64],
}

#[derive(Serialize)]
struct ServerView<'s> {
    id: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'s str,
    listening: Vec<Value>,
    #[serde(flatten)]
    calls: CallsView,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceView<'s>>,
}

#[derive(Serialize)]
struct TraceView<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    logged: i64,
    events: Vec<EventView<'s>>,
}

#[derive(Serialize)]
struct EventView<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    severity: &'static str,
    text: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SocketView<'s> {
    id: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'s str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remote_name: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Value>,
    streams_started: i64,
    streams_succeeded: i64,
    streams_failed: i64,
    messages_sent: i64,
    messages_received: i64,
    keep_alives_sent: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_local_stream_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_remote_stream_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_sent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_received: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_flow_control_window: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_flow_control_window: Option<i64>,
    options: Vec<OptionView<'s>>,
}

#[derive(Serialize)]
struct OptionView<'s> {
    name: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    value: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional: Option<Value>,
}

/// The document of a snapshot.
pub(super) fn document<'s>(
    snapshot: &'s Snapshot,
    before: Option<&Snapshot>,
    shown: Shown<'_>,
) -> Document<'s> {
    // Where things are asked for by their numbers, a list is there if there is something in it.
    let is_shown = |asked: bool, empty: bool| if shown.at_length() { !empty } else { asked };
    let channels = || snapshot.channels.iter().map(|one| channel(one, same_channel(one, before))).collect();
    let servers =
        || snapshot.servers.iter().map(|one| server(one, same_server(one, before), snapshot)).collect();
    let asked = |socket: &&Socket| !shown.at_length() || socket.holder.is_none();
    let sockets: Vec<SocketView<'_>> =
        snapshot.sockets.iter().filter(asked).map(|one| socket(one, same_socket(one, before))).collect();
    Document {
        at: time(snapshot.taken),
        channels: is_shown(shown.wanted.channels, snapshot.channels.is_empty()).then(channels),
        servers: is_shown(shown.wanted.servers, snapshot.servers.is_empty()).then(servers),
        sockets: is_shown(shown.wanted.sockets, sockets.is_empty()).then_some(sockets),
    }
}

/// A moment; none is beyond what RFC 3339 can write.
fn time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at.max(SystemTime::UNIX_EPOCH)).to_string()
}

fn calls(calls: &Calls) -> CallsView {
    CallsView {
        calls_started: calls.started,
        calls_succeeded: calls.succeeded,
        calls_failed: calls.failed,
        last_call_started: calls.last.map(time),
    }
}

/// How far the counters went since the snapshot before.
fn calls_since(calls: &Calls, before: &Calls) -> Value {
    json!({
        "callsStarted": calls.started.saturating_sub(before.started),
        "callsSucceeded": calls.succeeded.saturating_sub(before.succeeded),
        "callsFailed": calls.failed.saturating_sub(before.failed),
    })
}

fn channel<'s>(channel: &'s Channel, before: Option<&Channel>) -> ChannelView<'s> {
    ChannelView {
        id: channel.id,
        kind: kind(channel.kind),
        name: &channel.name,
        state: channel.state,
        target: &channel.target,
        calls: calls(&channel.calls),
        since: before.map(|before| calls_since(&channel.calls, &before.calls)),
        trace: channel.trace.as_ref().map(trace),
        channels: &channel.channels,
        subchannels: &channel.subchannels,
        sockets: &channel.sockets,
    }
}

fn server<'s>(server: &'s Server, before: Option<&Server>, snapshot: &Snapshot) -> ServerView<'s> {
    let listening = server.listening.iter().map(|id| {
        let socket = snapshot.sockets.iter().find(|socket| socket.id == *id);
        match socket.and_then(|socket| socket.local.as_deref()) {
            Some(local) => json!({ "socket": id, "local": local }),
            None => json!({ "socket": id }),
        }
    });
    ServerView {
        id: server.id,
        name: &server.name,
        listening: listening.collect(),
        calls: calls(&server.calls),
        since: before.map(|before| calls_since(&server.calls, &before.calls)),
        trace: server.trace.as_ref().map(trace),
    }
}

fn trace(trace: &Trace) -> TraceView<'_> {
    TraceView {
        created: trace.created.map(time),
        logged: trace.logged,
        events: trace.events.iter().map(event).collect(),
    }
}

fn event(event: &Event) -> EventView<'_> {
    EventView {
        at: event.at.map(time),
        severity: event.severity,
        text: &event.text,
        about: event.about.map(|(about, id)| json!({ (kind(about)): id })),
    }
}

fn socket<'s>(socket: &'s Socket, before: Option<&Socket>) -> SocketView<'s> {
    SocketView {
        id: socket.id,
        name: &socket.name,
        of: socket.holder.map(|holder| match holder {
            Holder::Listener(id) => json!({ "server": id, "listening": true }),
            Holder::Server(id) => json!({ "server": id }),
            Holder::Channel(of, id) => json!({ (kind(of)): id }),
        }),
        local: socket.local.as_deref(),
        remote: socket.remote.as_deref(),
        remote_name: &socket.remote_name,
        security: socket.security.as_ref().map(security),
        streams_started: socket.streams_started,
        streams_succeeded: socket.streams_succeeded,
        streams_failed: socket.streams_failed,
        messages_sent: socket.messages_sent,
        messages_received: socket.messages_received,
        keep_alives_sent: socket.keep_alives_sent,
        since: before.map(|before| socket_since(socket, before)),
        last_local_stream_created: socket.last_local_stream.map(time),
        last_remote_stream_created: socket.last_remote_stream.map(time),
        last_message_sent: socket.last_sent.map(time),
        last_message_received: socket.last_received.map(time),
        local_flow_control_window: socket.local_window,
        remote_flow_control_window: socket.remote_window,
        options: socket.options.iter().map(option).collect(),
    }
}

fn socket_since(socket: &Socket, before: &Socket) -> Value {
    let since = |of: fn(&Socket) -> i64| of(socket).saturating_sub(of(before));
    json!({
        "streamsStarted": since(|socket| socket.streams_started),
        "streamsSucceeded": since(|socket| socket.streams_succeeded),
        "streamsFailed": since(|socket| socket.streams_failed),
        "messagesSent": since(|socket| socket.messages_sent),
        "messagesReceived": since(|socket| socket.messages_received),
        "keepAlivesSent": since(|socket| socket.keep_alives_sent),
    })
}

fn security(security: &Security) -> Value {
    let certificate = |bytes: &[u8]| (!bytes.is_empty()).then(|| STANDARD.encode(bytes));
    match security {
        Security::Tls { cipher, local, remote } => json!({ "tls": {
            "cipher": cipher,
            "localCertificate": certificate(local),
            "remoteCertificate": certificate(remote),
        } }),
        Security::Other { name, value } => {
            json!({ "other": { "name": name, "value": value.as_ref().map(additional) } })
        }
    }
}

fn option(option: &SocketOption) -> OptionView<'_> {
    OptionView {
        name: &option.name,
        value: &option.value,
        additional: option.additional.as_ref().map(additional),
    }
}

fn additional(additional: &Additional) -> Value {
    let seconds = |duration: &Duration| format!("{}s", duration.as_secs_f64());
    match additional {
        Additional::Timeout(duration) => json!({ "duration": seconds(duration) }),
        Additional::Linger(active, duration) => json!({ "active": active, "duration": seconds(duration) }),
        Additional::TcpInfo(info) => serde_json::to_value(info).unwrap_or_default(),
        Additional::Other { type_url, value } => {
            json!({ "@type": type_url, "value": STANDARD.encode(value) })
        }
    }
}
