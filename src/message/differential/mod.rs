//! What becomes of a message here is what becomes of it in buffa, which shares no code with this: on random messages of
//! the type that the demo's Echo takes.

mod random;

use std::sync::Arc;

use buffa_descriptor::reflect::DynamicMessage;
use buffa_descriptor::{DescriptorPool, MessageIndex};
use prost_reflect::MessageDescriptor;
use serde_json::Value;

use super::{bytes, json, text};
use crate::schema::testing;
use random::Random;

const FILES: [(&str, &str); 2] = [
    ("demo/v1/options.proto", include_str!("../../../proto/demo/v1/options.proto")),
    ("demo/v1/everything.proto", include_str!("../../../proto/demo/v1/everything.proto")),
];

/// The type, here and there.
struct Everything {
    ours: MessageDescriptor,
    json: [json::Printer; 2],
    reader: json::Reader,
    text: [text::Printer; 2],
    text_reader: text::Reader,
    pool: Arc<DescriptorPool>,
    index: MessageIndex,
}

impl json::Types for Everything {
    fn message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.ours.parent_pool().get_message_by_name(full_name)
    }
}

impl Everything {
    fn new() -> Self {
        let name = "demo.v1.Everything";
        // The compiler's own pool does not go by `packed` as an option.
        let set = testing::pool(&FILES).encode_to_vec();
        let ours = prost_reflect::DescriptorPool::decode(&*set).unwrap().get_message_by_name(name).unwrap();
        let pool = Arc::new(DescriptorPool::decode(&set).unwrap());
        let index = pool.message_index(name).unwrap();
        let json =
            [false, true].map(|pretty| json::Printer::new(json::Style { pretty, ..json::Style::default() }));
        let text = [false, true].map(|pretty| text::Printer::new(text::Style { pretty, unknown: false }));
        let (reader, text_reader) = (json::Reader::default(), text::Reader::default());
        Self { ours, json, reader, text, text_reader, pool, index }
    }

    fn theirs(&self, bytes: &[u8]) -> DynamicMessage {
        DynamicMessage::decode(Arc::clone(&self.pool), self.index, bytes).unwrap()
    }

    /// The JSON of it, unless something stands there in place of a value.
    fn json(&self, round: usize, bytes: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        let missing = self.json[round % 2].print(&self.ours, bytes, self, &mut out);
        (missing == json::Missing::default()).then(|| String::from_utf8(out).unwrap())
    }

    fn read(&self, document: &str) -> Vec<u8> {
        self.reader
            .read(&self.ours, document.as_bytes(), false)
            .unwrap_or_else(|error| panic!("{error}\n{document}"))
    }

    fn their_read(&self, document: &str) -> DynamicMessage {
        DynamicMessage::from_json(Arc::clone(&self.pool), self.index, document)
            .unwrap_or_else(|error| panic!("{error}\n{document}"))
    }

    fn text(&self, round: usize, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        self.text[round % 2].print(&self.ours, bytes, self, &mut out);
        String::from_utf8(out).unwrap()
    }
}

/// A document of which members have one order and numbers one spelling.
fn document(json: &str) -> String {
    fn spelt(value: Value) -> Value {
        match value {
            Value::Number(number) => Value::String(format!("number {:?}", number.as_f64())),
            Value::Array(elements) => elements.into_iter().map(spelt).collect(),
            Value::Object(members) => members.into_iter().map(|(name, value)| (name, spelt(value))).collect(),
            other => other,
        }
    }
    let value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}\n{json}"));
    spelt(value).to_string()
}

#[test]
fn messages_are_what_buffa_makes_of_them() {
    let everything = Everything::new();
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15, Arc::clone(&everything.pool));
    for round in 0..300 {
        let message = random.message(everything.index);
        // Map entries are sorted there.
        let wire = message.encode_to_vec();
        let theirs = message.to_json().unwrap();

        let ours = everything.json(round, &wire).unwrap();
        assert_eq!(document(&ours), document(&theirs), "round {round}");
        assert_eq!(everything.their_read(&ours).encode_to_vec(), wire, "round {round}: {ours}");
        // To the byte: map entries come in the order of the document.
        assert_eq!(everything.read(&theirs), wire, "round {round}: {theirs}");

        let printed = everything.text(round, &wire);
        let read = everything.text_reader.read(&everything.ours, printed.as_bytes()).unwrap();
        assert_eq!(read, wire, "round {round}: {printed}");
    }
}

#[test]
fn what_comes_in_pieces_is_merged_as_buffa_merges_it() {
    let everything = Everything::new();
    let mut random = Random::new(0x2545_f491_4f6c_dd1d, Arc::clone(&everything.pool));
    let mut compared = 0;
    for round in 0..300 {
        let unknown = [b"\xc2\x3e\x03abc".as_slice(), b"\xc3\x3e\x08\x01\xc4\x3e", b""][round % 3];
        let pieces = [random.message(everything.index), random.message(everything.index)];
        let wire = [&pieces[0].encode_to_vec(), unknown, &pieces[1].encode_to_vec()].concat();
        let theirs = everything.theirs(&wire);

        let rewritten = bytes::Rewriter::default().rewrite(&everything.ours, &wire).unwrap();
        assert_eq!(everything.theirs(&rewritten).encode_to_vec(), theirs.encode_to_vec(), "round {round}");
        // What has the wrong wire type, as where one Any's type met another's bytes, is shown here and ignored there.
        if let Some(ours) = everything.json(round, &wire) {
            assert_eq!(document(&ours), document(&theirs.to_json().unwrap()), "round {round}");
            compared += 1;
        }
    }
    assert!(compared > 250, "{compared}");
}
