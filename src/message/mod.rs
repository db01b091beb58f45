//! Text ⇄ messages: JSON, protobuf text, splitting documents, templates.
