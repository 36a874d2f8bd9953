//! Threads that exchange as processes do.

use std::sync::Arc;

use super::{Exchange, Part};

/// Threads that exchange as processes do.
#[derive(Debug)]
pub struct Together {
    process: usize,
    senders: Vec<std::sync::mpsc::Sender<(usize, Vec<u8>)>>,
    receiver: std::sync::Mutex<Heard>,
}

/// What has come, some of it of a later round.
#[derive(Debug)]
struct Heard {
    receiver: std::sync::mpsc::Receiver<(usize, Vec<u8>)>,
    waiting: Vec<std::collections::VecDeque<Vec<u8>>>,
}

impl Together {
    /// One end for each of so many threads.
    pub fn of(processes: usize) -> Vec<Self> {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..processes).map(|_| std::sync::mpsc::channel()).unzip();
        let ends = receivers.into_iter().enumerate().map(|(process, receiver)| Self {
            process,
            senders: senders.clone(),
            receiver: std::sync::Mutex::new(Heard { receiver, waiting: vec![Default::default(); processes] }),
        });
        ends.collect()
    }

    /// Runs `work` on so many threads, each with its part of the entities as `owner` says, and gives the results.
    pub fn run<T: Send>(processes: usize, owner: &[u16], work: impl Fn(&Part) -> T + Sync) -> Vec<T> {
        let ends = Self::of(processes);
        std::thread::scope(|scope| {
            let start = |end: Self| {
                let part = Part::new(Arc::new(end), owner.to_vec());
                let work = &work;
                scope.spawn(move || work(&part))
            };
            let running: Vec<_> = ends.into_iter().map(start).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).collect()
        })
    }
}

impl Exchange for Together {
    fn processes(&self) -> usize {
        self.senders.len()
    }

    fn process(&self) -> usize {
        self.process
    }

    fn exchange(&self, parcels: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        for (sender, parcel) in self.senders.iter().zip(parcels) {
            // a thread that has ended waits for nothing
            let _ = sender.send((self.process, parcel));
        }
        let Ok(mut heard) = self.receiver.lock() else { return vec![Vec::new(); self.processes()] };
        let Heard { receiver, waiting } = &mut *heard;
        while waiting.iter().any(std::collections::VecDeque::is_empty) {
            let Ok((from, parcel)) = receiver.recv() else { break };
            if let Some(list) = waiting.get_mut(from) {
                list.push_back(parcel);
            }
        }
        waiting.iter_mut().map(|list| list.pop_front().unwrap_or_default()).collect()
    }
}
