//! `demo.v1.Demo`: one method for everything that an RPC client has to get right.

use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

use super::proto::demo::v1::{
    ChatReply, ChatRequest, CountDownReply, CountDownRequest, EchoMetadataReply, EchoMetadataRequest,
    Everything, FailAfterRequest, FailReply, FailRequest, GenerateReply, GenerateRequest, SleepReply,
    SleepRequest, SumReply, SumRequest, demo_server,
};
use super::{fail, metadata};

/// The most messages that `CountDown` and `FailAfter` send.
const MAX_STEPS: u32 = 1_000_000;
/// The longest that `Sleep` sleeps.
const MAX_SLEEP: Duration = Duration::from_secs(60 * 60);
/// The most messages that `Generate` sends.
const MAX_COUNT: u32 = 10_000_000;
/// The largest message that `Generate` sends.
const MAX_SIZE: u32 = 256 << 20;
/// The most that `Generate` sends in all.
const MAX_TOTAL: u64 = 1 << 30;

/// The demo's own service. It keeps no state.
pub(super) struct Demo;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn stream<T>(answers: impl Stream<Item = Result<T, Status>> + Send + 'static) -> Response<Answers<T>> {
    Response::new(Box::pin(answers))
}

#[tonic::async_trait]
impl demo_server::Demo for Demo {
    type CountDownStream = Answers<CountDownReply>;

    async fn count_down(
        &self,
        request: Request<CountDownRequest>,
    ) -> Result<Response<Self::CountDownStream>, Status> {
        let CountDownRequest { from, interval } = request.into_inner();
        at_most("from", from, MAX_STEPS)?;
        let interval = duration("interval", interval)?;
        let numbers = tokio_stream::iter((1..=from).rev());
        Ok(stream(numbers.then(move |number| async move {
            if number != from && !interval.is_zero() {
                tokio::time::sleep(interval).await;
            }
            breathe(number).await;
            Ok(CountDownReply { number })
        })))
    }

    async fn sum(&self, request: Request<Streaming<SumRequest>>) -> Result<Response<SumReply>, Status> {
        let mut numbers = request.into_inner();
        let mut reply = SumReply::default();
        while let Some(SumRequest { number }) = numbers.message().await? {
            reply.count += 1;
            reply.sum = reply.sum.checked_add(number).ok_or_else(|| {
                Status::out_of_range(format!("the sum leaves 64 bits at number {}", reply.count))
            })?;
        }
        Ok(Response::new(reply))
    }

    type ChatStream = Answers<ChatReply>;

    async fn chat(
        &self,
        request: Request<Streaming<ChatRequest>>,
    ) -> Result<Response<Self::ChatStream>, Status> {
        let mut sequence = 0;
        Ok(stream(request.into_inner().map(move |message| {
            let ChatRequest { text } = message?;
            sequence += 1;
            Ok(ChatReply { sequence, text })
        })))
    }

    async fn fail(&self, request: Request<FailRequest>) -> Result<Response<FailReply>, Status> {
        Err(fail::status(request.into_inner()))
    }

    type FailAfterStream = Answers<FailReply>;

    async fn fail_after(
        &self,
        request: Request<FailAfterRequest>,
    ) -> Result<Response<Self::FailAfterStream>, Status> {
        let FailAfterRequest { messages, failure } = request.into_inner();
        at_most("messages", messages, MAX_STEPS)?;
        let end = Err(fail::status(failure.unwrap_or_default()));
        let answers = (1..=messages).map(|sequence| Ok(FailReply { sequence }));
        Ok(stream(tokio_stream::iter(answers.chain(std::iter::once(end)))))
    }

    async fn sleep(&self, request: Request<SleepRequest>) -> Result<Response<SleepReply>, Status> {
        let wanted = duration("duration", request.into_inner().duration)?;
        if wanted > MAX_SLEEP {
            return Err(Status::invalid_argument("duration: more than an hour"));
        }
        let start = Instant::now();
        tokio::time::sleep(wanted).await;
        let slept = prost_types::Duration::try_from(start.elapsed()).ok();
        Ok(Response::new(SleepReply { slept }))
    }

    type GenerateStream = Answers<GenerateReply>;

    async fn generate(
        &self,
        request: Request<GenerateRequest>,
    ) -> Result<Response<Self::GenerateStream>, Status> {
        let GenerateRequest { count, size } = request.into_inner();
        at_most("count", count, MAX_COUNT)?;
        at_most("size", size, MAX_SIZE)?;
        if u64::from(count) * u64::from(size) > MAX_TOTAL {
            return Err(Status::invalid_argument("count times size is more than 1 GiB"));
        }
        let payload = letters(size);
        Ok(stream(tokio_stream::iter(0..count).then(move |number| {
            let payload = payload.clone();
            async move {
                breathe(number).await;
                Ok(GenerateReply { payload })
            }
        })))
    }

    async fn echo_metadata(
        &self,
        request: Request<EchoMetadataRequest>,
    ) -> Result<Response<EchoMetadataReply>, Status> {
        Ok(metadata::echo(request.metadata()))
    }

    async fn echo(&self, request: Request<Everything>) -> Result<Response<Everything>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn old_echo(&self, request: Request<Everything>) -> Result<Response<Everything>, Status> {
        self.echo(request).await
    }
}

fn at_most(field: &str, value: u32, limit: u32) -> Result<(), Status> {
    if value > limit {
        return Err(Status::invalid_argument(format!("{field}: {value} is more than {limit}")));
    }
    Ok(())
}

/// A span of time out of a request; an absent one is none at all.
fn duration(field: &str, value: Option<prost_types::Duration>) -> Result<Duration, Status> {
    let value = value.unwrap_or_default();
    // Asked before converting: prost negates what is negative, and the smallest number has no negative.
    if value.seconds < 0 || value.nanos < 0 {
        return Err(Status::invalid_argument(format!("{field}: must not be negative")));
    }
    Duration::try_from(value).map_err(|_| Status::invalid_argument(format!("{field}: out of range")))
}

/// The alphabet again and again, `size` bytes of it.
fn letters(size: u32) -> Bytes {
    let alphabet = b"abcdefghijklmnopqrstuvwxyz";
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = alphabet.repeat(size.div_ceil(alphabet.len()));
    bytes.truncate(size);
    bytes.into()
}

/// Lets the connection write now and then: a stream that always has more at hand would else be written only once it
/// has filled a window.
async fn breathe(number: u32) {
    if number.is_multiple_of(64) {
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_many_as_asked_for() {
        assert_eq!(letters(0), "");
        assert_eq!(letters(28), "abcdefghijklmnopqrstuvwxyzab");
    }

    #[test]
    fn negative_durations_are_refused_and_absent_ones_are_zero() {
        assert_eq!(duration("d", None).unwrap(), Duration::ZERO);
        for (seconds, nanos) in [(-1, 0), (0, -1), (i64::MIN, i32::MIN)] {
            let negative = prost_types::Duration { seconds, nanos };
            assert_eq!(duration("d", Some(negative)).unwrap_err().code(), tonic::Code::InvalidArgument);
        }
        let largest = prost_types::Duration { seconds: i64::MAX, nanos: i32::MAX };
        assert!(duration("d", Some(largest)).is_ok());
    }
}
