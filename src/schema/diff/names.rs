//! What a comparison is to be of, by names as people give them: packages and definitions, in full or by their ends.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, FileDescriptor};
use thiserror::Error;

use super::index::is_in;
use crate::schema::symbol::{self, Lookup, Symbol};
use crate::schema::{is_well_known, name};

/// Why a name says nothing that can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Neither side has it.
    #[error("neither side has anything called {name}")]
    NotFound {
        /// The name.
        name: String,
        /// The nearest names of either side, best first.
        did_you_mean: Vec<String>,
    },
    /// It is the end of more than one name.
    #[error("{name:?} is the end of more than one name")]
    Ambiguous {
        /// The name.
        name: String,
        /// All that it may mean.
        candidates: Vec<String>,
    },
    /// It is a part of a definition.
    #[error("{name} is {kind}, and what is compared are packages and whole definitions")]
    Part {
        /// The full name.
        name: String,
        /// `a field`, `a method`.
        kind: String,
        /// The definition that it is a part of.
        whole: String,
    },
    /// It is one of protobuf's own.
    #[error("{0} is protobuf's own, which is the same everywhere and not compared")]
    WellKnown(String),
}

/// The full names of what is meant by `names`, as either side has it.
pub fn resolve(
    old: &[FileDescriptor],
    new: &[FileDescriptor],
    names: &[String],
) -> Result<Vec<String>, NameError> {
    let mut all = Vec::new();
    for name in names {
        all.extend(one(old, new, name::bare(name))?);
    }
    Ok(all)
}

fn one(old: &[FileDescriptor], new: &[FileDescriptor], name: &str) -> Result<BTreeSet<String>, NameError> {
    let is_package = |file: &FileDescriptor| is_in(file.package_name(), name) && !is_well_known(file);
    if !name.is_empty() && old.iter().chain(new).any(is_package) {
        return Ok(BTreeSet::from([name.to_owned()]));
    }
    let looked: Vec<Lookup> = pools(old, new).iter().map(|pool| symbol::find(pool, name)).collect();
    let found = || {
        looked
            .iter()
            .filter_map(|lookup| if let Lookup::Found(symbol) = lookup { Some(symbol) } else { None })
    };
    // Where one side has the very name, an end of another's is not meant.
    let is_exact = |symbol: &&Symbol| symbol.full_name() == name;
    let exact: Vec<&Symbol> = found().filter(is_exact).collect();
    let meant = if exact.is_empty() { found().collect() } else { exact };
    if let (false, Some(candidates)) = (meant.iter().any(is_exact), ambiguous(&looked)) {
        return Err(NameError::Ambiguous { name: name.to_owned(), candidates });
    }
    if meant.is_empty() {
        return Err(NameError::NotFound { name: name.to_owned(), did_you_mean: nearest(&looked) });
    }
    meant.into_iter().map(whole).collect()
}

/// What both sides' files were linked in, each once.
fn pools(old: &[FileDescriptor], new: &[FileDescriptor]) -> Vec<DescriptorPool> {
    let mut pools: Vec<DescriptorPool> = Vec::new();
    for file in old.iter().chain(new) {
        if !pools.contains(file.parent_pool()) {
            pools.push(file.parent_pool().clone());
        }
    }
    pools
}

/// A definition's full name.
fn whole(symbol: &Symbol) -> Result<String, NameError> {
    let (full_name, of) = match symbol {
        Symbol::Method(method) => (name::method_path(method), method.parent_service().full_name().to_owned()),
        Symbol::Field(field) => (field.full_name().to_owned(), field.parent_message().full_name().to_owned()),
        Symbol::Oneof(oneof) => (oneof.full_name().to_owned(), oneof.parent_message().full_name().to_owned()),
        Symbol::EnumValue(value) => {
            (value.full_name().to_owned(), value.parent_enum().full_name().to_owned())
        }
        definition if is_well_known(&definition.file()) => {
            return Err(NameError::WellKnown(definition.full_name().to_owned()));
        }
        definition => return Ok(definition.full_name().to_owned()),
    };
    Err(NameError::Part { name: full_name, kind: symbol.kind_with_article(), whole: of })
}

fn ambiguous(looked: &[Lookup]) -> Option<Vec<String>> {
    let all = looked
        .iter()
        .filter_map(|lookup| if let Lookup::Ambiguous(names) = lookup { Some(names) } else { None });
    let all: BTreeSet<&String> = all.flatten().collect();
    (!all.is_empty()).then(|| all.into_iter().cloned().collect())
}

fn nearest(looked: &[Lookup]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for lookup in looked {
        let Lookup::NotFound { did_you_mean } = lookup else { continue };
        names.extend(did_you_mean.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
    }
    names
}
