//! What is printed compiles, and to the descriptors it was printed from.

mod editions;
mod hostile;
mod round_trip;
mod text;

use prost_reflect::{DescriptorPool, DynamicMessage, FileDescriptor};

use crate::schema::symbol::{Lookup, Symbol, find};
use crate::schema::testing::try_pool;

/// A file's descriptor without source info, in text form so that a difference can be read.
fn descriptor_text(file: &FileDescriptor) -> String {
    let kind = DescriptorPool::global().get_message_by_name("google.protobuf.FileDescriptorProto").unwrap();
    let mut message = DynamicMessage::decode(kind, file.encode_to_vec().as_slice()).unwrap();
    message.clear_field_by_name("source_code_info");
    let options = prost_reflect::text_format::FormatOptions::new().pretty(true).skip_unknown_fields(false);
    let text = message.to_text_format_with_options(&options);
    // Options that are there and empty say no more than none.
    text.lines().filter(|line| line.trim() != "options {}").flat_map(|line| [line, "\n"]).collect()
}

fn printed_file(file: &FileDescriptor) -> String {
    let mut out = String::new();
    super::Files::default().file(file, &mut out);
    out
}

fn printed(pool: &DescriptorPool, name: &str) -> String {
    let Lookup::Found(symbol) = find(pool, name) else { panic!("no {name}") };
    let mut out = String::new();
    super::Files::default().symbol(&symbol, &mut out);
    out
}

/// Compiles `source` in place of the file of that name; all other files stay as they were.
fn recompiled(files: &[(&str, &str)], name: &str, source: &str) -> FileDescriptor {
    let mut files: Vec<(&str, &str)> = files.iter().copied().filter(|(file, _)| *file != name).collect();
    files.push((name, source));
    let pool = try_pool(&files).unwrap_or_else(|error| panic!("{error:?}\n{source}"));
    pool.get_file_by_name(name).unwrap()
}

/// Checks that the last of `files` survives being printed, whole and as one symbol after the other.
fn assert_round_trip(files: &[(&str, &str)]) {
    let pool = crate::schema::testing::pool(files);
    let (name, _) = *files.last().unwrap();
    let file = pool.get_file_by_name(name).unwrap();
    let source = printed_file(&file);
    assert_eq!(descriptor_text(&recompiled(files, name, &source)), descriptor_text(&file), "\n{source}");
    let pieces = in_pieces(&file);
    assert_eq!(descriptor_text(&recompiled(files, name, &pieces)), descriptor_text(&file), "\n{pieces}");
}

/// The file put together from its head and the text of each of its top-level symbols.
fn in_pieces(file: &FileDescriptor) -> String {
    let whole = printed_file(file);
    let is_head = |line: &&str| ["syntax ", "package ", "import "].iter().any(|word| line.starts_with(word));
    let mut out: String = whole.lines().filter(is_head).flat_map(|line| [line, "\n"]).collect();
    let mut options = whole.lines().skip_while(|line| !line.starts_with("option ")).peekable();
    while let Some(line) = options.next_if(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    // A group stands for its extension, and comes first in the sources here.
    let extensions = file.extensions().filter(|extension| !extension.is_group());
    let symbols = (file.messages().map(Symbol::Message))
        .chain(file.enums().map(Symbol::Enum))
        .chain(file.services().map(Symbol::Service))
        .chain(extensions.map(Symbol::Extension));
    for symbol in symbols {
        out.push('\n');
        super::Files::default().symbol(&symbol, &mut out);
    }
    out
}
