//! Sets with more or fewer files, for finding out which of them fit together.

use std::collections::HashSet;

use super::{FileSet, RawFile};

impl FileSet {
    /// Takes files away.
    pub(in crate::schema) fn remove(&mut self, names: &HashSet<String>) {
        self.order.retain(|name| !names.contains(name));
        self.files.retain(|name, _| !names.contains(name));
    }

    /// The files that import any of these, each with one that it imports.
    pub(in crate::schema) fn importers_of(&self, names: &HashSet<String>) -> Vec<(String, String)> {
        let import_of = |file: &RawFile| file.imports.iter().find(|import| names.contains(*import)).cloned();
        let importers = self.files.iter().filter_map(|(name, file)| Some((name.clone(), import_of(file)?)));
        importers.collect()
    }

    /// These files, and of `other` the files of these names with all that they import.
    pub(in crate::schema) fn with_all_of(&self, other: &Self, names: &[&str]) -> Self {
        let mut more =
            Self { cycles: other.cycles, odd: other.odd, extendable: other.extendable, ..self.clone() };
        let mut open: Vec<&str> = names.iter().rev().copied().collect();
        while let Some(name) = open.pop() {
            let Some(file) = other.files.get(name).filter(|_| !more.contains(name)) else { continue };
            more.order.push(name.to_owned());
            more.files.insert(name.to_owned(), file.clone());
            open.extend(file.imports.iter().map(String::as_str));
        }
        more
    }
}
