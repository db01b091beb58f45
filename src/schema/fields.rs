//! The fields of a message in the order the schema's author wrote them.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

/// The fields of `message` in declaration order; the descriptor's own iterator goes by number.
pub fn fields_in_declaration_order(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<FieldDescriptor> = message.fields().collect();
    // The last element of a descriptor's path is its index among its siblings.
    fields.sort_by_key(|field| field.path().last().copied());
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::pool;

    #[test]
    fn declaration_order_not_number_order() {
        let pool =
            pool(&[("a.proto", "syntax = 'proto3'; message A { int32 z = 9; int32 a = 1; int32 m = 5; }")]);
        let message = pool.get_message_by_name("A").unwrap();
        let names: Vec<String> =
            fields_in_declaration_order(&message).iter().map(|f| f.name().to_owned()).collect();
        assert_eq!(names, ["z", "a", "m"]);
    }
}
