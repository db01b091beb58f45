use super::*;

fn file(kind: FileKind, path: &str, text: &str) -> File {
    let (document, faults) = read(text, Path::new("/etc/x"), Some(Path::new("/home/me")));
    assert_eq!(faults, [], "{text}");
    File { path: path.into(), kind, document }
}

fn own(text: &str) -> Vec<File> {
    vec![file(FileKind::Own, "own", text)]
}

fn faults(text: &str) -> Vec<String> {
    let (_, faults) = read(text, Path::new("/etc/x"), None);
    faults.into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
}

fn speaks(address: &str) -> Option<&'static str> {
    address.starts_with("http://").then_some("plaintext").or(address.starts_with("https://").then_some("tls"))
}

/// What counts: `key = value (file:line profile)`, in the table's order.
fn counts(files: &[File], profile: &str, said: &[&str]) -> Result<Vec<String>, String> {
    let named = Some((profile.to_owned(), "--profile")).filter(|(name, _)| !name.is_empty());
    let chosen = chosen(files, named);
    let layers = layers(files, chosen.as_ref()).map_err(|error| error.to_string())?;
    let said = said.iter().map(|&name| name.to_owned()).collect();
    let all = in_force(&layers, said, speaks).map_err(|fault| fault.to_string())?;
    let shown = all.taken.iter().map(|taken| {
        let value = match &taken.setting.value {
            Value::Switch(on) => on.to_string(),
            Value::Text(text) => text.clone(),
            Value::Paths(paths) => {
                paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(",")
            }
            Value::Secrets(sources) => format!("{sources:?}"),
        };
        let at = format!("{}:{}", taken.file.path.display(), taken.setting.line);
        format!("{} = {value} ({at} {})", taken.setting.id(), taken.profile.unwrap_or("-"))
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort_unstable();
    Ok(shown)
}

#[test]
fn values_have_the_type_of_their_key() {
    assert_eq!(
        faults(
            "tls = 1\ntimeout = true\nproto = [\n 'a',\n 2]\ncert = ['a']\nheader = 'a: 1'\nprofile = 3\nbearer = []\n"
        ),
        [
            "1: tls is true or false, and not a number",
            "2: timeout is a text, and not true or false",
            "5: proto is a path, or several in brackets, and not a number",
            "6: cert is a path, and not a list",
            "7: header is a table of headers, such as { x-name = \"value\" }, and not a text",
            "8: profile is the name of a profile, and not a number",
            "9: bearer is a text, and not a list",
        ]
    );
    assert_eq!(
        faults("bearer = 'env:'\nheader.x = 'command: '"),
        ["1: bearer: nothing stands behind env:", "2: header.x: nothing stands behind command:"]
    );
    assert_eq!(faults("profiles = 1"), ["1: profiles is a table of profiles, and not a number"]);
    assert_eq!(faults("profiles.a = 1"), ["1: profiles.a is a table, and not a number"]);
}

#[test]
fn unknown_keys_are_told_by_line_with_the_nearest() {
    assert_eq!(
        faults("adress = 'a'\n\n[profiles.p]\nimport_paths = 'x'\ninherit = 'q'\nxyz = 1\n[profile.z]\n"),
        [
            "1: there is no key adress, did you mean address?",
            "4: there is no key import_paths, did you mean import-path?",
            "5: there is no key inherit, did you mean inherits?",
            "6: there is no key xyz",
            "7: profile is the name of a profile, and not a table",
        ]
    );
}

#[test]
fn what_is_no_toml_is_told_without_its_text() {
    for text in [
        "bearer = s3cret",
        "[profiles.a\nbearer = 's3cret'",
        "a = \"s3cret",
        "bearer = 's3cret'\nbearer = 's3cret'",
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(!faults[0].contains("s3cret"), "{faults:?}");
    }
    assert!(faults("a = 1\nb = [").iter().all(|fault| fault.starts_with("2: ")));
}

#[test]
fn paths_are_relative_to_the_file() {
    let files = own("proto = ['a.proto', '/b.proto', '~/c.proto']\nkey = '../k.pem'");
    assert_eq!(
        counts(&files, "", &[]).unwrap(),
        ["key = /etc/x/../k.pem (own:2 -)", "proto = /etc/x/a.proto,/b.proto,/home/me/c.proto (own:1 -)",]
    );
}

#[test]
fn secrets_say_where_they_are() {
    let files = own("[header]\nA = 'env:X'\nb = ['file:t', 'command: pass x ', 'text:env:X', 's3cret']");
    assert_eq!(
        counts(&files, "", &[]).unwrap(),
        [
            "header.a = [Env(\"X\")] (own:2 -)",
            "header.b = [File(\"/etc/x/t\"), Command(\"pass x\"), Text((redacted)), Text((redacted))] (own:3 -)",
        ]
    );
}

#[test]
fn a_profile_stands_over_those_it_inherits_from_and_they_over_the_rest() {
    let files = own("\
timeout = 1
authority = 'all'
profile = 'b'
[profiles.a]
timeout = 2
server-name = 'a'
[profiles.b]
inherits = 'a'
timeout = 3
");
    assert_eq!(
        counts(&files, "a", &[]).unwrap(),
        ["authority = all (own:2 -)", "server-name = a (own:6 a)", "timeout = 2 (own:5 a)",]
    );
    // The one that the file itself chooses.
    assert_eq!(
        counts(&files, "", &[]).unwrap(),
        ["authority = all (own:2 -)", "server-name = a (own:6 a)", "timeout = 3 (own:9 b)",]
    );
    assert_eq!(counts(&files, "a", &["timeout", "authority"]).unwrap(), ["server-name = a (own:6 a)"]);
}

#[test]
fn profiles_that_cannot_be() {
    let files = own(
        "[profiles.a]\ninherits = 'b'\n[profiles.b]\ninherits = 'a'\n[profiles.staging]\ninherits = 'bb'",
    );
    let refused = |profile: &str| counts(&files, profile, &[]).unwrap_err();
    assert_eq!(refused("a"), "own:4: a profile can't inherit from itself: a inherits from b inherits from a");
    assert_eq!(refused("stagin"), "--profile: there is no profile \"stagin\", did you mean \"staging\"?");
    assert_eq!(refused("staging"), "own:6: inherits: there is no profile \"bb\", did you mean \"b\"?");
    assert_eq!(refused("xyz"), "--profile: there is no profile \"xyz\"");
    assert_eq!(
        counts(&own("profile = 'no'"), "", &[]).unwrap_err(),
        "own:1: profile: there is no profile \"no\""
    );
}

#[test]
fn what_says_the_opposite_is_replaced_by_what_is_nearer() {
    let files = own("\
tls = true
cacert = 'ca'
[profiles.near]
address = 'h:1'
plaintext = true
[profiles.off]
tls = false
");
    assert_eq!(
        counts(&files, "near", &[]).unwrap(),
        ["address = h:1 (own:4 near)", "plaintext = true (own:5 near)",]
    );
    assert_eq!(
        counts(&files, "off", &[]).unwrap(),
        ["cacert = /etc/x/ca (own:2 -)", "tls = false (own:7 off)"]
    );
    assert_eq!(
        counts(&files, "near", &["server-name"]).unwrap(),
        ["address = h:1 (own:4 near)", "cacert = /etc/x/ca (own:2 -)", "tls = true (own:1 -)",]
    );
    assert_eq!(counts(&files, "", &["insecure"]).unwrap(), ["tls = true (own:1 -)"]);
    assert_eq!(
        counts(&own("cert = 'c'\nkey = 'k'\nproto = 'p'"), "", &["cert", "descriptor-set"]).unwrap(),
        [""; 0]
    );
}

#[test]
fn a_scheme_says_what_is_spoken() {
    let files =
        own("tls = true\n[profiles.p]\naddress = 'http://h'\n[profiles.q]\ninherits = 'p'\ncert = 'c'");
    assert_eq!(counts(&files, "p", &[]).unwrap(), ["address = http://h (own:3 p)"]);
    assert_eq!(
        counts(&files, "q", &[]).unwrap_err(),
        "own:6: cert and address (line 3) contradict each other"
    );
}

#[test]
fn contradictions_side_by_side_are_told() {
    for (text, told) in [
        ("tls = true\nplaintext = true", "own:2: plaintext and tls (line 1) contradict each other"),
        ("plaintext = true\ncert = 'c'", "own:2: cert and plaintext (line 1) contradict each other"),
        ("bearer = 'a'\nuser = 'b'", "own:2: user and bearer (line 1) contradict each other"),
        (
            "bearer = 'a'\nheader.Authorization = 'b'",
            "own:2: header.authorization and bearer (line 1) contradict each other",
        ),
        (
            "address = 'https://h'\nplaintext = true",
            "own:2: plaintext and address (line 1) contradict each other",
        ),
    ] {
        assert_eq!(counts(&own(text), "", &[]).unwrap_err(), told);
        let files = own(text);
        let all = contradictions(&files[0].path, &files[0].document, speaks);
        assert_eq!(all.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
    for text in [
        "tls = true\nplaintext = false",
        "bearer = 'a'\nrpc-header.authorization = 'b'",
        "address = 'https://h'\ntls = true",
    ] {
        assert!(counts(&own(text), "", &[]).is_ok(), "{text}");
    }
}

#[test]
fn headers_add_up_and_a_nearer_one_replaces_its_name() {
    let files = own(
        "[header]\na = '1'\nb = '2'\nauthorization = 'x'\n[profiles.p.header]\nb = '3'\n[profiles.q]\nbearer = 't'",
    );
    let ids = |profile: &str, said: &[&str]| -> Vec<String> {
        let all = counts(&files, profile, said).unwrap();
        all.iter()
            .map(|line| line.split(" = ").next().unwrap().to_owned() + line.rsplit(':').next().unwrap())
            .collect()
    };
    assert_eq!(ids("p", &[]), ["header.a2 -)", "header.authorization4 -)", "header.b6 p)"]);
    assert_eq!(ids("p", &["header.b", "bearer"]), ["header.a2 -)"]);
    assert_eq!(ids("q", &[]), ["bearer8 q)", "header.a2 -)", "header.b3 -)"]);
}

#[test]
fn a_folder_that_nobody_vouches_for_says_what_is_harmless() {
    let text = "address = 'evil:1'\nproto = 'a.proto'\nprofile = 'p'\n[profiles.p]\noutput = 'jsonl'\nbearer = 'x'\n";
    let mine =
        || file(FileKind::Own, "own", "output = 'text'\n[profiles.p]\naddress = 'good:1'\ntimeout = 1\n");
    let folder = |trusted| vec![file(FileKind::Folder { trusted }, "dir", text), mine()];
    let files = folder(false);
    assert_eq!(
        counts(&files, "", &[]).unwrap(),
        ["output = text (own:1 -)", "proto = /etc/x/a.proto (dir:2 -)"]
    );
    assert_eq!(
        counts(&files, "p", &[]).unwrap(),
        [
            "address = good:1 (own:3 p)",
            "output = jsonl (dir:5 p)",
            "proto = /etc/x/a.proto (dir:2 -)",
            "timeout = 1 (own:4 p)",
        ]
    );
    let chosen = chosen(&files, Some(("p".to_owned(), "--profile")));
    let layers = layers(&files, chosen.as_ref()).unwrap();
    let left_out = in_force(&layers, Said::new(), speaks).unwrap().left_out;
    assert_eq!(left_out.iter().map(|taken| taken.setting.id()).collect::<Vec<_>>(), ["bearer"]);
    assert!(counts(&folder(true), "", &[]).unwrap().contains(&"address = good:1 (own:3 p)".to_owned()));
}

#[test]
fn the_table_is_consistent() {
    for key in &KEYS {
        for other in key.against.iter().filter(|other| !other.contains('.')) {
            let other = KEYS.iter().find(|it| it.name == *other).unwrap();
            assert!(other.against.contains(&key.name), "{} and {}", key.name, other.name);
        }
    }
}

#[test]
fn trust_is_in_a_path_and_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("state/trusted"));
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    std::fs::write(&one, "a").unwrap();
    assert!(!store.trusts(&one, b"a") && store.list().unwrap().is_empty());
    store.trust(&one, b"a").unwrap();
    assert!(store.trusts(&one, b"a") && !store.trusts(&one, b"b") && !store.trusts(&two, b"a"));
    store.trust(&one, b"b").unwrap();
    assert!(store.trusts(&one, b"b") && !store.trusts(&one, b"a"));
    let path = std::fs::canonicalize(&one).unwrap();
    assert_eq!(store.list().unwrap(), [(path.clone(), Some(false))]);
    std::fs::write(&one, "b").unwrap();
    assert_eq!(store.list().unwrap(), [(path.clone(), Some(true))]);
    std::fs::remove_file(&one).unwrap();
    assert_eq!(store.list().unwrap(), [(path, None)]);
    assert!(store.untrust(&one).unwrap() && !store.untrust(&one).unwrap());
}

#[cfg(unix)]
#[test]
fn trust_is_the_users_own_business() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("trusted"));
    store.trust(&folder.path().join("x"), b"").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("trusted")), 0o700);
    let entry = std::fs::read_dir(folder.path().join("trusted")).unwrap().next().unwrap().unwrap();
    assert_eq!(mode(&entry.path()), 0o600);
}
