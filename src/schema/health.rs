//! The health service, which every server that has it has alike (gRPC's `doc/health-checking.md`): it need not be asked
//! what it is.

use prost_reflect::{DescriptorPool, MethodDescriptor};

const SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/health.bin"));

/// A method of it: `Check`, `List` or `Watch`.
pub fn method(name: &str) -> Option<MethodDescriptor> {
    let pool = DescriptorPool::decode(SET).ok()?;
    let service = pool.get_service_by_name("grpc.health.v1.Health")?;
    service.methods().find(|method| method.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_three_methods() {
        for (name, streams) in [("Check", false), ("List", false), ("Watch", true)] {
            assert_eq!(method(name).unwrap().is_server_streaming(), streams, "{name}");
        }
        assert!(method("Nothing").is_none());
    }
}
