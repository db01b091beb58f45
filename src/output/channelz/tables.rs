//! Channels, servers and sockets, a line each.

use std::collections::HashSet;
use std::io::{self, Write};

use super::Shown;
use super::cells::{
    ago, count, holder, listening, or_nothing, same_channel, same_server, same_socket, security,
};
use crate::channelz::{Calls, Channel, Kind, Server, Snapshot, Socket};
use crate::output::color::{Paint, TITLE};
use crate::output::{columns, sanitize};

type Rows = Vec<Vec<String>>;

const CHANNEL: [&str; 7] = ["CHANNEL", "STATE", "TARGET", "CALLS", "OK", "FAILED", "LAST CALL"];
const SERVER: [&str; 6] = ["SERVER", "LISTENING ON", "CALLS", "OK", "FAILED", "LAST CALL"];
const SOCKET: [&str; 12] = [
    "SOCKET",
    "OF",
    "LOCAL",
    "REMOTE",
    "SECURITY",
    "STREAMS",
    "OK",
    "FAILED",
    "SENT",
    "RECEIVED",
    "LAST SENT",
    "LAST RECEIVED",
];

/// What is shown, in a table each.
pub(super) fn all(
    out: &mut dyn Write,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    shown: Shown<'_>,
    paint: Paint,
) -> io::Result<()> {
    let mut first = true;
    let mut table =
        |is_shown: bool, head: &[&str], none: &str, rows: fn(&Snapshot, Option<&Snapshot>) -> Rows| {
            if !is_shown {
                return Ok(());
            }
            if !std::mem::replace(&mut first, false) {
                writeln!(out)?;
            }
            match rows(snapshot, before) {
                rows if rows.is_empty() => writeln!(out, "{none}"),
                rows => titled(out, head, &rows, paint),
            }
        };
    table(shown.wanted.channels, &CHANNEL, "(no channels)", channels)?;
    table(shown.wanted.servers, &SERVER, "(no servers)", servers)?;
    table(shown.wanted.sockets, &SOCKET, "(no sockets)", sockets)
}

/// A table whose head stands out.
fn titled(out: &mut dyn Write, head: &[&str], rows: &[Vec<String>], paint: Paint) -> io::Result<()> {
    let mut plain = Vec::new();
    columns::table(&mut plain, head, rows)?;
    let text = String::from_utf8_lossy(&plain);
    let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
    write!(out, "{}\n{rest}", paint.text(TITLE, head))
}

fn line(text: &str) -> String {
    sanitize::line(or_nothing(text)).into_owned()
}

/// Each channel, and what is below it indented behind it.
fn channels(snapshot: &Snapshot, before: Option<&Snapshot>) -> Rows {
    let below: HashSet<(Kind, i64)> = snapshot.channels.iter().flat_map(children).collect();
    let mut tree = Tree { snapshot, before, seen: HashSet::new(), rows: Vec::new() };
    for top in snapshot.channels.iter().filter(|channel| !below.contains(&(channel.kind, channel.id))) {
        tree.put(top, 0);
    }
    // What is only below itself.
    for channel in &snapshot.channels {
        tree.put(channel, 0);
    }
    tree.rows
}

fn children(channel: &Channel) -> impl Iterator<Item = (Kind, i64)> {
    let subchannels = channel.subchannels.iter().map(|id| (Kind::Subchannel, *id));
    channel.channels.iter().map(|id| (Kind::Channel, *id)).chain(subchannels)
}

struct Tree<'s> {
    snapshot: &'s Snapshot,
    before: Option<&'s Snapshot>,
    seen: HashSet<(Kind, i64)>,
    rows: Rows,
}

/// How deep a tree is drawn; servers nest three deep.
const DEEPEST: usize = 20;

impl Tree<'_> {
    fn put(&mut self, channel: &Channel, depth: usize) {
        if depth > DEEPEST || !self.seen.insert((channel.kind, channel.id)) {
            return;
        }
        let kind = if channel.kind == Kind::Subchannel { "subchannel " } else { "" };
        let mut row = vec![
            format!("{:indent$}{kind}{}", "", channel.id, indent = depth * 2),
            channel.state.to_owned(),
            line(&channel.target),
        ];
        row.extend(calls(
            &channel.calls,
            same_channel(channel, self.before).map(|known| &known.calls),
            self.snapshot,
        ));
        self.rows.push(row);
        for (kind, id) in children(channel) {
            let child = self.snapshot.channels.iter().find(|known| (known.kind, known.id) == (kind, id));
            if let Some(child) = child {
                self.put(child, depth + 1);
            }
        }
    }
}

fn calls(calls: &Calls, before: Option<&Calls>, snapshot: &Snapshot) -> [String; 4] {
    [
        count(calls.started, before.map(|calls| calls.started)),
        count(calls.succeeded, before.map(|calls| calls.succeeded)),
        count(calls.failed, before.map(|calls| calls.failed)),
        ago(calls.last, snapshot.taken),
    ]
}

fn servers(snapshot: &Snapshot, before: Option<&Snapshot>) -> Rows {
    let row = |server: &Server| {
        let mut row = vec![server.id.to_string(), line(&listening(server, snapshot).join(", "))];
        row.extend(calls(&server.calls, same_server(server, before).map(|known| &known.calls), snapshot));
        row
    };
    snapshot.servers.iter().map(row).collect()
}

fn sockets(snapshot: &Snapshot, before: Option<&Snapshot>) -> Rows {
    let row = |socket: &Socket| {
        let known = same_socket(socket, before);
        vec![
            socket.id.to_string(),
            holder(socket.holder),
            line(socket.local.as_deref().unwrap_or_default()),
            line(socket.remote.as_deref().unwrap_or_default()),
            line(&security(socket.security.as_ref())),
            count(socket.streams_started, known.map(|known| known.streams_started)),
            count(socket.streams_succeeded, known.map(|known| known.streams_succeeded)),
            count(socket.streams_failed, known.map(|known| known.streams_failed)),
            count(socket.messages_sent, known.map(|known| known.messages_sent)),
            count(socket.messages_received, known.map(|known| known.messages_received)),
            ago(socket.last_sent, snapshot.taken),
            ago(socket.last_received, snapshot.taken),
        ]
    };
    snapshot.sockets.iter().map(row).collect()
}
