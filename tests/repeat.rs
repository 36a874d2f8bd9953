//! Export, verify, series and differences from outside: what a person types, and how it ends.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder of its own, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("linchpin-repeat-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Exit code, stdout and stderr of the program in this folder.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(args).current_dir(&self.0).stdin(Stdio::null()).env_remove("LINCHPIN_GRAPH");
        let output = command.output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_answer_is_asked_again_and_what_differs_is_named() {
    let scratch = Scratch::new("verify");
    assert_eq!(scratch.run(&["concentration", "--market", "hbm", "-o", "hbm.json"]).0, 0);
    let (code, out, _) = scratch.run(&["verify", "hbm.json"]);
    assert_eq!((code, out.as_str()), (0, "hbm.json: identical\n"));
    // the same dataset in one file, in another order of records and files
    assert_eq!(scratch.run(&["export", "-o", "all.ron"]).0, 0);
    let text = scratch.read("hbm.json").replace("\"compiled-in\"", "\"x\"");
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let caveats = value["caveats"].as_array_mut().expect("caveats");
    caveats.retain(|own| own["code"] != "x");
    fs::write(scratch.0.join("plain.json"), value.to_string()).expect("written");
    assert_eq!(scratch.run(&["verify", "plain.json", "--graph", "all.ron"]).0, 0);
    value["tables"][0]["rows"][0][2] = serde_json::json!("somebody else");
    value["engine"]["version"] = serde_json::json!("0.0.0");
    fs::write(scratch.0.join("forged.json"), value.to_string()).expect("written");
    let (code, out, _) = scratch.run(&["verify", "forged.json", "--graph", "all.ron"]);
    assert_eq!(code, 1);
    assert!(out.contains("version of the program: was 0.0.0"), "{out}");
    assert!(out.contains("was somebody else"), "{out}");
    assert_eq!(scratch.run(&["verify", "nothing.json"]).0, 2);
    fs::write(scratch.0.join("other.json"), "{}").expect("written");
    assert_eq!(scratch.run(&["verify", "other.json"]).0, 2);
}

#[test]
fn a_report_is_verified_answer_by_answer() {
    let scratch = Scratch::new("report");
    // the last two compare variants by the names under which they are saved
    let questions = [
        "how-concentrated-is-hbm",
        "what-drives-the-aws-flywheel",
        "which-shock-costs-most",
        "what-half-a-commitment-to-amazon-changes",
    ];
    let made = scratch.run(&[&["report"], &questions[..], &["-o", "out"]].concat());
    assert_eq!(made.0, 0, "{}", made.2);
    let (code, out, err) = scratch.run(&["verify", "out"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.ends_with("4 of 4 answers are identical\n"), "{out}");
}

#[test]
fn an_empty_change_is_no_change() {
    let scratch = Scratch::new("export");
    assert_eq!(scratch.run(&["export", "-o", "one.ron", "-q"]).0, 0);
    assert_eq!(scratch.run(&["export", "-g", "one.ron", "-o", "two.ron", "-q"]).0, 0);
    assert_eq!(scratch.read("one.ron"), scratch.read("two.ron"));
    let (code, out, err) = scratch.run(&["diff", "one.ron", "two.ron", "-q"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("No fact differs between one.ron and two.ron"), "{out}");
    assert_eq!(scratch.run(&["export", "--status", "signed"]).0, 2);
    let (_, graphml, err) = scratch.run(&["export", "--to", "graphml"]);
    assert!(graphml.starts_with("<?xml") && graphml.ends_with("</graphml>\n"));
    assert!(err.contains("attributes are left out"), "{err}");
}

#[test]
fn any_analysis_goes_through_time() {
    let scratch = Scratch::new("over");
    let args = [
        "lock-in",
        "--customer",
        "anthropic",
        "--over",
        "2026-01..2026-07 by quarter",
        "-q",
        "--format",
        "csv",
    ];
    let (code, out, err) = scratch.run(&args);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("customer,provider,on_2026_01_01,on_2026_04_01,on_2026_07_01,change"), "{out}");
    let (code, _, err) = scratch.run(&["tiers", "--over", "2026"]);
    assert_eq!(code, 2);
    assert!(err.contains("expected two dates and a step"), "{err}");
    // `stacks` has an option of that name of its own
    assert_eq!(scratch.run(&["stacks", "--over", "2025..2026", "-q"]).0, 0);
}
