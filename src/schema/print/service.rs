//! Services and their methods.

use prost_reflect::prost_types::{MethodDescriptorProto, ServiceDescriptorProto};

use super::{Printer, child, escape, tag};

impl Printer<'_> {
    pub(super) fn service(&mut self, service: &ServiceDescriptorProto, path: &[i32]) {
        self.block(path, &format!("service {}", escape::identifier(service.name())), |p| {
            let options = p.options(path);
            p.option_statements(&options);
            for (index, method) in service.method.iter().enumerate() {
                p.method(method, &child(path, tag::METHOD, index));
            }
        });
    }

    pub(super) fn method(&mut self, method: &MethodDescriptorProto, path: &[i32]) {
        let side = |streams: bool, name: &str| {
            format!("{}{}", if streams { "stream " } else { "" }, escape::dotted(name))
        };
        let head = format!(
            "rpc {}({}) returns ({})",
            escape::identifier(method.name()),
            side(method.client_streaming(), method.input_type()),
            side(method.server_streaming(), method.output_type()),
        );
        let options = self.options(path);
        if options.is_empty() {
            self.statement(path, &format!("{head};"));
        } else {
            self.block(path, &head, |p| p.option_statements(&options));
        }
    }
}
