//! A schema that is fetched from a server's reflection as it is needed: which questions to ask for which name.

mod extensions;

use std::collections::HashSet;

use prost_reflect::DescriptorPool;

use super::away;
use super::error::{Error, Refused};
use super::file_set::{FileSet, LinkError, MAX_IMPORT_DEPTH};
use super::name::{self, MethodName};
use super::partly;
use super::reflection::{Answer, Need, Question, ReflectionError, Reflector};
use super::repair::{self, Missing, Outcome, Repair};
use super::symbol::{self, Lookup};

/// What a missing type's file lacks may be missing as well, but hardly ever goes on like that.
const MAX_REPAIR_ROUNDS: usize = 8;
/// How many missing names are worth asking for in one round.
const MAX_NAMES: usize = 1000;
const NOBODY: &str = "the server does not have";

pub(super) struct Remote {
    reflector: Reflector,
    /// What was fetched, as it came.
    files: FileSet,
    /// The same, repaired, if that was needed.
    repaired: Option<Outcome>,
    /// Missing names that the server was asked for already.
    asked: HashSet<String>,
    /// Files that the server was asked for although they are not needed.
    asked_files: HashSet<String>,
    /// Symbols that were looked for by name.
    sought: HashSet<String>,
    /// The user's files, which have what the server lacks.
    local: FileSet,
    options: bool,
    pool: DescriptorPool,
    /// What the server lists, once it was asked.
    services: Vec<String>,
    /// Why a file of the server's was not taken, if one was not.
    refused: Option<Refused>,
    /// Messages of which the server was asked for extensions.
    extended: HashSet<String>,
    /// The extensions that it has and that could not be had.
    lost_extensions: Vec<Repair>,
}

impl Remote {
    pub(super) fn new(reflector: Reflector, local: FileSet, options: bool) -> Self {
        Self {
            reflector,
            files: FileSet::default(),
            repaired: None,
            asked: HashSet::new(),
            asked_files: HashSet::new(),
            sought: HashSet::new(),
            local,
            options,
            pool: DescriptorPool::new(),
            services: Vec::new(),
            refused: None,
            extended: HashSet::new(),
            lost_extensions: Vec::new(),
        }
    }

    /// Who asks the server.
    pub(super) fn reflector(&self) -> &Reflector {
        &self.reflector
    }

    /// All that was fetched so far.
    pub(super) fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// The files that were fetched so far, as they were linked.
    pub(super) fn files(&self) -> &FileSet {
        self.repaired.as_ref().map_or(&self.files, |outcome| &outcome.files)
    }

    /// What had to be repaired for the files to link, and what could not be.
    pub(super) fn repairs(&self) -> impl Iterator<Item = &Repair> {
        self.repaired.iter().flat_map(|outcome| &outcome.repairs).chain(&self.lost_extensions)
    }

    /// Why what was looked for may be missing, although the server has it.
    pub(super) fn take_refused(&mut self) -> Option<Refused> {
        self.refused.take()
    }

    /// The services that were looked for and can't be had.
    pub(super) fn lost(&self) -> Vec<String> {
        let is_lost =
            |name: &&String| self.sought.contains(*name) && self.pool.get_service_by_name(name).is_none();
        self.services.iter().filter(is_lost).cloned().collect()
    }

    /// The services that the server listed, if it was asked.
    pub(super) fn known(&self) -> &[String] {
        &self.services
    }

    /// Asks for the list of services.
    pub(super) async fn services(&mut self) -> Result<Vec<String>, Error> {
        match self.reflector.ask(&[Question::Services], Need::Must).await?.pop() {
            Some(Answer::Services(services)) => Ok(services),
            Some(Answer::Unknown(why)) => Err(ReflectionError::NoList(why).into()),
            _ => Err(ReflectionError::NoList("it answered something else".to_owned()).into()),
        }
    }

    /// Fetches the service that a method's name begins with. The list of services goes along in the same round
    /// trip, because the name may be a tail.
    pub(super) async fn fetch_method(&mut self, wanted: &str) -> Result<(), Error> {
        let bare = name::bare(wanted);
        let service = MethodName::parse(wanted).service;
        self.ask(&[Question::Services], service.into_iter()).await?;
        if service.is_some_and(|service| self.pool.get_service_by_name(service).is_some()) {
            return Ok(());
        }
        self.refusal()?;
        let mut candidates = service.map(|service| self.services_ending_in(service)).unwrap_or_default();
        if candidates.is_empty() {
            candidates = self.services_ending_in(bare);
        }
        let meant = !candidates.is_empty();
        if !meant {
            // A wrong service name is worth a suggestion of near ones; a bare method name may be anybody's.
            candidates =
                service.map(|service| name::did_you_mean(service, &self.services)).unwrap_or_default();
            if candidates.is_empty() {
                candidates.clone_from(&self.services);
            }
        }
        self.fetch_all(&candidates).await?;
        let found = candidates.iter().any(|service| self.pool.get_service_by_name(service).is_some());
        if meant && !found { self.refusal() } else { Ok(()) }
    }

    /// Fetches what a name may mean: itself, what it is a part of, a tail of a service or, last, anything.
    pub(super) async fn fetch_symbol(&mut self, wanted: &str) -> Result<(), Error> {
        let bare = name::bare(wanted.trim_matches(['[', ']'])).replace('/', ".");
        self.ask(&[Question::Services], [bare.as_str()].into_iter()).await?;
        if self.has(wanted) {
            return Ok(());
        }
        self.refusal()?;
        let parent = bare.rsplit_once('.').map(|(parent, _)| parent.to_owned());
        let mut candidates = self.services_ending_in(&bare);
        candidates.extend(parent.iter().flat_map(|parent| self.services_ending_in(parent)));
        let meant = !candidates.is_empty();
        if !meant {
            candidates.clone_from(&self.services);
        }
        candidates.extend(parent);
        self.fetch_all(&candidates).await?;
        if meant && !self.has(wanted) {
            self.refusal()?;
            let services = self.services.clone();
            self.fetch_all(&services).await?;
        }
        Ok(())
    }

    fn services_ending_in(&self, tail: &str) -> Vec<String> {
        self.services.iter().filter(|full| name::is_tail(full, tail)).cloned().collect()
    }

    /// The error of a file that was refused, where that is why nothing was found.
    fn refusal(&mut self) -> Result<(), Error> {
        self.refused.take().map_or(Ok(()), |refused| Err(refused.into()))
    }

    /// Fetches the files of these symbols; those that the server does not know are passed over.
    pub(super) async fn fetch_all(&mut self, symbols: &[String]) -> Result<(), Error> {
        if !symbols.is_empty() {
            self.ask(&[], symbols.iter().map(String::as_str)).await?;
        }
        Ok(())
    }

    fn has(&self, wanted: &str) -> bool {
        !matches!(symbol::find(&self.pool, wanted), Lookup::NotFound { .. })
    }

    /// One round of questions, and the rounds that the imports of their answers need; then everything is linked.
    async fn ask<'a>(
        &mut self,
        first: &[Question],
        symbols: impl Iterator<Item = &'a str>,
    ) -> Result<(), Error> {
        let mut questions = first.to_vec();
        for name in symbols {
            self.sought.insert(name.to_owned());
            questions.push(Question::Symbol(name.to_owned()));
        }
        let before = self.files.len();
        let answers = self.reflector.ask(&questions, Need::Must).await?;
        self.take(answers);
        if self.files.len() == before {
            return Ok(());
        }
        let mut linked = self.complete(Need::Must).await;
        if linked.is_ok() {
            linked = self.link(Need::Must).await;
        }
        match linked {
            // What is missing may be missing because it was refused.
            Err(Error::Link(why)) => self.link_what_fits(why).await,
            linked => linked,
        }
    }

    /// Links what fits, and keeps the reason why the rest does not.
    async fn link_what_fits(&mut self, why: LinkError) -> Result<(), Error> {
        let options = self.options;
        let fitting = self.away(move |files| partly::what_fits(files, options, NOBODY)).await?;
        self.pool = fitting.pool;
        self.repaired = Some(fitting.outcome);
        self.refused.get_or_insert(Refused::Link(why));
        Ok(())
    }

    /// Work on the files, under the deadline.
    fn away<T, W>(&self, work: W) -> impl Future<Output = Result<T, ReflectionError>> + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce(&FileSet) -> T + Send + 'static,
    {
        away::from(&self.files, self.reflector.late("putting the server's schema together"), work)
    }

    /// Links what was fetched: as it is, if it fits, or else repaired.
    async fn link(&mut self, need: Need) -> Result<(), Error> {
        self.repaired = None;
        let groundwork = self.reflector.take_groundwork();
        let options = self.options;
        let plain = self.away(move |files| files.link_onto(groundwork, options, NOBODY)).await?;
        if !repair::is_wanted(&self.files, &plain) {
            self.pool = plain.map_err(Error::Link)?;
            return Ok(());
        }
        let outcome = self.repair(need).await?;
        let linked = self.away(move |_| outcome.or(plain, options, NOBODY)).await?;
        (self.pool, self.repaired) = linked.map_err(Error::Link)?;
        Ok(())
    }

    /// Repairs what was fetched. The server is asked for what is missing, each name once.
    async fn repair(&mut self, need: Need) -> Result<Outcome, Error> {
        let mut outcome = self.away(repair::repaired).await?;
        for _ in 0..MAX_REPAIR_ROUNDS {
            let candidates = outcome.missing.iter().flat_map(Missing::candidates);
            let mut names = Vec::new();
            for name in candidates {
                if names.len() < MAX_NAMES && self.asked.insert(name.clone()) {
                    names.push(Question::Symbol(name));
                }
            }
            if names.is_empty() {
                break;
            }
            let before = self.files.len();
            let answers = self.reflector.ask(&names, need).await?;
            self.take(answers);
            if self.files.len() == before {
                break;
            }
            self.complete(need).await?;
            outcome = self.away(repair::repaired).await?;
        }
        Ok(self.away(|files| outcome.without_lost_extensions(files)).await?)
    }

    /// Fetches missing imports, all that are known to be missing at once, until nothing more comes. A server that
    /// sends one file an answer needs a round for each link of the longest import chain.
    async fn complete(&mut self, need: Need) -> Result<(), Error> {
        for round in 0.. {
            let mut missing = self.files.missing();
            if self.options {
                // A file that is there for its options alone is asked for once, and not missed.
                let options = self.files.missing_options().into_iter();
                missing.extend(options.filter(|file| self.asked_files.insert(file.clone())));
            }
            let Some(first) = missing.first() else { break };
            if round == MAX_IMPORT_DEPTH {
                return Err(Error::Link(LinkError::ImportsTooDeep(first.clone())));
            }
            let before = self.files.len();
            let questions: Vec<Question> = missing.into_iter().map(Question::File).collect();
            let answers = self.reflector.ask(&questions, need).await?;
            self.take(answers);
            self.files.fill_from(&self.local);
            if self.files.len() == before {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, answers: Vec<Answer>) {
        for answer in answers {
            match answer {
                Answer::Services(services) => self.services = services,
                Answer::Files(files) => {
                    for file in files {
                        // Names that are not in it can still be found.
                        if let Err(error) = self.files.add(file) {
                            self.refused.get_or_insert(Refused::Check(error));
                        }
                    }
                }
                Answer::Numbers(_) | Answer::Unknown(_) => {}
            }
        }
    }
}
