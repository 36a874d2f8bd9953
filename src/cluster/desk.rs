//! Who does what next: kept by process 0, told what the others have done.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::store::Store;

/// What a process tells the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Up {
    /// It is there and asks this.
    Hello {
        /// Its number.
        process: usize,
        /// The question, the data and the program, in lines of `name: value`.
        about: String,
    },
    /// It has come to shared work.
    Ready {
        /// Its number.
        process: usize,
        /// How many shared works came before.
        call: usize,
        /// Into how many pieces the work is cut.
        pieces: usize,
    },
    /// It has done a piece.
    Done {
        /// Its number.
        process: usize,
        /// Of which shared work.
        call: usize,
        /// Which piece.
        piece: usize,
        /// The result.
        result: Vec<u8>,
        /// The most memory that it has had so far, bytes; 0 where nobody tells.
        peak: u64,
    },
    /// It cannot go on.
    Failed {
        /// Why.
        why: String,
    },
}

/// What the desk tells a process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Down {
    /// All are there and ask the same.
    Go,
    /// Do this piece.
    Piece {
        /// Which.
        piece: usize,
    },
    /// So many pieces are done, by whoever. To process 0 only.
    Progress {
        /// How many more than told before.
        done: usize,
    },
    /// All pieces are done.
    All {
        /// The results, in their order.
        results: Vec<Vec<u8>>,
        /// Who did how much.
        tales: Vec<Tale>,
    },
    /// The run is over.
    Stop {
        /// Why.
        why: String,
    },
}

/// What a process has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tale {
    /// Pieces of shared work.
    pub pieces: usize,
    /// The most memory that it has had, bytes; 0 where nobody tells.
    pub peak: u64,
}

/// How many pieces a process has before it: one in hand, one to go on with.
const AHEAD: usize = 2;

/// The desk of process 0.
#[derive(Debug)]
pub struct Desk {
    abouts: Vec<Option<String>>,
    tales: Vec<Tale>,
    store: Option<Store>,
    /// Shared works that not everybody has the results of: who is slow may come to one when others are at the next.
    works: BTreeMap<usize, Work>,
    over: bool,
}

/// A shared work under way, or done and not yet given to all.
#[derive(Debug)]
struct Work {
    waiting: VecDeque<usize>,
    results: Vec<Option<Vec<u8>>>,
    left: usize,
    /// Who has come to it.
    ready: Vec<bool>,
}

impl Desk {
    /// A desk for so many processes, which keeps what is done where it is told.
    pub fn new(processes: usize, store: Option<Store>) -> Self {
        let abouts = vec![None; processes];
        Self { abouts, tales: vec![Tale::default(); processes], store, works: BTreeMap::new(), over: false }
    }

    /// Hears one thing, says what follows and to whom.
    pub fn hear(&mut self, up: Up) -> Vec<(usize, Down)> {
        if self.over {
            return Vec::new();
        }
        let said = match up {
            Up::Hello { process, about } => self.hello(process, about),
            Up::Ready { process, call, pieces } => self.ready(process, call, pieces),
            Up::Done { process, call, piece, result, peak } => self.done(process, call, piece, result, peak),
            Up::Failed { why } => Err(why),
        };
        said.unwrap_or_else(|why| {
            self.over = true;
            self.everybody(&Down::Stop { why })
        })
    }

    fn everybody(&self, down: &Down) -> Vec<(usize, Down)> {
        (0..self.abouts.len()).map(|process| (process, down.clone())).collect()
    }

    /// Nothing begins before all are there and ask the same.
    fn hello(&mut self, process: usize, about: String) -> Result<Vec<(usize, Down)>, String> {
        if let Some(place) = self.abouts.get_mut(process) {
            *place = Some(about);
        }
        let Some(abouts) = self.abouts.iter().map(Option::as_deref).collect::<Option<Vec<&str>>>() else {
            return Ok(Vec::new());
        };
        let first = abouts.first().copied().unwrap_or_default();
        match abouts.iter().position(|other| *other != first) {
            Some(other) => Err(differs(first, abouts.get(other).copied().unwrap_or_default(), other)),
            None => Ok(self.everybody(&Down::Go)),
        }
    }

    fn ready(&mut self, process: usize, call: usize, pieces: usize) -> Result<Vec<(usize, Down)>, String> {
        let mut said = Vec::new();
        let begun = self.works.contains_key(&call);
        if !begun {
            let work = Work::begin(call, pieces, self.abouts.len(), self.store.as_ref())?;
            let found = pieces - work.left;
            said.extend((found > 0).then_some((0, Down::Progress { done: found })));
            self.works.insert(call, work);
        }
        let Some(work) = self.works.get_mut(&call) else { return Ok(said) };
        if work.results.len() != pieces {
            return Err(format!(
                "process {process} cuts the work into {pieces} pieces, another one into {}: the data or the options differ",
                work.results.len()
            ));
        }
        if let Some(ready) = work.ready.get_mut(process) {
            *ready = true;
        }
        if work.left == 0 {
            said.push((process, work.all(&self.tales)));
            self.forget(call);
            return Ok(said);
        }
        let hand = |piece| (process, Down::Piece { piece });
        said.extend((0..AHEAD).filter_map(|_| work.waiting.pop_front()).map(hand));
        Ok(said)
    }

    fn done(
        &mut self,
        process: usize,
        call: usize,
        piece: usize,
        result: Vec<u8>,
        peak: u64,
    ) -> Result<Vec<(usize, Down)>, String> {
        if let Some(tale) = self.tales.get_mut(process) {
            tale.pieces += 1;
            tale.peak = tale.peak.max(peak);
        }
        let Some(work) = self.works.get_mut(&call) else { return Ok(Vec::new()) };
        let Some(place) = work.results.get_mut(piece).filter(|place| place.is_none()) else {
            // done twice counts once
            return Ok(Vec::new());
        };
        if let Some(store) = &self.store {
            store.write(call, piece, &result)?;
        }
        *place = Some(result);
        work.left -= 1;
        let mut said = vec![(0, Down::Progress { done: 1 })];
        if let Some(piece) = work.waiting.pop_front() {
            said.push((process, Down::Piece { piece }));
        }
        if work.left == 0 {
            let all = work.all(&self.tales);
            let there = work.ready.iter().enumerate().filter(|(_, ready)| **ready);
            said.extend(there.map(|(process, _)| (process, all.clone())));
            self.forget(call);
        }
        Ok(said)
    }

    /// Drops a work whose results everybody has been given.
    fn forget(&mut self, call: usize) {
        if self.works.get(&call).is_some_and(|work| work.left == 0 && work.ready.iter().all(|ready| *ready)) {
            self.works.remove(&call);
        }
    }
}

impl Work {
    /// A work of so many pieces, of which some may have been kept.
    fn begin(call: usize, pieces: usize, processes: usize, store: Option<&Store>) -> Result<Self, String> {
        let mut results: Vec<Option<Vec<u8>>> = vec![None; pieces];
        let mut waiting = VecDeque::new();
        for (piece, result) in results.iter_mut().enumerate() {
            *result = store.map(|store| store.read(call, piece)).transpose()?.flatten();
            if result.is_none() {
                waiting.push_back(piece);
            }
        }
        Ok(Self { left: waiting.len(), waiting, results, ready: vec![false; processes] })
    }

    fn all(&self, tales: &[Tale]) -> Down {
        Down::All { results: self.results.iter().flatten().cloned().collect(), tales: tales.to_vec() }
    }
}

/// What two processes do not agree on.
fn differs(first: &str, other: &str, process: usize) -> String {
    let mut lines = vec![format!("process {process} does not ask the same as process 0; nothing was begun")];
    for (own, others) in first.lines().zip(other.lines()).filter(|(own, others)| own != others) {
        lines.push(format!("  process 0: {own}"));
        lines.push(format!("  process {process}: {others}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(processes: usize) -> Desk {
        let mut desk = Desk::new(processes, None);
        for process in 0..processes {
            let said = desk.hear(Up::Hello { process, about: "data: x".into() });
            assert_eq!(said.len(), if process + 1 == processes { processes } else { 0 });
        }
        desk
    }

    fn done(desk: &mut Desk, process: usize, piece: usize) -> Vec<(usize, Down)> {
        desk.hear(Up::Done { process, call: 0, piece, result: vec![piece as u8], peak: 7 })
    }

    #[test]
    fn pieces_go_to_who_is_free_and_results_are_in_order() {
        let mut desk = desk(2);
        let first = desk.hear(Up::Ready { process: 1, call: 0, pieces: 5 });
        assert_eq!(first, [(1, Down::Piece { piece: 0 }), (1, Down::Piece { piece: 1 })]);
        assert_eq!(desk.hear(Up::Ready { process: 0, call: 0, pieces: 5 }).len(), 2);
        assert!(done(&mut desk, 0, 3).contains(&(0, Down::Piece { piece: 4 })));
        assert_eq!(done(&mut desk, 0, 3), [], "done twice counts once");
        for (process, piece) in [(0, 4), (1, 0), (1, 1)] {
            assert_eq!(done(&mut desk, process, piece).len(), 1);
        }
        let last = done(&mut desk, 0, 2);
        let Some((1, Down::All { results, tales })) = last.last() else { panic!("{last:?}") };
        assert_eq!(*results, (0..5).map(|piece| vec![piece]).collect::<Vec<_>>());
        assert_eq!(tales.iter().map(|tale| tale.pieces).sum::<usize>(), 6);
    }

    #[test]
    fn who_asks_something_else_stops_all_before_anything_begins() {
        let mut desk = Desk::new(2, None);
        desk.hear(Up::Hello { process: 0, about: "version: 1\ndata: x".into() });
        let said = desk.hear(Up::Hello { process: 1, about: "version: 1\ndata: y".into() });
        let [(0, Down::Stop { why }), (1, Down::Stop { .. })] = said.as_slice() else { panic!("{said:?}") };
        assert!(why.contains("process 0: data: x\n  process 1: data: y"), "{why}");
        assert_eq!(desk.hear(Up::Ready { process: 0, call: 0, pieces: 1 }), []);
    }

    #[test]
    fn who_comes_late_is_given_what_the_others_have_done() {
        let mut desk = desk(2);
        desk.hear(Up::Ready { process: 0, call: 0, pieces: 2 });
        done(&mut desk, 0, 0);
        let last = done(&mut desk, 0, 1);
        let all = last.iter().filter(|(_, down)| matches!(down, Down::All { .. }));
        assert_eq!(all.map(|(process, _)| *process).collect::<Vec<_>>(), [0]);
        // the first goes on to the next work before the second comes to this one
        assert_eq!(desk.hear(Up::Ready { process: 0, call: 1, pieces: 3 }).len(), 2);
        let late = desk.hear(Up::Ready { process: 1, call: 0, pieces: 2 });
        let [(1, Down::All { results, .. })] = late.as_slice() else { panic!("{late:?}") };
        assert_eq!(*results, [vec![0], vec![1]]);
        let next = desk.hear(Up::Ready { process: 1, call: 1, pieces: 3 });
        assert_eq!(next, [(1, Down::Piece { piece: 2 })]);
    }

    #[test]
    fn a_work_of_no_pieces_is_done_at_once() {
        let mut desk = desk(1);
        let said = desk.hear(Up::Ready { process: 0, call: 0, pieces: 0 });
        assert!(matches!(said.as_slice(), [(0, Down::All { results, .. })] if results.is_empty()));
        // and the next one begins anew
        assert_eq!(desk.hear(Up::Ready { process: 0, call: 1, pieces: 3 }).len(), 2);
    }
}
