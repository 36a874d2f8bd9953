//! A process's tie to the others, over `timely`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic;
use std::path::PathBuf;
use std::process::exit;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::{self, Thread};
use std::time::Duration;

use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::allocator::{AllocatorBuilder, ProcessBuilder};
use timely::communication::{Hooks, WorkerGuards};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::InputHandle;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::operator::Operator;
use timely::dataflow::operators::{Exchange, Input, Inspect};

use super::desk::{Desk, Down, Up};
use super::parcels::{Arrivals, Bytes, Parcel};
use super::store::Store;
use super::{Hosts, sockets};
use crate::crew::Crew;
use crate::part::Exchange as Rounds;

pub use super::desk::Tale;

/// How long processes wait for each other at the start.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the tie looks whether there is something to tell.
const LOOK: Duration = Duration::from_millis(1);
/// What is said where a line to the others is gone.
const BROKE: &str = "the tie to the other processes broke";
/// So long a process that knows why lives on, so that the others hear it from the desk and not from a closed line.
const FAREWELL: Duration = Duration::from_millis(400);

/// Who takes part, and in what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where all listen.
    pub hosts: Hosts,
    /// Which of them this is.
    pub process: usize,
    /// The question, the data and the program, in lines of `name: value`: the same for all, or nothing begins.
    pub about: String,
    /// Where finished pieces are kept, and found where a run was cut off. Process 0 looks there.
    pub resume: Option<PathBuf>,
}

/// What a process sends.
enum Out {
    /// To the desk.
    Word(Up),
    /// To another process, past the desk.
    Parcel(Parcel),
}

/// What comes to a process.
enum In {
    /// From the desk.
    Word(Down),
    /// From another process.
    Parcel(Parcel),
}

/// What has come to a process and not been asked for yet.
struct Incoming {
    line: Receiver<In>,
    words: VecDeque<Down>,
    parcels: Arrivals,
}

impl Incoming {
    /// The next word, keeping parcels for later; `None` where the line broke.
    fn word(&mut self) -> Option<Down> {
        while self.words.is_empty() {
            self.wait()?;
        }
        self.words.pop_front()
    }

    /// The next parcel of each process, keeping words for later: but the word that the run is over comes first.
    fn round(&mut self, processes: usize) -> Option<Result<Vec<Vec<u8>>, String>> {
        loop {
            if let Some(Down::Stop { why }) = self.words.iter().find(|word| matches!(word, Down::Stop { .. }))
            {
                return Some(Err(why.clone()));
            }
            if let Some(parcels) = self.parcels.round(processes) {
                return Some(Ok(parcels));
            }
            self.wait()?;
        }
    }

    fn wait(&mut self) -> Option<()> {
        match self.line.recv().ok()? {
            In::Word(down) => self.words.push_back(down),
            In::Parcel(parcel) => self.parcels.keep(parcel),
        }
        Some(())
    }
}

/// A process's tie to the others. What goes wrong on it ends the process with code 1 and a word on stderr: half of a
/// cluster has nothing to say.
pub struct Link {
    process: usize,
    processes: usize,
    up: Option<Sender<Out>>,
    down: Mutex<Incoming>,
    /// The thread that carries words, which sleeps while there are none.
    carrier: Thread,
    calls: Mutex<usize>,
    tales: Mutex<Vec<Tale>>,
    guards: Mutex<Option<WorkerGuards<()>>>,
}

impl Link {
    /// Ties up with the others and waits until all are there and ask the same.
    ///
    /// # Errors
    /// Somebody is not there in time or asks something else; an address cannot be listened on; the folder of finished
    /// pieces cannot be made.
    pub fn join(plan: &Plan) -> Result<Self, String> {
        let process = plan.process;
        let store = match plan.resume.as_deref().filter(|_| process == 0) {
            Some(folder) => Some(
                Store::open(folder, &plan.about)
                    .map_err(|why| format!("--resume {}: {why}", folder.display()))?,
            ),
            None => None,
        };
        let addresses = plan.hosts.addresses();
        let sockets = sockets::connect(addresses, process, PATIENCE)?;
        end_with_the_others(process);
        let hooks = Hooks::default();
        let own = ProcessBuilder::new_typed_vector(1, hooks.refill.clone(), None);
        let (builders, guard) = initialize_networking_from_sockets(own, sockets, process, 1, hooks)
            .map_err(|why| format!("cannot use the connections: {why}"))?;
        let builders = builders.into_iter().map(AllocatorBuilder::Tcp).collect();
        let desk = Desk::new(addresses.len(), store);
        let (up, ups) = mpsc::channel();
        let (downs, down) = mpsc::channel();
        // taken by the only worker of the process
        let (told, threads) = mpsc::channel();
        let ends = Mutex::new(Some((ups, downs, desk, told)));
        let settings = timely::WorkerConfig::default().idle_spin(Duration::ZERO);
        let guards = timely::execute::execute_from(builders, Box::new(guard), settings, move |worker| {
            let taken = ends.lock().ok().and_then(|mut ends| ends.take());
            if let Some((ups, downs, desk, told)) = taken {
                // whoever made the channel waits for it
                let _ = told.send(thread::current());
                carry(worker, &ups, downs, desk);
            }
        })?;
        let carrier =
            threads.recv().map_err(|_| "the tie to the other processes did not begin".to_string())?;
        let incoming = Incoming { line: down, words: VecDeque::new(), parcels: Arrivals::default() };
        let link = Self {
            process,
            processes: addresses.len(),
            up: Some(up),
            down: Mutex::new(incoming),
            carrier,
            calls: Mutex::new(0),
            tales: Mutex::new(Vec::new()),
            guards: Mutex::new(Some(guards)),
        };
        link.tell(Up::Hello { process, about: plan.about.clone() });
        match link.hear() {
            Down::Go => Ok(link),
            _ => link.lost("the cluster began in the wrong order"),
        }
    }

    /// Whether this is the process that shows and writes the answer.
    pub fn is_first(&self) -> bool {
        self.process == 0
    }

    /// What each process has done so far, as told with the last shared work.
    pub fn tales(&self) -> Vec<Tale> {
        self.tales.lock().map(|tales| tales.clone()).unwrap_or_default()
    }

    /// Tells the others that this process cannot go on.
    pub fn fail(&self, why: &str) {
        self.tell(Up::Failed { why: format!("process {}: {why}", self.process) });
        std::thread::sleep(FAREWELL);
    }

    fn tell(&self, up: Up) {
        self.send([Out::Word(up)]);
    }

    fn send(&self, all: impl IntoIterator<Item = Out>) {
        for out in all {
            if self.up.as_ref().is_none_or(|line| line.send(out).is_err()) {
                self.lost::<()>(BROKE);
            }
        }
        self.carrier.unpark();
    }

    /// The next word of the desk; the end of the run ends the process.
    fn hear(&self) -> Down {
        let heard = self.down.lock().ok().and_then(|mut down| down.word());
        match heard {
            Some(Down::Stop { why }) => self.lost(&why),
            Some(down) => down,
            None => self.lost(BROKE),
        }
    }

    fn lost<T>(&self, why: &str) -> T {
        // one tells for all; the others are told apart only where they alone know
        if self.process == 0 {
            eprintln!("error: {why}");
        }
        std::thread::sleep(FAREWELL);
        exit(1)
    }
}

impl Drop for Link {
    /// Leaves when all do.
    fn drop(&mut self) {
        self.up.take();
        if let Some(guards) = self.guards.lock().ok().and_then(|mut guards| guards.take()) {
            drop(guards.join());
        }
    }
}

impl Crew for Link {
    fn share(&self, pieces: usize, work: &dyn Fn(usize) -> Vec<u8>, done: &dyn Fn()) -> Vec<Vec<u8>> {
        let call = match self.calls.lock() {
            Ok(mut calls) => {
                *calls += 1;
                *calls - 1
            }
            Err(_) => return self.lost("a thread of this process ended early"),
        };
        self.tell(Up::Ready { process: self.process, call, pieces });
        loop {
            match self.hear() {
                Down::Piece { piece } => {
                    let result = work(piece);
                    self.tell(Up::Done { process: self.process, call, piece, result, peak: peak_memory() });
                }
                Down::Progress { done: more } => (0..more).for_each(|_| done()),
                Down::All { results, tales } => {
                    if let Ok(mut own) = self.tales.lock() {
                        *own = tales;
                    }
                    return results;
                }
                Down::Go | Down::Stop { .. } => return self.lost("the cluster went on in the wrong order"),
            }
        }
    }
}

impl Rounds for Link {
    fn processes(&self) -> usize {
        self.processes
    }

    fn process(&self) -> usize {
        self.process
    }

    fn exchange(&self, parcels: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let parcels = parcels.into_iter().enumerate();
        self.send(
            parcels.map(|(to, bytes)| Out::Parcel(Parcel { from: self.process, to, bytes: Bytes(bytes) })),
        );
        match self.down.lock().ok().and_then(|mut down| down.round(self.processes)) {
            Some(Ok(parcels)) => parcels,
            Some(Err(why)) => self.lost(&why),
            None => self.lost(BROKE),
        }
    }
}

/// Carries words up and down until the process has no more to say and all others have left.
fn carry(worker: &mut timely::worker::Worker, ups: &Receiver<Out>, downs: Sender<In>, desk: Desk) {
    let mut input = InputHandle::<u64, CapacityContainerBuilder<Vec<Up>>>::new();
    let mut post = InputHandle::<u64, CapacityContainerBuilder<Vec<Parcel>>>::new();
    let arrives = downs.clone();
    let desk = RefCell::new(desk);
    worker.dataflow::<u64, _, _>(|scope| {
        scope
            .input_from(&mut input)
            .exchange(|_: &Up| 0)
            .unary::<CapacityContainerBuilder<Vec<(u64, Down)>>, _, _, _>(Pipeline, "desk", move |_, _| {
                move |input, output| {
                    input.for_each_stamp(|cap, heard| {
                        let mut desk = desk.borrow_mut();
                        let said = heard.flat_map(|words| words.drain(..)).flat_map(|up| desk.hear(up));
                        let said: Vec<(u64, Down)> =
                            said.map(|(process, down)| (process as u64, down)).collect();
                        output.session(&cap).give_iterator(said.into_iter());
                    });
                }
            })
            .exchange(|(process, _): &(u64, Down)| *process)
            .inspect(move |(_, down)| {
                // a process that has left hears nothing more
                let _ = downs.send(In::Word(down.clone()));
            });
    });
    worker.dataflow::<u64, _, _>(|scope| {
        scope.input_from(&mut post).exchange(|parcel: &Parcel| parcel.to as u64).inspect(move |parcel| {
            // as above
            let _ = arrives.send(In::Parcel(parcel.clone()));
        });
    });
    let mut time = 0;
    loop {
        match ups.try_recv() {
            // words leave when their time is over
            Ok(out) => {
                time += 1;
                match out {
                    Out::Word(up) => input.send(up),
                    Out::Parcel(parcel) => post.send(parcel),
                }
                input.advance_to(time);
                post.advance_to(time);
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => break,
        }
        worker.step_or_park(Some(LOOK));
    }
}

/// When another process ends early, this one ends too. `timely` tells it by a panic on a thread of its own, which would
/// leave the others waiting.
fn end_with_the_others(process: usize) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let own = std::thread::current();
        if !own.name().is_some_and(|name| name.starts_with("timely:")) {
            return usual(info);
        }
        eprintln!(
            "error: process {process}: another process of the cluster ended early; finished pieces are kept where --resume says"
        );
        exit(1);
    }));
}

/// The most memory that this process has had, bytes; 0 where the system does not tell.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
