//! Ctrl-C and limits of time, on the program.
#![cfg(all(feature = "cli", unix))]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn linchpin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("LINCHPIN_GRAPH");
    command
}

#[test]
fn an_interrupted_run_ends_with_130_and_leaves_no_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interrupt");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut child = linchpin()
        .args(["exposure", "--of", "anthropic", "--draws", "10000", "-o"])
        .arg(folder.join("answer.json"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // the handler is there before the dataset is read; drawing so often takes minutes
    std::thread::sleep(Duration::from_millis(1500));
    assert!(child.try_wait().unwrap().is_none(), "it is still at work");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&ended.stderr).trim().ends_with("interrupted"));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_limit_of_time_cuts_draws_short_and_says_so() {
    let begun = Instant::now();
    let ended = linchpin()
        .args([
            "concentration",
            "--market",
            "hbm",
            "--draws",
            "10000",
            "--time-limit",
            "1",
            "--json",
            "--strict",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ended.stdout);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    // a machine that draws ten thousand times in a second has nothing to cut
    if begun.elapsed() > Duration::from_secs(1) && ended.status.code() != Some(0) {
        assert_eq!(ended.status.code(), Some(5), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(answer["status"].to_string().contains("the time was up after"), "{}", answer["status"]);
    }
    assert!(text.contains("--time-limit 1"), "the command that repeats it names the limit");
}

#[test]
fn a_limit_of_time_is_refused_where_nothing_heeds_it() {
    for (arguments, word) in [
        (&["tiers", "--time-limit", "1"][..], "tiers ends when it ends"),
        (&["check", "--time-limit", "1"][..], "goes with questions"),
        (&["systemic-risk", "--time-limit", "0"][..], "above 0"),
    ] {
        let ended = linchpin().args(arguments).output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains(word), "{arguments:?}");
    }
}
