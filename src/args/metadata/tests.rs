use std::collections::BTreeMap;

use super::*;
use crate::netrpc::Codec;
use crate::wire::MetadataValue;

/// Files and variables by name.
#[derive(Default)]
struct World(BTreeMap<&'static str, &'static str>);

impl Lookup for World {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(Into::into)
    }

    fn file(&self, path: &Path, _: u64) -> io::Result<Vec<u8>> {
        let text = path.to_str().and_then(|path| self.0.get(path));
        text.map(|text| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn password(&self, _: &str) -> io::Result<Option<Secret>> {
        Ok(self.0.get("password").map(|&password| Secret::new(password)))
    }
}

fn world(things: &[(&'static str, &'static str)]) -> World {
    World(things.iter().copied().collect())
}

fn headers(flags: &[&str]) -> CallHeaders {
    use clap::FromArgMatches as _;
    let command = CallHeaders::augment_args(clap::Command::new("call"));
    let matches = command.get_matches_from(["call"].iter().chain(flags));
    CallHeaders::from_arg_matches(&matches).unwrap()
}

fn read(flags: &[&str], under: &HeadersUnder, world: &World) -> Result<Headers, ArgsError> {
    headers(flags).read(None, under, world, Protocol::Http(None))
}

fn texts(metadata: &Metadata) -> Vec<String> {
    let mut all: Vec<String> = metadata
        .entries()
        .map(|(name, value)| match value {
            MetadataValue::Text(text) => format!("{name}: {text}"),
            MetadataValue::Binary(bytes) => format!("{name}: {bytes:?}"),
        })
        .collect();
    all.sort_unstable();
    all
}

fn sent(flags: &[&str], under: &HeadersUnder) -> Vec<String> {
    texts(&read(flags, under, &World::default()).unwrap().call)
}

fn refused(flags: &[&str], world: &World) -> String {
    read(flags, &HeadersUnder::default(), world).unwrap_err().to_string()
}

#[test]
fn a_file_has_a_header_a_line() {
    let world = world(&[("h", "\u{feff}# who\r\nA: 1\r\n\n  # no\nb: ${X}\n"), ("X", "2")]);
    let both = read(&["-H@h", "--expand-headers"], &HeadersUnder::default(), &world).unwrap();
    assert_eq!(texts(&both.call), ["a: 1", "b: 2"]);
    assert_eq!(texts(&both.reflection), ["a: 1", "b: 2"]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_by_its_line() {
    let world = world(&[("h", "a: 1\n\nnope s3cret\n"), ("e", "# nothing\n"), ("x", "\n\na: ${NO}")]);
    assert_eq!(refused(&["-H", "@h"], &world), "h:3: \"…\" is no header: write 'name: value'");
    assert_eq!(refused(&["--rpc-header", "@e"], &world), "--rpc-header: there is no header in e");
    assert_eq!(refused(&["-H", "@no"], &world), "-H: cannot read no");
    let error = refused(&["-H", "@x", "--expand-headers"], &world);
    assert_eq!(error, "x:3: the environment variable NO is not set");
}

#[test]
fn credentials_become_headers() {
    let none = HeadersUnder::default();
    let world = world(&[("t", "abc\n"), ("password", "b:c")]);
    for (flags, value) in [
        (["--bearer", "abc"], "Bearer abc"),
        (["--bearer", "@t"], "Bearer abc"),
        (["-u", "a:b"], "Basic YTpi"),
        (["-u", "a:"], "Basic YTo="),
        (["-u", "a"], "Basic YTpiOmM="),
    ] {
        let sent = read(&flags, &none, &world).unwrap();
        assert_eq!(texts(&sent.call), [format!("authorization: {value}")], "{flags:?}");
        assert_eq!(texts(&sent.reflection), texts(&sent.call));
    }
}

#[test]
fn what_is_no_credential_is_not_repeated() {
    let world = world(&[("e", "\n"), ("two", "s3cret s3cret")]);
    assert_eq!(refused(&["--bearer", ""], &world), "--bearer: the token is empty");
    assert_eq!(refused(&["--bearer", "@e"], &world), "--bearer: the token is empty");
    for flags in [["--bearer", "Bearer s3cret"], ["--bearer", "@two"], ["-u", ":s3cret"]] {
        let error = refused(&flags, &world);
        assert!(!error.contains("s3cret"), "{error}");
    }
    let error = refused(&["-u", "alice"], &world);
    assert_eq!(error, "-u alice has no password, and there is no terminal to ask for it");
    assert!(!format!("{:?}", headers(&["--bearer", "s3cret"])).contains("s3cret"));
}

#[test]
fn the_nearest_credential_is_sent() {
    let profile = |lines: &[&str]| HeadersUnder {
        token: None,
        credential: Some(Credential::bearer("bearer", "profile").unwrap()),
        both: lines.iter().map(|&line| Secret::new(line)).collect(),
        ..HeadersUnder::default()
    };
    let under = HeadersUnder { token: Some("env".into()), ..profile(&["authorization: line"]) };
    assert_eq!(sent(&["--bearer", "typed"], &under), ["authorization: Bearer typed"]);
    assert_eq!(sent(&["-H", "Authorization: x"], &under), ["authorization: x"]);
    assert_eq!(sent(&["--rpc-header", "Authorization: x"], &under), ["authorization: x"]);
    assert_eq!(sent(&[], &under), ["authorization: Bearer env"]);
    assert_eq!(sent(&[], &profile(&[])), ["authorization: Bearer profile"]);
    assert_eq!(sent(&[], &profile(&["authorization: line"])), ["authorization: line"]);
    let both = read(&["--rpc-header", "authorization: x"], &under, &World::default()).unwrap();
    assert_eq!(texts(&both.reflection), ["authorization: Bearer env"]);
    assert_eq!(
        refused(&["--bearer", "a", "-H", "authorization: x"], &World::default()),
        "two credentials: --bearer, and an authorization header with -H"
    );
}

#[test]
fn headers_of_a_profile_yield_to_the_same_names() {
    let under = HeadersUnder {
        both: vec![Secret::new("a: 1"), Secret::new("b: 2"), Secret::new("c: 3")],
        ..HeadersUnder::default()
    };
    assert_eq!(
        sent(&["-H", "B: x", "--rpc-header", "c: y", "-H", "d: z"], &under),
        ["a: 1", "b: x", "c: y", "d: z"]
    );
}

#[test]
fn where_no_headers_go_the_environment_is_passed_over() {
    let under = HeadersUnder { token: Some("env".into()), ..HeadersUnder::default() };
    let go = Protocol::NetRpc { codec: Codec::Gob, http: false };
    let sent = headers(&[]).read(None, &under, &World::default(), go).unwrap();
    assert!(sent.call.is_empty() && sent.secrets().is_empty());
}
