//! Processes that share the work of a command: started on this machine, and what they read cut into parts.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::cut::CutInto;
use super::exit::{Exit, Stop};
use super::session::Session;

/// Run a command on several processes that share its work.
#[derive(Debug, clap::Args)]
pub struct Cluster {
    #[command(subcommand)]
    place: Place,
}

/// Where the processes run, or what is made ready for them.
#[derive(Debug, clap::Subcommand)]
enum Place {
    /// Start them on this machine; the answer is that of one process, byte for byte
    Local(Local),
    /// Write a dataset cut into parts that few links cross, for --share links
    Cut(CutInto),
}

/// Start processes on this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin cluster local -n 4 -- systemic-risk --graph my-economy
  linchpin cluster local -n 4 -- report --graph my-economy -o out

The work of systemic-risk, compare, report, --draws, --what-moves and --sobol is shared.")]
struct Local {
    /// How many processes, 1 to 64
    #[arg(short = 'n', long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    processes: u16,
    /// The command that they share, as after `linchpin`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// How often to look whether a process has ended.
const LOOK: Duration = Duration::from_millis(20);
/// How long the others may take to end after one has failed.
const GRACE: Duration = Duration::from_secs(3);

impl Cluster {
    /// Starts the processes and waits for them, or cuts the dataset.
    ///
    /// # Errors
    /// A process cannot be started; the dataset cannot be cut.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        match &self.place {
            Place::Local(local) => local.run(session),
            Place::Cut(cut) => cut.run(session),
        }
    }
}

impl Local {
    fn run(&self, session: &Session) -> Result<Exit, Stop> {
        let say = |why: std::io::Error| Stop::failed(format!("cannot start the processes: {why}"));
        let addresses = free_addresses(usize::from(self.processes)).map_err(say)?;
        let hosts = Draft::write(&addresses.join("\n")).map_err(say)?;
        let mut children = Children(Vec::new());
        for process in 0..self.processes {
            children.0.push(self.start(session, hosts.path(), process).map_err(say)?);
        }
        children.wait().map_err(say)
    }

    fn start(&self, session: &Session, hosts: &Path, process: u16) -> std::io::Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(&self.command).arg("--cluster").arg(hosts).arg("--process").arg(process.to_string());
        let says = |option: &str| {
            let long = format!("{option}=");
            self.command.iter().any(|word| word == option || word.to_string_lossy().starts_with(&long))
        };
        if !says("--threads") {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let each = (cores / usize::from(self.processes)).max(1);
            command.args(["--threads", &each.to_string()]);
        }
        if let Some(folder) = &session.options.resume {
            command.arg("--resume").arg(folder);
        }
        if process > 0 {
            // the first speaks for all
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        command.spawn()
    }
}

/// Addresses of this machine on which nobody listens.
fn free_addresses(count: usize) -> std::io::Result<Vec<String>> {
    let listeners: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.to_string())).collect()
}

/// The started processes; those that still run when it goes are ended.
struct Children(Vec<Child>);

impl Children {
    /// Waits for all. When one fails, the others are given a moment to end by themselves.
    fn wait(&mut self) -> std::io::Result<Exit> {
        let mut deadline: Option<Instant> = None;
        let mut failed: Option<(usize, std::process::ExitStatus)> = None;
        loop {
            let mut running = false;
            for (process, child) in self.0.iter_mut().enumerate() {
                match child.try_wait()? {
                    None => running = true,
                    Some(status) if !status.success() && failed.is_none() => {
                        failed = Some((process, status));
                        deadline = Some(Instant::now() + GRACE);
                    }
                    Some(_) => {}
                }
            }
            if !running || deadline.is_some_and(|deadline| Instant::now() > deadline) {
                break;
            }
            sleep(LOOK);
        }
        let Some((process, status)) = failed else { return Ok(Exit::Ok) };
        let first = self.0.first_mut().and_then(|child| child.try_wait().ok().flatten());
        let code = first.and_then(|status| status.code());
        // what is wrong with the command the first process has told
        if let Some(exit) = code.and_then(Exit::of).filter(|exit| *exit != Exit::Ok) {
            return Ok(exit);
        }
        eprintln!("error: process {process} ended early ({status}); the run is over");
        Ok(Exit::Failed)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // one that has ended is not there to be ended
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A file that goes when it is no longer needed.
struct Draft(std::path::PathBuf);

impl Draft {
    fn write(text: &str) -> std::io::Result<Self> {
        let draft = Self(std::env::temp_dir().join(format!("linchpin-hosts-{}", std::process::id())));
        std::fs::write(&draft.0, text)?;
        Ok(draft)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // left behind it harms nobody
        let _ = std::fs::remove_file(&self.0);
    }
}
