//! Files in editions are printed as their sources were: those in `tests/data/editions` are written as they are printed.

use prost::Message as _;
use prost_reflect::DescriptorPool;

use super::{printed, printed_file};
use crate::schema::RawSet;
use crate::schema::file_set::FileSet;
use crate::schema::raw::{File, Message};

fn pool() -> DescriptorPool {
    let set = include_bytes!("../../../../tests/data/editions/set.binpb");
    let mut files = FileSet::default();
    for file in RawSet::decode(set.as_slice()).unwrap().files {
        files.add(file).unwrap();
    }
    files.link(true, "nobody has").unwrap()
}

#[test]
fn whole_files() {
    let sources = [
        ("e23.proto", include_str!("../../../../tests/data/editions/e23.proto")),
        ("e24.proto", include_str!("../../../../tests/data/editions/e24.proto")),
        ("opts.proto", include_str!("../../../../tests/data/editions/opts.proto")),
    ];
    for (name, source) in sources {
        assert_eq!(printed_file(&pool().get_file_by_name(name).unwrap()), source);
    }
}

/// Compilers keep none of the features that are for the source alone, and it does not compile without.
#[test]
fn what_a_compiler_strips_is_said_again() {
    let told = |name: &str, nested: Option<i32>| {
        let inner = Message { name: Some("Inner".to_owned()), visibility: nested, ..Default::default() };
        let message = Message { name: Some(name.to_owned()), nested_type: vec![inner], ..Default::default() };
        let file = File {
            name: Some("f.proto".to_owned()),
            syntax: Some("editions".to_owned()),
            edition: Some(1001),
            message_type: vec![message],
            ..Default::default()
        };
        let mut files = FileSet::default();
        files.add(file.encode_to_vec().into()).unwrap();
        let pool = files.link(true, "nobody has").unwrap();
        let source = printed_file(&pool.get_file_by_name("f.proto").unwrap());
        source.lines().filter(|line| line.starts_with("option")).map(str::to_owned).collect::<Vec<_>>()
    };
    let style = "option features.enforce_naming_style = STYLE_LEGACY;";
    let visibility = "option features.default_symbol_visibility = EXPORT_ALL;";
    assert_eq!(told("Outer", Some(1)), [""; 0]);
    assert_eq!(told("outer", Some(2)), [style]);
    assert_eq!(told("Outer", None), [visibility]);
    assert_eq!(told("OUTER_", None), [style, visibility]);
}

#[test]
fn symbols_stand_in_what_encloses_them() {
    assert_eq!(
        printed(&pool(), "ed.v1.Traits.inner"),
        "// ed.v1.Traits.inner is a field in e23.proto, edition 2023
message Traits {
  .ed.v1.Traits.Inner inner = 6 [features.message_encoding = DELIMITED];
}
"
    );
    assert_eq!(
        printed(&pool(), "ed.v1.Traits.Inner"),
        "// ed.v1.Traits.Inner is a message in e23.proto, edition 2023
// inherited: features.utf8_validation = NONE
message Traits {
  message Inner {
    int32 x = 1;
  }
}
"
    );
    assert_eq!(
        printed(&pool(), "ed.v2.M.Y"),
        "// ed.v2.M.Y is an enum value in e24.proto, edition 2024
message M {
  local enum E {
    option features.enum_type = OPEN;
    Z = 0;
    Y = 1;
  }
}
"
    );
}
