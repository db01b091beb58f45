//! `channelz`: what a server tells of its channels, servers and sockets, page by page.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use insta::assert_snapshot;
use prost::Message;
use prost_types::{Any, Timestamp};
use rpcctl::channelz::proto::channel_connectivity_state::State;
use rpcctl::channelz::proto::channel_trace_event::{ChildRef, Severity};
use rpcctl::channelz::proto::{
    Address, Channel, ChannelConnectivityState, ChannelData, ChannelRef, ChannelTrace, ChannelTraceEvent,
    GetChannelRequest, GetChannelResponse, GetServerSocketsRequest, GetServerSocketsResponse,
    GetServersRequest, GetServersResponse, GetSocketRequest, GetSocketResponse, GetSubchannelRequest,
    GetSubchannelResponse, GetTopChannelsRequest, GetTopChannelsResponse, Security, Server, ServerData,
    ServerRef, Socket, SocketData, SocketOption, SocketOptionLinger, SocketOptionTcpInfo, SocketRef,
    Subchannel, SubchannelRef, address, security,
};

use crate::common::{GRPC, Output, Peer, Step, envelope, rpcctl};

/// A moment far enough that it is always as long ago: the clock of another machine may be ahead.
const LATER: Timestamp = Timestamp { seconds: 4_000_000_000, nanos: 250_000_000 };

#[allow(clippy::unnecessary_wraps, reason = "it is what the fields of messages hold")]
fn data(target: &str, state: State) -> Option<ChannelData> {
    Some(ChannelData {
        state: Some(ChannelConnectivityState { state: state.into() }),
        target: target.to_owned(),
        calls_started: 7,
        calls_succeeded: 4,
        calls_failed: 2,
        last_call_started_timestamp: Some(LATER),
        trace: Some(ChannelTrace {
            num_events_logged: 40,
            creation_timestamp: Some(LATER),
            events: vec![
                ChannelTraceEvent {
                    description: "Subchannel \u{1b}[2Jcreated".to_owned(),
                    severity: Severity::CtInfo.into(),
                    timestamp: Some(LATER),
                    child_ref: Some(ChildRef::SubchannelRef(subchannel_ref(2))),
                },
                ChannelTraceEvent {
                    description: "it broke".to_owned(),
                    severity: Severity::CtError.into(),
                    ..Default::default()
                },
            ],
        }),
    })
}

fn subchannel_ref(id: i64) -> SubchannelRef {
    SubchannelRef { subchannel_id: id, name: String::new() }
}

fn channel_ref(id: i64) -> ChannelRef {
    ChannelRef { channel_id: id, name: String::new() }
}

fn socket_ref(id: i64) -> SocketRef {
    SocketRef { socket_id: id, name: String::new() }
}

fn channel(id: i64) -> Channel {
    match id {
        1 => Channel {
            r#ref: Some(channel_ref(1)),
            data: data("dns:///books.example.com", State::Ready),
            subchannel_ref: vec![subchannel_ref(2), subchannel_ref(22)],
            ..Default::default()
        },
        _ => Channel {
            r#ref: Some(channel_ref(id)),
            data: data("xds:///a", State::Idle),
            // Nobody promises that a server keeps what it promises: this is below itself.
            channel_ref: vec![channel_ref(id)],
            ..Default::default()
        },
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it is what the fields of messages hold")]
fn tcp(ip: &[u8], port: i32) -> Option<Address> {
    let tcp = address::TcpIpAddress { ip_address: ip.to_vec().into(), port };
    Some(Address { address: Some(address::Address::TcpipAddress(tcp)) })
}

fn socket(id: i64) -> Socket {
    let linger = SocketOptionLinger { active: true, duration: None };
    let info = SocketOptionTcpInfo { tcpi_rtt: 250, tcpi_snd_cwnd: 10, ..Default::default() };
    let option = |name: &str, value: &str, additional: Option<(&str, Vec<u8>)>| SocketOption {
        name: name.to_owned(),
        value: value.to_owned(),
        additional: additional.map(|(name, value)| Any {
            type_url: format!("type.googleapis.com/grpc.channelz.v1.{name}"),
            value,
        }),
    };
    let tls = security::Tls {
        cipher_suite: Some(security::tls::CipherSuite::StandardName("TLS_AES_128_GCM_SHA256".to_owned())),
        remote_certificate: vec![1, 2, 3].into(),
        ..Default::default()
    };
    let unix = address::UdsAddress { filename: "/run/books.sock".to_owned() };
    Socket {
        r#ref: Some(socket_ref(id)),
        local: match id {
            5 => Some(Address { address: Some(address::Address::UdsAddress(unix)) }),
            _ => tcp(&[10, 0, 0, 1], 443),
        },
        remote: if id == 5 {
            None
        } else {
            tcp(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], 50_000)
        },
        security: (id == 6).then_some(Security { model: Some(security::Model::Tls(tls)) }),
        remote_name: String::new(),
        data: Some(SocketData {
            streams_started: 3,
            streams_succeeded: 2,
            messages_sent: 20,
            messages_received: 10,
            last_message_sent_timestamp: Some(LATER),
            remote_flow_control_window: Some(65_535),
            option: vec![
                option("SO_REUSEADDR", "true", None),
                option("SO_LINGER", "", Some(("SocketOptionLinger", linger.encode_to_vec()))),
                option("TCP_INFO", "", Some(("SocketOptionTcpInfo", info.encode_to_vec()))),
            ],
            ..Default::default()
        }),
    }
}

fn server(calls: i64) -> Server {
    Server {
        r#ref: Some(ServerRef { server_id: 4, name: "books".to_owned() }),
        data: Some(ServerData { calls_started: calls, calls_succeeded: calls - 1, ..Default::default() }),
        listen_socket: vec![socket_ref(5)],
    }
}

fn ok(message: &impl Message) -> Vec<Step> {
    vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, &message.encode_to_vec())),
        Step::Trailers(vec![("grpc-status", "0")]),
    ]
}

fn not_found() -> Vec<Step> {
    vec![Step::Only(200, vec![GRPC, ("grpc-status", "5"), ("grpc-message", "no such thing")])]
}

/// Answers as a server that gives one thing a page, and counts a call for each time it is asked for its servers.
fn answer(path: &str, body: &[u8], asked: &AtomicI64) -> Vec<Step> {
    fn read<M: Message + Default>(body: &[u8]) -> M {
        M::decode(&body[5..]).unwrap()
    }
    match path.rsplit('/').next().unwrap() {
        "GetTopChannels" => {
            let GetTopChannelsRequest { start_channel_id, .. } = read(body);
            let (id, end) = if start_channel_id <= 1 { (1, false) } else { (30, true) };
            ok(&GetTopChannelsResponse { channel: vec![channel(id)], end })
        }
        "GetServers" => {
            let GetServersRequest { start_server_id, .. } = read(body);
            let server = (start_server_id <= 4).then(|| server(asked.fetch_add(1, Ordering::Relaxed) + 1));
            // It says that this is no end, and it is one.
            ok(&GetServersResponse { server: server.into_iter().collect(), end: false })
        }
        "GetServerSockets" => {
            let GetServerSocketsRequest { start_socket_id, .. } = read(body);
            let (id, end) = if start_socket_id <= 6 { (6, false) } else { (8, true) };
            ok(&GetServerSocketsResponse { socket_ref: vec![socket_ref(id)], end })
        }
        "GetChannel" => match read(body) {
            GetChannelRequest { channel_id: id @ (1 | 30) } => {
                ok(&GetChannelResponse { channel: Some(channel(id)) })
            }
            _ => not_found(),
        },
        "GetSubchannel" => match read(body) {
            GetSubchannelRequest { subchannel_id: 2 } => {
                let subchannel = Subchannel {
                    r#ref: Some(subchannel_ref(2)),
                    data: data("", State::TransientFailure),
                    socket_ref: vec![socket_ref(3)],
                    ..Default::default()
                };
                ok(&GetSubchannelResponse { subchannel: Some(subchannel) })
            }
            // Gone since it was listed.
            _ => not_found(),
        },
        "GetSocket" => match read(body) {
            GetSocketRequest { socket_id: id @ (3 | 5 | 6), .. } => {
                ok(&GetSocketResponse { socket: Some(socket(id)) })
            }
            _ => not_found(),
        },
        other => panic!("{other}"),
    }
}

fn serving() -> Peer {
    let asked = Arc::new(AtomicI64::new(0));
    Peer::h2(move |path, body| answer(path, body, &asked))
}

fn channelz(words: &str) -> Output {
    let server = serving();
    rpcctl("channelz").arg(&server.address).args(words).run()
}

/// Answers every question with these steps.
fn saying(steps: Vec<Step>, words: &str) -> Output {
    let server = Peer::h2(move |_, _| steps.clone());
    rpcctl("channelz").arg(&server.address).args(words).run()
}

#[test]
fn all_there_is_stands_in_tables() {
    assert_snapshot!(channelz(""), @"
    CHANNEL         STATE              TARGET                    CALLS  OK  FAILED  LAST CALL
    1               READY              dns:///books.example.com  7      4   2       now
      subchannel 2  TRANSIENT_FAILURE  -                         7      4   2       now
    30              IDLE               xds:///a                  7      4   2       now

    SERVER  LISTENING ON          CALLS  OK  FAILED  LAST CALL
    4       unix:/run/books.sock  1      0   0       -

    SOCKET  OF                   LOCAL                 REMOTE           SECURITY                STREAMS  OK  FAILED  SENT  RECEIVED  LAST SENT  LAST RECEIVED
    5       server 4, listening  unix:/run/books.sock  -                -                       3        2   0       20    10        now        -
    6       server 4             10.0.0.1:443          [fd00::9]:50000  TLS_AES_128_GCM_SHA256  3        2   0       20    10        now        -
    3       subchannel 2         10.0.0.1:443          [fd00::9]:50000  -                       3        2   0       20    10        now        -
    [exit 0]
    ");
}

#[test]
fn a_table_is_asked_for_by_its_name() {
    assert_snapshot!(channelz("servers"), @"
    SERVER  LISTENING ON          CALLS  OK  FAILED  LAST CALL
    4       unix:/run/books.sock  1      0   0       -
    [exit 0]
    ");
}

#[test]
fn a_thing_is_shown_at_length_by_its_number() {
    assert_snapshot!(channelz("1 4 6"), @r"
    channel 1
      state        READY
      target       dns:///books.example.com
      calls        7
      succeeded    4
      failed       2
      last call    now
      subchannels  2, 22
      created now, 40 events
        now  INFO   Subchannel \u001b[2Jcreated (subchannel 2)
        -    ERROR  it broke

    server 4
      name          books
      listening on  unix:/run/books.sock
      calls         1
      succeeded     0
      failed        0

    socket 6
      local              10.0.0.1:443
      remote             [fd00::9]:50000
      security           TLS_AES_128_GCM_SHA256
      other certificate  3 bytes
      streams            3
      succeeded          2
      failed             0
      messages sent      20
      messages received  10
      keepalives sent    0
      last message sent  now
      may receive        65535
      SO_LINGER          0s
      SO_REUSEADDR       true
      TCP_INFO           rtt 250 µs, cwnd 10, mss 0, retransmits 0, lost 0
    [exit 0]
    ");
    assert_snapshot!(channelz("4 99"), @"
    ------- stderr -------
    error: the server has no channel, subchannel, server or socket 99
    hint: see what there is: rpcctl channelz 127.0.0.1:PORT
    [exit 69]
    ");
}

#[allow(clippy::too_many_lines, reason = "it is one document")]
#[test]
fn programs_get_all_of_it() {
    let output = channelz("sockets channels servers -o json");
    let mut document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["at"].as_str().unwrap().ends_with('Z'));
    let ids = |part: &str| -> Vec<i64> {
        document[part].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect()
    };
    assert_eq!((ids("channels"), ids("servers"), ids("sockets")), (vec![1, 30, 2], vec![4], vec![5, 6, 3]));
    assert_snapshot!(format!("{:#}", document["channels"][2].take()), @r#"
    {
      "callsFailed": 2,
      "callsStarted": 7,
      "callsSucceeded": 4,
      "channels": [],
      "id": 2,
      "kind": "subchannel",
      "lastCallStarted": "2096-10-02T07:06:40.250Z",
      "sockets": [
        3
      ],
      "state": "TRANSIENT_FAILURE",
      "subchannels": [],
      "trace": {
        "created": "2096-10-02T07:06:40.250Z",
        "events": [
          {
            "about": {
              "subchannel": 2
            },
            "at": "2096-10-02T07:06:40.250Z",
            "severity": "INFO",
            "text": "Subchannel \u001b[2Jcreated"
          },
          {
            "severity": "ERROR",
            "text": "it broke"
          }
        ],
        "logged": 40
      }
    }
    "#);
    assert_snapshot!(format!("{:#}", document["sockets"][1].take()), @r#"
    {
      "id": 6,
      "keepAlivesSent": 0,
      "lastMessageSent": "2096-10-02T07:06:40.250Z",
      "local": "10.0.0.1:443",
      "messagesReceived": 10,
      "messagesSent": 20,
      "of": {
        "server": 4
      },
      "options": [
        {
          "name": "SO_REUSEADDR",
          "value": "true"
        },
        {
          "additional": {
            "active": true,
            "duration": "0s"
          },
          "name": "SO_LINGER"
        },
        {
          "additional": {
            "tcpiAdvmss": 0,
            "tcpiAto": 0,
            "tcpiBackoff": 0,
            "tcpiCaState": 0,
            "tcpiFackets": 0,
            "tcpiLastAckRecv": 0,
            "tcpiLastAckSent": 0,
            "tcpiLastDataRecv": 0,
            "tcpiLastDataSent": 0,
            "tcpiLost": 0,
            "tcpiOptions": 0,
            "tcpiPmtu": 0,
            "tcpiProbes": 0,
            "tcpiRcvMss": 0,
            "tcpiRcvSsthresh": 0,
            "tcpiRcvWscale": 0,
            "tcpiReordering": 0,
            "tcpiRetrans": 0,
            "tcpiRetransmits": 0,
            "tcpiRto": 0,
            "tcpiRtt": 250,
            "tcpiRttvar": 0,
            "tcpiSacked": 0,
            "tcpiSndCwnd": 10,
            "tcpiSndMss": 0,
            "tcpiSndSsthresh": 0,
            "tcpiSndWscale": 0,
            "tcpiState": 0,
            "tcpiUnacked": 0
          },
          "name": "TCP_INFO"
        }
      ],
      "remote": "[fd00::9]:50000",
      "remoteFlowControlWindow": 65535,
      "security": {
        "tls": {
          "cipher": "TLS_AES_128_GCM_SHA256",
          "localCertificate": null,
          "remoteCertificate": "AQID"
        }
      },
      "streamsFailed": 0,
      "streamsStarted": 3,
      "streamsSucceeded": 2
    }
    "#);
    assert_snapshot!(format!("{:#}", document["servers"][0].take()), @r#"
    {
      "callsFailed": 0,
      "callsStarted": 1,
      "callsSucceeded": 0,
      "id": 4,
      "listening": [
        {
          "local": "unix:/run/books.sock",
          "socket": 5
        }
      ],
      "name": "books"
    }
    "#);
}

#[test]
fn a_server_is_watched_until_a_signal_ends_that() {
    let server = serving();
    let mut watching = rpcctl("channelz").arg(&server.address).args("servers --watch=1ms").start();
    let mut lines = Vec::new();
    while lines.len() < 7 {
        lines.push(watching.line());
    }
    let shown =
        lines.iter().map(|line| if line.contains('T') && line.ends_with('Z') { "TIME" } else { line });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @"
    TIME
    SERVER  LISTENING ON          CALLS  OK  FAILED  LAST CALL
    4       unix:/run/books.sock  1      0   0       -

    TIME
    SERVER  LISTENING ON          CALLS  OK    FAILED  LAST CALL
    4       unix:/run/books.sock  2 +1   1 +1  0       -
    ");
    watching.signal("INT");
    assert_eq!(watching.wait().code, Some(130));

    // The documents of -o json stand one behind another, and have it as numbers.
    let watching_json = rpcctl("channelz").arg(&server.address).args("servers --watch=1ms -o json");
    let watching = watching_json.reading_only(60).run();
    assert_eq!(watching.code, Some(0), "who does not read on ends it");
    let documents = serde_json::Deserializer::from_slice(&watching.stdout).into_iter::<serde_json::Value>();
    let second = documents.flatten().nth(1).unwrap();
    let since = serde_json::json!({"callsFailed": 0, "callsStarted": 1, "callsSucceeded": 1});
    assert_eq!(second["servers"][0]["since"], since);
}

#[test]
fn a_deadline_ends_watching_too() {
    let server = serving();
    let output = rpcctl("channelz").arg(&server.address).args("servers --watch=1h --timeout 1s").run();
    assert_eq!(output.code, Some(68));
    assert!(output.talk().contains("the deadline of 1s passed while watching"), "{output}");
}

#[test]
fn a_server_that_has_none_is_told_from_one_that_refuses() {
    let only = |status, message| {
        vec![Step::Only(200, vec![GRPC, ("grpc-status", status), ("grpc-message", message)])]
    };
    assert_snapshot!(saying(only("12", "unknown service"), ""), @"
    ------- stderr -------
    error: the server does not offer channelz (UNIMPLEMENTED: unknown service)
    hint: a server offers it once it is registered: in Go service.RegisterChannelzServiceToServer of google.golang.org/grpc/channelz/service, in Java ChannelzService.newInstance(100) of grpc-services, in Python add_channelz_servicer of grpcio-channelz, in Node addAdminServicesToServer of @grpc/grpc-js
    hint: see what it offers: rpcctl list 127.0.0.1:PORT
    [exit 76]
    ");
    assert_snapshot!(saying(only("7", "not you"), ""), @"
    ------- stderr -------
    error: the server refused channelz (PERMISSION_DENIED: not you)
    hint: credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'
    [exit 71]
    ");
    assert_snapshot!(saying(vec![Step::Only(404, vec![("content-type", "text/html")])], ""), @"
    ------- stderr -------
    error: the server does not offer channelz (UNIMPLEMENTED: the server answered HTTP 404 Not Found and no gRPC status, with content-type text/html)
    hint: a server offers it once it is registered: in Go service.RegisterChannelzServiceToServer of google.golang.org/grpc/channelz/service, in Java ChannelzService.newInstance(100) of grpc-services, in Python add_channelz_servicer of grpcio-channelz, in Node addAdminServicesToServer of @grpc/grpc-js
    hint: see what it offers: rpcctl list 127.0.0.1:PORT
    [exit 76]
    ");
}

#[test]
fn an_answer_that_cannot_be_read_is_told() {
    let garbage = vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, b"\xff\xff\xff")),
        Step::Trailers(vec![("grpc-status", "0")]),
    ];
    assert_snapshot!(saying(garbage, ""), @"
    ------- stderr -------
    error: the server's answer of channelz is malformed
      caused by: failed to decode Protobuf message: invalid varint
    [exit 1]
    ");
    // An empty answer says that there is nothing.
    assert_snapshot!(saying(ok(&()), ""), @"
    (no channels)

    (no servers)

    (no sockets)
    [exit 0]
    ");
}

#[test]
fn words_that_name_nothing_are_refused() {
    for (words, said) in [
        (
            "channelz localhost:1 socket",
            "\"socket\" is neither channels, servers nor sockets, nor the number of one",
        ),
        ("channelz localhost:1 servers 3", "tables and numbers"),
        ("channelz localhost:1 --watch=0s", "it must be longer than nothing"),
        ("channelz netrpc://localhost:1", "channelz is gRPC's"),
        ("channelz 3 localhost:1", "in this order: rpcctl channelz localhost:1 3"),
    ] {
        let output = rpcctl(words).run();
        assert_eq!(output.code, Some(2), "{words}: {output}");
        assert!(output.talk().contains(said), "{words}: {output}");
    }
}
