//! `google/protobuf/descriptor.proto` once more, with all options left as bytes: what is edited in this form and
//! encoded again has lost no custom option. Things that no repair looks into are bytes as well.

use bytes::Bytes;
use prost::Message as _;

/// `google.protobuf.FileDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct File {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) package: Option<String>,
    #[prost(string, repeated, tag = "3")]
    pub(super) dependency: Vec<String>,
    #[prost(int32, repeated, packed = "false", tag = "10")]
    pub(super) public_dependency: Vec<i32>,
    #[prost(int32, repeated, packed = "false", tag = "11")]
    pub(super) weak_dependency: Vec<i32>,
    #[prost(message, repeated, tag = "4")]
    pub(super) message_type: Vec<Message>,
    #[prost(message, repeated, tag = "5")]
    pub(super) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub(super) service: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    pub(super) extension: Vec<Field>,
    #[prost(bytes = "bytes", repeated, tag = "8")]
    pub(super) options: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "9")]
    pub(super) source_code_info: Vec<Bytes>,
    #[prost(string, optional, tag = "12")]
    pub(super) syntax: Option<String>,
    #[prost(int32, optional, tag = "14")]
    pub(super) edition: Option<i32>,
    #[prost(string, repeated, tag = "15")]
    pub(super) option_dependency: Vec<String>,
}

/// `google.protobuf.DescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Message {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) field: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub(super) nested_type: Vec<Message>,
    #[prost(message, repeated, tag = "4")]
    pub(super) enum_type: Vec<Enum>,
    #[prost(message, repeated, tag = "5")]
    pub(super) extension_range: Vec<ExtensionRange>,
    #[prost(message, repeated, tag = "6")]
    pub(super) extension: Vec<Field>,
    #[prost(bytes = "bytes", repeated, tag = "7")]
    pub(super) options: Vec<Bytes>,
    #[prost(message, repeated, tag = "8")]
    pub(super) oneof_decl: Vec<Oneof>,
    #[prost(bytes = "bytes", repeated, tag = "9")]
    pub(super) reserved_range: Vec<Bytes>,
    #[prost(string, repeated, tag = "10")]
    pub(super) reserved_name: Vec<String>,
    #[prost(int32, optional, tag = "11")]
    pub(super) visibility: Option<i32>,
}

/// `google.protobuf.DescriptorProto.ExtensionRange`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExtensionRange {
    #[prost(int32, optional, tag = "1")]
    pub(super) start: Option<i32>,
    /// The number after the last.
    #[prost(int32, optional, tag = "2")]
    pub(super) end: Option<i32>,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) options: Vec<Bytes>,
}

/// `google.protobuf.FieldDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Field {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) extendee: Option<String>,
    #[prost(int32, optional, tag = "3")]
    pub(super) number: Option<i32>,
    #[prost(int32, optional, tag = "4")]
    pub(super) label: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    pub(super) r#type: Option<i32>,
    #[prost(string, optional, tag = "6")]
    pub(super) type_name: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) default_value: Option<String>,
    #[prost(bytes = "bytes", repeated, tag = "8")]
    pub(super) options: Vec<Bytes>,
    #[prost(int32, optional, tag = "9")]
    pub(super) oneof_index: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub(super) json_name: Option<String>,
    #[prost(bool, optional, tag = "17")]
    pub(super) proto3_optional: Option<bool>,
}

/// `google.protobuf.OneofDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Oneof {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub(super) options: Vec<Bytes>,
}

/// `google.protobuf.EnumDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Enum {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) value: Vec<EnumValue>,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) options: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(super) reserved_range: Vec<Bytes>,
    #[prost(string, repeated, tag = "5")]
    pub(super) reserved_name: Vec<String>,
    #[prost(int32, optional, tag = "6")]
    pub(super) visibility: Option<i32>,
}

/// `google.protobuf.EnumValueDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct EnumValue {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(int32, optional, tag = "2")]
    pub(super) number: Option<i32>,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) options: Vec<Bytes>,
}

/// `google.protobuf.ServiceDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Service {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) method: Vec<Method>,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) options: Vec<Bytes>,
}

/// `google.protobuf.MethodDescriptorProto`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Method {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) input_type: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) output_type: Option<String>,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(super) options: Vec<Bytes>,
    #[prost(bool, optional, tag = "5")]
    pub(super) client_streaming: Option<bool>,
    #[prost(bool, optional, tag = "6")]
    pub(super) server_streaming: Option<bool>,
}

/// As much of `google.protobuf.MessageOptions` as any repair asks for.
#[derive(Clone, PartialEq, prost::Message)]
struct MessageOptions {
    #[prost(bool, optional, tag = "7")]
    map_entry: Option<bool>,
}

impl Message {
    pub(super) fn is_map_entry(&self) -> bool {
        self.options
            .iter()
            .any(|options| MessageOptions::decode(options.clone()).is_ok_and(|options| options.map_entry()))
    }
}

impl Field {
    pub(super) fn is_repeated(&self) -> bool {
        self.label == Some(prost_types::field_descriptor_proto::Label::Repeated.into())
    }
}

impl File {
    pub(super) fn is_proto3(&self) -> bool {
        self.syntax() == "proto3"
    }

    /// Whether there is nothing in the file that anyone could use.
    pub(super) fn is_empty(&self) -> bool {
        self.message_type.is_empty()
            && self.enum_type.is_empty()
            && self.service.is_empty()
            && self.extension.is_empty()
    }
}
