//! Source in colours: the words of the language, what is defined, types, comments.

use super::{FAINT, NUMBER, STRING, TITLE, TYPE, WORD, put};

/// What tells the words of a language apart.
struct Language {
    /// Its words.
    words: &'static [&'static str],
    /// Those of them that a definition's name follows.
    define: &'static [&'static str],
    /// The types that have words of their own.
    types: &'static [&'static str],
}

const PROTO: Language = Language {
    words: &[
        "edition",
        "enum",
        "export",
        "extend",
        "extensions",
        "group",
        "import",
        "local",
        "map",
        "message",
        "oneof",
        "option",
        "optional",
        "package",
        "public",
        "repeated",
        "required",
        "reserved",
        "returns",
        "rpc",
        "service",
        "stream",
        "syntax",
        "to",
        "weak",
    ],
    define: &["enum", "group", "message", "oneof", "rpc", "service"],
    types: &[
        "bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64", "sfixed32", "sfixed64",
        "sint32", "sint64", "string", "uint32", "uint64",
    ],
};

const GO: Language = Language { words: &["interface", "type"], define: &["type"], types: &["error"] };

/// Appends proto source in colours.
pub fn proto(text: &str, out: &mut Vec<u8>) {
    source(text, &PROTO, out);
}

/// Appends Go source in colours.
pub fn go(text: &str, out: &mut Vec<u8>) {
    source(text, &GO, out);
}

fn source(text: &str, language: &Language, out: &mut Vec<u8>) {
    let mut rest = text;
    let mut defines = false;
    while let Some(first) = rest.chars().next() {
        let length = token(rest, first);
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        let next = after.trim_start_matches([' ', '\n', '\t']).chars().next();
        let style = match first {
            '/' if token.len() > 1 => FAINT,
            '"' | '\'' => STRING,
            '0'..='9' => NUMBER,
            // A full name of something that is defined elsewhere.
            '.' if token.len() > 1 => TYPE,
            _ if !is_name(first) => {
                out.extend_from_slice(token.as_bytes());
                continue;
            }
            _ if std::mem::take(&mut defines) => TITLE,
            // Words may be names, too: before a number, or an end.
            _ if language.words.contains(&token)
                && next.is_some_and(|next| !matches!(next, '=' | ';' | ']')) =>
            {
                defines = language.define.contains(&token);
                WORD
            }
            _ if language.types.contains(&token) && next != Some('=') => TYPE,
            _ => {
                out.extend_from_slice(token.as_bytes());
                continue;
            }
        };
        put(out, style, token.as_bytes());
    }
}

/// How long the token at the beginning is.
fn token(text: &str, first: char) -> usize {
    let until = |is_end: &dyn Fn(char) -> bool| {
        text.char_indices().skip(1).find(|&(_, c)| is_end(c)).map_or(text.len(), |(at, _)| at)
    };
    match first {
        '/' if text.starts_with("//") => until(&|c| c == '\n'),
        '/' if text.starts_with("/*") => text.find("*/").map_or(text.len(), |at| at + 2),
        '"' | '\'' => {
            let mut escaped = false;
            let end = text.char_indices().skip(1).find(|&(_, c)| {
                let ends = !escaped && c == first;
                escaped = !escaped && c == '\\';
                ends
            });
            end.map_or(text.len(), |(at, _)| at + 1)
        }
        c if is_name(c) || c == '.' => until(&|c| !is_name(c) && c != '.'),
        c => c.len_utf8(),
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::{plain, shown};
    use super::*;

    fn painted(paint: fn(&str, &mut Vec<u8>), text: &str) -> String {
        let mut out = Vec::new();
        paint(text, &mut out);
        assert_eq!(plain(&out), text);
        shown(&out)
    }

    #[test]
    fn proto_source_has_words_names_types_and_comments() {
        let text =
            "// a \"comment\"\nmessage Request {\n  repeated .a.B message = 1 [default = \"x\\\"y\"];\n}\n";
        assert_eq!(
            painted(proto, text),
            "<faint>// a \"comment\"</>\n<word>message</> <title>Request</> {\n  <word>repeated</> \
             <number>.a.B</> message = <number>1</> [default = <string>\"x\\\"y\"</>];\n}\n"
        );
        assert_eq!(
            painted(proto, "rpc Say(stream .a.B) returns (.c.D);"),
            "<word>rpc</> <title>Say</>(<word>stream</> <number>.a.B</>) <word>returns</> (<number>.c.D</>);"
        );
        assert_eq!(painted(proto, "string string = 1;"), "<number>string</> string = <number>1</>;");
    }

    #[test]
    fn go_source_has_them_too() {
        assert_eq!(
            painted(go, "type Arith interface {\n\tAdd(*Args, *int) error // 1 call\n}\n"),
            "<word>type</> <title>Arith</> <word>interface</> {\n\tAdd(*Args, *int) <number>error</> \
             <faint>// 1 call</>\n}\n"
        );
    }

    #[test]
    fn what_is_cut_off_stays_as_it_is() {
        let whole = "/* é */ option (a) = 'x\\'y'; // ü\n. .a 1.5e3";
        for end in (0..=whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            painted(proto, &whole[..end]);
        }
    }
}
