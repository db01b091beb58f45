//! What helps against a TLS handshake that failed: which flags, seen beside those that were given already.

use crate::transport::{Roots, TlsFault, TlsPlan};

/// How a certificate is made that says what it is for.
pub const VERSION_3: &str = "`openssl x509 -req -extfile FILE` makes one of version 3";

/// Advice, where there is any.
pub(super) fn advice(fault: &TlsFault, plan: &TlsPlan) -> Option<String> {
    match fault {
        // Nothing is trusted less than that.
        TlsFault::BadCertificate(_) if matches!(plan.roots, Roots::Unverified) => None,
        TlsFault::UnknownIssuer(_) | TlsFault::SelfSigned => Some(match trusted(plan) {
            Some(files) => format!(
                "{files}, given with --cacert, did not sign it: give the CA that did, or the server's own certificate"
            ),
            None => "--cacert FILE trusts another CA, or the certificate itself; --insecure goes on unverified"
                .to_owned(),
        }),
        TlsFault::CaAsServer => Some(match trusted(plan) {
            Some(files) => {
                format!("{files}, given with --cacert, is not that certificate: give it, and it is trusted")
            }
            None => "--cacert FILE with that very certificate trusts it; --insecure goes on unverified".to_owned(),
        }),
        TlsFault::Version1 => Some(match trusted(plan) {
            Some(files) => {
                format!("{files}, given with --cacert, is not that certificate: give it, and it is trusted")
            }
            None => "--cacert FILE with that very certificate trusts it, and `openssl x509 -req -extfile FILE` makes \
                     one of version 3; --insecure goes on unverified"
                .to_owned(),
        }),
        TlsFault::WrongName { names, .. } if names.is_empty() => {
            Some("the server needs another certificate; --insecure goes on unverified".to_owned())
        }
        TlsFault::WrongName { names, .. } => {
            let name = names.iter().find(|name| can_be_pasted(name)).map_or("NAME", String::as_str);
            let given = plan.server_name.is_some();
            let instead = if given { " instead of the one given" } else { "" };
            Some(format!("if it is the server that you mean: --server-name {name}{instead}"))
        }
        TlsFault::Expired(_) | TlsFault::NotYetValid(_) => {
            Some("look at both clocks; --insecure goes on regardless".to_owned())
        }
        TlsFault::BadCertificate(_) => Some("--insecure goes on regardless".to_owned()),
        TlsFault::NoClientCertificate => Some(
            "give --cert FILE and --key FILE, with a certificate signed by a CA that the server trusts".to_owned(),
        ),
        TlsFault::ClientCertificate(_) => plan.identity.as_ref().map(|identity| {
            let cert = identity.cert.display();
            if plan.shows_version1() {
                format!("{cert}, given with --cert, is of X.509 version 1, which servers may refuse: {VERSION_3}")
            } else {
                format!("what --cert gives is {cert}: the server's log may say more")
            }
        }),
        TlsFault::Refused if plan.identity.is_none() => {
            Some("it may want a client certificate: --cert FILE and --key FILE".to_owned())
        }
        TlsFault::UnknownName => Some("name one that it has with --server-name NAME".to_owned()),
        TlsFault::NoHttp2 => Some("gRPC needs HTTP/2: is this the right port?".to_owned()),
        TlsFault::HungUp => Some(match plan.server_name {
            Some(_) => "is this the right port, and the right --server-name?".to_owned(),
            None => {
                "is this the right port? Some servers hang up on names that they do not know: --server-name NAME"
                    .to_owned()
            }
        }),
        _ => None,
    }
}

/// The files that were given to be trusted.
fn trusted(plan: &TlsPlan) -> Option<String> {
    let Roots::Files(files) = &plan.roots else { return None };
    Some(files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", "))
}

/// Whether a name that a server sent can be pasted into a shell as it is, and is no pattern.
pub fn can_be_pasted(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> TlsPlan {
        TlsPlan::default()
    }

    #[test]
    fn what_was_given_is_not_advised_again() {
        let fault = TlsFault::SelfSigned;
        assert!(advice(&fault, &plan()).unwrap().starts_with("--cacert FILE trusts another CA"));
        let given = TlsPlan { roots: Roots::Files(vec!["ca.pem".into()]), ..plan() };
        assert!(advice(&fault, &given).unwrap().starts_with("ca.pem, given with --cacert, did not sign it"));
    }

    #[test]
    fn what_is_given_already_is_no_advice() {
        let fault = TlsFault::BadCertificate("is malformed");
        let insecure = TlsPlan { roots: Roots::Unverified, ..plan() };
        assert!(advice(&fault, &plan()).unwrap().starts_with("--insecure"));
        assert_eq!(advice(&fault, &insecure), None);
    }

    #[test]
    fn a_name_is_advised_only_if_it_can_be_pasted() {
        let named = |names: &[&str]| {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            advice(&TlsFault::WrongName { wanted: "w".to_owned(), names }, &plan()).unwrap()
        };
        assert!(named(&["*.a.example", "b.example"]).ends_with("--server-name b.example"));
        assert!(named(&["$(reboot)", "-x"]).ends_with("--server-name NAME"));
        assert!(!named(&[]).contains("--server-name"));
    }
}
