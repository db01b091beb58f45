//! The two greeters: ours, and the one of gRPC's tutorials.

use tonic::{Request, Response, Status};

use super::proto::hello::{self, hello_service_server::HelloService};
use super::proto::helloworld::{self, greeter_server::Greeter};

/// Greets by name.
pub(super) struct Greet;

/// Whom to greet; an empty name is "world".
fn whom(name: &str) -> &str {
    if name.is_empty() { "world" } else { name }
}

#[tonic::async_trait]
impl HelloService for Greet {
    async fn say_hello(
        &self,
        request: Request<hello::HelloRequest>,
    ) -> Result<Response<hello::HelloReply>, Status> {
        let message = format!("Hello, {}", whom(&request.get_ref().name));
        Ok(Response::new(hello::HelloReply { message }))
    }
}

#[tonic::async_trait]
impl Greeter for Greet {
    async fn say_hello(
        &self,
        request: Request<helloworld::HelloRequest>,
    ) -> Result<Response<helloworld::HelloReply>, Status> {
        let message = format!("Hello {}", whom(&request.get_ref().name));
        Ok(Response::new(helloworld::HelloReply { message }))
    }
}
