//! One of the calls, held in full until it can be compared.

use super::super::{Failed, Writers, half_close, open};
use super::{CallPlan, Learnt};
use crate::failure::{Failure, status_exit};
use crate::session::{
    Call, CallError, CallOptions, Code, Event, EventKind, Metadata, Origin, Payload, Session, Status,
};
use crate::wire::Protocol;

/// Beyond this no further message of an answer is held, so that one without end does not fill the memory. One message
/// alone has its own limit.
const LARGEST: usize = 32 << 20;
/// What a message takes beside its bytes.
const BESIDE: usize = 128;

/// What came of a call.
pub(super) struct Gathered {
    pub(super) events: Vec<Event<Payload>>,
    /// How it ended, or why it did not come to that.
    pub(super) end: Result<Status, Failed>,
}

/// Makes the call to its end.
pub(super) async fn gather(
    session: &Session,
    learnt: &Learnt,
    plan: &CallPlan,
    io: &mut Writers<'_>,
) -> Gathered {
    let mut events = Vec::new();
    let end = match begin(session, learnt, plan, io).await {
        Ok(call) => collect(session, call, &mut events).await,
        Err(failure) => Err(failure),
    };
    Gathered { events, end: end.map_err(|failure| Failed::at(&plan.target, failure)) }
}

async fn begin(
    session: &Session,
    learnt: &Learnt,
    plan: &CallPlan,
    io: &mut Writers<'_>,
) -> Result<Call, Failure> {
    open::reach(session, plan.target.patience, io).await?;
    let method = session.adopt(&learnt.method);
    half_close::may_be_left_out(&plan.call, &method)?;
    let messages = session.encode(method, learnt.request(), plan.call.input.clone()).await?;
    // The others have no GET.
    let get = plan.call.options.get && plan.target.channel.dialect.protocol == Protocol::Connect;
    Ok(session.call(messages, CallOptions { get, ..plan.call.options.clone() }))
}

/// Holds what comes, and tells the status that it ends in.
async fn collect(
    session: &Session,
    mut call: Call,
    events: &mut Vec<Event<Payload>>,
) -> Result<Status, Failure> {
    let mut size = 0_usize;
    let status = loop {
        let Some(event) = call.next().await.transpose().map_err(|error: CallError| Failure::from(error))?
        else {
            // A call ends by telling how.
            break Status::local(Code::UNKNOWN, "the call has no end");
        };
        if let EventKind::Message { payload: Payload::Proto(bytes) | Payload::Json(bytes), .. } = &event.kind
        {
            if size > LARGEST {
                let status = Status::local(Code::CANCELLED, "no more than 32 MiB of an answer are compared");
                events.push(Event::now(EventKind::End(status.clone(), Metadata::default())));
                break status;
            }
            size = size.saturating_add(bytes.len() + BESIDE);
        }
        let end = match &event.kind {
            EventKind::End(status, _) => Some(status.clone()),
            _ => None,
        };
        events.push(event);
        if let Some(status) = end {
            break status;
        }
    };
    if status.origin == Origin::Local {
        // The server is to hear of it.
        drop(call);
        session.close().await;
    }
    Ok(status)
}

impl Gathered {
    /// There could be no call.
    pub(super) fn nothing(failed: Failed) -> Self {
        Self { events: Vec::new(), end: Err(failed) }
    }

    /// Its exit code.
    pub(super) fn exit(&self) -> u8 {
        match &self.end {
            Ok(status) => status_exit(status.code),
            Err(failed) => failed.exit(),
        }
    }
}
