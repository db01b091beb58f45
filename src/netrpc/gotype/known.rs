//! The types that need no definition: Go's own, and those of its standard library that programs send.

use std::sync::Arc;

use super::{GoField, GoType};
use crate::netrpc::standard::Standard;

/// The type that Go itself gives a name.
pub(super) fn basic(name: &str) -> Option<GoType> {
    Some(match name {
        "bool" => GoType::Bool,
        "string" => GoType::String,
        "any" | "error" => GoType::Interface,
        "int" => GoType::Int("int", 64),
        "int8" => GoType::Int("int8", 8),
        "int16" => GoType::Int("int16", 16),
        "int32" | "rune" => GoType::Int("int32", 32),
        "int64" => GoType::Int("int64", 64),
        "uint" => GoType::Uint("uint", 64),
        "uint8" | "byte" => GoType::Uint("uint8", 8),
        "uint16" => GoType::Uint("uint16", 16),
        "uint32" => GoType::Uint("uint32", 32),
        "uint64" => GoType::Uint("uint64", 64),
        "uintptr" => GoType::Uint("uintptr", 64),
        "float32" => GoType::Float(32),
        "float64" => GoType::Float(64),
        "complex64" => GoType::Complex(64),
        "complex128" => GoType::Complex(128),
        _ => return None,
    })
}

/// The type that a package of the standard library gives a name. `net.IP` and its like have text methods, but gob
/// takes none of them: they are the bytes and numbers that they are made of.
pub(super) fn standard(name: &str) -> Option<GoType> {
    if let Some(standard) = Standard::from_go(name) {
        return Some(GoType::Standard(standard));
    }
    let bytes = || slice(GoType::Uint("uint8", 8));
    Some(match name {
        "time.Duration" => GoType::Int("int64", 64),
        "time.Month" | "time.Weekday" => GoType::Int("int", 64),
        "os.FileMode" | "fs.FileMode" => GoType::Uint("uint32", 32),
        "net.IP" | "net.IPMask" | "net.HardwareAddr" | "json.RawMessage" => bytes(),
        "net.IPNet" => structure([("IP", bytes()), ("Mask", bytes())]),
        "json.Number" => GoType::String,
        "http.Header" | "url.Values" | "textproto.MIMEHeader" => {
            GoType::Map(Box::new(GoType::String), Box::new(slice(GoType::String)))
        }
        "sql.NullString" => nullable("String", GoType::String),
        "sql.NullBool" => nullable("Bool", GoType::Bool),
        "sql.NullByte" => nullable("Byte", GoType::Uint("uint8", 8)),
        "sql.NullInt16" => nullable("Int16", GoType::Int("int16", 16)),
        "sql.NullInt32" => nullable("Int32", GoType::Int("int32", 32)),
        "sql.NullInt64" => nullable("Int64", GoType::Int("int64", 64)),
        "sql.NullFloat64" => nullable("Float64", GoType::Float(64)),
        "sql.NullTime" => nullable("Time", GoType::Standard(Standard::Time)),
        "context.Context" | "io.Reader" | "io.Writer" => GoType::Interface,
        // No field of theirs is exported, so nothing of them is sent.
        "sync.Mutex" | "sync.RWMutex" | "sync.Once" | "sync.WaitGroup" | "sync.Map" => GoType::Unsendable,
        _ => return None,
    })
}

fn slice(element: GoType) -> GoType {
    GoType::Slice(Box::new(element))
}

fn nullable(name: &str, ty: GoType) -> GoType {
    structure([(name, ty), ("Valid", GoType::Bool)])
}

fn structure<const N: usize>(fields: [(&str, GoType); N]) -> GoType {
    let fields: Arc<[GoField]> = fields.map(|(name, ty)| GoField { name: name.into(), ty }).into();
    GoType::Struct(fields)
}
