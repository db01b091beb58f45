//! Servers whose reflection does not come: they are given up, without `--timeout` too.

use std::thread;

use crate::common::{GRPC, Peer, Step, rpcctl};

const GIVEN_UP: &str = "\
------- stderr -------
error: the server has not answered reflection for 5s
hint: if it is only slow, give it time: --timeout DURATION
hint: give the schema with --proto FILE or --descriptor-set FILE instead
[exit 1]";

const VERBS: [&str; 3] = ["list", "describe s.Service", "call s.Service/Do"];

/// This test takes those five seconds: what is waited for is the program's own patience.
#[test]
fn an_answer_that_does_not_come_is_given_up() {
    // Not even a head; a head and nothing else; a message that comes byte by byte and never to its end.
    let servers: [&[Step]; 3] = [
        &[Step::Hang],
        &[Step::Headers(200, vec![GRPC]), Step::Hang],
        &[Step::Headers(200, vec![GRPC]), Step::Data(vec![0, 0, 1, 0, 0]), Step::Drip(b'x')],
    ];
    let servers: Vec<Peer> =
        servers.map(<[Step]>::to_vec).map(|steps| Peer::h2(move |_, _| steps.clone())).into();
    thread::scope(|scope| {
        let runs = servers.iter().flat_map(|peer| VERBS.map(|verb| (peer, verb)));
        let runs: Vec<_> = runs
            .map(|(peer, verb)| {
                let (verb, words) = verb.split_once(' ').unwrap_or((verb, ""));
                scope.spawn(move || rpcctl(verb).arg(&peer.address).args(words).run().to_string())
            })
            .collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), GIVEN_UP);
        }
    });
}

#[test]
fn a_server_that_never_speaks_is_given_up_by_the_connect_timeout() {
    let peer = Peer::tcp(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    for verb in VERBS {
        let (verb, words) = verb.split_once(' ').unwrap_or((verb, ""));
        let run = rpcctl(verb).arg(&peer.address).args(words).args("--connect-timeout 300ms").run();
        let told = run.to_string();
        assert!(told.contains("no HTTP/2 SETTINGS from the server within 300ms\n"), "{told}");
        assert_eq!(run.code, Some(1), "{told}");
    }
}
