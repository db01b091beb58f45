//! One server in several protocols.

use super::{Given, TargetArgs, TargetPlan};
use crate::args::place::{Place, Protocol};
use crate::args::{ArgsError, SpokenArgs, SpokenConflict};

/// The same server in each protocol that it is to be spoken to in.
#[derive(Debug, Clone)]
pub struct TargetPlans {
    /// In the first.
    pub first: TargetPlan,
    /// In the others, if there are any.
    pub others: Vec<TargetPlan>,
}

impl TargetPlans {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &TargetPlan> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// All of them, to be completed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut TargetPlan> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }
}

impl TargetArgs {
    /// The same in each protocol that `--protocol` names.
    pub fn plan_each(&self, word: Option<&Place>, given: &Given) -> Result<TargetPlans, ArgsError> {
        let (first, others) = self.spoken.each()?;
        let alone = |spoken: SpokenArgs| Self { spoken, ..self.clone() }.plan(word.cloned(), given);
        if !others.is_empty()
            && let (Place { protocol: Protocol::Http(Some(scheme)), .. }, _) =
                self.place(word.cloned(), given)?
        {
            return Err(SpokenConflict::SchemeOfSeveral(scheme.name()).into());
        }
        let first = alone(first)?;
        let mut others = others.into_iter().map(alone).collect::<Result<Vec<_>, _>>()?;
        // They are the same files, and one may be a pipe.
        if let Some(tls) = &first.channel.target.tls {
            for other in others.iter_mut().filter_map(|other| other.channel.target.tls.as_mut()) {
                other.files.clone_from(&tls.files);
            }
        }
        Ok(TargetPlans { first, others })
    }
}
