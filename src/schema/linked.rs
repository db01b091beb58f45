//! What the user's files say together, and what can't be had of them.

use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::error::{Error, Refused};
use super::file_set::{FileSet, LinkError};
use super::name;
use super::repair::{self, Repair};
use super::{SchemaPlan, local, partly};

const NOBODY: &str = "none of the files given is";

/// What the user's files say.
pub(super) struct Local {
    /// The files as they were linked.
    pub(super) files: FileSet,
    pub(super) pool: DescriptorPool,
    pub(super) repairs: Vec<Repair>,
    /// Those that can't be had.
    pub(super) lost: Vec<Lost>,
}

/// A file that can't be had.
pub(super) struct Lost {
    /// The file's name.
    pub(super) file: String,
    /// The full names of its services.
    pub(super) services: Vec<String>,
    /// Those of all else that it defines outermost.
    others: Vec<String>,
    pub(super) why: Refused,
}

impl Lost {
    /// What would be known if the file could be used; of bytes that are no file that is nothing.
    pub(super) fn new(bytes: &[u8], why: Refused) -> Self {
        let file = FileDescriptorProto::decode(bytes).unwrap_or_default();
        let full = |name: &str| match file.package() {
            "" => name.to_owned(),
            package => format!("{package}.{name}"),
        };
        let messages = file.message_type.iter().map(DescriptorProto::name);
        let enums = file.enum_type.iter().map(EnumDescriptorProto::name);
        let extensions = file.extension.iter().map(FieldDescriptorProto::name);
        let services = file.service.iter().map(ServiceDescriptorProto::name);
        Self {
            file: file.name().to_owned(),
            services: services.map(full).collect(),
            others: messages.chain(enums).chain(extensions).map(full).collect(),
            why,
        }
    }

    /// Whether something in it may be meant by a name, which may be a tail and go on inside of a definition.
    fn may_have(&self, wanted: &str) -> bool {
        let wanted = name::bare(wanted.trim_matches(['[', ']'])).replace('/', ".");
        let outer = std::iter::successors(Some(wanted.as_str()), |name| Some(name.rsplit_once('.')?.0));
        let is_meant = |own: &String| outer.clone().any(|name| name::is_tail(own, name));
        self.services.iter().chain(&self.others).any(is_meant)
    }

    /// The names of what is missed for it: its services or, without any, itself.
    pub(super) fn missed(&self) -> &[String] {
        if self.services.is_empty() { std::slice::from_ref(&self.file) } else { &self.services }
    }
}

impl Local {
    /// The files as they are, and as they are linked, if there are any.
    pub(super) fn read(plan: &SchemaPlan) -> Result<(FileSet, Option<Self>), Error> {
        let mut files = FileSet::default();
        let mut lost = Vec::new();
        for set in &plan.descriptor_sets {
            lost.extend(local::add_descriptor_set(&mut files, set)?);
        }
        if !plan.protos.is_empty() {
            local::add_protos(&mut files, &plan.protos, &plan.import_paths)?;
        }
        if plan.protos.is_empty() && plan.descriptor_sets.is_empty() {
            return Ok((files, None));
        }
        let mut linked = match Self::link(&files, plan.options) {
            // What is missing may be in a file that was not taken.
            Err(why) => return Err(lost.into_iter().next().map_or(Error::Link(why), |lost| lost.why.into())),
            Ok(linked) => linked,
        };
        lost.append(&mut linked.lost);
        linked.lost = lost;
        match linked.lost.first() {
            Some(lost) if linked.files.len() == 0 => Err(lost.why.clone().into()),
            _ => Ok((files, Some(linked))),
        }
    }

    /// Links files, or those of them that fit. Where none does, there is no schema.
    pub(super) fn link(files: &FileSet, options: bool) -> Result<Self, LinkError> {
        let why = match repair::link(files, options, NOBODY) {
            Ok((pool, Some(outcome))) => {
                return Ok(Self { files: outcome.files, pool, repairs: outcome.repairs, lost: Vec::new() });
            }
            Ok((pool, None)) => {
                return Ok(Self { files: files.clone(), pool, repairs: Vec::new(), lost: Vec::new() });
            }
            Err(why) => why,
        };
        let fitting = partly::what_fits(files, options, NOBODY);
        if fitting.outcome.files.len() == 0 {
            return Err(why);
        }
        let lost = fitting.lost.into_iter().map(|(name, why)| {
            let lost = Lost::new(&files.bytes(&name).unwrap_or_default(), Refused::Link(why));
            Lost { file: name, ..lost }
        });
        Ok(Self {
            pool: fitting.pool,
            lost: lost.collect(),
            files: fitting.outcome.files,
            repairs: fitting.outcome.repairs,
        })
    }

    /// The full names of all services, of which nothing else may be known.
    pub(super) fn services(&self) -> impl Iterator<Item = String> {
        let known = self.pool.services().map(|service| service.full_name().to_owned());
        known.chain(self.lost.iter().flat_map(|lost| &lost.services).cloned())
    }

    /// Where nothing has a name, a file that can't be had may be why.
    pub(super) fn explained<T>(&self, found: Result<T, Error>, name: &str) -> Result<T, Error> {
        match found {
            Err(Error::NotFound { .. }) => match self.lost.iter().find(|lost| lost.may_have(name)) {
                Some(lost) => Err(lost.why.clone().into()),
                None => found,
            },
            found => found,
        }
    }
}
