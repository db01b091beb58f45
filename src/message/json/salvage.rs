//! The parts of a message that did not decode, shown where they belong.

use prost_reflect::DynamicMessage;

use super::plan::{Plan, Shape};
use super::print::Run;
use super::writer::Open;
use crate::message::decode::Broken;

impl Run<'_> {
    pub(super) fn broken(&mut self, part: &Broken) {
        self.placeholder(&part.error.to_string(), |w| w.base64(&part.bytes));
    }

    /// Prints the parts that have no place of their own under `@broken`: bytes past the last readable field, and
    /// parts of a field whose place another value or a map takes.
    pub(super) fn leftovers(
        &mut self,
        message: &DynamicMessage,
        plan: &Plan,
        broken: &[Broken],
        object: &mut Open,
    ) {
        if broken.is_empty() {
            return;
        }
        let mut placed = Vec::new();
        let leftovers: Vec<&Broken> = broken
            .iter()
            .filter(|part| {
                let Some(number) = part.number else { return true };
                match plan.fields.iter().find(|field| field.number == number).map(|field| field.shape) {
                    Some(Shape::List) => false,
                    Some(Shape::Single)
                        if !message.has_field_by_number(number) && !placed.contains(&number) =>
                    {
                        placed.push(number);
                        false
                    }
                    _ => true,
                }
            })
            .collect();
        if leftovers.is_empty() {
            return;
        }
        self.w.key(object, "@broken");
        let mut array = self.w.array();
        for part in leftovers {
            self.w.item(&mut array);
            let mut object = self.w.object();
            if let Some(number) = part.number {
                self.w.key(&mut object, "@field");
                self.w.integer(number);
            }
            self.w.key(&mut object, "@error");
            self.w.string(&part.error.to_string());
            self.w.key(&mut object, "@value");
            self.w.base64(&part.bytes);
            self.w.close(&object);
        }
        self.w.close(&array);
    }
}
