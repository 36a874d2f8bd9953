//! Parcels of a round: from every process to every process.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes from one process to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parcel {
    /// Who sends.
    pub from: usize,
    /// Who gets it.
    pub to: usize,
    /// What it holds.
    pub bytes: Bytes,
}

/// Bytes that are written in one piece, not one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Whole)
    }
}

/// Parcels that have come, some of them for rounds to come. Those of one sender come in the order in which it sent them.
#[derive(Debug, Default)]
pub struct Arrivals(BTreeMap<usize, VecDeque<Vec<u8>>>);

impl Arrivals {
    /// Keeps a parcel.
    pub fn keep(&mut self, parcel: Parcel) {
        self.0.entry(parcel.from).or_default().push_back(parcel.bytes.0);
    }

    /// The next parcel of each of so many processes, where all have come.
    pub fn round(&mut self, processes: usize) -> Option<Vec<Vec<u8>>> {
        let there = |from: usize| self.0.get(&from).is_some_and(|waiting| !waiting.is_empty());
        if !(0..processes).all(there) {
            return None;
        }
        let next = |from| self.0.get_mut(&from).and_then(VecDeque::pop_front).unwrap_or_default();
        Some((0..processes).map(next).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_there_when_all_have_sent() {
        let mut arrivals = Arrivals::default();
        let send = |arrivals: &mut Arrivals, from, byte| {
            arrivals.keep(Parcel { from, to: 0, bytes: Bytes(vec![byte]) });
        };
        send(&mut arrivals, 1, 1);
        send(&mut arrivals, 1, 2);
        assert_eq!(arrivals.round(2), None);
        send(&mut arrivals, 0, 3);
        assert_eq!(arrivals.round(2), Some(vec![vec![3], vec![1]]));
        assert_eq!(arrivals.round(2), None);
        send(&mut arrivals, 0, 4);
        assert_eq!(arrivals.round(2), Some(vec![vec![4], vec![2]]));
    }
}
