//! What `google/protobuf/descriptor.proto` has gained since the compiler's copy of it: all that edition 2024 brought,
//! and room for the features of every language.
//!
//! Files in editions import the latter (`pb.go`, `pb.java`), and the pool refuses an extension that has no range.

use bytes::Bytes;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};

use crate::schema::raw::{Enum, EnumValue, ExtensionRange, Field, File, Message};

/// The file with what it lacks. What it has already stays as it is.
pub(super) fn completed(bytes: Bytes) -> Bytes {
    let Ok(mut file) = File::decode(bytes.clone()) else { return bytes };
    if let Some(editions) = file.enum_type.iter_mut().find(|own| own.name() == "Edition") {
        let more = [
            ("EDITION_LEGACY", 900),
            ("EDITION_2024", 1001),
            ("EDITION_2026", 1002),
            ("EDITION_UNSTABLE", 9999),
            ("EDITION_MAX", i32::MAX),
        ];
        add_values(editions, &more);
    }
    let visibility = [("VISIBILITY_UNSET", 0), ("VISIBILITY_LOCAL", 1), ("VISIBILITY_EXPORT", 2)];
    add_enum(&mut file.enum_type, "SymbolVisibility", &visibility);
    for message in &mut file.message_type {
        match message.name() {
            "FileDescriptorProto" => {
                let mut imports = field("option_dependency", 15, Type::String, None);
                imports.label = Some(Label::Repeated.into());
                add_field(message, imports);
            }
            "DescriptorProto" => add_field(message, of_enum("visibility", 11, "SymbolVisibility")),
            "EnumDescriptorProto" => add_field(message, of_enum("visibility", 6, "SymbolVisibility")),
            "FieldOptions" => {
                add_message(message, feature_support());
                add_field(message, of_message("feature_support", 22, "FieldOptions.FeatureSupport"));
            }
            "EnumValueOptions" => {
                add_field(message, of_message("feature_support", 4, "FieldOptions.FeatureSupport"));
            }
            "FeatureSet" => complete_features(message),
            _ => {}
        }
    }
    file.encode_to_vec().into()
}

fn complete_features(message: &mut Message) {
    if let Some(validation) = message.enum_type.iter_mut().find(|own| own.name() == "Utf8Validation") {
        // Its number was another before there were editions.
        validation.value.retain(|value| value.number != Some(1));
        add_values(validation, &[("NONE", 3)]);
    }
    let styles = [("ENFORCE_NAMING_STYLE_UNKNOWN", 0), ("STYLE2024", 1), ("STYLE_LEGACY", 2)];
    add_enum(&mut message.enum_type, "EnforceNamingStyle", &styles);
    add_field(message, of_enum("enforce_naming_style", 7, "FeatureSet.EnforceNamingStyle"));
    let mut feature = Message { name: Some("VisibilityFeature".to_owned()), ..Message::default() };
    let visibilities = [
        ("DEFAULT_SYMBOL_VISIBILITY_UNKNOWN", 0),
        ("EXPORT_ALL", 1),
        ("EXPORT_TOP_LEVEL", 2),
        ("LOCAL_ALL", 3),
        ("STRICT", 4),
    ];
    add_enum(&mut feature.enum_type, "DefaultSymbolVisibility", &visibilities);
    add_message(message, feature);
    let kind = "FeatureSet.VisibilityFeature.DefaultSymbolVisibility";
    add_field(message, of_enum("default_symbol_visibility", 8, kind));
    let range =
        |start, end| ExtensionRange { start: Some(start), end: Some(end), ..ExtensionRange::default() };
    message.extension_range = vec![range(1000, 9995), range(9995, 10_000), range(10_000, 10_001)];
}

fn feature_support() -> Message {
    let mut message = Message { name: Some("FeatureSupport".to_owned()), ..Message::default() };
    message.field = vec![
        of_enum("edition_introduced", 1, "Edition"),
        of_enum("edition_deprecated", 2, "Edition"),
        field("deprecation_warning", 3, Type::String, None),
        of_enum("edition_removed", 4, "Edition"),
        field("removal_error", 5, Type::String, None),
    ];
    message
}

fn field(name: &str, number: i32, kind: Type, type_name: Option<&str>) -> Field {
    Field {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        type_name: type_name.map(|name| format!(".google.protobuf.{name}")),
        ..Field::default()
    }
}

fn of_enum(name: &str, number: i32, type_name: &str) -> Field {
    field(name, number, Type::Enum, Some(type_name))
}

fn of_message(name: &str, number: i32, type_name: &str) -> Field {
    field(name, number, Type::Message, Some(type_name))
}

fn add_field(message: &mut Message, field: Field) {
    if message.field.iter().all(|own| own.number != field.number) {
        message.field.push(field);
    }
}

fn add_message(message: &mut Message, nested: Message) {
    if message.nested_type.iter().all(|own| own.name != nested.name) {
        message.nested_type.push(nested);
    }
}

fn add_enum(enums: &mut Vec<Enum>, name: &str, values: &[(&str, i32)]) {
    if enums.iter().all(|own| own.name() != name) {
        let mut enumeration = Enum { name: Some(name.to_owned()), ..Enum::default() };
        add_values(&mut enumeration, values);
        enums.push(enumeration);
    }
}

fn add_values(enumeration: &mut Enum, values: &[(&str, i32)]) {
    for &(name, number) in values {
        if enumeration.value.iter().all(|own| own.number != Some(number)) {
            let (name, number) = (Some(name.to_owned()), Some(number));
            enumeration.value.push(EnumValue { name, number, ..EnumValue::default() });
        }
    }
}
