//! The page in a browser: headless Chromium, where it is installed. Sorting, evidence and zoom work, nothing is
//! complained of, and printed it has pages with text on each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use linchpin::dataset::{load_embedded, render_all};
use linchpin::graph::Graph;
use linchpin::query;
use linchpin::report::{Options, write};

const DATASET: &str = r#"(
    format: 1, name: "toy", as_of: "2026-01-01",
    kinds: { "firm": (name: "Firm"), "user": (name: "User") },
    products: { "widget": (name: "Widget", needed_by: { "user": Essential }) },
    sources: { "paper": (title: "A paper", publisher: "P", url: "https://example.org/", date: "2025", reliability: Secondary) },
    entities: {
        "maker": (name: "Maker", kind: "firm"), "other": (name: "Other", kind: "firm"),
        "user": (name: "User", kind: "user"), "user-two": (name: "User two", kind: "user"), "user-three": (name: "A third", kind: "user"),
    },
    relations: {
        "a": Supplies(from: "maker", to: "user", product: "widget", share_of_need: Percent(60), sources: ["paper"]),
        "b": Supplies(from: "maker", to: "user-two", product: "widget", share_of_need: Percent(40), sources: ["paper"]),
        "b2": Supplies(from: "maker", to: "user-three", product: "widget", share_of_need: Percent(50), sources: ["paper"]),
        "c": Sells(from: "maker", market: "widget", share: Percent(70), sources: ["paper"]),
        "d": Sells(from: "other", market: "widget", share: Percent(20), sources: ["paper"]),
    },
)"#;

const QUERIES: &[(&str, &str)] = &[
    (
        "who.ron",
        r#"(title: "Who hangs on Maker", question: "Who stops?", chapter: "A", order: 1,
            ask: Exposure(to: "maker"), show: [Findings, Diagram(SupplyMap(focus: "maker")), Table(top: 20)])"#,
    ),
    (
        "market.ron",
        r#"(title: "Concentration", question: "How concentrated?", chapter: "B", order: 2,
            ask: Concentration(market: "widget"), show: [Table(), Table(name: "shares")])"#,
    ),
];

/// Runs before all scripts of the page: what goes wrong is kept.
const WATCH: &str = "<script>window.faults = []; addEventListener('error', (e) => faults.push(e.message)); \
                     addEventListener('securitypolicyviolation', (e) => faults.push(e.violatedDirective));</script>";

/// Runs after them: uses the page as a reader would, and says on the root element what did not work.
const USE: &str = r##"<script>
const check = (name, holds) => { if (!holds) faults.push(name); };
const table = document.querySelector("#who .scroll table");
const column = [...table.tHead.rows[0].cells].findIndex((cell) => cell.classList.contains("n"));
const read = () => [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.s).filter((s) => s !== "").map(Number);
const button = table.tHead.rows[0].cells[column].querySelector("button");
const ordered = (list, sign) => list.every((v, at) => at === 0 || sign * (v - list[at - 1]) >= 0);
button.click();
check("a number is sorted downwards first", ordered(read(), -1) && read().length > 1);
button.click();
check("and upwards then", ordered(read(), 1));
const first = table.tHead.rows[0].cells[0].querySelector("button");
first.click();
const words = [...table.tBodies[0].rows].map((row) => row.cells[0].dataset.s);
check("words are sorted upwards", words.join() === [...words].sort().join());
const drawing = document.querySelector(".drawing");
const svg = drawing.querySelector("svg");
const before = svg.getAttribute("viewBox");
drawing.querySelector(".tools button").click();
check("a figure is enlarged", Number(svg.getAttribute("viewBox").split(" ")[2]) < Number(before.split(" ")[2]));
dispatchEvent(new Event("beforeprint"));
check("and printed whole", svg.getAttribute("viewBox") === before);
const node = svg.querySelector("[data-node]");
node.dispatchEvent(new PointerEvent("pointerenter"));
check("what the pointer is on is lit with its ties", svg.classList.contains("lit") && svg.querySelectorAll(".edge.on").length > 0);
node.dispatchEvent(new PointerEvent("pointerleave"));
check("and dark again", !svg.querySelector(".on"));
const cell = document.querySelector("#who td.rests");
check("a number can be pressed", Boolean(cell));
cell.click();
const shown = document.getElementById("evidence");
check("it tells the records and sources that it rests on", shown.matches(":popover-open")
  && shown.querySelectorAll("ol li").length > 0 && shown.querySelector("a[href='#source-1']"));
document.documentElement.dataset.faults = JSON.stringify(faults);
</script>"##;

/// The browser, where there is one.
fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name))).find(|file| file.is_file())
}

/// Runs the browser on a page; gives what it wrote to stdout and stderr.
fn run(browser: &Path, dir: &Path, page: &Path, arguments: &[&str]) -> (String, String) {
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| dir.join(name));
    let profile = dir.join("profile");
    let _ = fs::remove_dir_all(&profile);
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--enable-logging=stderr", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(fs::File::create(&stdout).expect("a file"))
        .stderr(fs::File::create(&stderr).expect("a file"))
        .spawn()
        .expect("the browser starts");
    let begun = Instant::now();
    while child.try_wait().expect("a status").is_none() {
        if begun.elapsed() > Duration::from_secs(180) {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the browser does not end: {}", fs::read_to_string(&stderr).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    (read(&stdout), read(&stderr))
}

#[test]
fn the_page_works_in_a_browser_and_prints() {
    let Some(browser) = browser() else {
        println!("skipped: no Chromium on the PATH");
        return;
    };
    let loaded = load_embedded(&[("toy.ron", DATASET)]);
    let facts = loaded.facts.unwrap_or_else(|| panic!("{}", render_all(&loaded.diagnostics, false)));
    let hash = facts.content_hash();
    let graph = Graph::new(facts, hash);
    let queries = query::load_embedded(QUERIES).queries;
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("scratch");
    let report = dir.join("report");
    let summary = write(&report, &graph, &queries, &Options::default()).expect("a report");
    let page = fs::read_to_string(&summary.index).expect("the page");
    let watched = page.replacen("<title>", &format!("{WATCH}<title>"), 1);
    let used = watched.replacen("</body>", &format!("{}</body>", USE), 1);
    let test = dir.join("test.html");
    fs::write(&test, used).expect("written");

    let (dom, log) = run(&browser, &dir, &test, &["--dump-dom"]);
    let faults = dom.split_once("data-faults=\"").and_then(|(_, rest)| rest.split_once('"'));
    let Some((faults, _)) = faults else { panic!("the page did not run: {log}\n{dom}") };
    assert_eq!(faults, "[]", "what did not work");
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");

    let pdf = dir.join("page.pdf");
    let print = format!("--print-to-pdf={}", pdf.display());
    run(&browser, &dir, &summary.index, &["--no-pdf-header-footer", &print]);
    let bytes = fs::read(&pdf).expect("a PDF");
    assert!(bytes.starts_with(b"%PDF-"));
    let Ok(output) = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output() else {
        println!("pdftotext is not installed: the pages are not read");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() >= 4, "{} pages", pages.len());
    assert!(pages.iter().all(|page| !page.trim().is_empty()), "no page is empty");
    let all = text.to_string();
    for part in
        ["Summary", "Who hangs on Maker", "Figure 1.", "Concentration", "Sources", "How to repeat this"]
    {
        assert!(all.contains(part), "{part} is not printed");
    }
}
