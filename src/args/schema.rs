//! Where the schema comes from.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::schema::{SchemaPlan, Version};
use crate::wire::Metadata;

/// Where the schema comes from.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Schema (server reflection unless files are given)")]
pub struct SchemaArgs {
    /// Take the schema from .proto files or folders of them (repeatable)
    ///
    /// A folder is every .proto file below it, and where their imports are looked for, unless it lies below a -I.
    /// google/protobuf and google/rpc are built in.
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub proto: Vec<PathBuf>,

    /// Where imports of --proto files are looked for (repeatable)
    ///
    /// Without it, here and from the files upwards.
    #[arg(short = 'I', long, value_name = "DIR", num_args = 1)]
    pub import_path: Vec<PathBuf>,

    /// Take the schema from a FileDescriptorSet (repeatable)
    ///
    /// As protoc -o or buf build write it; - is stdin. Also --protoset.
    #[arg(long, alias = "protoset", value_name = "FILE", num_args = 1)]
    pub descriptor_set: Vec<PathBuf>,

    /// Which server reflection to use
    ///
    /// Without it, auto, or off when files are given. Given outright beside files, the server is asked first, and the files have what it lacks.
    #[arg(long, value_name = "VERSION", hide_possible_values = false)]
    reflection: Option<ReflectionArg>,

    /// grpcurl's word for `--reflection auto`, or with `=false` for `off`.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", conflicts_with = "reflection")]
    use_reflection: Option<bool>,
}

/// The `--reflection` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReflectionArg {
    /// v1, and v1alpha where the server lacks it
    Auto,
    /// grpc.reflection.v1 alone
    V1,
    /// grpc.reflection.v1alpha alone
    V1alpha,
    /// Ask the server nothing
    Off,
}

impl ReflectionArg {
    /// How it is written.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::V1 => "v1",
            Self::V1alpha => "v1alpha",
            Self::Off => "off",
        }
    }
}

impl SchemaArgs {
    /// Whether files say what there is.
    pub fn has_files(&self) -> bool {
        !self.proto.is_empty() || !self.descriptor_set.is_empty()
    }

    /// Whether the server is not to be asked.
    pub fn is_reflection_off(&self) -> bool {
        self.reflection() == Some(ReflectionArg::Off)
    }

    /// Which reflection to use, where that is said.
    pub(super) fn reflection(&self) -> Option<ReflectionArg> {
        let use_it = |on| if on { ReflectionArg::Auto } else { ReflectionArg::Off };
        self.reflection.or(self.use_reflection.map(use_it))
    }

    /// The flags given that name files.
    pub fn given_files(&self) -> Vec<&'static str> {
        let flags =
            [(!self.proto.is_empty(), "--proto"), (!self.descriptor_set.is_empty(), "--descriptor-set")];
        flags.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
    }

    /// The first flag given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let flags = [
            (!self.proto.is_empty(), "--proto"),
            (!self.import_path.is_empty(), "--import-path"),
            (!self.descriptor_set.is_empty(), "--descriptor-set"),
            (self.reflection().is_some(), "--reflection"),
        ];
        flags.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }

    /// The plan. `options` is whether the options in descriptors will be looked at.
    pub fn plan(&self, metadata: Metadata, options: bool) -> SchemaPlan {
        let reflection = match self.reflection() {
            None if self.has_files() => Vec::new(),
            None | Some(ReflectionArg::Auto) => vec![Version::V1, Version::V1Alpha],
            Some(ReflectionArg::V1) => vec![Version::V1],
            Some(ReflectionArg::V1alpha) => vec![Version::V1Alpha],
            Some(ReflectionArg::Off) => Vec::new(),
        };
        SchemaPlan {
            protos: self.proto.clone(),
            import_paths: self.import_path.clone(),
            descriptor_sets: self.descriptor_set.clone(),
            reflection,
            metadata,
            options,
            check: false,
        }
    }
}
