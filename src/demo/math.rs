//! What the demo server offers over Go's net/rpc: the arithmetic of net/rpc's own documentation.

use std::sync::atomic::{AtomicU64, Ordering};

use super::math_json;
use crate::netrpc::debug::{Method, Service};
use crate::netrpc::gob::{Definition, Field, Struct, TypeRef, Types};
use crate::netrpc::{Argument, Offer, Value};

/// What a method does.
#[derive(Clone, Copy)]
enum Operation {
    Multiply,
    QuoRem,
}

/// A method: its service, its name, the type of its reply as Go writes it, and what it does.
type Row = (&'static str, &'static str, &'static str, Operation);

/// Every method, sorted as Go sorts them. All take `Args { A, B int }`.
const METHODS: [Row; 3] = [
    ("Arith", "Multiply", "*int", Operation::Multiply),
    ("Arith", "QuoRem", "*demo.Quotient", Operation::QuoRem),
    ("MathService", "Multiply", "*int", Operation::Multiply),
];

impl Operation {
    /// The reply, or what is wrong, as Go's own example says it.
    fn apply(self, a: i64, b: i64) -> Result<Value, &'static str> {
        match self {
            Self::Multiply => Ok(Value::Int(a.wrapping_mul(b))),
            Self::QuoRem if b == 0 => Err("divide by zero"),
            Self::QuoRem => {
                let (quo, rem) = (Value::Int(a.wrapping_div(b)), Value::Int(a.wrapping_rem(b)));
                let fields = vec![("Quo".into(), quo), ("Rem".into(), rem)];
                Ok(Value::Struct(Struct { name: "Quotient".into(), fields }))
            }
        }
    }
}

/// The services, and how often each method was called.
#[derive(Debug, Default)]
pub(super) struct Math {
    calls: [AtomicU64; METHODS.len()],
}

/// The types of the replies: there is one that needs a definition.
fn types() -> (Types, TypeRef) {
    let mut types = Types::default();
    let field = |name: &str| Field { name: name.into(), ty: TypeRef::Int };
    let quotient = types
        .define(Definition::Struct { name: "Quotient".into(), fields: vec![field("Quo"), field("Rem")] });
    (types, quotient)
}

impl Offer for Math {
    fn types(&self) -> Types {
        types().0
    }

    fn call(&self, method: &str, argument: Argument<'_>) -> Result<(TypeRef, Value), String> {
        let Some((service, name)) = method.rsplit_once('.') else {
            return Err(format!("rpc: service/method request ill-formed: {method}"));
        };
        if METHODS.iter().all(|row| row.0 != service) {
            return Err(format!("rpc: can't find service {method}"));
        }
        let found = METHODS
            .iter()
            .zip(&self.calls)
            .find(|((owner, known, ..), _)| (*owner, *known) == (service, name));
        let ((.., operation), calls) = found.ok_or_else(|| format!("rpc: can't find method {method}"))?;
        let (a, b) = match argument {
            Argument::Gob(value) => args(value)?,
            Argument::Json(json) => math_json::args(json?)?,
        };
        calls.fetch_add(1, Ordering::Relaxed);
        let reply = operation.apply(a, b)?;
        let ty = if matches!(reply, Value::Struct(_)) { types().1 } else { TypeRef::Int };
        Ok((ty, reply))
    }

    fn services(&self) -> Vec<Service> {
        let mut services: Vec<Service> = Vec::new();
        for ((service, name, reply, _), calls) in METHODS.iter().zip(&self.calls) {
            let method = Method {
                name: (*name).to_owned(),
                argument: "*demo.Args".to_owned(),
                reply: (*reply).to_owned(),
                calls: calls.load(Ordering::Relaxed),
            };
            match services.last_mut().filter(|last| last.name == *service) {
                Some(last) => last.methods.push(method),
                None => services.push(Service { name: (*service).to_owned(), methods: vec![method] }),
            }
        }
        services
    }
}

/// `Args { A, B int }`, as strictly as Go takes it and refused in its words: a field may be missing, none may be of
/// another type, and one at least has to match.
fn args(argument: Value) -> Result<(i64, i64), String> {
    // Go names the fields that it can't take by the sender's type, which mostly has no name.
    let (sender, fields) = match argument {
        Value::Struct(Struct { name, fields }) => (name, fields),
        Value::Nil => Default::default(),
        _ => {
            return Err(
                "gob: type mismatch in decoder: want struct type demo.Args; got non-struct".to_owned()
            );
        }
    };
    let (mut a, mut b, mut matched) = (0, 0, fields.is_empty());
    for (name, value) in fields {
        let field = match &*name {
            "A" => &mut a,
            "B" => &mut b,
            _ => continue,
        };
        let Value::Int(int) = value else {
            return Err(format!("gob: wrong type (int) for received field {sender}.{name}"));
        };
        *field = int;
        matched = true;
    }
    if matched {
        Ok((a, b))
    } else {
        Err("gob: type mismatch: no fields matched compiling decoder for Args".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(fields: &[(&str, Value)]) -> Value {
        let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        Value::Struct(Struct { name: "Args".into(), fields })
    }

    #[test]
    fn methods_are_found_called_and_counted() {
        let math = Math::default();
        let args = argument(&[("A", Value::Int(17)), ("B", Value::Int(5))]);
        assert_eq!(math.call("MathService.Multiply", Argument::Gob(args.clone())).unwrap().1, Value::Int(85));
        let Value::Struct(quotient) = math.call("Arith.QuoRem", Argument::Gob(args)).unwrap().1 else {
            panic!("no struct")
        };
        assert_eq!(quotient.fields, [("Quo".into(), Value::Int(3)), ("Rem".into(), Value::Int(2))]);
        let services = math.services();
        let counts: Vec<_> = services.iter().flat_map(|service| &service.methods).map(|m| m.calls).collect();
        assert_eq!(counts, [0, 1, 1]);
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        let math = Math::default();
        for (method, argument, error) in [
            ("Arith.QuoRem", argument(&[("A", Value::Int(1))]), "divide by zero"),
            ("Multiply", Value::Nil, "rpc: service/method request ill-formed: Multiply"),
            ("Arit.Multiply", Value::Nil, "rpc: can't find service Arit.Multiply"),
            ("Arith.Add", Value::Nil, "rpc: can't find method Arith.Add"),
            (
                "Arith.Multiply",
                argument(&[("A", Value::Uint(1))]),
                "gob: wrong type (int) for received field Args.A",
            ),
            (
                "Arith.Multiply",
                argument(&[("X", Value::Int(1))]),
                "gob: type mismatch: no fields matched compiling decoder for Args",
            ),
            (
                "Arith.Multiply",
                Value::Int(1),
                "gob: type mismatch in decoder: want struct type demo.Args; got non-struct",
            ),
        ] {
            assert_eq!(math.call(method, Argument::Gob(argument)).unwrap_err(), error);
        }
    }
}
