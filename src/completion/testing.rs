//! A catalog to test with.

use prost_reflect::ServiceDescriptor;

use super::{Candidate, Catalog};
use crate::schema::testing::pool;

const SOURCE: &str = "syntax = 'proto3';
package t;
import 'google/protobuf/timestamp.proto';
import 'google/protobuf/struct.proto';
service People {
  rpc Add(Person) returns (Town);
  rpc Watch(stream Town) returns (stream Person);
}
service Towns {
  rpc Add(Town) returns (Town);
}
enum Mood { MOOD_UNKNOWN = 0; MOOD_FINE = 1; }
message Town { string name = 1; repeated int32 codes = 2; Person mayor = 3; }
message Person {
  string name = 1;
  Town home_town = 2;
  repeated Person friends = 3;
  map<string, string> labels = 4;
  map<string, Town> towns = 5;
  Mood mood = 6;
  bool admin = 7;
  bytes photo = 8;
  google.protobuf.Timestamp born = 9;
  google.protobuf.Struct extra = 10;
}";

pub(super) fn catalog() -> Catalog {
    let pool = pool(&[("t.proto", SOURCE)]);
    Catalog::of_services(&pool.services().collect::<Vec<ServiceDescriptor>>())
}

/// The words alone, those that go on with an ellipsis.
pub(super) fn words(candidates: &[Candidate]) -> Vec<String> {
    let word = |candidate: &Candidate| format!("{}{}", candidate.text, if candidate.open { "…" } else { "" });
    candidates.iter().map(word).collect()
}
