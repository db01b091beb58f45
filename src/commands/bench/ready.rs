//! A method that was found, and calls of it that can be made again and again.

use std::io::{self, Read as _};

use bytes::Bytes;

use super::super::data::{self, Data};
use super::super::{Failed, Surroundings, Writers, open};
use super::fault::LoadFault;
use super::plan::{BenchPlan, RequestPlan};
use crate::bench::engine::{Common, Head, HeadField, Job};
use crate::bench::load::{Load, Pace};
use crate::bench::pace::Arrivals;
use crate::bench::supply::{Stock, Wanted, named_types};
use crate::bounded::{self, MIB};
use crate::failure::Failure;
use crate::message::input::Source;
use crate::message::{self, Origin};
use crate::session::{Course, Method, ProtoMethod, RequestHead, Session};
use crate::transport::{Http, HttpChoice, Place};
use crate::wire::Protocol;

/// The largest file of messages.
const LARGEST: u64 = 256 * MIB;

/// Calls that can be made.
pub(super) struct Ready {
    pub(super) session: Session,
    pub(super) method: String,
    stock: Stock,
    common: Common,
    place: Place,
}

/// Finds the method, and makes what its calls send.
pub(super) async fn ready(
    plan: &mut BenchPlan,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Ready, Failed> {
    let session = open::session(plan.session.clone(), &plan.target, surroundings, io).await?;
    let at = |failure: Failure| Failed::at(&plan.target, failure);
    let method = open::method(&session, &plan.method, &Course::default().retry, io).await.map_err(at)?;
    let Method::Proto(proto) = &method else { return Err(at(LoadFault::Go.into())) };
    data::fill(&mut plan.request.items)?;
    let data = read(&plan.request, &method, surroundings.stdin_terminal, io)?;
    let stock = stock(&session, proto, &plan.request, (&data, plan.load.seed)).await.map_err(at)?;
    let head = session.head(&method, stock.metadata().clone(), plan.load.timeout);
    let place = session.place().await.map_err(|error| at(error.into()))?;
    let target = &plan.target.channel;
    let spoken =
        target.dialect.protocol == Protocol::Grpc && target.target.http == HttpChoice::Only(Http::Two);
    let (Some(head), Some(place), true) = (head, place, spoken) else {
        return Err(at(LoadFault::NotStraight.into()));
    };
    let common = Common { head: fields(&head), one_answer: !proto.descriptor.is_server_streaming() };
    Ok(Ready { method: method.name(), session, stock, common, place })
}

/// The texts of the request, and where each comes from.
fn read(
    plan: &RequestPlan,
    method: &Method,
    typed: bool,
    io: &mut Writers<'_>,
) -> Result<Vec<(Origin, Bytes)>, Failed> {
    if !plan.items.is_empty() {
        let (source, _) = data::source_of(&plan.items, method, plan.allow_unknown_fields)?;
        let Source::Text(origin, text) = source else { return Ok(Vec::new()) };
        return Ok(vec![(origin, text)]);
    }
    if typed && let Some(notice) = data::notice(&plan.data, method.takes()) {
        writeln!(io.talk, "{notice}")?;
    }
    let several = plan.data.len() > 1;
    let texts = plan.data.iter().zip(1..).map(|(data, number)| match data {
        Data::Text(text) => {
            Ok((Origin::Flag("-d", several.then_some(number)), Bytes::copy_from_slice(text.as_bytes())))
        }
        Data::File(path) => {
            let origin = Origin::File(path.clone());
            match bounded::read(path, LARGEST) {
                Ok(text) => Ok((origin, text.into())),
                Err(source) => Err(message::Error::Read { origin, source }),
            }
        }
        Data::Stdin => match stdin() {
            Ok(text) => Ok((Origin::Stdin, text.into())),
            Err(source) => Err(message::Error::Read { origin: Origin::Stdin, source }),
        },
    });
    Ok(texts.collect::<Result<_, _>>()?)
}

fn stdin() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    io::stdin().lock().take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

async fn stock(
    session: &Session,
    method: &ProtoMethod,
    plan: &RequestPlan,
    (data, seed): (&[(Origin, Bytes)], u64),
) -> Result<Stock, Failure> {
    let mut input = method.descriptor.input();
    let types = named_types(data, plan.format);
    if !types.is_empty()
        && let Some(wider) = session.schema().await.widened(input.full_name(), &types).await
    {
        input = wider;
    }
    let wanted = Wanted {
        method: &method.descriptor,
        input: &input,
        data,
        format: plan.format,
        allow_unknown_fields: plan.allow_unknown_fields,
        metadata: &plan.metadata,
        templates: plan.templates,
        table: plan.table.clone(),
        order: plan.order,
        seed,
        writing: plan.writing,
    };
    Ok(Stock::read(&wanted)?)
}

impl Ready {
    /// The calls of this load.
    pub(super) fn job(&self, load: Load, connect_timeout: std::time::Duration) -> Job {
        let threads = (0..load.threads)
            .map(|thread| {
                let arrivals = match &load.pace {
                    Pace::Closed => None,
                    Pace::Open(schedule) => Some(Arrivals::new(schedule, thread, load.threads, load.seed)),
                };
                (self.stock.supply(thread, load.threads), arrivals)
            })
            .collect();
        Job { load, place: self.place.clone(), connect_timeout, common: self.common.clone(), threads }
    }
}

/// A head as HTTP/2 has it (RFC 9113 §8.3.1).
fn fields(head: &RequestHead) -> Head {
    let field = |name: &str, value: &[u8], sensitive| HeadField {
        name: Bytes::copy_from_slice(name.as_bytes()),
        value: Bytes::copy_from_slice(value),
        sensitive,
    };
    let pseudo = [
        (":method", head.method.as_str()),
        (":scheme", head.scheme),
        (":path", &head.path),
        (":authority", &head.authority),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| field(name, value.as_bytes(), false));
    let rest = head.headers.as_http().iter();
    let rest = rest.map(|(name, value)| field(name.as_str(), value.as_bytes(), value.is_sensitive()));
    Head { fields: pseudo.chain(rest).collect() }
}
