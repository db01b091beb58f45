//! Putting a value together from what a message holds.
//!
//! What is nested is kept on a stack of its own and not on the thread's: a value can be left where its message ends
//! and taken up again, and how deep a peer nests it is a number to compare.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;

use crate::netrpc::gob::wire::Cursor;
use crate::netrpc::gob::{DecodeError, Definition, Field, Struct, TypeRef, Types, Value};

use super::Limits;

/// Go refuses longer names of what an interface holds.
const MAX_NAME: usize = 1024;

/// A value that is being read: the parts that have begun, the innermost last.
#[derive(Debug)]
pub(super) struct Assembly {
    open: Vec<Part>,
    depth: usize,
    budget: Budget,
    /// What the last whole value took of it.
    spent: usize,
}

/// A part of a value that has parts itself.
#[derive(Debug)]
enum Part {
    /// The last field has its name already while its value is being read.
    Struct {
        ty: TypeRef,
        fields: Vec<(Arc<str>, Value)>,
    },
    List {
        element: TypeRef,
        length: usize,
        items: Vec<Value>,
    },
    Map {
        key: TypeRef,
        value: TypeRef,
        length: usize,
        pairs: Vec<(Value, Value)>,
        /// The key whose value is being read.
        pending: Option<Value>,
    },
    Interface {
        name: Arc<str>,
    },
}

/// What a value of some type turned out to be when its first bytes were read.
enum Begun {
    Complete(Value),
    /// Its parts come next.
    Opened,
    /// The type of what an interface holds comes next, perhaps in another message.
    Typeless,
}

/// How the innermost part goes on.
enum Next {
    /// With a value of this type.
    Value(TypeRef),
    /// Not at all: this is what it became.
    Complete(Value),
}

impl Assembly {
    pub(super) fn new(limits: Limits) -> Self {
        Self { open: Vec::new(), depth: limits.depth, budget: Budget::new(limits.memory), spent: 0 }
    }

    /// About how many bytes of memory the last value took.
    pub(super) fn spent(&self) -> usize {
        self.spent
    }

    /// Whether a value has begun that is not complete. Then the type of what an interface holds comes next.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Forgets what has begun.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.budget.refill();
    }

    /// Reads a value of a type, or if an interface has begun, what that holds, and on from there. None if another
    /// interface begins before the whole value is complete.
    pub(super) fn read(
        &mut self,
        ty: TypeRef,
        message: &mut Cursor,
        types: &Types,
    ) -> Result<Option<Value>, DecodeError> {
        let mut next = Next::Value(ty);
        loop {
            let complete = match next {
                Next::Complete(value) => {
                    self.open.pop();
                    Some(value)
                }
                Next::Value(ty) => match self.begin(ty, message, types)? {
                    Begun::Complete(value) => Some(value),
                    Begun::Opened => None,
                    Begun::Typeless => return Ok(None),
                },
            };
            if let Some(value) = complete
                && let Some(whole) = self.accept(value)?
            {
                self.spent = self.budget.limit - self.budget.left;
                self.budget.refill();
                return Ok(Some(whole));
            }
            let Some(part) = self.open.last_mut() else { return Ok(None) };
            next = part.proceed(message, types, &mut self.budget)?;
        }
    }

    fn begin(&mut self, ty: TypeRef, message: &mut Cursor, types: &Types) -> Result<Begun, DecodeError> {
        if let Some(value) = scalar(ty, message)? {
            return Ok(Begun::Complete(value));
        }
        if ty == TypeRef::Interface {
            return self.begin_interface(message);
        }
        let part = match types.get(ty).ok_or(DecodeError::UndefinedType)? {
            Definition::Opaque { name, marshaler } => {
                let (name, marshaler, bytes) = (name.clone(), *marshaler, message.bytes()?);
                return Ok(Begun::Complete(Value::Opaque { name, marshaler, bytes }));
            }
            Definition::Struct { fields, .. } => {
                Part::Struct { ty, fields: self.budget.room_for(fields.len())? }
            }
            Definition::Slice { element, .. } => {
                let length = count(message)?;
                Part::List { element: *element, length, items: self.budget.room_within(length, message)? }
            }
            Definition::Array { element, length, .. } => {
                let sent = message.uint()?;
                if usize::try_from(sent) != Ok(*length) {
                    return Err(DecodeError::ArrayMismatch { declared: *length, sent });
                }
                let items = self.budget.room_within(*length, message)?;
                Part::List { element: *element, length: *length, items }
            }
            Definition::Map { key, value, .. } => {
                let length = count(message)?;
                let pairs = self.budget.room_within(length, message)?;
                Part::Map { key: *key, value: *value, length, pairs, pending: None }
            }
        };
        self.open(part)?;
        Ok(Begun::Opened)
    }

    fn begin_interface(&mut self, message: &mut Cursor) -> Result<Begun, DecodeError> {
        let name = message.name()?;
        if name.is_empty() {
            return Ok(Begun::Complete(Value::Nil));
        }
        if name.len() > MAX_NAME {
            return Err(DecodeError::NameTooLong { length: name.len() });
        }
        self.budget.spend(name.len().saturating_add(size_of::<Value>()))?;
        self.open(Part::Interface { name })?;
        Ok(Begun::Typeless)
    }

    fn open(&mut self, part: Part) -> Result<(), DecodeError> {
        if self.open.len() >= self.depth {
            return Err(DecodeError::TooDeep { limit: self.depth });
        }
        self.open.push(part);
        Ok(())
    }

    /// Puts a value where it belongs; the whole value when there is nothing left that it is a part of.
    fn accept(&mut self, mut value: Value) -> Result<Option<Value>, DecodeError> {
        loop {
            match self.open.last_mut() {
                None => return Ok(Some(value)),
                Some(Part::Interface { name }) => {
                    let name = mem::take(name);
                    value = Value::Interface { name, value: Box::new(value) };
                    self.open.pop();
                    continue;
                }
                Some(Part::Struct { fields, .. }) => {
                    if let Some((_, field)) = fields.last_mut() {
                        *field = value;
                    }
                }
                Some(Part::List { items, .. }) => self.budget.push(items, value)?,
                Some(Part::Map { pairs, pending, .. }) => match pending.take() {
                    None => *pending = Some(value),
                    Some(key) => self.budget.push(pairs, (key, value))?,
                },
            }
            return Ok(None);
        }
    }
}

impl Part {
    /// Reads as far as nothing but scalars come.
    fn proceed(
        &mut self,
        message: &mut Cursor,
        types: &Types,
        budget: &mut Budget,
    ) -> Result<Next, DecodeError> {
        match self {
            Self::Struct { ty, fields } => {
                let Some(Definition::Struct { name, fields: declared }) = types.get(*ty) else {
                    return Err(DecodeError::UndefinedType);
                };
                while let Some(number) = message.field(fields.len(), declared.len())? {
                    omit(fields, declared, number, types)?;
                    let Some(Field { name, ty }) = declared.get(number) else { break };
                    let value = scalar(*ty, message)?;
                    let nested = value.is_none();
                    fields.push((name.clone(), value.unwrap_or(Value::Nil)));
                    if nested {
                        return Ok(Next::Value(*ty));
                    }
                }
                omit(fields, declared, declared.len(), types)?;
                let (name, fields) = (name.clone(), mem::take(fields));
                Ok(Next::Complete(Value::Struct(Struct { name, fields })))
            }
            Self::List { element, length, items } => {
                while items.len() < *length {
                    match scalar(*element, message)? {
                        Some(value) => budget.push(items, value)?,
                        None => return Ok(Next::Value(*element)),
                    }
                }
                Ok(Next::Complete(Value::List(mem::take(items))))
            }
            Self::Map { value, pending: Some(_), .. } => Ok(Next::Value(*value)),
            Self::Map { key, length, pairs, .. } if pairs.len() < *length => Ok(Next::Value(*key)),
            Self::Map { pairs, .. } => Ok(Next::Complete(Value::Map(mem::take(pairs)))),
            // What an interface holds is begun by whoever reads its type.
            Self::Interface { .. } => Err(DecodeError::UndefinedType),
        }
    }
}

/// Reads a value of a type that has no parts and that everybody knows; none if the type is another.
fn scalar(ty: TypeRef, message: &mut Cursor) -> Result<Option<Value>, DecodeError> {
    Ok(Some(match ty {
        TypeRef::Bool => Value::Bool(message.uint()? != 0),
        TypeRef::Int => Value::Int(message.int()?),
        TypeRef::Uint => Value::Uint(message.uint()?),
        TypeRef::Float => Value::Float(message.float()?),
        TypeRef::Complex => Value::Complex(message.float()?, message.float()?),
        TypeRef::Bytes => Value::Bytes(message.bytes()?),
        TypeRef::String => Value::String(message.bytes()?),
        TypeRef::Interface | TypeRef::Defined(_) => return Ok(None),
    }))
}

/// Gives the declared fields before `number` that were not sent their zero values.
fn omit(
    fields: &mut Vec<(Arc<str>, Value)>,
    declared: &[Field],
    number: usize,
    types: &Types,
) -> Result<(), DecodeError> {
    for field in declared.get(fields.len()..number).unwrap_or_default() {
        fields.push((field.name.clone(), zero(field.ty, types)?));
    }
    Ok(())
}

/// The value of a field that was not sent. An array is sent always, and a struct unless it is a nil pointer's.
fn zero(ty: TypeRef, types: &Types) -> Result<Value, DecodeError> {
    Ok(match ty {
        TypeRef::Bool => Value::Bool(false),
        TypeRef::Int => Value::Int(0),
        TypeRef::Uint => Value::Uint(0),
        TypeRef::Float => Value::Float(0.0),
        TypeRef::Complex => Value::Complex(0.0, 0.0),
        TypeRef::Bytes => Value::Bytes(Bytes::new()),
        TypeRef::String => Value::String(Bytes::new()),
        TypeRef::Interface => Value::Nil,
        TypeRef::Defined(_) => match types.get(ty).ok_or(DecodeError::UndefinedType)? {
            Definition::Slice { .. } => Value::List(Vec::new()),
            Definition::Map { .. } => Value::Map(Vec::new()),
            Definition::Array { .. } | Definition::Struct { .. } | Definition::Opaque { .. } => Value::Nil,
        },
    })
}

fn count(message: &mut Cursor) -> Result<usize, DecodeError> {
    usize::try_from(message.uint()?).map_err(|_| DecodeError::Truncated)
}

/// The memory that a value may still take.
#[derive(Debug)]
struct Budget {
    limit: usize,
    left: usize,
}

impl Budget {
    fn new(limit: usize) -> Self {
        Self { limit, left: limit }
    }

    fn refill(&mut self) {
        self.left = self.limit;
    }

    fn spend(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.left = self.left.checked_sub(bytes).ok_or(DecodeError::ValueTooLarge { limit: self.limit })?;
        Ok(())
    }

    fn room_for<T>(&mut self, count: usize) -> Result<Vec<T>, DecodeError> {
        self.spend(count.saturating_mul(size_of::<T>()))?;
        Ok(Vec::with_capacity(count))
    }

    /// Room for as many elements as are claimed and can be in this message: each takes a byte at least. Only if there
    /// are interfaces in them can there be more in the next.
    fn room_within<T>(&mut self, claimed: usize, message: &Cursor) -> Result<Vec<T>, DecodeError> {
        self.room_for(claimed.min(message.remaining()))
    }

    fn push<T>(&mut self, to: &mut Vec<T>, element: T) -> Result<(), DecodeError> {
        if to.len() == to.capacity() {
            let more = to.capacity().max(4);
            self.spend(more.saturating_mul(size_of::<T>()))?;
            to.reserve_exact(more);
        }
        to.push(element);
        Ok(())
    }
}
