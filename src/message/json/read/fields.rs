//! What every document is held to, in whichever format: of a oneof it gives one member, and all that is required.

use super::error::Problem;
use super::misfit::Misfit;
use crate::message::bytes::{Field, Layout};

/// Which fields of a message a document has given so far.
pub(in crate::message) struct Fields<'l> {
    layout: &'l Layout,
    /// What a field is called in the document.
    name: fn(&Field) -> &str,
    state: Vec<State>,
    /// Of each oneof the member that is given.
    oneofs: Vec<Option<u32>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Seen,
    Given,
}

impl<'l> Fields<'l> {
    pub(in crate::message) fn new(layout: &'l Layout, name: fn(&Field) -> &str) -> Self {
        let (state, oneofs) = (vec![State::Absent; layout.fields.len()], vec![None; layout.oneofs]);
        Self { layout, name, state, oneofs }
    }

    /// Notes that a field came, and tells whether it had come before.
    pub(in crate::message) fn again(&mut self, index: u32) -> bool {
        let state = self.state_of(index).map(|state| std::mem::replace(state, State::Seen));
        state.is_some_and(|state| state != State::Absent)
    }

    /// Notes that a field was given a value, at this place.
    pub(in crate::message) fn give(&mut self, index: u32, at: usize) -> Result<(), Misfit> {
        let oneof = self.layout.field(index).and_then(|field| field.oneof);
        if let Some((number, member)) = oneof.and_then(|number| Some((number, self.oneofs.get_mut(number)?)))
            && let Some(first) = member.replace(index).filter(|first| *first != index)
        {
            let oneof = self.layout.descriptor.oneofs().nth(number).map(|oneof| oneof.name().to_owned());
            let first = self.layout.field(first).map(|first| (self.name)(first).to_owned());
            let problem =
                Problem::Oneof { oneof: oneof.unwrap_or_default(), first: first.unwrap_or_default() };
            return Err(Misfit::new(at, problem));
        }
        if let Some(state) = self.state_of(index) {
            *state = State::Given;
        }
        Ok(())
    }

    /// Looks at the end of the message, which begins at this place, whether all is there that has to be.
    pub(in crate::message) fn end(&self, at: usize) -> Result<(), Misfit> {
        let given = |index: u32| {
            usize::try_from(index).is_ok_and(|index| self.state.get(index) == Some(&State::Given))
        };
        let missing = self.layout.required.iter().copied().find(|index| !given(*index));
        let Some(missing) = missing.and_then(|index| self.layout.field(index)) else { return Ok(()) };
        let (field, message) = ((self.name)(missing), self.layout.descriptor.full_name());
        let problem = Problem::Required { field: field.to_owned(), message: message.to_owned() };
        Err(Misfit::new(at, problem))
    }

    fn state_of(&mut self, index: u32) -> Option<&mut State> {
        self.state.get_mut(usize::try_from(index).ok()?)
    }
}
