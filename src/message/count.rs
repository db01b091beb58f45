//! How many messages a method takes.

use std::fmt;

/// Which sides of a method stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The client sends any number of messages.
    pub client_streaming: bool,
    /// The server sends any number of messages.
    pub server_streaming: bool,
}

/// How many messages may be sent to a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Exactly one; where nobody was to give it, an empty one.
    ExactlyOne,
    /// Any number; none given means none.
    AnyNumber,
    /// Any number, each of them a call of its own; where nobody was to give any, an empty one.
    EachItsOwn,
}

impl Shape {
    /// How many messages a method of this shape takes.
    pub fn takes(self) -> Takes {
        if self.client_streaming { Takes::AnyNumber } else { Takes::ExactlyOne }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.client_streaming, self.server_streaming) {
            (false, false) => "unary",
            (false, true) => "server-streaming",
            (true, false) => "client-streaming",
            (true, true) => "bidirectional-streaming",
        })
    }
}

/// Another message was given to a method that takes one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} is {shape} and takes one message, but more were given")]
pub struct TooMany {
    /// The method's full name.
    pub method: String,
    /// The method's shape.
    pub shape: Shape,
}

/// A method that takes one message was given none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} is {shape} and takes one message")]
pub struct Missing {
    /// The method's full name.
    pub method: String,
    /// The method's shape.
    pub shape: Shape,
}

/// A method that takes a stream was to be called with each message alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} is {shape} and takes all messages in one call")]
pub struct NotEach {
    /// The method's full name.
    pub method: String,
    /// The method's shape.
    pub shape: Shape,
}

/// Holds the messages given for one call against what its method takes.
#[derive(Debug, Clone)]
pub struct Count {
    method: String,
    shape: Shape,
    takes: Takes,
    given: usize,
}

impl Count {
    /// Begins to count for a call.
    pub fn new(method: impl Into<String>, shape: Shape) -> Self {
        Self { method: method.into(), shape, takes: shape.takes(), given: 0 }
    }

    /// Begins to count for as many calls as there are messages; only a method that takes one message can be called so.
    pub fn each(method: impl Into<String>, shape: Shape) -> Result<Self, NotEach> {
        match shape.takes() {
            Takes::ExactlyOne => Ok(Self { takes: Takes::EachItsOwn, ..Self::new(method, shape) }),
            Takes::AnyNumber | Takes::EachItsOwn => Err(NotEach { method: method.into(), shape }),
        }
    }

    /// How many messages are taken.
    pub fn takes(&self) -> Takes {
        self.takes
    }

    /// Counts one more message, if the method takes it.
    pub fn add(&mut self) -> Result<(), TooMany> {
        if self.given > 0 && self.takes == Takes::ExactlyOne {
            return Err(TooMany { method: self.method.clone(), shape: self.shape });
        }
        self.given += 1;
        Ok(())
    }

    /// What the call still wants when its input is at an end. `expected` is whether somebody was to give messages:
    /// where none came, there is nothing to make calls of.
    pub fn missing(&self, expected: bool) -> Option<Missing> {
        let wants = match self.takes {
            Takes::ExactlyOne => true,
            Takes::EachItsOwn => !expected,
            Takes::AnyNumber => false,
        };
        (wants && self.given == 0).then(|| Missing { method: self.method.clone(), shape: self.shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [(Shape, &str); 4] = [
        (Shape { client_streaming: false, server_streaming: false }, "unary"),
        (Shape { client_streaming: false, server_streaming: true }, "server-streaming"),
        (Shape { client_streaming: true, server_streaming: false }, "client-streaming"),
        (Shape { client_streaming: true, server_streaming: true }, "bidirectional-streaming"),
    ];

    #[test]
    fn one_message_unless_the_client_streams() {
        for (shape, name) in SHAPES {
            assert_eq!(shape.to_string(), name);
            let mut count = Count::new("pkg.Service/Method", shape);
            assert_eq!(count.missing(true).is_some(), !shape.client_streaming);
            assert_eq!(count.missing(false).is_some(), !shape.client_streaming);
            count.add().unwrap();
            assert_eq!(count.missing(true), None);
            assert_eq!(count.add().is_ok(), shape.client_streaming);
        }
    }

    #[test]
    fn each_message_is_a_call_of_a_method_that_takes_one() {
        for (shape, _) in SHAPES {
            let Ok(mut count) = Count::each("pkg.Service/Method", shape) else {
                assert!(shape.client_streaming);
                continue;
            };
            // Where nobody was to give messages, there is one call; where none came, there is none.
            assert!(count.missing(false).is_some() && count.missing(true).is_none());
            assert!(count.add().is_ok() && count.add().is_ok());
        }
        assert_eq!(
            Count::each("pkg.Service/Method", SHAPES[2].0).unwrap_err().to_string(),
            "pkg.Service/Method is client-streaming and takes all messages in one call"
        );
    }

    #[test]
    fn too_many_names_method_and_shape() {
        let mut count = Count::new("pkg.Service/Method", SHAPES[1].0);
        count.add().unwrap();
        assert_eq!(
            count.add().unwrap_err().to_string(),
            "pkg.Service/Method is server-streaming and takes one message, but more were given"
        );
    }
}
