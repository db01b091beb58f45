//! What is to be examined, as a plain value.

use std::time::Instant;

use super::super::{Failed, Surroundings};
use super::DoctorArgs;
use crate::args::{ArgsError, Headers, TargetPlan, split};
use crate::netrpc;
use crate::schema::SchemaPlan;
use crate::session::{Metadata, ServerPlan};
use crate::transport::{self, Dialer, Http, Target};
use crate::wire::{Channel, Deadline, Dialect, Protocol};

/// What is to be examined.
pub(super) struct Plan {
    /// The server.
    pub(super) target: TargetPlan,
    /// The service that has to be there.
    pub(super) service: Option<String>,
    /// The method of it that is called, where one was named: `Service/Method`.
    pub(super) method: Option<String>,
    /// Where the schema comes from.
    pub(super) schema: SchemaPlan,
    /// What is sent along with calls.
    pub(super) metadata: Metadata,
    /// The server, where it speaks net/rpc.
    pub(super) go: Option<netrpc::ServerPlan>,
    /// When everything must be over.
    pub(super) deadline: Option<Deadline>,
}

impl DoctorArgs {
    /// The plan.
    pub(super) fn plan(&self, surroundings: &Surroundings) -> Result<Plan, Failed> {
        let Self { words, target, schema, headers, .. } = self;
        let (place, name) =
            split(words, target.address.is_some() || schema.has_files()).map_err(|error| {
                let given = &surroundings.given.under.flags;
                Failed::words(error, "doctor", (target, schema, &headers.both), given, "")
            })?;
        let mut target = target.plan(place, &surroundings.given)?;
        let (prefix, symbol) = match &name {
            Some(_) => (target.place.path.trim_end_matches('/'), None),
            None => target.place.prefix_and_symbol(),
        };
        let (prefix, symbol) = (prefix.to_owned(), symbol.map(str::to_owned));
        target.settle(&prefix, schema, &headers.both);
        let under = &surroundings.given.under.headers;
        let read = headers.read(None, under, &surroundings.world, target.place.protocol)?;
        target.carry(&read)?;
        let Headers { call: metadata, reflection } = read;
        let go = target.netrpc(&metadata, schema, &headers.both).map_err(ArgsError::from)?;
        let named = name.or(symbol.filter(|_| go.is_none()));
        let (service, method) = match named {
            Some(name) if name.contains('/') => (None, Some(name)),
            // What is called by net/rpc's name has a dot in it, and is a method.
            Some(name) if go.is_some() => (None, Some(name)),
            name => (name, None),
        };
        let deadline = target.timeout.and_then(|timeout| Deadline::new(surroundings.started(), timeout));
        Ok(Plan { target, service, method, schema: schema.plan(reflection, false), metadata, go, deadline })
    }
}

impl Plan {
    /// The service or method that was named.
    pub(super) fn named(&self) -> Option<&str> {
        self.method.as_deref().or(self.service.as_deref())
    }

    /// What connects to the server, with its files read.
    pub(super) fn dialer(&self) -> Result<Dialer, transport::Error> {
        Dialer::open(self.server_target().clone(), self.deadline.map(|deadline| deadline.at))
    }

    /// The same, speaking this HTTP alone.
    pub(super) fn dialer_in(&self, http: Http) -> Result<Dialer, transport::Error> {
        Dialer::open(self.server_target().speaking(http), self.deadline.map(|deadline| deadline.at))
    }

    /// Where the server is.
    pub(super) fn server_target(&self) -> &Target {
        &self.target.channel.target
    }

    /// The server, of whose schema nothing is to be known.
    pub(super) fn server(&self) -> ServerPlan {
        match &self.go {
            Some(server) => ServerPlan::Go(server.clone()),
            None => ServerPlan::Grpc { channel: self.target.channel.clone(), schema: None },
        }
    }

    /// When a step that begins now has to be over: a step takes no longer than connecting may.
    pub(super) fn limit(&self) -> Option<Deadline> {
        let step = Deadline::new(Instant::now(), self.server_target().connect_timeout);
        match (step, self.deadline) {
            (Some(step), Some(all)) => Some(if all.at < step.at { all } else { step }),
            (step, all) => step.or(all),
        }
    }

    /// The server spoken to in another protocol, over one HTTP, with messages as the target says that they are written.
    pub(super) fn channel(&self, protocol: Protocol, http: Http) -> Channel {
        let dialect = Dialect { protocol, codec: self.target.channel.dialect.codec, ..Dialect::GRPC };
        Channel { target: self.server_target().speaking(http), dialect, ..self.target.channel.clone() }
    }
}
