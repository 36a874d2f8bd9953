//! The command line from outside: exit codes, streams, formats, repeatability.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of its own for each test, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("linchpin-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The program in this folder, with nothing from the environment that would change what it says.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(args).current_dir(&self.0).stdin(Stdio::null());
        ["LINCHPIN_GRAPH", "NO_COLOR", "CLICOLOR_FORCE"].iter().for_each(|name| {
            command.env_remove(name);
        });
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug, PartialEq)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Run {
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// A toy graph of the repository.
fn toy(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/toy").join(name).to_string_lossy().into_owned()
}

#[test]
fn an_answer_goes_to_stdout_and_nothing_to_stderr() {
    let run = Scratch::new().run(&["exposure", "--of", "lab", "--graph", &toy("one-foundry")]).ends(0);
    assert!(run.out.contains("Foundry") && run.out.contains("100.0 %"), "{}", run.out);
    assert_eq!(run.err, "");
}

#[test]
fn options_work_before_and_after_the_command() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let after = scratch.run(&["exposure", "--of", "lab", "--graph", &graph, "--format", "csv", "-q"]).ends(0);
    let before =
        scratch.run(&["-q", "--format", "csv", "--graph", &graph, "exposure", "--of", "lab"]).ends(0);
    assert_eq!(after, before);
    assert!(after.out.starts_with("entity,tier,stop_loss,"), "{}", after.out);
}

#[test]
fn every_format_says_the_same() {
    let (scratch, graph) = (Scratch::new(), toy("merger"));
    let ask = |format: &str| {
        scratch
            .run(&["concentration", "--market", "widget", "-g", &graph, "--format", format, "-q"])
            .ends(0)
            .out
    };
    assert!(ask("table").contains("3,000"));
    assert!(ask("csv").starts_with("market,by,hhi_low,hhi_high,coverage,"));
    assert!(ask("md").starts_with("# Concentration"));
    let json: serde_json::Value = serde_json::from_str(&ask("json")).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["graph"]["name"], "merger");
    assert_eq!(json["graph"]["sha256"].as_str().unwrap().len(), 64);
    let command = json["command"].as_str().unwrap();
    assert_eq!(command, format!("linchpin concentration --market widget --graph {graph}"));
    assert_eq!(json["tables"][0]["rows"][0][0], "widget");
    let alias = scratch.run(&["concentration", "--market", "widget", "-g", &graph, "--json", "-q"]).ends(0);
    assert_eq!(alias.out, ask("json"));
}

#[test]
fn the_command_in_an_answer_repeats_it() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let args = [
        "--json",
        "shock",
        "--fail",
        "x=0.5",
        "--fail",
        "y",
        "--replace",
        "-g",
        &graph,
        "--as-of",
        "2026-06",
    ];
    let first = scratch.run(&args).ends(0);
    let json: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let command = json["command"].as_str().unwrap();
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--json"]).collect();
    assert_eq!(scratch.run(&words).ends(0).out, first.out, "{command}");
}

#[test]
fn the_same_bytes_twice_and_on_any_number_of_threads() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let ask = |threads: &str| {
        scratch.run(&["exposure", "--of", "lab", "-g", &graph, "--json", "--threads", threads]).ends(0).out
    };
    let one = ask("1");
    assert_eq!(one, ask("1"));
    assert_eq!(one, ask("2"));
}

#[test]
fn unknown_ids_and_options_are_code_2_with_a_suggestion() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let cases: &[(&[&str], &str)] = &[
        (&["exposure", "--of", "foundri"], "foundry"),
        (&["concentration", "--market", "wafers"], "wafer"),
        (&["show", "cloud-c"], "cloud-a"),
        (&["show", "Foundry"], "did you mean foundry"),
        (&["list", "entities", "--kind", "labs"], "lab"),
        (&["shok", "--fail", "x"], "shock"),
        (&["shock", "--fail", "x=2"], "between 0 and 1"),
        (&["exposure", "--of", "lab", "--as-of", "2026-13"], "not a date"),
        (&["exposure", "--of", "lab", "--table", "expo"], "exposure"),
        (&["exposure", "--of", "lab", "--fail-on", "stop>1"], "stop_loss"),
        (&["exposure", "--of", "lab", "--threads", "0"], "threads"),
        (&["run", "no-such-question"], "list queries"),
        (&["diagram", "supply-map", "-o", "map.gif"], ".svg"),
        (&["diagram", "supply-map", "--json"], "--json"),
        (&["diagram", "exposure-heat"], "no DOT form"),
        (&["diagram", "exposure-heat", "--engine", "dot", "-o", "h.svg"], "nodes and edges, not axes"),
        (&["man", "concentation"], "concentration"),
    ];
    for (args, expected) in cases {
        let run = scratch.run(&[args, ["-g", &graph].as_slice()].concat()).ends(2);
        assert!(run.err.contains(expected), "{args:?}: {}", run.err);
        assert_eq!(run.out, "", "{args:?}");
    }
    let missing = scratch.run(&["check", "nowhere"]).ends(2);
    assert!(missing.err.contains("nowhere"), "{}", missing.err);
    assert!(scratch.files().is_empty());
}

#[test]
fn a_broken_dataset_is_code_3_everywhere() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.0.join("g")).unwrap();
    let text =
        "(format: 1, name: \"g\", kinds: {\"lab\": (name: \"Lab\")}, entities: {\"a\": (kind: \"lob\")})";
    fs::write(scratch.0.join("g/a.ron"), text).unwrap();
    let check = scratch.run(&["check", "g"]).ends(3);
    assert!(check.out.contains("a.ron:1:") && check.out.contains("`lab`"), "{}", check.out);
    let json = scratch.run(&["check", "g", "--format", "json"]).ends(3);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["valid"], &json["diagnostics"][0]["span"]["line"]), (&false.into(), &1.into()));
    let ask = scratch.run(&["lock-in", "-g", "g"]).ends(3);
    assert!(ask.out.is_empty() && ask.err.contains("a.ron:1:"), "{ask:#?}");
}

#[test]
fn a_sound_dataset_is_counted() {
    let scratch = Scratch::new();
    let run = scratch.run(&["check", &toy("one-foundry")]).ends(0);
    assert!(run.out.contains("6 entities, 7 relations"), "{}", run.out);
    scratch.run(&["check", &toy("one-foundry"), "--fail-on", "warnings>0"]).ends(0);
    scratch.run(&["check", &toy("one-foundry"), "--fail-on", "entities>5"]).ends(4);
}

#[test]
fn a_crossed_limit_is_code_4_and_the_answer_is_there() {
    let (scratch, graph) = (Scratch::new(), toy("merger"));
    let ask = |limit: &str, code: i32| {
        scratch.run(&["concentration", "--market", "widget", "-g", &graph, "--fail-on", limit]).ends(code)
    };
    let crossed = ask("hhi_low>2500", 4);
    assert!(crossed.out.contains("3,000") && crossed.err.contains("widget"), "{crossed:#?}");
    ask("hhi_low>3500", 0);
    ask("cr1>=40%", 4);
    ask("cr1<40%", 0);
}

#[test]
fn a_saved_question_gives_the_same_answer() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let direct = scratch
        .run(&[
            "shock",
            "--fail",
            "x=0.5",
            "--pessimistic",
            "-g",
            &graph,
            "--as-of",
            "2026-05",
            "--save",
            "q.ron",
        ])
        .ends(0);
    assert!(direct.err.contains("linchpin run q.ron"), "{}", direct.err);
    assert!(scratch.read("q.ron").contains("Shock("), "{}", scratch.read("q.ron"));
    let again = scratch.run(&["run", "q.ron", "-g", &graph]).ends(0);
    assert_eq!(direct.out, again.out);
    fs::create_dir(scratch.0.join("queries")).unwrap();
    fs::rename(scratch.0.join("q.ron"), scratch.0.join("queries/q.ron")).unwrap();
    assert_eq!(scratch.run(&["run", "q", "-g", &graph]).ends(0).out, direct.out);
    assert!(scratch.run(&["list", "queries", "--format", "csv"]).ends(0).out.contains(",shock,"));
    fs::write(scratch.0.join("queries/bad.ron"), "(title: 1)").unwrap();
    scratch.run(&["run", "bad", "-g", &graph]).ends(3);
    scratch.run(&["run", "q", "-g", &graph]).ends(0);
}

#[test]
fn parameters_of_a_query_can_be_set() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let text = "(title: \"T $who\", question: \"Q?\", set: {\"who\": \"x\"}, ask: Exposure(to: \"$who\"))";
    fs::write(scratch.0.join("q.ron"), text).unwrap();
    let run = |set: &str| scratch.run(&["run", "q.ron", "-g", &graph, "--set", set]);
    assert!(run("who=foundry").ends(0).out.contains("T Foundry"));
    assert!(run("whom=foundry").ends(2).err.contains("who"));
    assert!(run("who").ends(2).err.contains("who=tsmc"));
    assert!(run("who=foundri").ends(2).err.contains("foundry"));
}

#[test]
fn init_checks_clean_and_gives_an_answer() {
    let scratch = Scratch::new();
    let init = scratch.run(&["init", "mine"]).ends(0);
    let next: Vec<&str> = init.out.lines().filter_map(|line| line.trim().strip_prefix("linchpin ")).collect();
    assert!(next.len() >= 3, "{}", init.out);
    for line in next {
        let run = scratch.run(&line.split(' ').collect::<Vec<_>>()).ends(0);
        assert_eq!(run.err, "", "{line}");
        assert!(!run.out.is_empty(), "{line}");
    }
    let check = scratch.run(&["check", "mine", "--format", "json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&check.out).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 0, "{json}");
    let again = scratch.run(&["init", "mine"]).ends(2);
    assert!(again.err.contains("not empty"), "{}", again.err);
}

#[test]
fn an_output_file_is_whole_or_as_it_was() {
    let (scratch, graph) = (Scratch::new(), toy("merger"));
    let file = scratch.run(&["concentration", "--all", "-g", &graph, "-o", "out.csv", "-q"]).ends(0);
    assert_eq!((file.out.as_str(), file.err.as_str()), ("", ""));
    let direct =
        scratch.run(&["concentration", "--all", "-g", &graph, "--format", "csv", "-o", "-", "-q"]).ends(0);
    assert_eq!(scratch.read("out.csv"), direct.out);
    scratch.run(&["concentration", "--market", "none", "-g", &graph, "-o", "out.csv"]).ends(2);
    assert_eq!(scratch.read("out.csv"), direct.out);
    scratch.run(&["concentration", "--all", "-g", &graph, "-o", "no/such/out.csv"]).ends(1);
    assert_eq!(scratch.files(), ["out.csv"]);
}

#[test]
fn help_has_examples_and_exit_codes() {
    let scratch = Scratch::new();
    let help = scratch.run(&["--help"]).ends(0);
    assert!(help.out.contains("Examples:") && help.out.contains("Exit codes:"));
    for card in linchpin::analysis::CARDS {
        let help = scratch.run(&[card.name, "--help"]).ends(0).out;
        assert!(help.contains(card.example), "{}", card.name);
        assert!(help.contains("Definition:"), "{}", card.name);
        assert!(scratch.run(&[card.name, "-h"]).ends(0).out.contains(card.example), "{}", card.name);
    }
    for view in linchpin::diagram::view::VIEWS {
        let help = scratch.run(&["diagram", view.name, "--help"]).ends(0).out;
        assert!(help.contains(view.example), "{}", view.name);
    }
    scratch.run(&[]).ends(2);
    assert!(scratch.run(&["--version"]).ends(0).out.starts_with("linchpin "));
}

#[test]
fn completions_and_manual_pages_know_every_analysis() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = scratch.run(&["completions", shell]).ends(0).out;
        let known = |card: &&linchpin::analysis::Card| text.contains(card.name);
        assert!(linchpin::analysis::CARDS.iter().all(|card| known(&card)), "{shell}");
    }
    assert!(scratch.run(&["man"]).ends(0).out.contains("linchpin"));
    assert!(scratch.run(&["man", "shock"]).ends(0).out.contains("linchpin\\-shock"));
}

#[test]
fn there_is_no_colour_off_a_terminal() {
    let (scratch, graph) = (Scratch::new(), toy("merger"));
    for (name, value) in [("NO_COLOR", "1"), ("NO_COLOR", ""), ("TERM", "dumb"), ("TERM", "xterm-256color")] {
        for args in [["concentration", "--all", "-g", &graph], ["concentration", "--market", "nope", "-g"]] {
            let run = Run::from(scratch.command(&args).env(name, value).output().unwrap());
            assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{name}={value}: {run:#?}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let scratch = Scratch::new();
    let mut child = scratch
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap()).ends(0);
    assert_eq!(run.err, "");
}

#[test]
fn the_environment_names_the_dataset() {
    let scratch = Scratch::new();
    let run = scratch.command(&["list", "kinds"]).env("LINCHPIN_GRAPH", toy("one-foundry")).output().unwrap();
    assert!(Run::from(run).ends(0).out.contains("chip-maker"));
    let run = scratch.command(&["check"]).env("LINCHPIN_GRAPH", "nowhere").output().unwrap();
    Run::from(run).ends(2);
}

#[test]
fn lists_and_pages_come_in_every_format() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    for what in ["entities", "products", "relations", "sources", "kinds", "analyses", "models", "views"] {
        scratch.run(&["list", what, "-g", &graph]).ends(0);
        let csv = scratch.run(&["list", what, "-g", &graph, "--format", "csv"]).ends(0).out;
        assert!(csv.lines().next().unwrap().contains(','), "{what}");
        let json = scratch.run(&["list", what, "-g", &graph, "--format", "json"]).ends(0).out;
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
    }
    let clouds =
        scratch.run(&["list", "entities", "-g", &graph, "--kind", "cloud", "--format", "csv"]).ends(0).out;
    assert_eq!(clouds.lines().count(), 3);
    for key in ["foundry", "wafer", "a-x"] {
        let page = scratch.run(&["show", key, "-g", &graph]).ends(0).out;
        assert!(page.contains("toy.ron:"), "{key}: {page}");
        scratch.run(&["show", key, "-g", &graph, "--format", "md"]).ends(0);
    }
    let lab = scratch.run(&["show", "lab", "-g", &graph]).ends(0).out;
    assert!(lab.contains("60.0 %") && lab.contains("stated share") && lab.contains("lab-a"), "{lab}");
}

#[test]
fn figures_and_a_report_are_drawn() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    let dot = scratch.run(&["diagram", "supply-map", "-g", &graph]).ends(0).out;
    assert!(dot.starts_with("digraph"), "{dot}");
    scratch.run(&["diagram", "supply-map", "-g", &graph, "-o", "m.svg"]).ends(0);
    assert!(scratch.read("m.svg").contains("<svg"));
    scratch.run(&["exposure", "--of", "lab", "-g", &graph, "--save", "q.ron"]).ends(0);
    let report = scratch.run(&["report", "q.ron", "-g", &graph, "-o", "out"]).ends(0);
    assert_eq!(report.out.trim(), Path::new("out").join("index.html").to_string_lossy());
    assert!(scratch.read("out/index.html").contains("Foundry"));
}

#[test]
fn a_query_may_ask_another_dataset() {
    let scratch = Scratch::new();
    // nothing is here: the program's own query and dataset
    let answer = scratch.run(&["run", "what-drives-the-aws-flywheel", "--json"]).ends(0);
    let value: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(value["graph"]["name"], "aws-flywheel");
    assert!(answer.out.contains("compiled into the program"));
    // by name it is also a dataset for any command
    let loops =
        scratch.run(&["loops", "--graph", "aws-flywheel", "--format", "csv", "--save", "own.ron"]).ends(0);
    assert!(loops.out.starts_with("loop,"));
    assert!(scratch.read("own.ron").contains("graph: \"aws-flywheel\""));
    scratch.run(&["run", "own.ron", "-q"]).ends(0);
    // a dataset that has none of that name beside it is told so
    let wrong = scratch.run(&["run", "what-drives-the-aws-flywheel", "--graph", &toy("merger")]).ends(2);
    assert!(wrong.err.contains("none of that name stands beside"), "{}", wrong.err);
    // the caption of a figure repeats it
    let figure = scratch.run(&["diagram", "causal-loops", "--graph", "aws-flywheel"]).ends(0);
    assert!(figure.out.contains("--graph aws-flywheel"));
}

#[test]
fn stories_are_found_by_name_and_by_file() {
    let (scratch, graph) = (Scratch::new(), toy("one-foundry"));
    fs::create_dir_all(scratch.0.join("queries/scenarios")).unwrap();
    fs::create_dir_all(scratch.0.join("queries/what-ifs")).unwrap();
    let write = |name: &str, text: &str| fs::write(scratch.0.join(name), text).unwrap();
    write("queries/q.ron", "(title: \"T\", question: \"Q?\", ask: Shock(fail: [\"foundry=0.5\"]))");
    write(
        "queries/scenarios/stop.ron",
        "(title: \"The foundry stops\", shocks: [(on: Entity(\"foundry\"), what: Failure, days: 9)])",
    );
    write("queries/what-ifs/gone.ron", "(title: \"Gone\", changes: [RemoveEntity(\"x\")])");
    let run = |args: &[&str]| scratch.run(&[args, &["-g", &graph]].concat());
    let named = run(&["shock", "--scenario", "stop"]).ends(0);
    assert!(named.out.contains("The foundry stops"), "{}", named.out);
    let file = run(&["shock", "--scenario", "queries/scenarios/stop.ron"]).ends(0);
    assert_eq!(named.out, file.out);
    let inline =
        "(title: \"The foundry stops\", shocks: [(on: Entity(\"foundry\"), what: Failure, days: 9)])";
    assert_eq!(run(&["shock", "--scenario", inline]).ends(0).out, named.out);
    let saved = run(&["shock", "--scenario", "stop", "--save", "s.ron"]).ends(0);
    assert!(saved.err.contains("s.ron") && scratch.read("s.ron").contains("Entity(\"foundry\")"));
    assert!(run(&["shock", "--scenario", "sotp"]).ends(2).err.contains("did you mean stop?"));
    assert!(run(&["shock", "--scenario", "no.ron"]).ends(2).err.contains("no file"));
    write("bad.ron", "(title: \"t\", shocks: [(on: Entity(\"x\"), what: Fialure)])");
    assert!(run(&["shock", "--scenario", "bad.ron"]).ends(3).err.contains("bad.ron:1:"));
    assert!(run(&["list", "scenarios"]).ends(0).out.contains("The foundry stops"));

    let gone = run(&["list", "entities", "--what-if", "gone", "--format", "csv"]).ends(0);
    let all = run(&["list", "entities", "--format", "csv"]).ends(0);
    assert_eq!(gone.out.lines().count() + 1, all.out.lines().count());
    let answer = run(&["run", "q", "--what-if", "gone"]).ends(0);
    assert!(answer.out.contains("what if: Gone"), "{}", answer.out);
    assert!(run(&["run", "q", "--what-if", "gnoe"]).ends(2).err.contains("did you mean gone?"));
    assert!(run(&["check", "--what-if", "gone"]).ends(2).err.contains("--what-if"));
    write("nothing.ron", "(title: \"t\", changes: [RemoveRelation(\"foundri\")])");
    assert!(run(&["run", "q", "--what-if", "nothing.ron"]).ends(2).err.contains("change 1"));

    let compared = run(&["compare", "q", "gone", "stop", "--format", "csv"]).ends(0);
    assert!(compared.out.starts_with("entity,base,gone,gone_change,stop,stop_change"), "{}", compared.out);
    assert!(run(&["compare", "qq", "gone"]).ends(2).err.contains("query"));
    assert!(run(&["compare", "q", "gon"]).ends(2).err.contains("gon"));
    let figure = run(&["diagram", "shock-heat", "--scenario", "stop"]).ends(0);
    assert!(figure.out.contains("--scenario stop"), "{}", figure.out);
}
