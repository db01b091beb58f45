//! What a server offers, no more of it than completion needs: a value that outlives the connection.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ServiceDescriptor};
use serde::{Deserialize, Serialize};

use crate::netrpc::debug;
use crate::schema::fields::fields_in_declaration_order;
use crate::schema::name::{MethodName, is_tail};

/// A schema may describe far more than anyone types at a prompt; what is beyond is not offered.
const MAX_FIELDS: usize = 50_000;

/// What a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Services, sorted by name.
    pub services: Vec<Service>,
    /// The fields of messages by the messages' full names.
    pub messages: BTreeMap<String, Vec<Field>>,
    /// The names of enums' values by the enums' full names.
    pub enums: BTreeMap<String, Vec<String>>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its full name.
    pub name: String,
    /// What stands between it and a method: a slash, or net/rpc's dot.
    pub separator: char,
    /// Its methods.
    pub methods: Vec<Method>,
}

/// A method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its own name.
    pub name: String,
    /// The type it takes.
    pub input: String,
    /// What it takes and returns, for reading.
    pub signature: String,
}

/// A field of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the .proto file.
    pub name: String,
    /// Its name in JSON.
    pub json_name: String,
    /// Its type, of a map its values'.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What can be written for it.
    pub form: Form,
    /// Whether it is repeated.
    pub repeated: bool,
    /// Whether it is a map.
    pub map: bool,
}

/// What can be written for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A value of its own.
    Plain,
    /// `true` or `false`.
    Bool,
    /// Bytes, as a file has them.
    Bytes,
    /// The name of a value.
    Enum,
    /// A point in time.
    Time,
    /// Fields.
    Message,
    /// JSON of any kind.
    Json,
}

impl Catalog {
    /// What these services offer.
    pub fn of_services(services: &[ServiceDescriptor]) -> Self {
        let mut catalog = Self::default();
        for service in services {
            let methods = service.methods().map(|method| {
                catalog.add_message(&method.input());
                catalog.add_message(&method.output());
                let stream = |streams: bool| if streams { "stream " } else { "" };
                Method {
                    name: method.name().to_owned(),
                    input: method.input().full_name().to_owned(),
                    signature: format!(
                        "({}{}) returns ({}{})",
                        stream(method.is_client_streaming()),
                        method.input().name(),
                        stream(method.is_server_streaming()),
                        method.output().name()
                    ),
                }
            });
            let methods = methods.collect();
            catalog.services.push(Service { name: service.full_name().to_owned(), separator: '/', methods });
        }
        catalog.services.sort_by(|a, b| a.name.cmp(&b.name));
        catalog
    }

    /// What a net/rpc server says that it offers.
    pub fn of_net_rpc(services: &[debug::Service]) -> Self {
        let services = services.iter().map(|service| Service {
            name: service.name.clone(),
            separator: '.',
            methods: service
                .methods
                .iter()
                .map(|method| Method {
                    name: method.name.clone(),
                    input: method.argument.clone(),
                    signature: format!("({}, {})", method.argument, method.reply),
                })
                .collect(),
        });
        Self { services: services.collect(), ..Self::default() }
    }

    /// The method of this name, or of this end of a name if only one has it.
    pub fn method(&self, name: &str) -> Option<&Method> {
        let wanted = MethodName::parse(name);
        let fits = |service: &Service| wanted.service.is_none_or(|tail| is_tail(&service.name, tail));
        let exact = |service: &&Service| wanted.service == Some(service.name.as_str());
        let of = |service: &'_ Service| -> Option<usize> {
            service.methods.iter().position(|method| method.name == wanted.method)
        };
        if let Some(service) = self.services.iter().find(exact) {
            return service.methods.get(of(service)?);
        }
        let mut found = self
            .services
            .iter()
            .filter(|service| fits(service))
            .filter_map(|service| service.methods.get(of(service)?));
        found.next().filter(|_| found.next().is_none())
    }

    fn add_message(&mut self, message: &MessageDescriptor) {
        let mut left = vec![message.clone()];
        let mut fields_left =
            MAX_FIELDS.saturating_sub(self.messages.values().map(Vec::len).fold(0, usize::saturating_add));
        while let Some(message) = left.pop() {
            let name = message.full_name().to_owned();
            if self.messages.contains_key(&name) || well_known(&name).is_some() || fields_left == 0 {
                continue;
            }
            let descriptors = fields_in_declaration_order(&message);
            fields_left = fields_left.saturating_sub(descriptors.len());
            for kind in descriptors.iter().map(|field| value_of(field).kind()) {
                match kind {
                    Kind::Message(message) => left.push(message),
                    Kind::Enum(enum_) => self.add_enum(&enum_),
                    _ => {}
                }
            }
            self.messages.insert(name, descriptors.iter().map(Field::new).collect());
        }
    }

    fn add_enum(&mut self, enum_: &EnumDescriptor) {
        let values = || enum_.values().map(|value| value.name().to_owned()).collect();
        self.enums.entry(enum_.full_name().to_owned()).or_insert_with(values);
    }
}

impl Field {
    fn new(field: &FieldDescriptor) -> Self {
        let (type_name, form) = type_and_form(&value_of(field).kind());
        Self {
            name: field.name().to_owned(),
            json_name: field.json_name().to_owned(),
            type_name,
            form,
            repeated: field.is_list(),
            map: field.is_map(),
        }
    }
}

/// The field itself, or of a map the field of its values.
fn value_of(field: &FieldDescriptor) -> FieldDescriptor {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.get_field(2).unwrap_or_else(|| field.clone()),
        _ => field.clone(),
    }
}

fn type_and_form(kind: &Kind) -> (String, Form) {
    match kind {
        Kind::Message(message) => {
            let name = message.full_name().to_owned();
            let form = well_known(&name).unwrap_or(Form::Message);
            (name, form)
        }
        Kind::Enum(enum_) if enum_.full_name() == "google.protobuf.NullValue" => {
            ("null".to_owned(), Form::Json)
        }
        Kind::Enum(enum_) => (enum_.full_name().to_owned(), Form::Enum),
        Kind::Bool => ("bool".to_owned(), Form::Bool),
        Kind::Bytes => ("bytes".to_owned(), Form::Bytes),
        // Of scalars this is the type's name in the language.
        scalar => (format!("{scalar:?}").to_lowercase(), Form::Plain),
    }
}

/// What is written for a message that has a form of its own in JSON.
fn well_known(name: &str) -> Option<Form> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => Form::Time,
        "BoolValue" => Form::Bool,
        "BytesValue" => Form::Bytes,
        "Duration" | "FieldMask" | "StringValue" | "DoubleValue" | "FloatValue" | "Int32Value"
        | "Int64Value" | "UInt32Value" | "UInt64Value" => Form::Plain,
        "Any" | "Struct" | "Value" | "ListValue" | "Empty" => Form::Json,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::catalog;
    use super::*;

    #[test]
    fn messages_are_known_by_their_fields_and_end_where_they_contain_themselves() {
        let catalog = catalog();
        let fields = &catalog.messages["t.Person"];
        let known: Vec<_> = fields.iter().map(|f| (f.name.as_str(), f.type_name.as_str(), f.form)).collect();
        assert_eq!(
            known,
            [
                ("name", "string", Form::Plain),
                ("home_town", "t.Town", Form::Message),
                ("friends", "t.Person", Form::Message),
                ("labels", "string", Form::Plain),
                ("towns", "t.Town", Form::Message),
                ("mood", "t.Mood", Form::Enum),
                ("admin", "bool", Form::Bool),
                ("photo", "bytes", Form::Bytes),
                ("born", "google.protobuf.Timestamp", Form::Time),
                ("extra", "google.protobuf.Struct", Form::Json),
            ]
        );
        assert_eq!(catalog.enums["t.Mood"], ["MOOD_UNKNOWN", "MOOD_FINE"]);
        assert!(fields[2].repeated && fields[3].map && fields[4].map);
    }

    #[test]
    fn a_method_is_found_by_its_name_or_the_end_of_it() {
        let catalog = catalog();
        for name in ["t.People/Add", "t.People.Add", "People/Add", "/t.People/Add"] {
            assert_eq!(catalog.method(name).map(|method| method.input.as_str()), Some("t.Person"), "{name}");
        }
        assert!(catalog.method("Watch").is_some());
        for name in ["Add", "t.People/Lose", "eople/Add", ""] {
            assert_eq!(catalog.method(name), None, "{name} is nobody's or more than one's");
        }
    }
}
