//! Interceptors as tower layers around every service.
//!
//! From the outside in: the log sees all, the deadline bounds all, then come the gates in the order of the plan
//! (token, rate, latency, failure), and next to the handler the layers that compress long messages and let an answer
//! that is OK carry trailers.

mod around;
mod bucket;
mod deadline;
mod dice;
mod gate;
mod gzip;
mod log;
mod trailers;

use std::convert::Infallible;
use std::pin::Pin;

use tonic::body::Body;

pub(super) use self::around::AroundLayer;
pub(super) use self::deadline::Deadline;
pub(super) use self::gate::gates;
pub(super) use self::gzip::{Gzip, is_worthwhile};
pub(super) use self::log::Log;
pub(super) use self::trailers::AddTrailers;
pub use self::trailers::Trailers;

/// What a layer's service returns.
type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;
