//! How a word that is being typed may go on: what the scripts of `rpcctl completions` are told.
//!
//! `interop/run shells` has the shells themselves.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::common::reflecting::{file, reflecting};
use crate::common::{Demo, Peer, Rpcctl, Step, from_every_source, rpcctl};

/// Completes the last word of a line, as bash asks for it but with the patience of a test. A line that ends in a space
/// has an empty one. Where no server is named it is one that nobody runs, as somebody may the usual one.
fn complete(line: &str) -> Rpcctl {
    let run = rpcctl("complete --patience 20s bash -- rpcctl").env("RPCCTL_ADDRESS", "localhost:1");
    line.split(' ').fold(run, Rpcctl::arg)
}

/// What there is to say, which is never a word about why not.
fn offered(line: &str) -> String {
    said(complete(line))
}

fn said(run: Rpcctl) -> String {
    let output = run.run();
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{output}");
    output.text()
}

#[test]
fn verbs_flags_and_their_values() {
    assert_snapshot!(offered("c"), @"
    =call	Call a method
    =channelz	Show a server's channels, servers and sockets
    =config	Show what configuration files say, check them, trust a folder's
    =completions	Print a completion script for a shell, or install it
    ");
    assert_snapshot!(offered("call --proto"), @"
    =--proto-names	Print field names as in the .proto file
    =--protocol	What is spoken [default: grpc]
    =--proto	Take the schema from .proto files or folders of them (repeatable)
    ");
    assert_snapshot!(offered("list -v --verb"), @"=--verbose	Tell about connection, reflection, repairs and timings on stderr; -vv tells all");
    assert_eq!(offered("list --insecure --inse"), "", "it is given already");
    assert_snapshot!(offered("call --reflection v"), @"
    =v1	grpc.reflection.v1 alone
    =v1alpha	grpc.reflection.v1alpha alone
    ");
    assert_snapshot!(offered("call --reflection=v1a"), @"=--reflection=v1alpha	grpc.reflection.v1alpha alone");
    assert_snapshot!(offered("man se"), @"=serve-demo");
    assert_snapshot!(offered("channelz localhost:1 servers s"), @"
    =servers	what it listens on, and how many calls came
    =sockets	its connections
    ");
    assert_snapshot!(offered("channelz d"), @"=demo:	the demo server inside rpcctl");
    assert_snapshot!(offered("-v describe dem"), @"=demo:	the demo server inside rpcctl");
}

#[test]
fn files_and_folders_are_left_to_the_shell() {
    for (line, told) in [
        ("call --proto ", "@\n"),
        ("call --proto=a", "@--proto=\n"),
        ("call -I ", "/\n"),
        ("call -d @re", "@@\n"),
        ("call -d {", ""),
        ("call demo: Demo/Echo bytes_value@x", "@bytes_value@\n"),
        ("man --write ", "/\n"),
    ] {
        assert_eq!(offered(line), told, "{line}");
    }
}

#[test]
fn names_come_from_every_source_alike() {
    let demo = Demo::plain();
    let output = from_every_source(|source| {
        let run = rpcctl("complete --patience 20s bash -- rpcctl call").arg(&demo.address);
        source.of(run).arg("demo.v1.Demo/F").run()
    });
    assert_snapshot!(output, @"
    =demo.v1.Demo/Fail	(FailRequest) returns (FailReply)
    =demo.v1.Demo/FailAfter	(FailAfterRequest) returns (stream FailReply)
    [exit 0]
    ");
    let output = from_every_source(|source| {
        let run = rpcctl("complete --patience 20s bash -- rpcctl call").arg(&demo.address);
        source.of(run).args("Demo/Fail").arg("").run()
    });
    assert_snapshot!(output, @"
    +code=	google.rpc.Code
    +message=	string
    +details:=	repeated google.protobuf.Any
    +samples=	repeated demo.v1.Sample
    [exit 0]
    ");
}

#[test]
fn a_name_is_a_service_a_symbol_or_a_method_by_its_verb() {
    assert_snapshot!(offered("list demo: h"), @"
    =hello.HelloService	service
    =helloworld.Greeter	service
    ");
    assert_snapshot!(offered("describe demo: hello.H"), @"
    =hello.HelloService	service
    =hello.HelloReply	message
    =hello.HelloRequest	message
    =hello.HelloService/SayHello	(HelloRequest) returns (HelloReply)
    ");
    assert_snapshot!(offered("call demo: HelloS"), @"=HelloService/SayHello	(HelloRequest) returns (HelloReply)");
    assert_snapshot!(offered("call demo: Demo/Fail code=RES"), @"=code=RESOURCE_EXHAUSTED");
    assert_eq!(offered("list demo: hello.HelloService "), "", "there is nothing behind it");
    assert_eq!(offered("call demo: Demo/Fail -d {} "), "", "items do not go with data");
}

#[test]
fn the_server_may_be_named_anywhere() {
    let demo = Demo::plain();
    let told = "=HelloService/SayHello\t(HelloRequest) returns (HelloReply)\n";
    let address = &demo.address;
    assert_eq!(offered(&format!("call {address} HelloS")), told);
    assert_eq!(offered(&format!("call -a {address} HelloS")), told);
    assert_eq!(offered(&format!("--address={address} call HelloS")), told);
    assert_eq!(said(complete("call HelloS").env("RPCCTL_ADDRESS", address)), told);
    let path = said(complete(&format!("call {address}/hello.")));
    assert_eq!(path, "=127.0.0.1:PORT/hello.HelloService/SayHello\t(HelloRequest) returns (HelloReply)\n");
}

#[test]
fn methods_of_net_rpc_where_the_server_lists_them() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    assert_snapshot!(offered(&format!("call netrpc+http://localhost:{} Arith.", demo.port())), @"
    =Arith.Multiply	(*demo.Args, *int)
    =Arith.QuoRem	(*demo.Args, *demo.Quotient)
    ");
    assert_eq!(offered(&format!("call netrpc://localhost:{} Arith.", demo.port())), "");
}

#[test]
fn credentials_go_along_as_the_shell_would_write_them() {
    let demo = Demo::with("--token secret");
    let line = |header: &str| complete("call").arg(&demo.address).arg("-H").arg(header).arg("HelloS");
    let told = "=HelloService/SayHello\t(HelloRequest) returns (HelloReply)\n";
    assert_eq!(said(line("'authorization: Bearer secret'")), told);
    assert_eq!(said(line("\"authorization: Bearer $TOKEN\"").env("TOKEN", "secret")), told);
    assert_eq!(said(line("'authorization: Bearer wrong'")), "");
}

#[test]
fn what_a_server_said_is_kept_for_when_it_is_gone() {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::with("--token secret");
    let words =
        complete("call").arg(&demo.address).arg("-H").arg("'authorization: Bearer secret'").arg("HelloS");
    let told = said(words.env("XDG_CACHE_HOME", home.path()));
    assert!(told.starts_with("=HelloService/SayHello"), "{told}");
    let address = demo.address.clone();
    drop(demo);
    let later = |line: &str| said(complete(line).env("XDG_CACHE_HOME", home.path()));
    assert_eq!(later(&format!("call {address} HelloS")), told);
    assert_eq!(later("list 127.0"), "=127.0.0.1:PORT\tseen before\n");
    let kept: Vec<_> = files(&home.path().join("rpcctl"));
    let [(name, text)] = kept.as_slice() else { panic!("{} files", kept.len()) };
    assert!(name.contains("127.0.0.1") && !name.contains("secret") && !text.contains("secret"), "{name}");
    // What is broken is as if it were not there.
    fs::write(home.path().join("rpcctl").join(name), "{\"format\":1,").unwrap();
    assert_eq!(later(&format!("call {address} HelloS")), "");
}

/// Nobody has pressed Enter yet. (0.0.0.0 is this machine to Linux, and no loopback address by its text.)
#[test]
#[cfg(target_os = "linux")]
fn no_credential_goes_over_a_network_in_plaintext_for_a_tab() {
    let demo = Demo::plain();
    let line = format!("call http://0.0.0.0:{} HelloS", demo.port());
    assert!(said(complete(&line)).starts_with("=HelloService/SayHello"));
    assert_eq!(said(complete(&line).env("RPCCTL_TOKEN", "secret")), "");
    let local = format!("call {} HelloS", demo.address);
    assert!(said(complete(&local).env("RPCCTL_TOKEN", "secret")).starts_with("=HelloService/SayHello"));
}

#[test]
fn targets_that_answered_are_remembered_where_anybody_completes_anything() {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::plain();
    let go = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let run = |verb: &str, target: &str, words: &str| {
        rpcctl(verb).arg(target).args(words).env("XDG_CACHE_HOME", home.path()).run();
    };
    let seen =
        || said(complete("list ").env("XDG_CACHE_HOME", home.path()).env("RPCCTL_ADDRESS", "localhost:1"));
    run("list", &demo.address, "");
    assert!(fs::read_dir(home.path()).unwrap().next().is_none(), "nobody does");
    fs::create_dir(home.path().join("rpcctl")).unwrap();
    run("list", &demo.address, "");
    assert_eq!(seen(), "=127.0.0.1:PORT\tseen before\n=demo:\tthe demo server inside rpcctl\n");
    run("call", &format!("http://localhost:{}", demo.port()), "HelloService/SayHello");
    run("describe", &format!("netrpc+http://localhost:{}", go.port()), "");
    run("list", "localhost:1", "");
    run("call", "localhost:2", "--proto hello/hello.proto -I proto HelloService/SayHello");
    run("list", "demo:", "");
    let mut all: Vec<String> = seen().lines().map(str::to_owned).collect();
    all.sort();
    assert_eq!(
        all,
        [
            "=127.0.0.1:PORT\tseen before",
            "=demo:\tthe demo server inside rpcctl",
            "=http://localhost:PORT\tseen before",
            "=netrpc+http://localhost:PORT\tseen before",
        ]
    );
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    said(complete("list demo: ").env("HOME", home.path()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = home.path().join(".cache/rpcctl");
    assert_eq!((mode(&folder), mode(&folder.join("demo%3A.json"))), (0o700, 0o600));
}

#[test]
fn a_server_that_is_slow_is_asked_again_behind_the_scenes() {
    let home = tempfile::tempdir().unwrap();
    let peer = Peer::h2(|_, _| vec![Step::Hang]);
    let started = Instant::now();
    let hurried = rpcctl("complete bash -- rpcctl list").arg(&peer.address).arg("");
    assert_eq!(said(hurried.env("XDG_CACHE_HOME", home.path())), "");
    // It gives up after a quarter of a second; the rest is for a machine that is busy.
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let kept = files(&home.path().join("rpcctl"));
    assert!(matches!(kept.as_slice(), [(name, _)] if name.ends_with(".waiting")), "it is noted");
    drop(peer);

    let demo = Demo::plain();
    let line = format!("complete --refresh bash -- rpcctl list {}", demo.address);
    assert_eq!(said(rpcctl(&line).arg("").env("XDG_CACHE_HOME", home.path())), "");
    let address = demo.address.clone();
    drop(demo);
    let later = complete(&format!("list {address} hello.")).env("XDG_CACHE_HOME", home.path());
    assert_eq!(said(later), "=hello.HelloService\tservice\n");
}

#[test]
fn what_a_shell_would_act_on_is_not_offered() {
    let peer = reflecting(|_| {
        let mut file = file();
        let methods = &mut file.service[0].method;
        for name in
            ["Do$(id)", "Do`id`", "Do;id", "Do\nid", "Do\tid", "Do\u{1b}[2J", "Do'", "Do\\", "Do>x", "Do*"]
        {
            let mut method = methods[0].clone();
            method.name = Some(name.to_owned());
            methods.push(method);
        }
        let bytes = prost::Message::encode_to_vec(&file);
        Some(vec![bytes])
    });
    assert_eq!(offered(&format!("call {} s.", peer.address)), "=s.Service/Do\t(M) returns (M)\n");
}

#[test]
fn whatever_is_wrong_nothing_is_said() {
    for line in [
        "call localhost:1 ",
        "call ftp://x ",
        "call unix:/no/such.sock ",
        "call --proto /no/such.proto ",
        "call --proto README.md ",
        "call --descriptor-set Cargo.toml ",
        "call demo: NoSuch a=",
        "call demo: Demo/Fail nope.",
        "call demo: Demo/Fail code=nope",
        "call --timeout x localhost:1 ",
        "nope ",
        "serve-demo ",
        "call 'unfinished ",
    ] {
        assert_eq!(offered(line), "", "{line}");
    }
    assert_eq!(said(rpcctl("complete zsh --")), "");
    assert_eq!(said(rpcctl("complete fish -- rpcctl")), "");
    assert_eq!(said(complete("call localhost:1 ").env("RPCCTL_ADDRESS", "::nope")), "");
}

/// A home with a configuration, and a folder in it to work in.
fn home(config: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/rpcctl")).unwrap();
    fs::create_dir(home.path().join("work")).unwrap();
    fs::write(home.path().join(".config/rpcctl/config.toml"), config).unwrap();
    home
}

/// The same as [`complete`] there, where no variable names a server.
fn complete_at(home: &TempDir, line: &str) -> Rpcctl {
    let run = rpcctl("complete --patience 20s bash -- rpcctl").env("HOME", home.path());
    line.split(' ').fold(run.within(&home.path().join("work")), Rpcctl::arg)
}

const SAY_HELLO: &str = "=HelloService/SayHello\t(HelloRequest) returns (HelloReply)\n";

#[test]
fn profiles_are_those_of_the_files_that_count() {
    let home = home("[profiles.staging]\naddress = \"staging:443\"\n[profiles.prod]\n[profiles.\"a b\"]\n");
    let told = |line: &str| said(complete_at(&home, line));
    assert_snapshot!(told("call --profile "), @"
    =prod	
    =staging	staging:443
    ");
    assert_eq!(told("list --profile=st"), "=--profile=staging\tstaging:443\n");
    // An address counts for nothing where nobody vouches for it.
    fs::write(home.path().join("work/.rpcctl.toml"), "[profiles.stage]\naddress = \"evil:1\"\n").unwrap();
    assert_eq!(told("list --profile st"), "=stage\t\n=staging\tstaging:443\n");
    let other = home.path().join("other.toml");
    fs::write(&other, "[profiles.other]\n").unwrap();
    assert_eq!(told(&format!("call --config {} --profile ", other.display())), "=other\t\n");
    assert_eq!(told(&format!("call --config={} --profile o", other.display())), "=other\t\n");
    assert_eq!(told("call --config /no/such --profile "), "");
}

#[test]
fn a_profile_says_whom_to_ask_and_how() {
    let certificates = tempfile::tempdir().unwrap();
    let ca = certificates.path().join("ca.pem");
    let tls = Demo::with(&format!("--tls --token secret --write-cert {}", ca.display()));
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let home = home(&format!(
        "[profiles.tls]\naddress = \"localhost:{}\"\ncacert = \"{}\"\nbearer = \"env:TOKEN\"\n\
         [profiles.files]\naddress = \"localhost:1\"\nproto = \"hello/hello.proto\"\nimport-path = \"{}\"\n",
        tls.port(),
        ca.display(),
        proto.display(),
    ));
    assert_eq!(said(complete_at(&home, "call --profile tls HelloS")), "", "its token is not to be had");
    assert_eq!(said(complete_at(&home, "call --profile tls HelloS").env("TOKEN", "secret")), SAY_HELLO);
    let by_name = complete_at(&home, "call HelloS").env("RPCCTL_PROFILE", "files");
    assert_eq!(said(by_name), SAY_HELLO);
    assert_eq!(said(complete_at(&home, "call --profile files HelloService/SayHello ")), "+name=\tstring\n");
    assert_eq!(said(complete_at(&home, "call --profile nope HelloS")), "");
    assert_eq!(said(complete_at(&home, "call --profile files demo: HelloS")), SAY_HELLO);
}

#[test]
fn nothing_is_run_and_nobody_is_asked_for_a_secret() {
    let (open, closed) = (Demo::plain(), Demo::with("--token secret"));
    let home = home(&format!(
        "[profiles.open]\naddress = \"{open}\"\nbearer = \"command:touch ran; echo secret\"\n\
         [profiles.closed]\naddress = \"{closed}\"\nheader = {{ authorization = \"command:touch ran; echo Bearer secret\" }}\n\
         [profiles.person]\naddress = \"{open}\"\nuser = \"alice\"\n",
        open = open.address,
        closed = closed.address,
    ));
    assert_eq!(said(complete_at(&home, "call --profile open HelloS")), SAY_HELLO);
    assert_eq!(said(complete_at(&home, "call --profile closed HelloS")), "");
    fs::remove_dir_all(home.path().join(".cache")).unwrap();
    assert_eq!(said(complete_at(&home, "call --profile person HelloS")), SAY_HELLO);
    assert!(!home.path().join(".config/rpcctl/ran").exists(), "a command was run");
}

#[test]
fn a_credential_is_kept_from_a_server_that_is_being_typed() {
    let demo = Demo::with("--token secret");
    let home = home("profile = \"mine\"\n[profiles.mine]\naddress = \"localhost:1\"\nbearer = \"secret\"\n");
    let address = &demo.address;
    for line in [
        format!("call {address}/hello."),
        format!("call {address} HelloS"),
        format!("call -a {address} HelloS"),
    ] {
        assert_eq!(said(complete_at(&home, &line)), "", "{line}");
    }
    let path = said(complete_at(&home, &format!("call --profile mine {address}/hello.")));
    assert!(path.contains("/hello.HelloService/SayHello\t"), "{path}");
}

#[test]
fn a_folder_that_nobody_vouches_for_names_no_server() {
    let demo = Demo::plain();
    // It is called where the folder's does not count.
    let home = home("address = \"localhost:1\"\n");
    let file = home.path().join("work/.rpcctl.toml");
    fs::write(&file, format!("[profiles.it]\naddress = \"{}\"\n", demo.address)).unwrap();
    let told = || said(complete_at(&home, "call --profile it HelloS"));
    assert_eq!(told(), "");
    let trusted = rpcctl("config trust").env("HOME", home.path()).within(&home.path().join("work")).run();
    assert_eq!(trusted.code, Some(0), "{trusted}");
    assert_eq!(told(), SAY_HELLO);
}

#[test]
fn profiles_with_one_address_share_what_it_offers() {
    let demo = Demo::with("--token secret");
    let home = home(&format!(
        "[profiles.one]\naddress = \"{0}\"\nbearer = \"secret\"\nheader = {{ x-api-key = \"hidden\" }}\n\
         [profiles.two]\naddress = \"{0}\"\nbearer = \"wrong\"\n",
        demo.address
    ));
    assert_eq!(said(complete_at(&home, "call --profile one HelloS")), SAY_HELLO);
    assert_eq!(said(complete_at(&home, "call --profile two HelloS")), SAY_HELLO);
    let kept = files(&home.path().join(".cache/rpcctl"));
    let [(name, text)] = kept.as_slice() else { panic!("{} files", kept.len()) };
    for secret in ["secret", "hidden", "wrong"] {
        assert!(!name.contains(secret) && !text.contains(secret), "{name}");
    }
}

#[test]
fn a_file_that_is_wrong_keeps_completion_silent() {
    let home = home("nope = 1\n[profiles.it]\naddress = \"demo:\"\n");
    assert_eq!(said(complete_at(&home, "call demo: HelloS")), "");
    assert_eq!(said(complete_at(&home, "call --profile ")), "=it\tdemo:\n");
}

/// The files of a folder by name, with what is in them.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), text)
    };
    entries.map(read).collect()
}

#[test]
fn what_is_exported_and_compared() {
    assert_snapshot!(offered("export demo: hello.HelloService helloworld.G"), @"
    =helloworld.Greeter	service
    =helloworld.Greeter/SayHello	(HelloRequest) returns (HelloReply)
    ");
    assert_snapshot!(offered("diff d"), @"
    =demo:	the demo server inside rpcctl
    @
    ");
    assert_snapshot!(offered("diff old.binpb dem"), @"
    =demo:	the demo server inside rpcctl
    @
    ");
    let schema = offered("diff old.binpb demo: --proto");
    assert!(!schema.contains("--proto\t"), "what is compared stands behind diff: {schema}");
}
