//! Services and methods as lists, for reading and for programs.
//!
//! The JSON forms are stable: members may be added, none is renamed or removed.

use std::borrow::Cow;
use std::io::{self, Write};

use prost_reflect::{MethodDescriptor, ServiceDescriptor};
use serde::Serialize;

use super::color::{FAINT, Paint, TITLE, TYPE};
use super::{columns, sanitize, write_json};

/// A service as a list shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ServiceRow {
    /// Its full name.
    pub name: String,
    /// Its methods; `None` if they are not wanted or its descriptor could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<MethodRow>>,
    /// Why its descriptor could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A method as a list shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodRow {
    /// Its name in its service: `Method`.
    pub name: String,
    /// Its name with dots: `pkg.Svc.Method`.
    pub full_name: String,
    /// Its path on the wire: `/pkg.Svc/Method`.
    pub path: String,
    /// The full name of the request message.
    pub request_type: String,
    /// The full name of the response message.
    pub response_type: String,
    /// Whether the request is a stream.
    pub client_streaming: bool,
    /// Whether the response is a stream.
    pub server_streaming: bool,
}

impl From<&ServiceDescriptor> for ServiceRow {
    fn from(service: &ServiceDescriptor) -> Self {
        let methods = service.methods().map(|method| MethodRow::from(&method)).collect();
        Self { name: service.full_name().to_owned(), methods: Some(methods), error: None }
    }
}

impl From<&MethodDescriptor> for MethodRow {
    fn from(method: &MethodDescriptor) -> Self {
        Self {
            name: method.name().to_owned(),
            full_name: method.full_name().to_owned(),
            path: format!("/{}/{}", method.parent_service().full_name(), method.name()),
            request_type: method.input().full_name().to_owned(),
            response_type: method.output().full_name().to_owned(),
            client_streaming: method.is_client_streaming(),
            server_streaming: method.is_server_streaming(),
        }
    }
}

impl MethodRow {
    /// The form that can be pasted into a call: `pkg.Svc/Method`.
    fn target(&self) -> &str {
        self.path.strip_prefix('/').unwrap_or(&self.path)
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &'static str {
        match (self.client_streaming, self.server_streaming) {
            (false, false) => "unary",
            (false, true) => "server stream",
            (true, false) => "client stream",
            (true, true) => "bidi stream",
        }
    }
}

/// How a list shows its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Names alone.
    Names,
    /// What else is known of methods in columns, under their service: for reading, on a terminal of this width.
    Columns {
        /// How many characters fit into a line.
        width: usize,
        /// Whether in colours.
        paint: Paint,
    },
    /// The same under a head, for reading whatever the width.
    Table,
    /// The same with a tab between two columns and nothing but methods, each on a line: for programs.
    Tabs,
}

fn by_name(services: &[ServiceRow]) -> Vec<&ServiceRow> {
    let mut sorted: Vec<&ServiceRow> = services.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}

fn by_path(methods: &[MethodRow]) -> Vec<&MethodRow> {
    let mut sorted: Vec<&MethodRow> = methods.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    sorted
}

/// Services, sorted, one a line; unless names alone are wanted, each followed by its methods in columns, or
/// replaced by them where tabs are wanted.
pub fn services(out: &mut dyn Write, services: &[ServiceRow], rows: Rows) -> io::Result<()> {
    if rows == Rows::Table {
        let all = by_name(services).into_iter().filter_map(|service| service.methods.as_deref());
        return table(out, &all.flat_map(by_path).collect::<Vec<_>>());
    }
    // Where there is room, a row is what a call takes; where there is not, the heading says the rest.
    let all = services.iter().filter_map(|service| service.methods.as_deref());
    let widest = all.map(|methods| Table::new(methods, MethodRow::target).width()).max().unwrap_or_default();
    for service in by_name(services) {
        let methods = service.methods.as_deref().unwrap_or_default();
        let heading = sanitize::line(&service.name);
        match rows {
            Rows::Names => writeln!(out, "{heading}")?,
            Rows::Columns { width, paint } => {
                writeln!(out, "{}", paint.text(TITLE, heading))?;
                let width = width.saturating_sub(INDENT.len());
                let name = if widest <= width { MethodRow::target } else { MethodRow::own_name };
                Table::new(methods, name).print(out, INDENT, (width, paint))?;
            }
            Rows::Tabs | Rows::Table => tabs(out, methods)?,
        }
    }
    Ok(())
}

/// Methods, sorted, one a line; unless names alone are wanted, with what kind of stream each is, and its types.
pub fn methods(out: &mut dyn Write, methods: &[MethodRow], rows: Rows) -> io::Result<()> {
    match rows {
        Rows::Names => by_path(methods)
            .iter()
            .try_for_each(|method| writeln!(out, "{}", sanitize::line(method.target()))),
        Rows::Columns { width, paint } => {
            Table::new(methods, MethodRow::target).print(out, "", (width, paint))
        }
        Rows::Table => table(out, &by_path(methods)),
        Rows::Tabs => tabs(out, methods),
    }
}

fn table(out: &mut dyn Write, methods: &[&MethodRow]) -> io::Result<()> {
    let cells = |method: &&MethodRow| {
        let MethodRow { request_type, response_type, .. } = method;
        [method.target(), method.kind(), request_type, response_type]
            .map(|cell| sanitize::line(cell).into_owned())
    };
    let rows: Vec<Vec<String>> = methods.iter().map(|method| cells(method).into()).collect();
    columns::table(out, &["METHOD", "KIND", "REQUEST", "RESPONSE"], &rows)
}

/// What stands before what belongs to the line above.
const INDENT: &str = "  ";

fn tabs(out: &mut dyn Write, methods: &[MethodRow]) -> io::Result<()> {
    by_path(methods).iter().try_for_each(|method| {
        let (request, response) =
            (sanitize::line(&method.request_type), sanitize::line(&method.response_type));
        writeln!(out, "{}\t{}\t{request}\t{response}", sanitize::line(method.target()), method.kind())
    })
}

/// Methods in columns.
struct Table<'a> {
    rows: Vec<[Cow<'a, str>; 4]>,
    widths: [usize; 4],
}

impl<'a> Table<'a> {
    fn new(methods: &'a [MethodRow], name: fn(&MethodRow) -> &str) -> Self {
        let row = |method: &'a MethodRow| {
            let (request, response) = (&method.request_type, &method.response_type);
            let [name, request, response] = [name(method), request, response].map(sanitize::line);
            [name, method.kind().into(), request, response]
        };
        let rows: Vec<_> = by_path(methods).into_iter().map(row).collect();
        let width = |column: usize| {
            rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.chars().count())
        };
        let widths = std::array::from_fn(|column| width(column).max().unwrap_or_default());
        Self { rows, widths }
    }

    /// How wide the widest row can be.
    fn width(&self) -> usize {
        let [name, kind, request, response] = self.widths;
        name + 2 + kind + 2 + request + 3 + response
    }

    /// Every row on a line if the lines are wide enough for all, its types on lines of their own if not: a terminal
    /// would break them anywhere.
    fn print(&self, out: &mut dyn Write, indent: &str, (width, paint): (usize, Paint)) -> io::Result<()> {
        let [name_width, kind_width, request_width, _] = self.widths;
        for [name, kind, request, response] in &self.rows {
            let response = paint.text(TYPE, response);
            if self.width() <= width {
                // What is not seen is no part of a column's width, so columns are made before colours.
                let kind = paint.text(FAINT, format!("{kind:kind_width$}"));
                let request = paint.text(TYPE, format!("{request:request_width$}"));
                writeln!(out, "{indent}{name:name_width$}  {kind}  {request} → {response}")?;
            } else {
                writeln!(out, "{indent}{name:name_width$}  {}", paint.text(FAINT, kind))?;
                let request = paint.text(TYPE, request);
                writeln!(out, "{indent}{INDENT}  {request}\n{indent}{INDENT}→ {response}")?;
            }
        }
        Ok(())
    }
}

/// `[{"name", "methods": [{"name", "fullName", "path", "requestType", "responseType", "clientStreaming",
/// "serverStreaming"}], "error"}]`, sorted; without `methods` where they are not known or not wanted, with `error` where
/// they could not be had.
pub fn services_json(out: &mut dyn Write, services: &[ServiceRow], paint: Paint) -> io::Result<()> {
    let mut services: Vec<ServiceRow> = by_name(services).into_iter().cloned().collect();
    for methods in services.iter_mut().filter_map(|service| service.methods.as_mut()) {
        methods.sort_by(|a, b| a.path.cmp(&b.path));
    }
    write_json(out, &services, paint)
}

/// `[{"name", "fullName", "path", "requestType", "responseType", "clientStreaming", "serverStreaming"}]`,
/// sorted.
pub fn methods_json(out: &mut dyn Write, methods: &[MethodRow], paint: Paint) -> io::Result<()> {
    write_json(out, &by_path(methods), paint)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::output::testing::{hello, text};

    fn rows() -> Vec<ServiceRow> {
        let mut rows: Vec<ServiceRow> = hello().services().map(|s| ServiceRow::from(&s)).collect();
        rows.push(ServiceRow { name: "bad\u{1b}[2JName".to_owned(), ..ServiceRow::default() });
        rows
    }

    fn chat() -> MethodRow {
        let service = hello().get_service_by_name("hello.HelloService").unwrap();
        MethodRow::from(&service.methods().find(|method| method.name() == "Chat").unwrap())
    }

    #[test]
    fn services_are_sorted_and_safe() {
        assert_eq!(
            text(|out| services(out, &rows(), Rows::Names)),
            "bad\\u001b[2JName\nhello.Alone\nhello.HelloService\n"
        );
    }

    #[test]
    fn long_lists_have_columns() {
        assert_eq!(
            text(|out| services(out, &rows(), Rows::Columns { width: usize::MAX, paint: Paint::Plain })),
            "\
bad\\u001b[2JName
hello.Alone
  hello.Alone/Sum  client stream  hello.Reply → hello.Request
hello.HelloService
  hello.HelloService/Chat      bidi stream    hello.Request → hello.Reply
  hello.HelloService/Lots      server stream  hello.Request → hello.Reply
  hello.HelloService/SayHello  unary          hello.Request → hello.Reply
"
        );
    }

    #[test]
    fn narrow_lists_leave_to_the_heading_what_it_says_and_then_break_where_it_reads_well() {
        let described: Vec<ServiceRow> = hello().services().map(|s| ServiceRow::from(&s)).collect();
        let at = |width| text(|out| services(out, &described, Rows::Columns { width, paint: Paint::Plain }));
        assert_eq!(at(75), at(usize::MAX), "{}", at(75));
        assert_eq!(
            at(60),
            "\
hello.Alone
  Sum  client stream  hello.Reply → hello.Request
hello.HelloService
  Chat      bidi stream    hello.Request → hello.Reply
  Lots      server stream  hello.Request → hello.Reply
  SayHello  unary          hello.Request → hello.Reply
"
        );
        assert_eq!(
            at(50),
            "\
hello.Alone
  Sum  client stream  hello.Reply → hello.Request
hello.HelloService
  Chat      bidi stream
      hello.Request
    → hello.Reply
  Lots      server stream
      hello.Request
    → hello.Reply
  SayHello  unary
      hello.Request
    → hello.Reply
"
        );
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_name() {
        let method = |name: &str, request: &str| MethodRow {
            path: format!("/p.S/{name}"),
            request_type: request.to_owned(),
            ..chat()
        };
        let (long, wide) = ("L".repeat(120), "W".repeat(90));
        let printed = text(|out| {
            methods(
                out,
                &[method(&long, "A"), method("M", &wide)],
                Rows::Columns { width: usize::MAX, paint: Paint::Plain },
            )
        });
        let places: Vec<usize> = printed.lines().map(|line| line.find('→').unwrap()).collect();
        assert_eq!(places, [4 + 120 + 2 + "bidi stream".len() + 2 + 90 + 1; 2]);
    }

    #[test]
    fn tabs_stand_between_columns_and_nowhere_else() {
        let rows = [ServiceRow {
            name: "s".to_owned(),
            methods: Some(vec![MethodRow { path: "/s/a\tb".to_owned(), ..chat() }]),
            error: None,
        }];
        let line = "s/a\\u0009b\tbidi stream\thello.Request\thello.Reply\n";
        assert_eq!(text(|out| services(out, &rows, Rows::Tabs)), line);
        assert_eq!(text(|out| methods(out, rows[0].methods.as_deref().unwrap(), Rows::Tabs)), line);
    }

    #[test]
    fn methods_can_be_pasted_into_a_call() {
        let rows = rows();
        let row = rows.iter().find(|row| row.name == "hello.HelloService").unwrap();
        assert_eq!(
            text(|out| methods(out, row.methods.as_deref().unwrap(), Rows::Names)),
            "hello.HelloService/Chat\nhello.HelloService/Lots\nhello.HelloService/SayHello\n"
        );
    }

    #[test]
    fn the_json_of_a_list() {
        let text = text(|out| services_json(out, &rows(), Paint::Plain));
        assert!(!text.contains('\u{1b}'));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[0], json!({"name": "bad\u{1b}[2JName"}));
        assert_eq!(
            value[1],
            json!({"name": "hello.Alone", "methods": [{
                "name": "Sum", "fullName": "hello.Alone.Sum", "path": "/hello.Alone/Sum",
                "requestType": "hello.Reply", "responseType": "hello.Request",
                "clientStreaming": true, "serverStreaming": false,
            }]})
        );
        let names: Vec<&Value> = value[2]["methods"].as_array().unwrap().iter().map(|m| &m["name"]).collect();
        assert_eq!(names, ["Chat", "Lots", "SayHello"]);
    }
}
