//! What is meant by the names of what is to be compared.

use prost_reflect::DescriptorPool;

use super::{line, pool};
use crate::schema::diff::names::{self, NameError};
use crate::schema::diff::{Counts, Scope, schemas};

#[test]
fn a_part_can_be_compared() {
    let (old, new) = (
        pool(&[(
            "a.proto",
            "syntax = 'proto3'; package a; message A { int32 x = 1; message In {} } message Ab {} enum E { Z = 0; }
            service S { rpc M(A) returns (A); }",
        )]),
        pool(&[("a.proto", "syntax = 'proto3'; package a; message A { string x = 1; message In {} }")]),
    );
    let (old, new) = (old.files().collect::<Vec<_>>(), new.files().collect::<Vec<_>>());
    let count = |only: &str| {
        let only = names::resolve(&old, &new, &[only.to_owned()]).unwrap();
        schemas(&old, &new, &Scope { only, ..Scope::default() }).changes.len()
    };
    assert_eq!(["a", "a.A", ".a.E", "E", "In", "A.In"].map(count), [4, 1, 1, 1, 0, 0]);
    let error =
        |only: &str| names::resolve(&old, &new, &["a".to_owned(), only.to_owned()]).unwrap_err().to_string();
    assert_eq!(error("b"), "neither side has anything called b");
    assert_eq!(error("S/M"), "a.S/M is a method, and what is compared are packages and whole definitions");
    assert_eq!(error("x"), "a.A.x is a field, and what is compared are packages and whole definitions");
    let named = |only: &str| names::resolve(&old, &new, &[only.to_owned()]);
    assert!(
        matches!(named("a.Abc"), Err(NameError::NotFound { did_you_mean, .. }) if did_you_mean[0] == "a.Ab")
    );
    assert!(matches!(named(""), Err(NameError::NotFound { .. })));
}

#[test]
fn what_either_side_means_by_a_name_is_compared() {
    let file =
        |package: &str| format!("syntax = 'proto3'; package {package}; message M {{ {package}.M m = 1; }}");
    let (old, new, two) = (
        pool(&[("a.proto", &file("a.v1"))]),
        pool(&[("a.proto", &file("a.v2"))]),
        pool(&[("a.proto", &file("a.v2")), ("b.proto", &file("b"))]),
    );
    let files = |pool: &DescriptorPool| pool.files().collect::<Vec<_>>();
    let named =
        |new: &DescriptorPool, name: &str| names::resolve(&files(&old), &files(new), &[name.to_owned()]);
    assert_eq!(named(&new, "M").unwrap(), ["a.v1.M", "a.v2.M"]);
    assert_eq!(named(&two, "a.v1.M").unwrap(), ["a.v1.M"], "the very name is what is meant");
    assert!(
        matches!(named(&two, "M"), Err(NameError::Ambiguous { candidates, .. }) if candidates == ["a.v2.M", "b.M"])
    );
    let scope = Scope { only: named(&new, "M").unwrap(), ..Scope::default() };
    let compared = schemas(&files(&old), &files(&new), &scope);
    assert_eq!(
        compared.changes.iter().map(line).collect::<Vec<_>>(),
        ["wjs ~ file-package a.proto: package a.v1 → a.v2"]
    );
    assert_eq!(compared.compared, Counts { messages: 1, ..Counts::default() });
}
