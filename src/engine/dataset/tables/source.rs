//! Where the rows of a table come from, some thousands at a time.

use std::io::Read;

use super::super::files::{MAX_TABLE_BYTES, OpenError, Origin};
use super::parts::{Claims, Keep};

/// Rows that are looked at side by side.
const BATCH: usize = 16_384;

/// Rows that have been read and not been looked at, in buffers that are used again.
#[derive(Default)]
pub struct Batch {
    records: Vec<csv::StringRecord>,
    /// How many of them hold a row.
    rows: usize,
    /// Why reading stopped after them.
    pub stopped: Option<Stopped>,
}

/// Why reading stopped.
pub enum Stopped {
    /// The table has no more rows.
    End,
    /// A row that cannot be read.
    Refused(csv::Error),
    /// The rest of the file cannot be read.
    #[cfg(feature = "parquet")]
    Broken(String),
}

impl Stopped {
    /// Whether nothing more can be read.
    pub fn ends(&self) -> bool {
        match self {
            Self::End => true,
            Self::Refused(error) => error.is_io_error(),
            #[cfg(feature = "parquet")]
            Self::Broken(_) => true,
        }
    }
}

impl Batch {
    /// The rows.
    pub fn records(&self) -> &[csv::StringRecord] {
        self.records.get(..self.rows).unwrap_or_default()
    }

    /// Reads the next rows.
    pub fn fill(&mut self, source: &mut Source) {
        (self.rows, self.stopped) = (0, None);
        match source {
            Source::Csv(reader) => {
                while self.rows < BATCH && self.stopped.is_none() {
                    if self.records.len() == self.rows {
                        self.records.push(csv::StringRecord::new());
                    }
                    let Some(record) = self.records.get_mut(self.rows) else { return };
                    match reader.read_record(record) {
                        Ok(true) => self.rows += 1,
                        Ok(false) => self.stopped = Some(Stopped::End),
                        Err(error) => self.stopped = Some(Stopped::Refused(error)),
                    }
                }
            }
            #[cfg(feature = "parquet")]
            Source::Parquet(rows) => match rows.fill(&mut self.records) {
                Ok(0) => self.stopped = Some(Stopped::End),
                Ok(count) => self.rows = count,
                Err(why) => self.stopped = Some(Stopped::Broken(why)),
            },
        }
    }
}

/// Where rows come from.
pub enum Source<'t> {
    /// Values separated by commas.
    Csv(Box<csv::Reader<Box<dyn Read + Send + 't>>>),
    /// Columns.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Rows>),
}

impl Source<'_> {
    /// What the file says of the parts of its rows, where it can be relied upon.
    pub fn claims(&self) -> Option<Claims> {
        match self {
            Self::Csv(_) => None,
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.claims(),
        }
    }
}

/// Why a table cannot be read at all.
pub enum Closed {
    /// The file cannot be had.
    Open(OpenError),
    /// The header cannot be read.
    Header(csv::Error),
    /// It is no Parquet, or this program does not read that.
    Format(String),
}

/// Opens a table: its rows, and the names of its columns. Rows that are not wanted may be left out, where the file says which.
pub fn open<'t>(
    origin: &'t Origin<'t>,
    file: &str,
    keep: Option<&Keep>,
) -> Result<(Source<'t>, csv::StringRecord), Closed> {
    if file.ends_with(".parquet") {
        return open_parquet(origin, file, keep);
    }
    let input = origin.open(file, MAX_TABLE_BYTES).map_err(Closed::Open)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let header = reader.headers().map_err(Closed::Header)?.clone();
    Ok((Source::Csv(Box::new(reader)), header))
}

#[cfg(feature = "parquet")]
fn open_parquet<'t>(
    origin: &Origin,
    file: &str,
    keep: Option<&Keep>,
) -> Result<(Source<'t>, csv::StringRecord), Closed> {
    let file = origin.file(file, MAX_TABLE_BYTES).map_err(Closed::Open)?;
    let rows = super::parquet::Rows::open(file, BATCH, keep).map_err(Closed::Format)?;
    let header = rows.header().clone();
    Ok((Source::Parquet(Box::new(rows)), header))
}

#[cfg(not(feature = "parquet"))]
fn open_parquet<'t>(
    _: &Origin,
    _: &str,
    _: Option<&Keep>,
) -> Result<(Source<'t>, csv::StringRecord), Closed> {
    let why = "this program was built without Parquet; build it with `--features parquet`, or write the table as CSV";
    Err(Closed::Format(why.to_string()))
}
