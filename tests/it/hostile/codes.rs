//! A server that makes up a code for each call: statuses, and what it resets streams with. All calls are counted, and what
//! is told of them does not grow with what it makes up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use h2::Reason;

use crate::bench::{Told, quiet};
use crate::common::{GRPC, Peer, Step, envelope, rpcctl};

/// A server that answers each call with another number.
fn making_up(answer: fn(u32) -> Vec<Step>) -> Peer {
    let next = Arc::new(AtomicU32::new(1000));
    Peer::h2(move |_, _| answer(next.fetch_add(1, Ordering::Relaxed)))
}

fn told(peer: &Peer, engine: &str) -> Told {
    let words = "hello.HelloService/SayHello --proto proto/hello/hello.proto -n 500 -m 5";
    let run = rpcctl("bench").arg(&peer.address).args(words).args(&format!("--engine {engine}"));
    Told::of(quiet(run).run()).adds_up()
}

#[test]
fn statuses_that_are_made_up() {
    for engine in ["frames", "session"] {
        let peer = making_up(|number| {
            let status = Box::leak(number.to_string().into_boxed_str());
            let trailers = Step::Trailers(vec![("grpc-status", status), ("grpc-message", "made up")]);
            vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b"")), trailers]
        });
        let told = told(&peer, engine);
        let codes = told.counts("codes");
        assert_eq!((codes.len(), codes.values().sum::<u64>()), (65, 500), "{}", told.report);
        assert_eq!(codes["other codes"], 500 - 64);
        assert!(codes.contains_key("code 1000"), "{}", told.report);
        assert!(told.report["status_messages"].as_object().unwrap().len() <= 32);
        for interval in told.report["intervals"].as_array().unwrap() {
            assert!(interval["codes"].as_object().unwrap().len() <= 65);
        }
    }
}

#[test]
fn resets_with_codes_that_are_made_up() {
    for engine in ["frames", "session"] {
        let peer = making_up(|number| vec![Step::Reset(Reason::from(number))]);
        let told = told(&peer, engine);
        let errors = told.counts("transport_errors");
        assert_eq!((errors.len(), errors.values().sum::<u64>()), (65, 500), "{}", told.report);
        assert_eq!(errors["reset other codes"], 500 - 64);
    }
}
