//! Where the request of a call comes from, by the words: items, data, or somebody who is asked; and only from one of
//! them.

use super::super::{Failed, Surroundings};
use super::CallArgs;
use crate::args::{InputArg, Target, quoted, split_items};
use crate::failure::{Failure, Kind};
use crate::message::Format;
use crate::message::items::{Item, WordError, is_item};

/// Words that say of the request what can't be.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error(transparent)]
    Item(#[from] WordError),
    #[error("the request is given twice: by {0} and by {1}")]
    ItemsAndData(String, &'static str),
    #[error("-i says how -d is written, and {0} is an item")]
    ItemsHaveNoFormat(String),
    #[error("--prompt asks on a terminal, and {0} is none")]
    NoTerminal(&'static str),
    #[error("--prompt asks for the request, and {0} gives it")]
    PromptAndRequest(String),
    #[error("--prompt asks by the schema, and net/rpc has none")]
    PromptOfGo,
    #[error("--prompt asks for fields, and the request is {0}, which is one value")]
    PromptOfValue(String),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let hint = match &error {
            RequestError::Item(_) => None,
            RequestError::ItemsAndData(..) | RequestError::PromptAndRequest(_) => {
                Some("leave one of them out")
            }
            RequestError::ItemsHaveNoFormat(_) => {
                Some("leave it out: an item is written in the words of its field's type")
            }
            RequestError::NoTerminal(_) => Some("give the request as items, FIELD=VALUE, or with -d"),
            RequestError::PromptOfValue(_) => Some("give it with -d"),
            RequestError::PromptOfGo => Some("give the fields of the argument as items, such as A=6 B=7"),
        };
        let failure = Self::new(Kind::Wrong, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Tells the server, the method and the items apart.
pub(super) fn split(args: &CallArgs, surroundings: &Surroundings) -> Result<(Target, Vec<String>), Failed> {
    let found = args.target.address.is_some() || args.schema.has_files();
    split_items(&args.words, found).map_err(|error| {
        let items = args.words.iter().filter(|word| is_item(word));
        let items = items.flat_map(|item| [" ".to_owned(), quoted(item)]);
        let data = args.data.iter().flat_map(|data| [" -d ".to_owned(), quoted(data)]);
        let behind: String = items.chain(data).collect();
        let given = &surroundings.given.under.flags;
        Failed::words(error, "call", (&args.target, &args.schema, &args.headers.both), given, &behind)
    })
}

/// The items, which nothing else that says what to send may stand beside.
pub(super) fn items(
    words: &[String],
    args: &CallArgs,
    surroundings: &Surroundings,
) -> Result<Vec<Item>, RequestError> {
    if let Some(first) = words.first() {
        if !args.data.is_empty() {
            return Err(RequestError::ItemsAndData(first.clone(), "-d"));
        }
        if args.raw_request.is_some() {
            return Err(RequestError::ItemsAndData(first.clone(), "--raw-request"));
        }
        if args.input.is_some_and(|input| input != InputArg::Json) {
            return Err(RequestError::ItemsHaveNoFormat(first.clone()));
        }
    }
    let items: Vec<Item> = words.iter().map(|word| Item::parse(word)).collect::<Result<_, _>>()?;
    if args.prompt {
        check_prompt(args, &items, surroundings)?;
    }
    Ok(items)
}

/// How what is sent is written. Items, and what was asked for, become JSON, whatever is printed.
pub(super) fn format(args: &CallArgs, items: &[Item]) -> Format {
    let input = args.input.or(args.format.map(InputArg::from)).filter(|_| items.is_empty() && !args.prompt);
    input.map_or(Format::Json, Format::from)
}

/// Whether net/rpc can be called so.
pub(super) fn of_go(args: &CallArgs) -> Result<(), RequestError> {
    if args.prompt { Err(RequestError::PromptOfGo) } else { Ok(()) }
}

/// Whether there is somebody to ask, and something to ask for.
fn check_prompt(args: &CallArgs, items: &[Item], surroundings: &Surroundings) -> Result<(), RequestError> {
    let given = items.first().map(|item| item.word().to_owned());
    let given = given.or_else(|| (!args.data.is_empty()).then(|| "-d".to_owned()));
    if let Some(given) = given.or_else(|| args.input.map(|_| "-i".to_owned())) {
        return Err(RequestError::PromptAndRequest(given));
    }
    match (surroundings.stdin_terminal, surroundings.stderr_terminal) {
        (false, _) => Err(RequestError::NoTerminal("stdin")),
        (_, false) => Err(RequestError::NoTerminal("stderr")),
        _ => Ok(()),
    }
}
