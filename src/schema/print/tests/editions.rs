//! Files in editions are printed as their sources were: those in `tests/data/editions` are written as they are printed.

use prost::Message as _;
use prost_reflect::DescriptorPool;

use super::{printed, printed_file};
use crate::schema::RawSet;
use crate::schema::file_set::FileSet;

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
