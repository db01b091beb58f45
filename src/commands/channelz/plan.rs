//! What the words of `channelz` mean.

use super::super::{Failed, Surroundings};
use super::ChannelzArgs;
use super::fault::ChannelzError;
use crate::args::{ArgsError, PlaceError, SchemaArgs, TargetPlan, looks_like_target, split};
use crate::channelz::Wanted;
use crate::session::{CallOptions, ServerPlan, SessionPlan};
use crate::wire::Codec;

/// The largest answer that is taken: a page of channels, with all that happened to them.
const MAX_ANSWER: usize = 64 << 20;

/// What is to be asked, as a plain value.
pub(super) struct Plan {
    /// The server.
    pub(super) session: SessionPlan,
    /// The server again, to name it in messages.
    pub(super) target: TargetPlan,
    /// What is asked for.
    pub(super) wanted: Wanted,
    /// How each call is made.
    pub(super) options: CallOptions,
}

/// Decides what the words mean. Nothing is opened.
pub(super) fn plan(args: &ChannelzArgs, surroundings: &Surroundings) -> Result<Plan, Failed> {
    let (place, topics) = match args.words.split_first() {
        Some((first, rest)) if looks_like_target(first) => (std::slice::from_ref(first), rest),
        _ => (&[][..], args.words.as_slice()),
    };
    let schema = SchemaArgs::default();
    if let (Some((first, _)), Some(server)) =
        (topics.split_first(), topics.iter().find(|word| looks_like_target(word)))
    {
        let error = match place.first() {
            Some(other) => PlaceError::TwoServers(other.clone(), server.clone()),
            None => PlaceError::TargetFirst(server.clone(), first.clone()),
        };
        let given = &surroundings.given.under.flags;
        return Err(Failed::words(error, "channelz", (&args.target, &schema, &args.headers.both), given, ""));
    }
    let wanted = topics_of(topics)?;
    let (place, _) = split(place, true).map_err(ArgsError::from)?;
    let mut target = args.target.plan(place, &surroundings.given)?;
    let prefix = target.place.path.trim_end_matches('/').to_owned();
    target.settle(&prefix, &schema, &args.headers.both);
    let under = &surroundings.given.under.headers;
    let read = args.headers.read(None, under, &surroundings.world, target.place.protocol)?;
    target.carry(&read)?;
    if target.netrpc(&read.call, &schema, &args.headers.both).map_err(ArgsError::from)?.is_some() {
        return Err(Failed::at(&target, ChannelzError::Go));
    }
    let mut channel = target.channel.clone();
    // However calls are made, a server is asked about itself as any can tell it.
    channel.dialect.codec = Codec::Proto;
    let session = SessionPlan {
        server: ServerPlan::Grpc { channel, schema: None },
        timeout: target.timeout,
        in_full: false,
    };
    let options = CallOptions::new(read.call, MAX_ANSWER);
    Ok(Plan { session, target, wanted, options })
}

/// Tables, or things at length: the one is of all there is, and the other of what was named.
fn topics_of(words: &[String]) -> Result<Wanted, ChannelzError> {
    let mut wanted = Wanted::default();
    for word in words {
        match word.as_str() {
            "channels" => wanted.channels = true,
            "servers" => wanted.servers = true,
            "sockets" => wanted.sockets = true,
            word => match word.parse() {
                Ok(id) if id > 0 => wanted.ids.push(id),
                _ => return Err(ChannelzError::Topic(word.to_owned())),
            },
        }
    }
    let tables = wanted.channels || wanted.servers || wanted.sockets;
    if tables && !wanted.ids.is_empty() {
        return Err(ChannelzError::Both);
    }
    if !tables && wanted.ids.is_empty() {
        (wanted.channels, wanted.servers, wanted.sockets) = (true, true, true);
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(words: &str) -> Result<Wanted, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        topics_of(&words).map_err(|error| error.to_string())
    }

    #[test]
    fn words_name_tables_or_numbers() {
        let all = Wanted { channels: true, servers: true, sockets: true, ids: Vec::new() };
        assert_eq!(topics(""), Ok(all.clone()));
        assert_eq!(topics("sockets"), Ok(Wanted { sockets: true, ..Wanted::default() }));
        assert_eq!(topics("servers channels sockets"), Ok(all));
        assert_eq!(topics("7 9"), Ok(Wanted { ids: vec![7, 9], ..Wanted::default() }));
        for wrong in ["socket", "0", "-1", "99999999999999999999", "servers 3"] {
            assert!(topics(wrong).is_err(), "{wrong}");
        }
    }
}
