//! What every document is held to, in whichever format: of a oneof it gives one member, and all that is required.

use super::error::Problem;
use super::misfit::Misfit;
use crate::message::bytes::{Field, Layout, Noted};

/// Which fields of a message a document has given so far. What it takes goes by those, and not by all that there are: a
/// document may have any number of messages in it.
pub(in crate::message) struct Fields<'l> {
    layout: &'l Layout,
    /// What a field is called in the document.
    name: fn(&Field) -> &str,
    /// Whether they were given a value.
    seen: Noted<bool>,
    /// Of each oneof the member that is given.
    oneofs: Noted<u32>,
}

impl<'l> Fields<'l> {
    pub(in crate::message) fn new(layout: &'l Layout, name: fn(&Field) -> &str) -> Self {
        Self { layout, name, seen: Noted::default(), oneofs: Noted::default() }
    }

    /// Notes that a field came, and tells whether it had come before.
    pub(in crate::message) fn again(&mut self, index: u32) -> bool {
        self.seen.set(index, false).is_some()
    }

    /// Notes that a field was given a value, at this place.
    pub(in crate::message) fn give(&mut self, index: u32, at: usize) -> Result<(), Misfit> {
        let oneof = self.layout.field(index).and_then(|field| field.oneof);
        if let Some(number) = oneof
            && let Some(first) = self.oneofs.set(number, index).filter(|first| *first != index)
        {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            let oneof = self.layout.descriptor.oneofs().nth(number).map(|oneof| oneof.name().to_owned());
            let first = self.layout.field(first).map(|first| (self.name)(first).to_owned());
            let problem =
                Problem::Oneof { oneof: oneof.unwrap_or_default(), first: first.unwrap_or_default() };
            return Err(Misfit::new(at, problem));
        }
        self.seen.set(index, true);
        Ok(())
    }

    /// Looks at the end of the message, which begins at this place, whether all is there that has to be.
    pub(in crate::message) fn end(&self, at: usize) -> Result<(), Misfit> {
        let missing = self.layout.required.iter().find(|index| self.seen.get(**index) != Some(&true));
        let Some(missing) = missing.and_then(|index| self.layout.field(*index)) else { return Ok(()) };
        let (field, message) = ((self.name)(missing), self.layout.descriptor.full_name());
        let problem = Problem::Required { field: field.to_owned(), message: message.to_owned() };
        Err(Misfit::new(at, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::bytes::Layouts;
    use crate::schema::testing;

    #[test]
    fn what_is_noted_goes_by_what_is_given() {
        let fields: Vec<String> =
            (1..=5000).map(|number| format!("optional int32 f{number} = {number};")).collect();
        let fields = fields.concat();
        let layout = Layouts::default()
            .of(&testing::message(&format!("syntax = 'proto3'; message M {{ {fields} }}"), "M"));
        let mut fields = Fields::new(&layout, Field::name);
        assert_eq!(fields.seen.capacity() + fields.oneofs.capacity(), 0);
        assert!(!fields.again(4999));
        fields.give(4999, 0).unwrap();
        assert!(fields.again(4999));
        assert!(fields.end(0).is_ok());
        assert!(fields.seen.capacity() + fields.oneofs.capacity() < 100);
    }
}
