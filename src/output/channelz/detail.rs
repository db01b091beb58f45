//! One channel, server or socket at length.

use std::io::{self, Write};
use std::time::SystemTime;

use super::cells::{
    NOTHING, ago, count, holder, listening, or_nothing, reference, same_channel, same_server, same_socket,
    security,
};
use crate::channelz::{
    Additional, Calls, Channel, Kind, Security, Server, Snapshot, Socket, SocketOption, Trace,
};
use crate::output::color::{Paint, TITLE};
use crate::output::{columns, sanitize};

/// Everything in the snapshot but sockets that only say where a server listens.
pub(super) fn all(
    out: &mut dyn Write,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    paint: Paint,
) -> io::Result<()> {
    let mut blocks = Blocks { out, paint, first: true };
    for channel in &snapshot.channels {
        let known = same_channel(channel, before).map(|known| &known.calls);
        blocks.block(&reference((channel.kind, channel.id)), &of_channel(channel, known, snapshot))?;
        blocks.trace(channel.trace.as_ref(), snapshot.taken)?;
    }
    for server in &snapshot.servers {
        let known = same_server(server, before).map(|known| &known.calls);
        blocks.block(&format!("server {}", server.id), &of_server(server, known, snapshot))?;
        blocks.trace(server.trace.as_ref(), snapshot.taken)?;
    }
    let asked = |socket: &&Socket| socket.holder.is_none();
    for socket in snapshot.sockets.iter().filter(asked) {
        let known = same_socket(socket, before);
        blocks.block(&format!("socket {}", socket.id), &of_socket(socket, known, snapshot.taken))?;
    }
    Ok(())
}

type Facts = Vec<[String; 2]>;

struct Blocks<'o> {
    out: &'o mut dyn Write,
    paint: Paint,
    first: bool,
}

impl Blocks<'_> {
    /// A title, and a line a fact; what nothing is known of is left out.
    fn block(&mut self, title: &str, facts: &[[String; 2]]) -> io::Result<()> {
        if !std::mem::replace(&mut self.first, false) {
            writeln!(self.out)?;
        }
        writeln!(self.out, "{}", self.paint.text(TITLE, title))?;
        let known = |[_, value]: &&[String; 2]| value != NOTHING;
        let rows: Vec<[String; 2]> = facts
            .iter()
            .filter(known)
            .map(|[name, value]| [format!("  {}", sanitize::line(name)), sanitize::line(value).into_owned()])
            .collect();
        self.rows(&rows)
    }

    fn rows<const N: usize>(&mut self, rows: &[[String; N]]) -> io::Result<()> {
        let mut widths = Vec::new();
        for row in rows {
            columns::widen(&mut widths, row);
        }
        rows.iter().try_for_each(|row| columns::row(self.out, &widths, row))
    }

    /// What happened to it, the oldest first.
    fn trace(&mut self, trace: Option<&Trace>, now: SystemTime) -> io::Result<()> {
        let Some(trace) = trace else { return Ok(()) };
        let created = trace.created.map(|created| format!("created {}", ago(Some(created), now)));
        let logged = (trace.logged > 0).then(|| format!("{} events", trace.logged));
        let told: Vec<String> = created.into_iter().chain(logged).collect();
        if told.is_empty() && trace.events.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {}", told.join(", "))?;
        let row = |event: &crate::channelz::Event| {
            let about = event.about.map(|about| format!(" ({})", reference(about))).unwrap_or_default();
            // Go tells some things in JSON of many lines.
            let words: Vec<&str> = event.text.split_whitespace().collect();
            let text = format!("{}{about}", sanitize::line(&words.join(" ")));
            [format!("    {}", ago(event.at, now)), event.severity.to_owned(), text]
        };
        self.rows(&trace.events.iter().map(row).collect::<Vec<_>>())
    }
}

fn fact(name: &str, value: impl Into<String>) -> [String; 2] {
    [name.to_owned(), value.into()]
}

fn calls(calls: &Calls, before: Option<&Calls>, now: SystemTime) -> Facts {
    vec![
        fact("calls", count(calls.started, before.map(|calls| calls.started))),
        fact("succeeded", count(calls.succeeded, before.map(|calls| calls.succeeded))),
        fact("failed", count(calls.failed, before.map(|calls| calls.failed))),
        fact("last call", ago(calls.last, now)),
    ]
}

fn of_channel(channel: &Channel, before: Option<&Calls>, snapshot: &Snapshot) -> Facts {
    let mut facts = vec![
        fact("name", or_nothing(&channel.name)),
        fact("state", channel.state),
        fact("target", or_nothing(&channel.target)),
    ];
    facts.extend(calls(&channel.calls, before, snapshot.taken));
    let list = |ids: &[i64]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        or_nothing(&ids.join(", ")).to_owned()
    };
    facts.push(fact("channels", list(&channel.channels)));
    facts.push(fact("subchannels", list(&channel.subchannels)));
    facts.push(fact("sockets", list(&channel.sockets)));
    facts
}

fn of_server(server: &Server, before: Option<&Calls>, snapshot: &Snapshot) -> Facts {
    let mut facts = vec![
        fact("name", or_nothing(&server.name)),
        fact("listening on", or_nothing(&listening(server, snapshot).join(", "))),
    ];
    facts.extend(calls(&server.calls, before, snapshot.taken));
    facts
}

fn of_socket(socket: &Socket, before: Option<&Socket>, now: SystemTime) -> Facts {
    let counter = |name: &str, of: fn(&Socket) -> i64| fact(name, count(of(socket), before.map(of)));
    let number = |number: Option<i64>| number.map_or(NOTHING.to_owned(), |number| number.to_string());
    let mut facts = vec![
        fact("name", or_nothing(&socket.name)),
        fact("of", holder(socket.holder)),
        fact("local", or_nothing(socket.local.as_deref().unwrap_or_default())),
        fact("remote", or_nothing(socket.remote.as_deref().unwrap_or_default())),
        fact("remote name", or_nothing(&socket.remote_name)),
        fact("security", security(socket.security.as_ref())),
    ];
    if let Some(Security::Tls { local, remote, .. }) = &socket.security {
        let size = |bytes: &[u8]| match bytes.len() {
            0 => NOTHING.to_owned(),
            size => format!("{size} bytes"),
        };
        facts.push(fact("own certificate", size(local)));
        facts.push(fact("other certificate", size(remote)));
    }
    facts.extend([
        counter("streams", |socket| socket.streams_started),
        counter("succeeded", |socket| socket.streams_succeeded),
        counter("failed", |socket| socket.streams_failed),
        counter("messages sent", |socket| socket.messages_sent),
        counter("messages received", |socket| socket.messages_received),
        counter("keepalives sent", |socket| socket.keep_alives_sent),
        fact("last own stream", ago(socket.last_local_stream, now)),
        fact("last other stream", ago(socket.last_remote_stream, now)),
        fact("last message sent", ago(socket.last_sent, now)),
        fact("last message received", ago(socket.last_received, now)),
        fact("may send", number(socket.local_window)),
        fact("may receive", number(socket.remote_window)),
    ]);
    // Java has no order of its own for them, and names that begin with where they are defined.
    let name = |option: &SocketOption| option.name.rsplit('#').next().unwrap_or_default().to_owned();
    let mut options: Facts =
        socket.options.iter().map(|option| [name(option), option_value(option)]).collect();
    options.sort();
    facts.extend(options);
    facts
}

/// An option's value: its text, or what stands beside it.
fn option_value(option: &SocketOption) -> String {
    let millis = |duration: &std::time::Duration| humantime::format_duration(*duration).to_string();
    match &option.additional {
        Some(Additional::Linger(false, _)) => "off".to_owned(),
        Some(Additional::Linger(true, duration) | Additional::Timeout(duration)) => millis(duration),
        Some(Additional::TcpInfo(info)) => format!(
            "rtt {} µs, cwnd {}, mss {}, retransmits {}, lost {}",
            info.tcpi_rtt, info.tcpi_snd_cwnd, info.tcpi_snd_mss, info.tcpi_retrans, info.tcpi_lost
        ),
        Some(Additional::Other { type_url, .. }) if option.value.is_empty() => type_url.clone(),
        Some(Additional::Other { .. }) | None => or_nothing(&option.value).to_owned(),
    }
}

/// What the kind of a channel is called, to a program.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Channel => "channel",
        Kind::Subchannel => "subchannel",
    }
}
