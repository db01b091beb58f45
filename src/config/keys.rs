//! The table of keys.

/// A key of a configuration file.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The long name of the flag it stands for. It is the key's own, but where one flag means two things.
    pub flag: &'static str,
    /// The verbs it counts for, where it is not all that have the flag.
    pub verbs: Option<&'static [&'static str]>,
    /// What its value is.
    pub kind: Kind,
    /// What it is about.
    pub group: Group,
    /// Keys that say the opposite: both can't stand side by side, and the one that is nearer to the command line
    /// replaces the other.
    pub against: &'static [&'static str],
    /// Flags that replace it as well, though they can stand beside it.
    pub yields: &'static [&'static str],
    /// What is in force where nothing is said, as `config show` shows it.
    pub default: Option<&'static str>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text or a number, handed to the flag as it is.
    Text,
    /// A path.
    Path,
    /// A path or several.
    Paths,
    /// True or false.
    Switch,
    /// A text that is not shown, or where to find it.
    Secret,
    /// Names of headers, each with such a text or several.
    Headers,
}

/// What a key is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The server and the way to it.
    Connection,
    /// What is sent along.
    Headers,
    /// What types there are.
    Schema,
    /// How things are printed.
    Output,
}

impl Group {
    /// Whether such keys count in a folder that nobody vouches for: they decide neither whom anything is sent to nor
    /// what.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Schema | Self::Output)
    }
}

const fn key(name: &'static str, kind: Kind, group: Group) -> Key {
    Key { name, flag: name, verbs: None, kind, group, against: &[], yields: &[], default: None }
}

use Group::{Connection, Headers, Output, Schema};

/// Every key, in the order in which they are shown.
pub static KEYS: [Key; 40] = [
    Key { default: Some("localhost:50051"), ..key("address", Kind::Text, Connection) },
    Key {
        against: &["tls", "cacert", "cert", "key", "key-password", "insecure", "server-name"],
        ..key("plaintext", Kind::Switch, Connection)
    },
    Key { against: &["plaintext"], ..key("tls", Kind::Switch, Connection) },
    Key { against: &["plaintext", "insecure"], ..key("cacert", Kind::Paths, Connection) },
    Key { against: &["plaintext"], ..key("cert", Kind::Path, Connection) },
    // A key fits one certificate and no other.
    Key { against: &["plaintext"], yields: &["cert"], ..key("key", Kind::Path, Connection) },
    Key { against: &["plaintext"], yields: &["cert"], ..key("key-password", Kind::Secret, Connection) },
    Key { default: Some("1.2"), ..key("tls-min", Kind::Text, Connection) },
    Key { default: Some("1.3"), ..key("tls-max", Kind::Text, Connection) },
    Key { against: &["plaintext", "cacert"], ..key("insecure", Kind::Switch, Connection) },
    Key { against: &["plaintext"], ..key("server-name", Kind::Text, Connection) },
    key("authority", Kind::Text, Connection),
    Key {
        default: Some(concat!("rpcctl/", env!("CARGO_PKG_VERSION"))),
        ..key("user-agent", Kind::Text, Connection)
    },
    Key { default: Some("10s"), ..key("connect-timeout", Kind::Text, Connection) },
    key("timeout", Kind::Text, Connection),
    key("keepalive-time", Kind::Text, Connection),
    Key { default: Some("1M"), ..key("max-header-size", Kind::Text, Connection) },
    // There may be a password in it.
    key("proxy", Kind::Secret, Connection),
    key("no-proxy", Kind::Text, Connection),
    Key { default: Some("grpc"), ..key("protocol", Kind::Text, Connection) },
    Key { default: Some("proto"), ..key("codec", Kind::Text, Connection) },
    key("http", Kind::Text, Connection),
    key("compression", Kind::Text, Connection),
    Key { default: Some("4M"), ..key("max-message-size", Kind::Text, Connection) },
    key("header", Kind::Headers, Headers),
    key("reflect-header", Kind::Headers, Headers),
    key("rpc-header", Kind::Headers, Headers),
    key("expand-headers", Kind::Switch, Headers),
    Key { against: &["user", "header.authorization"], ..key("bearer", Kind::Secret, Headers) },
    Key { against: &["bearer", "header.authorization"], ..key("user", Kind::Secret, Headers) },
    // Files that were named are the schema, and those of a profile are not mixed with them.
    Key { yields: &["descriptor-set"], ..key("proto", Kind::Paths, Schema) },
    key("import-path", Kind::Paths, Schema),
    Key { yields: &["proto"], ..key("descriptor-set", Kind::Paths, Schema) },
    Key { default: Some("auto, or off where files are given"), ..key("reflection", Kind::Text, Schema) },
    Key {
        verbs: Some(&["call"]),
        yields: &["format"],
        default: Some("json"),
        ..key("output", Kind::Text, Output)
    },
    Key {
        flag: "output",
        verbs: Some(&["list", "describe"]),
        default: Some("text"),
        ..key("list-output", Kind::Text, Output)
    },
    key("emit-defaults", Kind::Switch, Output),
    key("proto-names", Kind::Switch, Output),
    key("enum-numbers", Kind::Switch, Output),
    key("int64-numbers", Kind::Switch, Output),
];
