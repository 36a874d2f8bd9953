//! Several processes that share the work of a question give the bytes of one.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_linchpin");

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("linchpin-cluster-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.join(name);
        fs::write(&file, text).expect("a file");
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that is ended with the test.
struct Running(Child);

impl Running {
    /// Its exit code, standard output and errors, within a time.
    fn end(mut self, within: Duration) -> Option<(Option<i32>, Vec<u8>, String)> {
        let deadline = Instant::now() + within;
        while self.0.try_wait().expect("a process").is_none() {
            if Instant::now() > deadline {
                return None;
            }
            sleep(Duration::from_millis(10));
        }
        let status = self.0.wait().expect("a process");
        let read = |pipe: Option<&mut dyn std::io::Read>| {
            let mut bytes = Vec::new();
            pipe.map(|pipe| pipe.read_to_end(&mut bytes));
            bytes
        };
        let out = read(self.0.stdout.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        let errors = read(self.0.stderr.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        Some((status.code(), out, String::from_utf8_lossy(&errors).into_owned()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn linchpin(words: &[&str]) -> Output {
    Command::new(PROGRAM).args(words).env_remove("LINCHPIN_GRAPH").output().expect("linchpin runs")
}

fn answer(words: &[&str]) -> Vec<u8> {
    let output = linchpin(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A dataset of the tables of a fixture.
fn fixture(folder: &Folder, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/esri").join(name);
    let data = Folder(folder.0.join(name));
    fs::create_dir_all(&data.0).expect("a folder");
    for table in ["nodes.csv", "edges.csv", "essentiality.csv"] {
        fs::copy(from.join(table), data.0.join(table)).expect("a table");
    }
    data.write(
        "facts.ron",
        r#"(format: 1, name: "fixture", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv"), Essentiality(file: "essentiality.csv")])"#,
    );
    let path = data.0.clone();
    std::mem::forget(data); // goes with the folder around it
    path
}

/// A made-up network: every firm buys from earlier and later ones, as a fixed rule says.
fn network(folder: &Folder, firms: usize) -> PathBuf {
    let (mut nodes, mut edges) = (String::from("id,sector\n"), String::from("supplier,buyer,weight\n"));
    let mut state = 12_345_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for firm in 0..firms {
        nodes.push_str(&format!("f{firm},{}\n", next(12)));
    }
    let mut seen = std::collections::BTreeSet::new();
    for firm in 0..firms {
        for _ in 0..5 {
            let supplier = next(firms);
            if supplier != firm && seen.insert((supplier, firm)) {
                edges.push_str(&format!("f{supplier},f{firm},{}\n", 1 + next(1_000)));
            }
        }
    }
    let data = folder.0.join("network");
    fs::create_dir_all(&data).expect("a folder");
    fs::write(data.join("nodes.csv"), nodes).expect("a table");
    fs::write(data.join("edges.csv"), edges).expect("a table");
    let facts = r#"(format: 1, name: "network", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv"),
        Essentiality(file: "essentiality.csv")])"#;
    let mut classes = String::from("supplier_sector,customer_sector,class\n");
    for pair in 0..144 {
        classes.push_str(&format!("{},{},{}\n", pair / 12, pair % 12, next(3)));
    }
    fs::write(data.join("essentiality.csv"), classes).expect("a table");
    fs::write(data.join("facts.ron"), facts).expect("the facts");
    data
}

/// A file of addresses on which nobody listens.
fn hosts(folder: &Folder, processes: usize) -> PathBuf {
    let listeners: Vec<TcpListener> =
        (0..processes).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let lines: Vec<String> =
        listeners.iter().map(|listener| listener.local_addr().expect("an address").to_string()).collect();
    folder.write("hosts", &lines.join("\n"))
}

fn start(words: &[&str], hosts: &Path, process: usize) -> Running {
    let child = Command::new(PROGRAM)
        .args(words)
        .args(["--threads", "1", "--quiet", "--cluster"])
        .arg(hosts)
        .args(["--process", &process.to_string()])
        .env_remove("LINCHPIN_GRAPH")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Running(child.expect("linchpin starts"))
}

#[test]
fn the_bytes_are_those_of_one_process() {
    let folder = Folder::new("same");
    let graphs = ["tiny5", "sf20", "sf200_class0", "edge300"].map(|name| fixture(&folder, name));
    let graphs = graphs.into_iter().chain([network(&folder, 400)]);
    for graph in graphs {
        let graph = graph.to_str().expect("a path");
        for mode in ["converged", "compatible"] {
            let question = ["systemic-risk", "--graph", graph, "--mode", mode, "--json"];
            let alone = answer(&question);
            for processes in ["2", "4"] {
                let words = [&["cluster", "local", "-n", processes, "--"], &question[..]].concat();
                assert!(answer(&words) == alone, "{graph} in mode {mode} on {processes} processes");
            }
        }
    }
}

#[test]
fn links_that_processes_share_give_the_bytes_of_one() {
    let folder = Folder::new("links");
    let ask = |graph: &Path, question: &[&str]| {
        let question =
            [&[question[0], "--graph", graph.to_str().expect("a path"), "--json"], &question[1..]].concat();
        let alone = answer(&question);
        for processes in ["2", "4"] {
            let words =
                [&["cluster", "local", "-n", processes, "--"], &question[..], &["--share", "links"]].concat();
            assert!(answer(&words) == alone, "{question:?} on {processes} processes");
        }
    };
    for name in ["tiny5", "sf20", "sf200_class0", "edge300"] {
        let graph = fixture(&folder, name);
        ask(&graph, &["systemic-risk", "--mode", "compatible"]);
        ask(&graph, &["systemic-risk", "--mode", "converged", "--sample", "4"]);
    }
    let banks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/debtrank");
    for variant in ["multi-hit", "single-hit", "threshold"] {
        ask(&banks, &["shock", "--model", "debt-rank", "--fail", "b03", "--variant", variant]);
    }
    let sectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/io");
    ask(&sectors, &["shock", "--model", "leontief", "--demand", "s03=-10%", "--demand", "s07=2.5"]);
    ask(&sectors, &["shock", "--model", "ghosh", "--primary", "s00=-5%"]);
    ask(&sectors, &["shock", "--model", "inoperability", "--fail", "s05=0.2"]);
    let graph = network(&folder, 300);
    ask(&graph, &["tiers", "--basis", "cost"]);
    ask(&graph, &["shock", "--model", "leontief", "--demand", "f7=-100"]);
    ask(&graph, &["shock", "--model", "ghosh", "--primary", "f7=-100"]);
    ask(&graph, &["shock", "--model", "inoperability", "--fail", "f7=0.3"]);
    let graph = network(&folder, 100_000);
    ask(&graph, &["systemic-risk", "--mode", "compatible", "--sample", "2"]);
    ask(&graph, &["exposure", "--to", "f77"]);
}

#[test]
fn draws_swings_and_sobol_indices_are_shared_too() {
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure");
    let graph = graph.to_str().expect("a path");
    let question =
        ["lock-in", "--graph", graph, "--customer", "anthropic", "--provider", "aws", "--draws", "30"];
    let question = [&question[..], &["--what-moves", "--sobol", "8", "--json"]].concat();
    let alone = answer(&question);
    let words = [&["cluster", "local", "-n", "3", "--"], &question[..]].concat();
    assert!(answer(&words) == alone);
}

#[test]
fn a_killed_process_ends_the_run_and_the_next_run_goes_on() {
    let folder = Folder::new("killed");
    let graph = network(&folder, 1_200);
    let kept = folder.0.join("kept");
    let (graph, resume) = (graph.to_str().expect("a path"), kept.to_str().expect("a path"));
    let question = ["systemic-risk", "--graph", graph, "--json"];
    let alone = answer(&question);
    let words = [&question[..], &["--resume", resume]].concat();
    let hosts = hosts(&folder, 3);
    let mut processes: Vec<Running> = (0..3).map(|process| start(&words, &hosts, process)).collect();
    let finished = || -> Vec<PathBuf> {
        let folders = fs::read_dir(&kept).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        let pieces = files.map(|file| file.path()).filter(|file| file.extension().is_none());
        pieces.collect()
    };
    let begun = Instant::now();
    while finished().len() < 3 && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(2));
    }
    // SIGKILL: it has no chance to say anything
    processes[2].0.kill().expect("a process to kill");
    let before = finished();
    processes.truncate(2);
    for (process, running) in processes.into_iter().enumerate() {
        let (code, out, errors) =
            running.end(Duration::from_secs(10)).unwrap_or_else(|| panic!("process {process} goes on"));
        assert_eq!(code, Some(1), "process {process}: {errors}");
        assert!(out.is_empty(), "half an answer");
        assert!(errors.contains("another process of the cluster ended early"), "process {process}: {errors}");
    }
    assert!(before.len() >= 3, "killed too late or too early: {} pieces", before.len());
    let time = |file: &PathBuf| fs::metadata(file).and_then(|about| about.modified()).expect("a time");
    let times: Vec<_> = before.iter().map(time).collect();
    let again = [&["cluster", "local", "-n", "2", "--resume", resume, "--"], &question[..]].concat();
    assert!(answer(&again) == alone);
    assert_eq!(before.iter().map(time).collect::<Vec<_>>(), times, "finished pieces are not done again");
    assert!(finished().len() > before.len());
}

#[test]
fn a_killed_process_ends_a_run_on_shared_links_everywhere() {
    let folder = Folder::new("killed-links");
    let graph = network(&folder, 1_200);
    let words = ["systemic-risk", "--graph", graph.to_str().expect("a path"), "--json", "--share", "links"];
    let hosts = hosts(&folder, 3);
    let mut processes: Vec<Running> = (0..3).map(|process| start(&words, &hosts, process)).collect();
    // all are at work by then, and far from the end
    sleep(Duration::from_secs(4));
    processes.iter_mut().for_each(|process| assert!(process.0.try_wait().expect("a process").is_none()));
    processes[1].0.kill().expect("a process to kill");
    processes.remove(1);
    for running in processes {
        let (code, out, errors) = running.end(Duration::from_secs(10)).expect("it ends");
        assert_eq!(code, Some(1), "{errors}");
        assert!(out.is_empty(), "half an answer");
        assert!(errors.contains("another process of the cluster ended early"), "{errors}");
    }
}

#[test]
fn processes_that_read_other_links_are_refused_before_work_starts() {
    let folder = Folder::new("other-links");
    let graph = fixture(&folder, "sf20");
    let other = Folder(folder.0.join("other"));
    fs::create_dir_all(&other.0).expect("a folder");
    for file in ["nodes.csv", "edges.csv", "essentiality.csv", "facts.ron"] {
        fs::copy(graph.join(file), other.0.join(file)).expect("a table");
    }
    // the same firms and ties, and amounts that differ
    let edges = fs::read_to_string(graph.join("edges.csv")).expect("a table");
    let (header, rows) = edges.split_once('\n').expect("a header");
    let rows: String = rows.lines().map(|row| format!("{row}7\n")).collect();
    other.write("edges.csv", &format!("{header}\n{rows}"));
    let graphs = [graph, other.0.clone()];
    let hosts = hosts(&folder, 2);
    let start = |process: usize| {
        let graph = graphs[process].to_str().expect("a path");
        start(&["systemic-risk", "--graph", graph, "--share", "links"], &hosts, process)
    };
    let (first, second) = (start(0), start(1));
    let (code, out, errors) = first.end(Duration::from_secs(20)).expect("it ends");
    assert_eq!((code, out.as_slice()), (Some(1), &b""[..]), "{errors}");
    assert!(errors.contains("other links"), "{errors}");
    assert_eq!(second.end(Duration::from_secs(20)).expect("it ends").0, Some(1));
}

#[test]
fn processes_with_other_data_are_refused_before_work_starts() {
    let folder = Folder::new("other");
    let graphs = ["tiny5", "sf20"].map(|name| fixture(&folder, name));
    let hosts = hosts(&folder, 2);
    let start = |process: usize| {
        let graph = graphs[process].to_str().expect("a path");
        start(&["systemic-risk", "--graph", graph], &hosts, process)
    };
    let (first, second) = (start(0), start(1));
    let (code, out, errors) = first.end(Duration::from_secs(20)).expect("it ends");
    assert_eq!((code, out.as_slice()), (Some(1), &b""[..]), "{errors}");
    assert!(errors.contains("process 1 does not ask the same as process 0; nothing was begun"), "{errors}");
    assert!(errors.contains("data: "), "{errors}");
    assert_eq!(second.end(Duration::from_secs(20)).expect("it ends").0, Some(1));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new("refused");
    let file = folder.write("hosts", "127.0.0.1:2101\nnowhere\n");
    let file = file.to_str().expect("a path");
    let refused = |words: &[&str], part: &str| {
        let output = linchpin(words);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {errors}");
        assert!(errors.contains(part), "{words:?}: {errors}");
        assert!(output.stdout.is_empty());
    };
    refused(&["systemic-risk", "--cluster", file, "--process", "0"], "hosts:2: expected host:port");
    refused(&["systemic-risk", "--cluster", file], "--process");
    refused(&["exposure", "--to", "tsmc", "--cluster", file, "--process", "0"], "--cluster goes with");
    refused(&["systemic-risk", "--resume", "kept"], "--resume goes with --cluster");
    let links =
        |words: &[&'static str]| [words, &["--cluster", file, "--process", "0", "--share", "links"]].concat();
    refused(&links(&["exposure", "--of", "tsmc"]), "--of needs all links in one place");
    refused(&links(&["why", "anthropic", "tsmc"]), "why needs all links in one place");
    refused(&links(&["systemic-risk", "--draws", "3"]), "--share links does not go with --draws");
    refused(&["systemic-risk", "--share", "links"], "--cluster");
    refused(
        &["cluster", "local", "-n", "2", "--", "systemic-risk", "--weight", "nothing"],
        "there is no weight",
    );
}

/// Two hosts with addresses of their own, tied by a cable of this machine; they go when the test is over.
struct Hosts([String; 2]);

impl Hosts {
    fn new() -> Option<Self> {
        let names = [1, 2].map(|host| format!("linchpin-{}-{host}", std::process::id()));
        let hosts = Self(names);
        let [first, second] = &hosts.0;
        let cable = [1, 2].map(|end| format!("lp{}e{end}", std::process::id() % 100_000));
        let [left, right] = &cable;
        let made = ip(&["netns", "add", first])
            && ip(&["netns", "add", second])
            && ip(&[
                "link", "add", left, "netns", first, "type", "veth", "peer", "name", right, "netns", second,
            ])
            && ip(&["-n", first, "addr", "add", "10.77.0.1/24", "dev", left])
            && ip(&["-n", second, "addr", "add", "10.77.0.2/24", "dev", right])
            && ip(&["-n", first, "link", "set", left, "up"])
            && ip(&["-n", second, "link", "set", right, "up"]);
        made.then_some(hosts)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        self.0.iter().for_each(|name| {
            ip(&["netns", "del", name]);
        });
    }
}

fn ip(words: &[&str]) -> bool {
    let output = Command::new("ip").args(words).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn hosts_with_addresses_of_their_own_give_the_same_bytes() {
    let Some(hosts) = Hosts::new() else {
        println!("no network namespaces can be made here: the run over hosts is skipped");
        return;
    };
    let folder = Folder::new("hosts");
    let graph = fixture(&folder, "sf200_class0");
    let file = folder.write("hosts", "10.77.0.1:2101\n10.77.0.2:2101\n");
    let question = ["systemic-risk", "--graph", graph.to_str().expect("a path"), "--json"];
    let start = |process: usize| {
        let child = Command::new("ip")
            .args(["netns", "exec", &hosts.0[process], PROGRAM])
            .args(question)
            .args(["--quiet", "--cluster"])
            .arg(&file)
            .args(["--process", &process.to_string()])
            .env_remove("LINCHPIN_GRAPH")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Running(child.expect("linchpin starts"))
    };
    let (second, first) = (start(1), start(0));
    // read while it is written: a pipe holds less than an answer
    let first = {
        let mut first = first;
        let mut out = Vec::new();
        std::io::Read::read_to_end(first.0.stdout.as_mut().expect("its answer"), &mut out)
            .expect("its answer");
        let (code, _, errors) = first.end(Duration::from_secs(30)).expect("it ends");
        assert_eq!(code, Some(0), "{errors}");
        out
    };
    assert_eq!(second.end(Duration::from_secs(30)).expect("it ends").0, Some(0));
    assert!(first == answer(&question));
}
