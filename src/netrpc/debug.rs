//! The page at `/debug/rpc`, the only thing by which a net/rpc server says what it offers.
//!
//! Go makes it for people (`net/rpc/debug.go`): a heading for each service, a table row for each method, with Go's
//! names of its types and how often it was called. This reads what stands in it, not how it is laid out.

/// A service on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The name it is registered under.
    pub name: String,
    /// Its methods, as the page has them: sorted by name.
    pub methods: Vec<Method>,
}

/// A method on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Its name, without the service's.
    pub name: String,
    /// The type of its argument, as Go writes it.
    pub argument: String,
    /// The type of its reply, a pointer, as Go writes it.
    pub reply: String,
    /// How often it was called.
    pub calls: u64,
}

/// Reads the page; none where it is not that page.
pub fn read(page: &str) -> Option<Vec<Service>> {
    if !page.contains("<title>Services</title>") {
        return None;
    }
    let mut services: Vec<Service> = Vec::new();
    let mut signature: Option<(String, String, String)> = None;
    for text in texts(page) {
        if let Some(name) = text.strip_prefix("Service ") {
            services.push(Service { name: name.trim().to_owned(), methods: Vec::new() });
            signature = None;
        } else if let Some((name, argument, reply)) = signature.take() {
            if let (Some(service), Ok(calls)) = (services.last_mut(), text.parse()) {
                service.methods.push(Method { name, argument, reply, calls });
            }
        } else {
            signature = signature_of(&text);
        }
    }
    Some(services)
}

/// Writes the page, as Go's server does.
pub fn page(services: &[Service]) -> String {
    let mut page = "<html>\n<body>\n<title>Services</title>\n".to_owned();
    for Service { name, methods } in services {
        page += &format!("<hr>\nService {}\n<hr>\n<table>\n", escape(name));
        page += "<th align=center>Method</th><th align=center>Calls</th>\n";
        for Method { name, argument, reply, calls } in methods {
            let signature = escape(&format!("{name}({argument}, {reply}) error"));
            page += &format!(
                "<tr>\n<td align=left font=fixed>{signature}</td>\n<td align=center>{calls}</td>\n</tr>\n"
            );
        }
        page += "</table>\n";
    }
    page + "</body>\n</html>"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The texts between tags, blanks around them and entities in them resolved, empty ones left out.
fn texts(page: &str) -> impl Iterator<Item = String> {
    page.split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text).trim())
        .filter(|text| !text.is_empty())
        .map(unescape)
}

/// Resolves the entities that Go's html/template writes.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        plain.push_str(before);
        let end = entity.find(';').filter(|&end| end <= 8);
        let resolved = end.and_then(|end| Some((character(entity.get(1..end)?)?, end)));
        // An ampersand that begins no entity is one.
        let (character, end) = resolved.unwrap_or(('&', 0));
        plain.push(character);
        rest = entity.get(end + 1..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// `Divide(*main.Args, *main.Quotient) error` in its parts.
fn signature_of(text: &str) -> Option<(String, String, String)> {
    let (name, rest) = text.split_once('(')?;
    let types = rest.strip_suffix("error")?.trim_end().strip_suffix(')')?;
    let comma = top_level_comma(types)?;
    let (argument, reply) = (types.get(..comma)?.trim(), types.get(comma + 1..)?.trim());
    Some((name.trim().to_owned(), argument.to_owned(), reply.to_owned()))
}

/// The comma between two types, not one within either.
fn top_level_comma(types: &str) -> Option<usize> {
    let mut depth = 0_usize;
    types.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        byte == b',' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html>\n\t<body>\n\t<title>Services</title>\n\t\n\t<hr>\n\tService Arith\n\t<hr>\n\t\t<table>\n\t\t\
        <th align=center>Method</th><th align=center>Calls</th>\n\t\t\n\t\t\t<tr>\n\t\t\t\
        <td align=left font=fixed>Divide(*main.Args, *main.Quotient) error</td>\n\t\t\t<td align=center>3</td>\n\t\t\t\
        </tr>\n\t\t\n\t\t\t<tr>\n\t\t\t<td align=left font=fixed>Sum(map[string]func(int, int), *struct { A &lt;-chan int; B string &#34;x&#34; }) \
        error</td>\n\t\t\t<td align=center>0</td>\n\t\t\t</tr>\n\t\t\n\t\t</table>\n\t\n\t<hr>\n\tService Empty\n\t<hr>\n\t\t\
        <table>\n\t\t<th align=center>Method</th><th align=center>Calls</th>\n\t\t\n\t\t</table>\n\t\n\t</body>\n\t</html>";

    #[test]
    fn services_methods_types_and_counts_are_read() {
        let method = |name: &str, argument: &str, reply: &str, calls| Method {
            name: name.to_owned(),
            argument: argument.to_owned(),
            reply: reply.to_owned(),
            calls,
        };
        let services = read(PAGE).unwrap();
        assert_eq!(
            services,
            [
                Service {
                    name: "Arith".to_owned(),
                    methods: vec![
                        method("Divide", "*main.Args", "*main.Quotient", 3),
                        method(
                            "Sum",
                            "map[string]func(int, int)",
                            "*struct { A <-chan int; B string \"x\" }",
                            0
                        ),
                    ],
                },
                Service { name: "Empty".to_owned(), methods: Vec::new() },
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let services = read(PAGE).unwrap();
        assert_eq!(read(&page(&services)), Some(services));
    }

    #[test]
    fn another_page_is_none() {
        assert_eq!(read("<html><title>404</title></html>"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn entities_that_are_none_stay_as_they_are() {
        assert_eq!(unescape("a & b &x; &#x41;&#66;&amp;"), "a & b &x; AB&");
    }
}
