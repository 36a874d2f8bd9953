//! What a file of links in Parquet says of the parts of its rows.

use super::super::files::MAX_TABLE_BYTES;
use super::super::owner;
use super::parts::{Claims, Keep, Parts};
use super::{Table, parquet};

/// The keys under which a file says it.
const PART: &str = "linchpin.part";
#[cfg(feature = "cluster")]
const PARTS: &str = "linchpin.parts";
const GROUPS: &str = "linchpin.groups";
const ENTITIES: &str = "linchpin.entities";

/// What a file says of itself.
pub struct Said {
    part: u16,
    /// For each group of rows the part of its suppliers, and how many rows it has.
    groups: Vec<(u16, u64)>,
    mark: String,
}

impl Said {
    /// What a file is to say: the part of its customers, of how many, each group's part of the suppliers and number of rows, and the
    /// fingerprint of the entities.
    #[cfg(feature = "cluster")]
    pub fn words(part: u16, parts: u16, groups: &[(u16, u64)], mark: &str) -> [(&'static str, String); 4] {
        let groups: Vec<String> = groups.iter().map(|(part, rows)| format!("{part}:{rows}")).collect();
        [
            (PART, part.to_string()),
            (PARTS, parts.to_string()),
            (GROUPS, groups.join(" ")),
            (ENTITIES, mark.to_string()),
        ]
    }

    /// What a file says, by the values of its keys; `None` where it says nothing of the sort.
    pub fn read<'v>(get: impl Fn(&str) -> Option<&'v str>) -> Option<Self> {
        let group = |text: &str| {
            let (part, rows) = text.split_once(':')?;
            Some((part.parse().ok()?, rows.parse().ok()?))
        };
        let groups: Option<Vec<(u16, u64)>> = get(GROUPS)?.split(' ').map(group).collect();
        Some(Self { part: get(PART)?.parse().ok()?, groups: groups?, mark: get(ENTITIES)?.to_string() })
    }

    /// Whether the groups of the file have the rows that it speaks of.
    pub fn has_groups_of(&self, rows: impl Iterator<Item = i64>) -> bool {
        let said = self.groups.iter().map(|(_, rows)| i64::try_from(*rows).unwrap_or(-1));
        said.eq(rows)
    }

    /// What it says of each row.
    pub fn claims(&self) -> Claims {
        let mut next = 1;
        let groups = self.groups.iter().map(|(part, rows)| {
            let first = next;
            next += rows;
            (first, *part)
        });
        Claims { part: self.part, groups: groups.collect() }
    }

    /// The fingerprint of the entities that it was cut by.
    pub fn mark(&self) -> &str {
        &self.mark
    }
}

impl Parts {
    /// Whether a file was cut by these parts.
    pub fn is_cut_by(&self, said: &Said) -> bool {
        said.mark == self.mark
    }
}

impl Keep<'_> {
    /// Whether the rows of a group may have an end in the part of this process.
    pub fn wants(&self, said: &Said, group: usize) -> bool {
        let own = |part: u16| owner(part, self.parts.count, self.part.processes()) == self.part.process();
        self.part.is_whole() || own(said.part) || said.groups.get(group).is_none_or(|(part, _)| own(*part))
    }
}

impl Table<'_> {
    /// Whether the file was cut by these parts of these entities, so that it names no others.
    pub fn is_cut_by(&self, mark: &str) -> bool {
        let file = self.file.ends_with(".parquet").then(|| self.origin.file(&self.file, MAX_TABLE_BYTES));
        let said = file.and_then(|file| parquet::said_of(file.ok()?));
        said.is_some_and(|said| said.mark() == mark)
    }
}
