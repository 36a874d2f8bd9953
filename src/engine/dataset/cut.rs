//! A dataset written anew, cut into parts that few links cross, so that processes can each read one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::compressed::{Rows, parts};
use crate::model::Link;
use crate::observer::Observer;

use super::diagnostic::Diagnostic;
use super::files::Origin;
use super::record::{TableRecord, WeightRecord};
#[cfg(feature = "parquet")]
use super::tables::mark_of;
use super::tables::{Form, MOST_PARTS, Splitter, beside, lists_links};
use super::{Opened, by_hash};

/// What a cut gives, beside the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// How many parts there are.
    pub parts: u16,
    /// How many entities.
    pub entities: usize,
    /// How many links.
    pub links: usize,
    /// How the parts came out.
    pub by_locality: Share,
    /// How as many parts would by a hash of the keys, which processes use where no table says a part.
    pub by_hash: Share,
}

/// Entities shared out to parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    /// Entities of each part.
    pub entities: Vec<u64>,
    /// Links that have an end in each part.
    pub links: Vec<u64>,
    /// Links between two parts.
    pub crossing: u64,
    /// Entities that parts need of others, each counted once for each part that needs it.
    pub needed: u64,
}

/// Why a dataset is not cut.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// It has errors.
    #[error("the dataset has errors")]
    Invalid(Vec<Diagnostic>),
    /// It cannot be cut so.
    #[error("{0}")]
    Refused(String),
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Cuts the dataset at `path` into parts and writes it into the folder `into`, which is not there yet or empty.
///
/// Tables of entities get a column `part`; each table of links becomes a file for each part of its customers, in Parquet with the rows of
/// the suppliers of one part in groups of their own; files in RON that name tables name the new ones; other tables and files in RON stay as
/// they are. What is written reads back to the same content hash, which is checked. Whatever else lies in the folder is not copied.
///
/// Cost: the memory of a load and some 60 bytes a link, or the bytes of the links of the largest part; the time of three loads and of
/// [`parts`].
///
/// # Errors
/// The dataset has errors or no table of links; more parts than entities; a file that cannot be read or written. Nothing is left behind then.
pub fn cut(
    path: &Path,
    count: u16,
    form: Form,
    into: &Path,
    observer: &dyn Observer,
) -> Result<Cut, CutError> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| CutError::File { path, error }
    };
    if fs::read_dir(into).is_ok_and(|mut inside| inside.next().is_some()) || into.is_file() {
        return Err(CutError::Refused(format!("{} is there already and not empty", into.display())));
    }
    let origin = Origin::Path(path);
    let Opened { session, records, bulk, ids, facts, .. } = super::open(&origin, observer, None);
    if session.has_errors() {
        return Err(CutError::Invalid(session.finish()));
    }
    if !records.tables.iter().any(|(record, _)| lists_links(record)) {
        let why =
            "the dataset has no table of links (Supplies, Flows or Exposures), so there is nothing to cut";
        return Err(CutError::Refused(why.to_string()));
    }
    let (entities, links) = (facts.entities.len(), facts.links.len());
    if count == 0 || count > MOST_PARTS || usize::from(count) > entities {
        let most = entities.min(usize::from(MOST_PARTS));
        return Err(CutError::Refused(format!("expected 1 to {most} parts; there are {entities} entities")));
    }
    let ends = facts.links.iter().map(|link| (link.from.0, link.to.0));
    let part = parts(entities, ends, count);
    let hashed: Vec<u16> =
        ids.entity_keys().iter().map(|key| by_hash(key, usize::from(count)) as u16).collect();
    let cut = Cut {
        parts: count,
        entities,
        links,
        by_locality: Share::new(&part, &facts.links, count),
        by_hash: Share::new(&hashed, &facts.links, count),
    };
    let hash = facts.content_hash();
    drop(facts);

    let of = |key: &str| {
        let listed = bulk.has(key).then(|| ids.entity(key)).flatten();
        listed.and_then(|id| part.get(id.index()).copied())
    };
    #[cfg(feature = "parquet")]
    let mark = mark_of(bulk.keys().filter_map(|key| Some((&**key, of(key)?))));
    let draft = Draft::beside(into).map_err(at(into))?;
    let mut taken: BTreeSet<String> = session.texts.iter().map(|text| text.name.to_string()).collect();
    taken.extend(
        records.tables.iter().map(|(record, mark)| beside(&session, *mark, record.file()).to_string()),
    );
    let mut splitter = Splitter {
        origin: &origin,
        observer,
        folder: &draft.0,
        form,
        parts: count,
        of: &of,
        #[cfg(feature = "parquet")]
        mark: &mark,
        taken,
    };
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // what stands in place of what in each file
    let mut changes: BTreeMap<u32, Vec<(std::ops::Range<usize>, String)>> = BTreeMap::new();
    let mut implied = Some(bulk.implied()).filter(|_| bulk.implied().next().is_some());
    for (record, mark) in &records.tables {
        let file = beside(&session, *mark, record.file()).to_string();
        let folder = file.strip_suffix(record.file()).unwrap_or_default();
        let mut items = Vec::new();
        if let Some(implied) = implied.take() {
            let name = splitter.implied(folder, implied).map_err(at(into))?;
            items.push(item(&TableRecord::Entities { file: within(folder, &name) }));
        }
        let key = if lists_links(record) { file.clone() } else { format!("{file} as it is") };
        if !written.contains_key(&key) {
            let files = splitter.write(record, &file).map_err(at(&path.join(&file)))?;
            written.insert(key.clone(), files);
        }
        let files = written.get(&key).into_iter().flatten();
        items.extend(files.map(|name| item(&record.at(within(folder, name)))));
        changes.entry(mark.file).or_default().push((mark.value_range(), items.join(",\n        ")));
    }
    for (number, text) in (0..).zip(&session.texts) {
        let to = draft.0.join(&*text.name);
        let changed = changed(&text.text, changes.remove(&number).unwrap_or_default());
        fs::create_dir_all(to.parent().unwrap_or(&draft.0))
            .and_then(|()| fs::write(&to, changed))
            .map_err(at(&to))?;
    }
    let again = super::load_observed(&draft.0, observer);
    if again.facts.map(|facts| facts.content_hash()).as_ref() != Some(&hash) {
        let why =
            "what was written does not read back to the same content hash: did the dataset change meanwhile?";
        return Err(CutError::Refused(why.to_string()));
    }
    draft.keep(into).map_err(at(into))?;
    Ok(cut)
}

/// A file relative to a folder that it lies in.
fn within(folder: &str, file: &str) -> String {
    file.strip_prefix(folder).unwrap_or(file).to_string()
}

/// A table as a file in RON names it.
fn item(record: &TableRecord) -> String {
    let (name, more) = match record {
        TableRecord::Entities { .. } => ("Entities", ""),
        TableRecord::Supplies { weight: WeightRecord::Amount, .. } => ("Supplies", ""),
        TableRecord::Supplies { weight: WeightRecord::ShareOfCost, .. } => {
            ("Supplies", ", weight: ShareOfCost")
        }
        TableRecord::Sells { .. } => ("Sells", ""),
        TableRecord::Flows { .. } => ("Flows", ""),
        TableRecord::Exposures { .. } => ("Exposures", ""),
        TableRecord::Sectors { .. } => ("Sectors", ""),
        TableRecord::Essentiality { .. } => ("Essentiality", ""),
        TableRecord::Shocks { .. } => ("Shocks", ""),
    };
    format!("{name}(file: {:?}{more})", record.file())
}

/// A text with some stretches replaced.
fn changed(text: &str, mut changes: Vec<(std::ops::Range<usize>, String)>) -> String {
    changes.sort_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (String::new(), 0);
    for (range, new) in changes {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

impl Share {
    fn new(part: &[u16], links: &[Link], count: u16) -> Self {
        let mut share = Self {
            entities: vec![0; usize::from(count)],
            links: vec![0; usize::from(count)],
            crossing: 0,
            needed: 0,
        };
        let of = |at: u32| usize::from(part[at as usize]);
        part.iter().for_each(|own| share.entities[usize::from(*own)] += 1);
        for link in links {
            let (from, to) = (of(link.from.0), of(link.to.0));
            share.links[from] += 1;
            if from != to {
                share.links[to] += 1;
                share.crossing += 1;
            }
        }
        let both = links.iter().flat_map(|link| [(link.from.0, link.to.0), (link.to.0, link.from.0)]);
        let rows = Rows::new(part.len(), both);
        // the entity for which a part was counted last
        let mut counted = vec![u32::MAX; usize::from(count)];
        for entity in 0..part.len() as u32 {
            for end in rows.of(entity) {
                let other = of(*end);
                if other != of(entity) && std::mem::replace(&mut counted[other], entity) != entity {
                    share.needed += 1;
                }
            }
        }
        share
    }
}

/// A folder that goes unless it is kept.
struct Draft(PathBuf);

impl Draft {
    fn beside(path: &Path) -> io::Result<Self> {
        let whole = std::path::absolute(path)?;
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let draft = whole.with_file_name(format!(".{name}.{}.draft", std::process::id()));
        fs::create_dir_all(&draft)?;
        Ok(Self(draft))
    }

    fn keep(self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            fs::remove_dir(path)?;
        }
        fs::rename(&self.0, path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // kept, it is not there any more
        let _ = fs::remove_dir_all(&self.0);
    }
}
