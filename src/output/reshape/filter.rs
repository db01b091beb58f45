//! Expressions in jq's language, understood once and run over each message.

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data};
use jaq_json::Val;

/// jq's formats for rows, which the library leaves to others.
const ROWS: &str = r#"
def row(text): .[]
    | if type == "string" then text
      elif . == null then ""
      elif type == "array" or type == "object" then error("an \(type) can't stand in a row")
      else tostring end;
def @csv: [row("\"" + (split("\"") | join("\"\"")) + "\"")] | join(",");
def @tsv: [row(
    split("\\") | join("\\\\") | split("\t") | join("\\t") | split("\n") | join("\\n") | split("\r") | join("\\r")
    )] | join("\t");
"#;

/// The longest expression that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// An expression.
pub(super) struct Filter(jaq_core::Filter<data::JustLut<Val>>);

/// An expression that can't be understood.
#[derive(Debug, thiserror::Error)]
pub enum ExpressionError {
    /// It is no expression.
    #[error("{problem}{place}\n  {expression}\n  {caret:>width$}", caret = '^', width = column)]
    Malformed {
        /// What is wrong.
        problem: String,
        /// At which column, in words.
        place: String,
        /// The line of it that is wrong.
        expression: String,
        /// The column, from 1.
        column: usize,
    },
    /// It is longer than anybody writes.
    #[error("the expression is longer than {LONGEST} bytes")]
    TooLong,
    /// Another process could not understand it, and says why.
    #[error("{0}")]
    Refused(String),
    /// There is nothing to run it on.
    #[error("cannot start what runs it")]
    Start(#[source] std::io::Error),
}

impl Filter {
    /// Understands an expression.
    pub(super) fn compile(expression: &str) -> Result<Self, ExpressionError> {
        if expression.len() > LONGEST {
            return Err(ExpressionError::TooLong);
        }
        let rows = load::parse(ROWS, |parser| parser.defs()).unwrap_or_default();
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(rows);
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let file = File { code: expression, path: () };
        let at = |problem: String, part: &str| malformed(problem, expression, part);
        let modules = Loader::new(definitions).load(&arena, file).map_err(|errors| {
            let first = errors.into_iter().next().map(|(_, error)| error);
            let (problem, part) = match first {
                Some(load::Error::Io(errors)) => first_of(errors, |(part, why)| (why, part)),
                Some(load::Error::Lex(errors)) => {
                    first_of(errors, |(expected, part)| (lexical(&expected), part))
                }
                Some(load::Error::Parse(errors)) => {
                    first_of(errors, |(expected, part)| (format!("expected a {}", expected.as_str()), part))
                }
                None => (String::new(), ""),
            };
            at(problem, part)
        })?;
        let filter = Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
            let undefined = errors.into_iter().flat_map(|(_, errors)| errors).next();
            let (part, what) = undefined.map_or(("", "filter"), |(part, what)| (part, what.as_str()));
            at(format!("there is no {what} {part}"), part)
        })?;
        Ok(Self(filter))
    }

    /// Gives what comes out for a message, value by value, until `give` wants no more; an error says why there is none.
    pub(super) fn run(&self, message: Val, mut give: impl FnMut(Val) -> bool) -> Result<(), String> {
        let context = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for value in self.0.id.run((context, message)) {
            let value = value.map_err(|exception| match exception.get_err() {
                Ok(error) => told(&error.into_val()),
                // `halt` ends jq's whole run, which is not a filter's to end here.
                Err(_) => "halt: it can end what is made of this message, and not the call".to_owned(),
            })?;
            if !give(value) {
                break;
            }
        }
        Ok(())
    }
}

/// What an error says, which may be any value: a text as it is.
fn told(error: &Val) -> String {
    match error {
        Val::TStr(text) => String::from_utf8_lossy(text).into_owned(),
        other => other.to_string(),
    }
}

fn first_of<'a, E>(errors: Vec<E>, tell: impl FnOnce(E) -> (String, &'a str)) -> (String, &'a str) {
    errors.into_iter().next().map_or((String::new(), ""), tell)
}

fn lexical(expected: &load::lex::Expect<&str>) -> String {
    use load::lex::Expect as E;
    let what = match expected {
        E::Digit => "digit",
        E::Ident => "name",
        E::Delim(open) => {
            let close = match *open {
                "(" => ")",
                "[" => "]",
                "{" => "}",
                other => other,
            };
            return format!("expected a closing {close}");
        }
        E::Escape => "escape such as \\n",
        E::Unicode => "code point in four hexadecimal digits",
        _ => "token",
    };
    format!("expected a {what}")
}

/// `part` is a slice of the expression; an empty one that is none is its end.
fn malformed(problem: String, expression: &str, part: &str) -> ExpressionError {
    let whole = expression.as_ptr().addr();
    let offset = part.as_ptr().addr().checked_sub(whole).filter(|offset| *offset <= expression.len());
    let offset = offset.filter(|offset| *offset < expression.len() && !part.is_empty());
    let before = expression.get(..offset.unwrap_or(expression.len())).unwrap_or(expression);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let place = match (offset, line) {
        (None, _) => " at its end".to_owned(),
        (Some(_), 0) => format!(" at column {column}"),
        (Some(_), line) => format!(" at line {} column {column}", line + 1),
    };
    let expression = expression.lines().nth(line).unwrap_or_default().to_owned();
    ExpressionError::Malformed { problem, place, expression, column }
}
