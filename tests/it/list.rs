//! `rpcctl list`.

use insta::assert_snapshot;

use crate::common::{Demo, rpcctl};

#[test]
fn services_are_listed_one_a_line() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("list", "").run(), @"");
}

#[test]
fn methods_of_a_service_are_listed_one_a_line() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("list", "demo.v1.Demo").run(), @"");
}

#[test]
fn long_lists_say_what_goes_in_and_out() {
    assert_snapshot!(rpcctl("list demo: demo.v1.Demo -l").run(), @"");
    assert_snapshot!(rpcctl("list demo: -l").run(), @"");
}

#[test]
fn json_is_for_programs() {
    assert_snapshot!(rpcctl("list demo: -o json").run(), @"");
    assert_snapshot!(rpcctl("list demo: hello.HelloService -l -o json").run(), @"");
}

#[test]
fn files_need_no_server() {
    let files = "-I proto --proto hello/hello.proto --proto helloworld/helloworld.proto";
    assert_snapshot!(rpcctl("list").args(files).run(), @"");
    assert_snapshot!(rpcctl("list Greeter").args(files).run(), @"");
}

#[test]
fn a_service_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(rpcctl("list demo: helloworld.Greter").run(), @"");
}

#[test]
fn the_target_can_be_given_by_flag_and_environment() {
    let demo = Demo::plain();
    let listed = demo.rpcctl("list", "").run().text();
    assert_eq!(rpcctl("list -a").arg(&demo.address).run().text(), listed);
    assert_eq!(rpcctl("list").env("RPCCTL_ADDRESS", &demo.address).run().text(), listed);
    let other = rpcctl("list -a").arg(&demo.address).env("RPCCTL_ADDRESS", "localhost:1").run();
    assert_eq!(other.text(), listed, "the flag counts more than the environment");
}
