//! What a net/rpc server offers, for reading and for programs.
//!
//! The JSON form is stable: members may be added, none is renamed or removed.

use std::io::{self, Write};

use serde::Serialize;

use super::color::{self, Paint};
use super::{columns, sanitize, write_json};
use crate::netrpc::debug::{Method, Service};

/// A service as JSON shows it.
#[derive(Serialize)]
struct ServiceJson<'a> {
    name: &'a str,
    methods: Vec<MethodJson<'a>>,
}

/// A method as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodJson<'a> {
    name: &'a str,
    full_name: String,
    argument_type: &'a str,
    reply_type: &'a str,
    calls: u64,
}

fn full_name(service: &Service, method: &Method) -> String {
    format!("{}.{}", service.name, method.name)
}

fn counted(calls: u64) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") }
}

/// Services, one a line; with `long`, each method on a line: its name, its types, how often it was called.
pub fn services(out: &mut dyn Write, services: &[Service], long: bool) -> io::Result<()> {
    if long {
        return services.iter().try_for_each(|service| methods(out, service, true));
    }
    services.iter().try_for_each(|service| writeln!(out, "{}", sanitize::line(&service.name)))
}

/// Methods, one a line, as `call` takes them; with `long`, their types and how often they were called.
pub fn methods(out: &mut dyn Write, service: &Service, long: bool) -> io::Result<()> {
    for method in &service.methods {
        let name = full_name(service, method);
        if long {
            let (argument, reply) = (sanitize::line(&method.argument), sanitize::line(&method.reply));
            let calls = counted(method.calls);
            writeln!(out, "{}\t{argument}\t{reply}\t{calls}", sanitize::line(&name))?;
        } else {
            writeln!(out, "{}", sanitize::line(&name))?;
        }
    }
    Ok(())
}

/// All methods under a head, for reading.
pub fn table(out: &mut dyn Write, services: &[Service]) -> io::Result<()> {
    let cells = |service: &Service, method: &Method| -> Vec<String> {
        let (name, calls) = (full_name(service, method), method.calls.to_string());
        [&name, &method.argument, &method.reply, &calls].map(|cell| sanitize::line(cell).into_owned()).into()
    };
    let rows =
        services.iter().flat_map(|service| service.methods.iter().map(|method| cells(service, method)));
    columns::table(out, &["METHOD", "ARGUMENT", "REPLY", "CALLS"], &rows.collect::<Vec<_>>())
}

/// Services as the Go interfaces that they are.
pub fn source(out: &mut dyn Write, services: &[Service], paint: Paint) -> io::Result<()> {
    let mut text = Vec::new();
    write_source(&mut text, services)?;
    if paint.is_colored() {
        let plain = std::mem::take(&mut text);
        color::go(&String::from_utf8_lossy(&plain), &mut text);
    }
    out.write_all(&text)
}

fn write_source(out: &mut dyn Write, services: &[Service]) -> io::Result<()> {
    for (index, service) in services.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "type {} interface {{", sanitize::line(&service.name))?;
        for Method { name, argument, reply, calls } in &service.methods {
            let signature = format!("{name}({argument}, {reply}) error");
            writeln!(out, "\t{} // {}", sanitize::line(&signature), counted(*calls))?;
        }
        writeln!(out, "}}")?;
    }
    Ok(())
}

/// `[{"name", "methods": [{"name", "fullName", "argumentType", "replyType", "calls"}]}]`.
pub fn json(out: &mut dyn Write, services: &[Service], paint: Paint) -> io::Result<()> {
    let shown: Vec<ServiceJson<'_>> = services
        .iter()
        .map(|service| ServiceJson {
            name: &service.name,
            methods: service
                .methods
                .iter()
                .map(|method| MethodJson {
                    name: &method.name,
                    full_name: full_name(service, method),
                    argument_type: &method.argument,
                    reply_type: &method.reply,
                    calls: method.calls,
                })
                .collect(),
        })
        .collect();
    write_json(out, &shown, paint)
}
