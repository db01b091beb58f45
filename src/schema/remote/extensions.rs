//! Extensions in files that nothing imports: found by the messages that they extend, which is the one way to ask for
//! them.
//!
//! Only messages that can be extended are asked for, so that a schema without any costs nothing. Whatever goes wrong
//! means that there are no such extensions: none of it may stand in the way of what was asked for.

use std::collections::HashSet;

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

use super::super::error::Error;
use super::super::reflection::{Answer, Need, Question, ReflectionError};
use super::super::repair::Repair;
use super::{MAX_NAMES, Remote};

/// Extensions may have types with extensions of their own, which hardly ever goes on.
const MAX_ROUNDS: usize = 4;

/// An extension by the message that it extends, and its number.
type Extension = (String, i32);

impl Remote {
    /// Fetches what extends these messages and all that they can hold. Tells whether anything came, for which the
    /// messages have to be looked up again.
    pub(in crate::schema) async fn fetch_extensions(
        &mut self,
        messages: &[MessageDescriptor],
    ) -> Result<bool, Error> {
        let mut learnt = false;
        for _ in 0..MAX_ROUNDS {
            if !self.files.can_be_extended() {
                break;
            }
            let mut extended = extendable(&self.pool, messages);
            extended.retain(|message| self.extended.insert(message.full_name().to_owned()));
            extended.truncate(MAX_NAMES);
            if extended.is_empty() {
                break;
            }
            let unknown = self.unknown_extensions(&extended).await?;
            if !unknown.is_empty() {
                learnt |= self.fetch_each(&unknown).await?;
            }
        }
        Ok(learnt)
    }

    /// The extensions that the server counts among those of these messages and has not sent.
    async fn unknown_extensions(&mut self, messages: &[MessageDescriptor]) -> Result<Vec<Extension>, Error> {
        let name = |message: &MessageDescriptor| message.full_name().to_owned();
        let questions: Vec<Question> = messages.iter().map(name).map(Question::ExtensionNumbers).collect();
        let answers = self.reflector.ask(&questions, Need::May).await?;
        let mut unknown = Vec::new();
        for (message, answer) in messages.iter().zip(answers) {
            let Answer::Numbers(numbers) = answer else { continue };
            let known: HashSet<u32> = message.extensions().map(|extension| extension.number()).collect();
            let mut seen = HashSet::new();
            for number in numbers.into_iter().filter(|&number| seen.insert(number)) {
                match u32::try_from(number) {
                    Ok(positive) if known.contains(&positive) => {}
                    Ok(positive) if message.extension_ranges().any(|range| range.contains(&positive)) => {
                        unknown.push((name(message), number));
                    }
                    _ => self.lose(message.full_name(), number, "which none of its ranges has"),
                }
            }
        }
        unknown.truncate(MAX_NAMES);
        Ok(unknown)
    }

    /// Fetches the files of these extensions. If they do not fit with the others, all is left as it was.
    async fn fetch_each(&mut self, extensions: &[Extension]) -> Result<bool, Error> {
        let questions: Vec<Question> = extensions
            .iter()
            .map(|(message, number)| Question::Extension(message.clone(), *number))
            .collect();
        let answers = self.reflector.ask(&questions, Need::May).await?;
        let before = (self.files.clone(), self.repaired.take(), self.pool.clone());
        let why: Vec<Option<String>> = answers.into_iter().map(|answer| self.add_files(answer)).collect();
        let mut misfit = None;
        if self.files.len() > before.0.len() {
            // Only a repair tells two extensions of one number apart.
            self.files.be_odd();
            misfit = self.link_extensions().await?;
        }
        let learnt = self.files.len() > before.0.len() && misfit.is_none();
        if !learnt {
            (self.files, self.repaired, self.pool) = before;
        }
        for ((message, number), why) in extensions.iter().zip(why) {
            if !has(&self.pool, message, *number) {
                let why = why.as_deref().or(misfit.as_deref());
                self.lose(message, *number, why.unwrap_or("which the file sent for it does not have"));
            }
        }
        Ok(learnt)
    }

    /// Takes the files of an answer, or tells why not.
    fn add_files(&mut self, answer: Answer) -> Option<String> {
        match answer {
            Answer::Files(files) if !files.is_empty() => {
                let refused: Vec<_> =
                    files.into_iter().filter_map(|file| self.files.add(file).err()).collect();
                refused.first().map(|error| format!("whose file can't be used: {error}"))
            }
            _ => Some("of which the server has no file".to_owned()),
        }
    }

    /// Links the files anew. Why that can't be is told, unless it is the user's deadline.
    async fn link_extensions(&mut self) -> Result<Option<String>, Error> {
        let mut linked = self.complete(Need::May).await;
        if linked.is_ok() {
            linked = self.link(Need::May).await;
        }
        match linked {
            Ok(()) => Ok(None),
            Err(error @ Error::Reflection(ReflectionError::Deadline(_))) => Err(error),
            Err(error) => {
                let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
                let innermost = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
                Ok(Some(format!("whose file does not fit: {innermost}")))
            }
        }
    }

    fn lose(&mut self, message: &str, number: i32, why: &str) {
        if self.lost_extensions.len() < MAX_NAMES {
            self.lost_extensions.push(Repair::lost_extension(message, number, why));
        }
    }
}

/// Whether a message has this extension.
fn has(pool: &DescriptorPool, message: &str, number: i32) -> bool {
    let is_it = |known: u32| i64::from(known) == i64::from(number);
    let message = pool.get_message_by_name(message);
    message.is_some_and(|message| message.extensions().any(|extension| is_it(extension.number())))
}

/// Those of the messages, and of all that they can hold, that can be extended, as the pool has them.
fn extendable(pool: &DescriptorPool, messages: &[MessageDescriptor]) -> Vec<MessageDescriptor> {
    let in_pool = |message: &MessageDescriptor| pool.get_message_by_name(message.full_name());
    let mut open: Vec<MessageDescriptor> = messages.iter().filter_map(in_pool).collect();
    let mut seen: HashSet<String> = open.iter().map(|message| message.full_name().to_owned()).collect();
    let mut found = Vec::new();
    while let Some(message) = open.pop() {
        let of_fields = message.fields().map(|field| field.kind());
        let of_extensions = message.extensions().map(|extension| extension.kind());
        for kind in of_fields.chain(of_extensions) {
            if let Kind::Message(held) = kind
                && seen.insert(held.full_name().to_owned())
            {
                open.push(held);
            }
        }
        if message.extension_ranges().len() > 0 {
            found.push(message);
        }
    }
    found.sort_by(|one, other| one.full_name().cmp(other.full_name()));
    found
}
