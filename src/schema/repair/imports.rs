//! Which files a file has to import for what it uses, whatever it says itself.

use std::collections::{HashMap, HashSet};

use super::super::builtin;
use super::names::Owner;
use super::{Draft, Dropped, What};

/// How many files are looked at behind one file's imports; real ones have a dozen there.
const MAX_BEHIND: usize = 10_000;

/// Makes every file import what it needs and nothing that is not there. Tells whether files still import each other
/// in a circle, because they really need each other.
pub(super) fn recompute(drafts: &mut [Draft]) -> bool {
    let owners: HashMap<String, Owner> = builtin::names()
        .map(|name| (name.to_owned(), Owner::Builtin(name)))
        .chain(drafts.iter().enumerate().map(|(place, draft)| (draft.name.clone(), Owner::File(place))))
        .collect();
    let left_out: HashSet<Owner> = drafts
        .iter()
        .enumerate()
        .filter_map(|(place, draft)| draft.left_out.then_some(Owner::File(place)))
        .collect();
    for (place, draft) in drafts.iter_mut().enumerate().filter(|(_, draft)| !draft.left_out) {
        keep(draft, |_, import| match owners.get(import) {
            None => Some(Dropped::Missing),
            Some(owner) if left_out.contains(owner) => Some(Dropped::LeftOut),
            Some(&owner) => (owner == Owner::File(place)).then_some(Dropped::Itself),
        });
    }
    add_needed(drafts, &owners);
    if circle(drafts, &owners).is_none() {
        return false;
    }
    for draft in drafts.iter_mut().filter(|draft| !draft.left_out) {
        keep(draft, |draft, import| {
            let is_used = owners.get(import).is_some_and(|&owner| draft.uses.contains(owner));
            (!is_used).then_some(Dropped::Unused)
        });
        draft.changed |= !draft.file.public_dependency.is_empty();
        draft.file.public_dependency.clear();
    }
    add_needed(drafts, &owners);
    let Some(draft) = circle(drafts, &owners).and_then(|place| drafts.get_mut(place)) else { return false };
    draft.notes.add(What::Circle);
    true
}

/// Drops the imports that are `unwanted` for a reason; the marks on the others go on pointing at them.
fn keep(draft: &mut Draft, unwanted: impl Fn(&Draft, &str) -> Option<Dropped>) {
    let mut places: Vec<Option<i32>> = Vec::with_capacity(draft.file.dependency.len());
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for import in &draft.file.dependency {
        if let Some(why) = unwanted(draft, import) {
            places.push(None);
            dropped.push((import.clone(), why));
        } else {
            places.push(i32::try_from(kept.len()).ok());
            kept.push(import.clone());
        }
    }
    if dropped.is_empty() {
        return;
    }
    let moved = |place: &i32| usize::try_from(*place).ok().and_then(|place| *places.get(place)?);
    draft.file.public_dependency = draft.file.public_dependency.iter().filter_map(moved).collect();
    draft.file.weak_dependency = draft.file.weak_dependency.iter().filter_map(moved).collect();
    draft.file.dependency = kept;
    for (import, why) in dropped {
        draft.notes.add(What::DroppedImport { import: import.clone(), why });
        draft.dropped.push(import);
    }
}

/// Adds the imports that are needed and that the pool would not find otherwise.
fn add_needed(drafts: &mut [Draft], owners: &HashMap<String, Owner>) {
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    let imports: Vec<Vec<Owner>> = drafts.iter().map(|draft| imported(draft, owners)).collect();
    // The pool looks one step behind a file's own imports, no further.
    let public: Vec<Vec<Owner>> =
        drafts.iter().zip(&imports).map(|(draft, all)| public(draft, all)).collect();
    for (place, draft) in drafts.iter_mut().enumerate() {
        let Some(direct) = imports.get(place) else { continue };
        let mut seen: HashSet<Owner> = direct.iter().copied().collect();
        seen.insert(Owner::File(place));
        let needed = |seen: &HashSet<Owner>, draft: &Draft| -> Vec<(Owner, String)> {
            draft.uses.owners.iter().filter(|(owner, _)| !seen.contains(owner)).cloned().collect()
        };
        if needed(&seen, draft).is_empty() {
            continue;
        }
        let behind = direct.iter().filter_map(|owner| match owner {
            Owner::File(place) => public.get(*place),
            Owner::Builtin(_) => None,
        });
        seen.extend(behind.flatten().take(MAX_BEHIND));
        for (owner, definition) in needed(&seen, draft) {
            let import = match owner {
                Owner::File(place) => names.get(place).map(String::as_str),
                Owner::Builtin(name) => Some(name),
            };
            let Some(import) = import.map(str::to_owned) else { continue };
            draft.file.dependency.push(import.clone());
            draft.notes.add(What::AddedImport { import, definition });
        }
    }
}

fn imported(draft: &Draft, owners: &HashMap<String, Owner>) -> Vec<Owner> {
    draft.file.dependency.iter().filter_map(|import| owners.get(import).copied()).collect()
}

fn public(draft: &Draft, imports: &[Owner]) -> Vec<Owner> {
    let place = |index: &i32| usize::try_from(*index).ok();
    draft.file.public_dependency.iter().filter_map(place).filter_map(|i| imports.get(i).copied()).collect()
}

/// The first file that is left when the files that import nothing are taken away, over and over.
fn circle(drafts: &[Draft], owners: &HashMap<String, Owner>) -> Option<usize> {
    let mut importers: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    let mut pending = vec![0_usize; drafts.len()];
    for (place, draft) in drafts.iter().enumerate() {
        for owner in imported(draft, owners) {
            let Owner::File(import) = owner else { continue };
            if let (Some(list), Some(count)) = (importers.get_mut(import), pending.get_mut(place)) {
                list.push(place);
                *count += 1;
            }
        }
    }
    let mut free: Vec<usize> = (0..drafts.len()).filter(|&place| pending.get(place) == Some(&0)).collect();
    while let Some(place) = free.pop() {
        for &importer in importers.get(place).into_iter().flatten() {
            let Some(count) = pending.get_mut(importer) else { continue };
            *count -= 1;
            if *count == 0 {
                free.push(importer);
            }
        }
    }
    pending.iter().position(|&count| count > 0)
}
