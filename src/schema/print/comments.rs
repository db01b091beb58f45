//! Comments from source info, put back around the elements they belong to.
//!
//! protoc decides by blank lines whose comment it is reading; the blank lines here are those that make it
//! read the same ones again. Every comment is printed with `//`, so nothing in its text can end it early.

use std::collections::HashMap;
use std::rc::Rc;

use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::prost_types::source_code_info::Location;

use super::{Ground, Printer, escape};

/// The locations of a file that carry comments, by element path, as places in its list.
pub(super) struct Comments(HashMap<Vec<i32>, usize>);

impl Comments {
    pub(super) fn new(file: &FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let mut by_path = HashMap::new();
        for (place, location) in locations.enumerate() {
            if location.leading_comments.is_some()
                || location.trailing_comments.is_some()
                || !location.leading_detached_comments.is_empty()
            {
                by_path.entry(location.path.clone()).or_insert(place);
            }
        }
        Self(by_path)
    }
}

impl Ground {
    fn comments_of(&self, path: &[i32]) -> Option<&Location> {
        let place = *self.comments.0.get(path)?;
        self.file.file_descriptor_proto().source_code_info.as_ref()?.location.get(place)
    }
}

impl Printer<'_> {
    pub(super) fn has_comments(&self, path: &[i32]) -> bool {
        self.ground.comments_of(path).is_some()
    }

    pub(super) fn leading_comments(&mut self, path: &[i32]) {
        let ground = Rc::clone(&self.ground);
        let Some(location) = ground.comments_of(path) else { return };
        for detached in &location.leading_detached_comments {
            self.out.blank();
            self.comment(detached);
            self.out.blank();
        }
        if let Some(leading) = &location.leading_comments {
            self.comment(leading);
        }
    }

    /// One line goes behind the statement; more go below it, with a blank line that ends them.
    pub(super) fn trailing_comments(&mut self, path: &[i32]) {
        let ground = Rc::clone(&self.ground);
        let Some(trailing) = ground.comments_of(path).and_then(|l| l.trailing_comments.as_deref()) else {
            return;
        };
        match trailing.strip_suffix('\n').unwrap_or(trailing) {
            line if !line.contains('\n') => self.out.append(&format!(" //{}", escape::line(line))),
            _ => {
                self.comment(trailing);
                self.out.blank();
            }
        }
    }

    fn comment(&mut self, text: &str) {
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.note(line);
        }
    }

    /// A comment of one line; whatever is in `text` stays inside it.
    pub(super) fn note(&mut self, text: &str) {
        self.out.text(&format!("//{}", escape::line(text).replace('\n', " ")));
    }
}
