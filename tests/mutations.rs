//! Datasets that were damaged at random: the reader never panics or hangs, and says what is wrong.
//! `LINCHPIN_MUTATIONS=5000 cargo test --release --test mutations` damages more.

use linchpin::dataset::{Severity, load_embedded};

/// A small generator with a seed, so that every run damages the same places.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Names and texts of the files of a folder.
fn files(folder: &std::path::Path, list: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("named").to_string_lossy().into_owned();
        if path.is_file() && (name.ends_with(".ron") || name.ends_with(".csv")) {
            list.push((name, std::fs::read(&path).expect("readable")));
        }
    }
}

/// Damages a text in one of four ways.
fn damage(text: &mut Vec<u8>, draw: &mut Draw) {
    let (a, b) = (draw.below(text.len()), draw.below(text.len().min(400)));
    let range = a..(a + b).min(text.len());
    match draw.below(4) {
        0 => drop(text.drain(range)),
        1 => {
            let copy = text[range].to_vec();
            let at = draw.below(text.len());
            text.splice(at..at, copy);
        }
        2 => {
            if let Some(byte) = text.get_mut(a) {
                *byte ^= 1 << draw.below(8);
            }
        }
        _ => {
            let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
            let (a, b) = (draw.below(lines.len()), draw.below(lines.len()));
            if a < lines.len() && b < lines.len() {
                lines.swap(a, b);
            }
            *text = lines.concat();
        }
    }
}

#[test]
fn damaged_datasets_are_refused_or_read_and_never_panic() {
    let mut folders: Vec<_> =
        std::fs::read_dir("graph/toy").expect("toys").map(|entry| entry.expect("readable").path()).collect();
    folders.push("graph/ai-infrastructure".into());
    folders.sort();
    let mut draw = Draw(20261123);
    let rounds = std::env::var("LINCHPIN_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let mut refused = 0;
    for round in 0..rounds {
        let folder = &folders[round % folders.len()];
        let mut texts = Vec::new();
        files(folder, &mut texts);
        if texts.is_empty() {
            continue;
        }
        let which = draw.below(texts.len());
        damage(&mut texts[which].1, &mut draw);
        // bytes that are not text go through the folder reader in another test
        let texts: Vec<(String, String)> = texts
            .into_iter()
            .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned()))
            .collect();
        let borrowed: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        let begun = std::time::Instant::now();
        let loaded = load_embedded(&borrowed);
        assert!(begun.elapsed().as_secs() < 10, "round {round} in {} hangs", folder.display());
        let errors = loaded.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        assert_eq!(loaded.facts.is_none(), errors > 0, "round {round} in {}", folder.display());
        for diagnostic in loaded.diagnostics.iter().take(50) {
            assert!(!diagnostic.render(false).is_empty());
        }
        if let Some(facts) = &loaded.facts {
            assert_eq!(facts.content_hash().len(), 64);
        }
        refused += usize::from(errors > 0);
    }
    assert!(refused > rounds / 4, "only {refused} of {rounds} were refused");
}
