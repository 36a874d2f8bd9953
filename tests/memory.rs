//! Memory that a dataset takes, counted in bytes, not in what the system says.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use linchpin::dataset;

/// The system's allocator, counting.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grow(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: all requests go to the system's allocator as they come; only sizes are counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        let moved = unsafe { System.realloc(memory, layout, size) };
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        moved
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A dataset of so many firms and links in bulk tables.
fn write(folder: &Path, firms: usize, links: usize) -> PathBuf {
    let folder = folder.join(format!("{firms}-{links}"));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut nodes, mut edges) = (String::from("id,sector\n"), String::from("supplier,customer,weight\n"));
    for firm in 0..firms {
        writeln!(nodes, "firm-{firm},s{}", firm % 40).unwrap();
    }
    for link in 0..links {
        // a different pair for each link
        let (from, gap) = (link % firms, 1 + link / firms);
        writeln!(edges, "firm-{from},firm-{},{}.5", (from + gap) % firms, 1 + link % 97).unwrap();
    }
    std::fs::write(folder.join("nodes.csv"), nodes).unwrap();
    std::fs::write(folder.join("edges.csv"), edges).unwrap();
    let ron = r#"(format: 1, name: "t", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv")])"#;
    std::fs::write(folder.join("t.ron"), ron).unwrap();
    folder
}

/// Largest memory while a dataset is loaded, and what it keeps, in bytes.
fn load(folder: &Path, links: usize) -> (usize, usize) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let loaded = dataset::load(folder);
    let facts = loaded.facts.as_ref().unwrap();
    assert_eq!(facts.links.len(), links);
    (PEAK.load(Ordering::Relaxed) - before, NOW.load(Ordering::Relaxed) - before)
}

/// Bytes of memory for each row of a table of links that docs/performance.md promises: at most while it is read, and
/// afterwards. The list doubles as it grows, so both depend on where it stands.
const MOST_AT_PEAK: f64 = 100.0;
const MOST_KEPT: f64 = 50.0;

#[test]
fn links_of_tables_take_few_bytes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("memory");
    // two sizes, so that what entities and buffers take falls out
    let (few, many) = (60_000, 260_000);
    let of = |links| load(&write(&folder, 3_000, links), links);
    let (small, large) = (of(few), of(many));
    let each = |small: usize, large: usize| (large as f64 - small as f64) / (many - few) as f64;
    let (peak, kept) = (each(small.0, large.0), each(small.1, large.1));
    println!("{peak:.1} bytes a link at most, {kept:.1} kept");
    assert!(peak <= MOST_AT_PEAK, "{peak} bytes a link while loading");
    assert!(kept <= MOST_KEPT, "{kept} bytes a link kept");
    std::fs::remove_dir_all(&folder).unwrap();
}
