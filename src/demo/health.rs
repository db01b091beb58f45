//! gRPC's health service: every service serves until the server stops, and watchers are told when it does.

use std::collections::BTreeMap;
use std::pin::Pin;

use tokio::sync::watch;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::proto::grpc::health::v1::health_check_response::ServingStatus;
use super::proto::grpc::health::v1::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse, health_server,
};

/// Knows the services by name, and whether the server is about to stop.
pub(super) struct Health {
    services: Vec<String>,
    /// The sending half, since that one lives as long as the service does.
    stop: watch::Sender<bool>,
}

impl Health {
    /// Health of these services; the empty name, the server as a whole, is always known.
    pub(super) fn new(services: Vec<String>, stop: watch::Sender<bool>) -> Self {
        Self { services, stop }
    }

    fn knows(&self, service: &str) -> bool {
        service.is_empty() || self.services.iter().any(|known| known == service)
    }

    fn now(&self) -> HealthCheckResponse {
        answer(if *self.stop.borrow() { ServingStatus::NotServing } else { ServingStatus::Serving })
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = &request.get_ref().service;
        if !self.knows(service) {
            return Err(Status::not_found(format!("unknown service: {service}")));
        }
        Ok(Response::new(self.now()))
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        let names = std::iter::once("").chain(self.services.iter().map(String::as_str));
        let statuses: BTreeMap<_, _> = names.map(|name| (name.to_owned(), self.now())).collect();
        Ok(Response::new(HealthListResponse { statuses }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let known = self.knows(&request.get_ref().service);
        let first = if known { self.now() } else { answer(ServingStatus::ServiceUnknown) };
        let changes = tokio_stream::once(self.stop.subscribe())
            .then(|mut stopping| async move {
                // An error means that the server is gone altogether, which is stopping too.
                let _ = stopping.wait_for(|stop| *stop).await;
            })
            .filter_map(move |()| known.then(|| answer(ServingStatus::NotServing)));
        Ok(Response::new(Box::pin(tokio_stream::once(first).chain(changes).map(Ok))))
    }
}
