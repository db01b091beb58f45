//! What can go wrong with channelz, and what to do about it.

use crate::channelz::Error;
use crate::failure::{Failure, Kind};
use crate::wire::Code;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChannelzError {
    #[error("{0:?} is neither channels, servers nor sockets, nor the number of one")]
    Topic(String),
    #[error("tables and numbers: one is of all there is, and the other of what is named")]
    Both,
    #[error("channelz is gRPC's, and a net/rpc server has none")]
    Go,
    #[error(transparent)]
    Server(Error),
}

impl From<Error> for ChannelzError {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

const OFFER: &str = "a server offers it once it is registered: in Go service.RegisterChannelzServiceToServer of \
                     google.golang.org/grpc/channelz/service, in Java ChannelzService.newInstance(100) of grpc-services, in \
                     Python add_channelz_servicer of grpcio-channelz, in Node addAdminServicesToServer of @grpc/grpc-js";

impl From<ChannelzError> for Failure {
    fn from(error: ChannelzError) -> Self {
        let server = match error {
            ChannelzError::Server(Error::Call(error)) => return error.into(),
            ChannelzError::Server(ref server) => server,
            ChannelzError::Topic(_) | ChannelzError::Both | ChannelzError::Go => {
                return Self::new(Kind::Wrong, error);
            }
        };
        match server {
            Error::Unavailable(status) => {
                let code = status.code;
                Self::new(Kind::Status(code), error).hint(OFFER).run("see what it offers", "list", "")
            }
            Error::Refused(status) => {
                let code = status.code;
                let failure = Self::new(Kind::Status(code), error);
                match code {
                    Code::UNAUTHENTICATED | Code::PERMISSION_DENIED => failure
                        .hint("credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'"),
                    _ => failure,
                }
            }
            Error::Ended(status) => Self::new(Kind::Status(status.code), error),
            Error::NoSuch(_) => {
                Self::new(Kind::Status(Code::NOT_FOUND), error).run("see what there is", "channelz", "")
            }
            Error::Call(_) | Error::Malformed(_) | Error::TooMany => Self::new(Kind::Failed, error),
        }
    }
}
