//! What types exist and where that is known from: a server's reflection, `.proto` files, descriptor sets.
//!
//! A [`Schema`] answers by name and fetches no more than the name needs: a full name is one round trip to a server
//! that sends imports along, a tail of a name is two. What was fetched stays known.

mod away;
mod bare;
mod builtin;
mod check;
pub mod diff;
mod edition;
mod error;
mod export;
pub mod fields;
mod file_set;
pub mod health;
mod linked;
mod local;
pub mod name;
mod odd;
pub mod options;
mod partly;
pub mod print;
mod raw;
mod raw_set;
mod reflection;
mod remote;
mod repair;
pub mod symbol;
#[cfg(test)]
pub(crate) mod testing;
pub mod traits;
pub mod unseen;
mod walk;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use prost_reflect::{DescriptorPool, FileDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

pub use check::CheckError;
pub use error::{Error, Refused};
pub use export::{descriptor_set, encoded, is_well_known, with_imports};
pub use file_set::LinkError;
pub use local::{LocalError, Missed};
pub(crate) use raw_set::RawSet;
pub use reflection::{ReflectionError, Version};
pub use repair::Repair;

use crate::wire::{Client, Deadline, Event, Metadata};
use diff::Change;
use file_set::FileSet;
use linked::Local;
use name::MethodLookup;
use remote::Remote;
use symbol::{Lookup, Symbol};

/// Where the schema comes from.
#[derive(Debug, Clone, Default)]
pub struct SchemaPlan {
    /// `.proto` files to compile.
    pub protos: Vec<PathBuf>,
    /// Where their imports are looked for.
    pub import_paths: Vec<PathBuf>,
    /// Files that hold a `google.protobuf.FileDescriptorSet`.
    pub descriptor_sets: Vec<PathBuf>,
    /// The versions of server reflection to try, in this order; none is no reflection.
    pub reflection: Vec<Version>,
    /// Metadata of the reflection calls.
    pub metadata: Metadata,
    /// Whether the options that descriptors carry will be looked at.
    pub options: bool,
    /// Whether the server will be asked what it says of what is taken from files.
    pub check: bool,
}

/// What is known of a server's types, and how more can be learnt.
pub struct Schema {
    local: Option<Local>,
    remote: Option<Remote>,
    /// The server, where it is asked for nothing but whether it says the same as the files.
    checked: Option<Remote>,
}

impl Schema {
    /// A schema of nothing but what is built in, for servers that have none.
    pub fn nothing() -> Self {
        Self { local: None, remote: None, checked: None }
    }

    /// Reads the files, all of which have to fit. No server is asked for anything.
    pub fn of_files(plan: &SchemaPlan) -> Result<Self, Error> {
        let (_, local) = Local::read(plan)?;
        Self::whole(local.ok_or(Error::NoSource)?)
    }

    fn whole(local: Local) -> Result<Self, Error> {
        match local.lost.first() {
            Some(lost) => Err(lost.why.clone().into()),
            None => Ok(Self { local: Some(local), remote: None, checked: None }),
        }
    }

    /// What a `google.protobuf.FileDescriptorSet` says. With `options`, all options are known by their names.
    pub fn of_set(set: Bytes, options: bool) -> Result<Self, Error> {
        let mut files = FileSet::default();
        local::add_set(&mut files, set).map_err(LocalError::Compiled)?;
        Self::whole(Local::link(&files, options).map_err(Error::Link)?)
    }

    /// All files that are known now.
    pub fn files(&self) -> impl Iterator<Item = FileDescriptor> {
        self.pools().flat_map(DescriptorPool::files)
    }

    /// Reads the files. The server is not asked before something is looked for.
    pub fn open(plan: &SchemaPlan, client: &Arc<Client>, deadline: Option<Deadline>) -> Result<Self, Error> {
        let (files, local) = Local::read(plan)?;
        let remote = |versions: &[Version], files| {
            let (client, metadata) = (Arc::clone(client), plan.metadata.clone());
            Remote::new(
                reflection::Reflector::new(client, versions.to_vec(), metadata, deadline),
                files,
                plan.options,
            )
        };
        if plan.reflection.is_empty() {
            let Some(local) = local else { return Err(Error::NoSource) };
            // What the files have is no answer of the server's.
            let checked = plan.check.then(|| remote(&[Version::V1, Version::V1Alpha], FileSet::default()));
            return Ok(Self { local: Some(local), remote: None, checked });
        }
        Ok(Self { remote: Some(remote(&plan.reflection, files)), local, checked: None })
    }

    /// What the files say of a method and its types that the server says otherwise: a change is from the files to the
    /// server. The name is a method's full name.
    pub async fn disagreement(&mut self, path: &str) -> Result<Vec<Change>, Error> {
        let in_files = self.local.as_ref().and_then(|local| match name::find_method(&local.pool, path) {
            MethodLookup::Found(method) if name::method_path(&method) == path => Some(method),
            _ => None,
        });
        let server = self.checked.as_mut().or(self.remote.as_mut());
        let (Some(in_files), Some(server)) = (in_files, server) else { return Ok(Vec::new()) };
        server.fetch_method(path).await?;
        let found = found_method(name::find_method(server.pool(), path), path, server.known())?;
        Ok(diff::methods(&in_files, &found))
    }

    /// The full names of all services, sorted.
    pub async fn services(&mut self) -> Result<Vec<String>, Error> {
        let mut names = match &mut self.remote {
            None => Vec::new(),
            Some(remote) => match remote.services().await {
                Err(error) if error.is_unavailable() && self.local.is_some() => Vec::new(),
                names => names?,
            },
        };
        names.extend(self.local.iter().flat_map(Local::services));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The version of reflection in which the server has answered, if it has.
    pub fn reflection(&self) -> Option<Version> {
        self.remote.as_ref().and_then(|remote| remote.reflector().answered())
    }

    /// Finds a method by its full name or a tail that only one method has.
    pub async fn method(&mut self, name: &str) -> Result<MethodDescriptor, Error> {
        let in_files = self.local.as_ref().map(|local| {
            local.explained(found_method(name::find_method(&local.pool, name), name, &[]), name)
        });
        let Some(remote) = &mut self.remote else { return in_files.unwrap_or(Err(Error::NoSource)) };
        prefer(Self::method_of(remote, name).await, in_files)
    }

    /// Finds a method on the server, with all extensions that its messages can have.
    async fn method_of(remote: &mut Remote, name: &str) -> Result<MethodDescriptor, Error> {
        remote.fetch_method(name).await?;
        let found =
            |remote: &Remote| found_method(name::find_method(remote.pool(), name), name, remote.known());
        let method = found(remote)?;
        let learnt = remote.fetch_extensions(&[method.input(), method.output()]).await?;
        if learnt { found(remote) } else { Ok(method) }
    }

    /// Finds a symbol on the server; a message, or what a method takes and answers, with all extensions that it can
    /// have.
    async fn symbol_of(remote: &mut Remote, name: &str) -> Result<Symbol, Error> {
        remote.fetch_symbol(name).await?;
        let found = |remote: &Remote| found_symbol(symbol::find(remote.pool(), name), name);
        let symbol = found(remote)?;
        let messages = match &symbol {
            Symbol::Message(message) => vec![message.clone()],
            Symbol::Method(method) => vec![method.input(), method.output()],
            _ => return Ok(symbol),
        };
        if remote.fetch_extensions(&messages).await? { found(remote) } else { Ok(symbol) }
    }

    /// Finds whatever has this name.
    pub async fn symbol(&mut self, name: &str) -> Result<Symbol, Error> {
        let in_files = self
            .local
            .as_ref()
            .map(|local| local.explained(found_symbol(symbol::find(&local.pool, name), name), name));
        let Some(remote) = &mut self.remote else { return in_files.unwrap_or(Err(Error::NoSource)) };
        prefer(Self::symbol_of(remote, name).await, in_files)
    }

    /// Everything at the top of a package, as far as it was fetched, which it is when its name was looked for as a
    /// symbol's.
    pub fn package(&self, name: &str) -> Vec<Symbol> {
        self.pools()
            .map(|pool| symbol::in_package(pool, name))
            .find(|all| !all.is_empty())
            .unwrap_or_default()
    }

    /// Finds a service by its full name or a tail that only one service has.
    pub async fn service(&mut self, name: &str) -> Result<ServiceDescriptor, Error> {
        let not_found = |name: &str, did_you_mean| {
            Err(Error::NotFound { what: "service", name: name.to_owned(), did_you_mean })
        };
        match self.symbol(name).await {
            Ok(Symbol::Service(service)) => Ok(service),
            Ok(other) => Err(Error::NotAService {
                name: other.full_name().to_owned(),
                kind: other.kind_with_article(),
            }),
            Err(Error::NotFound { name, .. }) => {
                let services = self.services().await.unwrap_or_default();
                not_found(&name, name::did_you_mean(&name, &services))
            }
            Err(error) => Err(error),
        }
    }

    /// Finds services by their full names, all asked for at once; one that can't be had is `None`.
    pub async fn descriptors(
        &mut self,
        services: &[String],
    ) -> Result<Vec<Option<ServiceDescriptor>>, Error> {
        if let Some(remote) = &mut self.remote {
            match remote.fetch_all(services).await {
                Err(error) if error.is_unavailable() && self.local.is_some() => {}
                result => result?,
            }
        }
        Ok(services.iter().map(|name| self.pools().find_map(|pool| pool.get_service_by_name(name))).collect())
    }

    /// Why some of what the server lists could not be had, if there is one reason to tell.
    pub fn take_refused(&mut self) -> Option<Refused> {
        self.remote.as_mut().and_then(Remote::take_refused)
    }

    /// What could not be looked through for a name, and why not, as far as there is a reason to tell: services, and
    /// files without any.
    pub fn take_left_out(&mut self) -> Vec<(String, Refused)> {
        let remote = self.remote.as_mut().and_then(|remote| Some((remote.take_refused()?, remote.lost())));
        let of_server =
            remote.into_iter().flat_map(|(why, lost)| lost.into_iter().map(move |name| (name, why.clone())));
        let local = self.local.iter().flat_map(|local| &local.lost);
        let in_files =
            local.flat_map(|lost| lost.missed().iter().map(|name| (name.clone(), lost.why.clone())));
        of_server.chain(in_files).collect()
    }

    /// Why a service of the user's files can't be had.
    pub fn why_lost(&self, service: &str) -> Option<&Refused> {
        let mut lost = self.local.iter().flat_map(|local| &local.lost);
        lost.find(|lost| lost.services.iter().any(|own| own == service)).map(|lost| &lost.why)
    }

    /// The user's files that can't be had and have no service that would be missed.
    pub fn lost_files(&self) -> impl Iterator<Item = (&str, &Refused)> {
        let lost = self.local.iter().flat_map(|local| &local.lost);
        lost.filter(|lost| lost.services.is_empty()).map(|lost| (lost.file.as_str(), &lost.why))
    }

    /// Looks up message types by their full names as far as they are not known; what can't be had stays unknown.
    /// Tells whether anything was learnt.
    pub async fn learn(&mut self, types: &[String]) -> bool {
        let unknown: Vec<String> =
            types.iter().filter(|name| self.known_message(name).is_none()).cloned().collect();
        let Some(remote) = &mut self.remote else { return false };
        if unknown.is_empty() || remote.fetch_all(&unknown).await.is_err() {
            return false;
        }
        let learnt: Vec<MessageDescriptor> =
            unknown.iter().filter_map(|name| remote.pool().get_message_by_name(name)).collect();
        // What else there is to know of them may be missing.
        let _ = remote.fetch_extensions(&learnt).await;
        unknown.iter().any(|name| self.known_message(name).is_some())
    }

    /// The message type `message` again, in a pool that also knows as many of `types` as can be found.
    pub async fn widened(&mut self, message: &str, types: &[String]) -> Option<MessageDescriptor> {
        self.learn(types).await;
        let remote = self.remote.as_ref().map(|remote| (remote.files(), remote.pool()));
        let local = self.local.as_ref().map(|local| (&local.files, &local.pool));
        let (files, pool) = [remote, local]
            .into_iter()
            .flatten()
            .find(|(_, pool)| pool.get_message_by_name(message).is_some())?;
        if types.iter().all(|name| pool.get_message_by_name(name).is_some()) {
            return pool.get_message_by_name(message);
        }
        let mut files = files.clone();
        files.add_builtins();
        let (pool, _) = repair::link(&files, false, "nobody has").ok()?;
        pool.get_message_by_name(message)
    }

    /// A message type by its full name, from all that is known now and the types that are built in.
    pub fn known_message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.pools().find_map(|pool| pool.get_message_by_name(full_name)).or_else(|| {
            let built_in = full_name.starts_with("google.");
            built_in.then(|| builtin_pool().get_message_by_name(full_name)).flatten()
        })
    }

    /// What had to be repaired in the descriptors that are known now, for the user to be told.
    pub fn repairs(&self) -> impl Iterator<Item = &Repair> {
        let remote = self.remote.iter().flat_map(Remote::repairs);
        remote.chain(self.local.iter().flat_map(|local| &local.repairs))
    }

    /// What happened while the server was asked: its connection and the first questions, not their answers.
    pub fn events(&self) -> &[Event] {
        let asked = self.remote.as_ref().or(self.checked.as_ref());
        asked.map_or(&[], |remote| remote.reflector().events())
    }

    fn pools(&self) -> impl Iterator<Item = &DescriptorPool> {
        self.remote.as_ref().map(Remote::pool).into_iter().chain(self.local.as_ref().map(|local| &local.pool))
    }
}

/// Every built-in type, linked when first asked for.
fn builtin_pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut files = FileSet::default();
        files.add_builtins();
        files.link(false, "the program does not have").unwrap_or_default()
    })
}

/// What the server says comes first, and the files have what it lacks. A server that can't be asked is not one that
/// lacks something.
fn prefer<T>(asked: Result<T, Error>, in_files: Option<Result<T, Error>>) -> Result<T, Error> {
    let Some(in_files) = in_files else { return asked };
    match (asked, in_files) {
        (Err(error), _) if matches!(error, Error::Reflection(_)) && !error.is_unavailable() => Err(error),
        (Ok(found), _) | (Err(_), Ok(found)) => Ok(found),
        (
            Err(Error::NotFound { what, name, mut did_you_mean }),
            Err(Error::NotFound { did_you_mean: more, .. }),
        ) => {
            let more: Vec<String> = more.into_iter().filter(|name| !did_you_mean.contains(name)).collect();
            did_you_mean.extend(more);
            Err(Error::NotFound { what, name, did_you_mean })
        }
        (Err(Error::NotFound { .. } | Error::Reflection(_)), Err(error)) | (Err(error), Err(_)) => Err(error),
    }
}

fn found_method(lookup: MethodLookup, name: &str, services: &[String]) -> Result<MethodDescriptor, Error> {
    match lookup {
        MethodLookup::Found(method) => Ok(method),
        MethodLookup::Ambiguous(candidates) => Err(Error::Ambiguous { name: name.to_owned(), candidates }),
        MethodLookup::NoSuchMethod { service, did_you_mean, methods } => Err(Error::NoSuchMethod {
            service,
            method: name::MethodName::parse(name).method.to_owned(),
            did_you_mean,
            methods,
        }),
        MethodLookup::IsService { service, methods } => Err(Error::IsService { service, methods }),
        MethodLookup::NotFound { mut did_you_mean } => {
            if did_you_mean.is_empty() {
                let service = name::MethodName::parse(name).service.unwrap_or(name);
                did_you_mean = name::did_you_mean(service, services);
            }
            Err(Error::NotFound { what: "method", name: name.to_owned(), did_you_mean })
        }
    }
}

fn found_symbol(lookup: Lookup, name: &str) -> Result<Symbol, Error> {
    match lookup {
        Lookup::Found(symbol) => Ok(symbol),
        Lookup::Ambiguous(candidates) => Err(Error::Ambiguous { name: name.to_owned(), candidates }),
        Lookup::NotFound { did_you_mean } => {
            Err(Error::NotFound { what: "symbol", name: name.to_owned(), did_you_mean })
        }
    }
}
