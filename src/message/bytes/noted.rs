//! What is noted of a message's fields while it is gone through: as much as there is, however many fields the type has.

use std::collections::HashMap;

/// Above so many, they are looked up by hash.
const FEW: usize = 16;

/// Values by the indices of fields, or of oneofs. An empty one takes no memory.
#[derive(Debug)]
pub(in crate::message) struct Noted<V> {
    list: Vec<(u32, V)>,
    /// Where each stands in the list, once they are more than a few.
    places: HashMap<u32, usize>,
}

// Derived, it would ask the same of the values.
impl<V> Default for Noted<V> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
}

impl<V> Noted<V> {
    fn place(&self, index: u32) -> Option<usize> {
        if self.list.len() <= FEW {
            return self.list.iter().position(|(other, _)| *other == index);
        }
        self.places.get(&index).copied()
    }

    /// What is noted there.
    pub(in crate::message) fn get(&self, index: u32) -> Option<&V> {
        self.list.get(self.place(index)?).map(|(_, value)| value)
    }

    /// Notes a value, and hands back the one that was there.
    pub(in crate::message) fn set(&mut self, index: u32, value: V) -> Option<V> {
        if let Some((_, noted)) = self.place(index).and_then(|place| self.list.get_mut(place)) {
            return Some(std::mem::replace(noted, value));
        }
        self.list.push((index, value));
        match self.list.len() {
            length if length <= FEW => {}
            length if self.places.is_empty() => {
                self.places.reserve(2 * length);
                self.places.extend(self.list.iter().enumerate().map(|(place, (index, _))| (*index, place)));
            }
            length => drop(self.places.insert(index, length - 1)),
        }
        None
    }

    /// What is noted there, to be changed; `first` where nothing is yet.
    pub(in crate::message) fn or_insert(&mut self, index: u32, first: V) -> Option<&mut V> {
        let place = if let Some(place) = self.place(index) {
            place
        } else {
            self.set(index, first);
            self.list.len() - 1
        };
        self.list.get_mut(place).map(|(_, value)| value)
    }

    /// How much memory it takes, in values.
    #[cfg(test)]
    pub(in crate::message) fn capacity(&self) -> usize {
        self.list.capacity() + self.places.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_found_again() {
        let mut noted = Noted::default();
        assert_eq!((noted.get(7), noted.capacity()), (None, 0));
        for index in (0..100).rev() {
            assert_eq!(noted.set(index, index + 1), None);
            assert_eq!(noted.set(index, index + 2), Some(index + 1));
        }
        assert!((0..100).all(|index| noted.get(index) == Some(&(index + 2))));
        assert_eq!(noted.get(100), None);
        *noted.or_insert(3, 0).unwrap() += 1;
        *noted.or_insert(1000, 5).unwrap() += 1;
        assert_eq!((noted.get(3), noted.get(1000)), (Some(&6), Some(&6)));
    }
}
