//! A server that has these bytes for every connection, and the client that has to make something of them.

use std::convert::Infallible;
use std::io::Cursor;
use std::time::Duration;

use rpcctl::netrpc::{Calls, Client, Codec, Connect, DEFAULT_PATH, Encoder, Limits, Request, ServerPlan};
use rpcctl::transport::{Endpoint, Opener, Target};

/// Makes two calls of a server that answers with these bytes.
pub fn answers(answer: &[u8], codec: Codec, over_http: bool) {
    let answer = answer.to_vec();
    let opener = Opener::new("fuzz:", move || {
        Ok(Box::new(tokio::io::join(Cursor::new(answer.clone()), tokio::io::sink())))
    });
    let target = Target { connect_timeout: Duration::from_secs(1), ..Target::new(Endpoint::Opened(opener)) };
    let connect = over_http.then(|| Connect {
        path: DEFAULT_PATH.to_owned(),
        authority: "localhost".to_owned(),
        headers: Default::default(),
    });
    let mut encoder = Encoder::new(codec, "Arith.Multiply", None);
    let requests: Vec<Result<Request, Infallible>> =
        (0..2).map(|_| Ok(encoder.encode(br#"{"A":1,"B":2}"#).unwrap())).collect();
    let limits = Limits { max_in_flight: 2, max_message_size: 1 << 16, hurries: false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let client = Client::open(ServerPlan { target, codec, connect }, None).unwrap();
        let mut calls = Calls::begin(client, limits, tokio_stream::iter(requests));
        while let Some(Ok(_)) = calls.next().await {}
    });
}
