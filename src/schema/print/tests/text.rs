//! What the text of one symbol looks like.

use super::printed;
use crate::schema::testing::pool;

const SOURCE: &str = r"
syntax = 'proto3';
package shop.v1;
// Sells things.
service Shop {
  // Buys one.
  rpc Buy(Order) returns (Receipt);
  rpc Watch(Order) returns (stream Receipt);
}
message Order {
  // What to buy.
  string item = 1;
  oneof price { int64 cents = 2; string offer = 3 [deprecated = true]; }
  map<string, Line> lines = 4;
  optional int32 count = 5;
  message Line { Size size = 1; enum Size { ANY = 0; BIG = 1; } }
}
message Receipt { string id = 1; }
";

fn shown(name: &str) -> String {
    printed(&pool(&[("shop.proto", SOURCE)]), name)
}

#[test]
fn a_service() {
    assert_eq!(
        shown("Shop"),
        "\
// shop.v1.Shop is a service in shop.proto

// Sells things.
service Shop {
  // Buys one.
  rpc Buy(.shop.v1.Order) returns (.shop.v1.Receipt);
  rpc Watch(.shop.v1.Order) returns (stream .shop.v1.Receipt);
}
"
    );
}

#[test]
fn a_method_and_its_messages() {
    assert_eq!(
        shown("shop.v1.Shop/Watch"),
        "\
// shop.v1.Shop.Watch is a method in shop.proto
service Shop {
  rpc Watch(.shop.v1.Order) returns (stream .shop.v1.Receipt);
}

// shop.v1.Order is a message in shop.proto
message Order {
  // What to buy.
  string item = 1;
  oneof price {
    int64 cents = 2;
    string offer = 3 [deprecated = true];
  }
  map<string, .shop.v1.Order.Line> lines = 4;
  optional int32 count = 5;

  message Line {
    .shop.v1.Order.Line.Size size = 1;

    enum Size {
      ANY = 0;
      BIG = 1;
    }
  }
}

// shop.v1.Receipt is a message in shop.proto
message Receipt {
  string id = 1;
}
"
    );
}

#[test]
fn parts_stand_in_what_encloses_them() {
    assert_eq!(
        shown("Order.cents"),
        "// shop.v1.Order.cents is a field in shop.proto\nmessage Order {\n  oneof price {\n    int64 cents = 2;\n  }\n}\n"
    );
    assert_eq!(
        shown("Order.item"),
        "// shop.v1.Order.item is a field in shop.proto\nmessage Order {\n  // What to buy.\n  string item = 1;\n}\n"
    );
    assert_eq!(
        shown("Order.price"),
        "// shop.v1.Order.price is a oneof in shop.proto\nmessage Order {\n  oneof price {\n    int64 cents = 2;\n    string offer = 3 [deprecated = true];\n  }\n}\n"
    );
    assert_eq!(
        shown("Size.BIG"),
        "// shop.v1.Order.Line.BIG is an enum value in shop.proto\nmessage Order {\n  message Line {\n    enum Size {\n      ANY = 0;\n      BIG = 1;\n    }\n  }\n}\n"
    );
    assert_eq!(
        shown("shop.v1.Order.LinesEntry"),
        "// shop.v1.Order.LinesEntry is a message in shop.proto\nmessage Order {\n  map<string, .shop.v1.Order.Line> lines = 4;\n}\n"
    );
}

#[test]
fn groups_and_extensions() {
    let source = "syntax = 'proto2'; package g;
        message M { optional group Part = 1 { optional int32 x = 1; } extensions 10 to 20;
          extend M { optional string inside = 11; } }
        extend M { optional int32 ext = 10 [default = 3]; }";
    let pool = pool(&[("g.proto", source)]);
    assert_eq!(
        printed(&pool, "M.Part"),
        "// g.M.Part is a message in g.proto\nmessage M {\n  optional group Part = 1 {\n    optional int32 x = 1;\n  }\n}\n"
    );
    assert_eq!(
        printed(&pool, "[g.ext]"),
        "// g.ext is an extension in g.proto\nextend .g.M {\n  optional int32 ext = 10 [default = 3];\n}\n"
    );
    assert_eq!(
        printed(&pool, "inside"),
        "// g.M.inside is an extension in g.proto\nmessage M {\n  extend .g.M {\n    optional string inside = 11;\n  }\n}\n"
    );
}

#[test]
fn blank_lines_stand_around_nested_messages() {
    let source =
        "syntax = 'proto2'; message M { message Before {} map<string, Before> map = 1; message After {}
        optional After after = 2; extensions 10 to max; reserved 5 to 7; }";
    assert_eq!(
        printed(&pool(&[("m.proto", source)]), "M"),
        "\
// M is a message in m.proto
message M {
  message Before {}

  map<string, .M.Before> map = 1;
  optional .M.After after = 2;

  message After {}

  extensions 10 to max;
  reserved 5 to 7;
}
"
    );
}
