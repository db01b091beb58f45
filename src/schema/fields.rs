//! The fields of a message in the order the schema's author wrote them.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

/// An element's place among its siblings in the file that declares it: the last step of its path.
pub fn place_among_siblings(path: &[i32]) -> usize {
    path.last().and_then(|&last| usize::try_from(last).ok()).unwrap_or_default()
}

/// The fields of `message` in declaration order; the descriptor's own iterator goes by number.
pub fn fields_in_declaration_order(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<FieldDescriptor> = message.fields().collect();
    fields.sort_by_key(|field| place_among_siblings(field.path()));
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
