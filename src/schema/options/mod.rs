//! The options of elements by their names, as their files have them: the pool has next to none (`schema::bare` says which).
//!
//! Whoever reads many of them keeps one [`Reader`], which reads each file once and knows the extensions of each pool by
//! their numbers.

mod bytes;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use prost::Message as _;
use prost_reflect::{
    DescriptorPool, ExtensionDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor, Value,
};
use prost_types::UninterpretedOption;

use super::name::scopes;
use super::{bare, builtin_pool, edition, traits, walk};
pub(super) use bytes::element;
use bytes::{KINDS, Level, OptionBytes, is_field, level};
use value::Part;

/// What was read of files and pools so far.
#[derive(Default)]
pub struct Reader {
    files: HashMap<String, Vec<Rc<FileOptions>>>,
    pools: Vec<Rc<PoolOptions>>,
}

impl Reader {
    /// The options of a file.
    pub(super) fn file(&mut self, file: &FileDescriptor) -> Rc<FileOptions> {
        let known = self.files.get(file.name()).and_then(|all| all.iter().find(|own| own.file == *file));
        if let Some(known) = known {
            return Rc::clone(known);
        }
        let pool = self.pool(file.parent_pool());
        let bytes = OptionBytes::new(bare::whole(file.encode_to_vec()));
        let new = Rc::new(FileOptions { file: file.clone(), bytes, pool, lowered: traits::is_lowered(file) });
        self.files.entry(file.name().to_owned()).or_default().push(Rc::clone(&new));
        new
    }

    fn pool(&mut self, pool: &DescriptorPool) -> Rc<PoolOptions> {
        if let Some(known) = self.pools.iter().find(|known| known.pool == *pool) {
            return Rc::clone(known);
        }
        let new =
            Rc::new(PoolOptions { pool: pool.clone(), types: Default::default(), packages: OnceCell::new() });
        self.pools.push(Rc::clone(&new));
        new
    }
}

/// The options of all elements of a file.
pub(super) struct FileOptions {
    file: FileDescriptor,
    bytes: OptionBytes,
    pool: Rc<PoolOptions>,
    /// Whether the pool has the file in another form than its author wrote.
    lowered: bool,
}

impl FileOptions {
    /// Those of the element at `path` as bytes, with the marks of a lowered file.
    pub(super) fn bytes(&self, path: &[i32]) -> Option<&[u8]> {
        self.bytes.get(path)
    }

    /// Those that its author gave the element at `path`.
    pub(super) fn read(&self, path: &[i32]) -> Options {
        let (Some(bytes), Some(level)) = (self.bytes.get(path), level(path)) else {
            return Options::default();
        };
        let bytes = if self.lowered { edition::authors(bytes, is_field(path)) } else { Cow::Borrowed(bytes) };
        Options::read(self.pool.types(level), &bytes)
    }

    /// The paths of the elements that have some.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[i32]> {
        self.bytes.paths()
    }

    /// Whether some package of the pool has this name, or begins with it.
    pub(super) fn is_package(&self, name: &str) -> bool {
        self.pool.packages.get_or_init(|| packages(&self.pool.pool)).contains(name)
    }
}

fn packages(pool: &DescriptorPool) -> HashSet<String> {
    pool.files().flat_map(|file| scopes(file.package_name()).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What a pool knows of options.
struct PoolOptions {
    pool: DescriptorPool,
    types: [OnceCell<OptionsType>; KINDS],
    packages: OnceCell<HashSet<String>>,
}

impl PoolOptions {
    fn types(&self, level: Level) -> &OptionsType {
        self.types[level as usize].get_or_init(|| OptionsType::new(&self.pool, level.options_kind()))
    }
}

/// One kind of options.
struct OptionsType {
    /// As the pool has them: that is what extensions extend.
    own: Option<MessageDescriptor>,
    /// As the program has them.
    builtin: Option<MessageDescriptor>,
    extensions: HashMap<u32, ExtensionDescriptor>,
}

impl OptionsType {
    fn new(pool: &DescriptorPool, kind: &str) -> Self {
        let name = format!("google.protobuf.{kind}");
        let own = pool.get_message_by_name(&name);
        let mut extensions = HashMap::new();
        for extension in own.iter().flat_map(MessageDescriptor::extensions) {
            extensions.entry(extension.number()).or_insert(extension);
        }
        Self { builtin: builtin_pool().get_message_by_name(&name), own, extensions }
    }
}

/// The options of one element.
#[derive(Default)]
pub(super) struct Options {
    /// Protobuf's own, by their numbers.
    pub(super) standard: Vec<(FieldDescriptor, Value)>,
    /// Those of which the extension is known, by their numbers.
    pub(super) custom: Vec<(ExtensionDescriptor, Value)>,
    /// The numbers of those of which nobody knows what they are.
    pub(super) unknown: Vec<u32>,
    /// The names of those whose values are none of their types.
    pub(super) undecodable: Vec<String>,
    /// Those that no compiler resolved.
    pub(super) unresolved: Vec<UninterpretedOption>,
    /// Whether there is something behind them that is no option.
    pub(super) is_broken: bool,
    /// What they are, as the program has it.
    kind: Option<MessageDescriptor>,
}

impl Options {
    fn read(types: &OptionsType, bytes: &[u8]) -> Self {
        let mut options = Self { kind: types.builtin.clone(), ..Self::default() };
        let mut by_number: BTreeMap<u32, Vec<Part<'_>>> = BTreeMap::new();
        let mut end = 0;
        for field in walk::fields(bytes) {
            end = field.whole.end;
            by_number.entry(field.number).or_default().extend(Part::new(bytes, &field));
        }
        options.is_broken = end < bytes.len();
        for (number, parts) in by_number {
            options.add(types, number, &parts);
        }
        options
    }

    /// The one of protobuf's own of this name, be it set or not.
    pub(super) fn field(&self, name: &str) -> Option<FieldDescriptor> {
        self.kind.as_ref()?.get_field_by_name(name)
    }

    fn add(&mut self, types: &OptionsType, number: u32, parts: &[Part<'_>]) {
        if number == bare::UNINTERPRETED {
            let unresolved =
                parts.iter().filter_map(|part| UninterpretedOption::decode(part.delimited()?).ok());
            self.unresolved.extend(unresolved);
            return;
        }
        // Who brings an older `descriptor.proto` does not know all of protobuf's own.
        let fields: Vec<FieldDescriptor> = [&types.own, &types.builtin]
            .into_iter()
            .flatten()
            .filter_map(|kind| kind.get_field(number))
            .collect();
        let read = |field: &FieldDescriptor| value::of(&field.kind(), field.is_list(), parts);
        if let Some((field, value)) = fields.iter().find_map(|field| Some((field, read(field)?))) {
            self.standard.push((field.clone(), value));
        } else if let Some(field) = fields.first() {
            self.undecodable.push(field.name().to_owned());
        } else if let Some(extension) = types.extensions.get(&number) {
            match value::of(&extension.kind(), extension.is_list(), parts) {
                Some(value) => self.custom.push((extension.clone(), value)),
                None => self.undecodable.push(format!("({})", extension.full_name())),
            }
        } else {
            self.unknown.push(number);
        }
    }
}
