//! Lets a handler send trailers with an answer that is OK, for which tonic has no word of its own.

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;

use super::around::Around;

/// Put into a response's extensions, these go out beside `grpc-status`.
#[derive(Debug, Clone)]
pub struct Trailers(pub HeaderMap);

/// Sends what [`Trailers`] holds.
#[derive(Clone)]
pub(in crate::demo) struct AddTrailers;

impl Around for AddTrailers {
    type Before = ();

    fn before<B>(&self, _: &mut Request<B>) {}

    async fn after((): (), answer: impl Future<Output = Response<Body>> + Send + 'static) -> Response<Body> {
        let mut response = answer.await;
        let Some(Trailers(extra)) = response.extensions_mut().remove::<Trailers>() else {
            return response;
        };
        response.map(|body| {
            Body::new(body.map_frame(move |frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    trailers.extend(extra.clone());
                    http_body::Frame::trailers(trailers)
                }
                Err(frame) => frame,
            }))
        })
    }
}
