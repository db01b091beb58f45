//! Descriptions of symbols, for reading, for programs and to fill in.
//!
//! The JSON forms are stable: members may be added, none is renamed or removed.

use std::io::{self, Write};

use prost_reflect::{DescriptorPool, MessageDescriptor};
use serde::Serialize;
use serde_json::value::RawValue;

use super::color::{self, Paint};
use super::{sanitize, write_json, write_json_text};
use crate::message::json::{self, Types};
use crate::message::template::{self, Template};
use crate::schema::symbol::Symbol;
use crate::schema::{self, print, traits};

/// The source of each symbol, a blank line between two; with what others add to it, where there is but one.
pub fn describe(out: &mut dyn Write, symbols: &[Symbol], paint: Paint) -> io::Result<()> {
    let mut files = print::Files::default();
    for (index, symbol) in symbols.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut source = String::new();
        files.symbol(symbol, &mut source);
        if symbols.len() == 1 {
            files.extensions(symbol, &mut source);
        }
        let source = sanitize::multiline(&source);
        if paint.is_colored() {
            let mut painted = Vec::new();
            color::proto(&source, &mut painted);
            out.write_all(&painted)?;
        } else {
            out.write_all(source.as_bytes())?;
        }
    }
    Ok(())
}

/// A message to fill in, as JSON and nothing else, so that a call can read it.
pub fn template(out: &mut dyn Write, message: &MessageDescriptor, paint: Paint) -> io::Result<()> {
    write_json_text(out, &template::json(message), paint)
}

/// `{"name", "kind", "file", "edition"?, "source", "template"?, "descriptor"?}`, with what others add to it in the
/// source. `kind` is one of `service`, `method`, `message`, `field`, `oneof`, `enum`, `enum value`, `extension`;
/// `descriptor` is the symbol's descriptor message as protobuf JSON.
pub fn describe_json(
    out: &mut dyn Write,
    symbol: &Symbol,
    with_template: bool,
    paint: Paint,
) -> io::Result<()> {
    let mut files = print::Files::default();
    let mut description = Description::new(&mut files, symbol, with_template, 1);
    files.extensions(symbol, &mut description.source);
    write_json(out, &description, paint)
}

/// The same for several symbols, as one array.
pub fn describe_all_json(out: &mut dyn Write, symbols: &[Symbol], paint: Paint) -> io::Result<()> {
    let mut files = print::Files::default();
    let all: Vec<Description> =
        symbols.iter().map(|symbol| Description::new(&mut files, symbol, false, 2)).collect();
    write_json(out, &all, paint)
}

#[derive(Serialize)]
struct Description {
    name: String,
    kind: &'static str,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    edition: Option<String>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Template>,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<Box<RawValue>>,
}

impl Description {
    /// `depth` is how deep its members are indented.
    fn new(files: &mut print::Files, symbol: &Symbol, with_template: bool, depth: usize) -> Self {
        let mut source = String::new();
        files.symbol(symbol, &mut source);
        let message = template_message(symbol).filter(|_| with_template);
        Self {
            name: symbol.full_name().to_owned(),
            kind: symbol.kind(),
            file: symbol.file().name().to_owned(),
            edition: traits::edition(&symbol.file()).map(|edition| edition.to_string()),
            source,
            template: message.map(|message| Template::new(&message)),
            descriptor: descriptor_json(symbol, depth),
        }
    }
}

/// The message that somebody who looks at `symbol` would fill in.
pub fn template_message(symbol: &Symbol) -> Option<MessageDescriptor> {
    match symbol {
        Symbol::Message(message) => Some(message.clone()),
        Symbol::Method(method) => Some(method.input()),
        _ => None,
    }
}

/// By the pool's own `descriptor.proto` if that works, since custom options extend that one; by the standard
/// one otherwise, which loses them.
fn descriptor_json(symbol: &Symbol, depth: usize) -> Option<Box<RawValue>> {
    let kind = match symbol {
        Symbol::Service(_) => "google.protobuf.ServiceDescriptorProto",
        Symbol::Method(_) => "google.protobuf.MethodDescriptorProto",
        Symbol::Message(_) => "google.protobuf.DescriptorProto",
        Symbol::Field(_) | Symbol::Extension(_) => "google.protobuf.FieldDescriptorProto",
        Symbol::Oneof(_) => "google.protobuf.OneofDescriptorProto",
        Symbol::Enum(_) => "google.protobuf.EnumDescriptorProto",
        Symbol::EnumValue(_) => "google.protobuf.EnumValueDescriptorProto",
    };
    let file = symbol.file();
    let encoded = schema::encoded(&file);
    let bytes = print::element_bytes(&encoded, symbol.path())?;
    let by = |pool: &DescriptorPool| {
        let descriptor = pool.get_message_by_name(kind)?;
        let mut json = Vec::new();
        let style = json::Style { pretty: true, ..json::Style::default() };
        json::Printer::new(style).print(&descriptor, bytes, &Pool(pool), &mut json);
        // Strings have their line breaks escaped: those that are left are between members.
        let indented = String::from_utf8(json).ok()?.replace('\n', &format!("\n{}", "  ".repeat(depth)));
        RawValue::from_string(indented).ok()
    };
    by(file.parent_pool()).or_else(|| by(&DescriptorPool::global()))
}

/// The types that an option in a descriptor may name.
struct Pool<'p>(&'p DescriptorPool);

impl Types for Pool<'_> {
    fn message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.0.get_message_by_name(full_name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::output::testing::{hello, text};
    use crate::schema::symbol::{Lookup, find};

    fn symbol(name: &str) -> Symbol {
        let Lookup::Found(symbol) = find(&hello(), name) else { panic!("no {name}") };
        symbol
    }

    #[test]
    fn descriptions_have_a_line_between_them() {
        assert_eq!(
            text(|out| describe(out, &[symbol("hello.Request"), symbol("hello.Reply")], Paint::Plain)),
            "\
// hello.Request is a message in hello.proto
message Request {
  string name = 1;
}

// hello.Reply is a message in hello.proto
message Reply {
  string text = 1 [deprecated = true];
}
"
        );
    }

    #[test]
    fn a_template_is_json_and_nothing_else() {
        let message = template_message(&symbol("HelloService/SayHello")).unwrap();
        assert_eq!(text(|out| template(out, &message, Paint::Plain)), "{\n  \"name\": \"\"\n}\n");
        assert!(template_message(&symbol("HelloService")).is_none());
    }

    #[test]
    fn the_json_of_a_description() {
        let describe = |name: &str| {
            serde_json::from_str(&text(|out| describe_json(out, &symbol(name), true, Paint::Plain))).unwrap()
        };
        let value: Value = describe("HelloService/SayHello");
        assert_eq!(
            (&value["name"], &value["kind"]),
            (&json!("hello.HelloService.SayHello"), &json!("method"))
        );
        assert_eq!(value["file"], "hello.proto");
        assert_eq!(value["template"], json!({"name": ""}));
        assert!(value["source"].as_str().unwrap().contains("rpc SayHello(.hello.Request)"));
        assert_eq!(
            value["descriptor"],
            json!({"name": "SayHello", "inputType": ".hello.Request", "outputType": ".hello.Reply"})
        );
        let text = text(|out| describe_json(out, &symbol("HelloService/SayHello"), false, Paint::Plain));
        let descriptor = text.split_once("\"descriptor\": ").unwrap().1;
        assert_eq!(
            descriptor,
            "{\n    \"name\": \"SayHello\",\n    \"inputType\": \".hello.Request\",\n    \"outputType\": \".hello.Reply\"\n  }\n}\n"
        );
        let value: Value = describe("hello.Reply.text");
        assert_eq!(value["descriptor"]["options"], json!({"deprecated": true}));
        assert_eq!(value.get("template"), None);
    }
}
