//! Names of files, which a server chose, as paths below a folder, which a user chose.
//!
//! A name is taken as it is or not at all: a file under another name is none that its importers would find. So what
//! leads out of the folder, means something else to one system than to another, or is no name of a `.proto` file, is
//! refused.

use std::collections::HashMap;

/// Which system's names there are no files of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Unix,
    Windows,
}

impl System {
    pub(super) const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// No file system takes longer names of one file or folder.
const LONGEST_PART: usize = 255;
/// With the folder's own path before it, some systems take no longer ones.
const LONGEST: usize = 1024;

/// Why each of these names can't be written, for those that can't.
pub(super) fn refused<'n>(names: &[&'n str], system: System) -> Vec<(&'n str, String)> {
    let mut refused: Vec<(&str, String)> =
        names.iter().filter_map(|name| Some((*name, why_not(name, system)?))).collect();
    if refused.is_empty() {
        refused = collisions(names);
    }
    refused
}

/// Why a name can't be written, whatever the others are.
fn why_not(name: &str, system: System) -> Option<String> {
    if name.len() > LONGEST {
        return Some(format!("it is longer than {LONGEST} bytes"));
    }
    let said = if name.is_empty() {
        "it is empty"
    } else if name.starts_with('/') {
        "it is an absolute path"
    } else if name.contains(['\\', ':']) {
        "to some systems a backslash or a colon leads elsewhere"
    } else if name.contains(char::is_control) {
        "there are control characters in it"
    } else if !is_proto(name) {
        "it does not end in .proto, and nothing else is put into a folder"
    } else {
        return name.split('/').find_map(|part| why_no_part(part, system)).map(str::to_owned);
    };
    Some(said.to_owned())
}

fn is_proto(name: &str) -> bool {
    let file = name.rsplit('/').next().and_then(|file| file.rsplit_once('.'));
    file.is_some_and(|(stem, extension)| !stem.is_empty() && extension == "proto")
}

/// Why there can't be a file or a folder of this name.
fn why_no_part(part: &str, system: System) -> Option<&'static str> {
    match part {
        "" => Some("there is an empty name between its slashes"),
        "." | ".." => Some("it leads to other folders by . or .."),
        part if part.len() > LONGEST_PART => Some("a part of it is longer than 255 bytes"),
        _ if system == System::Unix => None,
        part if part.ends_with(['.', ' ']) => Some("Windows drops dots and blanks at the end of a name"),
        part if part.contains(['<', '>', '"', '|', '?', '*']) => {
            Some("Windows has no names with any of <>\"|?* in them")
        }
        part if is_device(part) => Some("it names a device of Windows"),
        _ => None,
    }
}

/// Devices are devices in every folder and with every extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |name: &str| {
        let digit = stem
            .strip_prefix(name)
            .and_then(|rest| rest.chars().next().filter(|_| rest.chars().count() == 1));
        digit.is_some_and(|digit| digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³'))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

/// Names that would be one file where capitals make no difference, and files that would be folders of others.
fn collisions<'n>(names: &[&'n str]) -> Vec<(&'n str, String)> {
    let mut files: HashMap<String, &str> = HashMap::new();
    let mut refused = Vec::new();
    for &name in names {
        match files.get(&folded(name)) {
            Some(other) if *other == name => {}
            Some(other) => refused.push((name, format!("{other} differs by capitals alone"))),
            None => drop(files.insert(folded(name), name)),
        }
    }
    for &name in names {
        let folders = name.match_indices('/').filter_map(|(end, _)| name.get(..end));
        for folder in folders {
            if let Some(other) = files.get(&folded(folder)) {
                refused.push((name, format!("{other} is a file, too")));
            }
        }
    }
    refused
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(name: &str) -> String {
        why_not(name, System::Unix).unwrap_or_default()
    }

    #[test]
    fn names_of_files_are_taken_as_they_are() {
        for name in [
            "a.proto",
            "a/b-c/d_1.proto",
            "é/ü.proto",
            ".hidden/x.proto",
            "a b.proto",
            "~/x.proto",
            "-/$(x).proto",
        ] {
            assert_eq!(why(name), "", "{name}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let elsewhere = "to some systems a backslash or a colon leads elsewhere";
        for (name, reason) in [
            ("../x.proto", "it leads to other folders by . or .."),
            ("a/../../x.proto", "it leads to other folders by . or .."),
            ("./x.proto", "it leads to other folders by . or .."),
            ("/etc/x.proto", "it is an absolute path"),
            ("//host/share/x.proto", "it is an absolute path"),
            ("C:/x.proto", elsewhere),
            ("C:x.proto", elsewhere),
            ("a\\..\\..\\x.proto", elsewhere),
            ("\\\\host\\x.proto", elsewhere),
            ("a//b.proto", "there is an empty name between its slashes"),
            ("", "it is empty"),
            ("a\0.proto", "there are control characters in it"),
            ("a\n.proto", "there are control characters in it"),
        ] {
            assert_eq!(why(name), reason, "{name:?}");
        }
    }

    #[test]
    fn nothing_but_proto_files_is_written() {
        for name in ["Makefile", ".envrc", ".git/hooks/pre-commit", "a.proto/", "a/.proto", "a.proto.sh"] {
            assert!(why(name).starts_with("it does not end in .proto"), "{name}: {}", why(name));
        }
    }

    #[test]
    fn what_is_too_long_is_told() {
        let part = "x".repeat(250);
        assert_eq!(why(&format!("{part}.proto")), "a part of it is longer than 255 bytes");
        assert_eq!(why(&format!("{}a.proto", format!("{part}/").repeat(5))), "it is longer than 1024 bytes");
    }

    #[test]
    fn windows_has_names_of_its_own() {
        for name in [
            "con.proto",
            "a/NUL/x.proto",
            "aux .proto",
            "com1.proto",
            "LPT¹.x.proto",
            "a./x.proto",
            "a*.proto",
        ] {
            assert_eq!(why(name), "", "{name}");
            assert!(why_not(name, System::Windows).is_some(), "{name}");
        }
        for name in ["console.proto", "com.proto", "com10.proto", "null.proto"] {
            assert_eq!(why_not(name, System::Windows), None, "{name}");
        }
    }

    #[test]
    fn two_names_are_two_files_on_every_system() {
        let refused = |names: &[&str]| {
            super::refused(names, System::Unix)
                .into_iter()
                .map(|(name, why)| format!("{name}: {why}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            refused(&["A.proto", "b.proto", "a.proto"]),
            ["a.proto: A.proto differs by capitals alone"]
        );
        assert_eq!(refused(&["a.proto/b.proto", "A.proto"]), ["a.proto/b.proto: A.proto is a file, too"]);
        assert!(refused(&["a/x.proto", "A/y.proto", "a.proto"]).is_empty());
    }
}
