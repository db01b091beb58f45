//! Options of every kind of element: protobuf's own by their names, and those of people's own by the names of their
//! extensions.
//!
//! Whatever option is set is compared, so that one which a later protobuf adds is told, too. Only what breaks anything
//! is known by name here: what `buf breaking` counts. What an option of somebody's own means, nobody knows but whoever
//! declared it, so that a change of one breaks nothing.

use std::collections::{BTreeMap, HashSet};

use prost_reflect::{
    DynamicMessage, EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor, FieldDescriptor,
    FileDescriptor, Kind, MessageDescriptor, MethodDescriptor, OneofDescriptor, ServiceDescriptor, Value,
};

use super::{Breaks, Differ, Effect, Subject};
use crate::schema::options::Reader;
use crate::schema::print;

/// How the rules of options that have no rule of their own end, which no others do.
const RULES: &str = "-option";

/// Options that code depends on which is generated anew, as buf has it.
const GENERATED: [&str; 20] = [
    "cc_enable_arenas",
    "cc_generic_services",
    "csharp_namespace",
    "ctype",
    "features.default_symbol_visibility",
    "go_package",
    "java_generic_services",
    "java_multiple_files",
    "java_outer_classname",
    "java_package",
    "java_string_check_utf8",
    "objc_class_prefix",
    "optimize_for",
    "php_class_prefix",
    "php_generic_services",
    "php_metadata_namespace",
    "php_namespace",
    "py_generic_services",
    "ruby_package",
    "swift_prefix",
];

/// Whether a rule is about options that change nothing of how messages are understood.
pub(super) fn is_rule(rule: &str) -> bool {
    rule.ends_with(RULES)
}

/// Something that has options.
pub(super) trait Optioned {
    /// The file that it is in.
    fn file(&self) -> FileDescriptor;
    /// Where it is there.
    fn place(&self) -> &[i32];
}

impl Optioned for FileDescriptor {
    fn file(&self) -> FileDescriptor {
        self.clone()
    }
    fn place(&self) -> &[i32] {
        &[]
    }
}

macro_rules! optioned {
    ($($element:ty)*) => {
        $(impl Optioned for $element {
            fn file(&self) -> FileDescriptor {
                self.parent_file()
            }
            fn place(&self) -> &[i32] {
                self.path()
            }
        })*
    };
}

optioned! {
    MessageDescriptor FieldDescriptor ExtensionDescriptor OneofDescriptor EnumDescriptor ServiceDescriptor
    MethodDescriptor
}

impl Optioned for EnumValueDescriptor {
    fn file(&self) -> FileDescriptor {
        self.parent_enum().parent_file()
    }
    fn place(&self) -> &[i32] {
        self.path()
    }
}

/// The options of one element.
#[derive(Default)]
pub(super) struct Options {
    /// Protobuf's own that are not as if nothing were said, by name.
    standard: BTreeMap<String, Setting>,
    /// Number and value, as source has it, by the full name of its extension.
    custom: BTreeMap<String, (u32, String)>,
    /// The numbers of those of which nobody knows the extension.
    unknown: HashSet<u32>,
}

/// What an option is set to, as source has it.
struct Setting {
    value: String,
    /// What holds where it is not set.
    default: String,
}

impl Options {
    /// Those of an element.
    pub(super) fn of(reader: &mut Reader, element: &impl Optioned) -> Self {
        let mut options = Self::default();
        let read = reader.file(&element.file()).read(element.place());
        for (field, value) in &read.standard {
            options.add_standard(field, value);
        }
        for (extension, value) in &read.custom {
            let written = (extension.number(), written(&extension.kind(), value));
            options.custom.insert(extension.full_name().to_owned(), written);
        }
        options.unknown = read.unknown.into_iter().collect();
        options
    }

    fn add_standard(&mut self, field: &FieldDescriptor, value: &Value) {
        if let ("features", Value::Message(features)) = (field.name(), value) {
            self.add_features("features", features, 0);
        } else if *value != field.default_value() {
            let kind = field.kind();
            let default = match kind {
                Kind::String | Kind::Bytes | Kind::Message(_) => "unset".to_owned(),
                _ if field.is_list() => "unset".to_owned(),
                _ => written(&kind, &field.default_value()),
            };
            let setting = Setting { value: written(&kind, value), default };
            self.standard.insert(field.name().to_owned(), setting);
        }
    }

    /// Features one by one, since each means something else. Those of a language are messages in an extension.
    fn add_features(&mut self, name: &str, features: &DynamicMessage, depth: usize) {
        let fields = features.fields().map(|(field, value)| (field.name().to_owned(), field.kind(), value));
        let extensions = features
            .extensions()
            .map(|(extension, value)| (format!("({})", extension.full_name()), extension.kind(), value));
        for (own, kind, value) in fields.chain(extensions) {
            let name = format!("{name}.{own}");
            match value {
                Value::Message(inner) if depth < 2 => self.add_features(&name, inner, depth + 1),
                value => {
                    let setting = Setting { value: written(&kind, value), default: "unset".to_owned() };
                    self.standard.insert(name, setting);
                }
            }
        }
    }
}

/// A value on one line.
fn written(kind: &Kind, value: &Value) -> String {
    let one = |value: &Value| {
        let number =
            || if let Value::EnumNumber(number) = value { number.to_string() } else { String::new() };
        let text = print::option_value(value, kind).unwrap_or_else(number);
        // Line breaks in strings are escaped: these are between members.
        text.lines().map(str::trim_start).collect::<Vec<_>>().join(" ")
    };
    match value {
        Value::List(values) => format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", ")),
        value => one(value),
    }
}

/// The rule of a change to one of protobuf's own options, what the option is called, and what the change breaks; none
/// for an option whose meaning is compared in its place.
fn rule<'n>(kind: &str, name: &'n str, now: &str) -> Option<(&'static str, &'n str, Breaks)> {
    let breaks = match name {
        "map_entry"
        | "packed"
        | "message_set_wire_format"
        | "uninterpreted_option"
        | "features.field_presence"
        | "features.enum_type"
        | "features.repeated_field_encoding"
        | "features.utf8_validation"
        | "features.message_encoding"
        | "features.json_format" => return None,
        "jstype" => return Some(("field-jstype", name, Breaks::SOURCE)),
        "idempotency_level" => return Some(("method-idempotency", "idempotency", Breaks::ALL)),
        "no_standard_descriptor_accessor" if now == "true" => Breaks::SOURCE,
        name if GENERATED.contains(&name) || name.starts_with("features.(") => Breaks::SOURCE,
        _ => Breaks::NOTHING,
    };
    let rule = match kind {
        "file" => "file-option",
        "message" => "message-option",
        "oneof" => "oneof-option",
        "enum" => "enum-option",
        "enum value" => "enum-value-option",
        "service" => "service-option",
        "method" => "method-option",
        _ => "field-option",
    };
    Some((rule, name, breaks))
}

impl Differ {
    /// The options of two elements.
    pub(super) fn options(&mut self, about: Subject<'_>, old: &impl Optioned, new: &impl Optioned) {
        let (old, new) = (Options::of(&mut self.reader, old), Options::of(&mut self.reader, new));
        self.options_of(about, &old, &new);
    }

    /// The same where they are known.
    pub(super) fn options_of(&mut self, about: Subject<'_>, old: &Options, new: &Options) {
        let names =
            old.standard.keys().chain(new.standard.keys().filter(|name| !old.standard.contains_key(*name)));
        for name in names {
            let (before, after) = (old.standard.get(name), new.standard.get(name));
            let Some(default) = before.or(after).map(|setting| setting.default.as_str()) else { continue };
            let value = |setting: Option<&'_ Setting>| {
                setting.map_or(default.to_owned(), |setting| setting.value.clone())
            };
            let (before, after) = (value(before), value(after));
            if before != after {
                self.standard(about, name, (&before, &after));
            }
        }
        self.custom(about, old, new);
    }

    fn standard(&mut self, about: Subject<'_>, name: &str, (before, after): (&str, &str)) {
        if name == "deprecated" {
            let text = if after == "true" { "deprecated" } else { "no longer deprecated" };
            self.push(about, "deprecation", Effect::Changed, Breaks::NOTHING, text.to_owned());
        } else if let Some((rule, what, breaks)) = rule(about.kind, name, after) {
            self.changed(about, (rule, what), (before, after), breaks);
        }
    }

    /// What one side has and the other may have without knowing what it is, is no change.
    fn custom(&mut self, about: Subject<'_>, old: &Options, new: &Options) {
        const RULE: &str = "custom-option";
        let nothing = Breaks::NOTHING;
        for (name, (number, before)) in &old.custom {
            match new.custom.get(&*self.new_name(name)) {
                Some((_, after)) if before == after => {}
                Some((_, after)) => {
                    let what = format!("option ({name})");
                    self.changed(about, (RULE, &what), (before, after), nothing);
                }
                None if new.unknown.contains(number) => {}
                None => {
                    let text = format!("option ({name}) = {before} removed");
                    self.push(about, RULE, Effect::Removed, nothing, text);
                }
            }
        }
        let kept: HashSet<String> = old.custom.keys().map(|name| self.new_name(name).into_owned()).collect();
        let is_new = |name: &String, number: &u32| !kept.contains(name) && !old.unknown.contains(number);
        for (name, (_, after)) in new.custom.iter().filter(|(name, (number, _))| is_new(name, number)) {
            let text = format!("option ({name}) = {after} added");
            self.push(about, RULE, Effect::Added, nothing, text);
        }
    }
}
