//! Serving Go's net/rpc: connections accepted, secured where that is wanted, and handed to the protocol.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::incoming::PAUSE;
use super::listen::{Accepted, Listener};
use super::math::Math;
use super::server::stopped;
use crate::netrpc;
use crate::transport::{Acceptor, Stream};

/// The listeners for net/rpc.
pub(super) struct NetRpc {
    pub(super) listeners: Vec<Listener>,
    /// TLS, or plaintext where absent.
    pub(super) acceptor: Option<Acceptor>,
}

impl NetRpc {
    /// Starts to serve until told to stop. Calls are answered the moment they come, so there is nothing to wait for then.
    pub(super) fn spawn(
        self,
        servers: &mut JoinSet<Result<(), tonic::transport::Error>>,
        stop: &watch::Sender<bool>,
    ) {
        let math = Arc::new(Math::default());
        for listener in self.listeners {
            let (acceptor, math) = (self.acceptor.clone(), Arc::clone(&math));
            let stopped = stopped(stop.subscribe());
            servers.spawn(async move {
                tokio::select! {
                    () = stopped => {}
                    () = accept(&listener, acceptor, math) => {}
                }
                Ok(())
            });
        }
    }
}

/// Accepts connections for ever.
async fn accept(listener: &Listener, acceptor: Option<Acceptor>, math: Arc<Math>) {
    let mut connections = JoinSet::new();
    loop {
        // Those that have ended are let go of.
        while connections.try_join_next().is_some() {}
        let Ok(Accepted { stream, .. }) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        connections.spawn(serve(stream, acceptor.clone(), Arc::clone(&math)));
    }
}

/// A connection that fails has nobody left to be told.
async fn serve(stream: Box<dyn Stream>, acceptor: Option<Acceptor>, math: Arc<Math>) {
    let stream = match acceptor {
        None => stream,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => stream,
            Err(_) => return,
        },
    };
    let _ = netrpc::serve(stream, math).await;
}
