//! `rpcctl describe`.

use insta::assert_snapshot;

use crate::common::{Output, rpcctl};

fn described(words: &str) -> Output {
    rpcctl("describe demo:").args(words).run()
}

#[test]
fn a_service() {
    assert_snapshot!(described("helloworld.Greeter"), @"");
}

#[test]
fn a_method_comes_with_its_messages() {
    assert_snapshot!(described("demo.v1.Demo.CountDown"), @"");
}

#[test]
fn a_message_with_its_options() {
    assert_snapshot!(described("demo.v1.CountDownRequest"), @"");
    assert_snapshot!(described("demo.v1.MetadataEntry"), @"");
}

#[test]
fn a_field_a_oneof_and_an_extension() {
    assert_snapshot!(described("demo.v1.Everything.percent"), @"");
    assert_snapshot!(described("demo.v1.MetadataEntry.value"), @"");
    assert_snapshot!(described("demo.v1.range"), @"");
}

#[test]
fn an_enum_and_one_of_its_values() {
    assert_snapshot!(described("demo.v1.Mood"), @"");
    assert_snapshot!(described("demo.v1.MOOD_SPLENETIC"), @"");
    assert_snapshot!(described("demo.v1.Everything.Nested.Deeper.Level"), @"");
}

#[test]
fn without_a_symbol_every_service() {
    let all = rpcctl("describe -I proto --proto hello/hello.proto --proto helloworld/helloworld.proto").run();
    assert_snapshot!(all, @"");
}

#[test]
fn a_template_is_a_request_to_fill_in() {
    assert_snapshot!(described("demo.v1.Demo.Fail --template"), @"");
    assert_snapshot!(described("demo.v1.CountDownRequest --template"), @"");
}

#[test]
fn json_is_for_programs() {
    assert_snapshot!(described("hello.HelloService -o json"), @"");
}

#[test]
fn a_symbol_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(described("demo.v1.CountDownRequst"), @"");
}

#[test]
fn everything_is_the_same_from_reflection_and_from_files() {
    for symbol in ["demo.v1.Demo", "demo.v1.Everything", "demo.v1.FailRequest", "helloworld.Greeter"] {
        let reflected = described(symbol);
        let files =
            rpcctl("describe -I proto --proto demo/v1/demo.proto --proto helloworld/helloworld.proto")
                .arg(symbol)
                .run();
        assert_eq!(files.code, Some(0), "{symbol}: {files}");
        assert!(files.text().len() >= reflected.text().len() / 2, "{symbol}");
    }
}
