//! One word, taken apart: a path, one of `:=`, `=` and `@`, and the value behind it.

use super::error::{Malformed, WordError};
use super::path::Step;
use super::{Given, Item};

/// More steps than any message has levels: JSON is read 127 deep.
const MAX_STEPS: usize = 100;

/// Whether a word can only be meant as an item: it begins as a field's path does, and has `=` or `@` behind that.
/// Neither targets nor names of methods do.
pub fn is_item(word: &str) -> bool {
    let rest = match word.chars().next() {
        Some('"') => return parse(word).is_ok(),
        Some('[') => word,
        _ => {
            let rest = word.trim_start_matches(is_of_name);
            if rest.len() == word.len() || word.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                return false;
            }
            rest
        }
    };
    match rest.chars().next() {
        Some('=' | '@') => true,
        Some(':') => rest.starts_with(":="),
        Some('.' | '[') => parse(word).is_ok() || (rest.starts_with('[') && rest.contains(['=', '@'])),
        _ => false,
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Takes a word apart at the leftmost of `:=`, `=` and `@`, except in quotes and brackets.
pub(super) fn parse(word: &str) -> Result<Item, WordError> {
    let error = |why| WordError { word: word.to_owned(), why };
    let mut parser = Parser { rest: word, path: Vec::new() };
    let value = parser.item().map_err(error)?;
    Ok(Item { word: word.to_owned(), path: parser.path, value })
}

struct Parser<'w> {
    rest: &'w str,
    path: Vec<Step>,
}

impl Parser<'_> {
    fn item(&mut self) -> Result<Given, Malformed> {
        let begins = self.rest;
        self.name()?;
        loop {
            if self.path.len() > MAX_STEPS {
                return Err(Malformed::Deep(MAX_STEPS));
            }
            if self.takes(":=") {
                return Ok(Given::Json(self.rest.to_owned()));
            } else if self.takes("=") {
                return Ok(Given::Text(self.rest.to_owned()));
            } else if self.takes("@") {
                if self.rest.is_empty() {
                    return Err(Malformed::NoFile);
                }
                return Ok(Given::File(self.rest.into()));
            } else if self.takes(".") {
                self.name()?;
            } else if self.takes("[") {
                self.brackets()?;
            } else if self.rest.is_empty() {
                return Err(Malformed::NoOperator);
            } else {
                let read = begins.len() - self.rest.len();
                return Err(Malformed::Unexpected {
                    found: self.rest.chars().next().unwrap_or_default(),
                    after: begins.get(..read).unwrap_or_default().to_owned(),
                });
            }
        }
    }

    fn takes(&mut self, what: &str) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A field's name, an extension's in brackets, or anything in quotes.
    fn name(&mut self) -> Result<(), Malformed> {
        if self.rest.starts_with('"') {
            let name = self.quoted()?;
            self.path.push(Step::Name(name));
            return Ok(());
        }
        if self.rest.starts_with('[') {
            let end = self.rest.find(']').ok_or(Malformed::Open('['))?;
            let (name, rest) = self.rest.split_at(end + 1);
            self.path.push(Step::Name(name.to_owned()));
            self.rest = rest;
            return Ok(());
        }
        let first = self.path.is_empty();
        // A map's key may be much that no field's name is.
        let ends = |(at, c): (usize, char)| match c {
            '.' | '[' | '=' | '@' | '"' => true,
            ':' if !first => self.rest.get(at..).is_some_and(|rest| rest.starts_with(":=")),
            c => first && !is_of_name(c),
        };
        let end = self.rest.char_indices().find(|&place| ends(place)).map_or(self.rest.len(), |(at, _)| at);
        if end == 0 {
            return Err(if self.path.is_empty() { Malformed::NoField } else { Malformed::NoName });
        }
        let (name, rest) = self.rest.split_at(end);
        self.path.push(Step::Name(name.to_owned()));
        self.rest = rest;
        Ok(())
    }

    /// What stands behind an opening bracket.
    fn brackets(&mut self) -> Result<(), Malformed> {
        if self.rest.starts_with('"') {
            let key = self.quoted()?;
            self.path.push(Step::Key(key));
            return if self.takes("]") { Ok(()) } else { Err(Malformed::Open('[')) };
        }
        let (inside, rest) = self.rest.split_once(']').ok_or(Malformed::Open('['))?;
        self.path.push(match inside.parse() {
            _ if inside.is_empty() => Step::Append,
            // A sign or a zero in front is no index, and may be a key.
            Ok(index) if inside == "0" || inside.starts_with(|c: char| ('1'..='9').contains(&c)) => {
                Step::Index(index)
            }
            _ => Step::Key(inside.to_owned()),
        });
        self.rest = rest;
        Ok(())
    }

    /// A string in double quotes, in which a backslash takes the next character as it is.
    fn quoted(&mut self) -> Result<String, Malformed> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c => text.push(c),
            }
        }
        Err(Malformed::Open('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Step {
        Step::Name(name.to_owned())
    }

    fn key(key: &str) -> Step {
        Step::Key(key.to_owned())
    }

    fn taken(word: &str) -> (Vec<Step>, Given) {
        let item = parse(word).unwrap_or_else(|error| panic!("{error}"));
        (item.path, item.value)
    }

    #[test]
    fn a_word_is_a_path_and_a_value() {
        let text = |text: &str| Given::Text(text.to_owned());
        for (word, path, value) in [
            ("name=Alice", vec![name("name")], text("Alice")),
            ("name=", vec![name("name")], text("")),
            ("a=b=c", vec![name("a")], text("b=c")),
            ("a=b:=c@d", vec![name("a")], text("b:=c@d")),
            ("a==b", vec![name("a")], text("=b")),
            ("url=http://h/?a=b", vec![name("url")], text("http://h/?a=b")),
            ("address.city=Paris", vec![name("address"), name("city")], text("Paris")),
            ("age:=30", vec![name("age")], Given::Json("30".to_owned())),
            ("photo@a=b.png", vec![name("photo")], Given::File("a=b.png".into())),
            ("tags[]=c", vec![name("tags"), Step::Append], text("c")),
            ("p[0].name=A", vec![name("p"), Step::Index(0), name("name")], text("A")),
            ("m[a.b/c]=x", vec![name("m"), key("a.b/c")], text("x")),
            ("m[a=b]=x", vec![name("m"), key("a=b")], text("x")),
            (r#"m["a]b"]=x"#, vec![name("m"), key("a]b")], text("x")),
            (r#"m."a.b".c=x"#, vec![name("m"), name("a.b"), name("c")], text("x")),
            (r#""a\"b"=x"#, vec![name("a\"b")], text("x")),
            ("m.k8s/app:x=y", vec![name("m"), name("k8s/app:x")], text("y")),
            ("m.key:=1", vec![name("m"), name("key")], Given::Json("1".to_owned())),
            ("[pkg.ext]=1", vec![name("[pkg.ext]")], text("1")),
            ("m.[pkg.ext]=1", vec![name("m"), name("[pkg.ext]")], text("1")),
            ("m[01]=1", vec![name("m"), key("01")], text("1")),
            ("m[-1]=1", vec![name("m"), key("-1")], text("1")),
            ("größe=1", vec![name("größe")], text("1")),
        ] {
            assert_eq!(taken(word), (path, value), "{word}");
            assert!(is_item(word), "{word}");
        }
    }

    #[test]
    fn what_is_no_item_says_why() {
        for (word, told) in [
            ("name", "name is no item: write name=VALUE, name:=JSON or name@FILE"),
            ("a.b", "a.b is no item: write a.b=VALUE, a.b:=JSON or a.b@FILE"),
            ("", "\"\" is no item: write FIELD=VALUE, FIELD:=JSON or FIELD@FILE"),
            ("=x", "=x is no item: a field's name stands before '='"),
            ("a.=x", "a.=x is no item: a name is missing behind a dot"),
            ("a[0=x", "a[0=x is no item: the bracket is not closed"),
            ("a[0]x=y", "a[0]x=y is no item: unexpected 'x' behind a[0]"),
            ("a\"b=c", "a\"b=c is no item: unexpected '\"' behind a"),
            ("\"a=c", "\"a=c is no item: the quote is not closed"),
            ("a@", "a@ is no item: the name of a file is missing behind '@'"),
            ("h:1", "h:1 is no item: unexpected ':' behind h"),
        ] {
            assert_eq!(parse(word).unwrap_err().to_string(), told);
        }
        let deep = format!("a{}=1", ".a".repeat(100_000));
        assert!(matches!(parse(&deep).unwrap_err().why, Malformed::Deep(_)));
    }

    #[test]
    fn neither_targets_nor_methods_are_items() {
        for word in [
            "localhost:50051",
            "demo:",
            "http://h/a?b=c",
            "https://user@h/",
            "unix:a=b",
            "unix:@abstract",
            "netrpc+unix:/a=b",
            "pkg.Service/Method",
            "SayHello",
            "[::1]:50051",
            "-x=y",
            "8080=x",
            "",
            "@file",
            "{\"a\":\"b=c\"}",
        ] {
            assert!(!is_item(word), "{word}");
        }
        for malformed in ["a[0=x", "a=", "a:=", "a@"] {
            assert!(is_item(malformed), "{malformed}");
        }
    }
}
