//! What an engine of its own has to know to make a method's calls: what each says, and where connections go.

use std::time::Duration;

use super::{Method, Server, Session};
use crate::transport;
use crate::wire::{Metadata, RequestHead};

impl Session {
    /// The head of a method's calls with this metadata, whose server is told that each may take so long. None of net/rpc.
    pub fn head(
        &self,
        method: &Method,
        metadata: Metadata,
        timeout: Option<Duration>,
    ) -> Option<RequestHead> {
        let Method::Proto(method) = method else { return None };
        let options = super::CallOptions::new(metadata, 0);
        let plan = self.call_plan(method, options);
        Some(method.client.repeated(&plan, timeout))
    }

    /// Where connections to its server go, if straight there.
    pub async fn place(&self) -> Result<Option<transport::Place>, transport::Error> {
        match &self.server {
            Server::Grpc(client) => client.place().await,
            Server::Go(_) => Ok(None),
        }
    }

    /// Connects, and waits for the server's first word: what is wrong with a server is told as that.
    pub async fn greeted(&self) -> Result<(), transport::Error> {
        match &self.server {
            Server::Grpc(client) => client.connection().await?.greeted().await,
            Server::Go(client) => client.reach().await,
        }
    }
}
