//! Finished pieces on disk, from which a run that was cut off goes on.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A folder of finished pieces of one question. Every file is there whole or not at all, and says what it holds.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Bytes of the digest before a result.
const DIGEST: usize = 32;

impl Store {
    /// The pieces of a question in a folder, which is made where it is not there. Pieces of other questions lie beside
    /// them and are left alone.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path, about: &str) -> io::Result<Self> {
        let key: String = Sha256::digest(about).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let folder = folder.join(key);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("about.txt"), about)?;
        Ok(Self { folder })
    }

    fn file(&self, call: usize, piece: usize) -> PathBuf {
        self.folder.join(format!("{call}-{piece}"))
    }

    /// A piece that is finished. One that is damaged is done again.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(&self, call: usize, piece: usize) -> Result<Option<Vec<u8>>, String> {
        let file = self.file(call, piece);
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(format!("cannot read {}: {why}", file.display())),
        };
        let whole = bytes.split_at_checked(DIGEST).filter(|(digest, own)| **digest == *Sha256::digest(own));
        Ok(whole.map(|(_, own)| own.to_vec()))
    }

    /// Keeps a piece: under another name first, so that it is never there by half.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, call: usize, piece: usize, result: &[u8]) -> Result<(), String> {
        let file = self.file(call, piece);
        let draft = file.with_extension("part");
        let keep = || {
            let mut out = fs::File::create(&draft)?;
            out.write_all(&Sha256::digest(result))?;
            out.write_all(result)?;
            out.sync_all()?;
            fs::rename(&draft, &file)
        };
        keep().map_err(|why: io::Error| format!("cannot keep {}: {why}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_comes_back_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("linchpin-store-{}", std::process::id()));
        let store = Store::open(&folder, "data: x").unwrap();
        assert_eq!(store.read(0, 3), Ok(None));
        store.write(0, 3, b"result").unwrap();
        assert_eq!(store.read(0, 3), Ok(Some(b"result".to_vec())));
        assert_eq!(Store::open(&folder, "data: y").unwrap().read(0, 3), Ok(None), "another question");
        fs::write(store.file(0, 3), b"cut off").unwrap();
        assert_eq!(store.read(0, 3), Ok(None));
        fs::remove_dir_all(&folder).unwrap();
    }
}
