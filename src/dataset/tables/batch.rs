//! Rows of a table as they are read, some thousands at a time.

use std::io::Read;

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
}

impl Stopped {
    /// Whether nothing more can be read.
    pub fn ends(&self) -> bool {
        match self {
            Self::End => true,
            Self::Refused(error) => error.is_io_error(),
        }
    }
}

impl Batch {
    /// The rows.
    pub fn records(&self) -> &[csv::StringRecord] {
        self.records.get(..self.rows).unwrap_or_default()
    }

    /// Reads the next rows.
    pub fn fill(&mut self, reader: &mut csv::Reader<impl Read>) {
        (self.rows, self.stopped) = (0, None);
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
}
