//! Go types as Go writes them.

use std::fmt;

use super::{GoType, GoTypes};

impl GoTypes {
    /// The type in Go's words; named types by their names.
    pub fn show(&self, ty: &GoType) -> String {
        let mut out = String::new();
        let _ = self.write(&mut out, ty);
        out
    }

    fn write(&self, out: &mut impl fmt::Write, ty: &GoType) -> fmt::Result {
        match ty {
            GoType::Bool => out.write_str("bool"),
            GoType::Int(name, _) | GoType::Uint(name, _) => out.write_str(name),
            GoType::Float(bits) => write!(out, "float{bits}"),
            GoType::Complex(bits) => write!(out, "complex{bits}"),
            GoType::String => out.write_str("string"),
            GoType::Interface => out.write_str("any"),
            GoType::Pointer(to) => {
                out.write_char('*')?;
                self.write(out, to)
            }
            GoType::Slice(element) if matches!(**element, GoType::Uint("uint8", _)) => {
                out.write_str("[]byte")
            }
            GoType::Slice(element) => {
                out.write_str("[]")?;
                self.write(out, element)
            }
            GoType::Array(length, element) => {
                write!(out, "[{length}]")?;
                self.write(out, element)
            }
            GoType::Map(key, value) => {
                out.write_str("map[")?;
                self.write(out, key)?;
                out.write_char(']')?;
                self.write(out, value)
            }
            GoType::Struct(fields) => {
                out.write_str("struct{")?;
                for (place, field) in fields.iter().enumerate() {
                    out.write_str(if place == 0 { "" } else { "; " })?;
                    write!(out, "{} ", field.name)?;
                    self.write(out, &field.ty)?;
                }
                out.write_char('}')
            }
            GoType::Named(place) => out.write_str(self.named.get(*place).map_or("?", |named| &named.name)),
            GoType::Standard(standard) => out.write_str(standard.go_name()),
            GoType::Opaque(name, _) => out.write_str(name),
            GoType::Unsendable => out.write_str("chan any"),
        }
    }
}

/// The type, and the declarations of the named types in it: what [`super::parse`] reads.
impl fmt::Display for GoTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &self.root)?;
        for named in &self.named {
            write!(f, "; type {} {}", named.name, self.show(&named.ty))?;
        }
        Ok(())
    }
}
