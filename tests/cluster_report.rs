//! Several processes that share the answers of a comparison or a report write the bytes of one.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// A folder with a small dataset and questions about it; it goes when the test is over.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("linchpin-shared-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for folder in ["q/what-ifs", "q/scenarios"].map(|inner| folder.join(inner)) {
            fs::create_dir_all(folder).expect("a folder");
        }
        let folder = Self(folder);
        folder.run(&["init", "economy"]).ends(0);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(words).current_dir(&self.0).env_remove("LINCHPIN_GRAPH");
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        Ended(self.command(words).output().expect("linchpin runs"))
    }

    /// The same on several processes.
    fn shared(&self, processes: &str, words: &[&str]) -> Ended {
        self.run(&[&["cluster", "local", "-n", processes, "--resume", "kept", "--"], words].concat())
    }

    /// All files below a folder, and when each was written.
    fn files(&self, name: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let (mut found, top) = (BTreeMap::new(), self.0.join(name));
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let (Ok(bytes), Ok(about)) = (fs::read(&path), entry.metadata()) {
                    let time = about.modified().expect("a time");
                    found.insert(path.strip_prefix(&top).expect("inside").to_path_buf(), (bytes, time));
                }
            }
        }
        found
    }

    fn bytes(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        self.files(name).into_iter().map(|(path, (bytes, _))| (path, bytes)).collect()
    }

    /// The pieces that are finished.
    fn pieces(&self) -> BTreeMap<PathBuf, SystemTime> {
        let files = self.files("kept").into_iter().filter(|(path, _)| path.extension().is_none());
        files.map(|(path, (_, time))| (path, time)).collect()
    }
}

struct Ended(Output);

impl Ended {
    fn ends(self, code: i32) -> Output {
        assert_eq!(self.0.status.code(), Some(code), "{}", String::from_utf8_lossy(&self.0.stderr));
        self.0
    }
}

const SHOCK: &str =
    "(title: \"Half a foundry\", question: \"What fails?\", ask: Shock(fail: [\"the-foundry=50%\"]),
    show: [Findings, Table()])";

#[test]
fn a_report_of_several_processes_has_the_bytes_of_one() {
    let folder = Folder::new("report");
    let report = |to: &'static str| ["report", "-g", "economy", "--also", "pdf,xlsx,md", "-o", to];
    folder.run(&report("one")).ends(0);
    let one = folder.bytes("one");
    assert!(one.len() > 80, "tables, figures and answers: {} files", one.len());
    folder.shared("2", &report("two")).ends(0);
    assert!(folder.bytes("two") == one);
    let pieces = folder.pieces();
    // others go on from what is finished, whatever the form
    folder.shared("4", &report("four")).ends(0);
    assert!(folder.bytes("four") == one);
    folder.shared("2", &["report", "-g", "economy", "-o", "alone.md"]).ends(0);
    folder.run(&["report", "-g", "economy", "-o", "one.md"]).ends(0);
    assert!(
        folder
            .files("")
            .get(Path::new("alone.md"))
            .is_some_and(|(alone, _)| { *alone == fs::read(folder.0.join("one.md")).expect("a report") })
    );
    assert_eq!(folder.pieces(), pieces, "finished pieces are not done again");
    folder.shared("2", &["report", "-g", "economy", "-o", "four", "--strict"]).ends(5);
    folder.shared("2", &["report", "-g", "economy", "-o", "economy"]).ends(2);
    folder.shared("2", &["report", "-g", "economy", "--share", "links"]).ends(2);
}

#[test]
fn a_comparison_of_several_processes_has_the_bytes_of_one() {
    let folder = Folder::new("compare");
    folder.write("q/shock.ron", SHOCK);
    folder.write("q/what-ifs/without.ron", "(title: \"Without\", changes: [RemoveEntity(\"new-cloud\")])");
    folder.write("q/what-ifs/wrong.ron", "(title: \"Wrong\", changes: [RemoveEntity(\"nobody\")])");
    let scenario = "(title: \"No cloud\", shocks: [(on: Entity(\"big-cloud\"), what: Failure, days: 9)])";
    folder.write("q/scenarios/stop.ron", scenario);
    let ask = |variant: &'static str| {
        ["compare", "q/shock.ron", "q/what-ifs/without.ron", variant, "-g", "economy", "--json"]
    };
    let alone = folder.run(&ask("q/scenarios/stop.ron")).ends(0).stdout;
    for processes in ["2", "4"] {
        assert!(folder.shared(processes, &ask("q/scenarios/stop.ron")).ends(0).stdout == alone);
    }
    assert_eq!(folder.pieces().len(), 3, "one for each variant and one for the base");
    let alone = folder.run(&ask("q/what-ifs/wrong.ron")).ends(2).stderr;
    let shared = folder.shared("2", &ask("q/what-ifs/wrong.ron")).ends(2).stderr;
    let told = |errors: &[u8]| String::from_utf8_lossy(errors).contains("there is no entity \"nobody\"");
    assert!(told(&alone) && told(&shared));
}

#[test]
fn a_killed_process_ends_a_report_everywhere_and_the_next_run_goes_on() {
    let folder = Folder::new("killed");
    let slow = SHOCK.replace("ask:", "uncertainty: (draws: 400), ask:");
    (0..12).for_each(|at| folder.write(&format!("q/slow-{at}.ron"), &slow));
    let report = ["report", "-g", "economy", "--queries", "q", "-o", "out"];
    let listeners: Vec<TcpListener> =
        (0..3).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let hosts = listeners.iter().map(|own| own.local_addr().expect("an address").to_string());
    folder.write("hosts", &hosts.collect::<Vec<_>>().join("\n"));
    drop(listeners);
    let start = |process: &str| -> Child {
        let cluster = ["--threads", "1", "--resume", "kept", "--cluster", "hosts", "--process", process];
        let mut command = folder.command(&[&report[..], &cluster].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("linchpin starts")
    };
    let mut processes = ["0", "1", "2"].map(start);
    let begun = Instant::now();
    while folder.pieces().len() < 2 && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(5));
    }
    processes[2].kill().expect("a process to kill");
    let before = folder.pieces();
    let [first, second, mut killed] = processes;
    killed.wait().expect("it ends");
    for process in [first, second] {
        let output = Ended(process.wait_with_output().expect("it ends")).ends(1);
        assert!(output.stdout.is_empty());
    }
    assert!((2..12).contains(&before.len()), "killed too late or too early: {} pieces", before.len());
    assert!(!folder.0.join("out").exists(), "half a report");
    folder.shared("2", &report).ends(0);
    let after = folder.pieces();
    assert!(before.iter().all(|(piece, time)| after.get(piece) == Some(time)), "pieces are done again");
    assert_eq!(after.len(), 12);
    let shared = folder.bytes("out");
    folder.run(&report).ends(0);
    assert!(folder.bytes("out") == shared);
}
