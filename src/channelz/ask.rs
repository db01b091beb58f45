//! Asks a server for what channelz tells, and follows what refers to something else.

use std::collections::{HashSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::SystemTime;

use prost::Message;
use thiserror::Error;

use super::proto::{
    GetChannelRequest, GetChannelResponse, GetServerSocketsRequest, GetServerSocketsResponse,
    GetServersRequest, GetServersResponse, GetSocketRequest, GetSocketResponse, GetSubchannelRequest,
    GetSubchannelResponse, GetTopChannelsRequest, GetTopChannelsResponse,
};
use super::read;
use super::values::{Channel, Holder, Kind, Server, Snapshot, Socket};
use crate::session::{CallError, CallOptions, Code, EventKind, Payload, Session, Status};

/// How many questions may be under way at a time, each about one socket or channel.
const AT_ONCE: usize = 16;
/// The most that is asked about.
const MOST: usize = 100_000;

/// Why a server's channelz could not be asked.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no answer.
    #[error("the server could not be asked")]
    Call(CallError),
    /// The server has no channelz.
    #[error("the server does not offer channelz{}", shown(.0))]
    Unavailable(Status),
    /// The server ended the question with this status.
    #[error("the server refused channelz{}", shown(.0))]
    Refused(Status),
    /// The user's deadline passed, or this side ended the call for another reason.
    #[error("{} ({}, on this side): {}", .0.code, .0.code.0, .0.message)]
    Ended(Status),
    /// The server's answer can't be read.
    #[error("the server's answer of channelz is malformed")]
    Malformed(#[source] prost::DecodeError),
    /// Nothing has this number.
    #[error("the server has no channel, subchannel, server or socket {0}")]
    NoSuch(i64),
    /// The server has more than anybody could look at.
    #[error("the server tells of more than {MOST} channels, servers and sockets")]
    TooMany,
}

fn shown(status: &Status) -> String {
    let separator = if status.message.is_empty() { "" } else { ": " };
    format!(" ({}{separator}{})", status.code, status.message)
}

/// What is wanted of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Channels, and what is below them.
    pub channels: bool,
    /// Servers, with the sockets that they listen on.
    pub servers: bool,
    /// All sockets.
    pub sockets: bool,
    /// What has these numbers.
    pub ids: Vec<i64>,
}

/// Asks one server.
pub struct Client<'s> {
    session: &'s Session,
    options: CallOptions,
}

/// What came of asking so far.
struct Gathered {
    snapshot: Snapshot,
    seen: HashSet<(Kind, i64)>,
    sockets: HashSet<i64>,
}

impl Gathered {
    fn room(&self) -> Result<(), Error> {
        if self.seen.len() + self.sockets.len() > MOST { Err(Error::TooMany) } else { Ok(()) }
    }
}

impl<'s> Client<'s> {
    /// Asks by calls of this session, each with these options.
    pub fn new(session: &'s Session, options: CallOptions) -> Self {
        Self { session, options }
    }

    /// Asks for all that is wanted. What goes away in between is left out.
    pub async fn snapshot(&self, wanted: &Wanted) -> Result<Snapshot, Error> {
        let (channels, servers, sockets) = (Vec::new(), Vec::new(), Vec::new());
        let mut all = Gathered {
            snapshot: Snapshot { taken: SystemTime::now(), channels, servers, sockets },
            seen: HashSet::new(),
            sockets: HashSet::new(),
        };
        if wanted.channels || wanted.sockets {
            let tops = self.top_channels().await?;
            self.below(tops, &mut all).await?;
        }
        if wanted.servers || wanted.sockets {
            all.snapshot.servers = self.servers().await?;
        }
        let mut asked = listeners(&all.snapshot.servers);
        if wanted.sockets {
            for server in &all.snapshot.servers {
                let sockets = self.server_sockets(server.id).await?;
                asked.extend(sockets.into_iter().map(|id| (id, Some(Holder::Server(server.id)))));
            }
            let held = |channel: &Channel| {
                let holder = Holder::Channel(channel.kind, channel.id);
                channel.sockets.iter().map(move |id| (*id, Some(holder))).collect::<Vec<_>>()
            };
            asked.extend(all.snapshot.channels.iter().flat_map(held));
        }
        self.sockets(asked, &mut all).await?;
        for id in &wanted.ids {
            self.any(*id, &mut all).await?;
        }
        Ok(all.snapshot)
    }

    /// Takes channels in, and all that is below them. Servers promise that nothing is below itself, and may be wrong.
    async fn below(&self, tops: Vec<Channel>, all: &mut Gathered) -> Result<(), Error> {
        let mut waiting: VecDeque<(Kind, i64)> = VecDeque::new();
        let mut found = tops;
        found.retain(|channel| all.seen.insert((channel.kind, channel.id)));
        loop {
            for channel in found.drain(..) {
                let children = channel.channels.iter().map(|id| (Kind::Channel, *id));
                let children = children.chain(channel.subchannels.iter().map(|id| (Kind::Subchannel, *id)));
                waiting.extend(children.filter(|child| all.seen.insert(*child)));
                all.snapshot.channels.push(channel);
            }
            all.room()?;
            if waiting.is_empty() {
                return Ok(());
            }
            let next = waiting.drain(..waiting.len().min(AT_ONCE));
            let answers = together(next.map(|(kind, id)| self.channel(kind, id)).collect()).await;
            for answer in answers {
                found.extend(answer?);
            }
        }
    }

    /// Takes sockets in.
    async fn sockets(&self, mut asked: Vec<(i64, Option<Holder>)>, all: &mut Gathered) -> Result<(), Error> {
        asked.retain(|(id, _)| all.sockets.insert(*id));
        all.room()?;
        for some in asked.chunks(AT_ONCE) {
            let questions = some.iter().map(|(id, holder)| self.socket(*id, *holder)).collect();
            for answer in together(questions).await {
                all.snapshot.sockets.extend(answer?);
            }
        }
        Ok(())
    }

    /// Takes in what has this number, which may be anything.
    async fn any(&self, id: i64, all: &mut Gathered) -> Result<(), Error> {
        for kind in [Kind::Channel, Kind::Subchannel] {
            if let Some(channel) = self.channel(kind, id).await? {
                if !all.snapshot.channels.iter().any(|known| known.id == id) {
                    all.snapshot.channels.push(channel);
                }
                return Ok(());
            }
        }
        if let Some(server) = self.server(id).await? {
            let listeners = listeners(std::slice::from_ref(&server));
            if !all.snapshot.servers.iter().any(|known| known.id == id) {
                all.snapshot.servers.push(server);
            }
            return self.sockets(listeners, all).await;
        }
        if all.sockets.contains(&id) {
            return Ok(());
        }
        let socket = self.socket(id, None).await?.ok_or(Error::NoSuch(id))?;
        all.sockets.insert(id);
        all.snapshot.sockets.push(socket);
        Ok(())
    }

    async fn top_channels(&self) -> Result<Vec<Channel>, Error> {
        let page = async |start_channel_id| {
            let request = GetTopChannelsRequest { start_channel_id, max_results: 0 };
            let answer: GetTopChannelsResponse = self.ask("GetTopChannels", &request).await?;
            Ok((answer.channel.into_iter().map(read::channel).collect(), answer.end))
        };
        pages(page, |channel: &Channel| channel.id).await
    }

    async fn servers(&self) -> Result<Vec<Server>, Error> {
        let page = async |start_server_id| {
            let request = GetServersRequest { start_server_id, max_results: 0 };
            let answer: GetServersResponse = self.ask("GetServers", &request).await?;
            Ok((answer.server.into_iter().map(read::server).collect(), answer.end))
        };
        pages(page, |server: &Server| server.id).await
    }

    async fn server_sockets(&self, server_id: i64) -> Result<Vec<i64>, Error> {
        let page = async |start_socket_id| {
            let request = GetServerSocketsRequest { server_id, start_socket_id, max_results: 0 };
            let answer = self.ask("GetServerSockets", &request).await;
            // It was stopped since it was listed.
            let answer: GetServerSocketsResponse = there(answer)?.unwrap_or_default();
            Ok((answer.socket_ref.iter().map(|socket| socket.socket_id).collect(), answer.end))
        };
        pages(page, |id: &i64| *id).await
    }

    /// One server. Not all have a method for that.
    async fn server(&self, id: i64) -> Result<Option<Server>, Error> {
        let request = GetServersRequest { start_server_id: id, max_results: 1 };
        let answer: GetServersResponse = self.ask("GetServers", &request).await?;
        Ok(answer.server.into_iter().map(read::server).find(|server| server.id == id))
    }

    async fn channel(&self, kind: Kind, id: i64) -> Result<Option<Channel>, Error> {
        match kind {
            Kind::Channel => {
                let request = GetChannelRequest { channel_id: id };
                let answer: Option<GetChannelResponse> = there(self.ask("GetChannel", &request).await)?;
                Ok(answer.and_then(|answer| answer.channel).map(read::channel))
            }
            Kind::Subchannel => {
                let request = GetSubchannelRequest { subchannel_id: id };
                let answer: Option<GetSubchannelResponse> = there(self.ask("GetSubchannel", &request).await)?;
                Ok(answer.and_then(|answer| answer.subchannel).map(read::subchannel))
            }
        }
    }

    async fn socket(&self, id: i64, holder: Option<Holder>) -> Result<Option<Socket>, Error> {
        let request = GetSocketRequest { socket_id: id, summary: false };
        let answer: Option<GetSocketResponse> = there(self.ask("GetSocket", &request).await)?;
        Ok(answer.and_then(|answer| answer.socket).map(|socket| read::socket(socket, holder)))
    }

    /// One question and its answer.
    async fn ask<A: Message + Default>(&self, method: &str, request: &impl Message) -> Result<A, Error> {
        let name = format!("grpc.channelz.v1.Channelz/{method}");
        let message = request.encode_to_vec().into();
        let call = self.session.ask(&name, message, self.options.clone());
        let mut call = call.ok_or_else(|| Error::Unavailable(no_method()))?;
        let mut answer = A::default();
        while let Some(event) = call.next().await {
            match event.map_err(Error::Call)?.kind {
                EventKind::Message { payload: Payload::Proto(bytes), .. } => {
                    answer = A::decode(bytes).map_err(Error::Malformed)?;
                }
                EventKind::End(status, _) if status.code == Code::OK => return Ok(answer),
                EventKind::End(status, _) => return Err(ended(status)),
                _ => {}
            }
        }
        Ok(answer)
    }
}

/// The sockets that servers listen on.
fn listeners(servers: &[Server]) -> Vec<(i64, Option<Holder>)> {
    let of = |server: &Server| {
        let holder = Some(Holder::Listener(server.id));
        server.listening.iter().map(move |id| (*id, holder)).collect::<Vec<_>>()
    };
    servers.iter().flat_map(of).collect()
}

fn no_method() -> Status {
    Status::mapped(Code::UNIMPLEMENTED, "it is no gRPC server")
}

fn ended(status: Status) -> Error {
    match status.code {
        Code::UNIMPLEMENTED => Error::Unavailable(status),
        _ if status.is_from_server() => Error::Refused(status),
        _ => Error::Ended(status),
    }
}

/// Nothing where the answer is that there is none.
fn there<A>(answer: Result<A, Error>) -> Result<Option<A>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Refused(status)) if status.code == Code::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// All pages: each begins behind the highest id of those before it. A page that brings none is the last, whatever it
/// says of itself.
async fn pages<T>(
    page: impl AsyncFn(i64) -> Result<(Vec<T>, bool), Error>,
    id: impl Fn(&T) -> i64,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    let mut start = 0;
    loop {
        let (mut some, end) = page(start).await?;
        // What comes twice would come for ever.
        some.retain(|one| id(one) >= start);
        let next = some.iter().map(&id).max().and_then(|highest| highest.checked_add(1));
        all.append(&mut some);
        match next {
            _ if all.len() > MOST => return Err(Error::TooMany),
            Some(next) if !end => start = next,
            _ => return Ok(all),
        }
    }
}

/// Waits for all of these futures at the same time, and gives what they gave in their order.
async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for (future, output) in futures.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(cx) {
                Poll::Ready(value) => *output = Some(value),
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    /// Pages of these numbers, and where each began.
    fn paged(answers: &[(&[i64], bool)]) -> (Result<Vec<i64>, Error>, Vec<i64>) {
        let (starts, next) = (RefCell::new(Vec::new()), RefCell::new(answers.iter()));
        let page = async |start| {
            starts.borrow_mut().push(start);
            let (ids, end) = next.borrow_mut().next().copied().unwrap_or((&[], false));
            Ok((ids.to_vec(), end))
        };
        let all = run(pages(page, |id| *id));
        (all, starts.into_inner())
    }

    #[test]
    fn pages_are_followed_to_their_end_and_no_further() {
        let (all, starts) = paged(&[(&[1, 3, 2], false), (&[7], false), (&[9], true), (&[10], true)]);
        assert_eq!((all.unwrap(), starts), (vec![1, 3, 2, 7, 9], vec![0, 4, 8]));
        // Servers that never say that it is the end.
        let (all, starts) = paged(&[(&[1], false), (&[], false)]);
        assert_eq!((all.unwrap(), starts), (vec![1], vec![0, 2]));
        let (all, starts) = paged(&[(&[1, 2], false), (&[1, 2], false)]);
        assert_eq!((all.unwrap(), starts), (vec![1, 2], vec![0, 3]));
        let (all, _) = paged(&[(&[i64::MAX], false)]);
        assert_eq!(all.unwrap(), [i64::MAX]);
    }

    #[test]
    fn futures_are_waited_for_together_and_told_in_order() {
        let (sender, receiver) = tokio::sync::oneshot::channel::<u8>();
        let first: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { receiver.await.unwrap_or(0) });
        let second: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async {
            let _ = sender.send(1);
            2
        });
        assert_eq!(run(together(vec![first, second])), [1, 2]);
    }
}
